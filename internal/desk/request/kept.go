package request

import (
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// What a platform was not told to keep, nobody asks it for: data kept of one account are never the reason to ask for another's. Gates
// see that an order to keep data was sent to the same platform and runs; about whom it is stands sealed in it. So the clerk opens
// those orders beside the request, and they are compared here, where the demand leaves.

// Orders names the orders to keep data that a demand stands on: those that were sent to its platform, in procedures of the file that
// are not closed. None where the command's step demands nothing, or where the pack lets it ask for what nobody kept.
func (l *Law) Orders(s *protocol.State, cmd *clerk.Command) []act.ID {
	if !l.demands(s, cmd) {
		return nil
	}
	var out []act.ID
	for i := range s.Procedures {
		r := &s.Procedures[i]
		p := l.engine.Protocol(r.Protocol, r.Version)
		if p == nil || p.Closed(r) {
			continue
		}
		if order := l.sent(p, r); order != nil {
			out = append(out, order.By)
		}
	}
	return out
}

// sent is the newest order to keep data of a run that a letter has passed on since; nil where none was sent.
func (l *Law) sent(p *protocol.Protocol, r *protocol.Run) (order *protocol.Event) {
	last := int64(-1)
	for _, e := range r.Events {
		if s := p.Step(e.Step); s != nil && s.Kind == protocol.KindSent && !demanding(p, s) {
			last = max(last, e.Seq)
		}
	}
	for i := range r.Events {
		e := &r.Events[i]
		if l.kind(r, e.Step) == KindPreserved && e.Seq < last && (order == nil || e.Seq > order.Seq) {
			order = e
		}
	}
	return order
}

// demands reports whether a command sends a request out whose data the pack wants kept before.
func (l *Law) demands(s *protocol.State, cmd *clerk.Command) bool {
	r := s.Run(cmd.Procedure)
	if r == nil || cmd.Grant == nil || cmd.Grant.Step == nil {
		return false
	}
	p, step := l.engine.Protocol(r.Protocol, r.Version), cmd.Grant.Step
	return p != nil && demanding(p, step) && l.keepsFirst(p, step)
}

// demanding reports whether a step sends what an answer waits for: the last letter before it, and no reminder of what is late.
func demanding(p *protocol.Protocol, step *protocol.Step) bool {
	if step.Kind != protocol.KindSent {
		return false
	}
	return slices.ContainsFunc(p.Steps, func(s protocol.Step) bool {
		return s.Kind == KindAnswered && before(p, &s, func(x *protocol.Step) bool { return x.ID == step.ID })
	})
}

// before reports whether a step that another waits for is what is looked for. It looks no further back than the letters that the other
// waits for.
func before(p *protocol.Protocol, step *protocol.Step, is func(*protocol.Step) bool) bool {
	seen := map[string]bool{}
	var look func(*protocol.Step) bool
	look = func(s *protocol.Step) bool {
		for _, name := range slices.Concat(s.After.Any, s.After.All) {
			x := p.Step(name)
			if x == nil || seen[name] {
				continue
			}
			seen[name] = true
			if is(x) || x.Kind != protocol.KindSent && look(x) {
				return true
			}
		}
		return false
	}
	return look(step)
}

// keepsFirst reports whether the pack lets a demand out only after an order to keep data: of its own run, or of another that its gates
// ask for.
func (l *Law) keepsFirst(p *protocol.Protocol, step *protocol.Step) bool {
	for _, name := range step.After.All {
		x := p.Step(name)
		if x != nil && (x.Kind == KindPreserved || before(p, x, func(y *protocol.Step) bool { return y.Kind == KindPreserved })) {
			return true
		}
	}
	found := false
	for _, id := range step.Gates {
		g := l.engine.Gate(id)
		if g == nil {
			continue
		}
		g.Test.Walk(func(c *gate.Condition) {
			if c.Op != gate.Elsewhere {
				return
			}
			for _, other := range l.engine.Versions(c.There.Protocol) {
				found = found || slices.ContainsFunc(other.Steps, func(s protocol.Step) bool { return s.Kind == KindPreserved })
			}
		})
	}
	return found
}

// Kept refuses a letter that demands data of somebody whose data no order keeps; every other letter it lets go.
func (l *Law) Kept(s *protocol.State, cmd *clerk.Command, now act.Instant) error {
	if !l.demands(s, cmd) {
		return nil
	}
	return l.covered(cmd.Rests, now)
}

// covered compares the accounts that a request asks about with those that orders keep: of the same platform, and for longer than now.
// Nothing is said of which are missing but how many.
func (l *Law) covered(rests []clerk.Opened, now act.Instant) error {
	var asked *clerk.Opened
	for i := range rests {
		if rests[i].Kind == KindPrepared {
			asked = &rests[i]
		}
	}
	if asked == nil {
		return fault.Invalid.New("request.kept.nothing")
	}
	whom, err := named(asked, now)
	if err != nil {
		return err
	}
	platform, _ := asked.Facts.Get(factPlatform)
	kept := map[string]bool{}
	for i := range rests {
		o := &rests[i]
		to, _ := o.Facts.Get(factPlatform)
		until, _ := o.Facts.Get(factExpires)
		end, ends := l.dayOf(until)
		if o.Kind != KindPreserved || !to.Equal(platform) || !ends || end <= now || o.Erased {
			continue
		}
		names, err := named(o, now)
		if err != nil {
			return err
		}
		for name := range names {
			kept[name] = true
		}
	}
	missing := 0
	for name := range whom {
		if !kept[name] {
			missing++
		}
	}
	if missing > 0 {
		return fault.ClosedGate.New("request.kept.others").With("count", missing)
	}
	return nil
}

// named are the accounts of a request or of an order, in the form by which two ways to write one are known to be the same.
func named(o *clerk.Opened, now act.Instant) (map[string]bool, error) {
	if o.Erased {
		return nil, fault.Invalid.New("error.decision_erased")
	}
	body, err := ReadBody(o.Body)
	if err != nil {
		return nil, fault.Invalid.New("request.body").Because(fmt.Errorf("read a request's body: %w", err))
	}
	out := map[string]bool{}
	for i := range body.Identifiers {
		id := &body.Identifiers[i]
		_, canonical := id.check(now)
		if canonical == "" { // recorded before it was checked so
			canonical = strings.TrimSpace(id.Value) + " " + id.At
		}
		out[id.Kind+" "+canonical] = true
	}
	return out, nil
}
