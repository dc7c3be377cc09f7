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
)

//go:embed pages/*.html
var pages embed.FS

// Pages are the console's pages, for web.Pages.Add under the name console.
func Pages() (fs.FS, error) { return fs.Sub(pages, "pages") }

// Line is one file that waits, as a desk lists it. What the law expects of it, and until when, the console asks the clerk.
type Line struct {
	File  act.ID
	Sort  string      // of file
	Stage string      // message key: where the file stands
	Since act.Instant // since when it stands there
}

// Lines lists the files a mandate may read and that wait for somebody, the one whose clock runs out first on top, at most
// limit, after the first skip. A file the mandate may not read is never among them.
type Lines interface {
	Queue(ctx context.Context, tx clerk.Tx, mandate act.ID, skip, limit int) ([]Line, error)
}

// Console answers officers. Every field is needed but Banner.
type Console struct {
	Clerk   *clerk.Clerk
	Book    *access.Book
	Edge    *web.Edge // with pages, the console's among them
	Kinds   *act.Catalogue
	Pack    *pack.Pack
	Lines   Lines
	Process func() time.Time // clock of codes and sessions; legal time is the clerk's
	Banner  string           // key of a message on top of every page; "" for none
}

// Routes adds the console's routes to a mux.
func (c *Console) Routes(mux *http.ServeMux) {
	mux.Handle("GET /sign-in", c.Edge.Handle(c.signIn))
	mux.Handle("POST /sign-in", c.Edge.Handle(c.signedIn))
	mux.Handle("POST /sign-out", c.Edge.Handle(c.signOut))
	mux.Handle("GET /{$}", c.inside(c.queue))
	mux.Handle("GET /file/{id}", c.inside(c.file))
	mux.Handle("POST /file/{id}/do", c.inside(c.do))
}

// inside lets only those in who came through the door and whose mandate is in force.
func (c *Console) inside(f func(http.ResponseWriter, *http.Request, access.Mandate) error) http.Handler {
	return c.Edge.Handle(func(w http.ResponseWriter, r *http.Request) error {
		token := web.Cookie(r, sessionCookie)
		if token == "" {
			toDoor(w, r, becauseRequired)
			return nil
		}
		who, err := c.visitor(r.Context(), token)
		if errors.Is(err, access.ErrRefused) {
			remember(w, r, "")
			toDoor(w, r, becauseEnded)
			return nil
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

// show sends a page inside the console.
func (c *Console) show(w http.ResponseWriter, r *http.Request, who access.Mandate, status int, page string, data any) error {
	p := web.PrinterOf(r.Context())
	view := web.View{
		Nav:    []web.Link{{Href: "/", Key: "queue.title", Current: page == pageQueue}},
		Banner: c.Banner, Wide: true, Data: data,
	}
	if p != nil {
		view.Who = p.Text(roleKey(who.Role), nil)
	}
	return c.Edge.Pages.Render(w, r, status, page, view)
}

// Names of the pages.
const (
	pageQueue  = "console/queue"
	pageFile   = "console/file"
	pageSignIn = "console/sign-in"
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
