package console

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// Draw draws a protocol as SVG, with the steps marked that were done in a run and those that may be done now.
type Draw func(p *lang.Printer, law *protocol.Protocol, done, open map[string]bool) []byte

// procedureData is a procedure of a file in the list of its page.
type procedureData struct {
	Name   said
	Href   string
	Closed bool
}

// drawingData is the page of one procedure: the rule drawn with where the file stands in it, and the same as a list.
type drawingData struct {
	File    string // address
	Number  lang.Code
	Name    said
	Picture template.HTML
	Steps   []stepData
	Closed  bool
}

// stepData is one step of a procedure, as the drawing shows it.
type stepData struct {
	Key     string
	By      said
	Rules   []string // keys of the deadlines it starts
	Measure bool
	Closes  bool
	Stand   string      // key
	Mark    string      // class
	Done    []time.Time // each time it was done
	Due     []*clockData
	Reasons []reason
	Basis   []said
}

const pageDrawing = "console/drawing"

// nameOfRun tells runs of a protocol apart in an address.
const nameOfRun = "run"

func drawingHref(file act.ID, protocol string, run act.ID) string {
	href := fileHref(file) + "/procedure/" + url.PathEscape(protocol)
	if run.IsZero() {
		return href
	}
	return href + "?" + url.Values{nameOfRun: {run.String()}}.Encode()
}

// procedures lists the procedures of a file that a mandate reads of, as they were begun.
func (c *Console) procedures(words words, v *clerk.View) []procedureData {
	var out []procedureData
	var known []act.ID
	for i := range v.Acts {
		at := v.Acts[i].Procedure
		if at == nil || slices.Contains(known, at.ID) {
			continue
		}
		known = append(known, at.ID)
		p := c.Pack.Engine().Protocol(at.Protocol, at.Version)
		if p == nil {
			continue
		}
		out = append(out, procedureData{
			Name: words.procedureOf(v, p.ID, at.ID), Href: drawingHref(v.File, p.ID, at.ID), Closed: runClosed(v, p, at.ID),
		})
	}
	return out
}

// runClosed reports whether a step that closes was done in a run.
func runClosed(v *clerk.View, p *protocol.Protocol, run act.ID) bool {
	return slices.ContainsFunc(v.Acts, func(a clerk.Recorded) bool {
		if a.Procedure == nil || a.Procedure.ID != run {
			return false
		}
		s := p.Step(a.Procedure.Step)
		return s != nil && s.Closes
	})
}

// drawing shows one procedure of a file. A protocol that the file has no run of, or none that this mandate reads of, is drawn as the
// rule stands.
func (c *Console) drawing(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	v, err := c.view(r, who)
	if err != nil {
		return err
	}
	var run act.ID
	if text := r.URL.Query().Get(nameOfRun); text != "" {
		run, err = act.ParseID(text)
		if err != nil {
			return errNoFile
		}
	}
	p := c.protocolOf(v, r.PathValue("protocol"), run)
	if p == nil {
		return errNoFile
	}
	words := c.words(r)
	d := drawingData{File: fileHref(v.File), Number: number(v.File), Name: words.procedureOf(v, p.ID, run), Closed: runClosed(v, p, run)}
	done, open := map[string]bool{}, map[string]bool{}
	for i := range p.Steps {
		s := c.stepOf(words, v, p, &p.Steps[i], run)
		done[p.Steps[i].ID], open[p.Steps[i].ID] = len(s.Done) > 0, s.Mark == standOpen
		d.Steps = append(d.Steps, s)
	}
	if c.Draw != nil && words.p != nil {
		d.Picture = picture(c.Draw(words.p, p, done, open))
	}
	return c.Show(w, r, who, http.StatusOK, pageDrawing, d)
}

// protocolOf is the law under which a run of the file goes on, or the newest of its sort; nil where neither is.
func (c *Console) protocolOf(v *clerk.View, id string, run act.ID) *protocol.Protocol {
	if run.IsZero() {
		p := c.Pack.Engine().Protocol(id, 0)
		if p == nil || p.Sort != v.Sort {
			return nil
		}
		return p
	}
	for i := range v.Acts {
		if at := v.Acts[i].Procedure; at != nil && at.ID == run && at.Protocol == id {
			return c.Pack.Engine().Protocol(id, at.Version)
		}
	}
	return nil
}

func (c *Console) stepOf(words words, v *clerk.View, p *protocol.Protocol, s *protocol.Step, run act.ID) stepData {
	out := stepData{
		Key: stepKey(p.ID, s.ID), By: words.by(s), Measure: s.Measure != nil, Closes: s.Closes, Basis: words.bases(s.Basis), Mark: standShut, Stand: "drawing.stand.later",
	}
	for _, d := range s.Deadlines {
		out.Rules = append(out.Rules, "rule."+d.Rule)
	}
	for i := range v.Acts {
		if at := v.Acts[i].Procedure; at != nil && at.ID == run && at.Step == s.ID && v.Acts[i].Kind != act.DeadlineLapsed {
			out.Done = append(out.Done, words.when(v.Acts[i].Effective))
		}
	}
	m := moveAt(v, protocol.Place{Protocol: p.ID, Run: run, Step: s.ID})
	switch {
	case m != nil && m.Open:
		out.Mark, out.Stand = standOpen, "drawing.stand.open"
		for i := range m.Due {
			out.Due = append(out.Due, c.clock(words, &m.Due[i], v.At))
		}
	case len(out.Done) > 0:
		out.Mark, out.Stand = standDone, "drawing.stand.done"
	case m != nil:
		out.Stand = "drawing.stand.shut"
		out.Reasons = words.blocked(v, m).Reasons
	case runClosed(v, p, run):
		out.Stand = "drawing.stand.over"
	}
	return out
}

// picture is a drawing inside a page: its style is the sheet's, since a page takes none from within.
func picture(svg []byte) template.HTML {
	before, rest, styled := bytes.Cut(svg, []byte("<style>"))
	if styled {
		_, after, _ := bytes.Cut(rest, []byte("</style>"))
		svg = append(before, after...) //nolint:gocritic // before is the caller's to give away
	}
	return template.HTML(svg) //nolint:gosec // G203: this house drew it, and escapes the words it draws
}
