// Package registertest builds a small authority for tests of the desks whose acts are public: registry, watch and register, on a
// real clerk and a real database, under the invented country of tests.
package registertest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/desk/notice"
	"sanad/internal/desk/register"
	"sanad/internal/desk/registry"
	"sanad/internal/desk/request"
	"sanad/internal/desk/sanction"
	"sanad/internal/desk/watch"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
	"sanad/locales"
)

// Clock is a time that a test moves.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Move moves the clock.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// House is the authority.
type House struct {
	T        *testing.T
	DB       *store.DB
	Book     *access.Book
	Clerk    *clerk.Clerk
	Pack     *pack.Pack
	Clock    *Clock
	Mandates map[string]act.ID // by role
	Register act.ID
	Registry *registry.Desk
	Watch    *watch.Desk
	Public   *register.Desk
	Messages *lang.Messages
	Edge     *web.Edge
	Site     http.Handler // the public's
	Verifier note.Verifier
	VKey     string

	signer note.Signer
}

// OnBoth runs a test on SQLite and, where the gate gave a server, on a PostgreSQL database of its own.
func OnBoth(t *testing.T, f func(t *testing.T, h *House)) {
	t.Helper()
	storetest.OnBoth(t, func(t *testing.T, url string) { f(t, New(t, url)) })
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sorts are the sorts of file of the house.
var sorts = []string{notice.Sort, cases.Sort, registry.Sort, watch.Sort, register.Sort}

// kinds are those of every desk: the pack names them.
func kinds(t *testing.T) *act.Catalogue {
	t.Helper()
	c, err := act.NewCatalogue(slices.Concat(
		protocol.Schemas(sorts...), notice.Kinds(), cases.Kinds(), registry.Kinds(), watch.Kinds(), request.Kinds(), sanction.Kinds(), register.Kinds(),
		exhibits.Kinds(sorts...), clerk.Kinds(sorts...),
	)...)
	must(t, err)
	return c
}

// Origin is that of the house's log.
const Origin = "sanad/xx/test"

// New opens a house on SQLite, or at the address of a PostgreSQL database.
func New(t *testing.T, url string) *House {
	t.Helper()
	h := &House{T: t, DB: storetest.Open(t, url), Mandates: map[string]act.ID{}, Clock: &Clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}}
	folder := t.TempDir()
	h.sign()
	h.open(folder)
	h.grant()
	h.found()
	h.serve()
	return h
}

// sign makes the log's key.
func (h *House) sign() {
	h.T.Helper()
	skey, vkey, err := proof.KeyPair(Origin, sha256.Sum256([]byte("key of a test")))
	must(h.T, err)
	h.signer, err = note.NewSigner(skey)
	must(h.T, err)
	h.Verifier, err = note.NewVerifier(vkey)
	must(h.T, err)
	h.VKey = vkey
}

func (h *House) open(folder string) {
	h.T.Helper()
	t := h.T
	root, err := seal.OpenRoot(folder, rand.Reader)
	must(t, err)
	keeper, err := seal.Open(t.Context(), folder, root, rand.Reader)
	must(t, err)
	blobs, err := seal.OpenFolder(filepath.Join(folder, "blobs"))
	must(t, err)
	h.Book, err = access.Open(keeper, nil, rand.Reader)
	must(t, err)
	catalogue := kinds(t)
	h.Pack, err = pack.Load(bulletin(), "yy", open, catalogue)
	must(t, err)
	deciders := registry.Deciders(nil)
	maps.Copy(deciders, watch.Deciders(h.Pack.Words("in_scope")))
	maps.Copy(deciders, register.Deciders(register.Law{
		File: func() act.ID { return h.Register }, Languages: h.Pack.Languages, Rungs: h.Pack.Words("rungs"), Remedies: h.Pack.Words("remedies"),
	}))
	h.Clerk, err = clerk.Open(clerk.Config{
		DB: h.DB, Keeper: keeper, Blobs: seal.NewBlobs(keeper, blobs), Book: h.Book, Engine: h.Pack.Engine(), Catalogue: catalogue, Lists: h.Pack,
		Plain: register.Plain(clerk.RoleFounder), Deciders: deciders, Projectors: []clerk.Projector{notice.Store{}, registry.Store{}, watch.Store{}, register.Store{}},
		Keep: h.Pack.Keep, Dice: rand.Reader, Clock: h.Clock.Now,
	})
	must(t, err)
	t.Cleanup(func() {
		h.Clerk.Close()
		must(t, keeper.Close())
	})
	h.Registry = &registry.Desk{Clerk: h.Clerk, Threshold: registry.Threshold{Metric: "weekly_visits", Above: 100_000}}
	h.Watch = &watch.Desk{
		Clerk: h.Clerk, Law: watch.LawOf(h.Pack.Protocols, h.Pack.Words), Names: h.Registry.Names,
		Enrolment: func(ctx context.Context, platform act.ID) (act.ID, bool, error) {
			id, err := h.Registry.Enrolment(ctx, platform)
			return id, err == nil && !id.IsZero(), err
		},
	}
	h.Public = &register.Desk{
		Clerk: h.Clerk, File: func() act.ID { return h.Register }, Names: h.Registry.Names, Folder: filepath.Join(folder, "register"), Languages: h.Pack.Languages,
	}
}

