package app

import (
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
)

// A seat passes from one person to another by two acts of the keeper: who was dismissed opens nothing from then on, and who was
// given the seat does what it is for.
func TestSeatPassesOn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		p := newPlayer(t, h, c)
		p.receive(yes())
		until := act.InstantOf(c.now().AddDate(2, 0, 0))
		was := p.seat("xx-officer-2")
		refused := func(what, want string, err error) {
			t.Helper()
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", what, err, want)
			}
		}
		_, _, err := h.grant(t.Context(), "xx-officer-2", "Mona Exemple", until)
		refused("a seat that is held", "is held by mandate "+was.String(), err)
		cmd := p.command("xx-officer-2", "acknowledge", nil, nil)
		c.move(time.Minute)
		err = h.dismiss(t.Context(), "xx-officer-2")
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.clerk.Do(t.Context(), cmd)
		if fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("a mandate that has ended did something: %v", err)
		}
		refused("a mandate that has ended", "no mandate", h.dismiss(t.Context(), "xx-officer-2"))
		_, _, err = h.grant(t.Context(), "xx-officer-2", act.ID{7}.String(), until)
		refused("an ID of nobody", "nobody known", err)
		_, _, err = h.grant(t.Context(), "xx-officer-9", "Mona Exemple", until)
		refused("a seat that is nowhere", "no seat", err)
		_, _, err = h.grant(t.Context(), "xx-officer-2", "Mona Exemple", act.InstantOf(c.now()))
		refused("a term that is over", "behind us", err)
		mona, mandate, err := h.grant(t.Context(), "xx-officer-2", "Mona Exemple", until)
		if err != nil || mandate == was || p.seat("xx-officer-2") != mandate {
			t.Fatalf("%s for %s, %v", mandate, mona, err)
		}
		p.do("xx-officer-2", "acknowledge", nil, nil)
		c.move(3 * 365 * 24 * time.Hour)
		_, err = h.mandateOfSeat(t.Context(), "xx-officer-2")
		refused("beyond its term", "no mandate", err)
		again, _, err := h.grant(t.Context(), "xx-officer-2", mona.String(), act.InstantOf(c.now().AddDate(1, 0, 0)))
		if err != nil || again != mona {
			t.Errorf("the same person again: %s, %v", again, err)
		}
		h.sound(t)
	})
}

// The keeper's seat is never empty: it is given on while it is held, and only who was a keeper before is dismissed.
func TestKeeperPassesOn(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	was := p.seat("keeper")
	err := h.dismiss(t.Context(), "keeper")
	if err == nil || !strings.Contains(err.Error(), "console grant --seat keeper") {
		t.Fatalf("the last keeper was dismissed: %v", err)
	}
	c.move(time.Hour)
	_, now, err := h.grant(t.Context(), "keeper", "Nour Exemple", act.InstantOf(c.now().AddDate(4, 0, 0)))
	if err != nil || p.seat("keeper") != now {
		t.Fatal(now, err)
	}
	c.move(time.Hour)
	err = h.dismiss(t.Context(), was.String())
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.clerk.Do(t.Context(), clerk.Command{Mandate: was, Of: "person", Kind: "person.enrolled", Act: act.Act{Body: []byte(`{"name":"Nobody"}`)}})
	if fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("who was keeper still enrols: %v", err)
	}
	_, err = h.clerk.Do(t.Context(), clerk.Command{Mandate: p.seat("xx-head-1"), Of: "person", Kind: "person.enrolled", Act: act.Act{Body: []byte(`{"name":"Nobody"}`)}})
	if fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("who is no keeper enrols: %v", err)
	}
	_, err = h.invite(t.Context(), "xx-head-1")
	if err != nil {
		t.Errorf("the new keeper invites nobody: %v", err)
	}
}
