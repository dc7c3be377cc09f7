package sanction

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Parts of the form of a draft, besides those that have the name of a fact.
const (
	partTargets  = "targets"
	partUnshared = "unshared"
	partReasons  = "reasons"
	ofForm       = "body." // how parts of a body are called on a form
)

// Place is a step of a procedure in a version of its law; version 0 is the newest.
type Place struct {
	Protocol string
	Version  int
	Step     string
}

// Drafted lists the rungs that may be decided over what a step drafts, in the order of the procedure; none where what it drafts
// is no measure.
func (l *Law) Drafted(at Place) []string {
	p := l.engine.Protocol(at.Protocol, at.Version)
	if p == nil {
		return nil
	}
	var out []string
	for i := range p.Steps {
		s := &p.Steps[i]
		if (s.Kind == KindDecided || s.Renews != "") && s.Signatures != nil && s.Signatures.Draft == at.Step {
			out = append(out, rungOf(s))
		}
	}
	return out
}

// rungOf is the rung that a step decides or prolongs.
func rungOf(s *protocol.Step) string {
	if s.Renews != "" {
		return s.Renews
	}
	return s.ID
}

// Asks says what the draft of one of some rungs asks for: which, where there are several; its last day and what it aims at,
// where some has any; and the reasons. The sum is the law's, and nobody is asked.
func (l *Law) Asks(at Place, rungs []string) []web.Ask {
	var out []web.Ask
	ask := func(name string, shape web.Shape, required bool, most int) {
		out = append(out, web.Ask{Name: name, Key: "sanction.ask." + name, Shape: shape, Required: required, Max: most})
	}
	if len(rungs) > 1 {
		ask(factRung, web.Line, true, 0)
	}
	some := func(has func(rung string) bool) bool { return slices.ContainsFunc(rungs, has) }
	if some(func(r string) bool { return l.rungs[r].longest != "" }) {
		ask(factExpires, web.Day, len(rungs) == 1, 0)
	}
	if some(func(r string) bool { return len(l.aimsOf(at, r)) > 0 }) {
		ask(partTargets, web.Lines, len(rungs) == 1, mostTarget)
	}
	if some(func(r string) bool { return slices.Contains(l.aimsOf(at, r), Address) }) {
		ask(partUnshared, web.Check, false, 0)
	}
	ask(partReasons, web.Area, true, mostReasons)
	return out
}

// mostTarget is how long a line that names a target may be, in characters: the name of a host has 253 at the most.
const mostTarget = 253

// aimsOf are the kinds of target a rung of a procedure has.
func (l *Law) aimsOf(at Place, rung string) []string {
	s := l.stepAt(at, rung)
	if s == nil {
		return nil
	}
	return targetKinds(s.Measure)
}

func (l *Law) stepAt(at Place, step string) *protocol.Step {
	p := l.engine.Protocol(at.Protocol, at.Version)
	if p == nil {
		return nil
	}
	return p.Step(step)
}

// form is a draft as it is filled in.
type form struct {
	Rung     string   `json:"rung"`
	Expires  string   `json:"expires_on"`
	Targets  []string `json:"targets"`
	Unshared bool     `json:"unshared"`
	Reasons  string   `json:"reasons"`
}

