package app

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/desk/notice"
)

// clock is a legal clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// seeded is a stream of bytes that is the same for the same seed.
type seeded struct {
	mu   sync.Mutex
	seed [32]byte
	n    uint64
	rest []byte
}

func newSeeded(name string) io.Reader { return &seeded{seed: sha256.Sum256([]byte(name))} }

func (s *seeded) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range b {
		if len(s.rest) == 0 {
			block := sha256.Sum256(binary.BigEndian.AppendUint64(s.seed[:], s.n))
			s.n++
			s.rest = block[:]
		}
		b[i], s.rest = s.rest[0], s.rest[1:]
	}
	return len(b), nil
}

// testHouse builds a house in a folder, on SQLite or at a PostgreSQL address.
func testHouse(t testing.TB, folder, url string, c *clock) *house {
	t.Helper()
	return built(t, plan{
		folder: folder, url: url, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("house"), log: testLog(t),
	})
}

// built builds a house, and shuts it at the end of the test.
func built(t testing.TB, p plan) *house {
	t.Helper()
	h, err := build(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.shut(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func testLog(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

// onBoth runs a test on SQLite and, where the gate gave a server, on a PostgreSQL database of its own.
func onBoth(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	storetest.OnBoth(t, f)
}

func (h *house) checkpoint(t testing.TB) *ledger.Checkpoint {
	t.Helper()
	var cp *ledger.Checkpoint
	err := h.db.Write(context.Background(), func(tx *store.Tx) error {
		var err error
		cp, err = ledger.Sign(context.Background(), tx, h.key.signer, act.InstantOf(h.process()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return cp
}

func (h *house) verify(t testing.TB) *ledger.Report {
	t.Helper()
	v, err := note.NewVerifier(h.key.vkey)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ledger.Verify(context.Background(), h.db, ledger.Check{Keys: []note.Verifier{v}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sound wants the log as it is now, to be sealed by a checkpoint and nothing found wrong in it.
func (h *house) sound(t testing.TB) {
	t.Helper()
	h.checkpoint(t)
	if r := h.verify(t); len(r.Problems) > 0 {
		t.Fatalf("%+v", r.Problems)
	}
}

func yes() *bool { return new(true) }

func TestNoticeFromCommandToVerify(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		ok, err := h.notice.Accept(t.Context(), notice.Form{Situation: "contact", Where: "https://game.example/u/7", Text: "Someone writes to children.", Minor: yes(), Language: "fr"})
		if err != nil {
			t.Fatal(err)
		}
		s, err := h.notice.Follow(t.Context(), notice.Groups(ok.Code))
		if err != nil || s.Stage != notice.StageReceived || s.Due == 0 {
			t.Fatalf("%+v %v", s, err)
		}
		h.checkpoint(t)
		r := h.verify(t)
		if len(r.Problems) > 0 || r.Acts == 0 || r.Signed != r.Acts {
			t.Fatalf("%+v", r)
		}
		// The clock runs out: the lapse is recorded by itself, once.
		c.move(30 * 24 * time.Hour)
		n, err := h.clerk.Tick(t.Context())
		if err != nil || n != 1 {
			t.Fatalf("%d lapses, %v", n, err)
		}
		n, err = h.clerk.Tick(t.Context())
		if err != nil || n != 0 {
			t.Fatalf("%d lapses again, %v", n, err)
		}
		h.sound(t)
	})
}

func TestSecondServerIsRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	c := newClock()
	testHouse(t, folder, "", c)
	_, err := build(t.Context(), plan{folder: folder, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("other"), log: testLog(t)})
	if err == nil || !strings.Contains(err.Error(), "another sanad serves this folder") {
		t.Fatal(err)
	}
}
