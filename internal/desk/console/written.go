package console

import (
	"net/http"
	"net/url"
	"strings"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// What a page was when its form was sent to be shown in another language: what was wrong with it is said again, a letter written
// again. Nothing is recorded on the way.
const (
	nameGo    = "go"
	goOn      = "on" // a form that nobody had handed in
	goWrong   = "wrong"
	goPreview = "preview"
)

// kept says how a page's form survives another language.
type kept struct {
	form  string // id; "" where there is nothing to keep
	at    string // what the page was: goOn and its like
	to    string // address the form is sent to
	enter string // what the key Enter asks, where that is not to hand it in
	self  string // address at which a link shows the page again
}

// keeper is a page that knows which of its forms is to survive another language.
type keeper interface{ keeps() kept }

func (k *kept) into(v *web.View) {
	v.Form, v.FormAt, v.FormTo, v.FormEnter, v.Self = k.form, k.at, k.to, k.enter, k.self
}

// again is how the form of a step survives.
func (o *openMove) again(to string, wrong bool) kept {
	k := kept{form: "f-" + o.At + "-seen", at: goOn, to: to}
	if o.Letter {
		k.enter = namePreview
	}
	switch {
	case wrong:
		k.at = goWrong
	case o.Preview != nil:
		k.at = goPreview
	}
	return k
}

// gotBack says on top of the page what is wrong with a form that is no step's and stands under an id, and keeps what was written
// in it.
func (d *fileData) gotBack(id string, back *returned, to string) {
	for _, f := range back.wrong {
		d.Errors = append(d.Errors, fault.Field{Name: id + "-" + f.Name, Key: f.Key, Args: f.Args})
	}
	d.kept = kept{form: "f-" + id + "-seen", at: goOn, to: to}
	if len(back.wrong) > 0 {
		d.kept.at = goWrong
	}
}

// keeps implements keeper: the form that came back, or else a page that a link shows again.
func (d fileData) keeps() kept {
	d.kept.self = d.Href
	return d.kept
}

// keeps implements keeper: the one form, or the one that came back.
func (d startData) keeps() kept {
	for i := range d.Open {
		wrong := len(d.Errors) > 0 && strings.HasPrefix(d.Errors[0].Name, d.Open[i].At+"-")
		if wrong || len(d.Open) == 1 {
			return d.Open[i].again(d.Href+writtenPath, wrong)
		}
	}
	return kept{self: d.Href}
}

// keeps implements keeper.
func (d exhibitData) keeps() kept {
	d.kept.self = d.Href
	return d.kept
}

// keeps implements keeper: a browser never sends a file twice, so there is nothing to keep.
func (d addData) keeps() kept { return kept{self: d.Href} }

// writtenPath ends the address at which a form is shown again as it was written.
const writtenPath = "/written"

// written shows a file with the form of a step as it was written, in another language: nothing is recorded. Where the step is
// possible no more, the file says why.
func (c *Console) written(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	v, err := c.view(r, who)
	if err != nil {
		return err
	}
	place, err := peek(r)
	if err != nil {
		return err
	}
	m := moveAt(v, place)
	if m == nil || !m.Open {
		return c.showFile(w, r, who, v, http.StatusOK, nil)
	}
	ask := Asking{Mandate: who, File: v.File, Sort: v.Sort, Place: place, Version: m.Version, Step: m.Step, View: v}
	err = c.settle(r.Context(), &ask)
	if err != nil {
		return err
	}
	sh, values, err := c.asWritten(r, ask)
	if err != nil {
		return err
	}
	back := &returned{place: place, values: values}
	back.seen, err = seenOf(values, v)
	if err != nil {
		return err
	}
	cmd := clerk.Command{Mandate: who.ID, File: v.File, Procedure: place.Run, Protocol: place.Protocol, Step: place.Step, Seen: back.seen}
	at := values.Get(nameGo)
	if at == goWrong || at == goPreview {
		back.wrong, err = c.fill(r, ask, sh, values, &cmd)
		if err != nil {
			return err
		}
	}
	if at == goPreview && sh.letter && len(back.wrong) == 0 {
		back.preview, back.wrong, err = c.previewOf(r.Context(), c.words(r), v, &cmd)
		if err != nil {
			return err
		}
	}
	back.wrong = sh.beside(back.wrong)
	return c.showFile(w, r, who, v, statusOf(back), back)
}

// begun shows the form that opens a file as it was written, in another language.
func (c *Console) begun(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	sort := r.PathValue("sort")
	place, err := peek(r)
	if err != nil {
		return err
	}
	now := act.InstantOf(c.Clerk.Clock())
	p := c.Pack.Engine().Opening(place.Protocol, now, now)
	var step *protocol.Step
	if p != nil && p.Sort == sort {
		step = p.Step(place.Step)
	}
	if step == nil || !c.begins(step, sort, who.Role) {
		return errNothingToStart
	}
	ask := Asking{Mandate: who, Sort: sort, Place: place, Version: p.Version, Step: step}
	sh, values, err := c.asWritten(r, ask)
	if err != nil {
		return err
	}
	back := &returned{place: place, values: values}
	if values.Get(nameGo) == goWrong {
		cmd := clerk.Command{Mandate: who.ID, Of: sort, Protocol: place.Protocol, Step: place.Step}
		back.wrong, err = c.fill(r, ask, sh, values, &cmd)
		if err != nil {
			return err
		}
		back.wrong = sh.beside(back.wrong)
	}
	return c.showStart(w, r, who, statusOf(back), back)
}

// asWritten reads the form of a step that was sent to be shown again.
func (c *Console) asWritten(r *http.Request, ask Asking) (*sheet, url.Values, error) {
	file := act.ID{}
	if ask.View != nil {
		file = ask.View.File
	}
	sh, err := c.sheetOf(ask, c.words(r), c.picker(r, ask.Mandate, file))
	if err != nil {
		return nil, nil, err
	}
	values, err := web.ReadForm(r, append(sh.names(), nameFrom, nameGo)...)
	return sh, values, err
}

func statusOf(back *returned) int {
	if len(back.wrong) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}
