package notify_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
	"sanad/internal/office/notify"
	"sanad/locales"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

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

// buffer is a log that several goroutines write.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// never computes no time: nothing here needs any.
type never struct{}

func (never) Due(string, act.Instant) (act.Instant, error) { return 0, errors.New("no rule") }
func (never) DueOf(string, act.Instant, protocol.Ledger) (act.Instant, error) {
	return 0, errors.New("no rule")
}
func (never) Follows(_ string, due act.Instant) act.Instant { return due }
func (never) Calendar() string                              { return "none" }
func (never) DayStart(time.Time) act.Instant                { return 0 }

// house is a database with mandates, and the law of the invented country.
type house struct {
	t       testing.TB
	db      *store.DB
	process *clock
	legal   *clock
	engine  *protocol.Engine
	words   *lang.Messages
	log     *buffer
}

// onBoth runs a test on SQLite and, where the gate gave one, on a PostgreSQL database of its own.
func onBoth(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	storetest.OnBoth(t, func(t *testing.T, url string) { f(t, newHouse(t, url)) })
}

func newHouse(t testing.TB, url string) *house {
	t.Helper()
	h := &house{
		t: t, db: storetest.Open(t, url), log: &buffer{}, process: &clock{at: time.Date(2031, 7, 1, 8, 0, 0, 0, time.UTC)},
		legal: &clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)},
	}
	var err error
	h.engine, err = protocol.New(&protocol.Law{Version: "invented", Time: never{}, Protocols: []protocol.Protocol{{
		ID: "invented.notice", Version: 1, Sort: "notice", Steps: []protocol.Step{
			{ID: "receive", Kind: "notice.received", By: []string{"intake"}, Deadlines: []protocol.Deadline{
				{Name: "answer", Rule: "answer", Owner: "officer", MetBy: []string{"answer"}, Lapses: "answer_late"},
			}},
			{ID: "answer", Kind: "notice.answered", By: []string{"officer"}},
		},
	}}})
	must(t, err)
	h.words, err = lang.Load(locales.Files)
	must(t, err)
	h.words = h.words.Report(func(x lang.Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
	return h
}

func (h *house) write(f func(tx clerk.Tx) error) error {
	return h.transact(h.t.Context(), f)
}

func (h *house) transact(ctx context.Context, f func(tx clerk.Tx) error) error {
	return h.db.Write(ctx, func(tx *store.Tx) error { return f(tx) })
}

func (h *house) read(ctx context.Context, f func(tx clerk.Tx) error) error {
	return h.db.Read(ctx, func(tx *store.Tx) error { return f(tx) })
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	must(h.t, h.write(func(tx clerk.Tx) error {
		_, err := tx.Exec(h.t.Context(), query, args...)
		return err
	}))
}

func id(parts ...byte) (out act.ID) {
	copy(out[:], parts)
	return out
}

// audience is one that everybody below may read.
var audience = id(0xa0)

// grant gives a mandate for the year 2026 that may read the audience.
func (h *house) grant(mandate act.ID, role, institution, seat string, reads bool) {
	h.t.Helper()
	from := act.InstantOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	to := act.InstantOf(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	h.exec("INSERT INTO audience (id, name, size) VALUES (?, ?, 1) ON CONFLICT DO NOTHING", audience[:], audience[:])
	h.exec("INSERT INTO mandate (id, person, role, institution, seat, starts, ends) VALUES (?, ?, ?, ?, ?, ?, ?)",
		mandate[:], mandate[:], role, institution, seat, int64(from), int64(to))
	if reads {
		h.exec("INSERT INTO may (mandate, audience) VALUES (?, ?)", mandate[:], audience[:])
	}
}

// received is a notice's first act, which starts a clock that officers own.
func (h *house) received(file act.ID) clerk.Recorded {
	return clerk.Recorded{Envelope: &act.Envelope{
		ID: id(append([]byte{0xee}, file[:8]...)...), File: file, Kind: "notice.received", Audience: audience, Recorded: act.InstantOf(h.legal.now()),
		Procedure: &act.Procedure{ID: id(1), Protocol: "invented.notice", Version: 1, Step: "receive"},
		Deadlines: []act.Deadline{{Rule: "answer"}},
	}}
}

// project records acts as the clerk would.
func (h *house) project(acts ...clerk.Recorded) {
	h.t.Helper()
	p := notify.Projector{Engine: h.engine, Process: h.process.now, Delay: time.Minute}
	must(h.t, h.write(func(tx clerk.Tx) error { return p.Project(h.t.Context(), tx, acts) }))
}

// rows says what the outbox holds: mandate, tries, depth, and s, u, e for what was sent, seen and handed on.
func (h *house) rows() []string {
	h.t.Helper()
	var out []string
	must(h.t, h.read(h.t.Context(), func(tx clerk.Tx) error {
		rows, err := tx.Query(h.t.Context(), "SELECT mandate, tries, depth, sent, seen, escalated FROM outbox ORDER BY made, mandate, depth")
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // rows.Err is what tells
		for rows.Next() {
			var mandate []byte
			var tries, depth int
			var sent, seen, escalated sql.NullInt64
			err = rows.Scan(&mandate, &tries, &depth, &sent, &seen, &escalated)
			if err != nil {
				return err
			}
			marks := ""
			for _, m := range []struct {
				v sql.NullInt64
				s string
			}{{sent, "s"}, {seen, "u"}, {escalated, "e"}} {
				if m.v.Valid {
					marks += m.s
				}
			}
			out = append(out, fmt.Sprintf("%x:%d:%d:%s", mandate[0], tries, depth, marks))
		}
		return rows.Err()
	}))
	return out
}

func (h *house) want(what string, rows ...string) {
	h.t.Helper()
	if got := h.rows(); !slices.Equal(got, rows) {
		h.t.Errorf("%s: the outbox holds %q, want %q", what, got, rows)
	}
}

// config is that of a sender to a server, with three seats.
func (h *house) config(p *post) notify.Config {
	return notify.Config{
		Read: h.read, Write: h.transact, Messages: h.words, Process: h.process.now, Legal: h.legal.now, Log: slog.New(slog.NewTextHandler(h.log, nil)),
		Server: notify.Server{Addr: p.listener.Addr().String(), From: "sanad@authority.example", TLS: p.trust, Timeout: 10 * time.Second},
		Seats: map[string]notify.Address{
			"seat-1": {Mail: "one@authority.example", Lang: lang.French}, "seat-2": {Mail: "two@authority.example", Lang: lang.Arabic},
			"seat-head": {Mail: "head@authority.example", Lang: lang.English},
		},
		Heads: map[string]string{"office": "seat-head"},
	}
}

func (h *house) sender(p *post, change ...func(*notify.Config)) *notify.Sender {
	h.t.Helper()
	cfg := h.config(p)
	for _, f := range change {
		f(&cfg)
	}
	s, err := notify.New(cfg)
	must(h.t, err)
	return s
}

// tick works the outbox through and wants so many mails sent.
func (h *house) tick(s *notify.Sender, want int) {
	h.t.Helper()
	n, err := s.Tick(h.t.Context())
	must(h.t, err)
	if n != want {
		h.t.Errorf("%d mails sent, want %d", n, want)
	}
}

// to are the addresses of what a server took.
func to(all []letter) []string {
	var out []string
	for _, l := range all {
		_, a, _ := strings.Cut(l.to, "<")
		a, _, _ = strings.Cut(a, ">")
		out = append(out, a)
	}
	return out
}
