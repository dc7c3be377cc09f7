package sanction

import (
	"slices"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Became is what a procedure made of the measure that it decided last.
type Became struct {
	Rung   string
	Amount int64            // what is demanded: the sum decided or, once a court lowered it, the one that it left; 0 where none is
	Since  []clerk.Recorded // the decision and what came of it, the oldest first
	Newest act.Instant      // of the decision and what became of it: a ruling, a lifting, an appeal, or a lapse that is waited for
	Over   bool             // its last day is past
}

// tells are the kinds of act of which the public is told.
var tells = []string{KindDecided, KindRenewed, KindLifted, KindAppealed, KindAppealRuled, KindRuled, protocol.KindSuspended, protocol.KindResumed}

// Became tells from the course of a procedure what it decided last and what came of that by an instant; nil where it decided nothing.
// What is about another measure of the same procedure is left out. A lapse that somebody waits for is something to tell, too.
func (l *Law) Became(course []clerk.Recorded, now act.Instant, waits ...string) *Became {
	at := lastOf(course, KindDecided)
	if at < 0 {
		return nil
	}
	rung, _ := course[at].Facts.Get(factRung)
	b := &Became{Rung: rung.Code(), Amount: l.Left(course, course[at].ID)}
	expires := ""
	for i := range course[at:] {
		a := course[at+i]
		if elsewhere(course, a, course[at].ID) {
			continue
		}
		b.Since = append(b.Since, a)
		if slices.Contains(tells, a.Kind) || a.Kind == act.DeadlineLapsed && slices.Contains(waits, a.Procedure.Step) {
			b.Newest = max(b.Newest, a.Effective)
		}
		if day, said := a.Facts.Get(factExpires); said && (a.Kind == KindDecided || a.Kind == KindRenewed) {
			expires = day.String()
		}
	}
	b.Over = expires != "" && expires < now.Time().In(l.zone).Format(time.DateOnly)
	return b
}

func lastOf(course []clerk.Recorded, kind string) int {
	for i := range slices.Backward(course) {
		if course[i].Kind == kind {
			return i
		}
	}
	return -1
}

// elsewhere reports whether an act is about another measure of its procedure: it cites that one and not this.
func elsewhere(course []clerk.Recorded, a clerk.Recorded, decision act.ID) bool {
	if a.ID == decision || slices.Contains(a.Cites, decision) {
		return false
	}
	return slices.ContainsFunc(course, func(x clerk.Recorded) bool { return x.Kind == KindDecided && slices.Contains(a.Cites, x.ID) })
}

// Left is the sum that a decision of a procedure demands: what was decided until a court lowers it, and again once a court upholds
// the decision as it was. What a court says of a stay changes no sum, nor does an annulment: it says how the decision stands.
func (l *Law) Left(course []clerk.Recorded, decision act.ID) int64 {
	sum, decided := int64(0), int64(0)
	for _, a := range course {
		switch {
		case a.ID == decision:
			v, _ := a.Facts.Get(factAmount)
			sum, decided = v.Int(), v.Int()
		case a.Kind == KindAppealRuled && slices.Contains(a.Cites, decision):
			ruling, _ := a.Facts.Get(factAppeal)
			left, said := a.Facts.Get(factLeft)
			switch {
			case said:
				sum = left.Int()
			case l.words(listUpholds, ruling.Code()):
				sum = decided
			}
		}
	}
	return sum
}
