package console

import (
	"time"

	"sanad/internal/kit/lang"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
)

// Reason is one thing that keeps a step closed, in a reader's words: the gate's name and how it stands where it is one, what is
// missing, and on what that rests.
type Reason struct {
	Gate, Message, Outcome string
	Basis                  []string
}

// Why words one thing that keeps a step of a protocol closed, as the page of a file does: whoever explains a file elsewhere says
// the same.
func Why(p *lang.Printer, law *pack.Pack, protocolID string, b *protocol.Block) Reason {
	w := words{p: p, pack: law, loc: time.UTC, lang: p.Lang()}
	if law.Calendar != nil {
		w.loc = law.Calendar.Location()
	}
	r := w.reason(protocolID, b)
	out := Reason{Message: w.text(r.Message.Key, r.Message.Args)}
	if r.Gate != "" {
		out.Gate = w.text(r.Gate, nil)
	}
	if r.Outcome != "" {
		out.Outcome = w.text(r.Outcome, nil)
	}
	for _, basis := range r.Basis {
		out.Basis = append(out.Basis, w.text(basis.Key, basis.Args))
	}
	return out
}

// reason is one thing that blocks a step, with its words not yet put together.
func (w words) reason(protocolID string, b *protocol.Block) reason {
	out := reason{Message: w.block(protocolID, b), Basis: w.bases(b.Basis)}
	if b.Why == protocol.WhyGate {
		out.Gate, out.Outcome = "gate."+b.Gate, "file.outcome."+b.Outcome
	}
	return out
}
