package proof

import (
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// What is no checkpoint is told from one that is, whoever signed it, before anybody is judged by it.
func TestReadStated(t *testing.T) {
	t.Parallel()
	const origin = "sanad/xx/stated"
	skey, _, err := KeyPair(origin, draw("stated key"))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	root := tlog.Hash(draw("stated root"))
	sign := func(text string) string {
		signed, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			t.Fatal(err)
		}
		return string(signed)
	}
	good := sign(origin + "\n7\n" + root.String() + "\n")
	s, err := ReadStated([]byte(good))
	if err != nil || *s != (Stated{Origin: origin, Size: 7, Root: root}) {
		t.Fatalf("%+v %v", s, err)
	}
	for name, text := range map[string]string{
		"nothing":            "",
		"a file of words":    "root:x:0:0:root:/root:/bin/sh\n",
		"words with a gap":   "one\ntwo\n\nthree\n",
		"no signature":       origin + "\n7\n" + root.String() + "\n\n",
		"a torn signature":   good[:len(good)-8],
		"another note":       sign("words that somebody signed\n"),
		"four lines":         sign(origin + "\n7\n" + root.String() + "\nmore\n"),
		"no acts":            sign(origin + "\n0\n" + root.String() + "\n"),
		"a size of its own":  sign(origin + "\n07\n" + root.String() + "\n"),
		"half a root":        sign(origin + "\n7\n" + root.String()[:20] + "\n"),
		"ends of lines":      strings.ReplaceAll(good, "\n", "\r\n"),
		"a head of a dump":   DumpMark,
		"a receipt's letter": "c2sp.org/tlog-proof@v1\n",
	} {
		s, err := ReadStated([]byte(text))
		if err == nil {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
