package proof

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/act"
)

// DumpMark is how a dump starts.
const DumpMark = `{"sanad":"dump/v1",`

// Dump is one thread written out: every act of one file as one audience sees it, from the first on, each with what opens it and
// with its way to one checkpoint's root. In a file it is lines of JSON: a head, then one line an act.
//
// Whoever reads it can tell a changed act, one left out between two others, two in another order, and one that never was in
// the log. That acts newer than the last one are missing no dump shows by itself: a later one does.
type Dump struct {
	Checkpoint []byte // the signed note
	Acts       []DumpAct
}

// DumpAct is one line of a dump.
type DumpAct struct {
	Index   int64    `json:"index"` // its number in the log
	Path    [][]byte `json:"path"`  // from its leaf's sibling upwards
	Opening Opening  `json:"opening"`
}

// dumpHead is a dump's first line.
type dumpHead struct {
	Sanad      string `json:"sanad"`
	Acts       int64  `json:"acts"` // how many lines follow
	Checkpoint string `json:"checkpoint"`
}

const (
	dumpForm = "dump/v1"
	// Bounds of what is read: a line, in bytes, and how many lines.
	maxDumpLine = maxReceipt
	maxDumpActs = 1 << 20
)

// WriteTo writes the dump: the same acts and checkpoint give the same bytes.
func (d *Dump) WriteTo(w io.Writer) (int64, error) {
	var written int64
	line := func(v any) error {
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		n, err := w.Write(append(b, '\n'))
		written += int64(n)
		return err
	}
	err := line(dumpHead{dumpForm, int64(len(d.Acts)), string(d.Checkpoint)})
	for i := 0; err == nil && i < len(d.Acts); i++ {
		err = line(&d.Acts[i])
	}
	if err != nil {
		return written, fmt.Errorf("write a dump: %w", err)
	}
	return written, nil
}

// CheckedDump is what a verified dump proves: acts 0 to Acts-1 of one thread of File, all of them, are in the log.
type CheckedDump struct {
	Acts   int64
	File   act.ID
	Of     string
	Last   *act.Envelope // nil where there is none
	Size   int64         // of the checkpoint
	Root   tlog.Hash
	Origin string
}

// CheckDump verifies a dump offline with the log's verifier key, reading a line at a time. What can't be read is an error of
// its own, whatever else is wrong with it; a dump that is false wraps ErrForged. each, which may be nil, is handed every act
// as it is found good, and may find it false by an error that wraps ErrForged; only where CheckDump returns no error was nothing left out before the last.
func CheckDump(r io.Reader, verifier note.Verifier, each func(*Checked) error) (*CheckedDump, error) {
	lines := bufio.NewReaderSize(r, 64<<10)
	var head dumpHead
	err := readLine(lines, &head)
	if err != nil {
		return nil, fmt.Errorf("this is not a dump: its head: %w", err)
	}
	if head.Sanad != dumpForm {
		return nil, errors.New("this is a dump of a form that this version does not read: use a newer one to check it")
	}
	if head.Acts < 0 || head.Acts > maxDumpActs {
		return nil, fmt.Errorf("this dump says it has %d acts, at most %d are read", head.Acts, maxDumpActs)
	}
	signed, forged := checkpointOf([]byte(head.Checkpoint), verifier)
	if forged != nil && !errors.Is(forged, ErrForged) {
		return nil, forged
	}
	d := dumping{CheckedDump: CheckedDump{Origin: verifier.Name()}}
	if forged == nil {
		d.Size, d.Root = signed.Size, signed.Root
	}
	for n := int64(0); ; n++ {
		var a DumpAct
		err = readLine(lines, &a)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = a.check()
		}
		if err != nil {
			return nil, fmt.Errorf("this dump can't be read: line %d: %w", n+2, err)
		}
		if n >= maxDumpActs {
			return nil, fmt.Errorf("this dump has more than %d acts", maxDumpActs)
		}
		if forged != nil {
			continue // only to find out whether all of it can be read
		}
		c, err := d.next(&a)
		if err != nil {
			forged = fmt.Errorf("line %d: %w", n+2, err)
			continue
		}
		if each == nil {
			continue
		}
		err = each(c)
		if errors.Is(err, ErrForged) {
			forged = fmt.Errorf("line %d: %w", n+2, err)
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	if forged == nil && d.Acts != head.Acts {
		forged = fmt.Errorf("%w: it says it has %d acts and has %d", ErrForged, head.Acts, d.Acts)
	}
	if forged != nil {
		return nil, forged
	}
	return &d.CheckedDump, nil
}

// readLine reads one line of JSON, as it is written and no other way; io.EOF after the last.
func readLine(lines *bufio.Reader, into any) error {
	var line []byte
	for {
		part, err := lines.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxDumpLine:
			return fmt.Errorf("it has more than %d bytes", maxDumpLine)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) == 0:
			return io.EOF
		case errors.Is(err, io.EOF):
			return errors.New("it is cut off")
		case err != nil:
			return err
		}
		break
	}
	line = line[:len(line)-1]
	err := json.Unmarshal(line, into)
	if err != nil {
		return err
	}
	again, err := json.Marshal(into)
	if err != nil || !bytes.Equal(again, line) {
		return errors.New("it is not as one is written")
	}
	return nil
}

