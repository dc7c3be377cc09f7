package ledger

import (
	"strings"
	"testing"

	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
)

// Whoever makes something anew from the acts gets all of them as the log committed to them, or none.
func TestRangeIsWholeOrRefused(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *store.DB) {
		signer, _ := keys(t, 1)
		for _, c := range []struct {
			name   string
			tamper func(*forger)
			want   string // of the refusal; "" for none
		}{
			{"as it was", func(*forger) {}, ""},
			{"one is missing", func(f *forger) { f.exec("DELETE FROM act WHERE seq = 17") }, "of the acts 10 to 29 only 19 are there"},
			{"the last is missing", func(f *forger) { f.exec("DELETE FROM act WHERE seq = 29") }, "of the acts 10 to 29 only 19 are there"},
			{"one is another", func(f *forger) { f.flip("act", "envelope", "seq = 17", 40) }, "act 17 is not what the log committed to"},
			{"a salt is another", func(f *forger) { f.flip("act", "salt", "seq = 29", 0) }, "act 29 is not what the log committed to"},
			{"a hash is another", func(f *forger) { f.flipHash(0, 12) }, "act 12 is not what the log committed to"},
			{"only others are missing", func(f *forger) { f.exec("DELETE FROM act WHERE seq = 30") }, ""},
		} {
			wipe(t, db)
			newAuthor(1).commit(t, db, signer, sizes()...)
			must(t, db, func(tx *store.Tx) error {
				c.tamper(&forger{t, tx})
				return nil
			})
			var list []*Stored
			var leaves []proof.Sum
			err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
				list, leaves, err = Range(t.Context(), tx, origin, 10, 30)
				return err
			})
			switch {
			case c.want == "" && (err != nil || len(list) != 20 || len(leaves) != 20 || list[0].Seq != 10):
				t.Errorf("%s: %d acts, %v", c.name, len(list), err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%s: %v, want %s", c.name, err, c.want)
			}
		}
	})
}

// A head that another process moved on is not the same, whatever it moved: the batch that was decided from the old one is decided
// again.
func TestAHeadThatMovedIsNotTheSame(t *testing.T) {
	t.Parallel()
	head := func(n int) *Head {
		h := &Head{Origin: origin, Recorded: 5, Access: 3}
		for i := range n {
			h.Edge.Append(proof.Sum{byte(i)}, nil)
		}
		return h
	}
	if !head(3).Same(head(3).Clone()) {
		t.Error("a head is not the same as itself")
	}
	other := head(2)
	other.Edge.Append(proof.Sum{99}, nil) // as many acts, and another one among them
	for name, change := range map[string]func() *Head{
		"origin":   func() *Head { h := head(3); h.Origin += "x"; return h },
		"recorded": func() *Head { h := head(3); h.Recorded++; return h },
		"access":   func() *Head { h := head(3); h.Access++; return h },
		"an act":   func() *Head { return head(4) },
		"the edge": func() *Head { return other },
	} {
		if head(3).Same(change()) || change().Same(head(3)) {
			t.Errorf("%s: another head is taken for the same", name)
		}
	}
}
