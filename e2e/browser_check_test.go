package e2e

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/input"

	"sanad/internal/kit/lang"
)

// The rules of accessibility, as Deque's axe knows them: https://github.com/dequelabs/axe-core
//
//go:embed testdata/axe/axe.min.js
var axe string

// maxPortal is the most a page for the public may weigh on the wire, in bytes, with its style, its fonts and its scripts.
const maxPortal = 60 << 10

// content is the policy every page is sent with; nothing here is bypassed to test it.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// check wants of the page that is shown all that is wanted of every page.
func (b *tab) check(portal bool) {
	b.t.Helper()
	b.formed(portal)
	b.worded()
	b.fits()
	b.accessible()
	b.quiet()
	b.mu.Lock()
	method := b.method
	b.mu.Unlock()
	b.routes.judged(method, eval[string](b, `location.href`))
}

// formed wants the page well made for its language, as it is asked for, and light.
func (b *tab) formed(portal bool) {
	b.t.Helper()
	r := b.response()
	if r == nil {
		b.fatal("no document")
	}
	got, _ := r.Headers["Content-Security-Policy"].(string)
	if got != contentPolicy {
		b.fatal("Content-Security-Policy: %q", got)
	}
	type form struct {
		Lang, Dir, Title string
		H1               []string
	}
	f := eval[form](b, `({Lang: document.documentElement.lang, Dir: document.documentElement.dir, Title: document.title,
		H1: Array.from(document.querySelectorAll("h1"), e => e.innerText.trim())})`)
	if f.Lang != b.screen.language || f.Dir != lang.Lang(b.screen.language).Dir() {
		b.wants("is written %s %s", f.Lang, f.Dir)
	}
	if len(f.H1) != 1 || f.H1[0] == "" || strings.TrimSpace(f.Title) == "" {
		b.wants("title %q, headings %q", f.Title, f.H1)
	}
	b.mu.Lock()
	weight := b.bytes
	b.mu.Unlock()
	if weight == 0 {
		b.wants("weighs nothing: it was not measured")
	}
	if portal && weight > maxPortal {
		b.wants("weighs %.0f bytes, more than %d", weight, maxPortal)
	}
}

// raw is what no reader should ever see: a key in place of its words, an argument nobody filled, a program's own way of writing
// times, values and nothing at all.
var raw = regexp.MustCompile(`\b(?:institution|role|list|fact|step|kind|gate|deadline|protocol|sort|body|bar|demo|error|file|letter|ladder|queue|receipt|status|watch)\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*` +
	`|\{[a-z_]+\}|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|[+-]\d{4} [+-]\d\d\b|\{"|\bmap\[|<nil>|%!|ZgotmplZ|\bundefined\b`)

// worded wants nothing of the machinery among the words of the page.
func (b *tab) worded() {
	b.t.Helper()
	if found := raw.FindAllString(eval[string](b, `document.body.innerText`), -1); len(found) > 0 {
		slices.Sort(found)
		b.wants("shows %q", slices.Compact(found))
	}
	// A name that a term has in the program is one no language writes: small Latin letters and nothing before it.
	found := eval[[]string](b, `[...new Set(Array.from(document.querySelectorAll("dt, th, label, legend, h2, h3"), e => e.innerText.trim()).filter(x => /^[a-z][a-z0-9_.]*$/.test(x)))]`)
	if len(found) > 0 {
		b.wants("calls things by their name in the program: %q", found)
	}
}

// fits wants nothing of the page to lie beyond its side.
func (b *tab) fits() {
	b.t.Helper()
	wide := eval[[]string](b, `(() => {
		const w = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= w) return [];
		const out = [`+"`${document.documentElement.scrollWidth} > ${w}`"+`];
		for (const e of document.body.querySelectorAll("*")) {
			const r = e.getBoundingClientRect();
			if (r.width && (r.right > w + 1 || r.left < -1)) out.push(e.tagName + "." + e.className + ": " + (e.innerText || "").slice(0, 40));
		}
		return out.slice(0, 8);
	})()`)
	if len(wide) > 0 {
		b.wants("does not fit: %s", strings.Join(wide, "; "))
	}
}

