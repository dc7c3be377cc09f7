package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sanad/packs"
)

// A pack says of every word for how an entry stands what it needs: one that leaves it out, names what can't happen or goes round in
// circles is told so, with file, line and column.
func TestStatesNeedSomething(t *testing.T) {
	t.Parallel()
	kinds, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	const all = "\x00"
	for _, c := range []struct{ name, old, put, want string }{
		{"a word of which nothing is said", "  - {state: lifted, since: [measure.lifted, over], yields_to: [quashed]}\n", "", "nothing says when the register may tell that something is lifted; expected a state with since: the acts it needs, or start where it needs none"},
		{"no file at all", all, "", "nothing says when the register may tell that something is stands"},
		{"no since", "{state: quashed, since: [{act: appeal.ruled, fact: appeal, is: [quashed]}]}", "{state: quashed}", "entries.yaml:6:6: a state has no since; expected since"},
		{"needs nothing, and does not say so", "since: [start], yields_to: [contested", "since: [], yields_to: [contested", "entries.yaml:4:28: nothing makes that something is stands; expected acts, or start where it needs none"},
		{"never always true", "since: [start]", "since: [start], until: [measure.lifted]", "of something published there may be nothing to tell; expected a state with since: [start] and no until"},
		{"ends where it starts", "since: [start]", "since: [start], until: [start]", "stands ends where everything starts"},
		{"a word of no list", "state: quashed", "state: forgotten", `"forgotten" is no word of the list entry_states; expected one of stands, contested, quashed, lifted, mended`},
		{"yields to no word", "yields_to: [quashed]", "yields_to: [forgotten]", `"forgotten" is no word of the list entry_states`},
		{"twice", "  - state: mended", "  - {state: quashed, since: [start]}\n  - state: mended", `state of entries "quashed" is declared twice`},
		{"an act that nobody does", "[measure.lifted, over]", "[indicator.measured, over]", "entries.yaml:7:29: no step of a protocol emits indicator.measured; expected a kind of act that a step emits, start or over"},
		{"a word that no court says", "is: [quashed]", "is: [forgotten]", `appeal.ruled never says "forgotten" of fact appeal; expected one of confirmed, lessened, quashed, paused`},
		{"a fact that no court says", "fact: appeal, is: [quashed]", "fact: mood, is: [quashed]", "appeal.ruled does not say a fact mood"},
		{"yes for a word", "is: [quashed]", "is: [true]", "fact appeal of appeal.ruled is of type code; expected a value of type code"},
		{"a fact and not what it is", "fact: appeal, is: [quashed]", "fact: appeal", "a happening names a fact and not what it is, or the other way round; expected fact and is, or neither"},
		{"a sort of entry of no list", "{act: appeal.ruled, fact: appeal, is: [quashed]}", "{act: appeal.ruled, of: [dream]}", `"dream" is no word of the list entries`},
		{"facts of no act", "since: [start]", "since: [{act: start, fact: appeal, is: [quashed]}]", "start is no act, and says no fact"},
		{"a circle", "is: [quashed]}]}", "is: [quashed]}], yields_to: [stands]}", "state stands yields to itself; expected an order in which truer states stand before others"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files, err := packs.Open("xx")
			if err != nil {
				t.Fatal(err)
			}
			folder := filepath.Join(t.TempDir(), "xx")
			err = os.CopyFS(folder, files)
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(folder, "entries.yaml")
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if c.old == all {
				err = os.Remove(name)
			} else {
				changed := strings.Replace(string(b), c.old, c.put, 1)
				if changed == string(b) {
					t.Fatalf("%q is not in the file", c.old)
				}
				err = os.WriteFile(name, []byte(changed), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			_, err = loadPack(folder, kinds)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}
