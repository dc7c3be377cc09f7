package console_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/desk/console"
	"sanad/internal/desk/notice"

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

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// house is a console on a real clerk, and the people who use it.
type house struct {
	t              testing.TB
	db             *store.DB
	keeper         *seal.Keeper
	book           *access.Book
	clerk          *clerk.Clerk
	pack           *pack.Pack
	exhibits       *exhibits.Room
	handler        http.Handler
	legal, process *clock
	log            *bytes.Buffer
	mandates       map[string]act.ID // by role
	cookies        map[string]string // by role, of those who came in
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// evidence says who may do what with exhibits.
var evidence = exhibits.Rules{Police: "child", Courts: []string{"xx-court"}, AddressOnly: []string{"exposure"}}

// kinds of the two desks a notice needs.
func kinds(t testing.TB) *act.Catalogue {
	t.Helper()
	c, err := act.NewCatalogue(slices.Concat(
		protocol.Schemas(notice.Sort, cases.Sort), notice.Kinds(), cases.Kinds(), clerk.Kinds(notice.Sort, cases.Sort), console.TrialKinds(), exhibits.Kinds(notice.Sort, cases.Sort),
	)...)
	must(t, err)
	return c
}

func newHouse(t testing.TB) *house { return newHouseOn(t, "") }

// newHouseOn builds the house on a database; on one of its own where the address is "".
func newHouseOn(t testing.TB, url string) *house {
	return newHouseUnder(t, url, os.DirFS("testdata/xx"))
}

// newHouseUnder builds the house under a law.
func newHouseUnder(t testing.TB, url string, law fs.FS) *house {
	t.Helper()
	ctx := t.Context()
	h := &house{
		t: t, db: storetest.Open(t, url), log: &bytes.Buffer{}, mandates: map[string]act.ID{}, cookies: map[string]string{},
		legal:   &clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)},
		process: &clock{at: time.Date(2031, 7, 1, 8, 0, 0, 0, time.UTC)},
	}
	folder := t.TempDir()
	root, err := seal.OpenRoot(folder, rand.Reader)
	must(t, err)
	h.keeper, err = seal.Open(ctx, folder, root, rand.Reader)
	must(t, err)
	blobs, err := seal.OpenFolder(filepath.Join(folder, "blobs"))
	must(t, err)
	catalogue := kinds(t)
	h.pack, err = pack.Load(law, "xx", nil, catalogue)
	must(t, err)
	policies, err := access.Of(h.pack)
	must(t, err)
	h.book, err = access.Open(h.keeper, policies, rand.Reader)
	must(t, err)
	log := slog.New(slog.NewTextHandler(h.log, nil))
	h.clerk, err = clerk.Open(clerk.Config{
		DB: h.db, Keeper: h.keeper, Blobs: seal.NewBlobs(h.keeper, blobs), Book: h.book, Engine: h.pack.Engine(), Catalogue: catalogue, Lists: h.pack,
		Projectors: []clerk.Projector{notice.Store{}, console.Store{Engine: h.pack.Engine()}, exhibits.Store{}}, Plain: exhibits.Plain(), Deciders: evidence.Deciders(), Keep: h.pack.Keep, Keeps: []string{cases.KindJoined}, Dice: rand.Reader, Clock: h.legal.now, Log: log,
	})
	must(t, err)
	t.Cleanup(func() {
		h.clerk.Close()
		must(t, h.keeper.Close())
	})
	h.exhibits = &exhibits.Room{Clerk: h.clerk, Rules: evidence}
	must(t, h.clerk.Found(ctx, "sanad/xx/test", func(act.ID, func(clerk.Command) (*clerk.Done, error)) error { return nil }))
	h.grant()
	h.serve(catalogue, log)
	return h
}

