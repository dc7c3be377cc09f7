package app

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/kit/fault"
	"sanad/internal/law/pack"
	"sanad/internal/office/access"
	"sanad/internal/office/exhibits"
	"sanad/internal/office/parties"
)

// policiesFile puts policies in the place of a pack's.
func policiesFile(t *testing.T, folder, text string) {
	t.Helper()
	err := os.WriteFile(filepath.Join(folder, pack.PoliciesFile), []byte(text), 0o600)
	if err != nil {
		t.Fatal(err)
	}
}

// houseOf builds a house under a pack in a folder.
func houseOf(t *testing.T, data, url, law string, c *clock) (*house, error) {
	t.Helper()
	return build(t.Context(), plan{
		folder: data, url: url, pack: law, serve: true, legal: c.now, process: c.now, dice: newSeeded("policies"), log: slog.New(slog.DiscardHandler),
	})
}

// A pack with a wrong policy runs nothing: what is wrong is told with its place in the folder that was named.
func TestWrongPoliciesRunNothing(t *testing.T) {
	t.Parallel()
	law := vaultPack(t)
	for name, c := range map[string]struct{ text, at, says string }{
		"a role the pack does not have": {`@id("x") permit (principal in Role::"sheriff", action == Action::"open", resource);`, ":1:31: ", `no role "sheriff"`},
		"an unknown action":             {"\n" + `@id("x") permit (principal, action == Action::"burn", resource);`, ":2:1: ", "burn"},
		"no Cedar":                      {"permit everything;", ":1:18: ", "can't be read"},
		"to read":                       {`@id("x") permit (principal, action, resource);`, ":1:1: ", "compartments alone"},
		"what a mandate does not say":   {`@id("x") permit (principal, action == Action::"open", resource) when { principal.rank > 3 };`, ":1:1: ", "rank"},
	} {
		policiesFile(t, law, c.text)
		data := t.TempDir()
		h, err := houseOf(t, data, "", law, newClock())
		var found pack.Problems
		if !errors.As(err, &found) || !strings.HasPrefix(err.Error(), filepath.Join(law, pack.PoliciesFile)+c.at) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if h != nil {
			err = h.shut()
		}
		if left, _ := os.ReadDir(data); err != nil || len(left) > 0 {
			t.Errorf("%s: %v, and the folder holds %d things", name, err, len(left))
		}
	}
}

// Whatever a pack permits, nobody opens what they do not read, and a policy that fails opens nothing.
func TestPoliciesWithoutPower(t *testing.T) {
	t.Parallel()
	law := vaultPack(t)
	policiesFile(t, law, `
		@id("all") permit (principal, action in [Action::"open", Action::"export"], resource);
		@id("child") permit (principal in Role::"trainee", action == Action::"open", resource) when { resource.compartments.contains(Compartment::"child") };
		@id("trap") forbid (principal, action == Action::"export", resource)
			when { resource.compartments == [Compartment::"child", Compartment::"vault"] && 9223372036854775807 + 1 == 0 };`)
	h, err := houseOf(t, t.TempDir(), "", law, newClock())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.shut() }()
	h.exhibits.Rules = vaultRules
	d := newDoor(t, h)
	d.court = court
	for audience, want := range map[string][3]string{ // who reads, opens, gives the original
		"child": {
			"intake, officer, head, judge, envoy, warden, arbiter, tribune, ombudsman, steward, registrar, scribe, liaison, custodian, porter",
			"intake, officer, head, judge, envoy, warden, arbiter, tribune, ombudsman, steward, registrar, scribe, liaison, custodian, porter",
			"intake, officer, head, judge, envoy, warden, arbiter, tribune, ombudsman, steward, registrar, scribe, liaison, custodian, porter",
		},
		"vault":       {"custodian, porter", "custodian, porter", "custodian, porter"},
		"child vault": {"custodian, porter", "custodian, porter", "nobody"},
	} {
		binding, ok := d.put(strings.Fields(audience))
		if !ok {
			t.Fatal(audience)
		}
		if got := [3]string{d.who("reads", binding), d.who("opens", binding), d.who("gives the original", binding)}; got != want {
			t.Errorf("%s: %q", audience, got)
		}
	}
}

