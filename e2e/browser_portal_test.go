package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// spoken is what a person must be able to read, in their language: written here as a person says it, not read from where
// the program keeps it.
var spoken = map[string]struct{ danger, numbers, received, home, file string }{
	"ar": {"هل هناك شخص في خطر الآن", "اتصلوا أولا", "تم تسلمه", "الصفحة الرئيسية", "ملف"},
	"fr": {"en danger maintenant", "Appelez d'abord", "Reçu", "Page d'accueil", "Dossier"},
	"en": {"Is someone in danger now", "Call first", "Received", "Home page", "File"},
}

// plainly makes apostrophes alike: which of the two stands in a page is a matter of its type.
func plainly(s string) string { return strings.ReplaceAll(s, "’", "'") }

// arabicDigits writes a code as a keyboard set to Arabic does.
func arabicDigits(code string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '٠'
		}
		return r
	}, code)
}

// judged wants of a page of a walk all that is wanted of every page. Without scripts the same pages are walked, and not judged
// again.
func (b *tab) judged(portal bool) {
	b.t.Helper()
	b.kept()
	if b.screen.plain {
		b.quiet()
		return
	}
	b.check(portal)
	if b.screen.width < 600 {
		b.targets()
	}
	if !b.screen.dark {
		b.keyed()
	}
	if portal {
		b.enlarged()
	}
}

// enlarged wants the page to hold letters of twice their size, for whoever reads no smaller ones: nothing of it may lie beyond
// its side.
func (b *tab) enlarged() {
	b.t.Helper()
	eval[bool](b, `document.documentElement.style.fontSize = "200%", true`)
	b.fits()
	eval[bool](b, `document.documentElement.style.fontSize = "", true`)
}

// kept leaves a picture of the page for whoever wants to look at what the tests saw: SANAD_PICTURES names the folder.
func (b *tab) kept() {
	b.t.Helper()
	folder := os.Getenv("SANAD_PICTURES")
	if folder == "" {
		return
	}
	b.pictures++
	name := fmt.Sprintf("%s %02d.png", strings.ReplaceAll(b.t.Name()+" "+b.screen.String(), "/", " "), b.pictures)
	b.must(os.WriteFile(filepath.Join(folder, strings.ReplaceAll(name, " ", "-")), b.picture(true), 0o600))
}

const onward = `#walk .actions button:not([name])`

// A parent reports an account that approaches children on a game, and follows the report by its code.
func walkReport(b *tab, s *server, key string) (code string) {
	b.t.Helper()
	words := spoken[b.screen.language]
	b.visit(200, s.public+"/")
	b.says(words.danger)
	b.judged(true)
	// Nothing chosen: the page says so, leads to the field, and keeps asking.
	b.press(422, onward)
	if !b.has(`[role=alert] a[href="#f-danger"]`) {
		b.fatal("no summary that leads to the question")
	}
	b.judged(true)
	b.touch(`input[name=danger][value=no]`)
	b.press(200, onward)
	b.judged(true)
	b.touch(`input[name=situation][value=contact]`)
	b.press(200, onward)
	b.write(`#f-platform`, "لعبة الواحة")
	b.write(`#f-where`, "https://game.example/u/"+strings.Repeat("loup", 30))
	b.judged(true)
	b.press(200, onward)
	b.write(`#f-text`, "Il lui écrit chaque soir <b>et</b> lui demande des photos.\nهو يكتب إليها كل ليلة.")
	b.judged(true)
	b.press(200, onward)
	b.touch(`input[name=minor][value=yes]`)
	b.judged(true)
	b.press(200, onward)
	// Everything is shown before it is sent, as it was written.
	b.sees("لعبة الواحة", "Il lui écrit chaque soir <b>et</b> lui demande des photos.", "هو يكتب إليها كل ليلة.")
	b.judged(true)
	b.going(200, "change where", chromedp.Click(chromedp.CSS(`button[name=change][value=where]`)))
	if got := eval[string](b, `document.querySelector("#f-platform").value`); got != "لعبة الواحة" {
		b.fatal("what was written is lost: %q", got)
	}
	b.press(200, onward)
	b.press(201, `#f-send`)
	code = b.code()
	b.hides("game.example", "chaque soir")
	b.judged(true)
	b.printed(".code")
	b.proven(key)
	// The code, typed as the person's keyboard types it.
	b.visit(200, s.public+"/follow")
	b.judged(true)
	typed := code
	if b.screen.language == "ar" {
		typed = arabicDigits(code)
	}
	b.write(`#f-code`, typed[:len(typed)/2])
	b.press(404, `form[action="/follow"] button`)
	b.judged(true)
	b.write(`#f-code`, typed)
	b.press(200, `form[action="/follow"] button`)
	b.says(words.received)
	b.judged(true)
	// A program asks the same, and a page of a report has no address of its own.
	b.fetched(201, "/api/v1/notices", string(noticeJSON("par un programme")))
	b.fetched(200, "/api/v1/notices/status", fmt.Sprintf(`{"code":%q}`, typed))
	b.visit(200, s.public+"/report")
	if at := eval[string](b, `location.pathname`); at != "/" {
		b.fatal("a page of a report by its address leads to %s", at)
	}
	return code
}