// PrepareDraft turns a draft as somebody filled it in into the content that is signed.
func (l *Law) PrepareDraft(at Place, rungs []string, a *act.Act, now act.Instant) ([]fault.Field, error) {
	var f form
	err := json.Unmarshal(a.Body, &f)
	if err != nil {
		return []fault.Field{{Name: ofForm + partReasons, Key: "sanction.body"}}, nil //nolint:nilerr // it is said beside what was typed
	}
	if len(rungs) == 1 {
		f.Rung = rungs[0]
	}
	step := l.stepAt(at, f.Rung)
	if !slices.Contains(rungs, f.Rung) || step == nil {
		return []fault.Field{{Name: ofForm + factRung, Key: "sanction.rung.choose"}}, nil
	}
	weight := l.rungs[f.Rung]
	c := Content{Rung: f.Rung, Amount: weight.amount, Expires: f.Expires, Reasons: strings.TrimSpace(f.Reasons)}
	kinds := targetKinds(step.Measure)
	for _, value := range f.Targets {
		t := Target{Value: strings.TrimSpace(value)}
		if len(kinds) > 0 {
			t.Kind = kinds[0]
		}
		t.Unshared = t.Kind == Address && f.Unshared
		c.Targets = append(c.Targets, t)
	}
	w := &wrong{}
	aims(w, step.Measure, c.Targets)
	longest := weight.longest
	if l.Renews(at) { // counted from the day on which the measure ends, which its renewal knows
		longest = ""
	}
	err = l.ends(w, inClear(&c), &c, longest, now, now)
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(c.Reasons) > mostReasons {
		w.At(partReasons, "sanction.reasons.long", map[string]any{"max": mostReasons})
	}
	a.Body, err = json.Marshal(&c)
	for i := range w.Fields {
		besideLines(&w.Fields[i])
	}
	return w.Fields, err
}

// besideLines puts what is wrong with a target beside the lines it stands among.
func besideLines(f *fault.Field) {
	n, found := strings.CutPrefix(f.Name, partTargets+".")
	line, err := strconv.Atoi(n)
	if found && err == nil {
		f.Name, f.Key, f.Args = partTargets, "sanction.line", lang.Args{"line": line, "why": lang.Key(f.Key)}
	}
	f.Name = ofForm + f.Name
}

// inClear is what a decision says in clear of a content.
func inClear(c *Content) act.Facts {
	facts := map[string]act.Value{factRung: act.OfCode(c.Rung)}
	if c.Amount != 0 {
		facts[factAmount] = act.OfInt(c.Amount)
	}
	if day, err := time.Parse(time.DateOnly, c.Expires); err == nil {
		facts[factExpires] = act.OfDate(day)
	}
	return act.NewFacts(facts)
}

// Carried are the facts of a decision that nobody is asked: the draft says them, and the day does.
func Carried() []string {
	return []string{factRung, factAmount, factExpires, protocol.FactNoticedOn, factImposed}
}

// Carry makes the act that decides a measure out of the draft that was signed: nobody types any of it again.
func (l *Law) Carry(draft []byte, a *act.Act) error {
	var d clerk.Draft
	err := json.Unmarshal(draft, &d)
	if err != nil {
		return fault.Invalid.New("sanction.unsigned").Because(fmt.Errorf("read a draft: %w", err))
	}
	c, err := ReadContent(d.Content)
	if err != nil {
		return fault.Invalid.New("sanction.body").Because(fmt.Errorf("read a measure's content: %w", err))
	}
	all := map[string]act.Value{}
	for _, f := range slices.Concat(a.Facts, inClear(c)) {
		all[f.Name] = f.Value
	}
	a.Facts, a.Body = act.NewFacts(all), draft
	return nil
}

// About lists the measures that an act of a step may be about, of a run and among those its viewer reads, the oldest first. The
// desk finds the measure by itself where there is one only.
func (l *Law) About(v *clerk.View, run act.ID, step *protocol.Step) []clerk.Recorded {
	fits := whatever
	switch step.Kind {
	case KindPaid:
		fits = func(s *protocol.Step) bool { return l.rungs[s.ID].amount > 0 }
	case KindExecuted:
		fits = carriedOut
	case KindLifted, KindAppealed, KindAppealRuled:
	default:
		return nil
	}
	var out []clerk.Recorded
	for _, a := range v.Acts {
		if a.Kind != KindDecided || a.Procedure == nil || a.Procedure.ID != run {
			continue
		}
		s := l.stepAt(Place{Protocol: a.Procedure.Protocol, Version: a.Procedure.Version}, a.Procedure.Step)
		if s != nil && fits(s) && (step.Lifts == "" || step.Lifts == s.ID) {
			out = append(out, a)
		}
	}
	return out
}
