package protocol

import (
	"slices"
	"strings"

	"sanad/internal/act"
)

func (s *State) thread(audience act.ID) int {
	for i := range s.Threads {
		if s.Threads[i].Audience == audience {
			return i
		}
	}
	return -1
}

// Thread returns the thread an audience sees, nil when the file has none for it yet.
func (s *State) Thread(audience act.ID) *Thread {
	i := s.thread(audience)
	if i < 0 {
		return nil
	}
	return &s.Threads[i]
}

// SetLeaf keeps the leaf hash of the last act of a thread, for the link of the next. It reports whether the
// file has that thread.
func (s *State) SetLeaf(audience act.ID, leaf [32]byte) bool {
	t := s.Thread(audience)
	if t == nil {
		return false
	}
	t.Last = leaf
	return true
}

// SetKey keeps the data key of a thread for a retention class. It reports whether the file has that thread.
func (s *State) SetKey(audience act.ID, class string, key act.ID) bool {
	t := s.Thread(audience)
	if t == nil {
		return false
	}
	i, found := slices.BinarySearchFunc(t.Keys, class, func(k Key, class string) int { return strings.Compare(k.Class, class) })
	if !found {
		t.Keys = slices.Insert(t.Keys, i, Key{Class: class})
	}
	t.Keys[i].ID = key
	return true
}

// Key returns the data key of a retention class, zero when none was set.
func (t *Thread) Key(class string) act.ID {
	for _, k := range t.Keys {
		if k.Class == class {
			return k.ID
		}
	}
	return act.ID{}
}

// Run returns one run of a protocol, nil when the file has none of that id.
func (s *State) Run(id act.ID) *Run {
	for i := range s.Procedures {
		if s.Procedures[i].ID == id {
			return &s.Procedures[i]
		}
	}
	return nil
}

// Draft returns the standing draft a step made in a run, nil when there is none.
func (s *State) Draft(run act.ID, step string) *Draft {
	for i := range s.Drafts {
		if s.Drafts[i].Run == run && s.Drafts[i].Step == step {
			return &s.Drafts[i]
		}
	}
	return nil
}

// Event returns what is known of a step or lapse in the run, nil when it never happened.
func (r *Run) Event(step string) *Event {
	for i := range r.Events {
		if r.Events[i].Step == step {
			return &r.Events[i]
		}
	}
	return nil
}

func (r *Run) clock(step, rule string) *Clock {
	for i := range r.Clocks {
		if r.Clocks[i].Step == step && r.Clocks[i].Rule == rule {
			return &r.Clocks[i]
		}
	}
	return nil
}
