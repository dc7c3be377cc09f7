package pack_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
)

// mend says how one gate of the pack is opened: by a fact said, or by something done. It is read off the gate's
// own tree, so that a gate added to the pack is tested without a line here.
type mend struct {
	fact  string
	value act.Value
	do    func(*table)
}

func mendOf(t *testing.T, p *pack.Pack, c *gate.Condition) mend {
	t.Helper()
	day := func(y int) act.Value { return act.OfDate(time.Date(y, 6, 1, 0, 0, 0, 0, time.UTC)) }
	other := func(fact string, except []string) act.Value {
		for i := range p.Facts {
			if p.Facts[i].ID != fact {
				continue
			}
			for _, w := range p.Words(p.Facts[i].List) {
				if !slices.Contains(except, w) {
					return act.OfCode(w)
				}
			}
		}
		t.Fatalf("no other word for %s", fact)
		return act.Value{}
	}
	switch c.Op {
	case gate.All:
		return mendOf(t, p, &c.Of[len(c.Of)-1])
	case gate.Any:
		return mendOf(t, p, &c.Of[0])
	case gate.Not:
		in := &c.Of[0]
		if in.Value.Type() == act.Bool {
			return mend{fact: in.Fact, value: act.OfBool(!in.Value.Bool())}
		}
		return mend{fact: in.Fact, value: other(in.Fact, in.Words)}
	case gate.Known:
		return mend{fact: c.Fact, value: day(2027)}
	case gate.Eq, gate.Ge, gate.Le:
		return mend{fact: c.Fact, value: c.Value}
	case gate.Ne:
		return mend{fact: c.Fact, value: other(c.Fact, []string{c.Value.Code()})}
	case gate.In:
		return mend{fact: c.Fact, value: act.OfCode(c.Words[0])}
	case gate.Has:
		return mend{fact: c.Fact, value: act.OfCodes(c.Words...)}
	case gate.Before:
		return mend{fact: c.Fact, value: day(2025)}
	case gate.LawInForce:
		return mend{fact: c.On[0], value: day(2025)}
	case gate.Done:
		return mend{do: func(b *table) {
			b.do("officer", "invite", nil)
			b.do("officer", c.Step, nil)
		}}
	case gate.Signed:
		return mend{do: func(b *table) {
			b.do("officer", c.Step, nil)
			b.do("head", "sign", nil)
			b.do("judge", "sign", nil)
		}}
	case gate.Elapsed:
		return mend{do: func(b *table) {
			b.do("officer", c.Step, nil)
			b.wait(10 * day24)
		}}
	}
	t.Fatalf("form %s is not handled", c.Op)
	return mend{}
}

const day24 = 24 * time.Hour

// For each gate of the invented pack: with everything else closed, its one mend opens it and no other; with all
// mended but it, it alone is closed; with all mended the step becomes possible, and only then.
func TestEachGateOpensAlone(t *testing.T) {
	t.Parallel()
	p := load(t, "xx")
	step := p.Engine().Protocol("xx.notice", 0).Step("find")
	begin := func(t *testing.T) *table {
		b := newTable(t, p)
		b.do("intake", "receive", map[string]act.Value{"minor": act.OfBool(true), "situation": act.OfCode("opinion")})
		b.do("officer", "acknowledge", nil)
		// Known and wrong: what is mended has to replace it.
		b.do("officer", "assess", map[string]act.Value{
			"aim": act.OfCode("image"), "reasons": act.OfBool(false), "tried": act.OfInt(0), "reached": act.OfInt(1001), "decider": act.OfCode("office"),
			"scope": act.OfCode("everything"), "checks": act.OfCodes("purpose"), "raw_export": act.OfBool(true), "child_weighed": act.OfBool(false),
			"observed_on": act.OfDate(time.Date(2019, 12, 31, 0, 0, 0, 0, time.UTC)), "told_on": act.OfDate(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)),
		})
		return b
	}
	apply := func(b *table, m mend) {
		if m.do != nil {
			m.do(b)
			return
		}
		b.do("officer", "assess", map[string]act.Value{m.fact: m.value})
	}
	closed := func(b *table) []string {
		var out []string
		for _, a := range b.move("find").Answers {
			if !a.Open {
				out = append(out, a.Gate)
			}
		}
		return out
	}
	mends := map[string]mend{}
	forms := map[gate.Op]bool{}
	for _, id := range step.Gates {
		mends[id] = mendOf(t, p, &p.Gate(id).Test)
		p.Gate(id).Test.Walk(func(c *gate.Condition) { forms[c.Op] = true })
	}
	for _, word := range gate.Ops() {
		if op, _ := gate.ParseOp(word); !forms[op] {
			t.Errorf("no gate of the pack takes the form %s", word)
		}
	}
	if got := closed(begin(t)); !slices.Equal(got, slices.Sorted(slices.Values(step.Gates))) {
		t.Fatalf("at first all should be closed, closed are %v", got)
	}
	for _, id := range step.Gates {
		t.Run(id+" mended alone", func(t *testing.T) {
			t.Parallel()
			b := begin(t)
			apply(b, mends[id])
			got := closed(b)
			want := slices.DeleteFunc(slices.Sorted(slices.Values(step.Gates)), func(g string) bool { return g == id })
			if !slices.Equal(got, want) {
				t.Fatalf("closed are %v, want %v", got, want)
			}
		})
		t.Run(id+" missing alone", func(t *testing.T) {
			t.Parallel()
			b := begin(t)
			for _, other := range step.Gates {
				if other != id {
					apply(b, mends[other])
				}
			}
			if id == "G-18" {
				b.do("officer", "draft", nil)
				b.do("head", "sign", nil)
			}
			m := b.move("find", "head")
			if m.Open || !slices.Equal(closed(b), []string{id}) {
				t.Fatalf("open %v, closed %v", m.Open, closed(b))
			}
			_, err := p.Engine().Allow(b.question("head"), b.place("find"))
			var r *protocol.Refusal
			if !errors.As(err, &r) || !slices.ContainsFunc(r.Blocks, func(x protocol.Block) bool { return x.Gate == id }) {
				t.Fatalf("refusal %v does not name %s", err, id)
			}
			for _, x := range r.Blocks {
				if _, worded := p.Message("fr", x.Key); x.Why == protocol.WhyGate && (!worded || len(x.Basis) == 0) {
					t.Errorf("block %+v is not worded, or has no basis", x)
				}
			}
			apply(b, mends[id])
			if m := b.move("find", "head"); !m.Open {
				t.Fatalf("all mended, still blocked by %+v", m.Blocks)
			}
			b.do("head", "find", nil)
		})
	}
}

