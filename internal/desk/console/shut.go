package console

import "sanad/internal/law/protocol"

// mostShut is how many blocked steps of procedures that were begun may stand one beneath the other. Past this those are folded
// away, by what blocks them, which nobody at this file can do anything about now: what is left is what a condition holds up.
const mostShut = 8

// shutGroup is blocked steps that wait for the same sort of thing.
type shutGroup struct {
	Key   string // of a message that counts them
	Moves []blockedMove
}

// What folded steps wait for.
const (
	shutOrder  = "file.blocked.order"  // another step, which comes first
	shutOver   = "file.blocked.over"   // nothing any more: what happened excludes them
	shutOthers = "file.blocked.others" // nothing but those whose turn it is
)

// shutBy says under what a blocked step is folded away; "" for one that always stands in the open.
func shutBy(m *protocol.Move) string {
	group := ""
	for i := range m.Blocks {
		switch m.Blocks[i].Why {
		case protocol.WhyAfter, protocol.WhyClosed, protocol.WhyOver:
			return shutOver
		case protocol.WhyOrder, protocol.WhyDraft, protocol.WhySignatures:
			group = shutOrder
		case protocol.WhyRole:
			if len(m.Blocks) == 1 {
				return shutOthers
			}
		}
	}
	return group
}

// foldShut leaves of many blocked steps those in the open that a condition holds up, and gathers the others by what blocks them.
func foldShut(all []blockedMove) (open []blockedMove, groups []shutGroup) {
	if len(all) <= mostShut {
		return all, nil
	}
	for _, key := range []string{"", shutOrder, shutOthers, shutOver} {
		var some []blockedMove
		for i := range all {
			if all[i].group == key {
				some = append(some, all[i])
			}
		}
		switch {
		case key == "":
			open = some
		case len(some) > 0:
			groups = append(groups, shutGroup{key, some})
		}
	}
	return open, groups
}
