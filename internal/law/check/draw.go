package check

import (
	"fmt"
	"html"
	"slices"
	"strings"

	"sanad/internal/law/protocol"
)

// Words words a drawing: the pack's own names (step.PROTOCOL.STEP, role.ROLE, …) and the program's (check.draw.…), with named
// arguments in text.
type Words func(key string, args map[string]string) string

// Place says where a run stands, for a drawing of its protocol.
type Place struct {
	Done map[string]bool // steps that were done
	Open map[string]bool // steps that may be done now
}

// Sizes of a drawing, in the units of its view box.
const (
	boxWide  = 210
	boxPad   = 10
	lineHigh = 17
	perRow   = 4  // boxes side by side, so that a drawing fits a sheet of paper and a page
	across   = 36 // between boxes of one row: long arrows run there
	down     = 44 // between rows
	margin   = 28
	perLine  = 27 // letters that fit into a box
	perBold  = 23
	perNote  = 130
)

// box is a step in the drawing.
type box struct {
	step       *protocol.Step
	layer, row int
	x, y, high int
	lines      []line
}

type line struct{ class, text string }

// Draw returns a protocol as SVG: its steps in rows, each below what it waits for, and in a row from left to right, or from right
// to left in a language written so; who does each, and how long the answer may take. It is as wide as a sheet of paper. What binds
// someone against their will is marked, gates are small squares. With a place, what was done and what may be done now are marked too. The same protocol, words and
// place give the same bytes.
func Draw(p *protocol.Protocol, language string, rtl bool, say Words, at *Place) []byte {
	d := &drawing{p: p, rtl: rtl, say: say, at: at}
	d.lay()
	var b strings.Builder
	dir := "ltr"
	if rtl {
		dir = "rtl"
	}
	title := say("check.draw.title", map[string]string{"protocol": say("protocol."+p.ID, nil)})
	desc := say("check.draw.desc", map[string]string{"count": fmt.Sprint(len(p.Steps))})
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t d" lang="%s" direction="%s">`+"\n", d.wide, d.high, d.wide, d.high, language, dir)
	fmt.Fprintf(&b, "<title id=\"t\">%s</title>\n<desc id=\"d\">%s</desc>\n<style>%s</style>\n", html.EscapeString(title), html.EscapeString(desc), style)
	fmt.Fprintf(&b, `<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>`+"\n")
	fmt.Fprintf(&b, `<rect class="page" width="%d" height="%d"/>`+"\n", d.wide, d.high)
	d.text(&b, "head", d.start(margin, d.wide-2*margin), margin+16, title)
	for i, l := range wrap(say("check.draw.legend", nil), perNote) {
		d.text(&b, "note", d.start(margin, d.wide-2*margin), margin+38+i*lineHigh, l)
	}
	for i := range d.boxes {
		d.arrows(&b, &d.boxes[i])
	}
	for i := range d.boxes {
		d.box(&b, &d.boxes[i])
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

const style = `.page{fill:#fff}.box{fill:#f7f7f4;stroke:#555;stroke-width:1.2}.measure .box{stroke:#a5281b;stroke-width:3}.closes .box{stroke-dasharray:6 4}` +
	`.done .box{fill:#dcebdd}.open .box{fill:#fff3cd;stroke-width:3}.line{fill:none;stroke:#777;stroke-width:1.1}.lapse{stroke-dasharray:5 4}.tip{fill:#777}` +
	`.gate{fill:#34506b}text{font:13px system-ui,"Noto Sans","Noto Naskh Arabic",sans-serif;fill:#1b1b1b}.name{font-weight:700}.who,.time,.note{font-size:12px;fill:#444}` +
	`.mark{font-size:12px;font-weight:700;fill:#a5281b}.head{font-size:17px;font-weight:700}`

// drawing is a protocol being drawn.
type drawing struct {
	p          *protocol.Protocol
	rtl        bool
	say        Words
	at         *Place
	boxes      []box
	wide, high int
}

// lay puts each step into the layer after those it waits for.
func (d *drawing) lay() {
	layers := d.layers()
	most := 0
	for i := range d.p.Steps {
		s := &d.p.Steps[i]
		b := box{step: s, layer: layers[s.ID], lines: d.lines(s)}
		b.high = 2*boxPad + lineHigh*len(b.lines)
		if len(s.Gates) > 0 {
			b.high += lineHigh
		}
		most = max(most, b.layer)
		d.boxes = append(d.boxes, b)
	}
	d.wide = 2*margin + perRow*boxWide + (perRow-1)*across
	y := margin + 38 + lineHigh*(len(wrap(d.say("check.draw.legend", nil), perNote))+1)
	row := 0
	for layer := range most + 1 {
		in, high := 0, 0
		for i := range d.boxes {
			b := &d.boxes[i]
			if b.layer != layer {
				continue
			}
			if in == perRow {
				y, in, high, row = y+high+down, 0, 0, row+1
			}
			b.x, b.y, b.row = margin+in*(boxWide+across), y, row
			if d.rtl {
				b.x = d.wide - b.x - boxWide
			}
			in, high = in+1, max(high, b.high)
		}
		if in > 0 {
			y, row = y+high+down, row+1
		}
	}
	d.high = y - down + margin
}

// layers computes for each step a place behind those it waits for.
func (d *drawing) layers() map[string]int {
	const never = 1 << 20
	at := map[string]int{}
	place := func(name string) int {
		if s := d.starter(name); s != "" {
			name = s
		}
		if n, there := at[name]; there {
			return n
		}
		return never
	}
	for range d.p.Steps {
		for i := range d.p.Steps {
			s := &d.p.Steps[i]
			n := -1
			for _, x := range s.After.All {
				n = max(n, place(x))
			}
			first := never
			for _, x := range s.After.Any {
				first = min(first, place(x))
			}
			if len(s.After.Any) > 0 {
				n = max(n, first)
			}
			if _, there := at[s.ID]; n < never && !there {
				at[s.ID] = n + 1
			}
		}
	}
	return d.spread(at)
}

// spread moves each step behind all that may come before it, as far as that goes round in no circle.
func (d *drawing) spread(least map[string]int) map[string]int {
	rank := map[string]int{}
	for i := range d.p.Steps {
		rank[d.p.Steps[i].ID] = least[d.p.Steps[i].ID]*len(d.p.Steps) + i
	}
	at := map[string]int{}
	for range d.p.Steps {
		for i := range d.p.Steps {
			s := &d.p.Steps[i]
			for _, x := range slices.Concat(s.After.All, s.After.Any) {
				if from := d.starter(x); from != "" {
					x = from
				}
				if rank[x] < rank[s.ID] {
					at[s.ID] = max(at[s.ID], at[x]+1)
				}
			}
		}
	}
	return at
}

// starter returns the step whose clock lapses under a name, "" when none does.
func (d *drawing) starter(lapse string) string {
	for i := range d.p.Steps {
		for _, c := range d.p.Steps[i].Deadlines {
			if c.Lapses == lapse {
				return d.p.Steps[i].ID
			}
		}
	}
	return ""
}

func (d *drawing) lines(s *protocol.Step) []line {
	var out []line
	add := func(class, text string) {
		most := perLine
		if class == "name" {
			most = perBold
		}
		for _, l := range wrap(text, most) {
			out = append(out, line{class, l})
		}
	}
	add("name", d.say("step."+d.p.ID+"."+s.ID, nil))
	add("who", d.names("role.", s.By))
	if len(s.Deadlines) > 0 {
		var rules []string
		for _, c := range s.Deadlines {
			rules = append(rules, c.Rule)
		}
		add("time", d.say("check.draw.within", map[string]string{"names": d.names("rule.", rules)}))
	}
	if s.Measure != nil {
		add("mark", d.say("check.draw.measure", nil))
	}
	if s.Closes {
		add("mark", d.say("check.draw.closes", nil))
	}
	if d.at != nil && d.at.Done[s.ID] {
		add("mark", d.say("check.draw.done", nil))
	}
	if d.at != nil && d.at.Open[s.ID] {
		add("mark", d.say("check.draw.open", nil))
	}
	return out
}

func (d *drawing) names(prefix string, ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, d.say(prefix+id, nil))
	}
	if d.rtl {
		return strings.Join(out, "، ")
	}
	return strings.Join(out, ", ")
}

