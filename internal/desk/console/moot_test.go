package console

import (
	"testing"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// What ran out asks for something as long as somebody can still do it: what meets it late, or what the law lets follow. Where all of
// that is excluded, or the run is closed, it is a record.
func TestUnmet(t *testing.T) {
	t.Parallel()
	law := testPack(t)
	p := *law.Engine().Protocol("xx.notice", 0)
	run, other := act.ID{1}, act.ID{2}
	did := func(run act.ID, step string) clerk.Recorded {
		return clerk.Recorded{Envelope: &act.Envelope{Kind: "x", Procedure: &act.Procedure{ID: run, Protocol: p.ID, Version: p.Version, Step: step}}}
	}
	lapsed := func(run act.ID) clerk.Recorded {
		a := did(run, "acknowledgement_lapsed")
		a.Kind = act.DeadlineLapsed
		return a
	}
	for name, x := range map[string]struct {
		acts []clerk.Recorded
		want int
	}{
		"it ran out":                     {[]clerk.Recorded{did(run, "receive"), lapsed(run)}, 1},
		"done late":                      {[]clerk.Recorded{did(run, "receive"), lapsed(run), did(run, "acknowledge")}, 0},
		"done late in another run":       {[]clerk.Recorded{did(run, "receive"), lapsed(run), did(other, "acknowledge")}, 1},
		"closed":                         {[]clerk.Recorded{did(run, "receive"), lapsed(run), did(run, "close")}, 0},
		"recorded after it was closed":   {[]clerk.Recorded{did(run, "receive"), did(run, "close"), lapsed(run)}, 0},
		"something else was done since":  {[]clerk.Recorded{did(run, "receive"), lapsed(run), did(run, "invite")}, 1},
		"two, of which one was answered": {[]clerk.Recorded{did(run, "receive"), did(other, "receive"), lapsed(run), lapsed(other), did(other, "acknowledge")}, 1},
	} {
		if got := Unmet(law.Engine(), &clerk.View{Acts: x.acts}); len(got) != x.want {
			t.Errorf("%s: %d clocks, want %d", name, len(got), x.want)
		}
	}
}
