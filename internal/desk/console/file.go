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
)

// fileData is what a file's page shows.
type fileData struct {
	web.Form // what is wrong with the form that came back
	Href     string
	Number   lang.Code
	Sort     string // key
	Opened   time.Time
	Seen     int64
	Done     *said // what was just recorded
	Closed   bool
	Clocks   []*clockData
	Open     []openMove
	Blocked  []blockedMove
	Entries  []entry
	Earlier  string // address of the acts before those shown
	Later    string
}

// openMove is a step that may be done now, with the form of its act.
type openMove struct {
	protocol.Place
	Key    string
	Run    string
	By     said
	Do     said // what the button says
	Basis  []said
	Due    []*clockData
	Inputs []input
	Shown  bool // the form stands open
}

// blockedMove is a step that may not be done now.
type blockedMove struct {
	Key     string
	By      said
	Count   int
	Reasons []reason
}

// reason is one thing that blocks a step.
type reason struct {
	Gate    string // key of the gate's name; "" when it is none
	Message said
	Outcome string // key: false, not established, or impossible to tell; "" where the message says it
	Basis   []said
}

// returned is a form that came back because something in it must be mended.
type returned struct {
	place  protocol.Place
	seen   int64
	values url.Values
	wrong  []fault.Field
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
		Seen: v.Seen, Closed: c.closed(v),
	}
	if back != nil {
		d.Seen = back.seen // what this person really saw when they began to write
	}
	for i := range v.Running {
		d.Clocks = append(d.Clocks, c.clock(words, &v.Running[i], v.At))
	}
	for i := range v.Moves {
		m := &v.Moves[i]
		if m.Open {
			d.Open = append(d.Open, c.open(words, v, i, back, &d.Form))
		} else if !past(m) {
			d.Blocked = append(d.Blocked, words.blocked(m))
		}
	}
	if len(d.Open) == 1 {
		d.Open[0].Shown = true
	}
	d.Done = words.done(v, r.URL.Query().Get("done"))
	err := c.entries(r, who, words, v, &d)
	if err != nil {
		return err
	}
	return c.show(w, r, who, status, pageFile, d)
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

func (c *Console) open(words words, v *clerk.View, i int, back *returned, page *web.Form) openMove {
	m := &v.Moves[i]
	id := strconv.Itoa(i)
	values, wrong := url.Values{}, []fault.Field(nil)
	out := openMove{
		Place: m.Place, Key: stepKey(m.Protocol, m.Place.Step), Run: runText(m.Run), By: words.by(m.Step), Basis: words.bases(m.Step.Basis),
		Do: said{"file.may.do", lang.Args{"step": lang.Key(stepKey(m.Protocol, m.Place.Step))}},
	}
	if back != nil && back.place == m.Place {
		values, wrong, out.Shown = back.values, back.wrong, true
		for _, f := range wrong {
			page.Errors = append(page.Errors, fault.Field{Name: id + "-" + f.Name, Key: f.Key, Args: f.Args})
		}
	}
	for j := range m.Due {
		out.Due = append(out.Due, c.clock(words, &m.Due[j], v.At))
	}
	schema, _ := c.Kinds.Latest(m.Step.Kind)
	out.Inputs = words.form(id, schema, m.Step, values, wrong)
	return out
}

func (w words) blocked(m *protocol.Move) blockedMove {
	out := blockedMove{Key: stepKey(m.Protocol, m.Place.Step), By: w.by(m.Step), Count: len(m.Blocks)}
	for i := range m.Blocks {
		b := &m.Blocks[i]
		why := reason{Message: w.block(m.Protocol, b), Basis: w.bases(b.Basis)}
		if b.Why == protocol.WhyGate {
			why.Gate, why.Outcome = "gate."+b.Gate, "file.outcome."+b.Outcome
		}
		out.Reasons = append(out.Reasons, why)
	}
	return out
}

// by says who performs a step.
func (w words) by(step *protocol.Step) said {
	return said{"file.may.by", lang.Args{"roles": w.roles(step.By)}}
}

// done words what was just recorded, from the act the address names: only one the mandate may read.
func (w words) done(v *clerk.View, text string) *said {
	if text == "" {
		return nil
	}
	for _, a := range v.Acts {
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
