package protocol

import (
	"errors"
	"testing"
	"time"

	"sanad/internal/act"
)

// posted is a fine, its letter, the receipt of it, and what frees of it.
func posted() []Step {
	return []Step{
		{ID: "fine", Kind: "measure.decided", Measure: &Measure{Kind: Fine, Target: Addressee, Executor: Authority}},
		{ID: "send", Kind: KindSent, Move: "send", After: After{All: []string{"fine"}}, Letter: "fine", Deadlines: []Deadline{
			{Name: "receipt", Rule: "n15", MetBy: []string{"receive"}, Lapses: "lost"},
		}},
		{ID: "receive", Kind: KindReceipt, After: After{All: []string{"send"}}, Notifies: "fine", Deadlines: []Deadline{
			{Name: "settling", Rule: "n30", MetBy: []string{"settle", "free"}, Lapses: "unpaid"},
			{Name: "appeal", Rule: "n60", MetBy: []string{"appeal", "free"}, Lapses: "unappealed"},
		}},
		{ID: "settle", Kind: "k", After: After{All: []string{"fine"}}, Repeat: true},
		{ID: "appeal", Kind: "k", After: After{All: []string{"send"}}},
		{ID: "free", Kind: "k", After: After{All: []string{"fine"}}, Lifts: "fine"},
	}
}

