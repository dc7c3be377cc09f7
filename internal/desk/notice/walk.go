package notice

import (
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/text"
	"sanad/internal/kit/web"
)

// The pages of a report, one question each, in their order. What was answered travels in the form itself: the house keeps
// nothing of a person before they send.
const (
	pageDanger  = "danger"  // is someone in danger now?
	pageHelp    = "help"    // whom to call
	pageWhat    = "what"    // what happens
	pageDoor    = "door"    // who can help, where it is not us
	pageWhere   = "where"   // on which service, at which address
	pageTold    = "told"    // in their own words
	pageMinor   = "minor"   // is a child concerned
	pageContact = "contact" // how to reach the person
	pageCheck   = "check"   // what will be sent
)

// page is one page of a report: the fields it asks, and whether it is shown at all.
type page struct {
	name   string
	fields []string
	shown  func(f *Front, said url.Values) bool
}

func always(*Front, url.Values) bool { return true }

var walk = []page{
	{pageDanger, []string{"danger"}, always},
	{pageHelp, nil, func(_ *Front, said url.Values) bool { return said.Get("danger") == yes }},
	{pageWhat, []string{"situation"}, always},
	{pageDoor, nil, func(f *Front, said url.Values) bool { return f.Desk.Law.Outside(said.Get("situation")) }},
	{pageWhere, []string{"platform", "where"}, always},
	{pageTold, []string{"text"}, always},
	{pageMinor, []string{"minor"}, always},
	{pageContact, []string{"contact"}, func(f *Front, said url.Values) bool { return f.Desk.mayName(f.form(said)) }},
	{pageCheck, nil, always},
}

// answers are the fields of a report; the rest says where the person is: at which page (at), that they go back to one (go) or
// change one (change), that they return to the last afterwards (then), and the token of this paper.
var (
	answers = []string{"danger", "situation", "platform", "where", "text", "minor", "contact"}
	steers  = []string{"at", "go", "change", "then", "token"}
)

// Answers of a yes-or-no question.
const (
	yes = "yes"
	no  = "no"
)

func find(name string) int {
	return slices.IndexFunc(walk, func(p page) bool { return p.name == name })
}

// step is what a page of a report shows.
type step struct {
	web.Form
	At        string
	Back      string            // the page before this one; "" on the first
	Then      string            // the page to return to; "" for the next
	Carried   map[string]string // what this page does not ask
	Numbers   []Number
	Inside    []web.Option // situations in scope
	Outside   []web.Option // the others
	Choice    web.Field    // of a question with few answers
	Doors     []door
	Summary   []line
	AddressIs bool // an address and no file is taken
	Files     bool // files are taken

	MostFiles   int
	LargestFile lang.Size // of one of them
}

// line is one answer on the last page.
type line struct {
	Key   string // of the question
	Text  string // as it was written; "" where Word says it
	Word  string // key of the answer
	Page  string // where it can be changed
	Empty bool
}

func (f *Front) first(w http.ResponseWriter, r *http.Request) error {
	return f.show(w, r, http.StatusOK, pageDanger, url.Values{}, nil)
}

