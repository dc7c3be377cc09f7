package app

import (
	"errors"
	"slices"
	"testing"

	"sanad/internal/act"
	"sanad/internal/desk/notice"
	"sanad/internal/office/clerk"
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
