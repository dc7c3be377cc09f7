package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/act"
)

const dumpOrigin = "sanad/xx/dump"

// dumpLog is a small log with two threads of which every second act is in the first.
func dumpLog(t testing.TB) (first, second *Dump, verifier note.Verifier) {
	t.Helper()
	const acts = 11
	drawn := make([]drawnAct, acts)
	for i := range drawn {
		drawn[i] = drawnAct{thread: i % 2, pos: int64(i / 2), after: i - 2}
	}
	all, verifier := drawLog(t, drawn)
	first, second = &Dump{Checkpoint: all.Checkpoint}, &Dump{Checkpoint: all.Checkpoint}
	for i, a := range all.Acts {
		of := []*Dump{first, second}[i%2]
		of.Acts = append(of.Acts, a)
	}
	return first, second, verifier
}

// drawnAct is an act of a log that is made for a test: what it says of its place, true or not.
type drawnAct struct {
	thread int
	pos    int64
	after  int // number of the act it is linked to; negative for none
}

// drawLog makes a log of acts and signs it.
func drawLog(t testing.TB, acts []drawnAct) (*Dump, note.Verifier) {
	t.Helper()
	skey, vkey, err := KeyPair(dumpOrigin, draw("dump key"))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	var log tree
	var out Dump
	leaves := make([]Sum, len(acts))
	for i, a := range acts {
		name := fmt.Sprint("act ", i)
		env, err := act.Encode(&act.Envelope{
			ID: drawID(name), File: drawID(fmt.Sprint("file ", a.thread)), Of: "register", Audience: drawID("audience"), Thread: drawID(fmt.Sprint("thread ", a.thread)),
			Pos: a.pos, Kind: "register.entered", Version: 1, Recorded: act.Instant(i), Effective: act.Instant(i), Mandate: drawID("mandate"), Law: "xx@1",
			Key: drawID("key"),
		})
		if err != nil {
			t.Fatal(err)
		}
		salt, bodySalt, key, sealed := draw(name+" salt"), draw(name+" body salt"), draw(fmt.Sprint("thread key ", a.thread)), draw(name+" sealed")
		body := []byte(name)
		sum := BodySum(bodySalt, body)
		var prev Sum
		if a.after >= 0 {
			prev = leaves[a.after]
		}
		leaf := Leaf{Origin: dumpOrigin, Envelope: EnvelopeSum(salt, env), Body: sum, Sealed: sealed, Link: LinkSum(key, prev)}
		leaves[i] = leaf.Hash()
		log.add(leaves[i])
		out.Acts = append(out.Acts, DumpAct{Index: int64(i), Opening: Opening{
			V: 1, Envelope: env, Salt: salt[:], BodySum: sum[:], SealedSum: sealed[:], Body: body, BodySalt: bodySalt[:], ThreadKey: key[:], PreviousAt: prev[:],
		}})
	}
	out.Checkpoint, err = note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", dumpOrigin, len(acts), log.edge.Root())}, signer)
	if err != nil {
		t.Fatal(err)
	}
	for i := range out.Acts {
		path, err := tlog.ProveRecord(int64(len(acts)), int64(i), &log)
		if err != nil {
			t.Fatal(err)
		}
		out.Acts[i].Path = [][]byte{}
		for _, h := range path {
			out.Acts[i].Path = append(out.Acts[i].Path, bytes.Clone(h[:]))
		}
	}
	return &out, verifier
}

func written(t testing.TB, d *Dump) string {
	t.Helper()
	var b strings.Builder
	n, err := d.WriteTo(&b)
	if err != nil || n != int64(b.Len()) || !strings.HasPrefix(b.String(), DumpMark) {
		t.Fatal(n, err)
	}
	return b.String()
}

func TestDump(t *testing.T) {
	t.Parallel()
	first, second, verifier := dumpLog(t)
	for _, d := range []*Dump{first, second} {
		var bodies []string
		got, err := CheckDump(strings.NewReader(written(t, d)), verifier, func(c *Checked) error {
			bodies = append(bodies, string(c.Body))
			return nil
		})
		if err != nil || got.Acts != int64(len(d.Acts)) || got.Size != 11 || got.Origin != dumpOrigin || got.Of != "register" || got.Last.Pos != got.Acts-1 {
			t.Fatalf("%+v %v", got, err)
		}
		if len(bodies) != len(d.Acts) || bodies[0] != fmt.Sprint("act ", d.Acts[0].Index) {
			t.Fatal(bodies)
		}
	}
	stop := errors.New("enough")
	_, err := CheckDump(strings.NewReader(written(t, first)), verifier, func(*Checked) error { return stop })
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
}

