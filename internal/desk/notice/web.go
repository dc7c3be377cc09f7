package notice

import (
	"context"
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
)

//go:embed pages/*.html
var pages embed.FS

// Pages are the portal's pages.
func Pages() (fs.FS, error) { return fs.Sub(pages, "pages") }

// Front answers the public: the portal's pages and the API.
type Front struct {
	Desk  *Desk
	Edge  *web.Edge
	Site  string           // host that people type to come here, as receipts print it; "" is what they asked for
	More  []web.Link       // sections of other rooms, after the portal's own
	API   []byte           // the description of the API, OpenAPI 3.1 as JSON
	Rates *web.Rates       // nil: nobody is asked to wait
	Now   func() time.Time // the machine's clock, for how long an upload may take; nil: as long as any other request
}

// receiptWait is how long an answer waits for the proof of a notice. It is written at once; this is for a database in trouble.
const receiptWait = 5 * time.Second

// What one network address may do. Many people share one: these bounds stop a machine, and no family.
var (
	noticesAnHour = web.Allowance{Name: "notice", Most: 20, In: time.Hour}
	uploadsAnHour = web.Allowance{Name: "upload", Most: 60, In: time.Hour} // begun: a bad line breaks some
	codesAnHour   = web.Allowance{Name: "code", Most: 60, In: time.Hour}
)

// Media types of what may be sent.
const (
	typeForm  = "application/x-www-form-urlencoded"
	typeParts = "multipart/form-data"
	typeJSON  = "application/json"
)

// Routes adds the portal's routes to a mux.
func (f *Front) Routes(mux *http.ServeMux) {
	mux.Handle("GET /{$}", f.handle(f.first))
	mux.Handle("GET /report", f.handle(f.again))
	mux.Handle("POST /report", unannounced(f.takes(f.walked, typeForm, typeParts)))
	mux.Handle("GET /child", f.handle(f.child))
	mux.Handle("POST /child", f.takes(f.childSent, typeForm))
	mux.Handle("GET /follow", f.handle(f.follow))
	mux.Handle("POST /follow", f.takes(f.followed, typeForm))
	mux.Handle("POST /proof", f.takes(f.proof, typeForm))
	mux.Handle("POST /api/v1/notices", f.takes(f.apiPost, typeJSON, typeParts))
	mux.Handle("POST /api/v1/notices/status", f.takes(f.apiStatus, typeJSON))
	mux.Handle("GET /api/v1/checkpoint", f.handle(f.checkpoint))
	mux.Handle("GET /api/openapi.json", f.handle(f.openAPI))
}

// handle answers for itself, and says how long to wait where that is known.
func (f *Front) handle(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err != nil {
			f.Edge.Fail(web.Waiting(w, err), r, err)
		}
	})
}

// takes is handle for what is sent: only these media types, and only uploads may be large and slow.
func (f *Front) takes(h func(http.ResponseWriter, *http.Request) error, types ...string) http.Handler {
	inner := f.handle(h)
	large := web.Limit(maxUpload)(inner)
	return web.Accept(f.Edge.Fail, types...)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !uploads(r) {
			inner.ServeHTTP(w, r)
			return
		}
		if f.Now != nil {
			// A connection that can't be given more time keeps the time every request has.
			_ = http.NewResponseController(w).SetReadDeadline(f.Now().Add(uploadTime))
		}
		large.ServeHTTP(w, r)
	}))
}

// unannounced lets a form that announces too many bytes be read up to where they are too many: its fields come first, so whoever
// chose a film gets the page back with all they wrote.
func unannounced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if uploads(r) && r.ContentLength > maxUpload {
			r = r.WithContext(r.Context())
			r.ContentLength = -1
		}
		next.ServeHTTP(w, r)
	})
}

// uploads tells a form that may carry files.
func uploads(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == typeParts
}

// render shows a page of the portal, with its sections where one is named: inside a report, and where a child may want to leave
// fast, nothing else asks to be looked at.
func (f *Front) render(w http.ResponseWriter, r *http.Request, status int, page, section string, v web.View) error {
	if section == "" {
		return f.Edge.Pages.Render(w, r, status, "notice/"+page, v)
	}
	nav := append([]web.Link{{Href: "/", Key: "nav.report"}, {Href: "/follow", Key: "nav.follow"}, {Href: "/child", Key: "nav.child"}}, f.More...)
	for i := range nav {
		nav[i].Current = nav[i].Href == section
	}
	v.Nav = nav
	return f.Edge.Pages.Render(w, r, status, "notice/"+page, v)
}

// spend counts a request of the address it comes from.
func (f *Front) spend(r *http.Request, a web.Allowance) error {
	if f.Rates == nil {
		return nil
	}
	return f.Rates.Spend(r, a)
}

