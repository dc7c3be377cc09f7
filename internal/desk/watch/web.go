package watch

import (
	"context"
	"embed"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

//go:embed pages/*.html
var pages embed.FS

// Pages are this desk's pages, inside the console.
func Pages() (fs.FS, error) { return fs.Sub(pages, "pages") }

// Host lets officers in and frames their pages: the console.
type Host interface {
	Inside(f func(http.ResponseWriter, *http.Request, access.Mandate) error) http.Handler
	Show(w http.ResponseWriter, r *http.Request, who access.Mandate, status int, page string, data any) error
}

// Front is this desk's page for officers.
type Front struct {
	Desk *Desk
	Host Host
}

const listPath = "/watch"

// Limits of one upload.
const (
	maxFile  = 2 << 20 // bytes of one text
	maxFiles = 20
	maxBody  = 16 << 20
	perPage  = 40
	farthest = 1_000_000 // nobody turns that many pages
)

// Routes adds this desk's routes to the console's mux.
func (f *Front) Routes(mux *http.ServeMux) {
	mux.Handle("GET "+listPath, f.Host.Inside(f.list))
	mux.Handle("POST "+listPath, web.Limit(maxBody)(f.Host.Inside(f.upload)))
}

// listData is what the page shows.
type listData struct {
	web.Form
	May               bool // this officer may import
	Source, Situation web.Field
	Outcomes          []outcomeData
	Added             int // how many of them are new
	Lines             []lineData
	Previous, Next    string
	MaxFile           lang.Size
	MaxFiles          int
}

// Self is where the page is shown again: a browser never sends a file twice.
func (listData) Self() string { return listPath }

// outcomeData is what became of one text of an upload.
type outcomeData struct {
	Name   string
	Title  string
	Href   string // of the alert; "" where there is none
	Key    string // what is said of it
	Args   lang.Args
	Repeat string // address of the alert whose story it tells again
}

// lineData is one alert of the list.
type lineData struct {
	Href      string
	Title     string // "" where the page had none
	Outlet    string
	Published *time.Time // a day
	Month     string     // or the key of a month,
	Year      string     // with its year
	Source    string     // key
	Situation string     // key
	Repeats   string     // address
	Dropped   bool
	Platforms []string
}

func (f *Front) list(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	return f.show(w, r, who, http.StatusOK, url.Values{}, nil, nil)
}

func (f *Front) show(w http.ResponseWriter, r *http.Request, who access.Mandate, status int, values url.Values, wrong []fault.Field, outcomes []Outcome) error {
	d := f.Desk
	form := web.Form{Values: values, Errors: wrong}
	data := listData{
		Form: form, May: d.May(who.Role), MaxFile: maxFile, MaxFiles: maxFiles,
		Source:    form.Choice("source", "watch.source", words("alert_sources", d.Law.Sources)...),
		Situation: form.Choice("situation", "watch.situation", words("situations", d.Law.Scope)...),
	}
	for i := range outcomes {
		o := outcomeOf(web.PrinterOf(r.Context()), &outcomes[i])
		data.Outcomes = append(data.Outcomes, o)
		if o.Key == "watch.outcome.added" || o.Key == "watch.outcome.repeats" {
			data.Added++
		}
	}
	skip, err := strconv.Atoi(r.URL.Query().Get("skip"))
	if err != nil || skip < 0 || skip > farthest {
		skip = 0
	}
	more, err := d.lines(r.Context(), skip, &data)
	if err != nil {
		return err
	}
	if skip > 0 {
		data.Previous = listPath + "?skip=" + strconv.Itoa(max(0, skip-perPage))
	}
	if more {
		data.Next = listPath + "?skip=" + strconv.Itoa(skip+perPage)
	}
	return f.Host.Show(w, r, who, status, "watch/list", data)
}

func words(list string, codes []string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = c + "=list." + list + "." + c
	}
	return out
}

