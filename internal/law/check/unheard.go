package check

import "sanad/internal/law/protocol"

// unheard finds a lifting that whoever bore the measure need not hear of: nobody can send the letter that the lifting names, or the
// procedure can be closed before somebody did. Nothing can be sent in it afterwards. Those who carry a measure out have a letter of
// their own, which tells nobody else.
func (x *exploration) unheard(r *Report, mv *move) {
	s := mv.step
	made := x.image(mv, x.reach)
	if made == none || x.p.Step(s.Lifts) == nil {
		return
	}
	tells := func(y *protocol.Step) bool {
		return y.Move == "send" && s.Letter != "" && y.Letter == s.Letter && !x.carriedOut(y)
	}
	can, steps := none, []string(nil)
	for i := range x.moves {
		if y := &x.moves[i]; y.step != nil && tells(y.step) {
			can, steps = x.d.or(can, y.guard), append(steps, y.name)
		}
	}
	lost := x.d.less(made, can)
	if lost != none { // not at once, but perhaps later
		lost = x.d.less(lost, x.leadsTo(can))
	}
	if lost != none {
		story, _ := x.story(lost)
		x.finding(r, Untold, s.ID, "", gone(story, steps))
		return
	}
	told := x.done(func(y *protocol.Step) bool { return tells(y) && x.follows(y, s.ID) })
	if told == none { // one letter for several liftings: which of them it told of is not known
		told = x.done(tells)
	}
	for i := range x.moves {
		y := &x.moves[i]
		if y.step == nil || !y.step.Closes {
			continue
		}
		bad := x.d.less(x.d.and(x.reach, y.full, x.happened(s.ID)), told)
		if bad != none {
			x.finding(r, Untold, s.ID, y.name, x.storyOf(y, bad, told))
		}
	}
}