// receipt is what the receipt's page shows.
type receipt struct {
	Code, Groups string
	Received     time.Time
	Due          *deadline
	Danger       []Number // to call; nil when nobody is in danger
	Outside      bool
	Doors        []door
	Away         string
	At           string   // where the code is asked for, as it is written on paper
	Lost         []string // message keys of what could not be kept
}

// The receipts, by the name under which they are asked for again in another language.
const (
	pageReceipt      = "receipt"
	pageChildReceipt = "child-receipt"
)

func (f *Front) receipt(w http.ResponseWriter, r *http.Request, status int, page string, ok *Accepted) error {
	site := f.Site
	if site == "" {
		site = r.Host
	}
	out := receipt{
		Code: ok.Code, Groups: Groups(ok.Code), Received: f.when(ok.Received), Due: f.due(ok.Due),
		Outside: f.Desk.Law.Outside(ok.Situation), Doors: f.doors(ok.Situation), Away: f.away(), At: site + "/follow",
	}
	if ok.Danger {
		out.Danger = f.Desk.Law.Emergency
	}
	for _, field := range ok.Lost {
		out.Lost = append(out.Lost, "receipt.lost."+field)
	}
	section := ""
	if page == pageReceipt {
		section = "/"
	}
	return f.render(w, r, status, page, section, web.View{Form: "again", FormAt: page, FormTo: "/follow", Data: out})
}

// door is who can help with what is out of scope.
type door struct {
	Name, How, Address string // message keys
}

func (f *Front) doors(situation string) []door {
	var out []door
	for _, w := range f.Desk.Law.Doors[situation] {
		out = append(out, door{"list.doors." + w, "door." + w + ".how", "door." + w + ".address"})
	}
	return out
}

// when is an instant in the country's legal time.
func (f *Front) when(i act.Instant) time.Time {
	if zone := f.Desk.Law.Zone; zone != nil {
		return i.Time().In(zone)
	}
	return i.Time()
}

// deadline is when the law expects the next step, as people say it: a day, where that whole day is left, else a moment.
type deadline struct {
	At    time.Time
	Whole bool // At is the last day
}

// due is when the law expects a step, of the first instant at which that is too late; nil of none.
func (f *Front) due(first act.Instant) *deadline {
	if first == 0 {
		return nil
	}
	at := f.when(first)
	if at.Hour() == 0 && at.Minute() == 0 {
		return &deadline{at.Add(-time.Minute), true}
	}
	return &deadline{at, false}
}

// fields tells a refusal that the person can mend on the same page.
func fields(err error) (*fault.Error, bool) {
	e := fault.Of(err)
	return e, e != nil && len(e.Fields) > 0
}

func (f *Front) follow(w http.ResponseWriter, r *http.Request) error {
	return f.render(w, r, http.StatusOK, "follow", "/follow", web.View{Data: standing{Form: web.Form{Values: url.Values{}}}})
}

// standing is what the page of a code shows.
type standing struct {
	web.Form
	Known bool
	Code  string
	Stage string // key
	Next  string // key
	Since time.Time
	Due   *deadline
	Late  *deadline // what should have been done by then and was not
	Free  bool      // something follows and the law sets no date for it
	Doors []door
}

// followed says where a notice stands. A receipt, asked for again in another language, is the same receipt.
func (f *Front) followed(w http.ResponseWriter, r *http.Request) error {
	values, err := web.ReadForm(r, "code", "go")
	if err != nil {
		return err
	}
	err = f.spend(r, codesAnHour)
	if err != nil {
		return err
	}
	s, err := f.Desk.Follow(r.Context(), values.Get("code"))
	if e, mendable := fields(err); mendable {
		return f.render(w, r, http.StatusNotFound, "follow", "/follow", web.View{Form: "code", Data: standing{Form: web.Form{Values: values, Errors: e.Fields}}})
	}
	if err != nil {
		return err
	}
	if page := values.Get("go"); page == pageReceipt || page == pageChildReceipt {
		code, _ := ReadCode(values.Get("code")) // it was found by it
		return f.receipt(w, r, http.StatusOK, page, &Accepted{Status: s, Code: code})
	}
	out := standing{
		Form: web.Form{Values: url.Values{}}, Known: true, Code: values.Get("code"), Stage: "status.stage." + s.Stage, Next: "status.next." + s.Stage,
		Since: f.when(s.Since), Due: f.due(s.Due),
	}
	if s.Outside {
		out.Doors = f.doors(s.Situation)
	}
	if s.Due == 0 && !ends(s.Stage) {
		late, err := f.Desk.late(r.Context(), s)
		if err != nil {
			return err
		}
		out.Late, out.Free = f.due(late), late == 0
	}
	return f.render(w, r, http.StatusOK, "follow", "/follow", web.View{Form: "again", Data: out})
}

// proof sends the proof of a notice as a file. The code stands in the form, never in an address.
func (f *Front) proof(w http.ResponseWriter, r *http.Request) error {
	values, err := web.ReadForm(r, "code")
	if err != nil {
		return err
	}
	err = f.spend(r, codesAnHour)
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