type violation struct {
	ID    string `json:"id"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// accessible wants axe to find nothing.
func (b *tab) accessible() {
	b.t.Helper()
	if !eval[bool](b, `"axe" in window`) {
		eval[bool](b, axe+";\n true")
	}
	said := eval[string](b, `axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(v => ({id: v.id, nodes: v.nodes.map(n => ({html: n.html, failureSummary: n.failureSummary}))}))))`)
	var found []violation
	b.must(json.Unmarshal([]byte(said), &found))
	for _, v := range found {
		for _, n := range v.Nodes[:min(3, len(v.Nodes))] {
			b.wants("axe: %s (%d): %.200s: %s", v.ID, len(v.Nodes), n.HTML, strings.Join(strings.Fields(n.Summary), " "))
		}
	}
}

// quiet wants that nothing went wrong behind the page, and that it asked nobody else.
func (b *tab) quiet() {
	b.t.Helper()
	for _, c := range b.complaints() {
		b.wants("%s", c)
	}
}

// wants reports what is wrong with a page and goes on, so that one run tells all of it.
func (b *tab) wants(format string, args ...any) {
	b.t.Helper()
	b.t.Errorf("%s: %s: %s", b.screen, eval[string](b, `location.pathname + location.search`), fmt.Sprintf(format, args...))
}

// unfold opens whatever can be opened, so that what is inside is looked at, too.
func (b *tab) unfold() {
	b.t.Helper()
	eval[bool](b, `document.querySelectorAll("details").forEach(d => { d.open = true }), true`)
}

// keyed wants every element one can act on to be reached by the tabulator key alone, in the order of the page, and to show
// that it is the one.
func (b *tab) keyed() {
	b.t.Helper()
	// One radio of a group is enough: arrows lead to the others.
	want := eval[[]string](b, `(() => {
		const groups = new Set();
		window.reached = [];
		for (const e of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
			if (e.type === "hidden" || e.disabled || e.tabIndex < 0 || !e.checkVisibility({visibilityProperty: true})) continue;
			if (e.type === "radio") {
				const group = (e.form ? e.form.action : "") + "|" + e.name;
				if (groups.has(group)) continue;
				groups.add(group);
			}
			window.reached.push(e);
		}
		document.activeElement.blur();
		getSelection().removeAllRanges();
		return window.reached.map(e => e.outerHTML.slice(0, 80));
	})()`)
	type stop struct {
		At      int
		Visible bool
	}
	seen := map[int]bool{}
	last, rounds := -1, 0 // it may begin anywhere, and goes round once
	// A date has a stop for each of its parts.
	most := len(want) + 3 + 7*eval[int](b, `window.reached.filter(e => /date|time|month|week/.test(e.type)).length`)
	for range most {
		if len(seen) == len(want) {
			break
		}
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
			cdpCall(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: "Tab", Code: "Tab", WindowsVirtualKeyCode: 9})
		}
		s := eval[stop](b, `(() => {
			const e = document.activeElement;
			let at = window.reached.indexOf(e);
			if (at < 0 && e.type === "radio") at = window.reached.findIndex(o => o.type === "radio" && o.name === e.name && o.form === e.form);
			const by = [e, e.closest("label"), e.parentElement].filter(Boolean);
			const visible = by.some(x => { const c = getComputedStyle(x); return c.outlineStyle !== "none" && parseFloat(c.outlineWidth) >= 2; });
			return {At: at, Visible: visible};
		})()`)
		if s.At < 0 || seen[s.At] {
			continue // the page itself, between its last element and its first, or another part of the same
		}
		if !s.Visible {
			b.wants("focus does not show: %s", want[s.At])
		}
		if s.At < last {
			if rounds++; rounds > 1 {
				b.wants("is reached out of order: %s", want[s.At])
			}
		}
		seen[s.At], last = true, s.At
	}
	for i, element := range want {
		if !seen[i] {
			b.wants("%d of %d are not reached by key, the first of them %s", len(want)-len(seen), len(want), element)
			break
		}
	}
}

// targets wants what fingers press to be large enough on a phone, unless it stands in running text.
func (b *tab) targets() {
	b.t.Helper()
	small := eval[[]string](b, `Array.from(document.querySelectorAll("button, input:not([type=hidden]), select, summary, a.button, label.option, nav a")).filter(e => {
		if (!e.checkVisibility() || e.closest("label.option") && e.tagName === "INPUT") return false;
		const r = e.getBoundingClientRect();
		return r.height < 43.5;
	}).map(e => e.outerHTML.slice(0, 80) + " " + Math.round(e.getBoundingClientRect().height))`)
	if slices.ContainsFunc(small, func(string) bool { return true }) {
		b.wants("too small for a finger: %s", strings.Join(small[:min(4, len(small))], "; "))
	}
}
