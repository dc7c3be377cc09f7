package console

import (
	"fmt"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// renewal is a decision by which a measure lasts longer: a mark on its rung, for it imposes nothing else.
type renewal struct {
	Stand   string // standDone or standOpen
	StandAs said
	At      *time.Time // when it was decided
}

// renewals are those of a measure that were decided, and those that may be decided now. What keeps one closed is told with its step.
func (w words) renewals(v *clerk.View, run act.ID, p *protocol.Protocol, s *protocol.Step) []renewal {
	var out []renewal
	for i := range p.Steps {
		step := &p.Steps[i]
		if step.Renews != s.ID {
			continue
		}
		for _, a := range v.Acts {
			if a.Procedure != nil && a.Procedure.ID == run && a.Procedure.Step == step.ID && a.Kind != act.DeadlineLapsed {
				at := w.when(a.Effective)
				out = append(out, renewal{standDone, said{"ladder.renewed", nil}, &at})
			}
		}
		for j := range v.Moves {
			m := &v.Moves[j]
			if m.Run == run && m.Place.Step == step.ID && len(w.lacks(m)) == 0 {
				out = append(out, renewal{Stand: standOpen, StandAs: said{"ladder.renewable", nil}})
			}
		}
	}
	return out
}

func drawAgain(b *strings.Builder, stand string, x, y int) {
	class := "ring"
	if stand == standDone {
		class = "full"
	}
	fmt.Fprintf(b, `<circle class="%s again" cx="%d" cy="%d" r="%d"/>`, class, x, y, markGap-1)
}
