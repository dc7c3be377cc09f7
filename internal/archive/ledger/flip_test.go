package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
)

// Damage of one bit anywhere in the database's file is reported at its place, or did not reach an act: then every act
// reads back byte for byte as it was written.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	path := filepath.Join(memoryDir(t), "sanad.db")
	db := storetest.Open(t, path)
	signer, verifier := keys(t, 1)
	newAuthor(1).commit(t, db, signer, sizes()...)
	want, err := everyAct(t.Context(), db)
	if err == nil {
		err = gather(t.Context(), path)
	}
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil || len(want) != 40 {
		t.Fatal(len(want), err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, %d bytes", seed, len(whole))
	var next, refused, reported, untouched atomic.Int64
	var workers sync.WaitGroup
	for range 2 {
		damaged := filepath.Join(memoryDir(t), "sanad.db")
		workers.Go(func() {
			for n := next.Add(1) - 1; n < flips && !t.Failed(); n = next.Add(1) - 1 {
				bit := rand.New(rand.NewPCG(seed, uint64(n))).IntN(8 * len(whole))
				f := flippedBit{path: damaged, whole: whole, bit: bit, want: want, verifier: verifier}
				answer, err := f.judge(t.Context())
				if err != nil {
					t.Errorf("seed %d, flip %d, byte %d, bit %d: %v", seed, n, bit/8, bit%8, err)
				}
				switch answer {
				case isRefused:
					refused.Add(1)
				case isReported:
					reported.Add(1)
				case isUntouched:
					untouched.Add(1)
				}
			}
		})
	}
	workers.Wait()
	t.Logf("%d could not be read as a log, %d were reported at their place, %d touched no act", refused.Load(), reported.Load(), untouched.Load())
	if reported.Load() == 0 || untouched.Load() == 0 {
		t.Error("the flips were not spread over the file")
	}
}

// gather moves everything from the write-ahead log into the file.
func gather(ctx context.Context, path string) error {
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	_, err = raw.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(err, raw.Close())
}

// flippedBit is the file with one bit flipped.
type flippedBit struct {
	path     string
	whole    []byte
	bit      int
	want     map[int64][]byte
	verifier note.Verifier
}

type answer int

const (
	isUntouched answer = iota // the log holds, and every act is what it was
	isReported                // there are problems
	isRefused                 // the file can't be read as a log
)

// judge verifies the damaged file and holds the answer against what became of the acts.
func (f *flippedBit) judge(ctx context.Context) (answer, error) {
	damaged := bytes.Clone(f.whole)
	damaged[f.bit/8] ^= 1 << (f.bit % 8)
	err := os.WriteFile(f.path, damaged, 0o600)
	if err != nil {
		return 0, err
	}
	db, err := store.OpenReadOnly(ctx, f.path)
	if err != nil {
		return isRefused, nil
	}
	defer db.Close() //nolint:errcheck // it wrote nothing
	report, err := Verify(ctx, db, Check{Keys: []note.Verifier{f.verifier}, Exhibit: func(act.ID, [32]byte) error { return nil }})
	if err != nil {
		return isRefused, nil
	}
	got, err := everyAct(ctx, db)
	first, changed := firstChange(f.want, got)
	switch {
	case len(report.Problems) == 0 && (err != nil || changed):
		return 0, fmt.Errorf("the log is said to hold, act %d is not what it was: %w", first, err)
	case len(report.Problems) == 0:
		return isUntouched, nil
	case err == nil && changed && !slices.ContainsFunc(report.Problems, func(p Problem) bool { return p.Seq == first }):
		return 0, fmt.Errorf("act %d was damaged, which is not said: %v", first, report.Problems)
	}
	return isReported, nil
}

// everyAct reads all acts, whole.
func everyAct(ctx context.Context, db *store.DB) (map[int64][]byte, error) {
	acts := map[int64][]byte{}
	err := db.Read(ctx, func(tx *store.Tx) error {
		return Each(ctx, tx, 0, func(s *Stored) error {
			acts[s.Seq] = fmt.Appendf(nil, "%x %d %s", s.ID, s.Recorded, s.Kind)
			for _, part := range [][]byte{s.File[:], s.Audience[:], s.Envelope, s.Salt[:], s.BodySum[:], s.Link[:], s.Body} {
				acts[s.Seq] = append(fmt.Appendf(acts[s.Seq], " %d ", len(part)), part...)
			}
			return nil
		})
	})
	return acts, err
}

func firstChange(want, got map[int64][]byte) (seq int64, changed bool) {
	seq = int64(1) << 62
	for s, w := range want {
		if !bytes.Equal(w, got[s]) {
			seq, changed = min(seq, s), true
		}
	}
	for s := range got {
		if want[s] == nil {
			seq, changed = min(seq, s), true
		}
	}
	return seq, changed
}
