package register

import (
	"context"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/office/clerk"
)

//go:embed pages/*.html
var pages embed.FS

// Pages are the register's pages.
func Pages() (fs.FS, error) { return fs.Sub(pages, "pages") }

// Front answers the public: pages and API.
type Front struct {
	Desk *Desk
	Edge *web.Edge
}

const (
	perPage     = 15              // a full page in Arabic, its fonts and the sheet of all pages stay within what a page may weigh
	receiptWait = 5 * time.Second // checkpoints are a second apart
)

// Routes adds the register's routes to a mux.
func (f *Front) Routes(mux *http.ServeMux) {
	mux.Handle("GET /register", f.Edge.Handle(f.list))
	mux.Handle("GET /register/{id}", f.Edge.Handle(f.entry))
	mux.Handle("GET /register/{id}/proof", f.Edge.Handle(f.proof))
	mux.Handle("GET /register/dump", f.Edge.Handle(f.dump))
	mux.Handle("GET /api/v1/register", f.Edge.Handle(f.api))
}

// line is one entry of the list.
type line struct {
	Href         string
	Number       int64
	Kind         string // key
	Standing     string // key
	Measure      string // key; "" for none
	Amount       any    // int64, as it stands now; nil for none
	Was          any    // int64: what it was at first, where it was changed; nil where not
	Platform     string
	PlatformHref string
	Decided      time.Time
	Moved        *time.Time // since when it stands as it does, where it was updated
	Fictional    bool
}

type listData struct {
	Lines     []line
	Platform  string // whose entries alone are shown; "" for all
	Next      string
	First     string // address of the first page, on a later one
	Fictional bool
	Dump      *dumpData
}

type dumpData struct {
	Entries int64
	Made    time.Time
	Sum     string
}

func (f *Front) list(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	d, ctx := f.Desk, r.Context()
	var platform act.ID
	if text := q.Get("platform"); text != "" {
		var err error
		platform, err = act.ParseID(text)
		if err != nil {
			return errNoEntry
		}
	}
	after, err := strconv.ParseInt(q.Get("after"), 10, 64)
	if err != nil || after < 0 {
		after = 0
	}
	list, err := d.Entries(ctx, platform, after, perPage+1)
	if err != nil {
		return err
	}
	data := listData{Fictional: d.Fictional}
	address := url.Values{}
	if !platform.IsZero() {
		address.Set("platform", platform.String())
		names, err := d.Names(ctx, []act.ID{platform})
		if err != nil {
			return err
		}
		data.Platform = names[platform]
		if data.Platform == "" {
			return errNoEntry
		}
	}
	if after > 0 {
		data.First = "/register?" + address.Encode()
	}
	if len(list) > perPage {
		list = list[:perPage]
		address.Set("after", strconv.FormatInt(list[perPage-1].Number, 10))
		data.Next = "/register?" + address.Encode()
	}
	for i := range list {
		data.Lines = append(data.Lines, d.line(&list[i]))
	}
	data.Dump, err = d.dumpData(ctx)
	if err != nil {
		return err
	}
	return f.Edge.Pages.Render(w, r, http.StatusOK, "register/list", web.View{Wide: true, Data: data})
}

func (d *Desk) line(e *Entry) line {
	day, _ := time.Parse(time.DateOnly, e.Decided)
	l := line{
		Href: "/register/" + e.Root.String(), Number: e.Number, Kind: "list.entries." + e.Code, Standing: "list.entry_states." + e.Standing,
		Platform: e.PlatformName, Decided: day, Fictional: d.Fictional,
	}
	if e.PlatformName != "" {
		l.PlatformHref = "/platforms/" + e.Platform.String()
	}
	if e.Newest != e.Act {
		moved := e.Moved.Time().In(d.zone())
		l.Moved = &moved
	}
	for _, p := range []*Published{e.Now, e.Published} {
		if p != nil && p.Measure != "" && l.Measure == "" {
			l.Measure = "list.rungs." + p.Measure
		}
	}
	l.Amount, l.Was = sumOf(e.Now), sumOf(e.Published)
	switch {
	case l.Amount == nil: // an update that is silent about a sum leaves it as it was
		l.Amount, l.Was = l.Was, nil
	case l.Was == l.Amount:
		l.Was = nil
	}
	return l
}

// sumOf is the amount of money of an entry, as a message takes it; nil for none.
func sumOf(p *Published) any {
	if p == nil || p.Amount == nil {
		return nil
	}
	return *p.Amount
}

