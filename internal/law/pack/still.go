package pack

import (
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// clockUse is what a step, or a lapse, does to the clocks of its protocol.
type clockUse struct {
	place
	does  string // suspends, resumes, extends or starts
	names []string
}

// time reads what a step does to clocks that run: it stops them, lets them run again, gives them more time.
func (l *loader) time(f fields, s *protocol.Step, w *flow) {
	uses := func(key string, names []string) []string {
		if f.has(key) {
			w.clocks = append(w.clocks, clockUse{f.at(key), key, names})
			if len(names) == 0 {
				l.add(f.at(key), fmt.Sprintf("step %s %s nothing", s.ID, key), "at least one name")
			}
			l.sayings = append(l.sayings, clockSaying{f.at(key), key, s.Kind})
		}
		return names
	}
	s.Suspends = uses("suspends", f.codes("suspends"))
	s.Resumes = uses("resumes", f.codes("resumes"))
	if n := f.node.get("extends"); n != nil {
		g := l.fields(n, "an extension", "deadlines", "rule")
		s.Extends = &protocol.Extends{Deadlines: g.codes("deadlines"), Rule: g.ref("rule", "rule")}
		uses("extends", s.Extends.Deadlines)
	}
	for _, x := range []struct {
		move, key string
	}{{"suspend", "suspends"}, {"resume", "resumes"}, {"extend", "extends"}} {
		stays := x.move == "suspend" && s.Sets[protocol.FactStay] != "" // nobody's time need run where a court stays something
		if s.Move == x.move && !f.has(x.key) && !stays {
			l.add(f.at("id"), fmt.Sprintf("step %s emits %s and does not say what", s.ID, x.move), x.key)
		}
	}
}

// clockSaying is a step that does something to clocks, which its kind of act must be able to say.
type clockSaying struct {
	place
	does, kind string
}

// follows reads what a lapse brings with it.
func (l *loader) follows(f fields, d *protocol.Deadline, w *flow) {
	d.Starts, d.Resumes = f.codes("starts"), f.codes("resumes")
	for _, key := range []string{"starts", "resumes"} {
		if f.has(key) {
			w.clocks = append(w.clocks, clockUse{f.at(key), key, f.codes(key)})
		}
	}
}

// checkClocks checks that what a protocol does to clocks is done to clocks that it has.
func (l *loader) checkClocks(p *protocol.Protocol, w *flow) {
	var deadlines, suspending []string
	for i := range p.Steps {
		s := &p.Steps[i]
		if len(s.Suspends) > 0 || s.Kind == protocol.KindSuspended {
			suspending = append(suspending, s.ID)
		}
		for _, d := range s.Deadlines {
			deadlines = append(deadlines, d.Name)
			if ref := protocol.ClockRef(s.ID, d.Rule); !act.IsCode(ref) {
				l.add(w.steps[i], fmt.Sprintf("the names of step %s and of rule %s are too long together", s.ID, d.Rule), "shorter ones")
			}
		}
	}
	for _, u := range w.clocks {
		known, what := deadlines, "no deadline"
		if u.does == "resumes" {
			known, what = suspending, "no step that suspends anything, called"
		}
		for _, name := range u.names {
			if !slices.Contains(known, name) {
				l.add(u.place, fmt.Sprintf("%s has %s %q", p.ID, what, clip(name)), oneOf(known))
			}
		}
	}
}

// says maps what a step does to clocks to the fact by which its act says it.
var says = map[string]string{"suspends": protocol.FactSuspends, "resumes": protocol.FactResumes, "extends": protocol.FactExtends}

// checkSayings checks that the kind of act of a step can say what the step does to clocks.
func (l *loader) checkSayings() {
	for _, s := range l.sayings {
		schema, ok := l.kinds.Latest(s.kind)
		if ok && !slices.ContainsFunc(schema.Facts, func(f act.FactSchema) bool { return f.Name == says[s.does] }) {
			l.add(s.place, fmt.Sprintf("%s can't say that a clock %s", s.kind, map[string]string{"suspends": "stands still", "resumes": "runs again", "extends": "is given more time"}[s.does]),
				"a step of its own that emits "+map[string]string{"suspends": "suspend", "resumes": "resume", "extends": "extend"}[s.does])
		}
	}
}

// clocksOf lists every clock a protocol of the pack can start, as acts name them.
func clocksOf(protocols []protocol.Protocol) List {
	out := List{ID: "clocks"}
	for i := range protocols {
		p := &protocols[i]
		for j := range p.Steps {
			s := &p.Steps[j]
			for _, d := range s.Deadlines {
				out.Words = append(out.Words, protocol.ClockRef(s.ID, d.Rule))
				for _, name := range d.Starts {
					if next := p.Deadline(name); next != nil {
						out.Words = append(out.Words, protocol.ClockRef(d.Lapses, next.Rule))
					}
				}
			}
		}
	}
	slices.Sort(out.Words)
	out.Words = slices.Compact(out.Words)
	return out
}
