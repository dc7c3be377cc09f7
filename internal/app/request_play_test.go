package app

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/request"
	"sanad/internal/kit/fault"
	"sanad/internal/office/cases"
)

// Golden timelines of the invented country's procedures, on a real clerk: what is done when, and every clock that runs then with
// the article that fixes it. They are written by hand and never made again by a program.
func TestTimelinesOfCases(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/timelines/xx_*.txt")
	if err != nil || len(scripts) < 6 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".txt"), func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, url string) { newDesks(t, url, "xx").playScript(script) })
		})
	}
}

// playScript plays one timeline. Words: `at TIME`, `do SEAT PROTOCOL STEP`, `new SEAT SORT PROTOCOL STEP`, `lapse NAMES` (what the
// clocks record by themselves), `climb RUNG` (ponder, draft,
// three signatures, decision), `rungs WORDS` (the picture), `platform` (the platform's own file), `closed`, `> CLOCK` (all that runs, in order), `record WORDS` (how the platform answered).
func (o *desks) playScript(script string) {
	o.t.Helper()
	f, err := os.Open(script)
	if err != nil {
		o.t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	lines := bufio.NewScanner(f)
	var running []string
	told := false
	for n := 1; lines.Scan(); n++ {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if words[0] != ">" && told && len(running) > 0 {
			o.t.Fatalf("line %d: these run too: %q", n, running)
		}
		if words[0] != ">" {
			told = false
		}
		switch words[0] {
		case "at":
			at, err := time.Parse(time.RFC3339, words[1])
			if err != nil || at.Before(o.c.now()) {
				o.t.Fatalf("line %d: %v", n, err)
			}
			o.c.move(at.Sub(o.c.now()))
		case "do":
			cmd := o.routine(words[1], words[2], words[3])
			if len(words) > 4 { // the rung it is about
				cmd.Act.Cites = []act.ID{o.rungs()[words[4]]}
			}
			o.must(cmd)
		case "climb":
			o.climb(words[1])
		case "rungs":
			if got := o.pictured(); !slices.Equal(got, words[1:]) {
				o.t.Fatalf("line %d: the ladder shows %v", n, got)
			}
		case "platform":
			o.file = o.platform
		case "new":
			o.file, o.runs = act.ID{}, map[string]act.ID{}
			cmd := o.routine(words[1], words[3], words[4])
			cmd.Of = words[2]
			o.file = o.must(cmd).File
		case "lapse":
			if got := o.lapsed(); !slices.Equal(got, words[1:]) {
				o.t.Fatalf("line %d: lapsed are %v", n, got)
			}
		case "refused":
			if got := o.closed(o.routine(words[1], words[2], words[3])); !slices.Equal(got, words[4:]) {
				o.t.Fatalf("line %d: refused for %v", n, got)
			}
		case "record":
			if got := jsonOf(o.t, o.record("xx-envoy-1", o.platform)); got != strings.Join(words[1:], " ") {
				o.t.Fatalf("line %d: the record is %s", n, got)
			}
		case "migrate", "stays", "version", "another":
			o.versions(n, words)
		case "closed":
			for _, m := range o.view("xx-officer-1").Moves {
				if !m.Run.IsZero() && m.Protocol != "xx.case" {
					o.t.Fatalf("line %d: %s is left", n, m.Place.Step)
				}
			}
		case ">":
			if !told {
				running, told = o.running("xx-envoy-1"), true
				if len(running) == 0 {
					running = []string{"nothing"}
				}
			}
			want := strings.Join(words[1:], " ")
			if len(running) == 0 || running[0] != want {
				o.t.Fatalf("line %d: %q, what runs is %q", n, want, running)
			}
			running = running[1:]
		default:
			o.t.Fatalf("line %d: %q is no word of a timeline", n, words[0])
		}
	}
	if told && len(running) > 0 {
		o.t.Fatalf("these run too: %q", running)
	}
	o.h.checkpoint(o.t)
	if r := o.h.verify(o.t); len(r.Problems) > 0 {
		o.t.Fatalf("%+v", r.Problems)
	}
}

// pictured is the picture of the ladder, as words.
func (o *desks) pictured() []string {
	o.t.Helper()
	var out []string
	for _, r := range o.ladder.Ladder(o.view("xx-tribune-1")) {
		out = append(out, r.Word+"="+r.State)
	}
	return out
}

// lapsed lets the clock record what ran out, and names it.
func (o *desks) lapsed() []string {
	o.t.Helper()
	seat := "xx-envoy-1"
	before := len(o.view(seat).Acts)
	o.tick()
	names := []string{}
	for _, a := range o.view(seat).Acts[before:] {
		if a.Kind == act.DeadlineLapsed {
			names = append(names, a.Procedure.Step)
		}
	}
	return names
}

// A second request of the same case opens nothing of the first: each has its own facts, leave and clocks.
func TestRequestsOfACaseAreApart(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	content := map[string]act.Value{"data": act.OfCodes("messages")}
	o.drawn(content)
	o.do("xx-arbiter-1", "xx.demand", "allow", map[string]act.Value{"leave": act.OfBool(true)}, harmless)
	o.step("xx-envoy-1", "xx.demand", "dispatch")
	allowed := o.runs["xx.demand"]
	o.drawn(content)
	if got := o.closed(o.routine("xx-envoy-1", "xx.demand", "dispatch")); !slices.Equal(got, []string{"D-08"}) {
		t.Fatalf("the leave of one request: the other is closed by %v", got)
	}
	stages := map[act.ID]string{}
	for _, r := range o.requests("xx-envoy-1") {
		stages[r.Run] = r.Stage
	}
	if len(stages) != 2 || stages[allowed] != request.StageServed || stages[o.runs["xx.demand"]] != request.StagePreserved {
		t.Fatalf("%v", stages)
	}
	if len(o.requests("xx-herald-1")) != 0 {
		t.Fatal("who may not read the case sees its requests")
	}
}

// For each gate of a dispatch: with its one fact spoiled the dispatch is refused by that gate alone; with all mended it leaves.
// D-02 and D-04 are never reached: the desk refuses an offence off the list and a name too many before anything is recorded.
func TestEachGateOfARequestAlone(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	none := act.Value{}
	unrepresented := o.enrol(false)
	for _, c := range []struct {
		gate    string
		changes map[string]act.Value
		step    string
		mend    func()
	}{
		{"D-05", map[string]act.Value{"purpose": act.OfBool(false)}, "dispatch", nil},
		{"D-06", map[string]act.Value{"dpa_receipt": none}, "dispatch", nil},
		{"D-07", map[string]act.Value{"already_held": act.OfBool(false)}, "dispatch", nil},
		{"D-08", map[string]act.Value{"data": act.OfCodes("place")}, "dispatch", o.allowed},
		{"D-09", map[string]act.Value{"protected": act.OfCode("lawyer")}, "dispatch", o.allowed},
		{"D-10", map[string]act.Value{"confidential_until": none}, "dispatch", nil},
		{"D-11", map[string]act.Value{"platform": act.OfID(unrepresented)}, "dispatch", nil},
		{"D-13", map[string]act.Value{"urgent": act.OfBool(false)}, "dispatch_now", nil},
	} {
		o.openCase("contact")
		o.drawn(c.changes)
		if c.step == "dispatch_now" {
			o.do("xx-warden-1", "xx.demand", "vouch", map[string]act.Value{"urgency": act.OfBool(true)}, harmless)
		}
		if got := o.closed(o.routine("xx-envoy-1", "xx.demand", c.step)); !slices.Equal(got, []string{c.gate}) {
			t.Errorf("with %s spoiled %s is closed by %v", c.gate, c.step, got)
		}
		if c.mend != nil {
			c.mend()
			o.step("xx-envoy-1", "xx.demand", c.step)
		}
	}
	o.openCase("contact")
	o.drawn(nil)
	o.weather(true)
	if got := o.closed(o.routine("xx-envoy-1", "xx.demand", "dispatch")); !slices.Equal(got, []string{"D-12"}) {
		t.Errorf("in a storm it is closed by %v", got)
	}
	o.weather(false)
	o.step("xx-envoy-1", "xx.demand", "dispatch")
	cmd := o.routine("xx-envoy-1", "xx.demand", "draw_up")
	cmd.File, cmd.Of, cmd.Seen, cmd.Procedure = act.ID{}, cases.Sort, 0, act.ID{}
	if got := o.closed(cmd); !slices.Equal(got, []string{"D-03"}) {
		t.Errorf("where nobody said what the case is about it is closed by %v", got)
	}
	// A law that is no law yet closes every step that rests on it, whatever else is mended.
	folder := copyPack(t, map[string]packEdit{"texts.yaml": {"status: in_force\n    verified: true\n    in_force_from: \"2021-06-01\"", "status: bill\n    verified: true"}})
	b := newDesks(t, "", folder)
	if got := b.closed(b.routine("xx-envoy-1", "xx.demand", "draw_up")); !slices.Equal(got, []string{"D-01", "law"}) {
		t.Errorf("under a bill it is closed by %v", got)
	}
}

func (o *desks) allowed() {
	o.t.Helper()
	o.do("xx-arbiter-1", "xx.demand", "allow", map[string]act.Value{"leave": act.OfBool(true)}, harmless)
}

// What the sealed body lists is what is said in clear, and an order to keep data ends when the law says at the latest.
func TestPreparedContradicts(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	day := func(n int) act.Value { return act.OfDate(o.c.now().AddDate(0, 0, n)) }
	two := `{"identifiers":[{"kind":"account","value":"a_1"},{"kind":"account","value":"a_2"}],"reasons":"r"}`
	for _, c := range []struct {
		name, step string
		changes    map[string]act.Value
		body       string
		field, key string
	}{
		{"two listed, one said", "draw_up", nil, two, "identifiers", "request.identifiers.count"},
		{"one listed, two said", "draw_up", map[string]act.Value{"identifiers": act.OfInt(2)}, oneAccount, "identifiers", "request.identifiers.count"},
		{"nobody is to be told for ever", "draw_up", map[string]act.Value{"confidential_until": day(125)}, oneAccount, "confidential_until", "request.end.long"},
		{"told yesterday", "draw_up", map[string]act.Value{"confidential_until": day(-1)}, oneAccount, "confidential_until", "request.end.past"},
		{"kept a day too long", "hold_data", map[string]act.Value{"expires_on": day(46)}, oneAccount, "expires_on", "request.end.long"},
		{"kept until yesterday", "hold_data", map[string]act.Value{"expires_on": day(-1)}, oneAccount, "expires_on", "request.end.past"},
		{"held at another platform", "hold_data", map[string]act.Value{"platform": act.OfID(act.ID{9})}, oneAccount, "platform", "request.changed"},
		{"held for another offence", "hold_data", map[string]act.Value{"offence": act.OfCode("peril")}, oneAccount, "offence", "request.changed"},
		{"no reasons", "draw_up", nil, `{"identifiers":[{"kind":"account","value":"a_1"}],"reasons":" "}`, "reasons", "request.reasons.missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o.openCase("contact")
			facts := o.prepared()
			if c.step == "hold_data" {
				o.do("xx-envoy-1", "xx.demand", "draw_up", facts, oneAccount)
				facts = o.held()
			}
			_, err := o.try(o.command("xx-envoy-1", "xx.demand", c.step, altered(facts, c.changes), c.body))
			e := fault.Of(err)
			if e == nil || e.Code != fault.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != c.field || e.Fields[0].Key != c.key {
				t.Fatalf("%v", err)
			}
		})
	}
	o.openCase("contact")
	o.do("xx-envoy-1", "xx.demand", "draw_up", altered(o.prepared(), map[string]act.Value{"confidential_until": day(122)}), oneAccount)
	o.do("xx-envoy-1", "xx.demand", "hold_data", altered(o.held(), map[string]act.Value{"expires_on": day(45)}), oneAccount)
}

// Changing one time in a copy of the pack moves the date, and no other.
func TestOneDeadlineMoves(t *testing.T) {
	t.Parallel()
	due := func(packed string) map[string]string {
		o := newDesks(t, "", packed)
		o.drawn(nil)
		o.step("xx-envoy-1", "xx.demand", "dispatch")
		out := map[string]string{}
		for _, line := range o.running("xx-envoy-1") {
			name, rest, _ := strings.Cut(line, " by ")
			out[name] = rest
		}
		return out
	}
	if got := due("xx")["reply"]; got != "envoy before 2026-03-10T00:00:00Z (xx-demand-act 7)" {
		t.Fatalf("the pack as it is: %s", got)
	}
	folder := copyPack(t, map[string]packEdit{"rules.yaml": {"{id: reply, count: 5, mode: working-days,", "{id: reply, count: 6, mode: working-days,"}})
	// One working day more: Notice Day, 10 March, does not count.
	if got := due(folder)["reply"]; got != "envoy before 2026-03-12T00:00:00Z (xx-demand-act 7)" {
		t.Fatalf("six working days: %s", got)
	}
}
