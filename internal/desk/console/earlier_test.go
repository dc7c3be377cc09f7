package console_test

import (
	"testing"
	"time"
)

// Nobody dates back what they do to before what it follows: an answer's clock must not have run out before the question was sent.
func TestEarlierThanWhatItFollows(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	file := h.receive("no", "a notice") // at nine
	h.legal.move(3 * time.Hour)
	at, shown := "/file/"+file.String(), h.view("officer", file).Acts[0].ID.String()
	form := func(when string) string {
		return h.form("officer", file, "acknowledge", "effective", when, "shown", shown)
	}
	h.play([]scenario{
		{name: "an hour before it came in", who: "officer", method: "POST", url: at + "/do", body: form("2026-03-02T08:00"), status: 422, has: []string{
			"What this step follows happened only on Monday 2 March 2026 at 09:00.", `value="2026-03-02T08:00"`,
		}},
		{name: "nothing was recorded", who: "officer", method: "GET", url: at, status: 200, hasNot: []string{"<h3>Notice acknowledged</h3>"}},
		{name: "the same minute", who: "officer", method: "POST", url: at + "/do", body: form("2026-03-02T09:00"), status: 303, to: at},
		{name: "and it says so", who: "officer", method: "GET", url: at, status: 200, has: []string{"<h3>Notice acknowledged</h3>", "Effective on"}},
	})
}
