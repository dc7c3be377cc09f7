package console

import (
	"net/http"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// toldIn is the act by which a notice came in, the first thing its officer reads: it stands above what may be done, however long
// the timeline has become. Nil for other sorts of file, and where the mandate may not read it.
func (c *Console) toldIn(v *clerk.View) *clerk.Recorded {
	if v.Sort != sortNotice {
		return nil
	}
	first := &v.Acts[0]
	if first.Procedure == nil || first.Key.IsZero() {
		return nil
	}
	p := c.Pack.Engine().Protocol(first.Procedure.Protocol, first.Procedure.Version)
	if p == nil {
		return nil
	}
	step := p.Step(first.Procedure.Step)
	if step == nil || !step.After.IsStart() {
		return nil
	}
	return first
}

// toldOf lists that act, to be opened.
func (c *Console) toldOf(v *clerk.View) []act.ID {
	if first := c.toldIn(v); first != nil {
		return []act.ID{first.ID}
	}
	return nil
}

// told is what the notice says; nil where nothing of it is left, or can be opened: the timeline tells that.
func (c *Console) told(r *http.Request, words words, v *clerk.View, opened map[act.ID]*clerk.Reading) *entry {
	first := c.toldIn(v)
	if first == nil {
		return nil
	}
	o := opened[first.ID]
	if o == nil || o.Err != nil || o.Erased {
		return nil
	}
	e := c.entry(r, words, *first, nil, o)
	if len(e.Content) == 0 && len(e.Text) == 0 {
		return nil
	}
	return &e
}
