package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/goccy/go-yaml"
)

// deciding is a walk through the played story by its people, each in their seat, as testdata/play/decide.yaml says.
type deciding struct {
	*tab
	s     *server
	plays *decidePlays
	file  string // the path of the file
}

// decidePlays is testdata/play/decide.yaml: a pack's seats, protocols and steps, without its own name before them.
type decidePlays struct {
	Seats map[string]string  `yaml:"seats"`
	Moves map[string]doneSay `yaml:"moves"`
}

// doneSay is a step, and what is given in its form.
type doneSay struct {
	Protocol string            `yaml:"protocol"`
	Step     string            `yaml:"step"`
	Given    map[string]string `yaml:"given"`
}

func newDeciding(b *tab, s *server) *deciding {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "play", "decide.yaml"))
	if err != nil {
		b.t.Fatal(err)
	}
	plays := new(decidePlays)
	err = yaml.UnmarshalWithOptions(text, plays, yaml.Strict())
	if err != nil {
		b.t.Fatal(err)
	}
	return &deciding{tab: b, s: s, plays: plays}
}

// to is how something is done.
func (d *deciding) to(what string) doneSay {
	d.t.Helper()
	m, is := d.plays.Moves[what]
	if !is {
		d.fatal("nobody is said to %s", what)
	}
	return m
}

// as takes the seat of who does something, and opens the file again.
func (d *deciding) as(who string) {
	d.t.Helper()
	seat := d.plays.Seats[who]
	if seat == "" {
		d.fatal("nobody is said to be who %s", who)
	}
	d.visit(200, d.s.public+"/demo")
	d.press(200, fmt.Sprintf(`button[name=seat][value$="-%s"]`, seat))
	if d.file != "" {
		d.visit(200, d.s.public+d.file)
	}
}

// form is the form by which something is done.
func (d *deciding) form(what string) string {
	d.t.Helper()
	m := d.to(what)
	return fmt.Sprintf(`form:has(input[name="protocol"][value$=".%s"]):has(input[name="step"][value=%q])`, m.Protocol, m.Step)
}

// opened unfolds a form and fills it in, with what is given and with more. An answer beginning with ~ is what the choice of a list says.
func (d *deciding) opened(what string, more map[string]string) string {
	d.t.Helper()
	form, given := d.form(what), maps.Clone(d.to(what).Given)
	if given == nil {
		given = map[string]string{}
	}
	maps.Copy(given, more)
	d.only(form)
	eval[bool](d.tab, fmt.Sprintf(`(() => { for (let e = document.querySelector(%s); e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true; return true })()`, quote(form)))
	plain := map[string]string{}
	for name, value := range given {
		text, is := strings.CutPrefix(value, "~")
		if !is {
			plain[name] = value
			continue
		}
		at := eval[int](d.tab, fmt.Sprintf(`Array.from(document.querySelector(%s).elements[%s].options).findIndex(o => o.text.includes(%s) || o.value === %s)`, quote(form), quote(name), quote(text), quote(text)))
		if at < 0 {
			d.fatal("%s: %s offers no %q", what, name, text)
		}
		plain[name] = fmt.Sprint(at)
	}
	d.fillIn(form, plain)
	return form
}

// does something, and wants to be told that it is done.
func (d *deciding) does(what string) {
	d.t.Helper()
	form := d.opened(what, nil)
	d.press(200, form+` .actions button:not([name])`)
	if !d.has(`.done[role=status]`) {
		d.fatal("%s: not said to be done", what)
	}
}

// sends a letter as an officer does: written, read as it will be sent, then sent; and reads what was sent.
func (d *deciding) sends(what string, letter map[string]string) {
	d.t.Helper()
	form := d.opened(what, letter)
	if d.has(form + ` .actions button:not([name])`) {
		d.fatal("%s: a letter may be sent that nobody has read", what)
	}
	d.press(200, form+` button[name=preview]`)
	d.reads(`.preview`)
	d.seen()
	d.press(200, form+` .actions button:not([name])`)
	if !d.has(`.done[role=status]`) {
		d.fatal("%s: not said to be sent", what)
	}
	href := d.links(`ol.timeline a[href*="/letter/"]`)
	if len(href) == 0 {
		d.fatal("%s: no letter in the file", what)
	}
	d.visit(200, d.s.public+href[0])
	d.reads(`main`)
	d.seen()
	d.visit(200, d.s.public+d.file)
}