// The whole procedure, with what is due when. Expected instants are worked out by hand from the pack's articles.
func TestGoldenTimeline(t *testing.T) {
	t.Parallel()
	p := load(t, "xx")
	b := newTable(t, p)
	var timeline []string
	say := func(format string, args ...any) {
		timeline = append(timeline, b.now.Time().Format("2006-01-02 15:04")+" "+fmt.Sprintf(format, args...))
	}
	running := func() string {
		var out []string
		for _, r := range p.Engine().Running(b.state) {
			out = append(out, fmt.Sprintf("%s due before %s by %s", r.Name, r.Due.Time().Format("2006-01-02 15:04"), r.Owner))
		}
		if out == nil {
			return "nothing runs"
		}
		return strings.Join(out, ", ")
	}
	b.do("intake", "receive", map[string]act.Value{"minor": act.OfBool(false), "situation": act.OfCode("contact")})
	say("received; %s", running())
	b.now = at("2026-03-09T23:59:59Z")
	say("lapses %v", b.lapse())
	// Tuesday 10 March is a holiday: Monday 2 + five working days is Monday 9.
	b.now = at("2026-03-10T00:00:00Z")
	say("lapses %v; %s", b.lapse(), running())
	b.do("officer", "acknowledge", nil)
	say("acknowledged late; lapses %v", b.lapse())
	b.do("officer", "assess", map[string]act.Value{"aim": act.OfCode("minors")})
	b.do("officer", "invite", nil)
	b.do("officer", "ask_opinion", nil)
	say("invited, opinion asked; %s", running())
	b.now = at("2026-03-19T10:00:00Z")
	b.do("officer", "hear", nil)
	say("heard; %s", running())
	b.now = at("2026-03-20T00:00:00Z")
	say("lapses %v; %s", b.lapse(), running())
	b.do("officer", "close", map[string]act.Value{"outcome": act.OfCode("unfounded")})
	say("closed; %s; %d moves", running(), len(p.Engine().Possible(b.question())))

	want := []string{
		// article 2: five working days
		"2026-03-02 09:00 received; acknowledgement due before 2026-03-10 00:00 by officer",
		"2026-03-09 23:59 lapses []",
		"2026-03-10 00:00 lapses [acknowledgement_lapsed]; nothing runs",
		"2026-03-10 00:00 acknowledged late; lapses []",
		// article 6: 240 hours; article 5: fifteen days
		"2026-03-10 00:00 invited, opinion asked; opinion due before 2026-03-20 00:00 by judge, observations due before 2026-03-26 00:00 by officer",
		"2026-03-19 10:00 heard; opinion due before 2026-03-20 00:00 by judge",
		"2026-03-20 00:00 lapses [opinion_lapsed]; nothing runs",
		"2026-03-20 00:00 closed; nothing runs; 0 moves",
	}
	if !slices.Equal(timeline, want) {
		t.Fatalf("timeline\n%s\nwant\n%s", strings.Join(timeline, "\n"), strings.Join(want, "\n"))
	}
	// What is stored is what folding the same envelopes again gives.
	again := &protocol.State{}
	for _, e := range b.log {
		if err := again.Fold(e); err != nil {
			t.Fatal(err)
		}
	}
	if string(again.AppendBinary(nil)) != string(b.state.AppendBinary(nil)) {
		t.Fatal("folding again gives another state")
	}
}
