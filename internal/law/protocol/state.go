package protocol

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strings"

	"sanad/internal/act"
)

// State is what one file's envelopes add up to: everything the engine needs to decide, and nothing more. Its
// size depends on the protocols, audiences and facts of the file, not on how many acts it has.
//
// The zero State is a file without acts.
type State struct {
	File       act.ID
	Sort       string // what the file is: notice, case, …
	Acts       int64  // how many acts were folded
	Threads    []Thread
	Procedures []Run
	Facts      []Fact // sorted by name, then thread, then run
	Drafts     []Draft
	Partly     bool // not every act of the file is folded: it is what somebody may read. Never stored.
}

// Thread is the file as one audience sees it.
type Thread struct {
	Audience act.ID
	ID       act.ID
	Next     int64    // position of the next act
	Last     [32]byte // leaf hash of the last act; set by SetLeaf, Fold does not know it
	Keys     []Key    // sorted by class; set by SetKey
}

// Key names the data key of a thread for one retention class.
type Key struct {
	Class string
	ID    act.ID
}

// Run is one run of a protocol in the file.
type Run struct {
	ID       act.ID
	Protocol string
	Version  int
	Opened   int     // the version it was opened under, where it was migrated since to Version; else 0
	Events   []Event // in the order of their first occurrence
	Clocks   []Clock // in the order in which they were first started
}

// Event sums up how often a step was done, or a lapse recorded, in a run.
type Event struct {
	Step   string
	Count  int64
	First  act.Instant // effective instant of the earliest
	Last   act.Instant // effective instant of the one recorded last
	By     act.ID      // the act recorded last
	Thread int         // index of that act's thread
	Seq    int64       // its rank in the file, from 0
}

// Clock is a deadline an act of the run started. When its step is done again it starts anew.
type Clock struct {
	Step     string
	Rule     string
	Start    act.Instant
	Due      act.Instant // as computed when it started; see Engine.Running for what is due now
	Calendar string
	By       act.ID // the act that started it
	Thread   int
	Seq      int64
	Since    []Mark // what was done in the run afterwards, sorted by step
	Ledger          // when it stood still since, and what more time it was given
	Moved    bool   // the ledger changed since Due was computed
	Was      string // the rule under which Due was computed, where a migration put another in its place; else ""
	Kept     string // a rule that somebody's time was computed under before a migration: what it gives is the least; else ""
}

// Mark says when a step was first done after a clock started: the earliest effective instant.
type Mark struct {
	Step string
	At   act.Instant
}

// Fact is the newest value of a fact that one run said in one thread.
type Fact struct {
	Name   string
	Thread int
	Run    act.ID // zero for what was said outside any run
	Value  act.Value
	From   act.ID
	At     act.Instant // when it was so in law
	Seq    int64
}

// Draft is the newest content fixed by a draft step of a run, with who signed it.
type Draft struct {
	Run        act.ID
	Step       string
	By         act.ID // the draft.fixed act
	Thread     int
	Content    [32]byte
	Signatures []Signature
}

// Signature is one person's signature of a draft.
type Signature struct {
	Mandate act.ID
	Person  act.ID
	Role    string
	By      act.ID
	Thread  int
}

// Bounds that keep one file from costing every later command. They are far beyond what protocols need.
const (
	maxSignatures = 16
	maxEvents     = 256
	maxClocks     = 64
)

// Fold adds one act, in the order of the log. It refuses an act of another file, one that does not follow its
// thread, and one that breaks the bounds of a state; the state is unchanged then. An error means that the act
// must not be committed, or that what is read back is not what was written.
func (s *State) Fold(e *act.Envelope) error {
	if s.Acts > 0 && (e.File != s.File || e.Of != s.Sort) {
		return fmt.Errorf("fold: act %s belongs to another file", e.ID)
	}
	thread := s.thread(e.Audience)
	if thread < 0 {
		if e.Pos != 0 {
			return fmt.Errorf("fold: act %s is at position %d of a thread that has none before", e.ID, e.Pos)
		}
		if slices.ContainsFunc(s.Threads, func(t Thread) bool { return t.ID == e.Thread }) {
			return fmt.Errorf("fold: act %s shows one thread to two audiences", e.ID)
		}
	} else if t := &s.Threads[thread]; t.ID != e.Thread || t.Next != e.Pos {
		return fmt.Errorf("fold: act %s is at position %d, its thread is at %d", e.ID, e.Pos, t.Next)
	}
	if err := s.roomFor(e); err != nil {
		return err
	}
	moves, err := s.migration(e)
	if err != nil {
		return err
	}
	if thread < 0 {
		thread = len(s.Threads)
		s.Threads = append(s.Threads, Thread{Audience: e.Audience, ID: e.Thread})
	}
	s.File, s.Sort = e.File, e.Of
	s.Threads[thread].Next = e.Pos + 1
	seq := s.Acts
	s.Acts++
	if e.Kind == act.DeadlineRecomputed {
		s.foldRecomputed(e)
		return nil
	}
	if moves != nil {
		moves.fold(s)
		return nil
	}
	for i := range e.Facts {
		s.foldFact(e, &e.Facts[i], thread, seq)
	}
	if e.Procedure == nil {
		return nil
	}
	s.foldRun(e, thread, seq)
	switch e.Kind {
	case KindDrafted:
		s.foldDraft(e, thread)
	case KindSigned:
		s.foldSignature(e, thread)
	}
	return nil
}