// check says what can't be read of a line.
func (a *DumpAct) check() error {
	if a.Index < 0 || a.Path == nil || len(a.Path) > 63 {
		return fmt.Errorf("an act numbered %d with a way of %d hashes", a.Index, len(a.Path))
	}
	for _, h := range a.Path {
		if len(h) != sha256.Size {
			return fmt.Errorf("a hash of %d bytes", len(h))
		}
	}
	return a.Opening.check()
}

// dumping is what was found of a dump up to some line.
type dumping struct {
	CheckedDump
	thread, audience act.ID
	key, last        Sum // of the thread; of the newest leaf
	index            int64
}

// next checks that an act is in the log, and the one that follows those before it.
func (d *dumping) next(a *DumpAct) (*Checked, error) {
	leaf, env, err := a.Opening.leaf(d.Origin)
	if err != nil {
		return nil, err
	}
	if d.Acts == 0 {
		d.File, d.Of, d.thread, d.audience, d.key, d.index = env.File, env.Of, env.Thread, env.Audience, Sum(a.Opening.ThreadKey), -1
	}
	switch {
	case env.File != d.File || env.Of != d.Of || env.Thread != d.thread || env.Audience != d.audience || Sum(a.Opening.ThreadKey) != d.key:
		return nil, fmt.Errorf("%w: the act is of another thread than those before it", ErrForged)
	case env.Pos != d.Acts:
		return nil, fmt.Errorf("%w: the act is at position %d of its thread, and position %d is expected: one was left out, or they are in another order", ErrForged, env.Pos, d.Acts)
	case Sum(a.Opening.PreviousAt) != d.last:
		return nil, fmt.Errorf("%w: the act does not follow the one before it", ErrForged)
	case a.Index <= d.index || a.Index >= d.Size:
		return nil, fmt.Errorf("%w: the act's number is %d, after %d in a log of %d", ErrForged, a.Index, d.index, d.Size)
	case d.Last != nil && env.Recorded < d.Last.Recorded:
		return nil, fmt.Errorf("%w: the act was recorded before the one before it", ErrForged)
	}
	path := make(tlog.RecordProof, len(a.Path))
	for i, h := range a.Path {
		path[i] = tlog.Hash(h)
	}
	d.last = leaf.Hash()
	err = tlog.CheckRecord(path, d.Size, d.Root, a.Index, tlog.Hash(d.last))
	if err != nil {
		return nil, fmt.Errorf("%w: the act is not in the log at %d: %w", ErrForged, a.Index, err)
	}
	d.index, d.Last = a.Index, env
	d.Acts++
	return &Checked{Envelope: env, Body: a.Opening.Body, Index: a.Index, Size: d.Size, Root: d.Root, Origin: d.Origin, Leaf: d.last}, nil
}
