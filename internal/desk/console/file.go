package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
	"sanad/internal/office/letters"
	"sanad/internal/office/tell"
)

// fileData is what a file's page shows.
type fileData struct {
	web.Form // what is wrong with the form that came back
	Href     string
	Number   lang.Code
	Sort     string // key
	About    *said
	Names    []string // of platforms it is about, or its own
	Opened   time.Time
	Seen     int64
	Done     *said // what was just recorded
	Closed   bool
	Outside  bool    // a matter that no case may be made of
	Cases    []cited // that a notice was joined to
	Clocks   []*clockData
	Told     *entry // what a notice says, as it came in
	Open     []openMove
	Blocked  []blockedMove
	Shut     []shutGroup   // those of Blocked that are folded away, where they were many
	Unbegun  []blockedMove // first steps, blocked, of procedures that nobody has begun
	Joining  *joining
	Ladders  []*ladder
	Versions *versionsData
	Panels   []*web.Section
	Exhibits *exhibitsData
	Runs     []procedureData
	Entries  []entry
	Earlier  string // address of the acts before those shown
	Later    string
	kept     kept
}

// openMove is a step that may be done now, with the form of its act.
type openMove struct {
	protocol.Place
	At       string // tells forms of a page apart
	Key      string
	Of       said // which procedure it is a step of: several share a wording
	Run      string
	By       said
	Do       said // what the button says
	Basis    []said
	Due      []*clockData
	Inputs   []input
	More     []input // of a letter: what few need
	Written  bool    // some of it was
	Aside    []input // what no condition of the procedure asks for
	Answered bool    // some of it was answered
	Earlier  []input // when it happened, where that was before
	Told     bool    // something was written there
	Draft    *draft
	Letter   bool
	Preview  *letters.Page
	Away     string // address where it is done instead
	Closed   bool   // nobody can fill it in on this page
	Shown    bool   // the form stands open
}

// blockedMove is a step that may not be done now.
type blockedMove struct {
	Key     string
	Of      said
	By      said
	Others  bool // nothing blocks it but that it is for others to do
	Count   int
	Reasons []reason
	group   string // under which it is folded away among many
}

// reason is one thing that blocks a step.
type reason struct {
	Gate    string // key of the gate's name; "" when it is none
	Message said
	Outcome string // key: false, not established, or impossible to tell; "" where the message says it
	Basis   []said
}

// returned is a form that came back because something in it must be mended, or looked at.
type returned struct {
	place   protocol.Place
	form    string // of a form that is no step's
	seen    int64
	values  url.Values
	wrong   []fault.Field
	preview *letters.Page
}

// errNoFile is the clerk's own answer for a file that does not exist; an address that holds no identifier gets the same.
var errNoFile = fault.NotFound.New("error.file_unknown")

// view returns the file that the address names, as who sees it.
func (c *Console) view(r *http.Request, who access.Mandate) (*clerk.View, error) {
	id, err := act.ParseID(r.PathValue("id"))
	if err != nil {
		return nil, errNoFile
	}
	return c.Clerk.View(r.Context(), who.ID, id)
}

func (c *Console) file(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	v, err := c.view(r, who)
	if err != nil {
		return err
	}
	return c.showFile(w, r, who, v, http.StatusOK, nil)
}

