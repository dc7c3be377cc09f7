package exhibits

import (
	"context"
	"errors"
	"slices"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/kit/fault"
)

// Gift is an exhibit leaving the house: for whom, by the pack's code of an institution, and why.
type Gift struct {
	To     string
	Reason Reason
}

// Give records that an original goes to a court, and then gives it, byte for byte. A withheld one goes out as the police
// compartment holds it, and only by a custodian.
func (x *Room) Give(ctx context.Context, mandate, binding act.ID, to Gift) (*Download, error) {
	e, v, err := x.find(ctx, mandate, binding)
	if err != nil {
		return nil, err
	}
	switch {
	case e.Withheld:
		return nil, errReferred()
	case !slices.Contains(x.Rules.Courts, to.To):
		return nil, fault.Forbidden.New("exhibit.court_only")
	}
	err = to.Reason.check()
	if err == nil && e.Sealed {
		err = x.custodian(ctx, mandate)
	}
	if err != nil {
		return nil, err
	}
	in, err := x.stream(ctx, e)
	if err != nil {
		return nil, err
	}
	_, err = x.record(ctx, mandate, e, v, KindGiven, to.Reason.Text, to.facts(FormOriginal))
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return download(e, in), nil
}

// Copy records that a copy of a picture leaves the house, and gives it: re-encoded, without metadata.
func (x *Room) Copy(ctx context.Context, mandate, binding act.ID, to Gift) (*Rendered, error) {
	e, v, err := x.find(ctx, mandate, binding)
	if err != nil {
		return nil, err
	}
	err = errors.Join(showable(e), to.Reason.check())
	if err != nil {
		return nil, err
	}
	_, err = x.record(ctx, mandate, e, v, KindGiven, to.Reason.Text, to.facts(FormCopy))
	if err != nil {
		return nil, err
	}
	return x.draw(ctx, mandate, e, true)
}

func (g *Gift) facts(form string) map[string]act.Value {
	return map[string]act.Value{factTo: act.OfCode(g.To), factForm: act.OfCode(form), factReason: act.OfCode(g.Reason.Code)}
}

// custodian refuses whoever's role may not take a withheld original to a court.
func (x *Room) custodian(ctx context.Context, mandate act.ID) error {
	var role string
	err := x.Clerk.DB.Read(ctx, func(tx *store.Tx) error {
		m, err := x.Clerk.Book.Mandate(ctx, tx, mandate)
		role = m.Role
		return err
	})
	if err != nil {
		return wrap("find a mandate", err)
	}
	if !slices.Contains(x.Rules.Custodians, role) {
		return errReferred()
	}
	return nil
}
