package console

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/pack"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
	"sanad/internal/office/letters"
)

//go:embed pages/*.html
var pages embed.FS

// Pages are the console's pages, for web.Pages.Add under the name console.
func Pages() (fs.FS, error) { return fs.Sub(pages, "pages") }

// Console answers officers. Every field up to Process is needed.
type Console struct {
	Clerk   *clerk.Clerk
	Book    *access.Book
	Edge    *web.Edge // with pages, the console's among them
	Kinds   *act.Catalogue
	Pack    *pack.Pack
	Process func() time.Time // clock of codes and sessions; legal time is the clerk's

	Forms    map[string]Form    // by kind of act: what a desk says of its form
	Pickers  map[string]Picker  // by name of a fact that names something
	Sorts    map[string]string  // by such a name: the sort of file that it names, for whoever finds none to choose
	Panels   map[string][]Panel // by sort of file
	Names    Namer              // what platforms are called
	Served   Served             // on whom their papers are served; nil: every letter is addressed by hand
	Draw     Draw               // nil: a procedure is told as a list only
	Letters  *letters.Room
	Exhibits *exhibits.Room
	Takes    func(kind, situation string) bool               // whether a case may be made of a notice that an act of a kind took in; nil: whatever is in scope
	Nav      func(role string) []web.Link                    // pages of other desks, for a role; nil for none
	Seen     func(ctx context.Context, mandate act.ID) error // that somebody has looked at the queue; nil where nobody is told
	Door     string                                          // address at which anybody comes in without a code, in a demonstration; else ""
}

// Routes adds the console's routes to a mux. None is that of the street door: both may stand on one.
func (c *Console) Routes(mux *http.ServeMux) {
	mux.Handle("GET "+signInPath, c.Edge.Handle(c.signIn))
	mux.Handle("POST "+signInPath, c.Edge.Handle(c.signedIn))
	mux.Handle("POST /sign-out", c.Edge.Handle(c.signOut))
	mux.Handle("GET "+queuePath, c.Inside(c.queue))
	mux.Handle("GET "+findPath, c.Inside(c.find))
	mux.Handle("GET "+didPath, c.Inside(c.did))
	mux.Handle("GET /file/{id}", c.Inside(c.file))
	mux.Handle("POST /file/{id}/do", c.Inside(c.do))
	mux.Handle("POST /file/{id}"+writtenPath, c.Inside(c.written))
	mux.Handle("POST /file/{id}/join", c.Inside(c.join))
	mux.Handle("POST /file/{id}/migrate", c.Inside(c.migrate))
	mux.Handle("GET /file/{id}/letter/{act}", c.Inside(c.letter))
	mux.Handle("GET /file/{id}/procedure/{protocol}", c.Inside(c.drawing))
	if c.Exhibits != nil {
		mux.Handle("GET /file/{id}/exhibit/{act}", c.Inside(c.exhibit))
		mux.Handle("POST /file/{id}/exhibit/{act}/{what}", c.Inside(c.withExhibit))
		mux.Handle("GET /look/{act}", c.Inside(c.look))
		mux.Handle("GET /file/{id}/exhibits/add", c.Inside(c.addExhibit))
		mux.Handle("POST /file/{id}/exhibits/add", web.Chain(c.Inside(c.exhibitAdded), web.Limit(exhibits.MaxSize+roomForFields)))
	}
	mux.Handle("GET /new/{sort}", c.Inside(c.start))
	mux.Handle("POST /new/{sort}", c.Inside(c.started))
	mux.Handle("POST /new/{sort}"+writtenPath, c.Inside(c.begun))
}

// Root leads from the first page of a listener that is the console's alone to the queue.
func (c *Console) Root(mux *http.ServeMux) {
	mux.Handle("GET /{$}", http.RedirectHandler(queuePath, http.StatusSeeOther))
}

// Inside lets only those in who came through the door and whose mandate is in force.
func (c *Console) Inside(f func(http.ResponseWriter, *http.Request, access.Mandate) error) http.Handler {
	return c.Edge.Handle(func(w http.ResponseWriter, r *http.Request) error {
		token := web.Cookie(r, sessionCookie)
		if token == "" {
			return c.outside(w, r, becauseRequired)
		}
		who, err := c.visitor(r.Context(), token)
		if errors.Is(err, access.ErrRefused) {
			remember(w, r, "")
			return c.outside(w, r, becauseEnded)
		}
		if err != nil {
			return err
		}
		return f(w, r, who)
	})
}

// visitor says whose session a token is; access.ErrRefused when it is nobody's, or that of a mandate out of force.
func (c *Console) visitor(ctx context.Context, token string) (who access.Mandate, err error) {
	err = c.Clerk.Read(ctx, func(tx clerk.Tx) error {
		id, err := c.Book.Session(ctx, tx, token, c.process())
		if err != nil {
			return err
		}
		who, err = c.inForce(ctx, tx, id)
		return err
	})
	return who, err
}

// inForce reads a mandate; access.ErrRefused when it is not in force in legal time.
func (c *Console) inForce(ctx context.Context, tx clerk.Tx, id act.ID) (access.Mandate, error) {
	who, err := c.Book.Mandate(ctx, tx, id)
	if errors.Is(err, access.ErrUnknownMandate) || err == nil && !who.InForce(act.InstantOf(c.Clerk.Clock())) {
		return access.Mandate{}, access.ErrRefused
	}
	return who, err
}

func (c *Console) process() act.Instant { return act.InstantOf(c.Process()) }

// Show sends a page inside the console: with its sections, in whose capacity the person acts, and the way out. Where data has a
// method Self, it says at which address a link shows the page again, in another language say, after a form was answered with it.
func (c *Console) Show(w http.ResponseWriter, r *http.Request, who access.Mandate, status int, page string, data any) error {
	p := web.PrinterOf(r.Context())
	view := web.View{
		Nav:   []web.Link{{Href: queuePath, Key: "queue.title", Current: page == pageQueue}},
		Leave: "/sign-out", Wide: true, Data: data,
	}
	here := r.URL.Path
	for _, sort := range c.startable(who.Role) {
		href := newHref(sort)
		view.Nav = append(view.Nav, web.Link{Href: href, Key: "start." + sort, Current: here == href})
	}
	if c.Nav != nil {
		for _, l := range c.Nav(who.Role) {
			l.Current = here == l.Href
			view.Nav = append(view.Nav, l)
		}
	}
	switch d := data.(type) {
	case keeper:
		kept := d.keeps()
		kept.into(&view)
	case interface{ Self() string }:
		view.Self = d.Self()
	}
	if p != nil {
		view.Who = p.Text(roleKey(who.Role), nil)
	}
	return c.Edge.Pages.Render(w, r, status, page, view)
}

// Names of the pages.
const (
	pageQueue   = "console/queue"
	pageFile    = "console/file"
	pageStart   = "console/start"
	pageExhibit = "console/exhibit"
	pageAdd     = "console/exhibit-add"
	pageLetter  = "letters/letter"
	pageSignIn  = "console/sign-in"
)

// words is what wording needs: the reader's language and the country.
func (c *Console) words(r *http.Request) words {
	w := words{p: web.PrinterOf(r.Context()), pack: c.Pack, loc: time.UTC, lang: lang.French}
	if w.p != nil {
		w.lang = w.p.Lang()
	}
	if c.Pack.Calendar != nil {
		w.loc = c.Pack.Calendar.Location()
	}
	return w
}
