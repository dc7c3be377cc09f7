package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// state is a root that a checkpoint states.
type state struct {
	size   int64
	root   tlog.Hash
	what   string
	kept   bool // by somebody, outside the log
	signed bool // by a key given for this log
}

// expect gathers every root that a stored or kept checkpoint states.
func (v *verifier) expect(ctx context.Context) error {
	var own []note.Verifier
	for _, k := range v.check.Keys {
		if k.Name() == v.report.Origin {
			own = append(own, k)
		}
	}
	rows, err := v.tx.Query(ctx, "SELECT size, note FROM checkpoint ORDER BY size")
	if err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var newest []byte
	for rows.Next() {
		var size int64
		var text []byte
		err = rows.Scan(&size, &text)
		if err != nil {
			v.problem(-1, "a checkpoint can't be read: %v", err)
			continue
		}
		newest = text
		what := fmt.Sprintf("checkpoint %d", size)
		s, err := v.stated(text, what, own)
		if err == nil && s.size != size {
			err = fmt.Errorf("states size %d", s.size)
		}
		if err != nil {
			v.problem(-1, "%s %v", what, err)
		}
		if s.size > 0 {
			v.states = append(v.states, s)
		}
	}
	err = rows.Err()
	if err != nil {
		v.problem(-1, "checkpoints can't be read: %v", err)
	}
	v.cosigned(newest)
	for i, text := range v.check.Against {
		what := fmt.Sprintf("kept checkpoint %d", i+1)
		s, err := v.stated(text, what, own)
		if err != nil {
			v.problem(-1, "%s %v", what, err)
		}
		if err == nil { // what another key signed is no word of this log
			s.kept = true
			v.states = append(v.states, s)
		}
	}
	slices.SortStableFunc(v.states, func(a, b state) int { return cmp.Compare(a.size, b.size) })
	return nil
}

// cosigned wants the newest checkpoint under every key given that is not the log's own.
func (v *verifier) cosigned(newest []byte) {
	for _, k := range v.check.Keys {
		if k.Name() == v.report.Origin {
			continue
		}
		_, err := note.Open(newest, note.VerifierList(k))
		if err != nil {
			v.problem(-1, "the newest checkpoint is not signed by %s", k.Name())
		}
	}
}

// stated reads a signed note: what it states, and whether a key given for this log signed it. What it states is
// returned also where it is signed by another key.
func (v *verifier) stated(text []byte, what string, own []note.Verifier) (state, error) {
	opened, err := note.Open(text, note.VerifierList(own...))
	var unverified *note.UnverifiedNoteError
	switch {
	case err == nil:
	case errors.As(err, &unverified):
		opened = unverified.Note
	default:
		return state{}, fmt.Errorf("is no signed note, or its signature is false: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return state{}, errors.New("is no checkpoint of three lines")
	}
	if lines[0] != v.report.Origin {
		return state{}, fmt.Errorf("is of another log, %q", lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 1 || strconv.FormatInt(size, 10) != lines[1] {
		return state{}, fmt.Errorf("states no size: %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil || root.String() != lines[2] {
		return state{}, fmt.Errorf("states no root: %q", lines[2])
	}
	s := state{size: size, root: root, what: what, signed: unverified == nil}
	if !s.signed && len(v.check.Keys) > 0 {
		return s, errors.New("is not signed by a key that was given for this log")
	}
	return s, nil
}

// roots compares every root that is stated for the size the tree has now. Of the log's own checkpoints only the first
// that differs is named: those after it must differ as well.
func (v *verifier) roots() {
	for v.state < len(v.states) && v.states[v.state].size <= v.edge.Size() {
		s := v.states[v.state]
		v.state++
		switch {
		case s.root == v.edge.Root():
			if s.signed && !s.kept { // a kept one says nothing of how far this folder is signed
				v.report.Signed = s.size
			}
		case s.kept || !v.differs:
			v.problem(s.size-1, "%s states another root: an act up to here was changed", s.what)
			v.differs = v.differs || !s.kept
		}
	}
}

// beyond reports roots stated for acts that are not there.
func (v *verifier) beyond() {
	if v.torn {
		return
	}
	for _, s := range v.states[v.state:] {
		v.problem(v.next, "%s states %d acts, only %d are there", s.what, s.size, v.report.Acts)
	}
}
