package notice

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"time"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
)

//go:embed pages/*.html
var pages embed.FS

// Pages are the portal's pages.
func Pages() (fs.FS, error) { return fs.Sub(pages, "pages") }

// Front answers the public: the portal's pages and the API.
type Front struct {
	Desk *Desk
	Edge *web.Edge
}

// receiptWait is how long an answer waits for the checkpoint that covers a notice: checkpoints are a second apart.
const receiptWait = 5 * time.Second

// Routes adds the portal's routes to a mux.
func (f *Front) Routes(mux *http.ServeMux) {
	mux.Handle("GET /{$}", f.Edge.Handle(f.form))
	mux.Handle("POST /{$}", f.Edge.Handle(f.post))
	mux.Handle("GET /follow", f.Edge.Handle(f.follow))
	mux.Handle("POST /follow", f.Edge.Handle(f.followed))
	mux.Handle("POST /proof", f.Edge.Handle(f.proof))
	mux.Handle("POST /api/v1/notices", f.Edge.Handle(f.apiPost))
	mux.Handle("POST /api/v1/notices/status", f.Edge.Handle(f.apiStatus))
	mux.Handle("GET /api/v1/checkpoint", f.Edge.Handle(f.checkpoint))
}

// ask is what the form's page shows.
type ask struct {
	web.Form
	Situation, Minor web.Field
}

func (f *Front) ask(values url.Values, errs []fault.Field) ask {
	form := web.Form{Values: values, Errors: errs}
	var words []string
	for _, w := range f.Desk.Words {
		words = append(words, w+"=list.situations."+w)
	}
	return ask{
		Form:      form,
		Situation: form.Choice("situation", "notice.situation", words...),
		Minor:     form.Choice("minor", "notice.minor", "yes=page.yes", "no=page.no", "unknown=page.unknown"),
	}
}

func (f *Front) form(w http.ResponseWriter, r *http.Request) error {
	return f.Edge.Pages.Render(w, r, http.StatusOK, "notice/form", web.View{Data: f.ask(url.Values{}, nil)})
}

func (f *Front) post(w http.ResponseWriter, r *http.Request) error {
	values, err := web.ReadForm(r, "situation", "platform", "where", "text", "minor")
	if err != nil {
		return err
	}
	form := Form{
		Situation: values.Get("situation"), Platform: values.Get("platform"), Where: values.Get("where"), Text: values.Get("text"),
		Language: string(web.PrinterOf(r.Context()).Lang()),
	}
	switch values.Get("minor") {
	case "yes":
		form.Minor = new(true)
	case "no":
		form.Minor = new(false)
	}
	ok, err := f.Desk.Accept(r.Context(), form)
	if e, mendable := fields(err); mendable {
		return f.Edge.Pages.Render(w, r, http.StatusUnprocessableEntity, "notice/form", web.View{Data: f.ask(values, e.Fields)})
	}
	if err != nil {
		return err
	}
	s, err := f.Desk.Follow(r.Context(), ok.Code)
	if err != nil {
		return err
	}
	return f.Edge.Pages.Render(w, r, http.StatusCreated, "notice/receipt", web.View{Data: receipt{Code: ok.Code, Groups: Groups(ok.Code), Due: due(s)}})
}

// receipt is what the receipt's page shows.
type receipt struct {
	Code, Groups string
	Due          *time.Time
}

func due(s Status) *time.Time {
	if s.Due == 0 {
		return nil
	}
	return new(s.Due.Time())
}

// fields tells a refusal that the person can mend on the same page.
func fields(err error) (*fault.Error, bool) {
	e := fault.Of(err)
	return e, e != nil && len(e.Fields) > 0
}

func (f *Front) follow(w http.ResponseWriter, r *http.Request) error {
	return f.Edge.Pages.Render(w, r, http.StatusOK, "notice/follow", web.View{Data: standing{Form: web.Form{Values: url.Values{}}}})
}

// standing is what the page of a code shows.
type standing struct {
	web.Form
	Known bool
	Code  string
	Stage string // key
	Since time.Time
	Due   *time.Time
}

func (f *Front) followed(w http.ResponseWriter, r *http.Request) error {
	values, err := web.ReadForm(r, "code")
	if err != nil {
		return err
	}
	s, err := f.Desk.Follow(r.Context(), values.Get("code"))
	if e, mendable := fields(err); mendable {
		return f.Edge.Pages.Render(w, r, http.StatusNotFound, "notice/follow", web.View{Data: standing{Form: web.Form{Values: values, Errors: e.Fields}}})
	}
	if err != nil {
		return err
	}
	return f.Edge.Pages.Render(w, r, http.StatusOK, "notice/follow", web.View{Data: standing{
		Form: web.Form{Values: values}, Known: true, Code: values.Get("code"), Stage: "status.stage." + s.Stage, Since: s.Since.Time(), Due: due(s),
	}})
}

// proof sends the proof of a notice as a file. The code stands in the form, never in an address.
func (f *Front) proof(w http.ResponseWriter, r *http.Request) error {
	values, err := web.ReadForm(r, "code")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), receiptWait)
	defer cancel()
	b, err := f.Desk.Receipt(ctx, values.Get("code"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="sanad.tlog-proof"`)
	_, err = w.Write(b) //nolint:gosec // G705: plain text, sent as an attachment, and kit/web forbids sniffing
	return err
}
