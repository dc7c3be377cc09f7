package pack_test

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// Golden timelines are scripts: what is done when, and which deadlines run then. Each says the article that fixes
// it. They are written by hand and never regenerated.
func TestTimelines(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/timelines/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".txt"), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(script)
			if err != nil {
				t.Fatal(err)
			}
			play(t, bufio.NewScanner(bytes.NewReader(b)))
		})
	}
}

func play(t *testing.T, lines *bufio.Scanner) {
	t.Helper()
	var b *table
	var running []string // what runs and was not told yet
	for n := 1; lines.Scan(); n++ {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if words[0] != ">" && len(running) > 0 {
			t.Fatalf("line %d: %q runs too", n, running)
		}
		switch words[0] {
		case "pack":
			b = newTable(t, load(t, words[1]))
		case "file":
			b.sort, b.protocol = words[1], words[2]
		case "at":
			b.now = at(words[1])
		case "do":
			b.do(words[1], words[2], facts(t, words[3:]))
		case "lapse":
			if got := b.lapse(); !slices.Equal(got, words[1:]) {
				t.Fatalf("line %d: lapsed are %v, want %v", n, got, words[1:])
			}
		case "refused":
			_, err := b.pack.Engine().Allow(b.question(words[1]), b.place(words[2]))
			var r *protocol.Refusal
			if !errors.As(err, &r) {
				t.Fatalf("line %d: was allowed", n)
			}
			var why []string
			for _, x := range r.Blocks {
				why = append(why, string(x.Why))
			}
			slices.Sort(why)
			want := slices.Sorted(slices.Values(words[3:]))
			if why = slices.Compact(why); !slices.Equal(why, want) {
				t.Fatalf("line %d: refused for %v, want %v", n, why, want)
			}
		case "closed":
			for _, m := range b.pack.Engine().Possible(b.question()) {
				if !m.Run.IsZero() {
					t.Fatalf("line %d: step %s of %s is left", n, m.Place.Step, m.Place.Protocol)
				}
			}
		case ">":
			told := strings.Join(words[1:], " ")
			if running == nil {
				running = b.running()
			}
			if len(running) == 0 || running[0] != told {
				t.Fatalf("line %d: %q, what runs is %q", n, told, running)
			}
			running = running[1:]
			if len(running) == 0 {
				running = nil
			}
		default:
			t.Fatalf("line %d: %q is no word of a timeline", n, words[0])
		}
	}
}

// running tells every deadline that runs, soonest first.
func (b *table) running() []string {
	out := []string{}
	for _, r := range b.pack.Engine().Running(b.state) {
		out = append(out, r.Name+" by "+r.Owner+" before "+r.Due.Time().Format(time.RFC3339))
	}
	if len(out) == 0 {
		return []string{"nothing"}
	}
	return out
}

func facts(t *testing.T, words []string) map[string]act.Value {
	t.Helper()
	out := map[string]act.Value{}
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			t.Fatalf("%q is no fact", w)
		}
		number, err := strconv.ParseInt(value, 10, 64)
		switch {
		case value == "true" || value == "false":
			out[name] = act.OfBool(value == "true")
		case err == nil:
			out[name] = act.OfInt(number)
		default:
			out[name] = act.OfCode(value)
		}
	}
	return out
}
