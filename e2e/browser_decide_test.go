package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/chromedp/chromedp"
)

// deciding is a walk through the played story by its people, each in their seat: a pack's steps are named without its own name.
type deciding struct {
	*tab
	s    *server
	file string // the path of the file
}

// as takes the seat whose name ends so, and opens the file again.
func (d *deciding) as(seat string) {
	d.t.Helper()
	d.visit(200, d.s.public+"/demo")
	d.press(200, fmt.Sprintf(`button[name=seat][value$="-%s"]`, seat))
	if d.file != "" {
		d.visit(200, d.s.public+d.file)
	}
}

// form is the form by which a step is done, of the protocol whose name ends so.
func (d *deciding) form(protocol, step string) string {
	return fmt.Sprintf(`form:has(input[name="protocol"][value$=".%s"]):has(input[name="step"][value=%q])`, protocol, step)
}

// opened unfolds the form of a step and fills it in. An answer beginning with ~ is what the choice of a list says.
func (d *deciding) opened(protocol, step string, given map[string]string) string {
	d.t.Helper()
	form := d.form(protocol, step)
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
			d.fatal("%s %s: %s offers no %q", protocol, step, name, text)
		}
		plain[name] = fmt.Sprint(at)
	}
	d.fillIn(form, plain)
	return form
}

// does a step, and wants to be told that it is done.
func (d *deciding) does(protocol, step string, given map[string]string) {
	d.t.Helper()
	form := d.opened(protocol, step, given)
	d.press(200, form+` .actions button:not([name])`)
	if !d.has(`.done[role=status]`) {
		d.fatal("%s %s: not said to be done", protocol, step)
	}
}

