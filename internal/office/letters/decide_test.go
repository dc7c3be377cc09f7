package letters_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
	"sanad/migrations/sqlite"
)

// desk is a clerk with letters, and one officer.
type desk struct {
	t       *testing.T
	room    *letters.Room
	clerk   *clerk.Clerk
	officer act.ID
	file    act.ID
	run     act.ID
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	ctx := t.Context()
	d := &desk{t: t, room: room(t, "one")}
	folder := t.TempDir()
	db, err := store.Open(ctx, filepath.Join(folder, "sanad.db"))
	must(t, err)
	all, err := store.Migrations(sqlite.Files)
	must(t, err)
	_, err = db.Upgrade(ctx, all, false)
	must(t, err)
	root, err := seal.OpenRoot(folder, rand.Reader)
	must(t, err)
	keeper, err := seal.Open(ctx, folder, root, rand.Reader)
	must(t, err)
	book, err := access.Open(keeper, nil, rand.Reader)
	must(t, err)
	kinds, err := act.NewCatalogue(slices.Concat(protocol.Schemas("case"), clerk.Kinds("case"))...)
	must(t, err)
	p := d.room.Pack
	d.clerk, err = clerk.Open(clerk.Config{
		DB: db, Keeper: keeper, Book: book, Engine: p.Engine(), Catalogue: kinds, Lists: p, Deciders: d.room.Deciders(),
		Keep: p.Keep, Dice: rand.Reader, Clock: func() time.Time { return now.Time() },
	})
	must(t, err)
	t.Cleanup(func() {
		d.clerk.Close()
		must(t, errors.Join(keeper.Close(), db.Close()))
	})
	must(t, d.clerk.Found(ctx, "sanad/zz/test", func(act.ID, func(clerk.Command) (*clerk.Done, error)) error { return nil }))
	d.officer = act.ID{7}
	must(t, db.Write(ctx, func(tx *store.Tx) error {
		part, err := book.Compartment(ctx, tx, "handling")
		if err != nil {
			return err
		}
		return book.Grant(ctx, tx, access.Mandate{
			ID: d.officer, Person: act.ID{8}, Role: "officer", Institution: "zz-office", Seat: "zz-officer-1",
			Compartments: []act.ID{part}, Starts: now, Ends: now.Add(24 * time.Hour),
		})
	}))
	return d
}

// send does a step that sends a letter.
func (d *desk) send(step string, input any, body string, facts map[string]act.Value) (*clerk.Opened, error) {
	d.t.Helper()
	cmd := clerk.Command{
		Mandate: d.officer, File: d.file, Procedure: d.run, Protocol: "zz.case", Step: step, Seen: 1 << 40, Input: input,
		Act: act.Act{Facts: act.NewFacts(facts)},
	}
	if d.file.IsZero() {
		cmd.Of = "case"
	}
	if body != "" {
		cmd.Act.Body = []byte(body)
	}
	done, err := d.clerk.Do(d.t.Context(), cmd)
	if err != nil {
		return nil, err
	}
	d.file, d.run = done.File, done.Acts[0].Procedure.ID
	o, err := d.clerk.Open(d.t.Context(), d.officer, done.Acts[0].ID)
	must(d.t, err)
	return o, nil
}

// What the clerk records is the letter, with the law's own deadlines in it.
func TestSend(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, err := d.send("invite", nil, "", nil)
	if got := fields(err); len(got) < 5 {
		t.Errorf("a letter without fields: %q, %v", got, err)
	}
	f := full("invite")
	f.Addressee.Party = act.ID{5}
	o, err := d.send("invite", f, "", nil)
	must(t, err)
	code, _ := o.Facts.Get(protocol.FactLetter)
	party, _ := o.Facts.Get(protocol.FactNoticeTo)
	if id, _ := party.ID(); code.Code() != "invitation" || id != (act.ID{5}) {
		t.Errorf("facts %v", o.Facts)
	}
	var raw map[string]json.RawMessage
	must(t, json.Unmarshal(o.Body, &raw))
	if len(raw) != 4 || raw["letter"] == nil || raw["law"] == nil || raw["languages"] == nil || raw["fields"] == nil {
		t.Errorf("the body holds %d keys", len(raw))
	}
	s := letters.View(o.Body)
	if s.Text != "" || s.Law != d.room.Pack.Version() || s.Fields.Addressee.Name != f.Addressee.Name {
		t.Errorf("%s of %s: %.40q", s.Letter, s.Law, s.Text)
	}
	html := s.Languages[lang.French].HTML
	for _, want := range []string{
		"Office des courriers", "Plateforme Exemple", string(letters.Reference(o.File)), "19 mars 2026", "18 mars 2026", "Loi sur les courriers, article 5",
		d.room.Pack.Version(), "Salle 4", "Trois comptes",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if o.Deadlines[0].Due != act.InstantOf(time.Date(2026, 3, 19, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("the act says %s", o.Deadlines[0].Due)
	}
}

// Plain words are for letters the country does not word, and for those alone.
func TestPlain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, err := d.send("invite", full("invite"), "", nil)
	must(t, err)
	letter := func(code string) map[string]act.Value {
		return map[string]act.Value{protocol.FactLetter: act.OfCode(code)}
	}
	for name, c := range map[string]struct {
		step  string
		input any
		body  string
		facts map[string]act.Value
		key   string // of the refusal; "" for none
	}{
		"a letter without template":        {"wordless", nil, "Words.", nil, ""},
		"fields for it":                    {"wordless", full(""), "", nil, "letter.unworded"},
		"words where there is a template":  {"request", nil, "Words.", nil, "letter.plain"},
		"both":                             {"request", full("request"), "Words.", nil, "letter.plain"},
		"another letter than the step's":   {"request", full("request"), "", letter("fine"), "letter.other"},
		"a worded letter by an open step":  {"any", nil, "Words.", letter("fine"), "letter.other"},
		"a wordless letter by an open one": {"any", nil, "Words.", letter("wordless"), ""},
	} {
		o, err := d.send(c.step, c.input, c.body, c.facts)
		switch {
		case c.key != "":
			if e := fault.Of(err); e == nil || e.Code != fault.Invalid || e.Key != c.key {
				t.Errorf("%s: %v, want %s", name, err, c.key)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		default:
			s := letters.View(o.Body)
			if p := s.Page("x", "", lang.French, false); s.Text != "Words." || len(p.Lines) != 1 {
				t.Errorf("%s: shown as %+v", name, p)
			}
		}
	}
	_, err = d.send("request", 42, "", nil)
	if fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("a program that hands in something else: %v", err)
	}
}
