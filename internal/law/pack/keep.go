package pack

import "sanad/internal/act"

// Keep returns until when a body of a retention class is kept, from being when something last happened in its file. It
// returns false where the class is kept for ever, is unknown, or its time can't be computed: nothing is erased in doubt.
func (p *Pack) Keep(class string, from act.Instant) (until act.Instant, ends bool) {
	for i := range p.Retention {
		r := &p.Retention[i]
		if r.Class != class || r.Rule == "" {
			continue
		}
		at, err := clocks{p}.Due(r.Rule, from)
		return at, err == nil
	}
	return 0, false
}
