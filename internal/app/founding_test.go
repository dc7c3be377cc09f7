package app

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/kit/lang"
	"sanad/packs"
)

// twoVariants is the invented country with a second form of governance, under which the wardens accuse and not the office.
func twoVariants(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "xx")
	files, err := packs.Open("xx")
	if err == nil {
		err = os.CopyFS(folder, files)
	}
	if err != nil {
		t.Fatal(err)
	}
	edit := func(name, old, now string) {
		t.Helper()
		at := filepath.Join(folder, name)
		b, err := os.ReadFile(at)
		if err != nil || !strings.Contains(string(b), old) {
			t.Fatalf("%s lacks %q, %v", name, old, err)
		}
		err = os.WriteFile(at, []byte(strings.Replace(string(b), old, now, 1)), 0o600)
		if err != nil {
			t.Fatal(err)
		}
	}
	edit("pack.yaml", "variants: [office]", "variants: [office, college]")
	edit("roles.yaml", "{id: head, held_by: {office: xx-office}", "{id: head, held_by: {office: xx-office, college: xx-wardens}")
	edit("roles.yaml", "{id: tribune, held_by: xx-office", "{id: tribune, held_by: {office: xx-office, college: xx-wardens}")
	for _, l := range []string{"fr", "en", "ar"} {
		edit("messages/"+l+".yaml", "variant.office:", "variant.college: \"…\"\nvariant.office:")
	}
	return folder
}

