package console

import (
	"context"

	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// settled is what was decided before the letter of a step, which its form shows and asks nobody; nil where the letter passes nothing
// on, and where the step is not possible: then the clerk says why.
func (c *Console) settled(ctx context.Context, ask Asking) (*letters.Terms, error) {
	if c.Letters == nil || ask.View == nil || ask.Step == nil || ask.Step.Kind != protocol.KindSent || !c.Letters.Carries(ask.Step.Letter) {
		return nil, nil //nolint:nilnil // most steps send nothing of the sort
	}
	_, rests, err := c.Clerk.Resting(ctx, &clerk.Command{
		Mandate: ask.Mandate.ID, File: ask.File, Procedure: ask.Place.Run, Protocol: ask.Place.Protocol, Step: ask.Place.Step,
	})
	var terms *letters.Terms
	if err == nil {
		terms, err = c.Letters.TermsOf(rests)
	}
	if fault.CodeOf(err) != "" && fault.CodeOf(err) != fault.Unavailable {
		return nil, nil //nolint:nilnil // said when the letter is sent
	}
	return terms, err
}
