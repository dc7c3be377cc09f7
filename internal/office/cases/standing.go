package cases

import "sanad/internal/law/protocol"

// Standing says of a file whether a case was ever opened in it, and whether one is open: what was closed since is not, until it is
// taken up again.
func Standing(law *protocol.Engine, s *protocol.State) (was, open bool) {
	opened, closed := int64(-1), int64(-1)
	for i := range s.Procedures {
		r := &s.Procedures[i]
		for _, e := range r.Events {
			step := law.StepOf(r, e.Step)
			if step == nil {
				continue
			}
			switch step.Kind {
			case KindOpened, KindReopened:
				opened = max(opened, e.Seq)
			case KindClosed:
				closed = max(closed, e.Seq)
			}
		}
	}
	return opened >= 0, opened > closed
}
