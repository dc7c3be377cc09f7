package protocol

import "maps"

// Before returns, for each step and each lapse, the steps and lapses that have come in a run whenever it comes: what it waits for, and
// what that waits for in turn; of several of which one suffices, what each of them waits for. A lapse waits for what starts its clock.
// Of nothing anything is known at first, and then ever less comes before each: whoever asks often keeps the answer.
func (p *Protocol) Before() map[string]map[string]bool {
	before := map[string]map[string]bool{}
	comings := p.comings()
	for changed := true; changed; {
		changed = false
		for name, from := range comings {
			out, known := from.before(before)
			if known && (before[name] == nil || len(out) != len(before[name])) {
				before[name], changed = out, true
			}
		}
	}
	return before
}

// before is what comes before what waits so, where enough is known of what it waits for.
func (a *After) before(known map[string]map[string]bool) (map[string]bool, bool) {
	out := map[string]bool{}
	for _, x := range a.All {
		if known[x] == nil {
			return nil, false
		}
		out[x] = true
		maps.Copy(out, known[x])
	}
	var common map[string]bool
	for _, x := range a.Any {
		if known[x] == nil { // it may wait for this one in turn, so that the others decide
			continue
		}
		with := maps.Clone(known[x])
		with[x] = true
		if common == nil {
			common = with
		}
		maps.DeleteFunc(common, func(y string, _ bool) bool { return !with[y] })
	}
	maps.Copy(out, common)
	return out, len(a.Any) == 0 || common != nil
}

// comings says of each step, and of each lapse, what it comes after.
func (p *Protocol) comings() map[string]After {
	out := map[string]After{}
	for i := range p.Steps {
		s := &p.Steps[i]
		out[s.ID] = s.After
		for _, d := range s.Deadlines {
			lapse := out[d.Lapses]
			lapse.Any = append(lapse.Any, s.ID)
			out[d.Lapses] = lapse
		}
	}
	for i := range p.Steps { // and clocks that a lapse starts
		for _, d := range p.Steps[i].Deadlines {
			for _, name := range d.Starts {
				if next := p.Deadline(name); next != nil {
					lapse := out[next.Lapses]
					lapse.Any = append(lapse.Any, d.Lapses)
					out[next.Lapses] = lapse
				}
			}
		}
	}
	return out
}
