package web

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"sanad/internal/kit/lang"
)

//go:embed templates
var templates embed.FS

// Pages are every page of one listener, parsed once for each language so that a page says {{t "key"}} and nothing
// more. A page is a file with two definitions, title and main; the layout is around it, the partials within reach.
type Pages struct {
	// Chrome says what stands on every page; nil for nothing. It is set before the first request.
	Chrome func(r *http.Request) Chrome

	base map[lang.Lang]*template.Template
	sets map[lang.Lang]map[string]*template.Template
}

// View is what a handler gives a page.
type View struct {
	Nav       []Link // sections, in the order in which they are shown
	Banner    string // key of a message on top of the page, under that of every page; "" for none
	Who       string // in what capacity the person acts; "" for nobody
	Leave     string // address that ends their session when posted to; "" for none
	Wide      bool   // for a table with many columns
	Form      string // id of a form of the page: another language is asked by sending it again, and what it holds is kept
	FormAt    string // what its field named go then says
	FormTo    string // address it is then sent to; "": the page's own, where the page answered the form, and a link where not
	FormEnter string // what the key Enter asks of it, as a field that says yes; "": what its first button does
	Self      string // address at which a link shows the page again, where it answered a form; "": the first page
	Data      any    // the page's own, a typed struct
}

// Link is a section of the site.
type Link struct {
	Href    string
	Key     string
	Current bool
}

// frame is what layout and page see.
type frame struct {
	View
	Around     Chrome
	Path, Back string // where the bar leads, and back to
	Lang       lang.Lang
	Dir        string
	Languages  []language
	Again      bool // another language is asked by sending the page's form
}

type language struct {
	Lang    lang.Lang
	Dir     string
	Name    string
	Href    string
	Current bool
	Again   bool // Href is asked by sending the page's form again
}

// NewPages prepares the layout, the partials and the error page.
func NewPages(messages *lang.Messages) (*Pages, error) {
	p := &Pages{base: map[lang.Lang]*template.Template{}, sets: map[lang.Lang]map[string]*template.Template{}}
	for _, l := range lang.All() {
		t, err := template.New("").Funcs(funcs(messages.For(l))).Option("missingkey=error").
			ParseFS(templates, "templates/layout.html", "templates/partials/*.html")
		if err != nil {
			return nil, err
		}
		p.base[l] = t
		p.sets[l] = map[string]*template.Template{}
	}
	own, err := fs.Sub(templates, "templates/pages")
	if err != nil {
		return nil, err
	}
	return p, p.Add("", own)
}

// Add parses the pages of a room: x.html becomes the page room/x; a file whose name begins with _ holds partials
// shared by that room's pages. Pages are added before the first request.
func (p *Pages) Add(room string, files fs.FS) error {
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		return err
	}
	shared := []string{}
	pages := []string{}
	for _, name := range names {
		if strings.HasPrefix(name, "_") {
			shared = append(shared, name)
		} else {
			pages = append(pages, name)
		}
	}
	for l, base := range p.base {
		for _, name := range pages {
			t, err := base.Clone()
			if err != nil {
				return err
			}
			t, err = t.ParseFS(files, append(shared[:len(shared):len(shared)], name)...)
			if err != nil {
				return fmt.Errorf("page %s: %w", path.Join(room, name), err)
			}
			for _, part := range []string{"title", "main"} {
				if t.Lookup(part) == nil {
					return fmt.Errorf(`page %s: it needs {{define %q}}`, path.Join(room, name), part)
				}
			}
			p.sets[l][path.Join(room, strings.TrimSuffix(name, ".html"))] = t
		}
	}
	return nil
}

// Names returns every page, for a test that shows them all.
func (p *Pages) Names() []string {
	var out []string
	for name := range p.sets[lang.French] {
		out = append(out, name)
	}
	return out
}

// Render sends a page in the language of the request, whole or not at all. An error means nothing was sent.
func (p *Pages) Render(w http.ResponseWriter, r *http.Request, status int, name string, view View) error {
	printer := PrinterOf(r.Context())
	if printer == nil {
		return errors.New("a page outside of the middleware Language")
	}
	return p.render(w, r, printer, status, name, view)
}

func (p *Pages) execute(to io.Writer, r *http.Request, printer *lang.Printer, name string, view View) error {
	t := p.sets[printer.Lang()][name]
	if t == nil {
		return fmt.Errorf("there is no page %q", name)
	}
	f := frame{View: view, Path: ClockPath, Back: back(r), Lang: printer.Lang(), Dir: printer.Dir()}
	if p.Chrome != nil {
		f.Around = p.Chrome(r)
	}
	if f.Nav == nil {
		f.Nav = f.Around.Nav
	}
	if f.Around.Banner == f.Banner {
		f.Banner = "" // said once
	}
	for _, l := range lang.All() {
		one := language{Lang: l, Dir: l.Dir(), Name: printer.Of(l).Text("language.name", nil), Href: inLanguage(r, view.Self, l), Current: l == f.Lang}
		switch {
		case view.Form != "" && view.FormTo != "":
			one.Again, one.Href = true, view.FormTo+"?lang="+string(l)
		case view.Form != "" && r.Method == http.MethodPost:
			one.Again, one.Href = true, r.URL.EscapedPath()+"?lang="+string(l)
		}
		f.Again = f.Again || one.Again
		f.Languages = append(f.Languages, one)
	}
	return t.ExecuteTemplate(to, "layout", &f)
}

// inLanguage is the address of the same page in another language: where this one answered a form, which a link cannot send
// again, the address at which it is shown.
func inLanguage(r *http.Request, self string, l lang.Lang) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if self == "" {
			self = "/"
		}
		return self + "?lang=" + string(l)
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		query = url.Values{}
	}
	query.Set("lang", string(l))
	return "?" + query.Encode()
}

// funcs are what every template may call. t words a message as HTML, text as plain text for titles and attributes;
// both take names and values of arguments in turn.
func funcs(p *lang.Printer) template.FuncMap {
	return template.FuncMap{
		"t": func(key string, pairs ...any) (template.HTML, error) {
			args, err := arguments(pairs)
			return p.HTML(key, args), err
		},
		"text": func(key string, pairs ...any) (string, error) {
			args, err := arguments(pairs)
			return p.Text(key, args), err
		},
		"tx":       func(key string, args lang.Args) template.HTML { return p.HTML(key, args) },
		"textx":    func(key string, args lang.Args) string { return p.Text(key, args) },
		"has":      p.Has,
		"number":   func(n int) string { return p.Number(int64(n)) },
		"language": func(code string) string { return LanguageName(p, code) },
		"day":      func(t time.Time) lang.Worded { return lang.Worded(p.Day(t)) },
		"moment":   func(t time.Time) lang.Worded { return lang.Worded(p.Moment(t)) },
		"clock":    func(t time.Time) lang.Worded { return lang.Worded(p.Clock(t)) },
		"duration": func(d time.Duration) lang.Worded { return lang.Worded(p.Duration(d)) },
		"left":     func(d time.Duration) lang.Worded { return lang.Worded(p.Left(d)) },
		"machine":  func(t time.Time) string { return t.Format(time.RFC3339) },
		"bdi":      lang.BDI,
		"asset":    asset,
	}
}

func arguments(pairs []any) (lang.Args, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("arguments of a message go by name and value in turn")
	}
	args := lang.Args{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("the name of an argument is a %T, not a text", pairs[i])
		}
		args[name] = pairs[i+1]
	}
	return args, nil
}
