package check

import (
	"time"

	"sanad/internal/act"
)

// Timeline is a finding's story as it would come to pass, played on the engine in the world where what the pack proposes is law: who does
// what on which day, at the earliest. Its days are those of one calendar; under another start months and holidays may give others.
type Timeline struct {
	From  string `json:"from"` // the civil day that is counted as day 0
	Lines []Line `json:"lines"`
	// Stopped says where it could not be played on, in the codes of Finding.Because; "" where it was played to its end.
	Stopped string `json:"stopped,omitempty"`
	Lacks   []Lack `json:"lacks,omitempty"` // what makes the last line wrong
	// Together says that all of Lacks is missing at once; else any one of them would do.
	Together bool `json:"together,omitempty"`
}

// Line is one thing that happens, on a day counted from the first line's.
type Line struct {
	Day  int    `json:"day"`
	At   string `json:"at"`   // RFC 3339
	What string `json:"what"` // step, lapse, time, fact, elsewhere or migration
	// Name is that of the step or lapse; of time the rule that is over, or the fact whose day is past; of elsewhere the step; of a
	// migration the version.
	Name     string `json:"name,omitempty"`
	Protocol string `json:"protocol,omitempty"` // of elsewhere
	Actor    string `json:"actor,omitempty"`    // the role in which somebody does it
	// Another says that the draft was signed before, and that this is another person.
	Another bool     `json:"another,omitempty"`
	Says    []Said   `json:"says,omitempty"`   // of a fact: what is known from beyond the procedure
	Clock   string   `json:"clock,omitempty"`  // of a lapse
	Rule    string   `json:"rule,omitempty"`   // of a lapse
	Since   string   `json:"since,omitempty"`  // the step, lapse or fact from which the time of a rule counts
	From    *int     `json:"from,omitempty"`   // the day of that
	Nobody  []string `json:"nobody,omitempty"` // of a lapse: the steps of which none was done in time

	at, since act.Instant
}

// Lack is one thing that is missing when a story ends, or that should not be.
type Lack struct {
	What  string   `json:"what"` // fact, step, lapse, time, law, kind (of an act not done), never (a step that can't come), nothing (no step does it), captive (nobody else can), unasked
	Name  string   `json:"name,omitempty"`
	Is    *Said    `json:"is,omitempty"`    // of a fact: as it stands then
	Would []string `json:"would,omitempty"` // of a fact: values that would do
	Done  bool     `json:"done,omitempty"`  // of a step, lapse or time: it came, and should not have
	Since string   `json:"since,omitempty"` // of time
	// Gates are those of the pack that ask for it, and that the step may lack; Rests what they, or else the step, rest on.
	Gates []string `json:"gates,omitempty"`
	Rests []Rest   `json:"rests,omitempty"`
}

// Rest is a place in the law.
type Rest struct {
	Text    string `json:"text"`
	Article string `json:"article,omitempty"`
}

// timeline plays a story; nil for one without moves. What comes after a migration is played in the other version.
func (x *exploration) timeline(story []Event) *Timeline {
	if len(story) == 0 || x.engine == nil {
		return nil
	}
	var out *Timeline
	for _, start := range x.starts() {
		out = x.playFrom(start, story)
		if out == nil || out.Stopped == "" {
			return out
		}
	}
	return out
}

// mostPlays bounds how often a story is played anew because a day that somebody may choose is better chosen otherwise.
const mostPlays = 24

func (x *exploration) playFrom(start act.Instant, story []Event) *Timeline {
	p := &prompts{map[string]int{}, map[int]map[string]int{}, map[*comparison]bool{}}
	for range mostPlays {
		r := x.rehearse(start, p)
		if r == nil {
			return nil
		}
		r.story(story)
		if !r.again {
			return r.told()
		}
	}
	return nil
}

// starts are instants at which a story may begin: one in the calendar's third year, where most of it lies before and after, one near
// its beginning, and either within the time of the protocol's version.
func (x *exploration) starts() []act.Instant {
	calendar := x.pack.Calendar
	if calendar == nil {
		return nil
	}
	covers := calendar.Spec().Covers
	var out []act.Instant
	for _, months := range []int{27, 3} {
		day := covers.From.Time().AddDate(0, months, 0)
		for day.Weekday() != time.Monday {
			day = day.AddDate(0, 0, 1)
		}
		at := x.morning(day)
		for _, edge := range []*act.Instant{x.p.From, x.p.Known} {
			if edge != nil && at < *edge {
				at = x.morning(edge.Time().AddDate(0, 0, 1))
			}
		}
		if x.p.To != nil { // what is migrated need not wait long for the version that comes after
			at = x.morning(x.p.To.Time().AddDate(0, 0, -2))
		}
		out = append(out, at)
	}
	return out
}

// morning is nine in the morning of a civil day.
func (x *exploration) morning(day time.Time) act.Instant {
	return x.engine.Law().Time.DayStart(day) + act.InstantOf(time.Unix(9*3600, 0)) - act.InstantOf(time.Unix(0, 0))
}