// grant gives every role of the pack one mandate of four months.
func (h *house) grant() {
	h.t.Helper()
	must(h.t, h.db.Write(h.t.Context(), func(tx *store.Tx) error {
		for _, r := range h.pack.Roles {
			var id, person act.ID
			_, _ = rand.Read(id[:])
			_, _ = rand.Read(person[:])
			m := access.Mandate{
				ID: id, Person: person, Role: r.ID, Institution: r.Institution("office"),
				Starts: act.InstantOf(h.legal.now()), Ends: act.InstantOf(h.legal.now().Add(120 * 24 * time.Hour)),
			}
			for _, code := range r.Reads {
				part, err := h.book.Compartment(h.t.Context(), tx, code)
				if err != nil {
					return err
				}
				m.Compartments = append(m.Compartments, part)
			}
			h.mandates[r.ID] = id
			err := h.book.Grant(h.t.Context(), tx, m)
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func messages(t testing.TB, p *pack.Pack) *lang.Messages {
	t.Helper()
	m, err := lang.Load(locales.Files)
	must(t, err)
	// Keys of this room that the locales do not hold yet.
	added := fstest.MapFS{}
	for _, l := range []string{"fr", "ar", "en"} {
		b, err := os.ReadFile("keys." + l + ".yaml.txt")
		if !errors.Is(err, fs.ErrNotExist) {
			must(t, err)
			added[l+".yaml"] = &fstest.MapFile{Data: b}
		}
	}
	m, err = m.With(added)
	must(t, err)
	country := map[lang.Lang]map[string]string{}
	for _, l := range p.Languages {
		country[lang.Lang(l)] = p.Messages(l)
	}
	m, err = m.WithWords("pack "+p.ID, country)
	must(t, err)
	return m.Report(func(x lang.Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
}

func (h *house) serve(catalogue *act.Catalogue, log *slog.Logger) {
	h.t.Helper()
	m := messages(h.t, h.pack)
	pages, err := web.NewPages(m)
	must(h.t, err)
	own, err := console.Pages()
	must(h.t, err)
	must(h.t, pages.Add("console", own))
	edge := &web.Edge{Log: log, Messages: m, Fallback: lang.English, Pages: pages}
	c := &console.Console{
		Clerk: h.clerk, Book: h.book, Edge: edge, Kinds: catalogue, Pack: h.pack, Process: h.process.now,
		Forms: map[string]console.Form{"trial.opened": trialForm()}, Pickers: map[string]console.Picker{"platform": platforms}, Names: platformNames, Exhibits: h.exhibits,
	}
	mux := http.NewServeMux()
	c.Routes(mux)
	c.Root(mux)
	same, err := web.SameOrigin(edge.Fail)
	must(h.t, err)
	h.handler = web.Chain(web.Routed(mux, edge.Fail), web.Headers(), web.Language(m, lang.English), web.Recover(edge.Fail), same, web.Limit(1<<20))
}

// invite makes a code for a role.
func (h *house) invite(role string, expires time.Duration) string {
	h.t.Helper()
	code := ""
	must(h.t, h.clerk.Door(h.t.Context(), func(tx clerk.Tx) (err error) {
		code, err = h.book.Invite(h.t.Context(), tx, h.mandates[role], act.InstantOf(h.process.now().Add(expires)))
		return err
	}))
	return code
}

// enter brings somebody in by a code, and keeps their cookie.
func (h *house) enter(role string) {
	h.t.Helper()
	got := h.ask("", "POST", "/sign-in", url.Values{"code": {h.invite(role, time.Hour)}}.Encode())
	if got.status != http.StatusSeeOther || got.location != "/queue" || got.cookie == "" {
		h.t.Fatalf("%s: %d to %q with cookie %q", role, got.status, got.location, got.cookie)
	}
	h.cookies[role] = got.cookie
}

type reply struct {
	status           int
	location, cookie string
	body             string
	header           http.Header
}

// ask sends one request as a browser would, in the name of who; headers go by name and value in turn.
func (h *house) ask(who, method, target, body string, headers ...string) reply {
	h.t.Helper()
	r := httptest.NewRequestWithContext(h.t.Context(), method, "http://console.test"+target, strings.NewReader(body))
	r.Header.Set("Accept", "text/html")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if c := h.cookies[who]; c != "" {
		r.Header.Set("Cookie", c)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	out := reply{status: w.Code, location: w.Header().Get("Location"), body: w.Body.String(), header: w.Header()}
	for _, c := range w.Result().Cookies() {
		if c.Name == "session" && c.MaxAge >= 0 {
			out.cookie = c.Name + "=" + c.Value
		}
	}
	return out
}

// local is a moment of the country's legal time.
func (h *house) local(year int, month time.Month, day, hour, minute int) time.Time {
	return time.Date(year, month, day, hour, minute, 0, 0, h.pack.Calendar.Location())
}

// receive records a notice and returns its file; minor says whether a child is concerned, "" that nobody knows.
func (h *house) receive(minor, text string) act.ID {
	h.t.Helper()
	return h.take("blackmail", minor, text)
}

func (h *house) receiveAbout(situation string) act.ID {
	h.t.Helper()
	return h.take(situation, "no", "a notice")
}

func (h *house) take(situation, minor, text string) act.ID {
	h.t.Helper()
	facts := map[string]act.Value{"situation": act.OfCode(situation)}
	if minor != "" {
		facts["minor"] = act.OfBool(minor == "yes")
	}
	var sum [32]byte
	_, _ = rand.Read(sum[:])
	done, err := h.clerk.Do(h.t.Context(), clerk.Command{
		Mandate: h.mandates["intake"], Of: notice.Sort, Protocol: "xx.notice", Step: "receive",
		Act: act.Act{Facts: act.NewFacts(facts), Body: []byte(text), Commits: []act.Commit{{Name: notice.CommitCode, Sum: sum}}},
	})
	must(h.t, err)
	return done.File
}

func (h *house) view(role string, file act.ID) *clerk.View {
	h.t.Helper()
	v, err := h.clerk.View(h.t.Context(), h.mandates[role], file)
	must(h.t, err)
	return v
}

// form fills in the form of a step, as somebody who sees the file now; answers go by name and value in turn.
func (h *house) form(role string, file act.ID, step string, answers ...string) string {
	h.t.Helper()
	v := h.view(role, file)
	out := url.Values{"seen": {strconv.FormatInt(v.Seen, 10)}, "protocol": {"xx.notice"}, "step": {step}}
	for _, m := range v.Moves {
		if m.Place.Step == step {
			out.Set("protocol", m.Protocol)
		}
		if m.Place.Step == step && !m.Run.IsZero() {
			out.Set("run", m.Run.String())
		}
	}
	for i := 0; i < len(answers); i += 2 {
		out.Set(answers[i], answers[i+1])
	}
	return out.Encode()
}

// perform does a step through the page, and fails where that is refused.
func (h *house) perform(role string, file act.ID, step string, answers ...string) {
	h.t.Helper()
	got := h.ask(role, "POST", "/file/"+file.String()+"/do", h.form(role, file, step, answers...))
	if got.status != http.StatusSeeOther {
		h.t.Fatalf("%s: %d\n%s", step, got.status, got.body)
	}
}

// secure asks over a connection a proxy of ours received encrypted.
func (h *house) secure(method, target, body, cookie string) reply {
	h.t.Helper()
	r := httptest.NewRequestWithContext(h.t.Context(), method, "https://console.test"+target, strings.NewReader(body))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, web.WithSecure(r))
	return reply{status: w.Code, location: w.Header().Get("Location"), body: w.Body.String(), header: w.Header()}
}
