package console

import (
	"errors"
	"slices"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
)

// askEarlier asks when it happened, of a step that may be told late, and which act of the file shows it.
func (s *sheet) askEarlier(law *protocol.Law, ask Asking) {
	if !law.ToldLate(s.step) || ask.View == nil || len(ask.View.Acts) == 0 {
		return
	}
	s.floor = s.words.followed(&ask)
	const most = 50
	acts := ask.View.Acts[max(0, len(ask.View.Acts)-most):]
	var shown []web.Pick
	for i := range acts {
		a := &acts[len(acts)-1-i]
		name := s.words.named(a)
		shown = append(shown, web.Pick{Value: a.ID.String(), Key: name.Key, Args: name.Args})
	}
	s.add(question{Field: web.Field{Name: nameEffective, Key: "file.earlier.at", Optional: true, Type: "datetime-local"}, shape: shapeField, later: true})
	s.add(question{Field: web.Field{Name: nameShown, Key: "file.earlier.shown", Optional: true}, shape: shapePick, picks: shown, later: true})
}

// followed is when what a step follows in its run had happened, as far as the mandate may read it: no answer came before its
// question, no receipt before what was sent, and no procedure of a file before the file.
func (w words) followed(ask *Asking) time.Time {
	first := map[string]act.Instant{} // when each step of the run happened, the first time
	began := ask.View.Acts[0].Effective
	for _, a := range ask.View.Acts {
		began = min(began, a.Effective)
		if a.Procedure == nil || ask.Place.Run.IsZero() || a.Procedure.ID != ask.Place.Run {
			continue
		}
		before, again := first[a.Procedure.Step]
		if !again || a.Effective < before {
			first[a.Procedure.Step] = a.Effective
		}
	}
	var last, soonest act.Instant
	for _, step := range ask.Step.After.All {
		last = max(last, first[step])
	}
	for _, step := range ask.Step.After.Any {
		at, happened := first[step]
		if happened && (soonest == 0 || at < soonest) {
			soonest = at
		}
	}
	last = max(last, soonest)
	if ask.Place.Run.IsZero() {
		last = began
	}
	if last == 0 {
		return time.Time{}
	}
	return w.when(last)
}

// dates says beside which fields of a form a refusal belongs that is about nothing but a date, or about saying that nobody was heard
// or that a receipt is presumed: what was filled in is shown again with it. It is nil where anything else blocks the step, too.
func (w words) dates(protocolID string, err error) []fault.Field {
	var refusal *protocol.Refusal
	if !errors.As(err, &refusal) {
		return nil
	}
	var out []fault.Field
	for i := range refusal.Blocks {
		b := &refusal.Blocks[i]
		m := w.block(protocolID, b)
		switch b.Why {
		case protocol.WhyEarlier, protocol.WhyBegan, protocol.WhyHere:
			out = append(out, fault.Field{Name: nameEffective, Key: m.Key, Args: m.Args})
		case protocol.WhySilent:
			out = append(out, fault.Field{Name: factPrefix + protocol.FactHeard, Key: m.Key, Args: m.Args})
		case protocol.WhyPresumed:
			out = append(out, fault.Field{Name: factPrefix + protocol.FactReceipt, Key: m.Key, Args: m.Args})
		default:
			return nil
		}
	}
	return out
}

// typed reports whether somebody wrote anything into what is asked of earlier times.
func typed(all []input) bool {
	return slices.ContainsFunc(all, func(i input) bool {
		return i.Value != "" || i.Error != nil || slices.ContainsFunc(i.Options, func(o web.Option) bool { return o.Checked })
	})
}

// local reads an instant of the country's legal time, as a browser sends it.
func (w words) local(text string) (act.Instant, bool) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		t, err := time.ParseInLocation(layout, text, w.loc)
		if err == nil && t.Year() > 1 {
			return act.InstantOf(t), true
		}
	}
	return 0, false
}