// wrap cuts a text into lines between words.
func wrap(text string, most int) []string {
	var out []string
	for _, word := range strings.Fields(text) {
		n := len(out)
		if n > 0 && len([]rune(out[n-1]))+1+len([]rune(word)) <= most {
			out[n-1] += " " + word
			continue
		}
		out = append(out, word)
	}
	return out
}

// start is where a line of text begins in a space: its left edge, or its right one.
func (d *drawing) start(x, wide int) int {
	if d.rtl {
		return x + wide
	}
	return x
}

func (d *drawing) text(b *strings.Builder, class string, x, y int, text string) {
	fmt.Fprintf(b, `<text class="%s" x="%d" y="%d">%s</text>`+"\n", class, x, y, html.EscapeString(text))
}

func (d *drawing) box(b *strings.Builder, x *box) {
	class := "step"
	for _, c := range []struct {
		is   bool
		name string
	}{
		{x.step.Measure != nil, " measure"}, {x.step.Closes, " closes"}, {d.at != nil && d.at.Done[x.step.ID], " done"}, {d.at != nil && d.at.Open[x.step.ID], " open"},
	} {
		if c.is {
			class += c.name
		}
	}
	var all []string
	for _, l := range x.lines {
		all = append(all, l.text)
	}
	tip := strings.Join(all, " ")
	if len(x.step.Gates) > 0 {
		tip += ". " + d.say("check.draw.gates", map[string]string{"names": d.names("gate.", x.step.Gates)})
	}
	fmt.Fprintf(b, `<g class="%s"><title>%s</title><rect class="box" x="%d" y="%d" width="%d" height="%d" rx="6"/>`+"\n", class, html.EscapeString(tip), x.x, x.y, boxWide, x.high)
	y := x.y + boxPad + lineHigh - 4
	for _, l := range x.lines {
		d.text(b, l.class, d.start(x.x+boxPad, boxWide-2*boxPad), y, l.text)
		y += lineHigh
	}
	for i := range min(len(x.step.Gates), 20) {
		at := x.x + boxPad + i*9
		if d.rtl {
			at = x.x + boxWide - boxPad - 6 - i*9
		}
		fmt.Fprintf(b, `<rect class="gate" x="%d" y="%d" width="6" height="6"/>`+"\n", at, y-9)
	}
	b.WriteString("</g>\n")
}

