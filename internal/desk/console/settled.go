package console

import (
	"context"

	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// settle finds what was decided before a step, which its form shows or bounds and asks nobody: what its letter passes on, what its
// procedure did of which it tells the public. Nothing is found for most steps, nor where the step is not possible: then the clerk
// says why.
func (c *Console) settle(ctx context.Context, ask *Asking) error {
	if ask.View == nil || ask.Step == nil {
		return nil
	}
	sends := c.Letters != nil && ask.Step.Kind == protocol.KindSent && c.Letters.Carries(ask.Step.Letter)
	if !sends && ask.Step.Kind != protocol.KindPublished {
		return nil
	}
	asked, err := c.Clerk.Resting(ctx, &clerk.Command{
		Mandate: ask.Mandate.ID, File: ask.File, Procedure: ask.Place.Run, Protocol: ask.Place.Protocol, Step: ask.Place.Step,
	})
	if err == nil && sends {
		ask.Terms, err = c.Letters.TermsOf(asked.Rests)
	}
	if fault.CodeOf(err) != "" && fault.CodeOf(err) != fault.Unavailable {
		return nil // said when the step is done
	}
	ask.Asked = asked
	return err
}
