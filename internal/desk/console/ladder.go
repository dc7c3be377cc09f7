package console

import (
	"context"
	"database/sql"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// ladder is where a file stands among the measures its law knows, the lightest at the foot: as a picture, and the same facts
// as a table. Everyone who may read the file reads the same ladder.
type ladder struct {
	Rungs   []rung // from the foot
	Picture template.HTML
	N       int // tells ladders of a page apart
	Href    string
	Number  lang.Code // of the file, where the page is another's
}

// rung is one measure.
type rung struct {
	Key     string // of the step
	Stand   string
	StandAs said
	At      *time.Time // when it was decided, or lifted
	Lacks   []said     // what it still lacks
	Basis   []said
	Again   []renewal // by which it lasts longer, or may be made to now
}

// The standings of a rung.
const (
	standDone   = "done"
	standLifted = "lifted"
	standOpen   = "open"
	standShut   = "shut"
	standNone   = "none" // its procedure is not opened
)

// ladder draws the measures of all protocols for the file's sort, once a procedure that may impose one is opened; nil before.
func (c *Console) ladder(words words, v *clerk.View, n int) *ladder {
	type step struct {
		p    *protocol.Protocol
		s    *protocol.Step
		run  act.ID
		rank int
	}
	runs := map[string]act.ID{} // the newest of each protocol
	for _, a := range v.Acts {
		if a.Procedure != nil {
			runs[a.Procedure.Protocol] = a.Procedure.ID
		}
	}
	var steps []step
	begun := false
	for i := range c.Pack.Protocols {
		p := &c.Pack.Protocols[i]
		if p.Sort != v.Sort {
			continue
		}
		for j := range p.Steps {
			if s := &p.Steps[j]; s.Measure != nil && s.Renews == "" { // what renews one is no other
				run := runs[p.ID]
				begun = begun || !run.IsZero()
				steps = append(steps, step{p, s, run, slices.Index(protocol.MeasureKinds(), string(s.Measure.Kind))})
			}
		}
	}
	if !begun || len(steps) < 2 {
		return nil
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.rank - b.rank })
	l := &ladder{N: n}
	for _, s := range steps {
		l.Rungs = append(l.Rungs, words.rung(v, s.run, s.p, s.s))
	}
	l.Picture = words.picture(l)
	return l
}

// mostLadders is how many cases of a platform show where they stand on its page.
const mostLadders = 3

// ladders are the file's own, or on a platform's page those of its newest cases that the mandate reads.
func (c *Console) ladders(r *http.Request, who access.Mandate, words words, v *clerk.View) ([]*ladder, error) {
	if l := c.ladder(words, v, 1); l != nil {
		return []*ladder{l}, nil
	}
	if slices.Contains(c.sorts(), v.Sort) { // what can be closed is about something; only what is a record has cases about it
		return nil, nil
	}
	files, err := c.casesOf(r.Context(), who.ID, v.File)
	if err != nil {
		return nil, err
	}
	others, err := c.Clerk.Views(r.Context(), who.ID, files)
	if err != nil {
		return nil, err
	}
	var out []*ladder
	for _, other := range others {
		if l := c.ladder(words, other, len(out)+1); l != nil && len(out) < mostLadders {
			l.Href, l.Number = fileHref(other.File), number(other.File)
			out = append(out, l)
		}
	}
	return out, nil
}

// casesOf lists the newest files about a platform that a mandate reads.
func (c *Console) casesOf(ctx context.Context, mandate, platform act.ID) (out []act.ID, err error) {
	err = c.Clerk.Read(ctx, func(tx clerk.Tx) error {
		out, err = casesAbout(ctx, tx, mandate, platform)
		return err
	})
	return out, err
}

