package app

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/desk/notice"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
)

// A command decided on an older view is refused with what changed; a hidden thread makes no conflict.
func TestStaleCommand(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(new(false))
	stale := p.command("xx-officer-1", "acknowledge", nil, nil)
	p.do("xx-officer-2", "acknowledge", nil, nil)
	_, err := h.clerk.Do(t.Context(), stale)
	var changed clerk.Changed
	if fault.CodeOf(err) != fault.Conflict || !errors.As(err, &changed) || len(changed) != 1 || changed[0] != notice.KindAcknowledged {
		t.Fatalf("%v, changed %v", err, changed)
	}
	// The trainee reads `handling` and not `child`: acts for both are hidden from them.
	add := func(seat string, compartments ...string) error {
		cmd := p.command(seat, "assess", map[string]act.Value{"tried": act.OfInt(1)}, []byte(plainBody))
		cmd.Act.Add = compartments
		_, err := h.clerk.Do(t.Context(), cmd)
		return err
	}
	before := p.view("xx-trainee-1")
	if err := add("xx-officer-1", "child"); err != nil {
		t.Fatal(err)
	}
	after := p.view("xx-trainee-1")
	if len(after.Acts) != len(before.Acts) || after.Seen != before.Seen {
		t.Fatal("a hidden act shows in a view")
	}
	_, err = h.clerk.Do(t.Context(), clerk.Command{
		Mandate: p.seat("xx-trainee-1"), File: p.file, Protocol: "xx.notice", Procedure: p.run, Step: "acknowledge", Seen: before.Seen,
	})
	if code := fault.CodeOf(err); code == fault.Conflict {
		t.Fatal("a hidden act made a conflict")
	}
}

// A file that a mandate may not see does not exist for it.
func TestHiddenFileIsUnknown(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	trainee := p.seat("xx-trainee-1")
	_, hidden := h.clerk.View(t.Context(), trainee, p.file)
	_, unknown := h.clerk.View(t.Context(), trainee, act.ID{1})
	if fault.CodeOf(hidden) != fault.NotFound || hidden.Error() != unknown.Error() {
		t.Fatalf("%v and %v", hidden, unknown)
	}
	_, hidden = h.clerk.Do(t.Context(), clerk.Command{Mandate: trainee, File: p.file, Protocol: "xx.notice", Procedure: p.run, Step: "acknowledge"})
	_, unknown = h.clerk.Do(t.Context(), clerk.Command{Mandate: trainee, File: act.ID{1}, Protocol: "xx.notice", Procedure: p.run, Step: "acknowledge"})
	if fault.CodeOf(hidden) != fault.NotFound || hidden.Error() != unknown.Error() {
		t.Fatalf("%v and %v", hidden, unknown)
	}
	first := p.view("xx-officer-1").Acts[0].ID
	_, err := h.clerk.Open(t.Context(), trainee, first)
	if fault.CodeOf(err) != fault.NotFound {
		t.Fatal(err)
	}
}

// A clock that goes back is held at the log's newest act, and raises an alarm.
func TestClockGoesBack(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		p := newPlayer(t, h, c)
		p.receive(yes())
		health := h.health()
		c.move(2 * time.Hour)
		p.do("xx-officer-1", "acknowledge", nil, nil)
		c.move(-time.Hour)
		p.do("xx-officer-1", "assess", p.assessment(), []byte(plainBody))
		if h.clerk.Clamped() != time.Hour {
			t.Fatalf("held back by %s", h.clerk.Clamped())
		}
		health.Clamped(h.clerk.Clamped())
		w := httptest.NewRecorder()
		health.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "went back by 1h") {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		h.sound(t)
	})
}

