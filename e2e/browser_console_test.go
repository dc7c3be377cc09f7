package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// enter lets somebody in by the code that the operator made for a seat.
func (b *tab) enter(s *server, dir, seat string) {
	b.t.Helper()
	code := strings.TrimSpace(must(b.t, "console", "invite", "--mandate", seat, "--data", dir))
	b.visit(200, s.console+"/sign-in")
	b.write(`#f-code`, code)
	b.press(200, `form[action="/sign-in"] button`)
	if !b.has(`form[action="/sign-out"]`) {
		b.fatal("%s is not inside", seat)
	}
}

// fillIn completes a form as somebody would who answers what is asked and nothing else: given answers first, then whatever is
// required and still empty. A name given that the form does not have is left out.
func (b *tab) fillIn(form string, given map[string]string) {
	b.t.Helper()
	var pairs []string
	for name, value := range given {
		pairs = append(pairs, quote(name)+":"+quote(value))
	}
	slices.Sort(pairs)
	eval[bool](b, fmt.Sprintf(`(() => {
		const form = document.querySelector(%s), given = {%s};
		for (const e of form.elements) {
			const v = given[e.name];
			if (e.type === "hidden" || e.type === "submit" || e.type === "file") continue;
			if (e.type === "radio") {
				if (v === e.value) e.checked = true;
				continue;
			}
			if (e.type === "checkbox") {
				if (v !== undefined) e.checked = v === "yes";
				continue;
			}
			if (e.tagName === "SELECT") {
				if (v !== undefined) e.selectedIndex = Number(v);
				else if (e.required && e.selectedIndex <= 0 && e.options.length > 1) e.selectedIndex = 1;
				continue;
			}
			if (v !== undefined) e.value = v;
			else if (e.required && !e.value) e.value = {date: "2026-01-02", number: "1"}[e.type] || "Écrit pour un test.";
		}
		const groups = new Set(Array.from(form.elements).filter(e => e.type === "radio" && e.required).map(e => e.name));
		for (const name of groups) {
			const all = Array.from(form.elements).filter(e => e.name === name);
			if (!all.some(e => e.checked)) all[0].checked = true;
		}
		return true;
	})()`, quote(form), strings.Join(pairs, ",")))
}

// day is a date some days from now, as a form wants it.
func day(from int) string { return time.Now().AddDate(0, 0, from).Format(time.DateOnly) }

// moveForm is the form by which a step is done.
func moveForm(protocol, step string) string {
	return fmt.Sprintf(`form:has(input[name="protocol"][value=%q]):has(input[name="step"][value=%q])`, protocol, step)
}

// move does a step of a protocol as an officer does, and wants to be told that it is done.
func (b *tab) move(protocol, step string, given map[string]string) {
	b.t.Helper()
	form := moveForm(protocol, step)
	b.only(form)
	eval[bool](b, fmt.Sprintf(`(() => { for (let e = document.querySelector(%s); e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true; return true })()`, quote(form)))
	b.fillIn(form, given)
	b.press(200, form+` .actions button:not([name])`)
	if !b.has(`.done[role=status]`) {
		b.fatal("%s %s: not said to be done", protocol, step)
	}
}

// thereAndBack looks at a page whose form is under way in another language, and comes back.
func (b *tab) thereAndBack(status int) {
	b.t.Helper()
	own := b.screen.language
	for _, language := range []string{map[string]string{"ar": "fr", "fr": "ar"}[own], own} {
		b.press(status, `.languages [lang=`+language+`]`)
		b.screen.language = language
		if got := eval[string](b, `document.documentElement.lang`); got != language {
			b.fatal("asked for %s, the page is in %s", language, got)
		}
	}
}

// links are the addresses a selector finds, as they stand in the page.
func (b *tab) links(selector string) []string {
	b.t.Helper()
	return eval[[]string](b, fmt.Sprintf(`Array.from(document.querySelectorAll(%s), a => a.getAttribute("href"))`, quote(selector)))
}

