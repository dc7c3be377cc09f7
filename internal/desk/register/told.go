package register

import (
	"slices"
	"time"

	"sanad/internal/act"
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

// told is what the run of a command has to tell; nil where nobody knows.
func (l Law) told(state *protocol.State, cmd *clerk.Command) (*Told, error) {
	if l.Told == nil || cmd.Grant == nil || cmd.Procedure.IsZero() {
		return nil, nil //nolint:nilnil // nobody says, which is no error
	}
	return l.Told(state, cmd)
}

// agrees holds what is to be published against what was decided and published before it, in the same run: measure and sum are
// those of the decision, the day is that of something which happened, and there is one chain of entries and no second.
func (l Law) agrees(state *protocol.State, cmd *clerk.Command, told *Told, b *Published, facts map[string]act.Value) error {
	if told == nil {
		return nil
	}
	r := &refusals{}
	switch {
	case b.Measure == "" && told.Measure != "":
		b.Measure = told.Measure
	case b.Measure != told.Measure:
		r.At("body.measure", "register.measure.other", nil)
	}
	sum := int64(0)
	if b.Amount != nil {
		sum = *b.Amount
	} else if told.Amount != 0 && !told.Ruled {
		sum = told.Amount
		b.Amount = &sum
	}
	if sum != told.Amount && (!told.Ruled || sum > told.Amount) {
		r.At("body.amount", "register.amount.other", map[string]any{"amount": told.Amount})
	}
	day, _ := facts[protocol.FactDecidedOn].Date()
	if !slices.ContainsFunc(told.On, func(at act.Instant) bool { return l.day(at).Equal(day) }) {
		r.At("fact."+protocol.FactDecidedOn, "register.date.other", nil)
	}
	l.chained(r, state, cmd, facts)
	return r.Err("register.invalid")
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