func (c *Console) showFile(w http.ResponseWriter, r *http.Request, who access.Mandate, v *clerk.View, status int, back *returned) error {
	words := c.words(r)
	d := fileData{
		Href: fileHref(v.File), Number: number(v.File), Sort: "sort." + v.Sort, Opened: words.when(v.Acts[0].Recorded),
		Seen: v.Seen, Closed: c.closed(v), About: words.about(codeOf(v.Acts[0].Facts)), Outside: v.Sort == sortNotice && !c.inScope(v),
	}
	if back != nil && back.form == "" {
		d.Seen = back.seen // what this person really saw when they began to write
	}
	overdue := Unmet(c.Pack.Engine(), v)
	clocks := slices.Concat(overdue, v.Running)
	for i := range clocks {
		clock := c.clock(words, &clocks[i], v.At)
		clock.Trace = tell.Trace(words.p, c.Pack, &clocks[i], words.actOf(v))
		d.Clocks = append(d.Clocks, clock)
	}
	picks := c.picker(r, who, v.File)
	opened, err := c.Clerk.OpenAll(r.Context(), who.ID, slices.Concat(draftsOf(v), c.toldOf(v), c.toOpen(v, pageOf(r, v))))
	if err != nil {
		return err
	}
	for i := range v.Moves {
		m := &v.Moves[i]
		switch {
		case m.Open:
			for j := range overdue {
				if overdue[j].Place.Run == m.Run && slices.Contains(overdue[j].MetBy, m.Place.Step) {
					m.Due = append(m.Due, overdue[j])
				}
			}
			ask := Asking{Mandate: who, File: v.File, Sort: v.Sort, Place: m.Place, Version: m.Version, Step: m.Step, View: v}
			err = c.settle(r.Context(), &ask)
			if err != nil {
				return err
			}
			form := back
			if back == nil || back.form != "" || back.place != m.Place {
				values, err := c.addressed(r.Context(), ask)
				if err != nil {
					return err
				}
				form = &returned{place: m.Place, values: values}
			}
			o, err := c.open(words, ask, m, i, form, &d.Form, picks)
			if err != nil {
				return err
			}
			o.Draft, err = draftIn(words, v, m, opened)
			if err != nil {
				return err
			}
			o.Of = words.procedure(v, m)
			if back != nil && back.form == "" && back.place == m.Place {
				o.Shown, d.kept = true, o.again(d.Href+writtenPath, len(back.wrong) > 0)
			}
			d.Open = append(d.Open, o)
		case past(m):
		case m.Run.IsZero():
			d.Unbegun = append(d.Unbegun, words.blocked(v, m))
		default:
			d.Blocked = append(d.Blocked, words.blocked(v, m))
		}
	}
	slices.SortStableFunc(d.Open, sooner)
	d.Blocked, d.Shut = foldShut(d.Blocked)
	if len(d.Open) == 1 {
		d.Open[0].Shown = true
	}
	d.Told = c.told(r, words, v, opened)
	d.Versions = words.versions(who, v, back, &d)
	d.Done = words.done(v, r.URL.Query().Get("done"))
	err = c.around(r, who, words, v, back, &d)
	if err != nil {
		return err
	}
	err = c.entries(r, who, words, v, opened, &d)
	if err != nil {
		return err
	}
	return c.Show(w, r, who, status, pageFile, d)
}

// around adds what stands beside steps and acts: names, what may be made of a notice, ladders, what desks know.
func (c *Console) around(r *http.Request, who access.Mandate, words words, v *clerk.View, back *returned, d *fileData) error {
	var err error
	d.Names, err = c.about(r, who, v)
	if err != nil {
		return err
	}
	d.Cases, err = c.joinedTo(r.Context(), who, v)
	if err != nil {
		return err
	}
	d.Joining, err = c.joining(r, who, words, v, back, d)
	if err != nil {
		return err
	}
	d.Ladders, err = c.ladders(r, who, words, v)
	if err != nil {
		return err
	}
	d.Exhibits, d.Runs = c.exhibitsOf(words, v), c.procedures(words, v)
	for _, panel := range c.Panels[v.Sort] {
		s, err := panel(r.Context(), who.ID, v)
		if err != nil {
			return err
		}
		if s != nil && (len(s.Rows) > 0 || len(s.Intro) > 0 || s.Empty != "") {
			d.Panels = append(d.Panels, s)
		}
	}
	return nil
}

