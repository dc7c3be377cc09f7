package proof

import (
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/act"
)

// Kept is what is remembered of a dump that somebody kept, so that another one of the same thread can be held against it: what no
// dump shows by itself, that acts after its last one were left out, two of them show.
type Kept struct {
	CheckedDump
	audience act.ID
	acts     []keptAct
}

type keptAct struct {
	index int64
	leaf  Sum
}

// ReadKept verifies a kept dump as CheckDump does, and remembers its acts.
func ReadKept(r io.Reader, verifier note.Verifier) (*Kept, error) {
	k := &Kept{}
	d, err := CheckDump(r, verifier, func(c *Checked) error {
		k.audience = c.Envelope.Audience
		k.acts = append(k.acts, keptAct{c.Index, c.Leaf})
		return nil
	})
	if err != nil {
		return nil, err
	}
	k.CheckedDump = *d
	return k, nil
}

// CheckDumpAgainst is CheckDump of a dump that must hold everything that kept ones hold, unchanged. Where it does not, the error
// wraps ErrForged: the log that made both has told two stories, or what is checked was cut.
func CheckDumpAgainst(r io.Reader, verifier note.Verifier, kept []*Kept) (*CheckedDump, error) {
	var n int
	d, err := CheckDump(r, verifier, func(c *Checked) error {
		for i, k := range kept {
			switch {
			case n >= len(k.acts):
			case c.Envelope.File != k.File || c.Envelope.Audience != k.audience:
				return fmt.Errorf("%w: it is of another file than kept dump %d", ErrForged, i+1)
			case c.Index != k.acts[n].index || c.Leaf != k.acts[n].leaf:
				return fmt.Errorf("%w: kept dump %d has another act here, number %d of the log", ErrForged, i+1, k.acts[n].index)
			}
		}
		n++
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, k := range kept {
		switch {
		case d.Acts < k.Acts:
			return nil, fmt.Errorf("%w: it ends after %d acts, and kept dump %d has %d: acts that were published are left out, or this one is the older", ErrForged, d.Acts, i+1, k.Acts)
		case d.Size == k.Size && d.Root != k.Root:
			return nil, fmt.Errorf("%w: its checkpoint and that of kept dump %d state two roots for %d acts: whoever signed both has told two stories", ErrForged, i+1, d.Size)
		}
	}
	return d, nil
}