// arrows draws how a step is come to: from the steps it waits for, and dashed from those whose clock ran out. What a step waits
// for through another one has no arrow of its own.
func (d *drawing) arrows(b *strings.Builder, to *box) {
	for _, name := range slices.Concat(d.direct(to.step.After.All), to.step.After.Any) {
		class := "line"
		if s := d.starter(name); s != "" {
			name, class = s, "line lapse"
		}
		i := slices.IndexFunc(d.boxes, func(x box) bool { return x.step.ID == name })
		if i < 0 || d.boxes[i].step == to.step {
			continue
		}
		fmt.Fprintf(b, `<path class="%s" marker-end="url(#a)" d="%s"/>`+"\n", class, d.way(&d.boxes[i], to, i))
	}
}

// way is the path of an arrow: straight down to the next row, else along the gaps between rows and boxes, where nothing hides it.
// Arrows from different boxes keep a little apart.
func (d *drawing) way(from, to *box, i int) string {
	x1, y1, x2, y2 := from.x+boxWide/2, from.y+from.high, to.x+boxWide/2, to.y
	if to.row == from.row+1 {
		mid := to.y - down/2
		return fmt.Sprintf("M%d %dV%dC%d %d %d %d %d %d", x1, y1, mid-10, x1, mid+8, x2, mid-8, x2, y2)
	}
	apart := i%5*4 - 8
	below, above := d.foot(from.row)+down/2+apart, to.y-down/2+apart
	gap := to.x - across/2 + apart // the gap on the side where the row begins
	if d.rtl {
		gap = to.x + boxWide + across/2 + apart
	}
	gap = min(max(gap, 6), d.wide-6)
	return fmt.Sprintf("M%d %dV%dH%dV%dH%dV%d", x1, y1, below, gap, above, x2, y2)
}

// foot is where a row ends.
func (d *drawing) foot(row int) int {
	foot := 0
	for i := range d.boxes {
		if d.boxes[i].row == row {
			foot = max(foot, d.boxes[i].y+d.boxes[i].high)
		}
	}
	return foot
}

// direct leaves out what another of the names waits for anyway.
func (d *drawing) direct(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(x string) bool {
		return slices.ContainsFunc(names, func(y string) bool { return y != x && d.needs(y, x, len(d.p.Steps)) })
	})
}

// needs reports whether a step, or the step whose clock lapses under that name, can only come after another one.
func (d *drawing) needs(step, before string, deep int) bool {
	if s := d.starter(step); s != "" {
		step = s
		if step == before {
			return true
		}
	}
	s := d.p.Step(step)
	if s == nil || deep == 0 {
		return false
	}
	return slices.ContainsFunc(s.After.All, func(x string) bool { return x == before || d.needs(x, before, deep-1) }) ||
		len(s.After.Any) == 1 && (s.After.Any[0] == before || d.needs(s.After.Any[0], before, deep-1))
}
