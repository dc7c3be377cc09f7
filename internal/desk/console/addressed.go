package console

import (
	"context"
	"net/url"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// Served says on whom papers for a platform are served, and where: as its public record has it, "" for what that does not say.
type Served func(ctx context.Context, platform act.ID) (name, address string, err error)

// PlatformOf is the platform that a file is about, as it said last among what is seen of it; zero where it said none.
func PlatformOf(v *clerk.View) act.ID {
	for _, a := range slices.Backward(v.Acts) {
		said, there := a.Facts.Get(factPlatform)
		if id, is := said.ID(); there && is {
			return id
		}
	}
	return act.ID{}
}

// addressed is what the form of a letter begins with: where it can go to nobody but whom the procedure is against, that platform.
// Any other letter is addressed by who writes it: one to an operator or to a victim must never leave for the platform because
// somebody did not look.
func (c *Console) addressed(ctx context.Context, ask Asking) (url.Values, error) {
	values := url.Values{}
	if c.Letters == nil || ask.View == nil || ask.Step.Kind != protocol.KindSent || !c.Letters.ToParty(ask.Step) {
		return values, nil
	}
	if platform := PlatformOf(ask.View); !platform.IsZero() {
		values.Set(factPrefix+protocol.FactNoticeTo, platform.String())
	}
	return values, c.address(ctx, values)
}

// address fills in name and address of the platform that was chosen, where neither was written.
func (c *Console) address(ctx context.Context, values url.Values) error {
	platform, err := act.ParseID(values.Get(factPrefix + protocol.FactNoticeTo))
	if err != nil || c.Served == nil || values.Get(letters.NameAddressee) != "" || values.Get(letters.NameAddress) != "" {
		return nil //nolint:nilerr // nobody was chosen: the letter says what it lacks
	}
	name, address, err := c.Served(ctx, platform)
	if err != nil {
		return err
	}
	values.Set(letters.NameAddressee, name)
	values.Set(letters.NameAddress, address)
	return nil
}