// Machines emit nothing outside their closed list, and people nothing inside it.
func TestMachinesKeepToTheirList(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	c.move(20 * 24 * time.Hour)
	if p.tick() != 1 {
		t.Fatal("nothing lapsed")
	}
	p.finding()
	byMachine := 0
	err := h.db.Read(t.Context(), func(tx *store.Tx) error {
		return ledger.Each(t.Context(), tx, 0, func(s *ledger.Stored) error {
			env, err := act.Decode(s.Envelope)
			if err != nil {
				return err
			}
			if env.Mandate.IsZero() {
				byMachine++
			}
			if env.Mandate.IsZero() != act.IsMachine(env.Kind) {
				t.Errorf("act %d, %s: mandate %s", s.Seq, env.Kind, env.Mandate)
			}
			return nil
		})
	})
	if err != nil || byMachine < 2 {
		t.Fatalf("%d acts of the machine, %v", byMachine, err)
	}
	for _, kind := range act.MachineKinds() {
		_, err := h.clerk.Do(t.Context(), clerk.Command{Mandate: p.seat("xx-officer-1"), File: p.file, Kind: kind})
		v := p.view("xx-officer-1")
		last := v.Acts[len(v.Acts)-1]
		if err == nil && last.Kind == kind && !last.Mandate.IsZero() {
			t.Errorf("%s was recorded for a person", kind)
		}
	}
}

// Several processes on one database record a lapse once.
func TestLapseOnceBySeveral(t *testing.T) {
	t.Parallel()
	folder, url, c := t.TempDir(), storetest.Postgres(t), newClock()
	one := testHouse(t, folder, url, c)
	two, err := build(t.Context(), plan{folder: folder, url: url, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("two"), log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = two.shut() })
	const notices = 30
	for range notices {
		newPlayer(t, one, c).receive(yes())
	}
	c.move(20 * 24 * time.Hour)
	var lapsed [2]int
	var both sync.WaitGroup
	for i, h := range []*house{one, two} {
		both.Go(func() {
			n, err := h.clerk.Tick(context.Background())
			if err != nil {
				t.Error(err)
			}
			lapsed[i] = n
		})
	}
	both.Wait()
	if lapsed[0]+lapsed[1] != notices {
		t.Fatalf("%v lapses of %d", lapsed, notices)
	}
	one.checkpoint(t)
	if r := two.verify(t); len(r.Problems) > 0 {
		t.Fatalf("%+v", r.Problems)
	}
}

// An audience nobody has to hold anything for can't be written by any route.
func TestEmptyAudience(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		h.clerk.Plain["case.opened"] = clerk.Plain{}
		_, err := h.clerk.Do(t.Context(), clerk.Command{
			Mandate: newPlayer(t, h, c).seat("xx-officer-1"), Of: "case", Kind: "case.opened",
			Act: act.Act{Facts: act.NewFacts(map[string]act.Value{"situation": act.OfCode("contact")}), Body: []byte(plainBody)},
		})
		if fault.CodeOf(err) != fault.Invalid || !errors.Is(err, seal.ErrEmptyAudience) {
			t.Fatalf("by a command: %v", err)
		}
		err = h.db.Write(t.Context(), func(tx *store.Tx) error {
			id := act.ID{9}
			_, err := tx.Exec(t.Context(), "INSERT INTO audience (id, name, size) VALUES (?, ?, 0)", id[:], []byte("x"))
			return err
		})
		if err == nil {
			t.Fatal("the database took an empty audience")
		}
		_, err = act.Encode(&act.Envelope{ID: act.ID{1}, File: act.ID{1}, Thread: act.ID{1}, Of: "notice", Kind: "x", Version: 1, Law: "x", Mandate: act.ID{1}})
		if err == nil || !strings.Contains(err.Error(), "audience") {
			t.Fatalf("by an envelope: %v", err)
		}
	})
}

// What is planted through the door is found nowhere in clear.
func TestCanary(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { canary(t, "") })
	t.Run("postgres", func(t *testing.T) { canary(t, storetest.Postgres(t)) })
}

