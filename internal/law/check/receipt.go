package check

import (
	"slices"

	"sanad/internal/law/protocol"
)

// A letter says that time to appeal runs from its receipt, and what a letter says must be so: time that runs from its sending is over
// before it was given. And a receipt that nobody has to watch for is a notification that whoever takes no letter keeps away for ever.

// early finds a clock of whoever bears a measure that runs before they received the letter which gives them that time: one to appeal,
// whatever else starts it; one to comply or to pay, where the receipt of that letter is recorded.
func (c *checker) early(p *protocol.Protocol, s *protocol.Step, found found) {
	if s.Kind == protocol.KindReceipt {
		return
	}
	received := len(p.Receipts(s)) > 0
	for _, d := range s.Deadlines {
		theirs := func(kinds ...string) bool {
			return slices.ContainsFunc(d.MetBy, func(id string) bool { y := p.Step(id); return y != nil && slices.Contains(kinds, y.Kind) })
		}
		if theirs(kindAppealed) || received && theirs(kindComplied, kindPaid) {
			found(Early, d.Name, "")
		}
	}
}

// watched finds a letter whose receipt counts as notification, and that starts no clock which the receipt meets: nobody has to find out
// whether it came, and it can't be presumed.
func (c *checker) watched(p *protocol.Protocol, s *protocol.Step, found found) {
	for _, receipt := range p.Receipts(s) {
		met := slices.ContainsFunc(s.Deadlines, func(d protocol.Deadline) bool { return slices.Contains(d.MetBy, receipt.ID) })
		if receipt.Notifies != "" && !met {
			found(Early, receipt.ID, "")
		}
	}
}