// fetched posts JSON from the page that is shown, as a program on it would.
func (b *tab) fetched(status int, path, body string) {
	b.t.Helper()
	got := eval[int](b, fmt.Sprintf(`fetch(%s, {method: "POST", headers: {"Content-Type": "application/json"}, body: %s}).then(r => r.status)`, quote(path), quote(body)))
	if got != status {
		b.fatal("POST %s: %d, want %d", path, got, status)
	}
}

// says is sees, whatever the apostrophes.
func (b *tab) says(texts ...string) {
	b.t.Helper()
	seen := plainly(eval[string](b, `document.body.innerText`))
	for _, x := range texts {
		if !strings.Contains(seen, plainly(x)) {
			b.fatal("does not say %q", x)
		}
	}
}

var codeShown = regexp.MustCompile(`^\d{4} \d{4} \d{4} \d{4}$`)

// code is the one on a receipt, as it stands there: sixteen digits in groups of four, the last one a check on the others.
func (b *tab) code() string {
	b.t.Helper()
	code := strings.ReplaceAll(b.text(".code"), "\u00a0", " ")
	if !codeShown.MatchString(code) {
		b.fatal("the code is shown as %q", code)
	}
	sum := 0
	for i, digit := range strings.ReplaceAll(code, " ", "") {
		n := int(digit - '0')
		if i%2 == 0 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	if sum%10 != 0 {
		b.fatal("the code %q fails its own check", code)
	}
	return code
}

var pagesOfPDF = regexp.MustCompile(`/Type\s*/Page\b[^s]`)

// printed wants the receipt on one sheet of A4, with what must be read there and without what only a screen can do.
func (b *tab) printed(must ...string) {
	b.t.Helper()
	p := cdpCall(b, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69})
	if n := len(pagesOfPDF.FindAll(p.Data, -1)); n != 1 {
		b.wants("prints on %d sheets", n)
	}
	cdpCall(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	shown := func(selector string) bool {
		return eval[bool](b, fmt.Sprintf(`Array.from(document.querySelectorAll(%s)).some(e => e.checkVisibility())`, quote(selector)))
	}
	for _, selector := range must {
		if !shown(selector) {
			b.wants("paper does not show %s", selector)
		}
	}
	if shown("main form") || shown("header nav") {
		b.wants("paper shows forms or menus")
	}
	b.look(b.screen)
}

// proven downloads the proof of a receipt and checks it as anyone can: offline, with the log's key alone.
func (b *tab) proven(key string) {
	b.t.Helper()
	file := b.download(`form[action="/proof"] button`)
	code, out, errs := run(b.t, "verify", file, "--key", key)
	if code != 0 || !strings.Contains(out, "notice.received") {
		b.fatal("the proof that was downloaded: exit %d\n%s%s", code, out, errs)
	}
}

// download presses what sends a file, and returns where that is.
func (b *tab) download(selector string) string {
	b.t.Helper()
	folder := b.t.TempDir()
	done := make(chan string, 8)
	b.must(chromedp.ListenBrowser(b.ctx, func(ev any) {
		if e, ok := ev.(*cdpbrowser.EventDownloadProgress); ok && e.State == cdpbrowser.DownloadProgressStateCompleted {
			done <- e.GUID
		}
	}))
	_, err := chromedp.CallBrowser(b.ctx, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
		DownloadPath: folder, EventsEnabled: new(true),
	})
	b.must(err)
	// A link that downloads is asked for by the browser, not by the tab.
	link := eval[string](b, fmt.Sprintf(`document.querySelector(%s).href || ""`, quote(selector)))
	b.touch(selector)
	late := b.after()
	for {
		select {
		case name := <-done:
			file := filepath.Join(folder, name)
			if _, err := os.Stat(file); err == nil { // another tab's otherwise
				if link != "" {
					b.routes.note(b.routes.taken(), http.MethodGet, link)
				}
				return file
			}
		case <-late:
			b.fatal("no file came of %s", selector)
		}
	}
}

