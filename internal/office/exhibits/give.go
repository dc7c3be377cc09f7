package exhibits

import (
	"context"
	"errors"
	"slices"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/office/access"
)

// Gift is an exhibit leaving the house: for whom, by the pack's code of an institution, and why.
type Gift struct {
	To     string
	Reason Reason
}

// Give records that an original goes to a court, and then gives it, byte for byte. A withheld one goes out as the police
// compartment holds it, by whom the pack's policies name for that.
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
	if err != nil {
		return nil, err
	}
	in, err := x.stream(ctx, mandate, access.ToExport, e)
	if e.Sealed && fault.CodeOf(err) == fault.Forbidden {
		err = errReferred()
	}
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
	return x.draw(ctx, mandate, access.ToExport, e, true)
}

func (g *Gift) facts(form string) map[string]act.Value {
	return map[string]act.Value{factTo: act.OfCode(g.To), factForm: act.OfCode(form), factReason: act.OfCode(g.Reason.Code)}
}