func casesAbout(ctx context.Context, tx clerk.Tx, mandate, platform act.ID) ([]act.ID, error) {
	var out []act.ID
	err := each(ctx, tx, "SELECT d.file FROM docket d JOIN may m ON m.audience = d.audience AND m.mandate = ? WHERE d.platform = ? AND d.sort = ? "+
		"ORDER BY d.opened DESC LIMIT ?", []any{mandate[:], platform[:], cases.Sort, 2 * mostLadders}, func(rows *sql.Rows) error {
		var b []byte
		err := rows.Scan(&b)
		if err != nil {
			return err
		}
		id, err := toID(b)
		out = append(out, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("files of a platform: %w", err)
	}
	return out, nil
}

func (w words) rung(v *clerk.View, run act.ID, p *protocol.Protocol, s *protocol.Step) rung {
	out := rung{Key: stepKey(p.ID, s.ID), Stand: standShut, Basis: w.bases(s.Basis)}
	if run.IsZero() {
		out.Stand = standNone
	}
	lifts := map[string]bool{}
	for i := range p.Steps {
		if p.Steps[i].Lifts == s.ID {
			lifts[p.Steps[i].ID] = true
		}
	}
	for _, a := range v.Acts {
		if a.Procedure == nil || a.Procedure.ID != run || a.Kind == act.DeadlineLapsed {
			continue
		}
		at := w.when(a.Effective)
		switch {
		case a.Procedure.Step == s.ID:
			out.Stand, out.At = standDone, &at
		case lifts[a.Procedure.Step]:
			out.Stand, out.At = standLifted, &at
		}
	}
	if out.Stand == standShut {
		for i := range v.Moves {
			m := &v.Moves[i]
			if m.Run == run && m.Place.Step == s.ID {
				out.Lacks = w.lacks(m)
				if len(out.Lacks) == 0 {
					out.Stand = standOpen
				}
			}
		}
	}
	if out.Stand == standNone {
		out.Lacks = w.unbegun(v, p)
	}
	out.StandAs = said{"ladder.stand." + out.Stand, nil}
	if !run.IsZero() {
		out.Again = w.renewals(v, run, p, s)
	}
	return out
}

// unbegun words what a measure lacks whose procedure nobody has begun: the step that begins it, and what keeps that closed.
func (w words) unbegun(v *clerk.View, p *protocol.Protocol) []said {
	for i := range v.Moves {
		m := &v.Moves[i]
		if m.Place.Protocol == p.ID && m.Run.IsZero() && m.Step.After.IsStart() {
			first := said{"ladder.first", lang.Args{"step": lang.Key(stepKey(p.ID, m.Place.Step))}}
			return append([]said{first}, w.lacks(m)...)
		}
	}
	return []said{{"ladder.stand." + standNone, nil}}
}

// lacks words what keeps a step closed, whoever looks: that another role performs it keeps it closed to nobody.
func (w words) lacks(m *protocol.Move) []said {
	var out []said
	for i := range m.Blocks {
		if m.Blocks[i].Why != protocol.WhyRole {
			out = append(out, w.block(m.Protocol, &m.Blocks[i]))
		}
	}
	return out
}

// Sizes of the picture, in its own units: as wide as a small phone, so that its words keep their size there.
const (
	pictureWide  = 360
	rungHigh     = 68
	railNear     = 18 // from the edge where reading begins
	railFar      = 62 // the other rail
	wordsFrom    = 78 // where the words begin
	wordsFit     = 34 // letters of a line of words, about
	footHigh     = 16 // below the lowest rung and above the highest
	lineHigh     = 18 // of a line of words
	mostOfLines  = 2  // of the name of a rung
	markSize     = 9  // half of the mark on a rung
	markGap      = 6  // half of what a renewal takes beside it
	pictureClass = "ladder-picture"
)

// picture draws the ladder. Everything is mirrored where the language is read from right to left; marks differ by their form,
// not by their colour alone: a full disc is done, a disc struck through was lifted, a ring is open, a bar across is closed; small ones
// beside it are its renewals.
func (w words) picture(l *ladder) template.HTML {
	high := rungHigh*len(l.Rungs) + 2*footHigh
	rtl := w.p != nil && w.p.Dir() == "rtl"
	x := func(from int) int {
		if rtl {
			return pictureWide - from
		}
		return from
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="%s" viewBox="0 0 %d %d" role="img" aria-labelledby="ladder-%d-title" aria-describedby="ladder-%d-table" focusable="false">`,
		pictureClass, pictureWide, high, l.N, l.N)
	fmt.Fprintf(&b, `<title id="ladder-%d-title">%s</title>`, l.N, template.HTMLEscapeString(w.text("ladder.picture", nil)))
	for _, rail := range []int{railNear, railFar} {
		fmt.Fprintf(&b, `<line class="rail" x1="%d" y1="0" x2="%d" y2="%d"/>`, x(rail), x(rail), high)
	}
	for i := range l.Rungs {
		r := &l.Rungs[i]
		y := high - footHigh - rungHigh*i - rungHigh/2 // from the foot up
		fmt.Fprintf(&b, `<g class="rung %s">`, r.Stand)
		fmt.Fprintf(&b, `<line class="step" x1="%d" y1="%d" x2="%d" y2="%d"/>`, x(railNear), y, x(railFar), y)
		drawMark(&b, r.Stand, x((railNear+railFar)/2), y)
		for j, again := range r.Again {
			drawAgain(&b, again.Stand, x((railNear+railFar)/2+markSize+markGap+j*2*markGap), y)
		}
		w.rungWords(&b, r, x(wordsFrom), y)
		b.WriteString(`</g>`)
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // G203: numbers, classes of this file, and words that are escaped
}

func drawMark(b *strings.Builder, stand string, x, y int) {
	switch stand {
	case standDone:
		fmt.Fprintf(b, `<circle class="full" cx="%d" cy="%d" r="%d"/>`, x, y, markSize)
	case standLifted:
		fmt.Fprintf(b, `<circle class="ring" cx="%d" cy="%d" r="%d"/><line x1="%d" y1="%d" x2="%d" y2="%d"/>`,
			x, y, markSize, x-markSize-3, y+markSize+3, x+markSize+3, y-markSize-3)
	case standOpen:
		fmt.Fprintf(b, `<circle class="ring" cx="%d" cy="%d" r="%d"/>`, x, y, markSize)
	default:
		fmt.Fprintf(b, `<rect class="bar" x="%d" y="%d" width="%d" height="%d"/>`, x-3, y-markSize, 6, 2*markSize)
	}
}

// rungWords writes a rung's name, and under it how it stands.
func (w words) rungWords(b *strings.Builder, r *rung, x, y int) {
	lines := fold(w.text(r.Key, nil), wordsFit, mostOfLines)
	top := y - lineHigh*len(lines)/2
	for _, line := range lines {
		fmt.Fprintf(b, `<text class="name" x="%d" y="%d">%s</text>`, x, top+4, template.HTMLEscapeString(line))
		top += lineHigh
	}
	under := w.text(r.StandAs.Key, r.StandAs.Args)
	switch {
	case r.Stand == standDone && len(r.Again) > 0 && r.Again[len(r.Again)-1].At != nil:
		last := r.Again[len(r.Again)-1]
		under = w.text("ladder.since", lang.Args{"stand": lang.Key(last.StandAs.Key), "date": lang.Day(*last.At)})
	case r.At != nil:
		under = w.text("ladder.since", lang.Args{"stand": lang.Key(r.StandAs.Key), "date": lang.Day(*r.At)})
	case r.Stand != standNone && len(r.Lacks) > 0:
		under = w.text("ladder.lacks", lang.Args{"count": len(r.Lacks)})
	}
	fmt.Fprintf(b, `<text class="under" x="%d" y="%d">%s</text>`, x, top+4, template.HTMLEscapeString(under))
}

// fold breaks words into lines of about a width, at most so many; what is left over is cut with a sign.
func fold(text string, width, most int) []string {
	var out []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			out = append(out, line)
			line = word
			continue
		}
		line = strings.TrimSpace(line + " " + word)
	}
	out = append(out, line)
	if len(out) > most {
		out = slices.Clone(out[:most])
		out[most-1] += " …"
	}
	return out
}

// text words a message as plain text.
func (w words) text(key string, args lang.Args) string {
	if w.p == nil {
		return key
	}
	return w.p.Text(key, args)
}