// about lists what the platforms are called that a file names, or the file itself.
func (c *Console) about(r *http.Request, who access.Mandate, v *clerk.View) ([]string, error) {
	files := []act.ID{v.File}
	for _, a := range v.Acts {
		if x, said := a.Facts.Get(factPlatform); said {
			id, is := x.ID()
			if is && !slices.Contains(files, id) {
				files = append(files, id)
			}
		}
	}
	names, err := c.names(r.Context(), who.ID, files)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, id := range files {
		if name := names[id.String()]; name != "" {
			out = append(out, name)
		}
	}
	return out, nil
}

// picker asks each Picker once a page.
func (c *Console) picker(r *http.Request, who access.Mandate, file act.ID) picker {
	known := map[string][]web.Pick{}
	return func(name string, ask Picker) ([]web.Pick, error) {
		picks, done := known[name]
		if done {
			return picks, nil
		}
		picks, err := ask(r.Context(), who.ID, file)
		known[name] = picks
		return picks, err
	}
}

// closed reports whether a closing step was done and nothing is left to do.
func (c *Console) closed(v *clerk.View) bool {
	if len(v.Moves) > 0 {
		return false
	}
	for _, a := range v.Acts {
		if a.Procedure == nil {
			continue
		}
		p := c.Pack.Engine().Protocol(a.Procedure.Protocol, a.Procedure.Version)
		if p == nil {
			continue
		}
		if s := p.Step(a.Procedure.Step); s != nil && s.Closes {
			return true
		}
	}
	return false
}

// past reports whether a step is behind the file: done, and done once only. The timeline tells of it.
func past(m *protocol.Move) bool {
	return slices.ContainsFunc(m.Blocks, func(b protocol.Block) bool { return b.Why == protocol.WhyDone })
}

func (c *Console) open(words words, ask Asking, m *protocol.Move, i int, back *returned, page *web.Form, picks picker) (openMove, error) {
	id := strconv.Itoa(i)
	values, wrong := url.Values{}, []fault.Field(nil)
	out := openMove{
		At: id, Place: m.Place, Key: stepKey(m.Protocol, m.Place.Step), Run: runText(m.Run), By: words.by(m.Step), Basis: words.bases(m.Step.Basis),
		Do: said{"file.may.do", lang.Args{"step": lang.Key(stepKey(m.Protocol, m.Place.Step))}}, Away: c.Forms[m.Step.Kind].Away,
	}
	if back != nil && back.form == "" && back.place == m.Place {
		values, wrong, out.Preview = back.values, back.wrong, back.preview
		out.Shown = len(wrong) > 0 || back.preview != nil
		for _, f := range wrong {
			page.Errors = append(page.Errors, fault.Field{Name: id + "-" + f.Name, Key: f.Key, Args: f.Args})
		}
	}
	now := act.InstantOf(c.Clerk.Clock())
	for j := range m.Due {
		out.Due = append(out.Due, c.clock(words, &m.Due[j], now))
	}
	sh, err := c.sheetOf(ask, words, picks)
	if err != nil {
		return out, err
	}
	sh.inputs(&out, values, wrong)
	out.Told, out.Answered, out.Written, out.Letter, out.Closed = typed(out.Earlier), typed(out.Aside), typed(out.More), sh.letter, sh.closed
	return out, nil
}

// done words what was just recorded, from the act the address names: only one the mandate may read.
func (w words) done(v *clerk.View, text string) *said {
	if text == "" {
		return nil
	}
	for _, a := range v.Acts {
		if a.ID.String() == text && a.Kind == exhibits.KindAdded {
			return &said{"exhibit.add.done", nil}
		}
		if a.ID.String() == text && a.Procedure != nil {
			return &said{"file.done", lang.Args{"step": lang.Key(stepKey(a.Procedure.Protocol, a.Procedure.Step))}}
		}
	}
	return nil
}

// runText writes the run a form is for; nothing for one that would be opened.
func runText(run act.ID) string {
	if run.IsZero() {
		return ""
	}
	return run.String()
}