// A dump of a thread without acts proves nothing and is read.
func TestDumpOfNothing(t *testing.T) {
	t.Parallel()
	d, _, verifier := dumpLog(t)
	d.Acts = nil
	got, err := CheckDump(strings.NewReader(written(t, d)), verifier, nil)
	if err != nil || got.Acts != 0 || got.Last != nil {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestForgedDump(t *testing.T) {
	t.Parallel()
	_, _, good := dumpLog(t)
	_, otherKey, err := KeyPair(dumpOrigin, draw("another key"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := note.NewVerifier(otherKey)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(a *DumpAct, f func(*act.Envelope)) {
		env, err := act.Decode(a.Opening.Envelope)
		if err != nil {
			t.Fatal(err)
		}
		f(env)
		a.Opening.Envelope, err = act.Encode(env)
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, spoil := range map[string]func(d, second *Dump){
		"a body changed":      func(d, _ *Dump) { d.Acts[2].Opening.Body = []byte("another") },
		"an envelope changed": func(d, _ *Dump) { edit(&d.Acts[2], func(e *act.Envelope) { e.Kind = "freeze.declared" }) },
		"the first left out":  func(d, _ *Dump) { d.Acts = d.Acts[1:] },
		"one left out":        func(d, _ *Dump) { d.Acts = slices.Delete(d.Acts, 2, 3) },
		"one left out, renumbered": func(d, _ *Dump) {
			d.Acts = slices.Delete(d.Acts, 2, 3)
			for i := 2; i < len(d.Acts); i++ {
				edit(&d.Acts[i], func(e *act.Envelope) { e.Pos-- })
			}
		},
		"two exchanged":           func(d, _ *Dump) { d.Acts[2], d.Acts[3] = d.Acts[3], d.Acts[2] },
		"one twice":               func(d, _ *Dump) { d.Acts = slices.Insert(d.Acts, 2, d.Acts[1]) },
		"one of another thread":   func(d, second *Dump) { d.Acts[2] = second.Acts[2] },
		"another link":            func(d, _ *Dump) { d.Acts[3].Opening.PreviousAt = d.Acts[2].Opening.PreviousAt },
		"another thread key":      func(d, _ *Dump) { d.Acts[3].Opening.ThreadKey = d.Acts[2].Opening.Salt },
		"another number":          func(d, _ *Dump) { d.Acts[2].Index++ },
		"a number out of the log": func(d, _ *Dump) { d.Acts[5].Index = 11 },
		"another way":             func(d, _ *Dump) { d.Acts[2].Path[1] = d.Acts[2].Path[0] },
		"a shorter way":           func(d, _ *Dump) { d.Acts[2].Path = d.Acts[2].Path[1:] },
		"another root": func(d, _ *Dump) {
			d.Checkpoint = bytes.Replace(d.Checkpoint, []byte("\n11\n"), []byte("\n12\n"), 1)
		},
	} {
		d, second, _ := dumpLog(t)
		spoil(d, second)
		_, err := CheckDump(strings.NewReader(written(t, d)), good, nil)
		if !errors.Is(err, ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d, _, _ := dumpLog(t)
	text := written(t, d)
	_, err = CheckDump(strings.NewReader(text), other, nil)
	if !errors.Is(err, ErrForged) {
		t.Errorf("another key: %v", err)
	}
	lines := strings.SplitAfter(text, "\n")
	_, err = CheckDump(strings.NewReader(strings.Join(lines[:len(lines)-2], "")), good, nil)
	if !errors.Is(err, ErrForged) {
		t.Errorf("the last line left out: %v", err)
	}
}

// What can't be read is not judged, though it may be false as well.
func TestUnreadableDump(t *testing.T) {
	t.Parallel()
	d, _, verifier := dumpLog(t)
	text := written(t, d)
	lines := strings.SplitAfter(text, "\n")
	forged, _, _ := dumpLog(t)
	forged.Acts[0].Opening.Body = []byte("another")
	for name, bad := range map[string]string{
		"nothing":          "",
		"no dump":          "hello\n",
		"no head":          strings.Join(lines[1:], ""),
		"another form":     strings.Replace(text, "dump/v1", "dump/v2", 1),
		"cut in a line":    text[:len(text)-20],
		"cut at its end":   text[:len(text)-1],
		"an empty line":    lines[0] + "\n" + strings.Join(lines[1:], ""),
		"another key":      strings.Replace(text, `"index":`, `"extra":1,"index":`, 1),
		"white space":      strings.Replace(text, `"index":0`, `"index": 0`, 1),
		"a number below 0": strings.Replace(text, `"index":0`, `"index":-1`, 1),
		"no way":           strings.Replace(text, `"path":[`, `"path":null,"p":[`, 1),
		"another version":  strings.Replace(text, `"v":1`, `"v":2`, 1),
		"a short salt":     strings.Replace(text, `"salt":"`+base64.StdEncoding.EncodeToString(d.Acts[0].Opening.Salt)+`"`, `"salt":"AAAA"`, 1),
		"a long line":      lines[0] + strings.Repeat("x", 2<<20) + "\n",
		"too many acts":    strings.Replace(text, `"acts":6`, `"acts":99999999`, 1),
		"no checkpoint":    strings.Replace(text, `\n\n`, `\n`, 1),
		"forged, and cut":  written(t, forged)[:len(text)-20],
	} {
		if bad == text {
			t.Fatalf("%s: nothing was spoiled", name)
		}
		_, err := CheckDump(strings.NewReader(bad), verifier, nil)
		if err == nil || errors.Is(err, ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever holds is the beginning of one of the log's threads, act for act.
func FuzzDump(f *testing.F) {
	first, second, verifier := dumpLog(f)
	recorded := map[[32]byte]int64{}
	for _, d := range []*Dump{first, second} {
		f.Add([]byte(written(f, d)))
		for i := range d.Acts {
			recorded[sha256.Sum256(d.Acts[i].Opening.Envelope)] = d.Acts[i].Index
		}
	}
	short := *first
	short.Acts = short.Acts[:2]
	f.Add([]byte(written(f, &short)))
	f.Fuzz(func(t *testing.T, b []byte) {
		pos := int64(0)
		got, err := CheckDump(bytes.NewReader(b), verifier, func(c *Checked) error {
			env, err := act.Encode(c.Envelope)
			if err != nil {
				return err
			}
			index, is := recorded[sha256.Sum256(env)]
			if !is || index != c.Index || c.Envelope.Pos != pos {
				t.Fatalf("act %d of a dump holds and was never recorded there: %s", pos, env)
			}
			pos++
			return nil
		})
		if err == nil && got.Acts != pos {
			t.Fatalf("%d acts, and %d were handed out", got.Acts, pos)
		}
	})
}
