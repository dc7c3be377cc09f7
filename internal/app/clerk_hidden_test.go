package app

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/desk/notice"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
)

// What is written where somebody may not look is nothing they have not seen, also in the very commit in which they ask: their
// command is taken, and a later one hears of what they may read alone.
func TestHiddenActOfTheSameCommit(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		p := newPlayer(t, h, c)
		p.receive(yes())
		p.do("xx-officer-1", "acknowledge", nil, nil)
		p.do("xx-officer-1", "assess", p.assessment(), []byte(plainBody))
		hidden := p.command("xx-officer-1", "invite", map[string]act.Value{"letter": act.OfCode("invitation")}, []byte(plainBody))
		hidden.Act.Add = []string{"wall.nobody"}
		before := tally(t, h)
		got := h.clerk.DoAll(t.Context(), []clerk.Command{
			hidden,
			p.command("xx-officer-2", "assess", p.assessment(), []byte(plainBody)),
			p.command("xx-officer-2", "ask_opinion", nil, nil),
		})
		if got[0].Err != nil || got[1].Err != nil {
			t.Fatalf("the hidden act: %v; on the view that lacks it: %v", got[0].Err, got[1].Err)
		}
		var changed clerk.Changed
		if !errors.As(got[2].Err, &changed) || !slices.Equal(changed, clerk.Changed{notice.KindAssessed}) {
			t.Fatalf("%v, changed %v", got[2].Err, changed)
		}
		if after := tally(t, h); after["act"] != before["act"]+2 || after["hash"] != before["hash"]+1 {
			t.Fatalf("not one commit: %v became %v", before, after)
		}
	})
}

// unreadable records an act of a step that whoever does it, as everybody else, may not read afterwards.
func (p *player) unreadable(step string, facts map[string]act.Value) act.ID {
	p.t.Helper()
	cmd := p.command("xx-officer-1", step, facts, []byte(plainBody))
	cmd.Act.Add = []string{"wall.nobody"}
	done, err := p.h.clerk.Do(p.t.Context(), cmd)
	if err != nil {
		p.t.Fatal(err)
	}
	return done.Acts[0].ID
}

// An act that one may not read, of a file of which one reads the rest, is for every command as one that was never there: to cite it,
// to show it as a proof, to seal evidence for its readers or to add an act for them.
func TestHiddenActIsUnknown(t *testing.T) {
	t.Parallel()
	c := newClock()
	h, _ := evidenceHouse(t, t.TempDir(), "", c)
	delete(h.clerk.Deciders, exhibits.KindAdded) // the room's own word is asked for apart
	p := newPlayer(t, h, c)
	p.receive(yes())
	p.do("xx-officer-1", "acknowledge", nil, nil)
	hidden, officer := p.unreadable("assess", p.assessment()), p.seat("xx-officer-1")
	v := p.view("xx-officer-1")
	held, err := h.clerk.Hold(t.Context(), officer, v.Acts[0].ID, strings.NewReader("evidence"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	before := tally(t, h)
	for name, x := range map[string]struct {
		code fault.Code
		try  func(id act.ID) error
	}{
		"cited": {fault.Invalid, func(id act.ID) error {
			cmd := p.command("xx-officer-1", "assess", p.assessment(), []byte(plainBody))
			cmd.Act.Cites = []act.ID{id}
			_, err := h.clerk.Do(t.Context(), cmd)
			return err
		}},
		"shown": {fault.Invalid, func(id act.ID) error {
			cmd := p.command("xx-officer-1", "assess", p.assessment(), []byte(plainBody))
			cmd.Act.Effective, cmd.Act.Shown = v.Acts[0].Recorded, id
			_, err := h.clerk.Do(t.Context(), cmd)
			return err
		}},
		"evidence sealed for its readers": {fault.NotFound, func(id act.ID) error {
			_, err := h.clerk.Hold(t.Context(), officer, id, strings.NewReader("evidence"), 1<<20)
			return err
		}},
		"an act for its readers": {fault.NotFound, func(id act.ID) error {
			_, err := h.clerk.Do(t.Context(), p.bind(id, v.Seen, held))
			return err
		}},
		"evidence given": {fault.NotFound, func(id act.ID) error {
			_, err := h.exhibits.Add(t.Context(), officer, p.file, id, v.Seen, exhibits.About{Name: "a"}, strings.NewReader("evidence"))
			return err
		}},
	} {
		of, never := x.try(hidden), x.try(act.ID{7})
		if fault.CodeOf(of) != x.code || never == nil || of.Error() != never.Error() {
			t.Errorf("%s: %v; of one that never was: %v", name, of, never)
		}
	}
	if after, n := tally(t, h), len(blobFiles(t, h.folder)); !maps.Equal(before, after) || n != 1 {
		t.Errorf("%v became %v, and %d blobs are kept", before, after, n)
	}
}
