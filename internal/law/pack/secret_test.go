package pack_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// What some readers of the act may not know opens no gate for it, and no answer tells that it exists.
func TestHiddenFactsStayUnknown(t *testing.T) {
	t.Parallel()
	p := load(t, "xx")
	b := newTable(t, p)
	// No child is involved: everything is told to handling alone.
	b.do("intake", "receive", map[string]act.Value{"minor": act.OfBool(false), "situation": act.OfCode("contact")})
	b.do("officer", "acknowledge", nil)
	b.do("officer", "assess", map[string]act.Value{"aim": act.OfCode("minors"), "reasons": act.OfBool(true)})
	open := func() []string {
		var out []string
		for _, a := range b.move("find").Answers {
			if a.Open {
				out = append(out, a.Gate)
			}
		}
		return out
	}
	if got := open(); !slices.Equal(got, []string{"G-02", "G-03", "G-16"}) {
		t.Fatalf("open are %v", got)
	}
	// A child appears: from here on acts are for handling and child, who read what handling alone was told.
	b.do("officer", "assess", map[string]act.Value{"minor": act.OfBool(true), "aim": act.OfCode("safety")})
	if got := b.move("find").Audience; !slices.Equal(got, []string{"child", "handling"}) {
		t.Fatalf("audience is %v", got)
	}
	if got := open(); !slices.Equal(got, []string{"G-02", "G-03", "G-16"}) {
		t.Fatalf("open are %v", got)
	}
	// It was a mistake: acts are for handling alone again, who may not read the last aim. The older one they
	// could read is not the truth any more, so that it is unknown, and nothing of the hidden act is told.
	b.do("officer", "assess", map[string]act.Value{"minor": act.OfBool(false)})
	if got := b.move("find").Audience; !slices.Equal(got, []string{"handling"}) {
		t.Fatalf("audience is %v", got)
	}
	if got := open(); !slices.Equal(got, []string{"G-03", "G-16"}) {
		t.Fatalf("open are %v", got)
	}
	for _, x := range b.move("find").Blocks {
		if x.Gate == "G-02" && (x.Outcome != "unknown" || slices.ContainsFunc(x.Args, func(a protocol.Arg) bool { return a.Name == "have" })) {
			t.Fatalf("the refusal tells of what is hidden: %+v", x)
		}
	}
	// Without a word on who reads what, only the act's own audience is read.
	q := b.question()
	q.Reads = nil
	for _, m := range p.Engine().Possible(q) {
		if m.Place.Step == "publish" && m.Open {
			t.Fatal("a public act came out of secrets")
		}
	}
}

func TestRolesAndPersons(t *testing.T) {
	t.Parallel()
	p := load(t, "xx")
	b := newTable(t, p)
	b.do("intake", "receive", map[string]act.Value{"minor": act.OfBool(true)})
	refused := func(want protocol.Why, q protocol.Question, step string) {
		t.Helper()
		_, err := p.Engine().Allow(q, b.place(step))
		r, ok := errors.AsType[*protocol.Refusal](err)
		if !ok || !slices.ContainsFunc(r.Blocks, func(x protocol.Block) bool { return x.Why == want }) {
			t.Fatalf("%s: %v, want %s", step, err, want)
		}
		if !strings.Contains(r.Error(), string(want)) {
			t.Fatalf("%q does not say %s", r, want)
		}
	}
	refused(protocol.WhyRole, b.question("intake"), "acknowledge")
	refused(protocol.WhyRole, b.question(), "acknowledge")
	refused(protocol.WhyOrder, b.question("officer"), "assess")
	refused(protocol.WhyDone, b.question("intake"), "receive")
	refused(protocol.WhyUnknown, b.question("officer"), "dance")
	refused(protocol.WhyDraft, b.question("head"), "sign")
	b.do("officer", "acknowledge", nil)
	b.do("officer", "assess", nil)
	b.do("officer", "draft", nil)
	b.do("head", "sign", nil)
	q := b.question("judge")
	q.Person = b.person("head")
	refused(protocol.WhySigned, q, "sign")
	refused(protocol.WhySignatures, b.question("head"), "find")
	b.do("officer", "close", nil)
	refused(protocol.WhyClosed, b.question("officer"), "assess")
	fresh := b.question("officer")
	_, err := p.Engine().Allow(fresh, protocol.Place{Protocol: "xx.notice", Step: "receive"})
	if err == nil {
		t.Fatal("a second run was opened")
	}
}
