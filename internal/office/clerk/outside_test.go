package clerk

import (
	"testing"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// A fact of another file counts once its day has come. Before, it is unknown, and what an older act said counts no longer either.
func TestOutsideCountsFromItsDay(t *testing.T) {
	t.Parallel()
	const today = act.Instant(1_000_000)
	public, hidden, file, older, newer := act.ID{1}, act.ID{2}, act.ID{3}, act.ID{4}, act.ID{5}
	state := &protocol.State{
		Threads: []protocol.Thread{{Audience: public}, {Audience: hidden}},
		Facts: []protocol.Fact{
			{Name: "frozen", Value: act.OfBool(false), From: older, At: today - 10, Seq: 1},
			{Name: "frozen", Value: act.OfBool(true), From: newer, At: today, Seq: 2},
			{Name: "frozen", Thread: 1, Value: act.OfBool(false), From: act.ID{6}, At: today - 10, Seq: 3},
		},
	}
	for now, want := range map[act.Instant]gate.Held{
		today - 1: {},
		today:     {Value: act.OfBool(true), From: newer, Known: true},
		today + 1: {Value: act.OfBool(true), From: newer, Known: true},
	} {
		o := &outside{
			c: &Clerk{Config: Config{Outside: []string{"frozen"}, Standing: func() act.ID { return file }}}, now: now, public: public,
			state: func(act.ID) (*protocol.State, error) { return state, nil },
		}
		got := o.Fact("frozen", nil)
		if got.Known != want.Known || got.Hidden || got.From != want.From || want.Known && !got.Value.Equal(want.Value) {
			t.Errorf("at %d: %+v, want %+v", now-today, got, want)
		}
	}
}