// reads wants a letter in the languages of the country, marked as what it is.
func (d *deciding) reads(where string) {
	d.t.Helper()
	for _, l := range []string{"ar", "fr"} {
		if !d.has(fmt.Sprintf(`%s [lang=%s]`, where, l)) {
			d.fatal("the letter is not in %s", l)
		}
	}
}

// seen judges a page as every page is, but for the keys that lead through it: the walks through these pages do that.
func (d *deciding) seen() {
	d.t.Helper()
	d.kept()
	d.check(false)
}

var letter = map[string]string{
	"letter.addressee": "Agora", "letter.address": "12 rue de l'Exemple, Ville-Bleue", "letter.facts.fr": "Plus de cent mille utilisateurs.", "letter.facts.ar": "أكثر من مئة ألف مستعمل.",
	"letter.ask.fr": "Désigner un représentant.", "letter.ask.ar": "تعيين ممثل.", "letter.reasons.fr": "La loi fictive y oblige.", "letter.reasons.ar": "يلزم بذلك القانون الخيالي.",
	"letter.hearing": "2027-03-20T10:00", "letter.place": "Ville-Bleue",
}

// The ladder, decided through: a file is opened against a platform, it is told and heard, a measure is weighed and drafted, two
// officers sign, it is decided, its letter is read before it is sent; the register shows it, and then that it is appealed.
func walkLadder(b *tab, s *server) {
	b.t.Helper()
	d := newDeciding(b, s)
	d.as("investigates")
	d.visit(200, s.public+"/new/case")
	d.does("open a file")
	d.file = eval[string](b, `location.pathname`)
	d.does("say what it is about")
	// A letter that lacks a field is refused, and says which.
	lacking := maps.Clone(letter)
	lacking["letter.facts.fr"], lacking["letter.facts.ar"] = "", ""
	form := d.opened("invite it", lacking)
	d.press(422, form+` button[name=preview]`)
	if !d.has(`[role=alert] a[href*="facts"]`) {
		d.fatal("nothing leads to the field of the letter that is missing")
	}
	d.seen()
	d.sends("invite it", letter)
	d.does("note what it said")
	d.shut("decide") // until the last day for observations is over, heard or not
	d.days(20)       // fifteen, and the last one may fall on days that do not count
	d.visit(200, d.s.public+d.file)
	d.does("set one against the other")
	d.does("write the decision")
	// Nothing is decided before two persons have signed, and one person does not sign twice.
	d.as("heads")
	d.shut("decide")
	d.does("put a signature")
	if d.has(d.form("put a signature")) {
		d.fatal("one person may sign twice")
	}
	d.shut("decide")
	d.as("signs besides")
	d.does("put a signature")
	d.as("heads")
	d.sees("La loi fictive oblige à une représentation.") // what is decided is what was signed
	d.does("decide")
	d.as("investigates")
	d.sends("tell it", letter)
	d.does("note that it came")
	d.as("publishes")
	d.does("tell the public")
	entry := d.entered()
	d.as("investigates")
	d.does("note that it appealed")
	d.as("publishes")
	d.does("tell the public that it appealed")
	if again := d.entered(); again != entry {
		d.fatal("the appeal is an entry of its own: %s, not %s", again, entry)
	}
	if n := eval[int](b, `document.querySelectorAll("ol.timeline > li").length`); n != 2 {
		d.fatal("an entry that was updated once shows %d versions", n)
	}
}

// entered opens the newest entry of the register and wants there what anyone must be able to read of a decision.
func (d *deciding) entered() string {
	d.t.Helper()
	d.visit(200, d.s.public+"/register")
	d.going(200, "an entry", chromedp.Click(chromedp.CSS(`main table tbody tr:first-child a[href^="/register/"]`)))
	d.seen()
	said := legible[d.screen.language]
	d.says("Agora", said.measure, said.law, said.remedy, said.reasons)
	return eval[string](d.tab, `location.pathname`)
}

// legible is what an entry says in the reader's language.
var legible = map[string]struct{ measure, law, remedy, reasons string }{
	"fr": {"Obligation", "Loi fictive", "Recours en annulation", "plateforme"},
	"ar": {"إلزام", "قانون خيالي", "الطعن بالإلغاء", "المنصة"},
}

// shut wants something that may not be done, with each reason said.
func (d *deciding) shut(what string) {
	d.t.Helper()
	if d.has(d.form(what)) {
		d.fatal("%s may be done", what)
	}
	if n := eval[int](d.tab, `Array.from(document.querySelectorAll("ul.blocked > li ul > li")).filter(e => e.textContent.trim().length < 10).length`); n != 0 {
		d.fatal("%d reasons are not said", n)
	}
}

