package register

import (
	"slices"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Rests names the acts which an entry is held against, for the clerk to open: the last one that the run published, and the entry
// that is updated.
func (l Law) Rests(state *protocol.State, cmd *clerk.Command) []act.ID {
	var out []act.ID
	last, is := l.published(state, cmd, "")
	if is {
		out = append(out, last.By)
	}
	amends, updates := cmd.Act.Facts.Get(protocol.FactAmends)
	if id, known := amends.ID(); updates && known {
		out = append(out, id)
	}
	return out
}

// published is the last time that the run of a command published a sort of entry, any sort where it is "".
func (l Law) published(state *protocol.State, cmd *clerk.Command, entry string) (last protocol.Event, is bool) {
	r := state.Run(cmd.Procedure)
	if r == nil {
		return last, false
	}
	p := l.protocol(r.Protocol, r.Version)
	if p == nil {
		return last, false
	}
	for _, e := range r.Events {
		s := p.Step(e.Step)
		if s != nil && s.Kind == protocol.KindPublished && (entry == "" || s.Publishes == entry) && (!is || e.Seq > last.Seq) {
			last, is = e, true
		}
	}
	return last, is
}

// Told is what an entry may tell, and nothing else: who publishes writes the reasons.
type Told struct {
	Measure string        // word of the list rungs; "" where the run decided no measure
	Amount  int64         // that stands now; 0 where it demands none
	States  []string      // words of the list entry_states of which the run carries what they need
	Newest  act.Instant   // of what there is to tell, the day of an entry that names none; 0 where the run decided nothing
	On      []act.Instant // when it was decided, or of a run that decides nothing when it was opened, and what came after
}

// told is what the run of a command has to tell; nil where nobody knows.
func (l Law) told(cmd *clerk.Command, now act.Instant) *Told {
	if l.Told == nil || cmd.Grant == nil || cmd.Procedure.IsZero() {
		return nil
	}
	return l.Told(cmd, now)
}

// agrees holds what is to be published against what was decided and published before it, in the same run: measure and sum are
// those of the decision and of what a court left of it, it stands as the run says that it does, the day is that of something which
// happened, and there is one chain of entries and no second.
func (l Law) agrees(state *protocol.State, cmd *clerk.Command, told *Told, b *Published, facts map[string]act.Value) error {
	if told == nil {
		return nil
	}
	r := &refusals{}
	if b.Measure == "" {
		b.Measure = told.Measure
	}
	if b.Measure != told.Measure {
		r.At("body.measure", "register.measure.other", nil)
	}
	if b.Amount == nil && told.Amount != 0 {
		b.Amount = &told.Amount
	}
	if b.Amount != nil && *b.Amount != told.Amount {
		r.At("body.amount", "register.amount.other", map[string]any{"amount": told.Amount})
	}
	if !slices.Contains(told.States, facts[protocol.FactState].Code()) {
		r.At("fact."+protocol.FactState, "register.state.other", map[string]any{"states": wordsOf(told.States)})
	}
	day, _ := facts[protocol.FactDecidedOn].Date()
	if !slices.ContainsFunc(told.On, func(at act.Instant) bool { return l.day(at).Equal(day) }) {
		r.At("fact."+protocol.FactDecidedOn, "register.date.other", nil)
	}
	l.chained(r, state, cmd, facts)
	return r.Err("register.invalid")
}

// wordsOf are states as they are told to whoever publishes.
func wordsOf(states []string) lang.List {
	out := make(lang.List, len(states))
	for i := range states {
		out[i] = lang.Key("list.entry_states." + states[i])
	}
	return out
}

// chained asks that an entry updates the newest of its run, wherever there is one of its sort.
func (l Law) chained(r *refusals, state *protocol.State, cmd *clerk.Command, facts map[string]act.Value) {
	const field = "fact." + protocol.FactAmends
	amends, updates := facts[protocol.FactAmends]
	_, again := l.published(state, cmd, facts[protocol.FactEntry].Code())
	last, any := l.published(state, cmd, "")
	switch {
	case again && !updates:
		r.At(field, "register.amends.missing", nil)
	case updates && !any:
		r.At(field, "register.amends.other", nil)
	case updates:
		id, _ := amends.ID()
		at := func(id act.ID) *clerk.Opened {
			i := slices.IndexFunc(cmd.Rests, func(o clerk.Opened) bool { return o.ID == id })
			if i < 0 {
				return nil
			}
			return &cmd.Rests[i]
		}
		was, entry := at(last.By), at(id)
		if was == nil || entry == nil || entry.Kind != KindEntered || entry.Seq != was.Seq+1 { // it was entered right after it was published
			r.At(field, "register.amends.other", nil)
		}
	}
}

// day is the civil day of an instant in the country.
func (l Law) day(at act.Instant) time.Time {
	zone := l.Zone
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := at.Time().In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
