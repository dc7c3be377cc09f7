package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/desk/notice"
)

// checked verifies a receipt offline, with the log's public key and nothing else.
func (h *house) checked(t testing.TB, receipt []byte) *proof.Checked {
	t.Helper()
	verifier, err := note.NewVerifier(h.key.vkey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := proof.CheckReceipt(receipt, verifier)
	if err != nil {
		t.Fatalf("%v\n%s", err, receipt)
	}
	return c
}

func (h *house) receiptNow(t testing.TB, id act.ID) []byte {
	t.Helper()
	b, err := h.clerk.ReceiptNow(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// published counts the checkpoints that the log keeps.
func (h *house) published(t testing.TB) (n int) {
	t.Helper()
	err := h.db.Read(context.Background(), func(tx *store.Tx) error {
		return tx.QueryRow(context.Background(), "SELECT count(*) FROM checkpoint").Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// holdsTo wants the whole log to be the one that receipts were signed for.
func (h *house) holdsTo(t testing.TB, receipts ...[]byte) {
	t.Helper()
	verifier, err := note.NewVerifier(h.key.vkey)
	if err != nil {
		t.Fatal(err)
	}
	check := ledger.Check{Keys: []note.Verifier{verifier}}
	for _, r := range receipts {
		check.Against = append(check.Against, proof.CheckpointIn(r))
	}
	report, err := ledger.Verify(t.Context(), h.db, check)
	if err != nil || len(report.Problems) > 0 {
		t.Fatalf("%v %+v", err, report)
	}
}

func accept(t testing.TB, h *house, text string) *notice.Accepted {
	t.Helper()
	ok, err := h.notice.Accept(t.Context(), notice.Form{Situation: "contact", Where: "https://game.example/u/7", Text: text, Minor: yes(), Language: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// Whoever reports has the proof with the answer, also while nothing is published; it is kept nowhere, and what is published later
// holds to it.
func TestReceiptAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		v := newVisitor(t, h, "en")
		post := func() []byte {
			t.Helper()
			w := call(v.h, "POST", "/api/v1/notices", jsonType, `{"situation":"contact","text":"what happened"}`)
			var got struct{ Code, Proof string }
			err := json.Unmarshal(w.Body.Bytes(), &got)
			if err != nil || w.Code != http.StatusCreated || len(got.Code) != 16 {
				t.Fatal(w.Code, w.Body)
			}
			page := call(v.h, "POST", "/proof", formType, "code="+got.Code)
			if page.Code != http.StatusOK || h.checked(t, page.Body.Bytes()).Index != h.checked(t, []byte(got.Proof)).Index {
				t.Fatal(page.Code, page.Body)
			}
			return []byte(got.Proof)
		}
		first := post()
		if one := h.checked(t, first); !strings.Contains(string(one.Body), "what happened") || one.Index >= one.Size {
			t.Fatalf("%+v", one)
		}
		if w := call(v.h, "GET", "/api/v1/checkpoint", "", ""); h.published(t) != 0 || w.Code != http.StatusServiceUnavailable {
			t.Fatalf("a receipt published something: %d %s", w.Code, w.Body)
		}
		second := post()
		cp := h.checkpoint(t)
		third := post()
		if h.published(t) != 1 {
			t.Fatal("a receipt published something")
		}
		h.checkpoint(t)
		h.holdsTo(t, first, second, third, cp.Note)
	})
}

// What is published already serves as it is: asking for a proof again tells nobody how long the log has become since.
func TestOldReceiptTellsNothingNew(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		old := accept(t, h, "the first")
		cp := h.checkpoint(t)
		for range 3 {
			accept(t, h, "another")
		}
		b, err := h.notice.Receipt(t.Context(), old.Code)
		if err != nil || string(proof.CheckpointIn(b)) != string(cp.Note) {
			t.Fatalf("%v\n%s", err, b)
		}
	})
}

// What everyone may ask for waits for what everyone may see.
func TestPublicProofWaits(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		first := h.firstAct(t)
		soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := h.clerk.Receipt(soon, first)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		h.checkpoint(t)
		b, err := h.clerk.Receipt(t.Context(), first)
		if err != nil {
			t.Fatal(err)
		}
		h.holdsTo(t, b)
		unknown, err := act.NewID(newSeeded("nobody's"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.clerk.Receipt(t.Context(), unknown)
		_, now := h.clerk.ReceiptNow(t.Context(), unknown)
		if !errors.Is(err, ledger.ErrNoAct) || !errors.Is(now, ledger.ErrNoAct) {
			t.Fatal(err, now)
		}
	})
}

// firstAct is the name of the act that opened the log.
func (h *house) firstAct(t testing.TB) (id act.ID) {
	t.Helper()
	err := h.db.Read(context.Background(), func(tx *store.Tx) error {
		var b []byte
		err := tx.QueryRow(context.Background(), "SELECT id FROM act WHERE seq = 0").Scan(&b)
		copy(id[:], b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A receipt is signed for what is committed, never for what a commit under way may still take back.
func TestNothingUncommittedIsSigned(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		ok := accept(t, h, "the first")
		before := h.checked(t, h.receiptNow(t, ok.Act))
		never := errors.New("the commit that never was")
		err := h.db.Write(t.Context(), func(tx *store.Tx) error {
			head, err := ledger.Lock(t.Context(), tx)
			if err != nil {
				return err
			}
			batch := ledger.NewBatch(head)
			batch.Add(&ledger.Entry{ID: ok.Act, File: ok.File, Audience: before.Envelope.Audience, Kind: "x", Envelope: []byte("x")})
			err = batch.Write(t.Context(), tx)
			if err != nil {
				return err
			}
			while := h.checked(t, h.receiptNow(t, ok.Act))
			if while.Size != before.Size || while.Root != before.Root {
				t.Errorf("signed a log of %d while %d were committed", while.Size, before.Size)
			}
			return never
		})
		if !errors.Is(err, never) {
			t.Fatal(err)
		}
		h.checkpoint(t)
		h.holdsTo(t)
	})
}

// Those who report at once share commits and signatures, at least four notices in each, counted; and every receipt is of the one
// log that is there in the end.
func TestReceiptsShareSignatures(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		const clients, each = 32, 12
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		var mu sync.Mutex
		signed := map[string][]byte{}
		notices := 0
		var all sync.WaitGroup
		start := make(chan struct{})
		for range clients {
			all.Go(func() {
				<-start
				for range each {
					ok, err := h.notice.Accept(t.Context(), notice.Form{Situation: "contact", Text: "Someone writes to children.", Language: "fr"})
					if err != nil {
						t.Error(err)
						return
					}
					b, err := h.clerk.ReceiptNow(t.Context(), ok.Act)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					notices++
					signed[string(proof.CheckpointIn(b))] = b
					mu.Unlock()
				}
			})
		}
		close(start)
		all.Wait()
		t.Logf("%d notices, %d signatures", notices, len(signed))
		if notices != clients*each || len(signed)*4 > notices {
			t.Errorf("%d notices took %d signatures: fewer than four under each", notices, len(signed))
		}
		h.checkpoint(t)
		var receipts [][]byte
		for _, b := range signed {
			h.checked(t, b)
			receipts = append(receipts, b)
		}
		h.holdsTo(t, receipts...)
	})
}

// Two servers on one database sign one log.
func TestReceiptsOfTwoServers(t *testing.T) {
	t.Parallel()
	at, folder := storetest.Postgres(t), t.TempDir()
	c := newClock()
	one := testHouse(t, folder, at, c)
	two := built(t, plan{folder: folder, url: at, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("two"), log: testLog(t)})
	var mu sync.Mutex
	var receipts [][]byte
	var all sync.WaitGroup
	for i := range 8 {
		h := []*house{one, two}[i%2]
		all.Go(func() {
			for range 6 {
				ok := accept(t, h, "from one of two")
				b, err := h.clerk.ReceiptNow(t.Context(), ok.Act)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				receipts = append(receipts, b)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	one.checkpoint(t)
	for _, b := range receipts {
		one.checked(t, b)
	}
	one.holdsTo(t, receipts...)
}

// Those who ask together share what is read for them, counted on the line to the database: alone, each takes seven statements.
func TestReceiptsShareStatements(t *testing.T) {
	t.Parallel()
	l := newLine(t, storetest.Postgres(t))
	h := testHouse(t, t.TempDir(), l.url, newClock())
	ids := make([]act.ID, 32)
	for i := range ids {
		ids[i] = accept(t, h, "asked for together").Act
	}
	ask := func(ids []act.ID) int64 {
		t.Helper()
		before := l.statements.Load()
		var all sync.WaitGroup
		for _, id := range ids {
			all.Go(func() {
				b, err := h.clerk.ReceiptNow(t.Context(), id)
				if err != nil {
					t.Error(err)
					return
				}
				if c := h.checked(t, b); c.Envelope.ID != id {
					t.Errorf("the receipt of %s is that of %s", id, c.Envelope.ID)
				}
			})
		}
		all.Wait()
		return l.statements.Load() - before
	}
	ask(ids) // what the tree needs of older acts, and connections
	alone, together := ask(ids[:1]), ask(ids)
	t.Logf("statements for 1 and for 32 receipts: %d and %d", alone, together)
	if together > 2*int64(len(ids)) {
		t.Fatalf("%d receipts asked for together take %d statements", len(ids), together)
	}
}