// seatedAt reads which institution a seat's mandate was granted for, as the act of the founding says it.
func (h *house) seatedAt(t *testing.T, seat string) string {
	t.Helper()
	at := ""
	err := h.db.Read(t.Context(), func(tx *store.Tx) error {
		return ledger.Each(t.Context(), tx, 0, func(s *ledger.Stored) error {
			env, err := act.Decode(s.Envelope)
			if err != nil || env.Kind != "mandate.granted" {
				return err
			}
			said := map[string]string{}
			for _, f := range env.Facts {
				said[f.Name] = f.Value.Code()
			}
			if said["seat"] == seat {
				at = said["institution"]
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// The governance variant that a log is founded under says whose every seat is, and in whose name a letter goes out.
func TestGovernanceVariant(t *testing.T) {
	t.Parallel()
	packed := twoVariants(t)
	onBoth(t, func(t *testing.T, at string) {
		for variant, want := range map[string]struct{ institution, name, other string }{
			"":        {"xx-office", "Office des signalements", "Collège des gardiens"},
			"college": {"xx-wardens", "Collège des gardiens", "Office des signalements"},
		} {
			if at != "" {
				at = storetest.Postgres(t)
			}
			o := newDesksUnder(t, at, packed, variant)
			if got := o.h.seatedAt(t, "xx-head-1"); got != want.institution {
				t.Errorf("%q: the head's seat is of %q, want %s", variant, got, want.institution)
			}
			fronts, err := o.h.fronts(&Config{Language: lang.French})
			if err != nil {
				t.Fatal(err)
			}
			o.openCase("contact")
			o.step("xx-tribune-1", "xx.ladder", "accuse")
			form := url.Values{
				"seen": {strconv.FormatInt(o.view("xx-tribune-1").Seen, 10)}, "protocol": {"xx.ladder"}, "run": {o.runs["xx.ladder"].String()}, "step": {"summon"},
				"preview": {"yes"}, "letter.addressee": {"Prairie des jeux"}, "letter.address": {"1, rue d'Exemple"}, "letter.languages.fr": {"yes"},
				"letter.facts.fr": {"Ce qui a été constaté."}, "letter.reasons.fr": {"Parce que la loi le demande."}, "letter.ask.fr": {"Venez."},
				"letter.hearing": {o.c.now().AddDate(0, 0, 20).Format("2006-01-02T15:04")}, "letter.place": {"Salle 3"},
			}
			cookie, file := comeIn(t, o.h, fronts.console, "xx-tribune-1"), "/file/"+o.file.String()
			page := askConsole(t, fronts.console, "GET", file+"?lang=fr", "", cookie).Body.String()
			for name := range form {
				if strings.HasPrefix(name, "letter.") && !strings.Contains(page, `name="`+name+`"`) {
					form.Del(name) // which this letter does not ask
				}
			}
			w := askConsole(t, fronts.console, "POST", file+"/do?lang=fr", form.Encode(), cookie)
			_, letter, there := strings.Cut(w.Body.String(), `<article class="letter"`)
			letter, _, _ = strings.Cut(letter, "</article>")
			if !there || !strings.Contains(letter, want.name) || strings.Contains(letter, want.other) {
				t.Errorf("%q: %d, want a letter from %s\n%s", variant, w.Code, want.name, letter)
			}
		}
	})
}

// A log keeps the variant it was founded under, whether somebody chose it or not; another one is refused and changes nothing.
func TestGovernanceIsKept(t *testing.T) {
	t.Parallel()
	packed := twoVariants(t)
	c := newClock()
	start := func(folder, url, variant string) (*house, error) {
		return build(t.Context(), plan{
			folder: folder, url: url, pack: packed, variant: variant, serve: true, legal: c.now, process: c.now, dice: newSeeded("house"), log: testLog(t),
		})
	}
	onBoth(t, func(t *testing.T, url string) {
		for founded, governs := range map[string]string{"": "office", "college": "college"} {
			if url != "" {
				url = storetest.Postgres(t)
			}
			folder := t.TempDir()
			for _, asked := range []string{founded, "", "office", "college", "nosuch"} {
				h, err := start(folder, url, asked)
				taken := asked == "" || asked == governs
				switch {
				case taken && err != nil:
					t.Fatalf("founded as %q, %q is asked: %v", founded, asked, err)
				case taken && h.governance != governs:
					t.Errorf("founded as %q, %q is asked: %s governs", founded, asked, h.governance)
				case !taken && err == nil:
					t.Errorf("founded as %q, %q was taken", founded, asked)
				case asked == "nosuch" && !strings.Contains(err.Error(), `no governance variant "nosuch": use one of office, college`),
					asked != "nosuch" && !taken && !strings.Contains(err.Error(), "founded under the governance variant "+governs):
					t.Errorf("founded as %q, %q is asked: %v", founded, asked, err)
				}
				if taken {
					err = h.shut()
					if err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		folder := filepath.Join(t.TempDir(), "new")
		_, err := start(folder, "", "nosuch")
		_, made := os.Stat(folder)
		if err == nil || made == nil {
			t.Errorf("a variant that is nowhere: %v, and the folder is there: %t", err, made == nil)
		}
	})
}

// Where nobody chooses, a founding is word for word what it was before there was a choice: the same seed, the same root.
func TestFoundingNamesNoVariantUnasked(t *testing.T) {
	t.Parallel()
	packed := twoVariants(t)
	first := func(variant string) *act.Envelope {
		o := newDesksUnder(t, "", packed, variant)
		var b []byte
		err := o.h.db.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(t.Context(), "SELECT envelope FROM act WHERE seq = 0").Scan(&b)
		})
		if err != nil {
			t.Fatal(err)
		}
		env, err := act.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		return env
	}
	if e := first(""); e.Kind != "log.opened" || e.Version != 1 || len(e.Facts) != 0 {
		t.Errorf("%s version %d says %v", e.Kind, e.Version, e.Facts)
	}
	if e := first("college"); e.Version != 2 || len(e.Facts) != 1 || e.Facts[0].Value.Code() != "college" {
		t.Errorf("%s version %d says %v", e.Kind, e.Version, e.Facts)
	}
}

// Every pack of the program can be founded under each of its variants, and a seat is then held as that variant says.
func TestEveryVariantIsFounded(t *testing.T) {
	t.Parallel()
	kinds, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	differ := 0
	for _, name := range packs.Names() {
		p, err := loadPack(name, kinds)
		if err != nil || len(p.Variants) < 2 {
			continue // one that is there to be refused, or leaves no choice
		}
		var all [][]string
		for _, variant := range p.Variants {
			c := newClock()
			asked := plan{folder: t.TempDir(), pack: name, variant: variant, serve: true, legal: c.now, process: c.now, dice: newSeeded("house"), log: testLog(t)}
			if p.Fictional {
				asked.origin = demoOrigin
			}
			h, err := build(t.Context(), asked)
			if err != nil {
				t.Fatalf("%s under %s: %v", name, variant, err)
			}
			var held []string
			for _, r := range p.Roles {
				for _, seat := range r.Seats {
					got := h.seatedAt(t, seat)
					if got != r.Institution(variant) {
						t.Errorf("%s under %s: seat %s is of %q, want %s", name, variant, seat, got, r.Institution(variant))
					}
					held = append(held, got)
				}
			}
			err = h.shut()
			if err != nil {
				t.Fatal(err)
			}
			for _, other := range all {
				if !slices.Equal(held, other) {
					differ++
				}
			}
			all = append(all, held)
		}
	}
	if differ == 0 {
		t.Fatal("no pack has variants under which seats differ")
	}
}
