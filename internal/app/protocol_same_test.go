package app

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
)

var (
	inline   = regexp.MustCompile(`</?bdi[^>]*>`)
	anyTag   = regexp.MustCompile(`<[^>]*>`)
	isolates = strings.NewReplacer("\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "", "\u00a0", " ", "\u202f", " ")
)

// plainPage is a page as a person reads it: without tags, on one line.
func plainPage(page string) string {
	return strings.Join(strings.Fields(isolates.Replace(html.UnescapeString(anyTag.ReplaceAllString(inline.ReplaceAllString(page, ""), " ")))), " ")
}

// The command line and the page of a file say the same of what is possible now and why not the rest: each condition that is not
// met, how it stands, and what it rests on, in every language; and the page draws each procedure with the same words beside.
func TestPageSaysWhatExplainSays(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	fronts, err := h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	p := newPlayer(t, h, c)
	p.receive(nil)
	messages, err := h.messages()
	if err != nil {
		t.Fatal(err)
	}
	cookie := comeIn(t, h, fronts.console, "xx-officer-1")
	for _, l := range lang.All() {
		if l == "zgh" {
			continue
		}
		page := askConsole(t, fronts.console, "GET", "/file/"+p.file.String()+"?lang="+string(l), "", cookie)
		if page.Code != http.StatusOK {
			t.Fatalf("%d\n%s", page.Code, page.Body)
		}
		said, gates, bases := plainPage(page.Body.String()), 0, 0
		view := p.view("xx-officer-1")
		x := explainer{checkTeller{p: messages.For(l), law: h.pack}, h}
		told := x.view(view)
		for i := range view.Moves {
			m := &view.Moves[i]
			if slices.ContainsFunc(m.Blocks, func(b protocol.Block) bool { return b.Why == protocol.WhyDone }) {
				continue // it is behind them, and told by what happened
			}
			name := plainPage(messages.For(l).Text("step."+m.Protocol+"."+m.Place.Step, nil))
			if !strings.Contains(said, name) {
				t.Errorf("%s: the page does not name %q", l, name)
			}
			for j := range m.Blocks {
				var out strings.Builder
				x.why(&out, m.Protocol, &m.Blocks[j])
				for line := range strings.SplitSeq(strings.TrimSpace(out.String()), "\n") {
					if !strings.Contains(told, line) {
						t.Errorf("%s: the command does not say %q", l, line)
					}
					if !strings.Contains(said, plainPage(line)) {
						t.Errorf("%s, %s: the page does not say %q\n%s", l, name, line, said)
					}
				}
				bases += len(m.Blocks[j].Basis)
				if m.Blocks[j].Why == protocol.WhyGate {
					gates++
				}
			}
		}
		if gates == 0 || bases == 0 {
			t.Errorf("%s: %d conditions, %d bases: nothing was compared", l, gates, bases)
		}
		drawn := regexp.MustCompile(`href="(/file/[a-z0-9]+/procedure/[^"]+)"`).FindStringSubmatch(page.Body.String())
		if drawn == nil {
			t.Fatal("no procedure is drawn")
		}
		drawing := askConsole(t, fronts.console, "GET", html.UnescapeString(drawn[1])+"&lang="+string(l), "", cookie).Body.String()
		svg, rest, _ := strings.Cut(drawing, "</svg>")
		_, svg, inside := strings.Cut(svg, "<svg")
		if !inside || strings.Contains(svg, "<style") || !strings.Contains(svg, ` done"`) || !strings.Contains(svg, ` open"`) {
			t.Errorf("%s: the drawing does not show where the file stands", l)
		}
		if want := map[bool]string{true: `direction="rtl"`, false: `direction="ltr"`}[messages.For(l).Dir() == "rtl"]; !strings.Contains(svg, want) {
			t.Errorf("%s: no %s", l, want)
		}
		law := h.pack.Engine().Protocol(view.Acts[0].Procedure.Protocol, 0)
		for i := range law.Steps {
			if name := plainPage(messages.For(l).Text("step."+law.ID+"."+law.Steps[i].ID, nil)); !strings.Contains(plainPage(rest), name) {
				t.Errorf("%s: the list does not name %q", l, name)
			}
		}
	}
}
