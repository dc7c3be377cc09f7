package letters_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/office/letters"
)

// The page shows every language of a letter, whole, and a plain one as text, in the reader's language.
func TestPage(t *testing.T) {
	t.Parallel()
	r := room(t, "one")
	sent, err := r.Render(file, full("invite"), grant(t, r, "invite"), nil, now)
	must(t, err)
	pages, err := web.NewPages(r.Messages)
	must(t, err)
	own, err := letters.Pages()
	must(t, err)
	must(t, pages.Add("letters", own))
	for _, c := range []struct {
		name   string
		reader lang.Lang
		page   letters.Page
		want   []string // in this order
		not    []string
	}{
		{"sent, to a French reader", lang.French, sent.Page("abc", "/file/abc", lang.French, false), []string{
			`<html lang="fr"`, "<h1>Courrier, dossier abc</h1>", `href="/file/abc"`, `<article class="letter" lang="fr" dir="ltr">`,
			"Invitation à présenter vos observations", `<article class="letter" lang="ar" dir="rtl">`, "دعوة إلى تقديم ملاحظاتكم",
		}, []string{"aperçu", "&lt;article"}},
		{"a preview, to an Arabic reader", lang.Arabic, sent.Page("abc", "", lang.Arabic, true), []string{
			`<html lang="ar" dir="rtl"`, "هذه معاينة", `<article class="letter" lang="ar" dir="rtl">`, `<article class="letter" lang="fr" dir="ltr">`,
		}, []string{"العودة إلى الملف"}},
		{"plain words", lang.English, letters.View([]byte("Two <b>lines</b>\n\nof words")).Page("abc", "/file/abc", lang.English, false), []string{
			"This letter was written without a template.", `<p dir="auto">Two &lt;b&gt;lines&lt;/b&gt;</p><p dir="auto">of words</p>`,
		}, []string{"<article", "<b>"}},
	} {
		w := httptest.NewRecorder()
		q := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/file/abc/letter/def", nil)
		show := http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			must(t, pages.Render(w, q, http.StatusOK, "letters/letter", web.View{Data: c.page}))
		})
		web.Chain(show, web.Headers(), web.Language(r.Messages, c.reader)).ServeHTTP(w, q)
		at := 0
		for _, want := range c.want {
			i := strings.Index(w.Body.String()[at:], want)
			if i < 0 {
				t.Errorf("%s: %q is missing, or comes too early:\n%s", c.name, want, w.Body)
				break
			}
			at += i
		}
		for _, not := range c.not {
			if strings.Contains(w.Body.String(), not) {
				t.Errorf("%s: it shows %q", c.name, not)
			}
		}
		if strings.Contains(w.Body.String(), "style=") || strings.Contains(w.Body.String(), "<style") {
			t.Errorf("%s: a style that the policy of pages refuses", c.name)
		}
	}
}
