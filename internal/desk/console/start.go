package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// startData is what the page that opens a file shows.
type startData struct {
	web.Form
	Sort    string
	Title   string // key
	Href    string
	From    string // identifier of the notice a case is made of
	FromNo  lang.Code
	Open    []openMove
	Blocked []blockedMove
}

// errNothingToStart is for an address nobody was led to.
var errNothingToStart = fault.NotFound.New("web.not_found")

const nameFrom = "from"

func newHref(sort string) string { return "/new/" + sort }

// startable are the sorts of file in which a role performs, under the law in force, a first step whose form can be filled in here.
func (c *Console) startable(role string) []string {
	var out []string
	now := act.InstantOf(c.Clerk.Clock())
	for i := range c.Pack.Protocols {
		p := &c.Pack.Protocols[i]
		if slices.Contains(out, p.Sort) || c.Pack.Engine().Opening(p.ID, now, now).Version != p.Version {
			continue
		}
		if slices.ContainsFunc(p.Steps, func(s protocol.Step) bool { return c.begins(&s, p.Sort, role) }) {
			out = append(out, p.Sort)
		}
	}
	return out
}

// begins reports whether a step opens a file of a sort for a role, on a page of the console's. A first step of another procedure
// needs no act before it, and is about a file that is there: what opens a file bears its sort's name.
func (c *Console) begins(s *protocol.Step, sort, role string) bool {
	if !s.After.IsStart() || !slices.Contains(s.By, role) || !strings.HasPrefix(s.Kind, sort+".") || s.Kind == cases.KindReopened {
		return false
	}
	schema, _ := c.Kinds.Latest(s.Kind)
	form := c.Forms[s.Kind]
	if form.Away != "" {
		return false
	}
	if form.Prepare == nil && slices.ContainsFunc(schema.Commits, func(name string) bool { return name != protocol.CommitContent }) {
		return false
	}
	return !slices.ContainsFunc(schema.Facts, func(f act.FactSchema) bool {
		return f.Required && f.Type == act.Ident && c.Pickers[f.Name] == nil && !slices.Contains(form.Fills, f.Name)
	})
}

// beginnings asks the engine which first steps of a sort of file may be done now, and what blocks the others.
func (c *Console) beginnings(r *http.Request, who access.Mandate, sort string) ([]protocol.Move, error) {
	v, err := c.Clerk.Starts(r.Context(), who.ID, sort)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(v.Moves, func(m protocol.Move) bool { return !c.begins(m.Step, sort, who.Role) }), nil
}

func (c *Console) start(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	return c.showStart(w, r, who, http.StatusOK, nil)
}

func (c *Console) showStart(w http.ResponseWriter, r *http.Request, who access.Mandate, status int, back *returned) error {
	sort := r.PathValue("sort")
	moves, err := c.beginnings(r, who, sort)
	if err != nil {
		return err
	}
	if len(moves) == 0 {
		return errNothingToStart
	}
	words := c.words(r)
	d := startData{Sort: sort, Title: "start." + sort, Href: newHref(sort)}
	values := url.Values{}
	if sort == cases.Sort {
		values, err = c.madeOf(r, who, words, &d, back)
		if err != nil {
			return err
		}
	}
	picks := c.picker(r, who, act.ID{})
	for i := range moves {
		m := &moves[i]
		if !m.Open {
			d.Blocked = append(d.Blocked, words.blocked(&clerk.View{}, m))
			continue
		}
		here := back
		if here == nil {
			here = &returned{place: m.Place, values: values}
		}
		o, err := c.open(words, Asking{Mandate: who, Sort: sort, Place: m.Place, Version: m.Version, Step: m.Step}, m, i, here, &d.Form, picks)
		if err != nil {
			return err
		}
		o.Of = words.procedure(&clerk.View{}, m)
		d.Open = append(d.Open, o)
	}
	if len(d.Open) == 1 {
		d.Open[0].Shown = true
	}
	return c.Show(w, r, who, status, pageStart, d)
}

// madeOf fills in what the notice that a case is made of says: the officer may change it.
func (c *Console) madeOf(r *http.Request, who access.Mandate, words words, d *startData, back *returned) (url.Values, error) {
	d.From = r.URL.Query().Get(nameFrom)
	if back != nil {
		d.From = back.values.Get(nameFrom)
	}
	if d.From == "" {
		return url.Values{}, nil
	}
	v, err := c.notice(r, who, d.From)
	if err != nil {
		return nil, err
	}
	d.FromNo = number(v.File)
	values := url.Values{}
	for _, a := range v.Acts {
		for _, f := range a.Facts {
			if text := formText(words, f.Value); text != "" {
				values.Set(factPrefix+f.Name, text)
			}
		}
	}
	return values, nil
}

// formText writes a fact as a form sends it; "" for what is chosen otherwise.
func formText(words words, v act.Value) string {
	switch v.Type() {
	case act.Bool:
		if v.Bool() {
			return answerYes
		}
		return answerNo
	case act.Code:
		return v.Code()
	case act.Ident:
		id, _ := v.ID()
		return id.String()
	}
	return ""
}

// notice is the file of a notice about which a case may be opened.
func (c *Console) notice(r *http.Request, who access.Mandate, text string) (*clerk.View, error) {
	id, err := act.ParseID(text)
	if err != nil {
		return nil, errNoFile
	}
	v, err := c.Clerk.View(r.Context(), who.ID, id)
	if err != nil {
		return nil, err
	}
	if !c.inScope(v) {
		return nil, fault.ClosedGate.New("case.outside")
	}
	return v, nil
}

// started opens a file. What can be mended comes back with what was written.
func (c *Console) started(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	sort, words := r.PathValue("sort"), c.words(r)
	place, err := peek(r)
	if err != nil {
		return err
	}
	moves, err := c.beginnings(r, who, sort)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(moves, func(m protocol.Move) bool { return m.Place == place })
	if i < 0 {
		return errNothingToStart
	}
	ask := Asking{Mandate: who, Sort: sort, Place: place, Version: moves[i].Version, Step: moves[i].Step}
	sh, err := c.sheetOf(ask, words, c.picker(r, who, act.ID{}))
	if err != nil {
		return err
	}
	values, err := web.ReadForm(r, append(sh.names(), nameFrom)...)
	if err != nil {
		return err
	}
	cmd := clerk.Command{Mandate: who.ID, Of: sort, Protocol: place.Protocol, Step: place.Step}
	wrong, err := c.fill(r, ask, sh, values, &cmd)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return c.showStart(w, r, who, http.StatusUnprocessableEntity, &returned{place: place, values: values, wrong: wrong})
	}
	var from *clerk.View
	if text := values.Get(nameFrom); text != "" {
		from, err = c.notice(r, who, text)
		if err != nil {
			return err
		}
	}
	done, err := c.Clerk.Do(r.Context(), cmd)
	if wrong := mendable(err); wrong != nil {
		return c.showStart(w, r, who, http.StatusUnprocessableEntity, &returned{place: place, values: values, wrong: sh.beside(wrong)})
	}
	if err != nil {
		return words.explain(place.Protocol, err)
	}
	if from != nil {
		err = c.joinTo(r, who, done.File, from)
		if err != nil {
			return words.explain(place.Protocol, err)
		}
	}
	http.Redirect(w, r, fileHref(done.File)+"?done="+done.Acts[0].ID.String(), http.StatusSeeOther)
	return nil
}