// A platform that climbed the ladder to its end is not blocked: the gates of the block say each what it still lacks.
func walkBlock(b *tab, s *server) {
	b.t.Helper()
	d := newDeciding(b, s)
	d.as("investigates")
	d.visit(200, s.public+"/queue?sort=case")
	d.file = eval[string](b, `Array.from(document.querySelectorAll("table.queue tbody tr")).find(r => r.textContent.includes("Lumora"))?.querySelector('a[href^="/file/"]').getAttribute("href") ?? ""`)
	if d.file == "" {
		d.fatal("no file on Lumora in the queue of who proceeds against it")
	}
	d.visit(200, s.public+d.file)
	d.unfold()
	d.seen()
	d.shut("begin a first block")
	d.shut("begin a second block")
	word := map[string]string{"fr": "blocage", "ar": "حجب"}[b.screen.language]
	said := eval[[]int](b, fmt.Sprintf(`Array.from(document.querySelectorAll("ul.blocked > li")).filter(e => e.querySelector("summary").textContent.includes(%s)).map(e => e.querySelectorAll("ul > li strong").length)`, quote(word)))
	if len(said) < 2 || slices.Min(said) < 2 {
		d.fatal("the steps towards a block say %v reasons each", said)
	}
	if !d.has(`figure.ladder svg`) {
		d.fatal("the ladder is not drawn")
	}
}

// lapse lets days pass, in which a time on the file runs out: the file then says so by itself.
func (d *deciding) lapse(days int) {
	d.t.Helper()
	const machines = `document.querySelectorAll("ol.timeline > li.machine").length`
	before := eval[int](d.tab, machines)
	d.unfold() // on a phone the buttons are folded away
	d.press(200, `.clockbar button[value=day]`)
	d.days(days - 1)
	d.visit(200, d.s.public+d.file)
	if eval[int](d.tab, machines) <= before {
		d.fatal("nothing lapsed in %d days", days)
	}
}

// days moves the clock as its button does, without looking at each day.
func (d *deciding) days(n int) {
	d.t.Helper()
	eval[bool](d.tab, fmt.Sprintf(`(async () => { for (let i = 0; i < %d; i++) await fetch("/demo/clock", {method: "POST", redirect: "manual", headers: {"Content-Type": "application/x-www-form-urlencoded"}, body: "by=day&back=/demo"}); return true })()`, n))
}

// ask is what a letter to a platform holds.
var ask = map[string]string{
	"letter.addressee": "Pixelia", "letter.address": "12 rue de l'Exemple, Ville-Bleue", "letter.facts.fr": "Le compte loup a été signalé.", "letter.facts.ar": "بُلّغ عن الحساب.",
	"letter.ask.fr": "Conserver ce que vous détenez.", "letter.ask.ar": "المطلوب الحفظ.", "letter.reasons.fr": "La protection d'un mineur.", "letter.reasons.ar": "حماية قاصر.",
}

// Data is asked of a platform: kept first, then asked for, under a clock that runs from receipt. Time passes, the lapse records
// itself, and only then may a named officer find the breach.
func walkData(b *tab, s *server) {
	b.t.Helper()
	d := newDeciding(b, s)
	d.as("asks")
	d.visit(200, s.public+"/new/case")
	d.does("open a case")
	d.file = eval[string](b, `location.pathname`)
	// Nothing is asked of a platform that was not told to keep it; what is missing is said.
	form := d.opened("order without a reason", nil)
	d.press(422, form+` .actions button:not([name])`)
	d.seen()
	d.does("order to keep data")
	d.sends("send the order", ask)
	d.does("note that it has the order")
	d.does("draw up a request")
	d.as("prosecutes")
	d.sends("send the request", ask)
	d.as("asks")
	d.does("note that it has the request")
	d.as("prosecutes")
	clocks := eval[int](b, `document.querySelectorAll("section[aria-labelledby=clocks] .clock").length`)
	if clocks < 2 {
		d.fatal("%d clocks run on a request that was received", clocks)
	}
	d.unfold()
	d.seen()
	d.shut("find that it failed")
	d.lapse(12)
	d.shut("find that it failed") // late is no breach: the platform is reminded first
	d.sends("write again", ask)
	d.lapse(12)
	d.does("find that it failed")
	d.unfold()
	d.seen()
}
