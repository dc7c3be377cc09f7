package cases

import (
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// timeless computes no time: no clock runs here.
type timeless struct{}

func (timeless) Due(string, act.Instant) (act.Instant, error)                    { return 0, nil }
func (timeless) DueOf(string, act.Instant, protocol.Ledger) (act.Instant, error) { return 0, nil }
func (timeless) Follows(string, act.Instant) act.Instant                         { return 0 }
func (timeless) Calendar() string                                                { return "none" }
func (timeless) DayStart(time.Time) act.Instant                                  { return 0 }

// What was closed is open again once it was taken up again, by whatever step of whatever version, and not before; a lapse, and a step
// of a version that the law lost, say nothing.
func TestStanding(t *testing.T) {
	t.Parallel()
	law, err := protocol.New(&protocol.Law{Version: "invented", Time: timeless{}, Protocols: []protocol.Protocol{{
		ID: "invented.case", Version: 1, Sort: Sort, Steps: []protocol.Step{
			{ID: "open", Kind: KindOpened}, {ID: "join", Kind: KindJoined}, {ID: "close", Kind: KindClosed}, {ID: "take_up", Kind: KindReopened},
		},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		version   int
		steps     []string // in the order in which they were last done
		was, open bool
	}{
		{"nothing was done", 1, nil, false, false},
		{"joined to nothing", 1, []string{"join", "too_late"}, false, false},
		{"opened", 1, []string{"open", "join"}, true, true},
		{"closed", 1, []string{"open", "join", "close", "too_late"}, true, false},
		{"taken up again", 1, []string{"open", "close", "take_up"}, true, true},
		{"closed again", 1, []string{"open", "take_up", "close"}, true, false},
		{"under a version nobody has", 2, []string{"open"}, false, false},
	} {
		s := &protocol.State{Sort: Sort, Procedures: []protocol.Run{{Protocol: "invented.case", Version: c.version}}}
		for i, step := range c.steps {
			r := &s.Procedures[0]
			r.Events = append(r.Events, protocol.Event{Step: step, Seq: int64(i)})
		}
		was, open := Standing(law, s)
		if was != c.was || open != c.open {
			t.Errorf("%s: was %v, open %v", c.name, was, open)
		}
	}
}
