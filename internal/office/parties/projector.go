package parties

import (
	"context"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// Projector keeps who may read what in step with the acts of mandates.
type Projector struct{ Book *access.Book }

var _ clerk.Projector = Projector{}

// Project implements clerk.Projector. It looks at envelopes alone.
func (p Projector) Project(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) error {
	for _, a := range acts {
		var err error
		switch a.Kind {
		case KindMandateGranted:
			err = p.grant(ctx, tx, a.Envelope)
		case KindMandateEnded:
			err = p.Book.End(ctx, tx, a.File, a.Effective)
		}
		if err != nil {
			return fmt.Errorf("%s, act %d: %w", a.Kind, a.Seq, err)
		}
	}
	return nil
}

// grant reads a mandate from the act that grants it. What is missing stays zero, and access refuses it.
func (p Projector) grant(ctx context.Context, tx clerk.Tx, e *act.Envelope) error {
	get := func(name string) act.Value {
		v, _ := e.Facts.Get(name)
		return v
	}
	m := access.Mandate{
		ID: e.File, Role: get(FactRole).Code(), Institution: get(FactInstitution).Code(), Seat: get(FactSeat).Code(),
		Compartments: get(FactWalled).IDs(),
	}
	m.Person, _ = get(FactPerson).ID()
	m.Starts, _ = get(FactStarts).Instant()
	m.Ends, _ = get(FactEnds).Instant()
	for _, code := range get(FactCompartments).Codes() {
		id, err := p.Book.Compartment(ctx, tx, code)
		if err != nil {
			return err
		}
		m.Compartments = append(m.Compartments, id)
	}
	return p.Book.Grant(ctx, tx, m)
}