// found opens the log, with the register as its first file.
func (h *House) found() {
	h.T.Helper()
	must(h.T, h.Clerk.Found(h.T.Context(), Origin, func(_ act.ID, do func(clerk.Command) (*clerk.Done, error)) error {
		done, err := do(register.Opening())
		if err == nil {
			h.Register = done.File
		}
		return err
	}))
}

// grant gives every role of the pack one mandate of two years.
func (h *House) grant() {
	h.T.Helper()
	const term = 2 * 365 * 24 * time.Hour
	must(h.T, h.DB.Write(h.T.Context(), func(tx *store.Tx) error {
		for _, r := range h.Pack.Roles {
			id, person := ID(), ID()
			m := access.Mandate{
				ID: id, Person: person, Role: r.ID, Institution: r.Institution(h.Pack.Variants[0]),
				Starts: act.InstantOf(h.Clock.Now()), Ends: act.InstantOf(h.Clock.Now().Add(term)),
			}
			for _, code := range r.Reads {
				part, err := h.Book.Compartment(h.T.Context(), tx, code)
				if err != nil {
					return err
				}
				m.Compartments = append(m.Compartments, part)
			}
			h.Mandates[r.ID] = id
			err := h.Book.Grant(h.T.Context(), tx, m)
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func (h *House) serve() {
	h.T.Helper()
	t := h.T
	m, err := lang.Load(locales.Files)
	must(t, err)
	country := map[lang.Lang]map[string]string{}
	for _, l := range h.Pack.Languages {
		country[lang.Lang(l)] = h.Pack.Messages(l)
	}
	m, err = m.WithWords("pack "+h.Pack.ID, country)
	must(t, err)
	h.Messages = m.Report(func(x lang.Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
	pages, err := web.NewPages(h.Messages)
	must(t, err)
	for name, room := range map[string]func() (fs.FS, error){"registry": registry.Pages, "watch": watch.Pages, "register": register.Pages} {
		own, err := room()
		must(t, err)
		must(t, pages.Add(name, own))
	}
	h.Edge = &web.Edge{Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Messages: h.Messages, Fallback: lang.English, Pages: pages}
	mux := http.NewServeMux()
	(&registry.Front{Desk: h.Registry, Edge: h.Edge}).Routes(mux)
	(&register.Front{Desk: h.Public, Edge: h.Edge}).Routes(mux)
	mux.Handle("GET /static/", web.Static(h.Edge.Fail))
	h.Site = h.Chain(mux)
}

// Chain puts the house's middlewares around a mux.
func (h *House) Chain(mux *http.ServeMux) http.Handler {
	return web.Chain(web.Routed(mux, h.Edge.Fail), web.Headers(), web.Language(h.Messages, lang.English), web.Recover(h.Edge.Fail), web.Limit(1<<20))
}

// Checkpoint signs the log as it is.
func (h *House) Checkpoint() {
	h.T.Helper()
	must(h.T, h.DB.Write(h.T.Context(), func(tx *store.Tx) error {
		_, err := ledger.Sign(h.T.Context(), tx, h.signer, act.InstantOf(h.Clock.Now()))
		return err
	}))
}

// Acts counts the acts of the log, having signed and verified all of it.
func (h *House) Acts() int64 {
	h.T.Helper()
	_, size, cp, err := h.Clerk.Head(h.T.Context())
	must(h.T, err)
	if cp == nil || cp.Size < size {
		h.Checkpoint()
	}
	r, err := ledger.Verify(h.T.Context(), h.DB, ledger.Check{Keys: []note.Verifier{h.Verifier}})
	must(h.T, err)
	if len(r.Problems) > 0 {
		h.T.Fatalf("%+v", r.Problems)
	}
	return r.Acts
}
