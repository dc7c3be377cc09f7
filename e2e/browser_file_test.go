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
	b.visit(200, s.console+"/did")
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
	// What was written and came back survives another language.
	b.visit(200, s.console+"/did")
	b.judged(false)
	b.visit(200, s.console+theCase)
	begin := moveForm("xx.case", "shut")
	b.only(begin)
	b.unfold()
	b.press(422, begin+` .actions button:not([name])`)
	b.thereAndBack(422)
	b.judged(false)
	// Nothing offers a migration where the law has no other version in force. Who asks for one by hand is asked for the ground and
	// the reasons first, and refused then.
	b.visit(200, s.console+"/did")
	b.judged(false)
	b.visit(200, s.console+theCase)
	eval[bool](b, `(() => {
		const f = document.createElement("form");
		f.id = "byhand"; f.method = "post"; f.action = location.pathname + "/migrate";
		const run = document.querySelector("input[name=run]:not([value=''])");
		for (const [k, v] of Object.entries({seen: document.querySelector("input[name=seen]").value, run: run ? run.value : "", to: "9"})) {
			const i = document.createElement("input"); i.type = "hidden"; i.name = k; i.value = v; f.append(i);
		}
		const go = document.createElement("button"); go.textContent = "→"; f.append(go);
		document.querySelector("main").append(f);
		return true;
	})()`)
	b.press(422, `#byhand button`)
	b.judged(false)
}