// sends a letter as an officer does: written, read as it will be sent, then sent; and reads what was sent.
func (d *deciding) sends(protocol, step string, given map[string]string) {
	d.t.Helper()
	form := d.opened(protocol, step, given)
	if d.has(form + ` .actions button:not([name])`) {
		d.fatal("%s %s: a letter may be sent that nobody has read", protocol, step)
	}
	d.press(200, form+` button[name=preview]`)
	d.reads(`.preview`)
	d.seen()
	d.press(200, form+` .actions button:not([name])`)
	if !d.has(`.done[role=status]`) {
		d.fatal("%s %s: not said to be sent", protocol, step)
	}
	href := d.links(`ol.timeline a[href*="/letter/"]`)
	if len(href) == 0 {
		d.fatal("%s %s: no letter in the file", protocol, step)
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
	d := &deciding{tab: b, s: s}
	d.as("rapporteur-1")
	d.visit(200, s.public+"/new/case")
	d.does("proceeding", "open_file", map[string]string{"fact.platform": "~Agora", "fact.situation": "representation"})
	d.file = eval[string](b, `location.pathname`)
	d.does("proceeding", "open", map[string]string{"fact.platform": "~Agora", "fact.obligation": "representation", "fact.facts_from": "2026-10-01"})
	// A letter that lacks a field is refused, and says which.
	lacking := maps.Clone(letter)
	lacking["letter.facts.fr"], lacking["letter.facts.ar"] = "", ""
	form := d.opened("representation", "invite", lacking)
	d.press(422, form+` button[name=preview]`)
	if !d.has(`[role=alert] a[href*="facts"]`) {
		d.fatal("nothing leads to the field of the letter that is missing")
	}
	d.seen()
	d.sends("representation", "invite", letter)
	d.does("representation", "hear", map[string]string{"fact.heard": "yes"})
	d.shut("representation", "oblige") // until the last day for observations is over, heard or not
	d.days(20)                         // fifteen, and the last one may fall on days that do not count
	d.visit(200, d.s.public+d.file)
	d.does("representation", "weigh", map[string]string{
		"fact.aim": "minors", "fact.journalism": "no", "fact.reasons": "yes", "fact.lighter.none": "yes", "fact.tried": "1", "fact.decider": "authority", "fact.scope": "addressee",
		"fact.remedy_stated": "yes", "fact.child_weighed": "yes", "fact.children_heard": "yes", "fact.conflict_declared": "yes", "fact.symmetry_logged": "yes",
	})
	d.does("representation", "draft", map[string]string{"body.reasons": "La loi fictive oblige à une représentation."})
	// Nothing is decided before two persons have signed, and one person does not sign twice.
	d.as("head-1")
	d.shut("representation", "oblige")
	d.does("representation", "sign", nil)
	if d.has(d.form("representation", "sign")) {
		d.fatal("one person may sign twice")
	}
	d.shut("representation", "oblige")
	d.as("signer-1")
	d.does("representation", "sign", nil)
	d.as("head-1")
	d.sees("La loi fictive oblige à une représentation.") // what is decided is what was signed
	d.does("representation", "oblige", nil)
	d.as("rapporteur-1")
	d.sends("representation", "notify", letter)
	d.as("coordinator-1")
	d.does("representation", "publish", map[string]string{"fact.state": "in_force", "body.reasons.fr": "Une plateforme doit avoir un représentant.", "body.reasons.ar": "يجب أن يكون للمنصة ممثل.", "body.reasons.en": "A platform needs a representative."})
	entry := d.entered()
	d.as("rapporteur-1")
	d.does("representation", "appeal", map[string]string{"fact.stay_asked": "no"})
	d.as("coordinator-1")
	d.does("representation", "publish", map[string]string{"fact.state": "appealed", "fact.amends": "1", "body.reasons.fr": "Un recours est formé.", "body.reasons.ar": "قُدّم طعن.", "body.reasons.en": "An appeal was lodged."})
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

// shut wants a step that may not be done, with each reason said.
func (d *deciding) shut(protocol, step string) {
	d.t.Helper()
	if d.has(d.form(protocol, step)) {
		d.fatal("%s %s may be done", protocol, step)
	}
	if n := eval[int](d.tab, `Array.from(document.querySelectorAll("ul.blocked > li ul > li")).filter(e => e.textContent.trim().length < 10).length`); n != 0 {
		d.fatal("%d reasons are not said", n)
	}
}

// A platform that climbed the ladder to its end is not blocked: the gates of the block say each what it still lacks.
func walkBlock(b *tab, s *server) {
	b.t.Helper()
	d := &deciding{tab: b, s: s}
	d.as("rapporteur-1")
	d.visit(200, s.public+"/queue?sort=case")
	d.file = eval[string](b, `Array.from(document.querySelectorAll("table.queue tbody tr")).find(r => r.textContent.includes("Lumora"))?.querySelector('a[href^="/file/"]').getAttribute("href") ?? ""`)
	if d.file == "" {
		d.fatal("no file on Lumora in the queue of who proceeds against it")
	}
	d.visit(200, s.public+d.file)
	d.unfold()
	d.seen()
	for _, protocol := range []string{"block-a", "block-b"} {
		d.shut(protocol, "invite_block")
	}
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
	d := &deciding{tab: b, s: s}
	d.as("officer-1")
	d.visit(200, s.public+"/new/case")
	d.does("case", "open", map[string]string{"fact.situation": "grooming", "fact.minor": "yes", "fact.danger": "no", "fact.platform": "~Pixelia"})
	d.file = eval[string](b, `location.pathname`)
	// Nothing is asked of a platform that was not told to keep it; what is missing is said.
	named := map[string]string{"fact.platform": "~Pixelia", "fact.offence": "grooming", "body.account": "loup", "body.reasons": "Qui est derrière le compte."}
	form := d.opened("preservation", "order", map[string]string{"fact.platform": "~Pixelia", "body.reasons": " "})
	d.press(422, form+` .actions button:not([name])`)
	d.seen()
	keep := maps.Clone(named)
	keep["fact.expires_on"] = "2027-01-10"
	d.does("preservation", "order", keep)
	d.sends("preservation", "serve", ask)
	d.does("preservation", "receive", map[string]string{"fact.receipt": "urgent_desk"})
	want := maps.Clone(named)
	maps.Copy(want, map[string]string{
		"fact.data.subscriber": "yes", "fact.protected": "none", "fact.urgent": "no", "fact.purpose": "yes", "fact.already_held": "yes", "fact.dpa_receipt": "yes",
		"fact.confidential_until": "2027-02-10",
	})
	d.does("request", "prepare", want)
	d.as("prosecutor-1")
	d.sends("request", "serve", ask)
	d.as("officer-1")
	d.does("request", "receive", map[string]string{"fact.receipt": "registered_delivery"})
	d.as("prosecutor-1")
	clocks := eval[int](b, `document.querySelectorAll("section[aria-labelledby=clocks] .clock").length`)
	if clocks < 2 {
		d.fatal("%d clocks run on a request that was received", clocks)
	}
	d.unfold()
	d.seen()
	d.shut("request", "find_failure")
	d.lapse(12)
	d.shut("request", "find_failure") // late is no breach: the platform is reminded first
	d.sends("request", "remind", ask)
	d.lapse(12)
	d.does("request", "find_failure", map[string]string{"fact.proven": "yes"})
	d.unfold()
	d.seen()
}
