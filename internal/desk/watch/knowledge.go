package watch

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/text"
	"sanad/internal/office/clerk"
)

// Knowledge is what can be shown of how often a platform was told. It never overstates: where a date is known to the month, or not
// at all, what makes the count smaller is taken.
type Knowledge struct {
	Alerts  int       // distinct stories
	Sources int       // distinct outlets among those that told a story first
	Days    int       // between the first and the last, at the least
	Acts    []act.ID  // the alert.tied of each story, the earliest first: what to cite
	First   time.Time // the latest day on which the first can have been published; zero where there is none
	Last    time.Time // the earliest day on which the last can have been
}

// mostCited is how many stories are counted: an act cites no more.
const mostCited = 60

// Knowledge counts the alerts tied to a platform that were public by an instant. One that was dropped counts for nothing, one
// that repeats another's story counts with it.
func (d *Desk) Knowledge(ctx context.Context, platform act.ID, until act.Instant) (*Knowledge, error) {
	var list []Row
	err := d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		list, err = d.Tied(ctx, tx, platform)
		return err
	})
	if err != nil {
		return nil, err
	}
	bodies, err := d.opened.Of(ctx, d.Clerk, actsOf(list))
	if err != nil {
		return nil, err
	}
	return tally(d.zone(), list, bodies, until), nil
}

// Count is what the alerts among some acts show of how often a platform was told: the same as Knowledge, of what somebody cites and
// of nothing else. An alert without its import, or tied to other platforms alone, shows nothing.
func Count(zone *time.Location, cited []clerk.Opened, platform act.ID, until act.Instant) (*Knowledge, error) {
	var list []Row
	bodies := map[act.ID]*Alert{}
	for i := range cited {
		o := &cited[i]
		if o.Of != Sort {
			continue
		}
		at := slices.IndexFunc(list, func(r Row) bool { return r.File == o.File })
		if at < 0 {
			at = len(list)
			list = append(list, Row{File: o.File})
		}
		list[at].told(o.Envelope, platform)
		if o.Kind != KindImported || o.Body == nil {
			continue
		}
		var b *Alert
		err := json.Unmarshal(o.Body, &b)
		if err != nil {
			return nil, fmt.Errorf("alert %s: %w", o.ID, err)
		}
		bodies[o.ID] = b
	}
	list = slices.DeleteFunc(list, func(r Row) bool { return r.Act.IsZero() || r.Tie.IsZero() })
	return tally(zone, list, bodies, until), nil
}

// told notes what an act says of an alert; that it is tied, where it is tied to a platform.
func (r *Row) told(a *act.Envelope, platform act.ID) {
	switch a.Kind {
	case KindImported:
		source, _ := a.Facts.Get("source")
		r.Act, r.Source, r.Published, r.Imported = a.ID, source.Code(), publishedOf(a.Facts), a.Recorded
	case KindTied:
		v, _ := a.Facts.Get("platform")
		if id, is := v.ID(); is && id == platform && r.Tie.IsZero() {
			r.Tie = a.ID
		}
	case KindRepeats:
		v, _ := a.Facts.Get("repeats")
		r.Repeats, _ = v.ID()
	case KindDropped:
		r.Dropped = true
	}
}

// tally counts alerts that were public by an instant, in a country's time.
func tally(zone *time.Location, list []Row, bodies map[act.ID]*Alert, until act.Instant) *Knowledge {
	list = slices.DeleteFunc(list, func(r Row) bool { return r.Dropped || latest(zone, &r).After(dayOf(zone, until)) })
	slices.SortStableFunc(list, func(a, b Row) int {
		if c := latest(zone, &a).Compare(latest(zone, &b)); c != 0 {
			return c
		}
		return cmp.Compare(a.Imported, b.Imported)
	})
	k := &Knowledge{}
	told, outlets := map[act.ID]bool{}, map[string]bool{}
	for i := range list {
		r := &list[i]
		story := r.File
		if !r.Repeats.IsZero() {
			story = r.Repeats
		}
		if told[story] || len(k.Acts) == mostCited {
			continue
		}
		told[story] = true
		k.Alerts++
		k.Acts = append(k.Acts, r.Tie)
		outlets[tellerOf(r, bodies[r.Act])] = true
		if k.First.IsZero() {
			k.First = latest(zone, r)
		}
		if e := earliest(r); e.After(k.Last) {
			k.Last = e
		}
	}
	k.Sources = len(outlets)
	if days := int(k.Last.Sub(k.First).Hours() / 24); days > 0 {
		k.Days = days
	}
	return k
}

// tellerOf is by what outlets are told apart: its name however it is written, or the kind of source where it has none, so that
// nameless ones together count as one.
func tellerOf(r *Row, b *Alert) string {
	if b == nil || strings.TrimSpace(b.Outlet) == "" {
		return "source " + r.Source
	}
	var words []string
	for _, w := range text.Words(b.Outlet) {
		words = append(words, text.Fold(w.In(b.Outlet)))
	}
	return "outlet " + strings.Join(words, "")
}

// latest is the last day on which an alert can have become public: that of its import at the latest.
func latest(zone *time.Location, r *Row) time.Time {
	known := dayOf(zone, r.Imported)
	first, precision, err := dateOf(r.Published)
	switch {
	case err != nil || precision == PrecisionNone:
		return known
	case precision == PrecisionMonth:
		first = first.AddDate(0, 1, -1)
	}
	if first.After(known) {
		return known
	}
	return first
}

// earliest is the first day on which it can have been; zero where nobody knows.
func earliest(r *Row) time.Time {
	first, _, err := dateOf(r.Published)
	if err != nil {
		return time.Time{}
	}
	return first
}

// dayOf is the civil day of an instant in the country, at midnight UTC as dates are held.
func dayOf(zone *time.Location, i act.Instant) time.Time {
	y, m, day := i.Time().In(zone).Date()
	return time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
}
