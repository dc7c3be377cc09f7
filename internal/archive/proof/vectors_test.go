package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/act"
)

var update = flag.Bool("update", false, "write the vectors anew: never, for leaf v1 is final; a new version has vectors of its own")

type vectorAct struct {
	Envelope  []byte `json:"envelope"`
	Salt      []byte `json:"salt"`
	Body      []byte `json:"body,omitempty"`
	BodySalt  []byte `json:"body_salt,omitempty"`
	Sealed    []byte `json:"sealed,omitempty"`
	ThreadKey []byte `json:"thread_key"`
	Previous  []byte `json:"previous"`
	Leaf      []byte `json:"leaf"`
	Hash      []byte `json:"hash"`
	Root      []byte `json:"root"` // of the log up to and including this act
}

type vectorEnvelope struct {
	Name  string `json:"name"`
	Text  []byte `json:"text"`
	Valid bool   `json:"valid"`
}

type vectors struct {
	Note      string           `json:"note"`
	Origin    string           `json:"origin"`
	Verifier  string           `json:"verifier"`
	Acts      []vectorAct      `json:"acts"`
	Envelopes []vectorEnvelope `json:"envelopes"`
	Receipts  []vectorReceipt  `json:"receipts"`
}

type vectorReceipt struct {
	Name   string `json:"name"`
	Text   []byte `json:"text"`
	Answer string `json:"answer"` // holds, forged or unreadable
	Index  int64  `json:"index"`
}

// draw makes bytes for a vector from a name, so that the vectors can be made again by anyone.
func draw(name string) Sum { return sha256.Sum256([]byte("sanad vector " + name)) }

func drawID(name string) act.ID { s := draw(name); return act.ID(s[:16]) }