// mail is the law in which that fine is sent. In it nothing else than a word of its list presumes a receipt.
func mail(t *testing.T, steps ...Step) *Engine {
	t.Helper()
	from := act.Instant(0)
	for i := range steps {
		steps[i].By = []string{"r"}
	}
	e, err := New(&Law{
		Version: "t@1", Time: post{}, Elsewhere: map[string]bool{"k": true, KindReceipt: true}, Presumed: map[string]bool{"presumed": true},
		Texts:     []Text{{ID: "act", Status: "in_force", Verified: true, From: &from}},
		Protocols: []Protocol{{ID: "p", Version: 1, Sort: "case", Steps: steps}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// post is a law of time in which a rule named nK gives K days.
type post struct{ ticks }

const aDay = act.Instant(24 * 60 * 60 * 1_000_000)

func (post) Due(rule string, start act.Instant) (act.Instant, error) {
	n, err := length(rule)
	return start + n*aDay, err
}

func (d post) DueOf(rule string, start act.Instant, l Ledger) (act.Instant, error) {
	for _, s := range l.Spans {
		if s.To == Never {
			return 0, ErrStill
		}
	}
	return d.Due(rule, start)
}

func (post) DayStart(on time.Time) act.Instant { return act.InstantOf(on) }

// delivered folds steps of that procedure, each on a day, and returns the file and how a receipt on some day, said today, is answered.
func delivered(t *testing.T, e *Engine, done ...string) (*State, func(word string, on, today int) (Grant, error)) {
	t.Helper()
	var s State
	for i, step := range done {
		env := &act.Envelope{
			ID: act.ID{1, byte(i)}, File: act.ID{9}, Of: "case", Audience: act.ID{2}, Thread: act.ID{3}, Pos: s.Acts, Kind: "k", Version: 1,
			Effective: act.Instant(i+1) * aDay, Procedure: &act.Procedure{ID: run, Protocol: "p", Version: 1, Step: step},
		}
		for _, d := range e.Protocol("p", 1).Step(step).Deadlines {
			due, _ := e.law.Time.Due(d.Rule, env.Effective)
			env.Deadlines = append(env.Deadlines, act.Deadline{Rule: d.Rule, Start: env.Effective, Due: due, Calendar: "c@1"})
		}
		if err := s.Fold(env); err != nil {
			t.Fatal(err)
		}
	}
	return &s, func(word string, on, today int) (Grant, error) {
		q := Question{
			State: &s, Now: act.Instant(today) * aDay, Effective: act.Instant(on) * aDay, Roles: []string{"r"}, Audience: func([]string) act.ID { return act.ID{2} },
			Proposed: act.NewFacts(map[string]act.Value{FactReceipt: act.OfCode(word)}),
		}
		return e.Allow(q, Place{Protocol: "p", Run: run, Step: "receive"})
	}
}

// A receipt counts from the day on which it happened, which is never before the letter; it is presumed when its time is over, and not a
// day sooner, whatever date is given to that.
func TestReceipt(t *testing.T) {
	t.Parallel()
	e := mail(t, posted()...)
	s, receive := delivered(t, e, "fine", "send") // on the second day: until the seventeenth
	for _, c := range []struct {
		name, word string
		on, today  int
		want       string
	}{
		{"on the day of the letter", "taken", 2, 9, ""},
		{"before it", "taken", 1, 9, "law.block.earlier"},
		{"refused on the next day", "refused", 3, 3, ""},
		{"presumed at once", "presumed", 2, 2, "law.block.presumed_until"},
		{"presumed on the last day", "presumed", 16, 16, "law.block.presumed_until"},
		{"presumed as of that day", "presumed", 16, 40, "law.block.presumed_until"},
		{"presumed when the time is over", "presumed", 17, 17, ""},
		{"presumed later", "presumed", 40, 40, ""},
	} {
		g, err := receive(c.word, c.on, c.today)
		var r *Refusal
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (!errors.As(err, &r) || len(r.Blocks) != 1 || r.Blocks[0].Key != c.want):
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		case c.want == "":
			notified, _ := g.Facts.Get(FactNotified)
			on, _ := g.Facts.Get(FactNotifiedOn)
			if notified.Code() != "fine" || !on.Equal(act.OfDate(e.Day(act.Instant(c.on)*aDay))) {
				t.Errorf("%s: notified are %s on %s", c.name, notified, on)
			}
			if len(g.Deadlines) != 2 || g.Deadlines[0].Due != act.Instant(c.on+30)*aDay || g.Deadlines[1].Due != act.Instant(c.on+60)*aDay {
				t.Errorf("%s: starts %+v", c.name, g.Deadlines)
			}
		}
	}
	s.Procedures[0].Clocks[0].Spans = []Span{{Step: "halt", From: 3 * aDay, To: Never}}
	if _, err := receive("presumed", 40, 40); refusedWith(err) != "law.block.presumed" {
		t.Errorf("presumed while the time stands still: %v", err)
	}
}

// Where nothing says after how long, no receipt is ever presumed.
func TestReceiptIsNotPresumedWithoutATime(t *testing.T) {
	t.Parallel()
	steps := posted()
	steps[1].Deadlines = nil
	_, receive := delivered(t, mail(t, steps...), "fine", "send")
	if _, err := receive("presumed", 400, 400); refusedWith(err) != "law.block.presumed" {
		t.Errorf("%v", err)
	}
	if _, err := receive("taken", 400, 400); err != nil {
		t.Errorf("taken: %v", err)
	}
}

// Who was freed before the letter came is late with nothing, and nothing of it stands; who appealed before it came has appealed.
func TestReceiptOfWhatIsOver(t *testing.T) {
	t.Parallel()
	e := mail(t, posted()...)
	_, receive := delivered(t, e, "fine", "send", "free")
	g, err := receive("taken", 5, 5)
	if _, says := g.Facts.Get(FactNotified); err != nil || says || len(g.Deadlines) != 0 {
		t.Errorf("lifted: %v, says %v, starts %+v", err, g.Facts, g.Deadlines)
	}
	_, receive = delivered(t, e, "fine", "send", "appeal")
	g, err = receive("taken", 5, 5)
	if err != nil || len(g.Deadlines) != 1 || g.Deadlines[0].Rule != "n30" {
		t.Errorf("appealed: %v, starts %+v", err, g.Deadlines)
	}
	_, receive = delivered(t, e, "fine", "send", "settle") // a part, perhaps: more may come
	g, err = receive("taken", 5, 5)
	if err != nil || len(g.Deadlines) != 2 {
		t.Errorf("paid: %v, starts %+v", err, g.Deadlines)
	}
}

// refusedWith is the key of the only reason for a refusal.
func refusedWith(err error) string {
	var r *Refusal
	if !errors.As(err, &r) || len(r.Blocks) != 1 {
		return ""
	}
	return r.Blocks[0].Key
}
