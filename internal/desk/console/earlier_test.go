package console_test

import (
	"testing"
	"time"

	"sanad/internal/act"
)

// What the office does itself is done as it is recorded. Only what happened elsewhere is dated back: after what it follows, and shown by an
// act of the file that was recorded since. What is wrong is said beside its field, and nothing typed is lost.
func TestEarlierThanItIsRecorded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	file := h.receive("no", "a notice") // at nine
	h.legal.move(time.Hour)
	at := "/file/" + file.String()
	received := h.view("officer", file).Acts[0].ID.String()
	h.play([]scenario{
		{name: "who acknowledges does it now", who: "officer", method: "GET", url: at, status: 200, has: []string{`value="acknowledge"`}, hasNot: []string{"This happened earlier"}},
		{name: "and can't say otherwise", who: "officer", method: "POST", url: at + "/do", body: h.form("officer", file, "acknowledge", "effective", "2026-03-02T09:30", "shown", received), status: 400, has: []string{"effective"}},
	})
	h.perform("officer", file, "acknowledge")
	h.perform("officer", file, "assess", "fact.situation", "blackmail", "body", "An account threatens.")
	h.perform("officer", file, "invite", "body", "You are invited to speak.")
	invited := h.last("officer", file)
	h.legal.move(2 * time.Hour)
	h.perform("officer", file, "ask_opinion")
	asked := h.last("officer", file)
	h.legal.move(time.Hour) // it is one o'clock
	hear := func(heard, when, shown string) string {
		return h.form("officer", file, "hear", "fact.heard", heard, "body", "What they said.", "effective", when, "shown", shown)
	}
	beside := func(name, body, says string) scenario {
		return scenario{name: name, who: "officer", method: "POST", url: at + "/do", body: body, status: 422, has: []string{says, "What they said."}}
	}
	h.play([]scenario{
		{name: "a hearing was elsewhere", who: "officer", method: "GET", url: at, status: 200, has: []string{"This happened earlier", `name="effective"`}},
		beside("before they were invited", hear("yes", "2026-03-02T09:30", asked), "What this step follows happened only on Monday 2 March 2026 at 10:00."),
		beside("as they were invited", hear("yes", "2026-03-02T10:00", asked), "The date given is too early for a step that follows: Invite"),
		beside("shown by the invitation", hear("yes", "2026-03-02T11:00", invited), "What this step answers does not show when the answer came."),
		beside("shown by what was there before", hear("yes", "2026-03-02T12:30", asked), "That act was recorded before the date you give"),
		beside("that nobody was, while they may be", hear("no", "", ""), "There is time to speak until"),
		{name: "nothing was recorded", who: "officer", method: "GET", url: at, status: 200, hasNot: []string{"<h3>Hearing held</h3>"}},
		{name: "shown by what came since", who: "officer", method: "POST", url: at + "/do", body: hear("yes", "2026-03-02T11:00", asked), status: 303, to: at},
		{name: "and it says so", who: "officer", method: "GET", url: at, status: 200, has: []string{"<h3>Hearing held</h3>", "Effective on"}},
	})
}

// last is the newest act of a file that somebody sees.
func (h *house) last(role string, file act.ID) string {
	h.t.Helper()
	acts := h.view(role, file).Acts
	return acts[len(acts)-1].ID.String()
}