// Someone is in danger: whom to call comes before any question.
func walkDanger(b *tab, s *server) {
	b.t.Helper()
	b.visit(200, s.public+"/")
	b.touch(`input[name=danger][value=yes]`)
	b.press(200, onward)
	b.says(spoken[b.screen.language].numbers)
	for _, number := range []string{"700", "711", "72233"} {
		if !b.has(fmt.Sprintf(`a[href="tel:%s"]`, number)) {
			b.fatal("%s cannot be called", number)
		}
	}
	if top := eval[float64](b, `document.querySelector('a[href^="tel:"]').getBoundingClientRect().bottom`); top > float64(b.screen.height) {
		b.wants("the first number to call is not seen without moving the page: it ends at %.0f", top)
	}
	b.judged(true)
	b.press(200, onward)
	b.touch(`input[name=situation][value=blackmail]`)
	b.press(200, onward)
	b.judged(true) // asks for an address, never a file
	b.write(`#f-where`, "@quelqu_un")
	b.press(200, onward)
	b.press(200, onward)
	b.touch(`input[name=minor][value=unknown]`)
	b.press(200, onward)
	if b.has(`input[type=file]`) {
		b.fatal("asks for a file of a sexual kind")
	}
	b.press(201, `#f-send`)
	b.code()
	if !b.has(`a[href="tel:700"]`) {
		b.fatal("the receipt no longer says whom to call")
	}
	b.judged(true)
	b.printed(".code", `a[href="tel:700"]`)
}

// What is not for the authority is led to the right door, and may be told all the same.
func walkOutside(b *tab, s *server) {
	b.t.Helper()
	b.visit(200, s.public+"/")
	b.touch(`input[name=danger][value=no]`)
	b.press(200, onward)
	b.touch(`input[name=situation][value=quarrel]`)
	b.press(200, onward)
	b.judged(true)
	b.press(200, onward)
	b.write(`#f-platform`, "Bavardages")
	b.press(200, onward)
	b.write(`#f-text`, "Une dispute.")
	b.press(200, onward)
	b.touch(`input[name=minor][value=no]`)
	b.press(200, onward)
	b.judged(true)
	b.press(201, `#f-send`)
	b.code()
	b.judged(true)
	b.printed(".code", ".sheet")
}

// A child has a page of its own: no name asked, a neutral title, and a quick way out that "back" does not undo.
func walkChild(b *tab, s *server) {
	b.t.Helper()
	b.visit(200, s.public+"/")
	b.visit(200, s.public+"/child")
	title := eval[string](b, `document.title`)
	if plainly(title) != spoken[b.screen.language].home {
		b.fatal("the title in the history is %q", title)
	}
	for _, name := range []string{"name", "contact", "minor", "files"} {
		if b.has(fmt.Sprintf(`[name=%s]`, name)) {
			b.fatal("a child is asked for %s", name)
		}
	}
	b.judged(true)
	b.press(422, `form[action="/child"] button`)
	b.judged(true)
	b.touch(`input[name=situation][value=contact]`)
	b.write(`#f-text`, "Un monsieur m'écrit.")
	b.touch(`input[name=danger][value=yes]`)
	b.press(201, `form[action="/child"] button`)
	b.code()
	if title := eval[string](b, `document.title`); plainly(title) != spoken[b.screen.language].home {
		b.fatal("the title in the history is %q", title)
	}
	b.hides("m'écrit", "m&#39;écrit")
	b.judged(true)
	if away := eval[string](b, `document.querySelector("[data-leave]").href`); !strings.HasPrefix(away, "https://") {
		b.fatal("the quick way out leads to %q", away)
	}
}