// photograph makes a picture that shows nothing.
func photograph(b *tab) string {
	b.t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for x := range 320 {
		for y := range 240 {
			m.Set(x, y, color.RGBA{uint8(x * y), uint8(x), uint8(y), 255})
		}
	}
	var out bytes.Buffer
	b.must(png.Encode(&out, m))
	path := filepath.Join(b.t.TempDir(), "capture d'écran.png")
	b.must(os.WriteFile(path, out.Bytes(), 0o600))
	return path
}

// reportPicture sends a notice with a screenshot.
func reportPicture(b *tab, s *server) {
	b.t.Helper()
	b.visit(200, s.public+"/")
	b.touch(`input[name=danger][value=no]`)
	b.press(200, onward)
	b.touch(`input[name=situation][value=contact]`)
	b.press(200, onward)
	b.write(`#f-platform`, "Nébuleuse")
	b.press(200, onward)
	b.write(`#f-text`, "Il demande l'adresse de l'école. يسأل عن عنوان المدرسة.")
	b.press(200, onward)
	b.touch(`input[name=minor][value=yes]`)
	b.press(200, onward)
	b.do(chromedp.SetUploadFiles(chromedp.CSS(`#f-files`), []string{photograph(b)}))
	b.press(201, `#f-send`)
	b.code()
}

// An officer's day: what is due, the notice, its picture, a case made of it and another notice joined to that.
func walkOffice(b *tab, s *server, dir string) (theCase string) {
	b.t.Helper()
	reportPicture(b, s)
	mustPost(b.t, s.public, "encore le même compte")
	b.visit(200, s.console+"/")
	if !strings.HasPrefix(eval[string](b, `location.pathname`), "/sign-in") {
		b.fatal("nobody is asked who they are")
	}
	b.judged(false)
	b.write(`#f-code`, "AAAAA-BBBBB-CCCCC-DDDDD")
	b.press(422, `form[action="/sign-in"] button`)
	b.judged(false)
	b.enter(s, dir, "xx-officer-1")
	if b.text(`table.queue tbody tr:first-child .left strong`) == "" {
		b.fatal("the queue does not begin with the time that is left")
	}
	b.judged(false)
	files := b.links(`table.queue a[href^="/file/"]`)
	if len(files) != 2 {
		b.fatal("the queue leads to %q", files)
	}
	b.visit(200, s.console+files[0])
	if !b.has(`a[href*="/exhibit/"]`) {
		files[0], files[1] = files[1], files[0]
		b.visit(200, s.console+files[0])
	}
	b.sees("Il demande l'adresse de l'école. يسأل عن عنوان المدرسة.")
	b.unfold()
	b.judged(false)
	b.move("xx.notice", "acknowledge", nil)
	b.exhibit()
	b.visit(200, s.console+files[0])
	b.press(200, `section[aria-labelledby=joining] a.button`)
	b.judged(false)
	b.thereAndBack(200)
	b.move("xx.case", "open", map[string]string{"fact.situation": "contact", "fact.minor": "yes", "fact.danger": "no", "body": "Un compte aborde des enfants."})
	theCase = strings.Split(eval[string](b, `location.pathname`), "?")[0]
	// The other notice is about the same.
	b.visit(200, s.console+files[1])
	eval[bool](b, `document.querySelector("section[aria-labelledby=joining] details").open = true`)
	b.fillIn(`form[action$="/join"]`, map[string]string{"case": "1"})
	b.press(200, `form[action$="/join"] button`)
	b.visit(200, s.console+theCase)
	if n := eval[int](b, `document.querySelectorAll("ol.timeline > li").length`); n < 3 {
		b.fatal("a case of two notices has %d lines", n)
	}
	if !b.has(`ul.blocked li li`) {
		b.fatal("nothing is blocked, and nothing says why")
	}
	b.unfold()
	b.judged(false)
	b.visit(404, s.console+"/file/aaaaaaaaaaaaaaaaaaaaaaaaaa")
	b.judged(false)
	return theCase
}

