package protocol

import "slices"

// What a letter gives time for runs from its receipt: that is a step of its own, which says when and how the letter was received. Who
// takes no letter can't keep a measure away for ever, nor can whoever wrote it presume at once that it was received.

// KindReceipt records when and how what was sent was received. Its acts are a desk's.
const KindReceipt = "receipt.recorded"

// FactReceipt says how: a word of the pack's list receipts. Those of its list receipts_presumed say that nobody acknowledged it.
const FactReceipt = "receipt"

// Receipts returns the steps that record the receipt of the letter that a step sends.
func (p *Protocol) Receipts(sent *Step) []*Step {
	var out []*Step
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Kind == KindReceipt && slices.Contains(s.After.All, sent.ID) {
			out = append(out, s)
		}
	}
	return out
}

// Receives returns the steps that send what a step records the receipt of.
func (p *Protocol) Receives(receipt *Step) []*Step {
	var out []*Step
	for _, name := range receipt.After.All {
		if s := p.Step(name); s != nil && s.Kind == KindSent && receipt.Kind == KindReceipt {
			out = append(out, s)
		}
	}
	return out
}

// presumed refuses to presume a receipt before the clocks that it meets have run out, as of the date that is given to it; and ever, where
// the law gives no time after which it may be presumed.
func (d *decision) presumed(p *Protocol, r *Run, step *Step) {
	word, said := d.env.q.Proposed.Get(FactReceipt)
	if r == nil || step.Kind != KindReceipt || !said || !d.env.engine.law.Presumed[word.Code()] {
		return
	}
	over := d.over(p, r, step)
	if over == 0 {
		over = Never
	}
	d.until(WhyPresumed, over, step)
}

// awaited reports whether a step that is done once starts a clock which something done once has met before: who was freed before a letter
// reached them is late with nothing that it asked for.
func awaited(p *Protocol, r *Run, step *Step, d *Deadline) bool {
	if r == nil || step.Repeat {
		return true
	}
	return !slices.ContainsFunc(d.MetBy, func(id string) bool {
		x := p.Step(id)
		return x != nil && !x.Repeat && r.Event(id) != nil
	})
}