// Other policies over an existing log: who opens is another at once, and who reads what is decided anew, whatever was written.
func TestPoliciesChange(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		law, data, c := vaultPack(t), t.TempDir(), newClock()
		h, err := houseOf(t, data, url, law, c)
		if err != nil {
			t.Fatal(err)
		}
		withRules(h)
		p := newPlayer(t, h, c)
		p.receive(yes())
		binding := p.add(photo(t, 1))
		officer, head, visitor := p.seat("xx-officer-1"), p.seat("xx-head-1"), p.seat("xx-visitor-1")
		_, err = h.exhibits.OpenVeiled(t.Context(), officer, binding, why)
		if err != nil {
			t.Fatal(err)
		}
		audience := p.view("xx-officer-1").Acts[0].Audience
		err = h.db.Write(t.Context(), func(tx *store.Tx) error { // as another program could have left it
			_, err := tx.Exec(t.Context(), "DELETE FROM may WHERE mandate = ? AND audience = ?", head[:], audience[:])
			if err == nil {
				_, err = tx.Exec(t.Context(), "INSERT INTO may (mandate, audience) VALUES (?, ?)", visitor[:], audience[:])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if v, err := h.clerk.View(t.Context(), visitor, p.file); err != nil || len(v.Acts) == 0 {
			t.Fatal("nothing was left wrong", err)
		}
		before := tally(t, h)
		err = h.shut()
		if err != nil {
			t.Fatal(err)
		}

		policiesFile(t, law, `@id("heads") permit (principal in Role::"head", action == Action::"open", resource);`)
		h, err = houseOf(t, data, url, law, c)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = h.shut() }()
		withRules(h)
		if after := tally(t, h); after["access"] != before["access"]+1 || after["may"] != before["may"] || after["act"] != before["act"] {
			t.Errorf("%v became %v", before, after)
		}
		err = h.db.Read(t.Context(), func(tx *store.Tx) error {
			wrong, err := h.book.Recheck(t.Context(), tx)
			if len(wrong) > 0 {
				t.Errorf("%v", wrong)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.clerk.View(t.Context(), visitor, p.file)
		refusedWith(t, err, fault.NotFound, "error.file_unknown")
		_, err = h.exhibits.OpenVeiled(t.Context(), officer, binding, why)
		refusedWith(t, err, fault.Forbidden, "error.mandate")
		_, err = h.exhibits.OpenVeiled(t.Context(), head, binding, why)
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range []act.ID{officer, head} {
			_, err = h.exhibits.Give(t.Context(), who, binding, exhibits.Gift{To: court, Reason: why})
			refusedWith(t, err, fault.Forbidden, "error.mandate")
		}
	})
}

// A mandate that has ended opens nothing and gives nothing out, by an act of the keeper or by its day, even where it began to look
// before. It is asked again each time.
func TestEndedMandateOpensNothing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*player, act.ID){
		"ended": func(p *player, mandate act.ID) {
			p.t.Helper()
			keeper := p.seat(parties.SeatKeeper)
			v, err := p.h.clerk.View(p.t.Context(), keeper, mandate)
			if err == nil {
				cmd := parties.EndMandate(mandate, v.Seen)
				cmd.Mandate = keeper
				_, err = p.h.clerk.Do(p.t.Context(), cmd)
			}
			if err != nil {
				p.t.Fatal(err)
			}
		},
		"over": func(p *player, _ act.ID) { p.c.move(time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			h, _ := evidenceHouse(t, t.TempDir(), "", c)
			p := newPlayer(t, h, c)
			p.receive(yes())
			c.move(seatTerm - 30*time.Second) // the last half minute of the seats' first mandates
			picture, paper, words := p.add(photo(t, 9)), p.add([]byte("%PDF-1.7 harmless")), p.add([]byte("what they wrote to me"))
			officer := p.seat("xx-officer-1")
			x, ctx := h.exhibits, t.Context()
			look, err := x.OpenVeiled(ctx, officer, picture, why)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = x.Show(ctx, officer, look); err != nil {
				t.Fatal(err)
			}
			e := p.exhibit("xx-officer-1", picture)
			end(p, officer)
			before := bound(t, h, exhibits.KindOpened) + bound(t, h, exhibits.KindGiven)
			for _, binding := range []act.ID{picture, paper, words} {
				out, errs := p.everyWay(officer.String(), binding, look)
				for way, b := range out {
					t.Errorf("%d bytes by %s", len(b), way)
				}
				for way, err := range errs {
					if code := fault.CodeOf(err); code != fault.Forbidden && code != fault.NotFound {
						t.Errorf("%s: %v", way, err)
					}
				}
			}
			err = x.Withhold(ctx, officer, picture, "")
			if code := fault.CodeOf(err); code != fault.Forbidden && code != fault.NotFound {
				t.Errorf("withheld: %v", err)
			}
			for _, do := range []access.Action{access.ToRead, access.ToOpen, access.ToExport} {
				if yes, err := x.May(ctx, officer, do, e); yes || err != nil {
					t.Errorf("may %s: %v %v", do, yes, err)
				}
			}
			if after := bound(t, h, exhibits.KindOpened) + bound(t, h, exhibits.KindGiven); after != before {
				t.Errorf("%d acts about exhibits became %d", before, after)
			}
		})
	}
}
