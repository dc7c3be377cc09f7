package web

import (
	"context"
	"net/http"

	"sanad/internal/kit/lang"
)

type printerKey struct{}

// LanguageCookie holds the language a person chose. It lasts as long as the browser stays open: on a shared phone
// the next person starts with their own.
const LanguageCookie = "language"

// Language chooses the language of the answer: ?lang= of the address, which is kept in a cookie; else that cookie;
// else what the browser asks for; else fallback.
func Language(messages *lang.Messages, fallback lang.Lang) Middleware {
	printers := map[lang.Lang]*lang.Printer{}
	for _, l := range lang.All() {
		printers[l] = messages.For(l)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			l := lang.Match(r.Header.Get("Accept-Language"), Cookie(r, LanguageCookie), fallback)
			if r.URL.RawQuery != "" {
				chosen, ok := lang.Parse(r.URL.Query().Get("lang"))
				if ok {
					l = chosen
					SetCookie(w, r, LanguageCookie, string(l), 0)
				}
			}
			w.Header().Add("Vary", "Accept-Language, Cookie")
			w.Header().Set("Content-Language", string(l))
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), printerKey{}, printers[l])))
		})
	}
}

// LanguageName is what a language of the program is called by those who speak it; the code itself where it is none of them.
func LanguageName(p *lang.Printer, code string) string {
	for _, l := range lang.All() {
		if string(l) == code {
			return p.Of(l).Text("language.name", nil)
		}
	}
	return code
}

// PrinterOf returns the printer of the request's language, nil outside of Language.
func PrinterOf(ctx context.Context) *lang.Printer {
	p, _ := ctx.Value(printerKey{}).(*lang.Printer)
	return p
}
