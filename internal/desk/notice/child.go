package notice

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
)

// child shows the page for children: one page, few words.
func (f *Front) child(w http.ResponseWriter, r *http.Request) error {
	token, err := f.token()
	if err != nil {
		return err
	}
	return f.showChild(w, r, http.StatusOK, url.Values{"token": {token}}, nil)
}

const pageChild = "child"

// childPage is what the page for children shows.
type childPage struct {
	web.Form
	Token     string
	Numbers   []Number
	Situation web.Field
	Danger    web.Field
	Away      string
}

func (f *Front) showChild(w http.ResponseWriter, r *http.Request, status int, said url.Values, wrong []fault.Field) error {
	form := web.Form{Values: said, Errors: wrong}
	p := web.PrinterOf(r.Context())
	var words []string
	for _, word := range f.Desk.Law.ofChild(f.Desk.Words) {
		key := "child.situations." + word
		if !p.Has(key) {
			key = "list.situations." + word
		}
		words = append(words, word+"="+key)
	}
	out := childPage{
		Form: form, Token: said.Get("token"), Numbers: f.Desk.Law.Emergency, Away: f.away(),
		Situation: form.Choice("situation", "child.situation", words...),
		Danger:    form.Choice("danger", "child.danger", yes+"=page.yes", no+"=page.no"),
	}
	out.Danger.Optional = true
	return f.render(w, r, status, pageChild, "", web.View{Form: pageChild, FormAt: pageChild, FormTo: "/child", Data: out})
}

// away is where the quick way out of the child's page leads, where the pack names no place: a site anyone may have been on.
const away = "https://www.wikipedia.org/"

func (f *Front) away() string {
	if f.Desk.Law.Away != "" {
		return f.Desk.Law.Away
	}
	return away
}

func (f *Front) childSent(w http.ResponseWriter, r *http.Request) error {
	said, err := web.ReadForm(r, "situation", "danger", "where", "text", "token", "go")
	if err != nil {
		return err
	}
	if said.Get("go") == pageChild {
		return f.showChild(w, r, http.StatusOK, said, nil) // in another language, as far as it was written
	}
	form := f.form(said)
	form.Minor = new(true)
	form.Language = string(web.PrinterOf(r.Context()).Lang())
	err = f.Desk.check(form)
	if err == nil {
		err = f.spend(r, noticesAnHour)
	}
	var ok *Accepted
	if err == nil {
		ok, err = f.Desk.AcceptOnce(r.Context(), *form, said.Get("token"))
	}
	if err == nil {
		return f.receipt(w, r, http.StatusCreated, pageChildReceipt, ok)
	}
	e := fault.Of(err)
	switch {
	case e != nil && len(e.Fields) > 0:
		return f.showChild(w, r, http.StatusUnprocessableEntity, said, childish(e.Fields))
	case e != nil && e.Key == web.KeyTooMany:
		return f.showChild(web.Waiting(w, err), r, http.StatusTooManyRequests, said, []fault.Field{{Name: "text", Key: e.Key}})
	case e != nil && e.Code == fault.Unavailable:
		return f.showChild(web.Waiting(w, err), r, http.StatusServiceUnavailable, said, []fault.Field{{Name: "text", Key: e.Key}})
	}
	return fmt.Errorf("child's page: %w", err)
}

// childish says to a child what the desk says to anyone.
func childish(wrong []fault.Field) []fault.Field {
	out := slices.Clone(wrong)
	for i := range out {
		switch out[i].Key {
		case "notice.situation.missing", "notice.situation.unknown":
			out[i].Key = "child.situation.missing"
		case "notice.where.missing":
			out[i] = fault.Field{Name: "text", Key: "child.text.missing"}
		}
	}
	return out
}
