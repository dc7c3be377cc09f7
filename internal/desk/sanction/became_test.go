package sanction

import (
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// courseOf is what a procedure did: two decisions, and what came of them.
type courseOf struct {
	t    *testing.T
	acts []clerk.Recorded
}

func (c *courseOf) add(kind string, facts map[string]act.Value, cites ...act.ID) act.ID {
	c.t.Helper()
	var id act.ID
	id[0], id[1] = 1, byte(len(c.acts)+1)
	at := act.InstantOf(time.Date(2026, 3, len(c.acts)+1, 9, 0, 0, 0, time.UTC))
	c.acts = append(c.acts, clerk.Recorded{Seq: int64(len(c.acts)), Envelope: &act.Envelope{
		ID: id, Kind: kind, Facts: act.NewFacts(facts), Cites: cites, Effective: at, Procedure: &act.Procedure{Step: kind},
	}})
	return id
}

// The sum that is left is what the newest ruling on the decision made of it; a stay changes none, nor does a ruling on another measure.
func TestLeft(t *testing.T) {
	t.Parallel()
	l := &Law{zone: time.UTC, words: func(list, word string) bool { return list == listUpholds && word == "confirmed" }}
	c := &courseOf{t: t}
	first := c.add(KindDecided, map[string]act.Value{factRung: act.OfCode("fine"), factAmount: act.OfInt(1000)})
	ruled := func(word string, left int64, on act.ID, want int64) {
		t.Helper()
		facts := map[string]act.Value{factAppeal: act.OfCode(word)}
		if left > 0 {
			facts[factLeft] = act.OfInt(left)
		}
		c.add(KindAppealRuled, facts, on)
		if got := l.Left(c.acts, first); got != want {
			t.Errorf("after %s: %d, want %d", word, got, want)
		}
	}
	ruled("stayed", 0, first, 1000)
	ruled("lowered", 600, first, 600)
	ruled("stayed", 0, first, 600)
	ruled("annulled", 0, first, 600)
	ruled("lowered", 700, first, 700)
	ruled("confirmed", 0, first, 1000)
	second := c.add(KindDecided, map[string]act.Value{factRung: act.OfCode("tithe"), factAmount: act.OfInt(5000)})
	ruled("lowered", 40, second, 1000)
	ruled("lowered", 400, first, 400)
	if got := l.Left(c.acts, second); got != 40 {
		t.Errorf("of the second: %d", got)
	}
}

// What became of a measure is what its procedure did since, without what is about another; its time is over the day after its last,
// which a renewal moves.
func TestBecame(t *testing.T) {
	t.Parallel()
	l := &Law{zone: time.UTC, words: func(string, string) bool { return false }}
	c := &courseOf{t: t}
	day := func(d int) act.Value { return act.OfDate(time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC)) }
	now := func(d int) act.Instant { return act.InstantOf(time.Date(2026, 3, d, 23, 0, 0, 0, time.UTC)) }
	if l.Became(c.acts, now(1)) != nil {
		t.Error("something became of nothing")
	}
	c.add("hearing.held", nil)
	older := c.add(KindDecided, map[string]act.Value{factRung: act.OfCode("reproof")})
	decision := c.add(KindDecided, map[string]act.Value{factRung: act.OfCode("block"), factExpires: day(10)})
	c.add(KindAppealed, nil, older)
	c.add(KindAppealed, nil, decision)
	c.add("letter.sent", nil)
	b := l.Became(c.acts, now(10))
	if b.Rung != "block" || len(b.Since) != 3 || b.Over || b.Newest != c.acts[4].Effective {
		t.Errorf("%+v", b)
	}
	if !l.Became(c.acts, now(11)).Over {
		t.Error("its last day is past, and it goes on")
	}
	c.add(act.DeadlineLapsed, nil)
	if got := l.Became(c.acts, now(10), act.DeadlineLapsed).Newest; got != c.acts[6].Effective {
		t.Errorf("a lapse that is waited for: %v", got)
	}
	c.add(KindRenewed, map[string]act.Value{factExpires: day(20)}, decision)
	if l.Became(c.acts, now(20)).Over || !l.Became(c.acts, now(21)).Over {
		t.Error("a renewal moves the last day")
	}
}
