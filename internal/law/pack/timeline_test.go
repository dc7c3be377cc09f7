package pack_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/packs"
)

// Golden timelines are scripts: what is done when, what is refused and by which condition, and which deadlines run then. A step
// that rests on the law says the article after #, a deadline says what fixes it in brackets, and the pack must say so too. They
// are written by hand and never regenerated. Every protocol of every pack has one, and every clock of every protocol is told in
// one, with its last instant, and is met or runs out there.
func TestTimelines(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/timelines/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	came := comeBy{steps: map[string]bool{}, told: map[string]bool{}, over: map[string]bool{}}
	t.Run("of", func(t *testing.T) { // which ends when all of them have
		for _, script := range scripts {
			t.Run(strings.TrimSuffix(filepath.Base(script), ".txt"), func(t *testing.T) {
				t.Parallel()
				b, err := os.ReadFile(script)
				if err != nil {
					t.Fatal(err)
				}
				play(t, bufio.NewScanner(bytes.NewReader(b)), func(b *table) { b.asked, b.told, b.over = came.by, came.tells, came.ends })
			})
		}
	})
	all := embedded(t)
	came.ofCases(t, all)
	for _, p := range all {
		if p.Fictional && len(p.Parents) > 0 {
			continue // its protocols are its parent's, and come under either
		}
		for i := range p.Protocols {
			x := &p.Protocols[i]
			if !slices.ContainsFunc(x.Steps, func(s protocol.Step) bool { return came.steps[x.ID+" "+s.ID] }) {
				t.Errorf("%s: no timeline plays %s", p.ID, x.ID)
				continue
			}
			for _, name := range clocksOf(x) {
				if clock := x.ID + " " + name; !came.told[clock] || !came.over[clock] {
					t.Errorf("%s: clock %s is told by a timeline: %t, is met or runs out in one: %t", p.ID, clock, came.told[clock], came.over[clock])
				}
			}
		}
	}
}

// clocksOf names the deadlines of a protocol.
func clocksOf(p *protocol.Protocol) (names []string) {
	for i := range p.Steps {
		for _, d := range p.Steps[i].Deadlines {
			names = append(names, d.Name)
		}
	}
	return names
}

// comeBy is what golden timelines came by, each after its protocol: steps that were done, clocks that were told, and those that
// were met or ran out.
type comeBy struct {
	sync.Mutex
	steps, told, over map[string]bool
}

func (c *comeBy) by(_ *protocol.Step, _ protocol.Question, at protocol.Place) {
	c.Lock()
	defer c.Unlock()
	c.steps[at.Protocol+" "+at.Step] = true
}

func (c *comeBy) tells(clock string) {
	c.Lock()
	defer c.Unlock()
	c.told[clock] = true
}

func (c *comeBy) ends(clock string) {
	c.Lock()
	defer c.Unlock()
	c.over[clock] = true
}