func canary(t *testing.T, url string) {
	t.Helper()
	const sentence, person, wall, word = "canary-sentence-7f3a ", "Nadia Canari-Exemple", "wall.canary-5d1c", "canari"
	folder, temp := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	var logged bytes.Buffer
	c := newClock()
	h, err := build(t.Context(), plan{
		folder: folder, url: url, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("canary"),
		log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	front, err := h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/api/v1/notices/status", strings.NewReader(`{"code":"`+sentence+`"}`))
	r.Header.Set("Content-Type", "application/json")
	front.public.ServeHTTP(httptest.NewRecorder(), r)
	ok, err := h.notice.Accept(t.Context(), notice.Form{Situation: "contact", Platform: person, Where: "https://" + word + ".example", Text: strings.Repeat(sentence, 50), Minor: yes(), Language: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	p := newPlayer(t, h, c)
	p.file = ok.File
	p.run = p.view("xx-officer-1").Acts[0].Procedure.ID
	ack := p.command("xx-officer-1", "acknowledge", nil, nil)
	ack.Act.Add = []string{wall}
	if _, err := h.clerk.Do(t.Context(), ack); err != nil {
		t.Fatal(err)
	}
	first := p.view("xx-officer-1").Acts[0].ID
	_, err = h.exhibits.Add(t.Context(), p.seat("xx-officer-1"), p.file, first, p.view("xx-officer-1").Seen,
		exhibits.About{Name: person, Media: "text/plain"}, strings.NewReader(strings.Repeat(sentence, 100_000)))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = h.clerk.Do(t.Context(), clerk.Command{Mandate: p.seat("xx-officer-1"), File: p.file, Kind: "nothing.known", Seen: 99, Act: act.Act{Body: []byte(sentence)}})
	w := httptest.NewRecorder()
	h.health().Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	places := map[string][]byte{"log": logged.Bytes(), "metrics": w.Body.Bytes()}
	read := func(root string) {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			places[path] = b
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	read(folder) // while the write-ahead log is there
	read(temp)
	if url != "" {
		tables(t, h, places)
	}
	if err := h.shut(); err != nil {
		t.Fatal(err)
	}
	whole := false
	for place, b := range places {
		whole = whole || strings.HasSuffix(place, "sanad.db-wal") || place == "table act"
		for _, secret := range []string{sentence, "canary", "Canari", wall, word, ok.Code} {
			if bytes.Contains(b, []byte(secret)) || bytes.Contains(b, []byte(hex.EncodeToString([]byte(secret)))) {
				t.Errorf("%q stands in clear in %s", secret, filepath.Base(place))
			}
		}
	}
	if !whole || len(places) < 7 {
		t.Fatalf("only %d places were searched", len(places))
	}
}

// tables adds what every table of a PostgreSQL database holds, bytes in hexadecimal.
func tables(t *testing.T, h *house, places map[string][]byte) {
	t.Helper()
	err := h.db.Read(t.Context(), func(tx *store.Tx) error {
		var names string
		err := tx.QueryRow(t.Context(), "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = current_schema()").Scan(&names)
		if err != nil {
			return err
		}
		for name := range strings.FieldsSeq(names) {
			var rows []byte
			err := tx.QueryRow(t.Context(), "SELECT coalesce(string_agg(x::text, chr(10)), '') FROM "+name+" x").Scan(&rows)
			if err != nil {
				return err
			}
			places["table "+name] = rows
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("the line was cut") }

// A clock that runs where somebody may not look neither shows on their list nor orders it, nor shows to the reporter.
func TestHiddenClock(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		p := newPlayer(t, h, c)
		ok := p.receive(new(false))
		p.do("xx-officer-1", "acknowledge", nil, nil)
		p.do("xx-officer-1", "assess", map[string]act.Value{"tried": act.OfInt(1)}, []byte(plainBody))
		due := func(seat string) act.Instant {
			t.Helper()
			var list []notice.Entry
			err := h.clerk.Read(t.Context(), func(tx clerk.Tx) error {
				var err error
				list, err = h.notice.Queue(t.Context(), tx, p.seat(seat), 0, 10)
				return err
			})
			if err != nil || len(list) != 1 {
				t.Fatalf("%v %v", list, err)
			}
			return list[0].Due
		}
		if due("xx-officer-1") != 0 || due("xx-trainee-1") != 0 {
			t.Fatal("a clock runs already")
		}
		cmd := p.command("xx-officer-1", "invite", map[string]act.Value{"letter": act.OfCode("invitation")}, []byte(plainBody))
		cmd.Act.Add = []string{"child"}
		if _, err := h.clerk.Do(t.Context(), cmd); err != nil {
			t.Fatal(err)
		}
		s, err := h.notice.Follow(t.Context(), ok.Code)
		if err != nil || due("xx-officer-1") == 0 || due("xx-trainee-1") != 0 || s.Due != 0 {
			t.Fatalf("the officer's %v, the trainee's %v, the reporter's %v, %v", due("xx-officer-1"), due("xx-trainee-1"), s.Due, err)
		}
		c.move(30 * 24 * time.Hour)
		if p.tick() != 1 || due("xx-officer-1") != 0 {
			t.Fatal("the hidden clock did not run out")
		}
	})
}
