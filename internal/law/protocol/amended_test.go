package protocol

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// days is a law of time in which every rule counts days.
type days map[string]int

func (d days) Due(rule string, start act.Instant) (act.Instant, error) {
	n, there := d[rule]
	if !there {
		return 0, errors.New("no such rule")
	}
	return start.Add(time.Duration(n) * 24 * time.Hour), nil
}

// DueOf moves the end by as long as the clock stood still.
func (d days) DueOf(rule string, start act.Instant, l Ledger) (act.Instant, error) {
	due, err := d.Due(rule, start)
	for _, x := range l.Spans {
		if x.To == Never {
			return 0, ErrStill
		}
		due += x.To - x.From
	}
	return due, err
}

func day(text string) act.Instant { t, _ := time.Parse(time.DateOnly, text); return act.InstantOf(t) }

func since(text string) *act.Instant { at := day(text); return &at }

func blocked(blocks []Block, want ...string) bool { return slices.Equal(keysOf(blocks), want) }

func keysOf(blocks []Block) []string {
	var out []string
	for _, b := range blocks {
		out = append(out, b.Key)
	}
	return out
}

// amended is a law whose procedure changed on the first of July 2026, which was known from the first of May. A third version,
// said on the first of October to be in force since the first of September, gives more time.
func amended() *Law {
	asked := gate.Gate{ID: "asked", Version: 1, Test: gate.Condition{ID: "asked", Op: gate.Done, Step: "hear"}}
	fine := &Measure{Fine, Addressee, Authority}
	block := &Measure{HostBlock, HostName, Operators}
	basis := []gate.Basis{{Text: "act"}}
	end, began, known := day("2026-07-01"), day("2026-07-01"), day("2026-05-01")
	third, told := day("2026-09-01"), day("2026-10-01")
	r := []string{"r"}
	return &Law{
		Version: "t@1", Time: days{"ten": 10, "four": 4, "twenty": 20, "own": 9, "own-short": 3}, Gates: []gate.Gate{asked},
		Duties:   map[string]bool{"own": true, "own-short": true},
		Texts:    []Text{{ID: "act", Status: gate.InForce, Verified: true, From: since("2020-01-01")}, {ID: "new-act", Status: gate.InForce, Verified: true, From: since("2026-07-01")}},
		Migrates: []string{"chief"},
		Protocols: []Protocol{
			{ID: "p", Version: 1, Sort: "case", Coercive: true, Validity: Validity{To: &end}, Steps: []Step{
				{ID: "open", Kind: "opened", By: r, Deadlines: []Deadline{
					{Name: "answer", Rule: "ten", Owner: "r", MetBy: []string{"hear"}, Lapses: "silent"},
					{Name: "file", Rule: "own", Owner: "r", MetBy: []string{"keep"}, Lapses: "unfiled"},
				}},
				{ID: "hear", Kind: KindHeard, By: r, After: After{All: []string{"open"}}},
				{ID: "keep", Kind: "kept", By: r, After: After{All: []string{"open"}}},
				{ID: "pledge", Kind: "pledged", By: r, After: After{All: []string{"open"}}},
				{ID: "draft", Kind: KindDrafted, Move: "draft", By: r, After: After{All: []string{"open"}}},
				{ID: "fine", Kind: "measured", By: r, After: After{All: []string{"open"}}, Gates: []string{"asked"}, Measure: fine, Basis: basis},
				{ID: "close", Kind: "closed", By: r, After: After{All: []string{"open"}}, Closes: true},
			}},
			{ID: "p", Version: 2, Sort: "case", Coercive: true, Validity: Validity{From: &began, Known: &known, Renames: map[string]string{"hear": "listen", "silent": "mute", "draft": "pen"}}, Steps: []Step{
				{ID: "open", Kind: "opened", By: r, Deadlines: []Deadline{
					{Name: "answer", Rule: "four", Owner: "r", MetBy: []string{"listen"}, Lapses: "mute"},
					{Name: "file", Rule: "own-short", Owner: "r", MetBy: []string{"keep"}, Lapses: "unfiled"},
				}},
				{ID: "listen", Kind: KindHeard, By: r, After: After{All: []string{"open"}}},
				{ID: "keep", Kind: "kept", By: r, After: After{All: []string{"open"}}},
				{ID: "pen", Kind: KindDrafted, Move: "draft", By: r, After: After{All: []string{"open"}}},
				{ID: "fine", Kind: "measured", By: r, After: After{All: []string{"open"}}, Measure: fine, Basis: basis},
				{ID: "block", Kind: "blocked", By: r, After: After{All: []string{"open"}}, Measure: block, Basis: basis},
				{ID: "close", Kind: "closed", By: r, After: After{All: []string{"open"}}, Closes: true},
			}},
			{ID: "p", Version: 3, Sort: "case", Coercive: true, Validity: Validity{From: &third, Known: &told}, Steps: []Step{
				{ID: "open", Kind: "opened", By: r, Deadlines: []Deadline{
					{Name: "answer", Rule: "twenty", Owner: "r", MetBy: []string{"listen"}, Lapses: "mute"},
					{Name: "file", Rule: "own", Owner: "r", MetBy: []string{"keep"}, Lapses: "unfiled"},
				}},
				{ID: "listen", Kind: KindHeard, By: r, After: After{All: []string{"open"}}},
				{ID: "keep", Kind: "kept", By: r, After: After{All: []string{"open"}}},
				{ID: "pen", Kind: KindDrafted, Move: "draft", By: r, After: After{All: []string{"open"}}},
				{ID: "fine", Kind: "measured", By: r, After: After{All: []string{"open"}}, Measure: fine, Basis: []gate.Basis{{Text: "new-act"}}},
				{ID: "close", Kind: "closed", By: r, After: After{All: []string{"open"}}, Closes: true},
			}},
		},
	}
}

