package pack_test

import (
	"errors"
	"slices"
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
	case gate.Nowhere:
		return mend{fact: c.Fact, value: other(c.Fact, c.Words)}
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
		if op, _ := gate.ParseOp(word); op != gate.Nowhere && op != gate.Elsewhere && !forms[op] { // those are about several procedures of a file: timelines have it
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
