package notify

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// noTime computes no time.
type noTime struct{}

func (noTime) Due(string, act.Instant) (act.Instant, error) { return 0, errors.New("no rule") }
func (noTime) DueOf(string, act.Instant, protocol.Ledger) (act.Instant, error) {
	return 0, errors.New("no rule")
}
func (noTime) Follows(_ string, due act.Instant) act.Instant { return due }
func (noTime) Calendar() string                              { return "none" }
func (noTime) DayStart(time.Time) act.Instant                { return 0 }

// A lapse concerns whoever owns the deadline that ran out, and whoever owns what it starts.
func TestOwnersOfALapse(t *testing.T) {
	t.Parallel()
	engine, err := protocol.New(&protocol.Law{Version: "invented", Time: noTime{}, Protocols: []protocol.Protocol{{
		ID: "invented", Version: 1, Sort: "notice", Steps: []protocol.Step{
			{ID: "send", Kind: "sent", By: []string{"scribe"}, Deadlines: []protocol.Deadline{
				{Name: "arrival", Rule: "arrival", Owner: "scribe", MetBy: []string{"hear"}, Lapses: "presumed", Starts: []string{"reply"}},
			}},
			{ID: "hear", Kind: "heard", By: []string{"scribe"}, Deadlines: []protocol.Deadline{
				{Name: "reply", Rule: "reply", Owner: "judge", MetBy: []string{"answer"}, Lapses: "silence"},
			}},
			{ID: "answer", Kind: "answered", By: []string{"judge"}},
		},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind, step string
		rules      []string
		want       []string
	}{
		{"sent", "send", []string{"arrival"}, []string{"scribe"}},
		{"heard", "hear", []string{"reply"}, []string{"judge"}},
		{"answered", "answer", nil, nil},
		{act.DeadlineLapsed, "presumed", []string{"reply"}, []string{"scribe", "judge"}},
		{act.DeadlineLapsed, "silence", nil, []string{"judge"}},
		{act.DeadlineLapsed, "unheard_of", nil, nil},
	} {
		e := &act.Envelope{Kind: c.kind, Procedure: &act.Procedure{Protocol: "invented", Version: 1, Step: c.step}}
		for _, rule := range c.rules {
			e.Deadlines = append(e.Deadlines, act.Deadline{Rule: rule})
		}
		got := Projector{Engine: engine}.owners(e, nil)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %q, want %q", c.kind, c.step, got, c.want)
		}
	}
}
