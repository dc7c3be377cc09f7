package app

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"sanad/internal/kit/lang"
)

// What is no text is refused, and what shows nothing is nothing, whichever way a notice comes.
func TestTextOfNotices(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	fronts, err := h.fronts(&Config{Language: lang.French, DataProtection: "D-1"})
	if err != nil {
		t.Fatal(err)
	}
	before := h.verify(t).Acts
	fields := []string{"where", "text", "platform", "contact"}
	for _, field := range fields {
		for name, odd := range map[string]string{"nul": "a\x00b", "escape": "\x1b[31mred", "delete": "a\x7f", "return": "a\rb", "of the upper half": "a\u0085b", "alone": "\x00"} {
			said := map[string]string{"situation": "contact", "where": "https://x.example/u", field: odd}
			raw, err := json.Marshal(said)
			if err != nil {
				t.Fatal(err)
			}
			for media, body := range map[string]string{jsonType: string(raw), "multipart/form-data; boundary=b": inParts(said)} {
				status := 422
				if media != jsonType && odd != "a\rb" { // refused while it is read
					status = 400
				}
				(&scenario{
					name: field + ": " + name + " as " + media, method: "POST", target: "/api/v1/notices", media: media, language: "en", body: body,
					status: status, has: []string{`"field":"` + field + `"`, "unreadable characters"}, hasNot: []string{"red", `\u0000`},
				}).play(t, fronts.public)
			}
		}
	}
	for _, nothing := range []string{"\ufeff", "\u200b\u200d", " \u00a0\t", "\u2800", "\u3164", "\u0301"} {
		said := map[string]string{"situation": "contact", "where": nothing, "text": nothing}
		raw, err := json.Marshal(said)
		if err != nil {
			t.Fatal(err)
		}
		for media, body := range map[string]string{jsonType: string(raw), "multipart/form-data; boundary=b": inParts(said)} {
			(&scenario{name: "nothing as " + media, method: "POST", target: "/api/v1/notices", media: media, language: "en", body: body, status: 422, has: []string{`"field":"where"`}}).play(t, fronts.public)
		}
		page := url.Values{"at": {"told"}, "danger": {"no"}, "situation": {"contact"}, "where": {nothing}, "text": {nothing}}
		(&scenario{name: "nothing on the page", method: "POST", target: "/report", media: formType, language: "en", body: page.Encode(), status: 422, has: []string{`href="#f-text"`}}).play(t, fronts.public)
	}
	for _, key := range []string{"Situation", "WHERE", "\u017fituation", "Contact"} {
		body := `{"situation":"contact","text":"x","` + key + `":"x"}`
		if strings.EqualFold(key, "situation") {
			body = `{"` + key + `":"contact","text":"x"}`
		}
		(&scenario{name: "another key: " + key, method: "POST", target: "/api/v1/notices", media: jsonType, language: "en", body: body, status: 400, has: []string{`"field":"` + key + `"`}}).play(t, fronts.public)
	}
	(&scenario{name: "another key of a code", method: "POST", target: "/api/v1/notices/status", media: jsonType, language: "en", body: `{"Code":"0000 0000 0000 0000"}`, status: 400, has: []string{`"field":"Code"`}}).play(t, fronts.public)
	if acts := h.verify(t).Acts; acts != before {
		t.Errorf("%d acts were recorded", acts-before)
	}
	(&scenario{name: "lines and tabs", method: "POST", target: "/api/v1/notices", media: jsonType, language: "en", body: `{"situation":"contact","text":"a\r\n\tb","platform":"\u200b"}`, status: 201}).play(t, fronts.public)
}

// inParts writes fields as the parts of a multipart body.
func inParts(fields map[string]string) string {
	var b strings.Builder
	for name, value := range fields {
		b.WriteString("--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n")
	}
	return b.String() + "--b--\r\n"
}