// lines fills in the list of alerts and says whether there are more.
func (d *Desk) lines(ctx context.Context, skip int, data *listData) (more bool, err error) {
	var list []Row
	var ties map[act.ID][]act.ID
	err = d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		list, err = d.Newest(ctx, tx, skip, perPage+1)
		if err != nil {
			return err
		}
		more = len(list) > perPage
		list = list[:min(len(list), perPage)]
		files := make([]act.ID, len(list))
		for i := range list {
			files[i] = list[i].File
		}
		ties, err = d.Platforms(ctx, tx, files)
		return err
	})
	if err != nil {
		return false, err
	}
	bodies, err := d.opened.Of(ctx, d.Clerk, actsOf(list))
	if err != nil {
		return false, err
	}
	var platforms []act.ID
	for _, tied := range ties {
		platforms = append(platforms, tied...)
	}
	names, err := d.Names(ctx, platforms)
	if err != nil {
		return false, err
	}
	for i := range list {
		data.Lines = append(data.Lines, lineOf(&list[i], bodies[list[i].Act], ties[list[i].File], names))
	}
	return more, nil
}

func fileHref(file act.ID) string { return "/file/" + file.String() }

func lineOf(r *Row, b *Alert, platforms []act.ID, names map[act.ID]string) lineData {
	l := lineData{Href: fileHref(r.File), Source: "list.alert_sources." + r.Source, Situation: "list.situations." + r.Situation, Dropped: r.Dropped}
	if b != nil {
		l.Title, l.Outlet = b.Title, b.Outlet
	}
	first, precision, err := dateOf(r.Published)
	switch {
	case err != nil:
	case precision == PrecisionDay:
		l.Published = &first
	case precision == PrecisionMonth:
		l.Month, l.Year = "form.month."+strconv.Itoa(int(first.Month())), first.Format("2006")
	}
	if !r.Repeats.IsZero() {
		l.Repeats = fileHref(r.Repeats)
	}
	for _, p := range platforms {
		if names[p] != "" {
			l.Platforms = append(l.Platforms, names[p])
		}
	}
	return l
}

func outcomeOf(p *lang.Printer, o *Outcome) outcomeData {
	out := outcomeData{Name: o.Name}
	if o.Alert != nil {
		out.Title = called(p, o.Alert)
	}
	if !o.File.IsZero() {
		out.Href = fileHref(o.File)
	}
	switch {
	case o.Refused != nil:
		out.Key, out.Args = o.Refused.Key, o.Refused.Args
	case o.Already:
		out.Key = "watch.outcome.already"
	case !o.Repeats.IsZero():
		out.Key, out.Repeat = "watch.outcome.repeats", fileHref(o.Repeats)
	default:
		out.Key = "watch.outcome.added"
	}
	return out
}

// upload reads texts as they arrive; nothing of them is kept but what an alert says.
func (f *Front) upload(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	if !f.Desk.May(who.Role) {
		return fault.Forbidden.New("watch.forbidden")
	}
	var given []Page
	var refused []Outcome
	parts := web.Parts{Fields: []string{"source", "situation"}, Files: []string{"texts"}, File: func(_ url.Values, name string, file io.Reader) error {
		if len(given)+len(refused) >= maxFiles {
			return fault.Invalid.New("watch.files.many").With("max", maxFiles)
		}
		b, err := io.ReadAll(io.LimitReader(file, maxFile+1))
		if err != nil {
			return err
		}
		if len(b) > maxFile {
			refused = append(refused, Outcome{Name: name, Refused: fault.Invalid.New("watch.file.large").With("max", lang.Size(maxFile))})
			return nil
		}
		given = append(given, Page{Name: name, Text: b})
		return nil
	}}
	values, err := parts.Read(r)
	if err != nil {
		return err
	}
	if len(given)+len(refused) == 0 {
		return f.show(w, r, who, http.StatusUnprocessableEntity, values, []fault.Field{{Name: "texts", Key: "watch.files.none"}}, nil)
	}
	out, err := f.Desk.Import(r.Context(), who.ID, Choice{Source: values.Get("source"), Situation: values.Get("situation")}, given)
	var e *fault.Error
	if errors.As(err, &e) && len(e.Fields) > 0 {
		return f.show(w, r, who, http.StatusUnprocessableEntity, values, e.Fields, nil)
	}
	if err != nil {
		return err
	}
	status := http.StatusOK
	for _, o := range append(out, refused...) {
		if o.Refused != nil {
			status = http.StatusUnprocessableEntity // some of it has to be mended
		}
	}
	return f.show(w, r, who, status, values, nil, append(out, refused...))
}
