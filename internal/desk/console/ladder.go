package console

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// ladder is where one procedure stands among the measures its law knows, the lightest at the foot: as a picture, and the same
// facts as a table. Everyone who may read the file reads the same ladder.
type ladder struct {
	Rungs   []rung // from the foot
	Picture template.HTML
	N       int // tells ladders of a page apart
}

// rung is one measure.
type rung struct {
	Key     string // of the step
	Stand   string // done, lifted, open or closed
	StandAs said
	At      *time.Time // when it was decided
	Lacks   []said     // what each gate still lacks
	Basis   []said
}

// The standings of a rung.
const (
	standDone   = "done"
	standLifted = "lifted"
	standOpen   = "open"
	standShut   = "shut"
)

// ladders draws one ladder for every run of a protocol whose steps impose more than one measure.
func (c *Console) ladders(words words, v *clerk.View) []*ladder {
	var out []*ladder
	seen := map[act.ID]bool{}
	for i := range v.Moves {
		run := v.Moves[i].Run
		if !seen[run] && !run.IsZero() {
			seen[run] = true
			out = c.ladder(words, v, run, v.Moves[i].Protocol, v.Moves[i].Version, out)
		}
	}
	for _, a := range v.Acts { // runs that are closed have no moves
		if p := a.Procedure; p != nil && !seen[p.ID] {
			seen[p.ID] = true
			out = c.ladder(words, v, p.ID, p.Protocol, p.Version, out)
		}
	}
	return out
}

func (c *Console) ladder(words words, v *clerk.View, run act.ID, id string, version int, all []*ladder) []*ladder {
	p := c.Pack.Engine().Protocol(id, version)
	if p == nil {
		return all
	}
	l := &ladder{N: len(all) + 1}
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Measure == nil {
			continue
		}
		l.Rungs = append(l.Rungs, words.rung(v, run, p, s))
	}
	if len(l.Rungs) < 2 {
		return all
	}
	l.Picture = words.picture(l)
	return append(all, l)
}

func (w words) rung(v *clerk.View, run act.ID, p *protocol.Protocol, s *protocol.Step) rung {
	out := rung{Key: stepKey(p.ID, s.ID), Stand: standShut, Basis: w.bases(s.Basis)}
	lifts := ""
	for i := range p.Steps {
		if p.Steps[i].Lifts == s.ID {
			lifts = p.Steps[i].ID
		}
	}
	for _, a := range v.Acts {
		if a.Procedure == nil || a.Procedure.ID != run {
			continue
		}
		switch a.Procedure.Step {
		case s.ID:
			at := w.when(a.Effective)
			out.Stand, out.At = standDone, &at
		case lifts:
			at := w.when(a.Effective)
			out.Stand, out.At = standLifted, &at
		}
	}
	if out.Stand == standShut {
		for i := range v.Moves {
			m := &v.Moves[i]
			if m.Run != run || m.Place.Step != s.ID {
				continue
			}
			out.Lacks = w.lacks(m)
			if len(out.Lacks) == 0 {
				out.Stand = standOpen
			}
		}
	}
	out.StandAs = said{"ladder.stand." + out.Stand, nil}
	return out
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
	rungHigh     = 76
	railNear     = 18 // from the edge where reading begins
	railFar      = 62 // the other rail
	wordsFrom    = 78 // where the words begin
	wordsFit     = 34 // letters of a line of words, about
	footHigh     = 16 // below the lowest rung and above the highest
	lineHigh     = 18 // of a line of words
	mostOfLines  = 2  // of the name of a rung
	markSize     = 9  // half of the mark on a rung
	pictureClass = "ladder-picture"
)

// picture draws the ladder. Everything is mirrored where the language is read from right to left; marks differ by their form,
// not by their colour alone: a full disc is done, a disc struck through was lifted, a ring is open, a bar across is closed.
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
		fmt.Fprintf(b, `<circle class="ring" cx="%d" cy="%d" r="%d"/><line class="strike" x1="%d" y1="%d" x2="%d" y2="%d"/>`,
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
	case r.At != nil:
		under = w.text("ladder.since", lang.Args{"stand": lang.Key(r.StandAs.Key), "date": lang.Day(*r.At)})
	case len(r.Lacks) > 0:
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
