package app

import (
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"sanad/api"
	"sanad/internal/app/story"
	"sanad/internal/desk/console"
	"sanad/internal/desk/notice"
	"sanad/internal/desk/register"
	"sanad/internal/desk/registry"
	"sanad/internal/desk/watch"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/check"
	"sanad/internal/law/protocol"
	"sanad/internal/office/letters"
	"sanad/internal/office/notify"
)

// fronts are what stands behind the doors for people.
type fronts struct {
	public, console http.Handler
	fail            web.Fail
	routers         []*http.ServeMux // what stands behind the doors, for whoever walks every route
}

// maxBody bounds what is sent to any route that does not say otherwise, in bytes.
const maxBody = 1 << 20

// fronts joins the desks' pages and routes.
func (h *house) fronts(c *Config) (*fronts, error) { return h.frontsOf(c, nil) }

// frontsOf does so for a demonstration, too: that has portal and console behind one door, and doors of its own.
func (h *house) frontsOf(c *Config, played *demo) (*fronts, error) {
	pages, err := h.pages(played)
	if err != nil {
		return nil, err
	}
	edge := &web.Edge{Log: h.log, Messages: h.words, Fallback: c.Language, Pages: pages}
	same, err := web.SameOrigin(edge.Fail)
	if err != nil {
		return nil, err
	}
	public, inside := http.NewServeMux(), http.NewServeMux()
	if played != nil {
		inside = public
	}
	h.publicRoutes(public, edge, c.Site)
	desk := h.console(edge)
	desk.Routes(inside)
	(&watch.Front{Desk: h.watch, Host: desk}).Routes(inside)
	chain := func(mux *http.ServeMux) http.Handler {
		mux.Handle("GET /static/", web.Static(edge.Fail))
		next := web.Routed(mux, edge.Fail)
		if played != nil {
			next = fictional(played.whilePlaying(edge, next))
		}
		return web.Chain(next, web.RequestID(h.chance), web.Log(h.log, h.process), web.Headers(),
			web.Language(h.words, c.Language), web.Recover(edge.Fail), same, web.Limit(maxBody))
	}
	if played != nil {
		played.routes(public, edge, desk)
		return &fronts{public: chain(public), fail: edge.Fail, routers: []*http.ServeMux{public}}, nil
	}
	desk.Root(inside)
	return &fronts{chain(public), chain(inside), edge.Fail, []*http.ServeMux{public, inside}}, nil
}

// fictional marks every answer, of pages and of the API alike: programs read headers where people read banners.
func fictional(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Sanad-Fictional", "true")
		next.ServeHTTP(w, r)
	})
}

// pages gathers the rooms' pages.
func (h *house) pages(played *demo) (*web.Pages, error) {
	pages, err := web.NewPages(h.words)
	if err != nil {
		return nil, err
	}
	for _, room := range []struct {
		name  string
		pages func() (fs.FS, error)
	}{
		{"notice", notice.Pages},
		{"console", console.Pages},
		{"registry", registry.Pages},
		{"register", register.Pages},
		{"watch", watch.Pages},
		{"letters", letters.Pages},
		{"demo", story.Pages},
	} {
		files, err := room.pages()
		if err == nil {
			err = pages.Add(room.name, files)
		}
		if err != nil {
			return nil, fmt.Errorf("pages of %s: %w", room.name, err)
		}
	}
	pages.Chrome = func(r *http.Request) web.Chrome {
		c := web.Chrome{Nav: publicNav(r)}
		if played != nil {
			c.Banner, c.Bar = "demo.banner", played.bar(r)
		}
		return c
	}
	return pages, nil
}

// publicNav are the sections on the public pages of the register and of the platforms: the street door is one of them.
func publicNav(r *http.Request) []web.Link {
	here := func(path string) bool { return r.URL.Path == path || strings.HasPrefix(r.URL.Path, path+"/") }
	if !here("/register") && !here("/platforms") {
		return nil
	}
	return []web.Link{
		{Href: "/", Key: "nav.report"},
		{Href: "/follow", Key: "nav.follow"},
		{Href: "/child", Key: "nav.child"},
		{Href: "/register", Key: "register.title", Current: here("/register")},
		{Href: "/platforms", Key: "registry.title", Current: here("/platforms")},
	}
}

// publicRoutes are those of anybody: the street door, the register, and who the platforms are.
func (h *house) publicRoutes(mux *http.ServeMux, edge *web.Edge, site string) {
	more := []web.Link{{Href: "/register", Key: "register.title"}, {Href: "/platforms", Key: "registry.title"}}
	if h.notice != nil {
		front := &notice.Front{Desk: h.notice, Edge: edge, Site: site, More: more, API: api.Document, Rates: web.NewRates(h.process, h.chance), Now: h.process}
		front.Routes(mux)
	}
	(&registry.Front{Desk: h.registry, Edge: edge}).Routes(mux)
	(&register.Front{Desk: h.register, Edge: edge}).Routes(mux)
}

// console is the officers' place of work, with what every desk adds to it.
func (h *house) console(edge *web.Edge) *console.Console {
	box := notify.Outbox{Read: h.clerk.Read, Write: h.clerk.Door, Process: h.process}
	return &console.Console{
		Clerk: h.clerk, Book: h.book, Edge: edge, Kinds: h.kinds, Pack: h.pack, Process: h.process, Forms: h.forms(), Pickers: h.pickers(), Sorts: pickedSorts(),
		Names: h.registry.Called, Served: h.registry.Served, Letters: h.letters, Exhibits: h.exhibits, Nav: h.sections, Seen: box.Seen, Takes: h.takes, Panels: h.panels(),
		Draw: func(p *lang.Printer, law *protocol.Protocol, done, open map[string]bool) []byte {
			return drawProtocol(p, law, &check.Place{Done: done, Open: open})
		},
	}
}

// sections are the desks' own pages inside the console, for a role.
func (h *house) sections(role string) []web.Link {
	var out []web.Link
	if h.watch.May(role) {
		out = append(out, web.Link{Href: "/watch", Key: "watch.title"})
	}
	return out
}