// bench plays one file under a law.
type bench struct {
	*testing.T
	engine *Engine
	state  State
	now    act.Instant
	run    act.ID
}

func newBench(t *testing.T, law *Law, at string) *bench {
	t.Helper()
	e, err := New(law)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{T: t, engine: e, now: day(at), run: act.ID{6}}
}

func (b *bench) question(roles ...string) Question {
	return Question{State: &b.state, Sort: "case", Now: b.now, Roles: roles, Audience: func([]string) act.ID { return act.ID{2} }}
}

func (b *bench) place(step string) Place {
	p := Place{Protocol: "p", Step: step}
	if len(b.state.Procedures) > 0 {
		p.Run = b.run
	}
	return p
}

func (b *bench) fold(e *act.Envelope) {
	b.Helper()
	e.ID, e.File, e.Of, e.Audience, e.Thread, e.Pos, e.Version = act.ID{1, byte(b.state.Acts)}, act.ID{9}, "case", act.ID{2}, act.ID{3}, b.state.Acts, 1
	if e.Effective == 0 {
		e.Effective = b.now
	}
	err := b.state.Fold(e)
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) do(steps ...string) {
	b.Helper()
	for _, step := range steps {
		g, err := b.engine.Allow(b.question("r"), b.place(step))
		if err != nil {
			b.Fatal(err)
		}
		b.fold(&act.Envelope{Kind: g.Kind, Deadlines: g.Deadlines, Procedure: &act.Procedure{ID: b.run, Protocol: "p", Version: g.Version, Step: step}})
	}
}

func (b *bench) refusedFor(step string) []string {
	_, err := b.engine.Allow(b.question("r"), b.place(step))
	var r *Refusal
	if !errors.As(err, &r) {
		return nil
	}
	return keysOf(r.Blocks)
}

func (b *bench) migrate(to int) {
	b.Helper()
	m := b.engine.Migration(b.question("chief"), b.run, to)
	if !m.Open || len(m.Moved) != 1 {
		b.Fatalf("to version %d: %+v", to, m)
	}
	b.fold(&act.Envelope{Kind: KindMigrated, Facts: m.Moved[0].Facts})
}

func (b *bench) dues() map[string]string {
	out := map[string]string{}
	for _, r := range b.engine.Running(&b.state) {
		out[r.Name] = r.Due.Time().Format(time.DateOnly) + " " + r.Lapses
	}
	return out
}

// decides is everything the engine answers about a file, but for what migrations add to it.
func (b *bench) decides() []byte {
	var out bytes.Buffer
	for _, m := range b.engine.Possible(b.question("r")) {
		out.WriteString(m.Protocol + m.Place.Step)
		for _, x := range m.Blocks {
			out.WriteString(" " + x.Key)
		}
		for _, r := range m.Due {
			out.WriteString(" " + r.Name + r.Due.String())
		}
		out.WriteByte('\n')
	}
	return out.Bytes()
}
