package pack

import (
	"fmt"
	"slices"

	"sanad/internal/law/protocol"
)

// notifies reads which decision a letter tells to whoever bears it.
func (l *loader) notifies(f fields, s *protocol.Step, w *flow) {
	if !f.has("notifies") {
		return
	}
	s.Notifies = f.code("notifies")
	w.names = append(w.names, usage{f.at("notifies"), s.Notifies, "step", false})
	if (s.Move != "send" || s.Letter == "") && s.Kind != protocol.KindReceipt {
		l.add(f.at("notifies"), fmt.Sprintf("step %s notifies %s and is no letter", s.ID, clip(s.Notifies)), "emits: send, with a letter, or the receipt of one: "+protocol.KindReceipt)
	}
}

// checkNotifications checks that each letter, or receipt of one, that notifies something comes after what it notifies, which is a word of
// the ladder.
func (l *loader) checkNotifications(p *protocol.Protocol, w *flow) {
	for i := range p.Steps {
		made := p.Step(p.Steps[i].Notifies)
		told := &p.Steps[i]
		letters := func(s *protocol.Step) bool { return s.Letter != "" && p.Before()[s.ID][told.Notifies] }
		switch {
		case made == nil: // none, or told with the other names
		case told.Kind == protocol.KindReceipt && !slices.ContainsFunc(p.Receives(told), letters):
			l.add(w.steps[i], fmt.Sprintf("step %s records the receipt of no letter that tells of %s", told.ID, made.ID), "after: {all_of: [S]}, where S sends a letter after "+made.ID)
		case made.Lifts != "" || !l.pack.Has("rungs", made.Of()):
			l.add(w.steps[i], fmt.Sprintf("step %s notifies %s, which is no rung", p.Steps[i].ID, made.ID), "a step that decides a word of the list rungs, or renews it")
		}
	}
}
