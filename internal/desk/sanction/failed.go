package sanction

import (
	"errors"
	"time"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// paramWithin names the rule of time within which failures of a platform count together.
const paramWithin = "failures-within"

// Failures counts the failures of a platform that some acts tell of, among those cited: of different requests, not taken back, and not
// over by what over says of the day on which they were found. Another desk's is handed in.
type Failures func(cited []clerk.Opened, cites []act.ID, platform act.ID, over func(day time.Time) (bool, error)) (int, error)

// fails counts the failures of a platform that the opening of a procedure against it rests on: those that it cites, that the clerk
// opened and that are not too old; 0 where the pack counts none. A number that somebody types is refused, whatever it is: three
// failures that nobody can name would open a ladder.
func (l *Law) fails(w *wrong, cmd *clerk.Command, platform act.ID, now act.Instant) (int, error) {
	if _, typed := cmd.Act.Facts.Get(factFailures); typed {
		w.At(factFailures, "sanction.failures.typed", nil)
		return 0, nil
	}
	if l.lasting == "" || platform.IsZero() || len(cmd.Act.Cites) == 0 {
		return 0, nil
	}
	if l.Failed == nil {
		return 0, errors.New("nobody counts failures")
	}
	return l.Failed(cmd.Cited, cmd.Act.Cites, platform, func(day time.Time) (bool, error) { return l.Bygone(day, now) })
}

// Bygone reports whether a failure of a day counts for nothing any more at an instant. The error is that of the rule of time.
func (l *Law) Bygone(day time.Time, now act.Instant) (bool, error) {
	if l.lasting == "" {
		return false, nil
	}
	law := l.engine.Law().Time
	end, err := law.Due(l.lasting, law.DayStart(day))
	return err == nil && end <= now, err
}

// with is facts with one more.
func with(facts act.Facts, name string, v act.Value) map[string]act.Value {
	out := map[string]act.Value{name: v}
	for _, f := range facts {
		out[f.Name] = f.Value
	}
	return out
}
