package protocol

// What is handed over counts as handed over once the role it went to says so. Until then, or until the time for that ran out and it
// came back to whoever sent it, the run can't be closed: a closed run has no clocks, and what nobody received would wait for nobody.

// received refuses to close a run while somebody has still to acknowledge what was handed to them.
func (d *decision) received(p *Protocol, r *Run, step *Step) {
	if !step.Closes || !p.handsOver() {
		return
	}
	for _, c := range d.env.engine.running(d.env.q.State, r, p, nil) {
		if from := p.Step(c.Place.Step); from != nil && from.Handoff != "" {
			d.block(WhyOrder, words("steps", c.MetBy), step.Basis...)
		}
	}
}

func (p *Protocol) handsOver() bool {
	for i := range p.Steps {
		if p.Steps[i].Handoff != "" {
			return true
		}
	}
	return false
}