// roomFor reports why the act would not fit the run it belongs to.
func (s *State) roomFor(e *act.Envelope) error {
	if e.Kind == act.DeadlineRecomputed {
		_, err := s.recomputes(e)
		return err
	}
	p := e.Procedure
	if p == nil {
		if len(e.Deadlines) > 0 {
			return fmt.Errorf("fold: act %s starts a deadline outside any procedure", e.ID)
		}
		return nil
	}
	r := s.Run(p.ID)
	if r == nil {
		return nil
	}
	if r.Protocol != p.Protocol || r.Version != p.Version && !s.Partly {
		return fmt.Errorf("fold: act %s performs %s version %d in a run of %s version %d", e.ID, p.Protocol, p.Version, r.Protocol, r.Version)
	}
	if len(r.Events) >= maxEvents && r.Event(p.Step) == nil || len(r.Clocks)+len(e.Deadlines) > maxClocks {
		return fmt.Errorf("fold: a run has at most %d steps and %d clocks", maxEvents, maxClocks)
	}
	return r.roomForClocks(e)
}

func (s *State) foldFact(e *act.Envelope, f *act.Fact, thread int, seq int64) {
	var run act.ID
	if e.Procedure != nil {
		run = e.Procedure.ID
	}
	i, found := s.findFact(f.Name, thread, run)
	now := Fact{f.Name, thread, run, f.Value, e.ID, e.Effective, seq}
	if found {
		now.Name = s.Facts[i].Name
		s.Facts[i] = now
		return
	}
	s.Facts = slices.Insert(s.Facts, i, now)
}

func (s *State) findFact(name string, thread int, run act.ID) (int, bool) {
	compare := func(f *Fact) int {
		if c := strings.Compare(f.Name, name); c != 0 {
			return c
		}
		if f.Thread != thread {
			return f.Thread - thread
		}
		return bytes.Compare(f.Run[:], run[:])
	}
	i := sort.Search(len(s.Facts), func(i int) bool { return compare(&s.Facts[i]) >= 0 }) // by index: a fact is large
	return i, i < len(s.Facts) && compare(&s.Facts[i]) == 0
}

func (s *State) foldRun(e *act.Envelope, thread int, seq int64) {
	p := e.Procedure
	r := s.Run(p.ID)
	if r == nil {
		s.Procedures = append(s.Procedures, Run{ID: p.ID, Protocol: p.Protocol, Version: p.Version})
		r = &s.Procedures[len(s.Procedures)-1]
	}
	r.Version = p.Version // of a migration nobody sees here, only what came after it tells
	for i := range r.Clocks {
		r.Clocks[i].mark(p.Step, e.Effective)
	}
	r.foldClocks(e)
	ev := r.Event(p.Step)
	if ev == nil {
		r.Events = append(r.Events, Event{Step: p.Step, First: e.Effective})
		ev = &r.Events[len(r.Events)-1]
	}
	ev.Count++
	ev.First = min(ev.First, e.Effective)
	ev.Last, ev.By, ev.Thread, ev.Seq = e.Effective, e.ID, thread, seq
	for _, d := range e.Deadlines {
		c := Clock{Step: p.Step, Rule: d.Rule, Start: d.Start, Due: d.Due, Calendar: d.Calendar, By: e.ID, Thread: thread, Seq: seq}
		old := r.clock(p.Step, d.Rule)
		if old != nil {
			*old = c
			continue
		}
		r.Clocks = append(r.Clocks, c)
	}
}

func (c *Clock) mark(step string, at act.Instant) {
	i, found := slices.BinarySearchFunc(c.Since, step, func(m Mark, step string) int { return strings.Compare(m.Step, step) })
	if !found {
		c.Since = slices.Insert(c.Since, i, Mark{step, at})
		return
	}
	c.Since[i].At = min(c.Since[i].At, at)
}

// foldDraft keeps the newest draft of a step: a second one starts without signatures.
func (s *State) foldDraft(e *act.Envelope, thread int) {
	d := Draft{Run: e.Procedure.ID, Step: e.Procedure.Step, By: e.ID, Thread: thread, Content: content(e)}
	if old := s.Draft(d.Run, d.Step); old != nil {
		*old = d
		return
	}
	s.Drafts = append(s.Drafts, d)
}

// foldSignature counts a signature only when it cites a standing draft of the same run and carries its
// commitment; any other is recorded and counts for nothing.
func (s *State) foldSignature(e *act.Envelope, thread int) {
	for i := range s.Drafts {
		d := &s.Drafts[i]
		if d.Run != e.Procedure.ID || !slices.Contains(e.Cites, d.By) || d.Content != content(e) || len(d.Signatures) == maxSignatures {
			continue
		}
		v, _ := e.Facts.Get(FactPerson)
		person, ok := v.ID()
		if !ok || slices.ContainsFunc(d.Signatures, func(g Signature) bool { return g.Person == person || g.Mandate == e.Mandate }) {
			continue
		}
		role, _ := e.Facts.Get(FactRole)
		d.Signatures = append(d.Signatures, Signature{e.Mandate, person, role.Code(), e.ID, thread})
	}
}

func content(e *act.Envelope) [32]byte {
	for _, c := range e.Commits {
		if c.Name == CommitContent {
			return c.Sum
		}
	}
	return [32]byte{}
}