// exhibit opens the picture of the notice that is shown: with a reason, veiled first.
func (b *tab) exhibit() {
	b.t.Helper()
	b.press(200, `a[href*="/exhibit/"]`)
	if b.has(`main img`) {
		b.fatal("a picture is shown before anybody gave a reason")
	}
	b.judged(false)
	b.press(422, `form[action$="/open"] button`)
	b.judged(false)
	b.fillIn(`form[action$="/open"]`, nil)
	b.press(200, `form[action$="/open"] button`)
	if !eval[bool](b, `document.querySelector("figure.look img").decode().then(() => true, () => false)`) {
		b.fatal("no picture came")
	}
	b.judged(false)
}

// The watch desk reads a press text and ties it to a platform that the registrar enrolled.
func walkWatch(b *tab, s *server, dir string) {
	b.t.Helper()
	b.enter(s, dir, "xx-registrar-1")
	b.press(200, `nav a[href="/new/platform"]`)
	b.judged(false)
	const name = "Nébuleuse, la plateforme au nom si long qu'aucun écran de téléphone ne le montre sur une seule ligne"
	b.move("xx.platform", "inscribe", map[string]string{"fact.line": "games", "body.name": name, "body.company": "Nébuleuse SA", "body.country": "ZZ", "body.website": "https://nebuleuse.example"})
	b.unfold()
	b.judged(false)
	b.move("xx.platform", "tally", map[string]string{"fact.users": "250000", "fact.minors_users": "90000", "body.method": "Sondage", "body.source": "Office imaginaire"})
	b.visit(200, s.public+"/platforms")
	b.sees(name)
	b.judged(true)
	b.press(200, `main table a`)
	b.judged(true)
	b.enter(s, dir, "xx-herald-1")
	b.press(200, `nav a[href="/watch"]`)
	b.judged(false)
	b.press(422, `form[action="/watch"] button`)
	b.judged(false)
	b.fillIn(`form[action="/watch"]`, nil)
	text, err := filepath.Abs("testdata/press/oasis.txt")
	b.must(err)
	b.do(chromedp.SetUploadFiles(chromedp.CSS(`#f-texts`), []string{text}))
	b.press(200, `form[action="/watch"] button`)
	b.sees("L'application Nébuleuse et les messages du soir")
	b.judged(false)
	b.going(200, "the alert", chromedp.Click(chromedp.CSS(`section[aria-labelledby=alerts] td a`)))
	b.move("xx.alert", "pin", nil)
	b.unfold()
	b.judged(false)
	b.visit(200, s.console+"/watch")
	b.sees(name)
}

// A platform is told to keep data, under a clock that runs; a rung of the ladder is refused by what it still lacks.
func walkRequest(b *tab, s *server, dir, theCase string) {
	b.t.Helper()
	b.enter(s, dir, "xx-envoy-1")
	b.visit(200, s.console+theCase)
	b.unfold()
	b.judged(false)
	b.move("xx.hold", "seize_moment", map[string]string{
		"fact.offence": "enticement", "fact.identifiers": "1", "fact.expires_on": day(20), "fact.situation": "contact",
		"body.account": "loup", "body.reasons": "Il demande des adresses.",
	})
	if !b.has(`section[aria-labelledby=clocks] .clock .left strong`) {
		b.fatal("no clock runs")
	}
	b.unfold()
	b.judged(false)
	b.enter(s, dir, "xx-tribune-1")
	b.visit(200, s.console+theCase)
	b.move("xx.ladder", "accuse", map[string]string{"fact.obligation": "replies", "fact.facts_from": day(-40), "body": "Elle ne répond pas."})
	if !b.has(`figure.ladder svg`) || b.text(`figure.ladder details`) == "" {
		b.fatal("the ladder is not drawn")
	}
	b.unfold()
	if b.text(`ul.blocked li li`) == "" {
		b.fatal("no gate says what is missing")
	}
	b.judged(false)
	b.press(200, `form[action="/sign-out"] button`)
	if !strings.HasPrefix(eval[string](b, `location.pathname`), "/sign-in") {
		b.fatal("out is not at the door")
	}
	b.judged(false)
	b.visit(200, s.console+theCase)
	if !strings.HasPrefix(eval[string](b, `location.pathname`), "/sign-in") {
		b.fatal("who has left still reads the case")
	}
}
