package e2e

import (
	"strings"

	"github.com/chromedp/chromedp"
)

// walkFile looks at what stands beside the acts of a case: it is found by its number, its procedure is drawn, and an officer adds an
// exhibit to it and gives a copy out.
func walkFile(b *tab, s *server, theCase string) {
	b.t.Helper()
	b.visit(200, s.console+"/queue")
	b.write(`#f-number`, strings.ToUpper(strings.TrimPrefix(theCase, "/file/"))[:8])
	b.press(200, `form[action="/find"] button`)
	if at := eval[string](b, `location.pathname`); at != theCase {
		b.fatal("its number leads to %s, not to %s", at, theCase)
	}
	b.visit(404, s.console+"/find?number=aaaaaaaa")
	b.judged(false)
	b.visit(200, s.console+theCase)
	b.press(200, `section[aria-labelledby=procedures] a`)
	if !b.has(`.drawing svg .done`) || !b.has(`.drawing svg .open`) || !b.has(`ol.steps > li.done`) {
		b.fatal("the drawing does not show where the case stands")
	}
	if wide := eval[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
		b.fatal("the drawing makes the page %d px too wide", wide)
	}
	b.unfold()
	b.judged(false)
	b.visit(200, s.console+theCase)
	b.press(200, `a[href$="/exhibits/add"]`)
	b.judged(false)
	b.press(422, `form[action$="/exhibits/add"] button`)
	b.judged(false)
	b.do(chromedp.SetUploadFiles(chromedp.CSS(`#f-add-file`), []string{photograph(b)}))
	b.press(200, `form[action$="/exhibits/add"] button`)
	if !b.has(`.done[role=status]`) || !b.has(`section[aria-labelledby=exhibits] a[href*="/exhibit/"]`) {
		b.fatal("the exhibit is not in the file")
	}
	b.judged(false)
}
