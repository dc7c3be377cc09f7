package check

import (
	"slices"

	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// static finds what can be seen without walking.
func (c *checker) static(r *Report, only []string) {
	c.idle(r, only)
	for i := range c.pack.Protocols {
		p := &c.pack.Protocols[i]
		if len(only) > 0 && !slices.Contains(only, p.ID) {
			continue
		}
		c.compliance(r, p)
		for j := range p.Steps {
			s := &p.Steps[j]
			found := func(kind Kind, because, variant string) {
				r.add(Finding{Kind: kind, Protocol: p.ID, Version: p.Version, Step: s.ID, Because: because}, variant)
			}
			c.waits(s, found)
			c.articles(s, found)
			c.endless(p, s, found)
			c.unseen(p, s, c.reads, found)
			c.readable(p, s, found)
			c.secret(p, s, found)
			c.seats(p, s, found)
			c.lifts(p, s, found)
			c.handed(p, s, found)
			c.counted(p, s, found)
			c.unsaid(p, s, found)
			c.freed(p, s, found)
			c.early(p, s, found)
			c.watched(p, s, found)
			c.borrowed(s, found)
			for _, variant := range c.variants() {
				c.roles(s, variant, found)
			}
		}
	}
}

// found notes what is wrong with a step.
type found func(kind Kind, because, variant string)

// articles finds a measure that rests on a text as a whole: nobody could tell which of its articles was applied.
func (c *checker) articles(s *protocol.Step, found found) {
	if imposes(s) && slices.ContainsFunc(s.Basis, func(b gate.Basis) bool { return b.Article == "" }) {
		found(NoArticle, "", "")
	}
}

// idle finds gates that no step asks: what they protect is not protected.
func (c *checker) idle(r *Report, only []string) {
	if len(only) > 0 {
		return
	}
	asked := map[string]bool{}
	for _, p := range c.pack.Protocols {
		for _, s := range p.Steps {
			for _, g := range s.Gates {
				asked[g] = true
			}
		}
	}
	for _, g := range c.pack.Gates {
		if !asked[g.ID] {
			r.add(Finding{Kind: Idle, Because: g.ID}, "")
		}
	}
}

// compliance finds measures after which nobody can find that the platform changed: that is what they are for.
func (c *checker) compliance(r *Report, p *protocol.Protocol) {
	measures := slices.ContainsFunc(p.Steps, func(s protocol.Step) bool { return imposes(&s) })
	finds := slices.ContainsFunc(c.pack.Protocols, func(q protocol.Protocol) bool { return q.Sort == p.Sort && c.has(&q, kindComplied) })
	if measures && !finds {
		r.add(Finding{Kind: NoCompliance, Protocol: p.ID, Version: p.Version, Because: kindComplied}, "")
	}
	if c.has(p, kindMeasured) && !c.has(p, kindContested) {
		r.add(Finding{Kind: Uncontested, Protocol: p.ID, Version: p.Version, Because: kindContested}, "")
	}
}

// waits finds a wait without an owner and a clock: for whoever must answer, take over, or rule.
func (c *checker) waits(s *protocol.Step, found found) {
	waits := s.Move == "wait" && !s.Closes || s.Handoff != "" || s.Move == "send" && len(c.pack.Letters) > 0 && c.asks(s) || s.Kind == kindSeized
	if waits && len(s.Deadlines) == 0 {
		found(Wait, "", "")
	}
	for _, d := range s.Deadlines {
		if d.Owner == "" || c.pack.Role(d.Owner) == nil {
			found(Wait, d.Name, "")
		}
	}
}

// roles finds roles nobody holds, and measures in the hands of those who only coordinate or of those who carry them out.
func (c *checker) roles(s *protocol.Step, variant string, found found) {
	named := slices.Clone(s.By)
	if s.Decides != "" {
		named = append(named, s.Decides)
	}
	if s.Handoff != "" {
		named = append(named, s.Handoff)
	}
	for _, d := range s.Deadlines {
		named = append(named, d.Owner)
	}
	var signers []string
	if s.Signatures != nil {
		signers = s.Signatures.Roles
	}
	for _, role := range append(named, signers...) {
		if role != "" && !c.held(role, variant) {
			found(Vacant, role, variant)
		}
	}
	if !imposes(s) {
		return
	}
	deciding := append(slices.Clone(s.By), signers...)
	if s.Decides != "" {
		deciding = append(deciding, s.Decides)
	}
	for _, role := range deciding {
		if slices.Contains(c.pack.Words(listCoordinators), role) {
			found(Cell, role, variant)
		}
	}
	if imposed(s).Grave() {
		for _, role := range s.By {
			if s.Decides == "" || role == s.Decides || c.institution(role, variant) == c.institution(s.Decides, variant) {
				found(NoDecider, s.Decides, variant)
			}
		}
	}
}

// seats finds signatures that there are not enough people for, and a measure that one person signs.
func (c *checker) seats(p *protocol.Protocol, s *protocol.Step, found found) {
	if s.Signatures == nil {
		if imposes(s) {
			found(Seats, "", "")
		}
		return
	}
	people := 0
	for _, role := range s.Signatures.Roles {
		signs := slices.ContainsFunc(p.Steps, func(x protocol.Step) bool {
			return x.Move == "sign" && x.Draft == s.Signatures.Draft && slices.Contains(x.By, role)
		})
		if r := c.pack.Role(role); r != nil && signs {
			people += len(r.Seats)
		}
	}
	if people < s.Signatures.Count || imposes(s) && s.Signatures.Count < 2 {
		found(Seats, "", "")
	}
}

// lifts finds a step that lifts nothing, or that takes more signatures than the measure it lifts.
func (c *checker) lifts(p *protocol.Protocol, s *protocol.Step, found found) {
	if s.Lifts == "" {
		return
	}
	made := p.Step(s.Lifts)
	if made == nil || !imposes(made) {
		found(NoLift, s.Lifts, "")
		return
	}
	if s.Signatures != nil && (made.Signatures == nil || s.Signatures.Count > made.Signatures.Count) {
		found(LiftHarder, s.Lifts, "")
	}
}

// secret finds an act that everyone may read in a procedure that is not public, and that publishes nothing: what is drafted,
// signed, heard or imposed, and any kind of act that is sealed elsewhere.
func (c *checker) secret(p *protocol.Protocol, s *protocol.Step, found found) {
	if !c.public(s.Audience.Compartments) || s.Move == "publish" || s.Kind == kindEntered {
		return
	}
	for _, q := range c.pack.Protocols {
		if imposes(s) || s.Move == "draft" || s.Move == "sign" || s.Move == "hear" || q.Sort == p.Sort && slices.ContainsFunc(q.Steps, func(x protocol.Step) bool { return x.Kind == s.Kind && !c.public(x.Audience.Compartments) }) {
			found(Leak, "", "")
			return
		}
	}
}

func (c *checker) public(compartments []string) bool {
	return !slices.ContainsFunc(compartments, func(id string) bool {
		x := c.pack.Compartment(id)
		return x == nil || !x.Public
	})
}

// reads reports whether the readers of the act of a step may ever read those of another.
func (c *checker) reads(s, x *protocol.Step) bool {
	most := slices.Clone(s.Audience.Compartments)
	for _, a := range s.Audience.Add {
		most = append(most, a.Compartment)
	}
	return !slices.ContainsFunc(x.Audience.Compartments, func(id string) bool {
		k := c.pack.Compartment(id)
		return !slices.Contains(most, id) && (k == nil || !k.Public)
	})
}

// readable finds gates and signatures that rest on what the readers of the act may never read: they stay closed for good.
func (c *checker) readable(p *protocol.Protocol, s *protocol.Step, found found) {
	reads := func(x *protocol.Step) bool { return c.reads(s, x) }
	for _, g := range c.gates(s) {
		for _, name := range g.Facts() {
			f := c.declared(name)
			if f == nil || f.Outside {
				continue
			}
			said, read := false, false
			for i := range c.pack.Protocols {
				q := &c.pack.Protocols[i]
				if q.Sort != p.Sort || q.Many && q.ID != p.ID {
					continue
				}
				for j := range q.Steps {
					if slices.Contains(f.SaidBy, q.Steps[j].Kind) {
						said, read = true, read || reads(&q.Steps[j])
					}
				}
			}
			if said && !read {
				found(Unreadable, name, "")
			}
		}
		g.Test.Walk(func(k *gate.Condition) {
			x := p.Step(k.Step)
			if q := c.protocolOf(k.There.Protocol); q != nil {
				x = q.Step(k.There.Step)
			}
			if x != nil && !reads(x) {
				found(Unreadable, x.ID, "")
			}
		})
	}
	for _, draft := range []string{s.Draft, signedDraft(s)} {
		if x := p.Step(draft); x != nil && !reads(x) {
			found(Unreadable, x.ID, "")
		}
	}
}

func signedDraft(s *protocol.Step) string {
	if s.Signatures == nil {
		return ""
	}
	return s.Signatures.Draft
}
