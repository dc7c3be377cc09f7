package protocol

import (
	"cmp"
	"slices"

	"sanad/internal/act"
)

// Migration says whether a run may go on under another version of its protocol.
type Migration struct {
	Run      act.ID
	Protocol string
	From, To int
	Roles    []string // who may
	Open     bool
	Blocks   []Block
	// Moved has what the acts say, one for each thread that holds something of the run: who reads any of it must learn under
	// which law it goes on. Of clocks each act tells only its own thread's.
	Moved []Moved
}

// Moved is what a migration says in one thread.
type Moved struct {
	Audience, Thread act.ID
	Facts            act.Facts // all but the reason
}

// Migrations lists, for every open run of the file, each other version of its protocol that the run could go on under: the one
// it was opened under, and those in force now. Why one can't be gone to is in its Blocks.
func (e *Engine) Migrations(q Question) []Migration {
	var out []Migration
	for i := range q.State.Procedures {
		r := &q.State.Procedures[i]
		if e.over(r) {
			continue
		}
		for _, p := range e.Versions(r.Protocol) {
			if p.Version != r.Version && (p.Version == r.Opened || p.InForce(q.Now, q.Now)) {
				out = append(out, e.Migration(q, r.ID, p.Version))
			}
		}
	}
	return out
}

// Migration says whether a run may go on under a version. Every step that was done, every lapse and draft, and every clock that
// runs must have its place there; somebody's time must not become shorter; what is over must stay so.
func (e *Engine) Migration(q Question, run act.ID, to int) Migration {
	m := migration{Migration: Migration{Run: run, To: to}, e: e, q: &q, r: q.State.Run(run)}
	if m.r == nil {
		m.block(WhyUnknown, "law.migrate.unknown", nil)
		return m.Migration
	}
	m.Protocol, m.From = m.r.Protocol, m.r.Version
	m.was, m.will = e.Protocol(m.Protocol, m.From), e.Protocol(m.Protocol, to)
	switch {
	case m.will == nil || to < 1:
		m.block(WhyUnknown, "law.migrate.unknown", nil)
	case to == m.From:
		m.block(WhyDone, "law.migrate.same", nil)
	case e.over(m.r):
		m.block(WhyClosed, "law.block.closed", nil)
	default:
		m.names = e.Names(m.Protocol, m.From, to)
		m.check()
	}
	m.Open = len(m.Blocks) == 0
	if m.Open {
		m.tell()
	}
	return m.Migration
}

// migration finds out about one Migration.
type migration struct {
	Migration
	e         *Engine
	q         *Question
	r         *Run
	was, will *Protocol // was is nil where the law does not hold it any more
	names     func(string) string
	lacks     []string
	hidden    bool // something lacks that who asks may not read of
	clocks    []retimed
}

// retimed is a clock that goes on under another rule.
type retimed struct {
	thread          int
	step, old, rule string // the step as the target calls it
	kept            string // a rule whose time is the least
}

func (m *migration) block(why Why, key string, args []Arg) {
	m.Blocks = append(m.Blocks, Block{Why: why, Key: key, Args: args})
}

func (m *migration) check() {
	if m.To != m.r.Opened && !m.will.InForce(m.q.Now, m.q.Now) {
		m.block(WhyVersion, "law.migrate.law", nil)
	}
	m.Roles = slices.Clone(m.will.Migrates)
	if m.was != nil { // who may go one way may go back
		m.Roles = append(m.Roles, m.was.Migrates...)
	}
	if len(m.Roles) == 0 {
		m.Roles = slices.Clone(m.e.law.Migrates)
	}
	slices.Sort(m.Roles)
	m.Roles = slices.Compact(m.Roles)
	if !slices.ContainsFunc(m.Roles, func(role string) bool { return slices.Contains(m.q.Roles, role) }) {
		m.block(WhyRole, "law.block.role", words("roles", m.Roles))
	}
	m.happened()
	m.running()
	if len(m.lacks) > 0 {
		slices.Sort(m.lacks)
		m.block(WhyOrder, "law.migrate.lacks", words("steps", slices.Compact(m.lacks)))
	} else if m.hidden {
		m.block(WhyOrder, "law.migrate.hidden", nil)
	}
}

// lack notes what has no place in the target version. It is named only to who may read of it.
func (m *migration) lack(name string, thread int) {
	if m.q.May != nil && !m.q.May(m.q.State.Threads[thread].Audience) {
		m.hidden = true
		return
	}
	m.lacks = append(m.lacks, name)
}

// happened looks for every step, lapse and draft of the run in the target.
func (m *migration) happened() {
	for i := range m.r.Events {
		ev := &m.r.Events[i]
		if !m.place(ev.Step) {
			m.lack(ev.Step, ev.Thread)
		}
	}
	for i := range m.q.State.Drafts {
		d := &m.q.State.Drafts[i]
		if d.Run != m.r.ID {
			continue
		}
		if s := m.will.Step(m.names(d.Step)); s == nil || s.Kind != KindDrafted {
			m.lack(d.Step, d.Thread)
		}
	}
}

// place reports whether an event is one of the target's, of the same sort, and does not close the run there.
func (m *migration) place(event string) bool {
	name := m.names(event)
	step := m.will.Step(name)
	if step == nil {
		return m.will.lapses(name) && (m.was == nil || m.was.lapses(event))
	}
	if m.was != nil {
		old := m.was.Step(event)
		if old == nil || old.Kind != step.Kind {
			return false
		}
	}
	return !step.Closes
}