// again leads to the first page whoever asks for a page of a report by its address.
func (f *Front) again(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// walked takes the answers of one page and shows the next.
func (f *Front) walked(w http.ResponseWriter, r *http.Request) error {
	if uploads(r) {
		return f.sentWithFiles(w, r)
	}
	said, err := web.ReadForm(r, slices.Concat(answers, steers, fileFields)...) // a browser names the files it doesn't send
	if err != nil {
		return err
	}
	if name := said.Get("go"); find(name) >= 0 {
		return f.show(w, r, http.StatusOK, name, said, nil)
	}
	if name := said.Get("change"); find(name) >= 0 {
		said.Set("then", pageCheck)
		return f.show(w, r, http.StatusOK, name, said, nil)
	}
	at := find(said.Get("at"))
	if at < 0 {
		at = 0
	}
	wrong := f.wrong(walk[at].name, said)
	if len(wrong) > 0 {
		return f.show(w, r, http.StatusUnprocessableEntity, walk[at].name, said, wrong)
	}
	if walk[at].name == pageCheck {
		return f.send(w, r, said)
	}
	next := at + 1
	if find(said.Get("then")) > at && walk[at].fields != nil && walk[at].name != pageDanger {
		next = find(said.Get("then"))
		said.Del("then")
	}
	for !walk[next].shown(f, said) {
		next++
	}
	return f.show(w, r, http.StatusOK, walk[next].name, said, nil)
}

// form is a report as it was filled in so far.
func (f *Front) form(said url.Values) *Form {
	out := &Form{
		Situation: said.Get("situation"), Platform: said.Get("platform"), Where: said.Get("where"), Text: said.Get("text"),
		Danger: said.Get("danger") == yes, Contact: said.Get("contact"),
	}
	switch said.Get("minor") {
	case yes:
		out.Minor = new(true)
	case no:
		out.Minor = new(false)
	}
	return out
}

// wrong says what must be mended before a page is left.
func (f *Front) wrong(name string, said url.Values) []fault.Field {
	var out []fault.Field
	missing := func(field, key string, words ...string) {
		if !slices.Contains(words, said.Get(field)) {
			out = append(out, fault.Field{Name: field, Key: key})
		}
	}
	switch name {
	case pageDanger:
		missing("danger", "notice.danger.missing", yes, no)
	case pageMinor:
		missing("minor", "notice.minor.missing", yes, no, "unknown")
	case pageTold:
		if text.Empty(said.Get("where") + said.Get("text")) {
			return []fault.Field{{Name: "text", Key: "notice.text.missing"}}
		}
	}
	e, _ := fields(f.Desk.check(f.form(said)))
	if e == nil {
		return out
	}
	for _, field := range e.Fields {
		if i := find(name); slices.Contains(walk[i].fields, field.Name) && field.Key != "notice.where.missing" {
			out = append(out, field)
		}
	}
	return out
}

// send records the report, or shows the page where something must be mended. Whatever fails, what was written stays.
func (f *Front) send(w http.ResponseWriter, r *http.Request, said url.Values) error {
	for _, p := range walk {
		if !p.shown(f, said) {
			continue
		}
		wrong := f.wrong(p.name, said)
		if len(wrong) > 0 {
			said.Set("then", pageCheck)
			return f.show(w, r, http.StatusUnprocessableEntity, p.name, said, wrong)
		}
	}
	err := f.spend(r, noticesAnHour)
	if err != nil {
		return f.unsent(w, r, said, err)
	}
	form := f.form(said)
	form.Language = string(web.PrinterOf(r.Context()).Lang())
	ok, err := f.Desk.AcceptOnce(r.Context(), *form, said.Get("token"))
	if err != nil {
		return f.unsent(w, r, said, err)
	}
	return f.receipt(w, r, http.StatusCreated, pageReceipt, ok)
}

// unsent shows the last page again, with what was written, when a report could not be taken: not now, or not at all.
func (f *Front) unsent(w http.ResponseWriter, r *http.Request, said url.Values, err error) error {
	e := fault.Of(err)
	status := http.StatusServiceUnavailable
	switch {
	case e == nil || e.Code == "":
		return err
	case e.Key == web.KeyTooMany:
		status = http.StatusTooManyRequests
	case e.Code != fault.Unavailable:
		return err
	}
	w = web.Waiting(w, err)
	return f.show(w, r, status, pageCheck, said, []fault.Field{{Name: "send", Key: e.Key, Args: e.Args}})
}

// show shows a page of a report.
func (f *Front) show(w http.ResponseWriter, r *http.Request, status int, name string, said url.Values, wrong []fault.Field) error {
	at := find(name)
	law := &f.Desk.Law
	form := web.Form{Values: said, Errors: wrong}
	out := step{Form: form, At: name, Then: said.Get("then"), Numbers: law.Emergency, Carried: map[string]string{}, AddressIs: law.AddressAlone(said.Get("situation"))}
	for i := at - 1; i >= 0 && out.Back == ""; i-- {
		if walk[i].shown(f, said) {
			out.Back = walk[i].name
		}
	}
	switch name {
	case pageDanger:
		out.Choice = form.Choice("danger", "notice.danger", yes+"=notice.danger.yes", no+"=notice.danger.no")
	case pageWhat:
		inside, outside := law.split(f.Desk.Words)
		out.Choice = form.Field("situation", "notice.situation")
		out.Inside = options(inside, said.Get("situation"))
		if said.Get("danger") != yes {
			out.Outside = options(outside, said.Get("situation"))
		}
	case pageDoor:
		out.Doors = f.doors(said.Get("situation"))
	case pageMinor:
		out.Choice = form.Choice("minor", "notice.minor", yes+"=page.yes", no+"=page.no", "unknown=page.unknown")
	case pageCheck:
		out.Then = ""
		out.Summary = f.summary(said)
		out.MostFiles, out.LargestFile = maxFiles, lang.Size(maxFile)
		out.Files = f.Desk.Files != nil && !out.AddressIs
		if said.Get("token") == "" {
			token, err := f.token()
			if err != nil {
				return err
			}
			said.Set("token", token)
		}
	}
	for _, field := range append(slices.Clone(answers), "token") {
		if v := said.Get(field); v != "" && !slices.Contains(walk[at].fields, field) {
			out.Carried[field] = v
		}
	}
	section := ""
	if name == pageDanger {
		section = "/"
	}
	return f.render(w, r, status, name, section, web.View{Form: "walk", FormAt: name, Data: out})
}

func options(words []string, chosen string) []web.Option {
	out := make([]web.Option, len(words))
	for i, w := range words {
		out[i] = web.Option{Value: w, Key: "list.situations." + w, Checked: w == chosen}
	}
	return out
}

// summary lists what will be sent.
func (f *Front) summary(said url.Values) []line {
	out := []line{
		{Key: "notice.danger.label", Word: "page." + said.Get("danger"), Page: pageDanger},
		{Key: "notice.situation.label", Word: "list.situations." + said.Get("situation"), Page: pageWhat},
		{Key: "notice.platform.label", Text: said.Get("platform"), Page: pageWhere},
		{Key: "notice.where.label", Text: said.Get("where"), Page: pageWhere},
		{Key: "notice.text.label", Text: said.Get("text"), Page: pageTold},
		{Key: "notice.minor.label", Word: "page." + said.Get("minor"), Page: pageMinor},
	}
	if f.Desk.mayName(f.form(said)) {
		out = append(out, line{Key: "notice.contact.label", Text: said.Get("contact"), Page: pageContact})
	}
	for i := range out {
		out[i].Empty = out[i].Text == "" && out[i].Word == ""
	}
	return out
}

// token draws what tells one paper from another.
func (f *Front) token() (string, error) {
	var b [16]byte
	_, err := io.ReadFull(f.Desk.Dice, b[:])
	if err != nil {
		return "", errors.Join(errors.New("draw a token"), err)
	}
	return hex.EncodeToString(b[:]), nil
}
