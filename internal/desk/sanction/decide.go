package sanction

import (
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/text"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Facts of this desk's acts.
const (
	factPlatform = "platform"
	factRung     = protocol.FactRung
	factAmount   = "amount"
	factExpires  = "expires_on"
	factImposed  = "imposed_on" // the day a measure was decided
	factFinal    = "fine_final" // a fine stands for good
	factPaid     = "paid"
	factAlerts   = "alerts"
	factSources  = "alert_sources"
	factDays     = "alert_days"
	factFrom     = "facts_from"
	factFailures = "failures"
	factAppeal   = "appeal"
	factStay     = "stay_asked"
	factLeft     = "amount_left" // the sum to which a court lowered the one decided
)

// Lists of a pack that say what a ruling on an appeal does.
const (
	listAnnuls  = "appeal_annuls"
	listStays   = "appeal_stays"
	listReduces = "appeal_reduces"
	listUpholds = "appeal_upholds"
)

// Deciders returns what this desk decides, by kind of act. They are pure.
func (l *Law) Deciders() map[string]clerk.Decide {
	return map[string]clerk.Decide{
		KindOpened: l.accuse, KindWeighed: l.weigh, KindKnowledge: l.know, KindDecided: l.impose, KindRenewed: l.renew, KindPaid: l.pay,
		KindExecuted: l.about(KindExecuted, carriedOut), KindLifted: l.lift, KindAppealed: l.lodge,
		KindAppealRuled: l.ruled,
	}
}

// wrong gathers what is wrong with a command.
type wrong struct{ fault.Wrong }

// decided is the command's own act where nothing is wrong with it.
func (w *wrong) decided(cmd *clerk.Command, kind string) ([]act.Act, error) {
	err := w.Err("sanction.invalid")
	if err != nil {
		return nil, err
	}
	a := cmd.Act
	a.Kind = kind
	return []act.Act{a}, nil
}

// accuse decides the opening of a procedure: in an open case, against the platform that the case is about.
func (l *Law) accuse(s *protocol.State, cmd *clerk.Command, now act.Instant) ([]act.Act, error) {
	err := l.open(s)
	if err != nil {
		return nil, err
	}
	w := &wrong{}
	platform, _ := cmd.Act.Facts.Get(factPlatform)
	against, is := platform.ID()
	switch {
	case !is:
		w.At(factPlatform, "sanction.platform.missing", nil)
	case l.elsewhere(s, platform):
		w.At(factPlatform, "sanction.platform.other", nil)
	}
	from, _ := cmd.Act.Facts.Get(factFrom)
	day, is := from.Date()
	if !is || l.engine.Law().Time.DayStart(day) > now {
		w.At(factFrom, "sanction.from", nil)
	}
	shown, err := l.fails(w, cmd, against, now)
	if err != nil {
		return nil, err
	}
	out, err := w.decided(cmd, KindOpened)
	if err == nil && shown > 0 {
		out[0].Facts = act.NewFacts(with(cmd.Act.Facts, factFailures, act.OfInt(int64(shown))))
	}
	return out, err
}

// weigh decides what is weighed before a measure. What the pack has somebody else say, a court above all, nobody weighs.
func (l *Law) weigh(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	w := &wrong{}
	for _, f := range cmd.Act.Facts {
		if slices.Contains(l.Unweighed(), f.Name) {
			w.At(f.Name, "sanction.weighed.other", nil)
		}
	}
	return w.decided(cmd, KindWeighed)
}

// elsewhere reports whether the case, or a procedure that it has only once, is about another platform.
func (l *Law) elsewhere(s *protocol.State, platform act.Value) bool {
	for i := range s.Facts {
		f := &s.Facts[i]
		if f.Name != factPlatform || f.Value.Equal(platform) {
			continue
		}
		r := s.Run(f.Run)
		if r == nil {
			return true
		}
		p := l.engine.Protocol(r.Protocol, r.Version)
		if p == nil || !p.Many {
			return true
		}
	}
	return false
}

// impose decides a measure: what is written in clear, what was signed, and what the pack lets the rung weigh are one and the
// same.
func (l *Law) impose(_ *protocol.State, cmd *clerk.Command, now act.Instant) ([]act.Act, error) {
	if cmd.Grant == nil || cmd.Grant.Step == nil {
		return nil, errors.New("a measure is decided by a step of a protocol only")
	}
	content, err := l.signed(cmd)
	if err != nil {
		return nil, err
	}
	w := &wrong{}
	step := cmd.Grant.Step
	facts := cmd.Act.Facts
	rung, _ := facts.Get(factRung)
	if rung.Code() != step.ID || content.Rung != step.ID {
		w.At(factRung, "sanction.rung", nil)
	}
	weight := l.rungs[step.ID]
	amount, said := facts.Get(factAmount)
	switch {
	case amount.Int() != content.Amount || said && amount.Type() != act.Int:
		w.At(factAmount, "sanction.content.amount", nil)
	case content.Amount != weight.amount:
		w.At(factAmount, "sanction.amount", map[string]any{"amount": weight.amount})
	}
	taken := now
	if cmd.Act.Effective != 0 {
		taken = cmd.Act.Effective
	}
	err = l.ends(w, facts, content, weight.longest, now, taken)
	if err != nil {
		return nil, err
	}
	aims(w, step.Measure, content.Targets)
	reasoned(w, content.Reasons)
	if !content.letterAgrees() {
		w.At("letter", "sanction.letter", nil)
	}
	on := l.dated(w, cmd, taken)
	out, err := w.decided(cmd, KindDecided)
	if err != nil {
		return nil, err
	}
	out[0].Facts = on
	return out, nil
}

// dated adds the day of the decision, in legal time. It is the day of the act and no other: a day that somebody could choose would
// open the next measure before its time. The day of a notice, or of a duty, is not the decision's to say, but its notification's.
func (l *Law) dated(w *wrong, cmd *clerk.Command, taken act.Instant) act.Facts {
	day := act.OfDate(l.engine.Day(taken))
	all := map[string]act.Value{}
	for _, f := range cmd.Act.Facts {
		all[f.Name] = f.Value
	}
	for _, name := range []string{factImposed, protocol.FactNoticedOn, protocol.FactObligedOn} {
		given, there := all[name]
		if there && (name != factImposed || !given.Equal(day)) {
			w.At(name, "sanction.day", nil)
		}
	}
	all[factImposed] = day
	return act.NewFacts(all)
}

// reasoned checks that reasons are there, and are no book.
func reasoned(w *wrong, reasons string) {
	switch n := utf8.RuneCountInString(reasons); {
	case text.Empty(reasons) || !utf8.ValidString(reasons):
		w.At("reasons", "sanction.reasons.missing", nil)
	case text.HasControl(reasons):
		w.At("reasons", "web.field.text", map[string]any{"field": "reasons"})
	case n > mostReasons:
		w.At("reasons", "sanction.reasons.long", map[string]any{"max": mostReasons})
	}
}

// ends checks the last day of a measure: signed as it is said, after today, and within what the pack allows at the longest, counted
// from some instant.
func (l *Law) ends(w *wrong, facts act.Facts, content *Content, rule string, now, from act.Instant) error {
	v, said := facts.Get(factExpires)
	day, is := v.Date()
	if said != (content.Expires != "") || is && day.Format(time.DateOnly) != content.Expires {
		w.At(factExpires, "sanction.content.expires", nil)
		return nil
	}
	if !said {
		if rule != "" {
			w.At(factExpires, "sanction.expires.missing", nil)
		}
		return nil
	}
	start := l.engine.Law().Time.DayStart(day)
	if !is || start <= now {
		w.At(factExpires, "sanction.expires.past", nil)
		return nil
	}
	if rule == "" {
		return nil
	}
	longest, err := l.engine.Law().Time.Due(rule, from)
	if err != nil {
		return fmt.Errorf("rule %s: %w", rule, err)
	}
	if start >= longest {
		w.At(factExpires, "sanction.expires.long", map[string]any{"rule": lang.Key("rule." + rule), "last": lang.Day(protocol.LastDay(l.engine.Law().Time, longest))})
	}
	return nil
}

// aims checks what a measure aims at: nothing where it addresses the party itself, exact things of its kind otherwise.
func aims(w *wrong, m *protocol.Measure, targets []Target) {
	kinds := targetKinds(m)
	switch {
	case len(kinds) == 0 && len(targets) > 0:
		w.At("targets", "sanction.targets.none", nil)
		return
	case len(kinds) > 0 && len(targets) == 0:
		w.At("targets", "sanction.targets.missing", nil)
		return
	case len(targets) > mostTargets:
		w.At("targets", "sanction.targets.many", map[string]any{"max": mostTargets})
		return
	}
	seen := map[string]bool{}
	for i := range targets {
		field := fmt.Sprintf("targets.%d", i+1)
		key, canonical := targets[i].check()
		switch {
		case key != "":
			w.At(field, key, nil)
		case !slices.Contains(kinds, targets[i].Kind):
			w.At(field, "sanction.target.kind", nil)
		case seen[canonical]:
			w.At(field, "sanction.target.twice", nil)
		default:
			seen[canonical] = true
		}
	}
}

// pay decides a payment: of a rung that demands one, once its whole sum is in. A part of it stops no clock.
func (l *Law) pay(s *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	cites, step, err := l.measureOf(s, cmd.Procedure, "", cmd.Act.Cites, func(s *protocol.Step) bool { return l.rungs[s.ID].amount > 0 })
	if err != nil {
		return nil, err
	}
	w := &wrong{}
	paid, _ := cmd.Act.Facts.Get(factPaid)
	due := l.rungs[step].amount
	for _, id := range cites {
		if left := l.Left(cmd.Course, id); left > 0 { // a court may have lowered it
			due = left
		}
	}
	if paid.Int() != due {
		w.At(factPaid, "sanction.paid", map[string]any{"amount": due})
	}
	acts, err := w.decided(cmd, KindPaid)
	if err != nil {
		return nil, err
	}
	acts[0].Cites = cites
	return acts, nil
}

// whatever fits every measure.
func whatever(*protocol.Step) bool { return true }

// carriedOut fits measures that somebody else than the authority carries out.
func carriedOut(s *protocol.Step) bool {
	return s.Measure != nil && s.Measure.Executor != protocol.Authority
}

// about decides an act that follows up one measure, and makes it cite that measure. Only the report of who carried it out may go
// without, where its readers are others than those of the decision: executors read their order and nothing of the proceeding, and
// no citation tells them of it.
func (l *Law) about(kind string, fits func(*protocol.Step) bool) clerk.Decide {
	return func(s *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
		return l.ofMeasure(kind, fits, s, cmd)
	}
}

// readAlike reports whether some measure of the run is read by those who will read the act to be done.
func (l *Law) readAlike(s *protocol.State, cmd *clerk.Command) bool {
	r := s.Run(cmd.Procedure)
	if r == nil || cmd.Grant == nil {
		return true
	}
	return slices.ContainsFunc(r.Events, func(e protocol.Event) bool {
		step := l.engine.StepOf(r, e.Step)
		return step != nil && step.Kind == KindDecided && s.Threads[e.Thread].Audience == cmd.Grant.Interned
	})
}

// ofMeasure makes an act about a measure of the run, which it cites where it can.
func (l *Law) ofMeasure(kind string, fits func(*protocol.Step) bool, s *protocol.State, cmd *clerk.Command) ([]act.Act, error) {
	if kind == KindExecuted && len(cmd.Act.Cites) == 0 && !l.readAlike(s, cmd) {
		a := cmd.Act
		a.Kind = kind
		return []act.Act{a}, nil
	}
	lifts := ""
	if cmd.Grant != nil && cmd.Grant.Step != nil {
		lifts = cmd.Grant.Step.Lifts
	}
	cites, _, err := l.measureOf(s, cmd.Procedure, lifts, cmd.Act.Cites, fits)
	if err != nil {
		return nil, err
	}
	a := cmd.Act
	a.Kind, a.Cites = kind, cites
	return []act.Act{a}, nil
}
