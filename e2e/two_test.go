package e2e

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// On SQLite the folder belongs to one server. The second says so, at once, and disturbs nothing.
func TestSecondServerOfFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir, "")
	began := time.Now()
	code, out, errs := run(t, serveArgs(dir, "")...)
	if code != 2 || out != "" || !strings.Contains(errs, "another sanad serves this folder") || !strings.Contains(errs, "stop it first") || !strings.Contains(errs, "--data") {
		t.Errorf("exit %d %q %q", code, out, errs)
	}
	const quick = 5 * time.Second // far below the ten seconds SQLite waits for a lock
	if took := time.Since(began); took > quick {
		t.Errorf("it took %s to refuse", took)
	}
	mustPost(t, s.public, "still here")
	// What only looks, and what an operator does beside a server, goes on working.
	verify(t, dir, "", logKey(t, dir))
	must(t, "console", "mandates", "--data", dir)
	must(t, "console", "invite", "--data", dir, "--mandate", "xx-head-1")
	mustPost(t, s.public, "still here after the invitation")
	s.stop()
	verify(t, dir, "", logKey(t, dir))
	serve(t, dir, "").stop() // the lock went with its holder
}

// On PostgreSQL any number of servers share a database and a folder of keys. They begin together, on nothing; both take
// notices; whatever checkpoint either shows, the log stays true to it.
func TestTwoServersOfDatabase(t *testing.T) {
	t.Parallel()
	db, dir := freshPostgres(t), t.TempDir()
	var both [2]*server
	var outs [2]io.Reader
	for i := range both {
		both[i], outs[i] = launch(t, dir, db)
	}
	for i := range both {
		both[i].await(outs[i])
	}
	key := logKey(t, dir)
	var mu sync.Mutex
	var taken [2][]*receipt
	var seen []string // checkpoints
	var work sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	until := time.Now().Add(4 * time.Second)
	for i, s := range both {
		for j := range 6 {
			sending := post
			if j < 2 {
				sending = fill
			}
			work.Go(func() {
				c := client()
				for n := 0; time.Now().Before(until); n++ {
					got, r, err := sending(ctx, c, s.public, fmt.Sprintf("server %d, client %d, notice %d", i, j, n))
					if err != nil || got == nil {
						t.Errorf("server %d: %+v %v", i, r, err)
						return
					}
					mu.Lock()
					taken[i] = append(taken[i], got)
					mu.Unlock()
				}
			})
		}
		work.Go(func() {
			for time.Now().Before(until) {
				r := fetch(t, s.public+"/api/v1/checkpoint")
				mu.Lock()
				if r.status == 200 && !slices.Contains(seen, string(r.body)) {
					seen = append(seen, string(r.body))
				}
				mu.Unlock()
				time.Sleep(50 * time.Millisecond)
			}
		})
	}
	work.Wait()
	if t.Failed() {
		return
	}
	// Each knows what the other took.
	allFollow(t, both[0].public, taken[1], "asked of the other")
	allFollow(t, both[1].public, taken[0], "asked of the other")
	for _, s := range both {
		proves(t, client(), s.public, key, taken[0][0])
		proves(t, client(), s.public, key, taken[1][len(taken[1])-1])
	}
	kept := against(t, slices.Concat(taken[0], taken[1]))
	folder := t.TempDir()
	for i, cp := range seen {
		name := filepath.Join(folder, fmt.Sprint(i))
		err := os.WriteFile(name, []byte(cp), 0o600)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, "--against", name)
	}
	if len(seen) < 3 {
		t.Errorf("%d checkpoints were seen in 4 s", len(seen))
	}
	verify(t, dir, db, key, kept...)
	both[0].kill() // the one left carries on
	mustPost(t, both[1].public, "alone")
	both[1].stop()
	v := verify(t, dir, db, key, kept...)
	pool := open(t, dir, db)
	whole(t, pool)
	if n, want := count(t, pool, "SELECT count(*) FROM notice"), int64(len(taken[0])+len(taken[1])+1); n != want || v.Signed != v.Acts {
		t.Errorf("%d notices of %d, %d acts signed of %d", n, want, v.Signed, v.Acts)
	}
}