func (p *Protocol) lapses(name string) bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool {
		return slices.ContainsFunc(s.Deadlines, func(d Deadline) bool { return d.Lapses == name })
	})
}

// running looks for every clock of the run in the target: one that runs must go on, one that is over must stay so.
func (m *migration) running() {
	for i := range m.r.Clocks {
		c := &m.r.Clocks[i]
		if m.was == nil {
			m.orphan(c)
			continue
		}
		old := m.was.Starts(c.Step, c.Rule)
		if old == nil {
			continue // of a version it had before, and over there
		}
		due, kept, err := m.e.due(c)
		if err != nil {
			due = c.Due
		}
		over := old.met(c, due) || m.r.lapsed(old.Lapses, c.Seq)
		if !over && due <= m.q.Now {
			m.block(WhyDeadline, "law.migrate.lapse", nil)
			return
		}
		if over {
			now := m.will.Starts(m.names(c.Step), c.Rule)
			if now != nil && !m.met(now, c, due) && !m.r.lapsed(m.back(now.Lapses), c.Seq) {
				m.lack(old.Lapses, c.Thread)
			}
			continue
		}
		m.goesOn(c, old, due, kept)
	}
}

// orphan looks for a clock whose own version is lost: only the rule tells which deadline it was. Where it may have been met by a
// step of any name, it is the target that says so.
func (m *migration) orphan(c *Clock) {
	if m.will.Starts(m.names(c.Step), c.Rule) == nil {
		m.lack(c.Step, c.Thread)
	}
}

// goesOn finds the rule under which a clock that runs goes on.
func (m *migration) goesOn(c *Clock, old *Deadline, due act.Instant, kept string) {
	step := m.names(c.Step)
	now := m.will.named(step, m.names(old.Name))
	if now == nil || m.names(old.Lapses) != now.Lapses || m.met(now, c, due) {
		m.lack(old.Lapses, c.Thread)
		return
	}
	if now.Rule == c.Rule {
		return
	}
	if other := m.r.clock(c.Step, now.Rule); other != nil {
		m.lack(old.Lapses, c.Thread)
		return
	}
	next, err := m.e.under(now.Rule, c)
	if err == nil && due == Never { // what they give is compared as if it had never stood still
		kept = c.Kept
		next, err = m.e.law.Time.Due(now.Rule, c.Start)
		due, _ = m.e.law.Time.Due(cmp.Or(kept, c.Rule), c.Start)
	}
	if err != nil {
		m.block(WhyDeadline, "law.block.deadline", word("rule", now.Rule))
		m.Blocks[len(m.Blocks)-1].Err = err
		return
	}
	x := retimed{thread: c.Thread, step: step, old: c.Rule, rule: now.Rule}
	right := !m.e.law.Duties[c.Rule] || !m.e.law.Duties[now.Rule]
	if right && next < due {
		x.kept = cmp.Or(kept, c.Rule)
	}
	m.clocks = append(m.clocks, x)
}

// back is what a name of the target's is called in the version the run has.
func (m *migration) back(name string) string { return m.e.Names(m.Protocol, m.To, m.From)(name) }

// met reports whether a deadline of the target would be met by what was done under the other names.
func (m *migration) met(d *Deadline, c *Clock, due act.Instant) bool {
	return slices.ContainsFunc(c.Since, func(x Mark) bool { return x.At < due && slices.Contains(d.MetBy, m.names(x.Step)) })
}

// named returns a deadline that a step, or a lapse, starts, by its name.
func (p *Protocol) named(step, name string) *Deadline {
	s := p.Step(step)
	if s == nil {
		if d := p.Deadline(name); d != nil && p.startedByLapse(step, d.Rule) == d {
			return d
		}
		return nil
	}
	for i := range s.Deadlines {
		if s.Deadlines[i].Name == name {
			return &s.Deadlines[i]
		}
	}
	return nil
}

func (r *Run) lapsed(name string, since int64) bool {
	ev := r.Event(name)
	return ev != nil && ev.Seq > since
}

// tell writes what the acts say.
func (m *migration) tell() {
	renamed := m.e.renamed(m.Protocol, m.From, m.To)
	for _, thread := range m.threads() {
		facts := map[string]act.Value{
			FactRun: act.OfID(m.Run), FactProtocol: act.OfCode(m.Protocol), FactFrom: act.OfInt(int64(m.From)), FactTo: act.OfInt(int64(m.To)),
		}
		var rules, kept []string
		for _, x := range m.clocks {
			if x.thread != thread {
				continue
			}
			rules = append(rules, transition(x.step, x.old, x.rule))
			if x.kept != "" {
				kept = append(kept, transition(x.step, x.rule, x.kept))
			}
		}
		for name, list := range map[string][]string{FactRenamed: renamed, FactRetimed: rules, FactKept: kept} {
			if len(list) > 0 {
				facts[name] = act.OfCodes(list...)
			}
		}
		t := &m.q.State.Threads[thread]
		m.Moved = append(m.Moved, Moved{t.Audience, t.ID, act.NewFacts(facts)})
	}
}

// threads are those that hold something of the run.
func (m *migration) threads() []int {
	var out []int
	for i := range m.r.Events {
		out = append(out, m.r.Events[i].Thread)
	}
	for i := range m.r.Clocks {
		out = append(out, m.r.Clocks[i].Thread)
	}
	for i := range m.q.State.Facts {
		if f := &m.q.State.Facts[i]; f.Run == m.r.ID {
			out = append(out, f.Thread)
		}
	}
	for i := range m.q.State.Drafts {
		if d := &m.q.State.Drafts[i]; d.Run == m.r.ID {
			out = append(out, d.Thread)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
