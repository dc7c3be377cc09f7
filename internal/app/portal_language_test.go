package app

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var (
	// languageButton is what asks for the page in another language: where it leads, the form it sends, and what go says.
	languageButton = regexp.MustCompile(`<button form="([a-z]+)" formaction="([^"?]+\?lang=[a-z]+)"[^>]* name="go" value="([^"]*)"[^>]* lang="([a-z]+)"`)
	formOnPage     = regexp.MustCompile(`(?s)<form (?:[^>]* )?id="([a-z]+)"[^>]*>(.*?)</form>`)
)

// inLanguage presses the button of a language, with what stands in its form and what was typed into it, as name and value in turn.
func (v *visitor) inLanguage(language string, typed ...string) {
	v.t.Helper()
	for _, m := range languageButton.FindAllStringSubmatch(v.page, -1) {
		if m[4] != language {
			continue
		}
		sent := url.Values{"go": {m[3]}}
		for _, f := range formOnPage.FindAllStringSubmatch(v.page, -1) {
			if f[1] != m[1] {
				continue
			}
			for _, hidden := range hiddenInput.FindAllStringSubmatch(f[2], -1) {
				sent.Set(hidden[1], html.UnescapeString(hidden[2]))
			}
		}
		for i := 0; i+1 < len(typed); i += 2 {
			sent.Set(typed[i], typed[i+1])
		}
		v.language = language
		v.ask(http.MethodPost, html.UnescapeString(m[2]), sent)
		return
	}
	v.t.Fatalf("no button leads to the page in %s\n%s", language, v.page)
}

// Whoever takes another language in the middle of a report goes on where they were, with what they had typed, sent or not.
func TestLanguageKeepsReport(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	before := h.verify(t).Acts
	v := newVisitor(t, h, "fr")
	v.ask("GET", "/", nil)
	v.answer() // nothing chosen
	v.sees(422, `lang="fr"`)
	v.inLanguage("ar", "danger", "yes")
	v.sees(200, `<html lang="ar" dir="rtl"`, `value="yes" checked`)
	v.hides(`role="alert"`) // they were not asked again, they asked for other words
	v.answer("danger", "yes")
	v.inLanguage("fr")
	v.sees(200, `<html lang="fr"`, `href="tel:700"`)
	v.answer()
	v.inLanguage("en", "situation", "contact")
	v.sees(200, `<html lang="en"`, `value="contact" checked`)
	v.answer("situation", "contact")
	v.inLanguage("ar", "platform", "Half a na", "where", "@wolf & <co>")
	v.sees(200, `<html lang="ar"`, `value="Half a na"`, `value="@wolf &amp; &lt;co&gt;"`)
	v.answer("platform", "A name", "where", "@wolf & <co>")
	v.inLanguage("fr", "text", "half\na sentence")
	v.sees(200, `<html lang="fr"`, "half\na sentence</textarea>", `name="where" value="@wolf &amp; &lt;co&gt;"`)
	v.answer("text", "a sentence")
	v.inLanguage("en", "minor", "unknown")
	v.sees(200, `value="unknown" checked`)
	v.answer("minor", "unknown")
	v.sees(200, `name="change"`)
	token := v.fields.Get("token")
	v.inLanguage("ar")
	v.sees(200, `<html lang="ar"`, "A name", "a sentence", `name="token" value="`+token+`"`)
	// A change of mind, in yet another language, leads back to the last page.
	v.answer("change", "where")
	v.inLanguage("fr", "platform", "Another", "where", "@wolf")
	v.sees(200, `value="Another"`, `name="then" value="check"`)
	v.answer("platform", "Another", "where", "@wolf")
	v.sees(200, "Another", `name="change"`)
	if h.verify(t).Acts != before {
		t.Fatal("asking for another language recorded something")
	}
	v.answer()
	v.sees(201, `<html lang="fr"`)
	code := v.code()
	v.inLanguage("ar")
	v.sees(200, `<html lang="ar"`, `href="tel:700"`)
	if v.code() != code || h.verify(t).Acts != before+1 {
		t.Fatal("the receipt in another language is another receipt")
	}
	// Where it stands, and a code that is none, in another language.
	v.ask("POST", "/follow", url.Values{"code": {code}})
	v.inLanguage("en")
	v.sees(200, `<html lang="en"`, "Received")
	v.ask("POST", "/follow", url.Values{"code": {"1234"}})
	v.inLanguage("fr", "code", "1234")
	v.sees(404, `<html lang="fr"`, `value="1234"`)
}

// The child's page keeps what was written, too, before anything was sent; and its receipt.
func TestLanguageKeepsChild(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	v := newVisitor(t, h, "fr")
	v.ask("GET", "/child", nil)
	token := v.fields.Get("token")
	v.inLanguage("ar", "situation", "contact", "text", "il m'écrit", "where", "loup", "danger", "no")
	v.sees(200, `<html lang="ar"`, `value="contact" checked`, "il m&#39;écrit</textarea>", `value="loup"`, `value="no" checked`, `name="token" value="`+token+`"`, `data-leave`)
	v.hides(`role="alert"`)
	v.answer("situation", "contact", "text", "il m'écrit", "where", "loup", "danger", "no")
	v.sees(201, `<html lang="ar"`)
	code := v.code()
	v.inLanguage("fr")
	v.sees(200, `<html lang="fr"`, "<title>Page d’accueil</title>", `data-leave`)
	if v.code() != code {
		t.Fatal("the receipt in another language is another receipt")
	}
}

// Every page that answers a form offers the other languages by sending a form, never by a link that loses it; and the key Enter
// still goes on.
func TestNoLanguageLinkAfterForm(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	v := newVisitor(t, h, "fr")
	pages := []struct {
		path string
		sent url.Values
	}{
		{"/report", url.Values{"at": {"danger"}}},
		{"/report", url.Values{"at": {"danger"}, "danger": {"yes"}}},
		{"/report", url.Values{"at": {"what"}, "danger": {"no"}}},
		{"/report", url.Values{"at": {"what"}, "danger": {"no"}, "situation": {"quarrel"}}},
		{"/report", url.Values{"at": {"what"}, "danger": {"no"}, "situation": {"contact"}}},
		{"/report", url.Values{"at": {"where"}, "danger": {"no"}, "situation": {"contact"}}},
		{"/report", url.Values{"at": {"told"}, "danger": {"no"}, "situation": {"contact"}, "text": {"x"}}},
		{"/report", url.Values{"at": {"minor"}, "danger": {"no"}, "situation": {"contact"}, "text": {"x"}, "minor": {"no"}}},
		{"/report", url.Values{"at": {"check"}, "danger": {"no"}, "situation": {"contact"}, "text": {"x"}, "minor": {"no"}}},
		{"/child", url.Values{}},
		{"/child", url.Values{"situation": {"contact"}, "text": {"x"}}},
		{"/follow", url.Values{"code": {"1"}}},
	}
	for _, page := range pages {
		v.ask("POST", page.path, page.sent)
		name := page.path + " " + page.sent.Encode()
		buttons := languageButton.FindAllStringSubmatchIndex(v.page, -1)
		if len(buttons) < 3 || strings.Contains(v.page, "hreflang") {
			t.Errorf("%s: %d buttons\n%s", name, len(buttons), v.page)
			continue
		}
		if first := strings.Index(v.page, `<button form=`); first >= buttons[0][0] {
			t.Errorf("%s: Enter chooses a language", name)
		}
	}
}