// dumpData is what is said of the newest dump; nil where there is none.
func (d *Desk) dumpData(ctx context.Context) (*dumpData, error) {
	var list []Dumped
	err := d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		list, err = d.Dumps(ctx, tx, 1)
		return err
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &dumpData{list[0].Entries, list[0].Made.Time().In(d.zone()), hex.EncodeToString(list[0].Sum[:])}, nil
}

// version is an entry as it was written at one time.
type version struct {
	Number  int64
	Href    string // of its proof
	State   string // key
	Decided time.Time
	Entered time.Time
	Said    *saying // the reasons, in the reader's language where they are
	Others  []saying
	Erased  bool
	Measure string // key; "" for none
	Amount  any    // int64; nil for none
	Remedy  string // key; "" for none
	Law     []rests
}

// rests is one article, as a reader is told of it.
type rests struct {
	Text    lang.Worded
	Article string
}

// saying is a text in one language.
type saying struct {
	Lang string
	Name string // key of the language's name
	Text string
}

type entryData struct {
	line
	Versions []version // the newest first
}

func (f *Front) entry(w http.ResponseWriter, r *http.Request) error {
	id, err := act.ParseID(r.PathValue("id"))
	if err != nil {
		return errNoEntry
	}
	chain, err := f.Desk.Versions(r.Context(), id)
	if err != nil {
		return err
	}
	data := entryData{line: f.Desk.line(&chain[0])}
	reader := string(web.PrinterOf(r.Context()).Lang())
	for i := len(chain) - 1; i >= 0; i-- {
		data.Versions = append(data.Versions, f.Desk.version(&chain[i], reader))
	}
	return f.Edge.Pages.Render(w, r, http.StatusOK, "register/entry", web.View{Data: data})
}

func (d *Desk) version(e *Entry, reader string) version {
	day, _ := time.Parse(time.DateOnly, e.Decided)
	v := version{
		Number: e.Number, Href: "/register/" + e.Act.String() + "/proof", State: "list.entry_states." + e.State, Decided: day,
		Entered: e.Entered.Time().In(d.zone()), Erased: e.Published == nil,
	}
	if v.Erased {
		return v
	}
	p := e.Published
	v.Amount = sumOf(p)
	if p.Measure != "" {
		v.Measure = "list.rungs." + p.Measure
	}
	if p.Remedy != "" {
		v.Remedy = "list.remedies." + p.Remedy
	}
	for _, rest := range p.Law {
		v.Law = append(v.Law, rests{d.title(rest.Text, reader), rest.Article})
	}
	for _, l := range append([]string{reader}, d.Languages...) {
		text := p.Reasons[l]
		said := saying{l, "register.language." + l, text}
		switch {
		case text == "" || v.Said != nil && v.Said.Lang == l:
		case v.Said == nil:
			v.Said = &said
		case !slices.Contains(v.Others, said):
			v.Others = append(v.Others, said)
		}
	}
	return v
}

// title is what a legal text is called in the reader's language, else in one of the pack, else its identifier.
func (d *Desk) title(text, reader string) lang.Worded {
	var titles map[string]string
	if d.Titles != nil {
		titles = d.Titles(text)
	}
	for _, l := range append([]string{reader}, d.Languages...) {
		if titles[l] != "" {
			return lang.Worded(titles[l])
		}
	}
	return lang.Worded(text)
}

// proof sends the proof of an entry as a file: sanad verify reads it.
func (f *Front) proof(w http.ResponseWriter, r *http.Request) error {
	id, err := act.ParseID(r.PathValue("id"))
	if err != nil {
		return errNoEntry
	}
	ctx, cancel := context.WithTimeout(r.Context(), receiptWait)
	defer cancel()
	b, err := f.Desk.Proof(ctx, id)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="sanad.tlog-proof"`)
	_, err = w.Write(b) //nolint:gosec // G705: plain text, sent as an attachment, and kit/web forbids sniffing
	return err
}

// dump sends the newest dump.
func (f *Front) dump(w http.ResponseWriter, r *http.Request) error {
	newest, file, err := f.Desk.download(r.Context())
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	tag := `"` + hex.EncodeToString(newest.Sum[:]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	if fresh(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "application/jsonl")
	h.Set("Content-Disposition", `attachment; filename="`+dumpName(newest.Sum)+`"`)
	_, _ = io.Copy(w, file) // where the reader has gone there is nobody left to tell
	return nil
}

// fresh reports whether whoever asks has it already.
func fresh(r *http.Request, tag string) bool { return slices.Contains(tags(r), tag) }

// errAPI is said of a question the API can't read.
var errAPI = fault.Invalid.New("register.api")