// ofCases adds the steps and clocks of the timelines that are played where packs meet the program. They tell a clock by its name
// alone: it is one of the protocols that the script has come by.
func (c *comeBy) ofCases(t *testing.T, all []*pack.Pack) {
	t.Helper()
	scripts, err := filepath.Glob("../../app/testdata/timelines/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	protocols := map[string]*protocol.Protocol{}
	for _, p := range all {
		for i := range p.Protocols {
			protocols[p.Protocols[i].ID] = &p.Protocols[i]
		}
	}
	for _, script := range scripts {
		b, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		played := map[*protocol.Protocol]bool{}
		running := map[string]protocol.Deadline{}
		for line := range strings.Lines(string(b)) {
			words := strings.Fields(line)
			switch {
			case len(words) > 3 && words[0] == "do":
				c.steps[words[2]+" "+words[3]] = true
				if p := protocols[words[2]]; p != nil {
					played[p] = true
				}
				for clock, d := range running {
					c.over[clock] = c.over[clock] || strings.HasPrefix(clock, words[2]+" ") && slices.Contains(d.MetBy, words[3])
				}
			case len(words) > 4 && words[0] == "new":
				c.steps[words[3]+" "+words[4]] = true
				if p := protocols[words[3]]; p != nil {
					played[p] = true
				}
			case len(words) > 1 && words[0] == "lapse":
				for clock, d := range running {
					c.over[clock] = c.over[clock] || slices.Contains(words[1:], d.Lapses)
				}
			case len(words) > 3 && words[0] == ">":
				for p := range played {
					if d := p.Deadline(words[1]); d != nil && d.Owner == words[3] {
						running[p.ID+" "+d.Name] = *d
						c.told[p.ID+" "+d.Name] = true
					}
				}
			}
		}
	}
}

// inForce is a pack that is only compared with, as if its law were in force here: nothing of it could be played else.
func inForce(t *testing.T, id string) *pack.Pack {
	t.Helper()
	files := copyOf(t, id)
	texts := files["texts.yaml"]
	texts.Data = bytes.ReplaceAll(texts.Data, []byte("verified: false"), []byte("verified: true\n    in_force_from: \"2020-01-01\""))
	p, err := pack.Load(files, id, open, kinds(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// play follows a script. begun, where it is given, sees each table before anything is done on it.
func play(t *testing.T, lines *bufio.Scanner, begun func(*table)) {
	t.Helper()
	var b *table
	var running []clockLine // what runs and was not told yet
	said := map[string][]string{}
	for n := 1; lines.Scan(); n++ {
		line, article, _ := strings.Cut(lines.Text(), " # ")
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		words = slices.Concat(slices.Collect(func(yield func([]string) bool) {
			for _, w := range words {
				name, is := strings.CutPrefix(w, "@")
				if is && !yield(said[name]) || !is && !yield([]string{w}) {
					return
				}
			}
		})...)
		if words[0] != ">" && len(running) > 0 {
			t.Fatalf("line %d: %q runs too", n, running)
		}
		switch words[0] {
		case "pack": // embedded: not the small one of the tests; enacted: as if its law were in force
			switch strings.Join(words[2:], " ") {
			case "":
				b = newTable(t, load(t, words[1]))
			case "embedded":
				b = newTable(t, loadFrom(t, words[1], packs.Open))
			case "enacted":
				b = newTable(t, inForce(t, words[1]))
			default:
				t.Fatalf("line %d: %q", n, words)
			}
			if begun != nil {
				begun(b)
			}
		case "file":
			b.sort, b.protocol = words[1], words[2]
		case "in": // another procedure of the file; new: another run of one that may have several
			b.protocol, b.run = words[1], b.runs[words[1]]
			if len(words) > 2 {
				b.run = act.ID{}
			}
		case "say": // facts under one name
			said[words[1]] = words[2:]
		case "outside":
			maps.Copy(b.outside, values(t, words[1:]))
		case "at":
			b.now = at(words[1])
		case "do":
			version := 0 // the newest, unless the run goes by another
			if run := b.state.Run(b.run); run != nil {
				version = run.Version
			}
			p := b.pack.Engine().Protocol(b.protocol, version)
			if step := p.Step(words[2]); step == nil || basisOf(step) != strings.TrimSpace(article) {
				t.Fatalf("line %d: step %s rests on %q, the line says %q", n, words[2], basisOf(step), article)
			}
			b.do(words[1], words[2], values(t, words[3:]))
		case "lapse":
			if got := b.lapse(); !slices.Equal(got, words[1:]) {
				t.Fatalf("line %d: lapsed are %v, want %v", n, got, words[1:])
			}
		case "refused": // what it would say, then why
			said := 3
			for said < len(words) && strings.Contains(words[said], "=") {
				said++
			}
			q := b.question(words[1])
			q.Proposed = act.NewFacts(values(t, words[3:said]))
			_, err := b.pack.Engine().Allow(q, b.place(words[2]))
			var r *protocol.Refusal
			if !errors.As(err, &r) {
				t.Fatalf("line %d: was allowed", n)
			}
			var why []string
			for _, x := range r.Blocks {
				why = append(why, string(x.Why))
			}
			slices.Sort(why)
			want := slices.Sorted(slices.Values(words[said:]))
			if why = slices.Compact(why); !slices.Equal(why, want) {
				t.Fatalf("line %d: refused for %v, want %v", n, why, want)
			}
		case "lacks":
			_, err := b.pack.Engine().Allow(b.question(words[1]), b.place(words[2]))
			var r *protocol.Refusal
			if !errors.As(err, &r) {
				t.Fatalf("line %d: was allowed", n)
			}
			var why []string
			for _, x := range r.Blocks {
				if x.Why == protocol.WhyGate {
					why = append(why, x.Gate+"."+x.Condition)
				} else {
					why = append(why, string(x.Why))
				}
			}
			slices.Sort(why)
			if want := slices.Sorted(slices.Values(words[3:])); !slices.Equal(slices.Compact(why), want) {
				t.Fatalf("line %d: lacks\n%v, want\n%v", n, why, want)
			}
		case "closed":
			for _, m := range b.pack.Engine().Possible(b.question()) {
				if m.Run == b.run && !m.Run.IsZero() {
					t.Fatalf("line %d: step %s of %s is left", n, m.Place.Step, m.Place.Protocol)
				}
			}
		case ">":
			told := strings.Join(words[1:], " ")
			if running == nil {
				running = b.running()
			}
			if len(running) == 0 || running[0].text != told {
				t.Fatalf("line %d: %q, what runs is %q", n, told, running)
			}
			if b.told != nil {
				b.told(running[0].clock)
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

// clockLine is a deadline as a timeline tells it.
type clockLine struct{ text, clock string }

// String implements fmt.Stringer.
func (c clockLine) String() string { return c.text }

// running tells every deadline that runs with what fixes it, soonest first; those that stand still come last.
func (b *table) running() []clockLine {
	out := []clockLine{}
	for _, r := range b.pack.Engine().Running(b.state) {
		basis := b.pack.Rule(r.Rule).Basis
		until := " before " + r.Due.Time().Format(time.RFC3339)
		if r.Still != nil {
			until = " stands still"
		}
		text := r.Name + " by " + r.Owner + until + " (" + strings.TrimSpace(basis.Text+" "+basis.Article) + ")"
		out = append(out, clockLine{text, r.Place.Protocol + " " + r.Name})
	}
	if len(out) == 0 {
		return []clockLine{{text: "nothing"}}
	}
	return out
}

// basisOf writes what a step rests on as text:article, joined by commas.
func basisOf(s *protocol.Step) string {
	if s == nil {
		return ""
	}
	var out []string
	for _, b := range s.Basis {
		out = append(out, b.Text+":"+b.Article)
	}
	return strings.Join(out, ",")
}

// values reads name=value: true or false, a number, a date, codes with a comma among or after them, the word of a file between
// angle brackets, or a code.
func values(t *testing.T, words []string) map[string]act.Value {
	t.Helper()
	out := map[string]act.Value{}
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			t.Fatalf("%q is no fact", w)
		}
		number, err := strconv.ParseInt(value, 10, 64)
		day, dayErr := time.Parse(time.DateOnly, value)
		switch {
		case value == "true" || value == "false":
			out[name] = act.OfBool(value == "true")
		case err == nil:
			out[name] = act.OfInt(number)
		case dayErr == nil:
			out[name] = act.OfDate(day)
		case strings.Contains(value, ","):
			out[name] = act.OfCodes(strings.FieldsFunc(value, func(c rune) bool { return c == ',' })...)
		case strings.HasPrefix(value, "<"):
			sum := sha256.Sum256([]byte(value))
			out[name] = act.OfID(act.ID(sum[:16]))
		default:
			out[name] = act.OfCode(value)
		}
	}
	return out
}
