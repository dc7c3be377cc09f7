package console

import (
	"slices"
	"strconv"
	"strings"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// ofClock reports whether a fact of a kind is about clocks: of a run, so that it is worded with it.
func ofClock(fact, kind string) bool {
	return slices.Contains(protocol.ClockFacts(), fact) || kind == act.DeadlineRecomputed
}

// clockFacts words what an act says of the clocks of a run.
func (w words) clockFacts(v *clerk.View, a *clerk.Recorded) []pair {
	var out []pair
	tell := func(fact string, value any) {
		out = append(out, pair{Key: "fact." + fact, Name: fact, Message: said{"file.value", lang.Args{"value": value}}})
	}
	of := a.Procedure
	if a.Kind == act.DeadlineRecomputed {
		run, _ := a.Facts.Get(protocol.FactRun)
		id, _ := run.ID()
		of = procedureOf(v, id)
	}
	if of == nil {
		return nil
	}
	for _, f := range a.Facts {
		switch f.Name {
		case protocol.FactSuspends, protocol.FactExtends:
			tell(f.Name, listOf(f.Value.Codes(), func(ref string) any { return w.clockOf(of, ref) }))
		case protocol.FactResumes:
			tell(f.Name, listOf(f.Value.Codes(), func(step string) any { return w.step(of.Protocol, step) }))
		case protocol.FactMore:
			tell(f.Name, lang.Key("rule."+f.Value.Code()))
		}
	}
	if a.Kind == act.DeadlineRecomputed {
		ref, _ := a.Facts.Get(protocol.FactClock)
		was, _ := a.Facts.Get(protocol.FactWas)
		tell(protocol.FactClock, w.clockOf(of, ref.Code()))
		tell(protocol.FactWas, w.value("", was))
		for _, d := range a.Deadlines {
			tell("due", lang.Moment(w.when(d.Due)))
		}
	}
	return out
}

// procedureOf is how acts of a run name it.
func procedureOf(v *clerk.View, run act.ID) *act.Procedure {
	for i := range v.Acts {
		if p := v.Acts[i].Procedure; p != nil && p.ID == run {
			return p
		}
	}
	return nil
}

// clockOf names a clock of a run: by the deadline that the pack declares, else by its code.
func (w words) clockOf(of *act.Procedure, ref string) any {
	law := w.pack.Engine().Protocol(of.Protocol, of.Version)
	if law == nil {
		return lang.Code(ref)
	}
	for i := range law.Steps {
		for _, d := range law.Steps[i].Deadlines {
			if strings.HasSuffix(ref, "/"+d.Rule) && (ref == protocol.ClockRef(law.Steps[i].ID, d.Rule) || startedByLapse(law, d.Name, ref, d.Rule)) {
				return lang.Key("deadline." + of.Protocol + "." + d.Name)
			}
		}
	}
	return lang.Code(ref)
}

// startedByLapse reports whether a clock is the one that a lapse starts under a name.
func startedByLapse(law *protocol.Protocol, name, ref, rule string) bool {
	return slices.ContainsFunc(law.Steps, func(s protocol.Step) bool {
		return slices.ContainsFunc(s.Deadlines, func(d protocol.Deadline) bool {
			return slices.Contains(d.Starts, name) && ref == protocol.ClockRef(d.Lapses, rule)
		})
	})
}

// actOf words an act of the file on which something rests, by its number and what it is.
func (w words) actOf(v *clerk.View) func(act.ID) string {
	return func(id act.ID) string {
		for i := range v.Acts {
			a := &v.Acts[i]
			if a.ID != id {
				continue
			}
			kind := any(lang.Key("kind." + a.Kind))
			if a.Procedure != nil {
				kind = w.step(a.Procedure.Protocol, a.Procedure.Step)
			}
			return w.p.Text("file.clock.by", lang.Args{"number": lang.Code(strconv.FormatInt(a.Seq, 10)), "kind": kind})
		}
		return ""
	}
}