func buildVectors(t *testing.T) vectors {
	t.Helper()
	skey, vkey, err := KeyPair(vectorOrigin, draw("log key"))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	v := vectors{
		Note:   "Made from SHA-256 of \"sanad vector NAME\"; byte strings are base64. Persons, files and keys are invented.",
		Origin: vectorOrigin, Verifier: vkey,
	}
	var log tree
	heads := map[string]Sum{}
	pos := map[string]int64{}
	var openings []Opening
	for i, thread := range []string{"a", "b", "a", "a", "b", "c", "a"} {
		name := fmt.Sprintf("act %d", i)
		at := act.InstantOf(time.Date(2026, 2, 14, 9, 30, i, 123456000, time.UTC))
		e := &act.Envelope{
			ID: drawID(name), File: drawID("file " + thread), Of: "notice", Audience: drawID("audience " + thread),
			Thread: drawID("thread " + thread), Pos: pos[thread], Kind: "notice.received", Version: 1,
			Recorded: at, Effective: at.Add(-time.Duration(i) * time.Minute), Mandate: drawID("mandate"), Law: "xx@0123456789ab",
			Facts: act.NewFacts(map[string]act.Value{"minor": act.OfBool(i%2 == 0), "count": act.OfInt(int64(i)), "labels": act.OfCodes("b", "a")}),
		}
		va := vectorAct{}
		salt, bodySalt, key := draw("salt "+name), draw("body salt "+name), draw("thread key "+thread)
		var bodySum Sum
		if i == 5 {
			e.Kind, e.Mandate = act.DeadlineLapsed, act.ID{}
			e.Cites = []act.ID{drawID("act 1")}
		} else {
			e.Key = drawID("key " + thread)
			va.Body, va.BodySalt = fmt.Appendf(nil, `{"text":"said in act %d, نصّ"}`, i), bodySalt[:]
			sealed := draw("sealed " + name)
			va.Sealed = sealed[:]
			bodySum = BodySum(bodySalt, va.Body)
		}
		va.Envelope, err = act.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		prev := heads[thread]
		leaf := Leaf{vectorOrigin, EnvelopeSum(salt, va.Envelope), bodySum, sha256.Sum256(va.Sealed), LinkSum(key, prev)}
		b, hash := leaf.Bytes(), leaf.Hash()
		log.add(hash)
		root := log.edge.Root()
		heads[thread] = hash
		pos[thread]++
		va.Salt, va.ThreadKey, va.Previous, va.Leaf, va.Hash, va.Root = salt[:], key[:], prev[:], b[:], hash[:], root[:]
		v.Acts = append(v.Acts, va)
		openings = append(openings, Opening{
			V: 1, Envelope: va.Envelope, Salt: va.Salt, BodySum: bodySum[:], SealedSum: leaf.Sealed[:],
			Body: va.Body, BodySalt: va.BodySalt, ThreadKey: va.ThreadKey, PreviousAt: va.Previous,
		})
	}
	size := log.edge.Size()
	root := log.edge.Root()
	cp, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", vectorOrigin, size, root)}, signer)
	if err != nil {
		t.Fatal(err)
	}
	own := cp
	receipt := func(o Opening, i int64) []byte {
		path, err := tlog.ProveRecord(size, i, &log)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Receipt(o, i, path, cp)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	add := func(name string, text []byte, answer string, i int64) {
		v.Receipts = append(v.Receipts, vectorReceipt{name, text, answer, i})
	}
	for i, o := range openings {
		add(fmt.Sprintf("act %d", i), receipt(o, int64(i)), "holds", int64(i))
	}
	closed := openings[2]
	closed.Body, closed.BodySalt = nil, nil
	add("body not opened", receipt(closed, 2), "holds", 2)
	spoil := func(name string, i int64, change func(*Opening)) {
		o := openings[i]
		change(&o)
		add(name, receipt(o, i), "forged", i)
	}
	spoil("another body", 0, func(o *Opening) { o.Body = []byte(`{"text":"never said"}`) })
	spoil("another envelope", 0, func(o *Opening) {
		o.Envelope = bytes.Replace(o.Envelope, []byte(`"bool":true`), []byte(`"bool":false`), 1)
	})
	spoil("envelope with a space", 0, func(o *Opening) { o.Envelope = append([]byte{' '}, o.Envelope...) })
	spoil("another thread", 2, func(o *Opening) { k := draw("thread key b"); o.ThreadKey = k[:] })
	spoil("first that is not", 2, func(o *Opening) { o.PreviousAt = make([]byte, 32) })
	spoil("another sealed body", 3, func(o *Opening) { o.SealedSum = o.BodySum })
	add("another index", bytes.Replace(receipt(openings[0], 0), []byte("index 0"), []byte("index 1"), 1), "forged", 1)
	add("index beyond", bytes.Replace(receipt(openings[0], 0), []byte("index 0"), []byte("index 70"), 1), "forged", 70)
	add("another size", bytes.Replace(receipt(openings[0], 0), []byte("\n7\n"), []byte("\n8\n"), 1), "forged", 0)
	add("a hash too many", bytes.Replace(receipt(openings[0], 0), []byte("index 0\n"), []byte("index 0\n"+root.String()+"\n"), 1), "forged", 0)
	other, _, err := KeyPair(vectorOrigin, draw("another log key"))
	if err != nil {
		t.Fatal(err)
	}
	otherSigner, err := note.NewSigner(other)
	if err != nil {
		t.Fatal(err)
	}
	cp, err = note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", vectorOrigin, size, root)}, otherSigner)
	if err != nil {
		t.Fatal(err)
	}
	add("signed by another key", receipt(openings[0], 0), "forged", 0)
	cp = own
	v2 := openings[0]
	v2.V = 2
	add("form 2", receipt(v2, 0), "unreadable", 0)
	short := openings[0]
	short.Salt = short.Salt[1:]
	add("salt too short", receipt(short, 0), "unreadable", 0)
	unsalted := openings[0]
	unsalted.BodySalt = nil
	add("body without its salt", receipt(unsalted, 0), "unreadable", 0)
	good := string(receipt(openings[0], 0))
	stray := strings.Replace(good, "\n\n", " \n\n", 1)
	add("a space after a hash", []byte(stray), "unreadable", 0)
	b64 := base64.StdEncoding.EncodeToString
	opening, err := json.Marshal(openings[0])
	if err != nil {
		t.Fatal(err)
	}
	reword := func(from, to string) []byte {
		return []byte(strings.Replace(good, b64(opening), b64([]byte(strings.Replace(string(opening), from, to, 1))), 1))
	}
	add("a key twice", reword(`{"v":1,`, `{"v":1,"v":1,`), "unreadable", 0)
	add("a key in upper case", reword(`"salt"`, `"SALT"`), "unreadable", 0)
	add("an unknown key", reword(`{"v":1,`, `{"v":1,"w":1,`), "unreadable", 0)
	add("white space in extra", reword(`{"v":1,`, `{"v":1, `), "unreadable", 0)
	add("no extra", []byte(strings.Replace(good, "extra "+b64(opening)+"\n", "", 1)), "unreadable", 0)
	add("index with a zero before", []byte(strings.Replace(good, "index 0", "index 00", 1)), "unreadable", 0)
	hashes := strings.SplitN(good, "\n", 5)
	add("a hash too few", []byte(strings.Replace(good, hashes[3]+"\n", "", 1)), "forged", 0)
	add("no signature", []byte(good[:strings.LastIndex(good, "\u2014")]), "unreadable", 0)
	add("a root cut short", []byte(strings.Replace(good, "\n"+root.String()+"\n", "\n"+root.String()[4:]+"\n", 1)), "unreadable", 0)
	extended, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\nmore\n", vectorOrigin, size, root)}, signer)
	if err != nil {
		t.Fatal(err)
	}
	cp = extended
	add("a fourth line", receipt(openings[0], 0), "unreadable", 0)
	witness, _, err := KeyPair("witness.example", draw("witness key"))
	if err != nil {
		t.Fatal(err)
	}
	witnessSigner, err := note.NewSigner(witness)
	if err != nil {
		t.Fatal(err)
	}
	cp, err = note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", vectorOrigin, size, root)}, signer, witnessSigner)
	if err != nil {
		t.Fatal(err)
	}
	add("cosigned by somebody", receipt(openings[0], 0), "holds", 0)
	cp = own
	bodiless := openings[5]
	bodiless.SealedSum = bodiless.Salt
	add("something sealed without a body", receipt(bodiless, 5), "forged", 5)
	add("empty", nil, "unreadable", 0)
	add("not a receipt", []byte("hello\n"), "unreadable", 0)

	text := string(v.Acts[0].Envelope)
	env := func(name, text string, valid bool) {
		v.Envelopes = append(v.Envelopes, vectorEnvelope{name, []byte(text), valid})
	}
	env("as written", text, true)
	env("trailing line end", text+"\n", false)
	env("upper-case id", strings.Replace(text, drawID("act 0").String(), strings.ToUpper(drawID("act 0").String()), 1), false)
	env("leading zero", strings.Replace(text, `"int":0`, `"int":00`, 1), false)
	env("minus zero", strings.Replace(text, `"int":0`, `"int":-0`, 1), false)
	env("largest number", strings.Replace(text, `"int":0`, `"int":9007199254740991`, 1), true)
	env("too large a number", strings.Replace(text, `"int":0`, `"int":9007199254740992`, 1), false)
	env("escape", strings.Replace(text, `"minor"`, `"m\u0069nor"`, 1), false)
	env("facts out of order", strings.Replace(text, `"count"`, `"zount"`, 1), false)
	env("unknown key", strings.Replace(text, `{"v":1,`, `{"v":1,"x":1,`, 1), false)
	env("free text", strings.Replace(text, `"xx@0123456789ab"`, `"two words"`, 1), false)
	env("machine without a name on the list", strings.Replace(text, `"mandate":"`+drawID("mandate").String()+`",`, "", 1), false)
	env("effect after record", strings.Replace(text, `"effective":"2026-02-14T09:30:00`, `"effective":"2026-02-14T09:31:00`, 1), false)
	env("five decimals", strings.Replace(text, "00.123456Z", "00.12345Z", 1), false)
	env("unsorted codes", strings.Replace(text, `["a","b"]`, `["b","a"]`, 1), false)
	env("empty list", strings.Replace(text, `,"law"`, `,"cites":[],"law"`, 1), false)
	env("day 31 of February", strings.Replace(text, `{"name":"count","int":0}`, `{"name":"count","date":"2026-02-31"}`, 1), false)
	full := fullEnvelope(t)
	env("every part", full, true)
	for name, change := range map[string][2]string{
		"ids out of order":         {idsText("a", "f"), idsText("f", "a")},
		"a citation twice":         {`"cites":["` + drawID("cited").String() + `"]`, `"cites":["` + drawID("cited").String() + `","` + drawID("cited").String() + `"]`},
		"gates out of order":       {`"gate":"G-01"`, `"gate":"G-03"`},
		"from without a value":     {`{"fact":"a"}`, `{"fact":"a","from":"` + drawID("cited").String() + `"}`},
		"short commitment":         {`"sum":"`, `"sum":"AA`},
		"year 0":                   {`"date":"2026-02-28"`, `"date":"0000-02-28"`},
		"negative position":        {`"pos":3`, `"pos":-3`},
		"version 0":                {`"version":1`, `"version":0`},
		"a machine with a mandate": {`"kind":"breach.found"`, `"kind":"key.destroyed"`},
		"procedure without a step": {`,"step":"find"`, ``},
		"unknown type":             {`"bool":true`, `"text":true`},
		"a truth in quotes":        {`"bool":true`, `"bool":"true"`},
		"empty key":                {`"key":"` + drawID("key").String() + `"`, `"key":"` + act.ID{}.String() + `"`},
		"a fact twice":             {`{"name":"b"`, `{"name":"a"`},
	} {
		changed := strings.Replace(full, change[0], change[1], 1)
		if changed == full {
			t.Fatalf("%s changes nothing in %s", name, full)
		}
		env(name, changed, false)
	}
	slices.SortFunc(v.Envelopes, func(a, b vectorEnvelope) int { return strings.Compare(a.Name, b.Name) })
	env("leap second", strings.Replace(text, "00.123456Z", "60.123456Z", 1), false)
	return v
}

// idsText writes two identifiers as a set, in the given order or, where that is the sorted one, in the given order.
func idsText(x, y string) string {
	a, b := drawID("a").String(), drawID("f").String()
	if x == "a" == (a > b) {
		a, b = b, a
	}
	return `"ids":["` + a + `","` + b + `"]`
}

// fullEnvelope has every part an envelope can have.
func fullEnvelope(t *testing.T) string {
	t.Helper()
	at := act.InstantOf(time.Date(2026, 2, 28, 23, 59, 59, 999999000, time.UTC))
	b, err := act.Encode(&act.Envelope{
		ID: drawID("full"), File: drawID("file"), Of: "notice", Audience: drawID("audience"), Thread: drawID("thread"), Pos: 3,
		Kind: "breach.found", Version: 1, Recorded: at, Effective: at.Add(-time.Hour), Shown: drawID("cited"), Mandate: drawID("mandate"),
		Cites:     []act.ID{drawID("cited")},
		Procedure: &act.Procedure{ID: drawID("run"), Protocol: "xx.notice", Version: 1, Step: "find"},
		Deadlines: []act.Deadline{{Rule: "answer", Start: at, Due: at.Add(48 * time.Hour), Calendar: "xx@1"}},
		Law:       "xx@0123456789ab",
		Facts: act.NewFacts(map[string]act.Value{
			"a": act.OfBool(true), "b": act.OfInt(-7), "c": act.OfCode("contact"), "d": act.OfCodes(), "e": act.OfDate(at.Time()),
			"f": act.OfInstant(at), "g": act.OfID(drawID("a")), "h": act.OfIDs(drawID("a"), drawID("f")),
		}),
		Gates: []act.Answer{
			{Gate: "G-01", Version: 1, Open: true, Because: "in_force", Saw: []act.Seen{{Fact: "a"}, {Fact: "b", Value: act.OfInt(1)}, {Fact: "c", Value: act.OfBool(false), From: drawID("cited")}}},
			{Gate: "G-02", Version: 2, Open: true, Because: "aim"},
		},
		Commits: []act.Commit{{Name: "content", Sum: draw("content")}},
		Key:     drawID("key"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The vectors are the promise to every other verifier: they never change once leaf v1 is final.
func TestVectors(t *testing.T) {
	file := filepath.Join(vectorDir, "vectors.json")
	built := buildVectors(t)
	want, err := json.MarshalIndent(built, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(file, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatal("the vectors of leaf v1 would change")
	}
	verifier, err := note.NewVerifier(built.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range built.Receipts {
		c, err := CheckReceipt(r.Text, verifier)
		answer := "holds"
		switch {
		case errors.Is(err, ErrForged):
			answer = "forged"
		case err != nil:
			answer = "unreadable"
		case c.Index != r.Index:
			t.Errorf("receipt %q: index %d", r.Name, c.Index)
		}
		if answer != r.Answer {
			t.Errorf("receipt %q: %s (%v), want %s", r.Name, answer, err, r.Answer)
		}
	}
	for _, e := range built.Envelopes {
		_, err := act.Decode(e.Text)
		if (err == nil) != e.Valid {
			t.Errorf("envelope %q: %v, want valid=%v", e.Name, err, e.Valid)
		}
	}
}
