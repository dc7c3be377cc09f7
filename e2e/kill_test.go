package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/archive/proof"
)

const (
	killers    = 16 // clients that post while the server is killed
	inBrowsers = 4  // of which send the form
	typing     = 10 * time.Millisecond
	mostProofs = 40 // are asked for again after a kill
	newest     = 100
)

// seeded are the test's dice. A failure says the seed; SANAD_TEST_SEED plays it again, as far as a kill can be.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("SANAD_TEST_SEED"); s != "" {
		var err error
		seed, err = strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("SANAD_TEST_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func between(dice *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(dice.Int64N(int64(most-least)))
}

func TestKill(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) { killRounds(t, db, 10, 300*time.Millisecond, 2500*time.Millisecond) })
}

// killRounds kills a server under load again and again, always on the same folder. Each time it comes back everything
// it ever acknowledged must be there, whole and provable.
func killRounds(t *testing.T, db string, rounds int, least, most time.Duration) {
	dice := seeded(t)
	dir := t.TempDir()
	s := serve(t, dir, db)
	key := logKey(t, dir)
	pool := open(t, dir, db)
	var acknowledged []*receipt
	for round := range rounds {
		wait := between(dice, least, most)
		fresh := underLoad(s.public, fmt.Sprintf("round %d", round), func() {
			time.Sleep(wait)
			s.kill()
		})
		acknowledged = append(acknowledged, fresh...)
		s = serve(t, dir, db)
		allFollow(t, s.public, fresh, fmt.Sprintf("round %d, killed after %s", round, wait))
		for i := 0; i < len(fresh); i += 1 + len(fresh)/mostProofs {
			proves(t, client(), s.public, key, fresh[i])
		}
		verify(t, dir, db, key, against(t, fresh[max(0, len(fresh)-newest):])...) // what was signed just before is not lost
		whole(t, pool)
		if t.Failed() {
			t.FailNow()
		}
	}
	if len(acknowledged) < rounds {
		t.Errorf("%d rounds acknowledged %d notices: the load was none", rounds, len(acknowledged))
	}
	allFollow(t, s.public, acknowledged, "at the end")
	s.stop()
	v := verify(t, dir, db, key, against(t, acknowledged)...)
	if v.Signed != v.Acts {
		t.Errorf("%d acts, %d signed", v.Acts, v.Signed)
	}
	notices := count(t, pool, "SELECT count(*) FROM notice")
	if notices < int64(len(acknowledged)) {
		t.Errorf("%d notices, %d were acknowledged", notices, len(acknowledged))
	}
	t.Logf("%d acknowledged, %d more recorded and not acknowledged", len(acknowledged), notices-int64(len(acknowledged)))
}

// allFollow wants a server to know every code.
func allFollow(t *testing.T, base string, all []*receipt, when string) {
	t.Helper()
	var askers sync.WaitGroup
	for i := range killers {
		askers.Go(func() {
			c := client()
			for n := i; n < len(all); n += killers {
				err := follows(c, base, all[n])
				if err != nil {
					t.Errorf("%s: %v", when, err)
					return
				}
			}
		})
	}
	askers.Wait()
}

// underLoad lets clients post to a server until it is gone, and returns every notice whose acknowledgement was read to
// its end.
func underLoad(base, text string, end func()) []*receipt {
	var mu sync.Mutex
	var all []*receipt
	var clients sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	for i := range killers {
		clients.Go(func() {
			c := client()
			sending := post
			if i < inBrowsers {
				sending = fill
			}
			for n := 0; ctx.Err() == nil; n++ {
				time.Sleep(typing) // so that the check afterwards takes no longer than the load
				got, _, err := sending(ctx, c, base, fmt.Sprintf("%s, client %d, notice %d", text, i, n))
				if err != nil {
					return // the server is gone
				}
				if got == nil {
					continue
				}
				mu.Lock()
				all = append(all, got)
				mu.Unlock()
			}
		})
	}
	end()
	cancel()
	clients.Wait()
	return all
}

// proves asks for the proof of a notice again, checks it offline and finds in it what was sent: its body could be
// opened, so its key is there, too.
func proves(t *testing.T, c *http.Client, base, key string, got *receipt) {
	t.Helper()
	r, err := send(t.Context(), c, base+"/proof", "application/x-www-form-urlencoded", []byte(url.Values{"code": {got.Code}}.Encode()), "")
	if err != nil || r.status != http.StatusOK {
		t.Errorf("proof of %s: %+v %v", got.Code, r, err)
		return
	}
	for _, text := range []string{string(r.body), got.Proof} {
		if text == "" { // the form's answer bears none
			continue
		}
		body, err := bodyIn(text, key)
		if err != nil || body != got.text {
			t.Errorf("proof of %q holds %q, %v", got.text, body, err)
		}
	}
}

// bodyIn checks a receipt and returns the text of the notice in it.
func bodyIn(text, key string) (string, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return "", err
	}
	checked, err := proof.CheckReceipt([]byte(text), verifier)
	if err != nil {
		return "", err
	}
	var form struct{ Text string }
	err = json.Unmarshal(checked.Body, &form)
	return form.Text, err
}

// against hands the checkpoints in people's receipts to verify, one of each: what was promised must still be the past.
func against(t *testing.T, all []*receipt) []string {
	t.Helper()
	var args []string
	seen := map[string]bool{}
	dir := t.TempDir()
	const most = 1000 // for the arguments of one command
	for i := len(all) - 1; i >= 0; i -= 1 + len(all)/most {
		got := all[i]
		cp := string(proof.CheckpointIn([]byte(got.Proof)))
		if cp == "" || seen[cp] {
			continue
		}
		seen[cp] = true
		name := fmt.Sprintf("%s/%d", dir, i)
		err := os.WriteFile(name, []byte(got.Proof), 0o600)
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, "--against", name)
	}
	return args
}

// A server killed while it founds its log leaves a folder on which the next one starts.
func TestKillFounding(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) { killFounding(t, db, 5) })
}

func killFounding(t *testing.T, db string, rounds int) {
	dice := seeded(t)
	// How long founding takes here is measured, so that the kill falls into it on every machine.
	began := time.Now()
	dir := t.TempDir()
	serve(t, dir, forRound(t, db, -1)).kill()
	took := time.Since(began)
	for round := range rounds {
		dir, at := t.TempDir(), forRound(t, db, round)
		s, _ := launch(t, dir, at)
		wait := between(dice, 0, took)
		time.Sleep(wait)
		s.kill()
		s = serve(t, dir, at)
		mustPost(t, s.public, "after all")
		s.stop()
		v := verify(t, dir, at, logKey(t, dir))
		pool := open(t, dir, at)
		whole(t, pool)
		if n := count(t, pool, "SELECT count(*) FROM act WHERE kind = 'log.opened'"); n != 1 || v.Signed != v.Acts || t.Failed() {
			t.Fatalf("round %d, killed after %s: opened %d times, %d of %d signed", round, wait, n, v.Signed, v.Acts)
		}
	}
}

// forRound makes one schema a round in a PostgreSQL database; each is a log of its own.
func forRound(t *testing.T, db string, round int) string {
	t.Helper()
	if db == "" {
		return ""
	}
	schema := strings.ReplaceAll(fmt.Sprintf("r%d", round), "-", "_")
	exec1(t, open(t, "", db), "CREATE SCHEMA "+schema)
	return pgWith(t, db, "", map[string]string{"search_path": schema})
}
