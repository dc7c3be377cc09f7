package e2e

import (
	"context"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What a report may cost somebody who reads two hundred words a minute, as a grown person does without hurry: two minutes of
// reading, one page a question, and few things to press.
const (
	mostWords   = 400
	mostPages   = 8 // with the receipt
	mostPresses = 12
)

// The shortest way from the first question to a receipt, counted: what is read, what is opened, what is pressed or typed.
func walkShort(b *tab, s *server) {
	b.t.Helper()
	words, pages, presses := 0, 0, 0
	read := func() {
		b.t.Helper()
		pages++
		words += len(strings.Fields(eval[string](b, `document.querySelector("main").innerText`)))
	}
	onwards := func(status int) {
		b.t.Helper()
		presses++
		if status == 201 {
			b.press(status, `#f-send`)
		} else {
			b.press(status, onward)
		}
		read()
	}
	choose := func(selector string) {
		b.t.Helper()
		presses++
		b.touch(selector)
	}
	b.visit(200, s.public+"/")
	read()
	choose(`input[name=danger][value=no]`)
	onwards(200)
	choose(`input[name=situation][value=contact]`)
	onwards(200)
	presses++
	b.write(`#f-where`, "@loup")
	onwards(200)
	onwards(200) // nothing to add
	choose(`input[name=minor][value=yes]`)
	onwards(200)
	onwards(201)
	b.t.Logf("%s: a report is %d pages, %d words and %d presses", b.screen, pages, words, presses)
	if words > mostWords || pages > mostPages || presses > mostPresses {
		b.wants("a report takes %d pages, %d words and %d presses", pages, words, presses)
	}
}

// inLanguage asks for the page that is shown in another language, where it offers that.
func (b *tab) inLanguage(language string) {
	b.t.Helper()
	b.press(200, `.languages [lang=`+language+`]`)
	b.screen.language = language
}

// Who takes another language in the middle of a report loses nothing of it, and the key Enter goes on and changes no language.
func walkLanguages(b *tab, s *server) {
	b.t.Helper()
	own := b.screen.language
	other := map[string]string{"ar": "fr", "fr": "ar"}[own]
	const where = "https://game.example/u/loup"
	b.visit(200, s.public+"/")
	b.touch(`input[name=danger][value=no]`)
	b.press(200, onward)
	b.touch(`input[name=situation][value=contact]`)
	b.press(200, onward)
	b.write(`#f-platform`, "لعبة الواحة")
	b.write(`#f-where`, where)
	b.inLanguage(other)
	if got := eval[string](b, `document.querySelector("#f-platform").value + "|" + document.querySelector("#f-where").value`); got != "لعبة الواحة|"+where {
		b.fatal("another language left %q of what was typed", got)
	}
	b.check(true)
	b.inLanguage(own)
	eval[bool](b, `document.querySelector("#f-where").focus(), true`)
	b.going(200, "Enter", chromedp.KeyEvent(kb.Enter))
	if got := eval[string](b, `document.documentElement.lang`); got != own || !b.has(`#f-text`) {
		b.fatal("Enter led to a page in %s", got)
	}
	b.write(`#f-text`, "Il écrit.\nIl insiste.")
	b.inLanguage(other)
	if got := eval[string](b, `document.querySelector("#f-text").value`); got != "Il écrit.\nIl insiste." {
		b.fatal("another language left %q of what was told", got)
	}
	b.press(200, onward)
	b.touch(`input[name=minor][value=yes]`)
	b.press(200, onward)
	b.press(201, `#f-send`)
	code := b.code()
	b.inLanguage(own)
	if again := b.code(); again != code {
		b.fatal("the receipt in another language shows %s, not %s", again, code)
	}
	b.check(true)
	// A child's page, before anything was sent.
	b.visit(200, s.public+"/child")
	b.write(`#f-text`, "Il m'écrit.")
	b.inLanguage(other)
	if got := eval[string](b, `document.querySelector("#f-text").value`); got != "Il m'écrit." {
		b.fatal("another language left %q of what a child wrote", got)
	}
	b.inLanguage(own)
}

// The quick way out of the child's page: the link, and with scripts Escape pressed twice, which "back" does not undo. What was
// written is gone, and the history names the page by a title that tells nothing. Where it leads is put on our own ground first,
// so that the test asks nobody else.
func walkLeave(b *tab, s *server) {
	b.t.Helper()
	aim := func() {
		b.t.Helper()
		b.visit(200, s.public+"/")
		b.visit(200, s.public+"/child")
		if plainly(eval[string](b, `document.title`)) != spoken[b.screen.language].home {
			b.fatal("the history would say %q", eval[string](b, `document.title`))
		}
		b.write(`#f-text`, "Il m'écrit.")
		eval[bool](b, `document.querySelector("[data-leave]").href = "/follow", document.activeElement.blur(), true`)
	}
	away := func(how string) {
		b.t.Helper()
		if at := eval[string](b, `location.pathname`); at != "/follow" {
			b.fatal("%s led to %s", how, at)
		}
	}
	aim()
	b.going(200, "the way out", chromedp.Click(chromedp.CSS(`[data-leave]`)))
	away("the link")
	if b.screen.plain { // a link leaves the page behind, under a name that says nothing
		if titles := b.history("/child"); len(titles) == 0 || plainly(titles[len(titles)-1]) != spoken[b.screen.language].home {
			b.fatal("the history calls it %q", titles)
		}
		return
	}
	aim()
	b.escape()
	if at := eval[string](b, `location.pathname`); at != "/child" || !eval[bool](b, `document.documentElement.checkVisibility()`) {
		b.fatal("one Escape led to %s", at)
	}
	aim()
	before := len(b.history("/child"))
	b.escape()
	b.going(200, "Escape twice", func(context.Context, *chromedp.Target) (void chromedp.Void, err error) {
		b.escape()
		return void, nil
	})
	away("Escape")
	if after := len(b.history("/child")); after != before-1 {
		b.fatal("the page stays %d times in the history, %d before", after, before)
	}
}

// escape presses the key of that name once.
func (b *tab) escape() {
	b.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		cdpCall(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: "Escape", Code: "Escape", WindowsVirtualKeyCode: 27})
	}
}

// history are the titles under which the tab remembers a page.
func (b *tab) history(path string) []string {
	b.t.Helper()
	var out []string
	for _, e := range cdpCall(b, page.GetNavigationHistory, cdp.Empty{}).Entries {
		if strings.HasSuffix(e.URL, path) {
			out = append(out, e.Title)
		}
	}
	return out
}
