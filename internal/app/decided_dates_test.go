package app

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/sanction"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/office/clerk"
)

// dated is a command dated back to an instant, with something of its file for proof.
func dated(cmd clerk.Command, at act.Instant, shown act.ID) clerk.Command {
	cmd.Act.Effective, cmd.Act.Shown = at, shown
	return cmd
}

// A decision is taken when the last of those it needs has signed: until then it was a draft. It can be dated back to that instant, and to
// none before, nor into the future.
func TestDecisionIsNotOlderThanItsSignatures(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.heard()
	o.step("xx-tribune-1", "xx.ladder", "ponder")
	content := o.content("tithe")
	o.pen(content)
	first := o.view("xx-tribune-1").Acts
	drafted := first[len(first)-1]
	o.c.move(24 * time.Hour)
	o.pen(content) // drafted anew
	o.c.move(24 * time.Hour)
	early := dated(o.routine("xx-tribune-1", "xx.ladder", "set_hand"), drafted.Effective.Add(time.Hour), drafted.ID)
	_, err := o.try(early)
	if got := blockedBy(t, err); !slices.Equal(got, []string{"law.block.earlier"}) {
		t.Errorf("a signature before the draft that stands: %v", got)
	}
	var signed []clerk.Recorded
	for _, seat := range []string{"xx-tribune-1", "xx-ombudsman-1", "xx-arbiter-1"} {
		signed = append(signed, o.must(o.routine(seat, "xx.ladder", "set_hand")).Acts[0])
		o.c.move(24 * time.Hour)
	}
	shown := signed[2].ID
	for name, c := range map[string]struct {
		at   act.Instant
		want []string
	}{
		"before the draft":             {drafted.Effective, []string{"law.block.earlier", "law.block.earlier", "law.block.hasty"}},
		"between two signatures":       {signed[1].Effective, []string{"law.block.hasty"}},
		"a moment before the last one": {signed[2].Effective.Add(-time.Millisecond), []string{"law.block.hasty"}},
	} {
		_, err := o.try(dated(o.deciding(content), c.at, shown))
		if got := blockedBy(t, err); !slices.Equal(got, c.want) {
			t.Errorf("%s: refused for %v, want %v", name, got, c.want)
		}
	}
	_, err = o.try(dated(o.deciding(content), act.InstantOf(o.c.now().Add(time.Minute)), shown))
	if e := fault.Of(err); e == nil || e.Key != "error.effective_future" {
		t.Errorf("in the future: %v", err)
	}
	done := o.must(dated(o.deciding(content), signed[2].Effective, shown)).Acts[0]
	day, _ := done.Facts.Get("imposed_on")
	if got, _ := day.Date(); got.Format(time.DateOnly) != signed[2].Effective.Time().Format(time.DateOnly) {
		t.Errorf("imposed on %v, signed last at %s", got, signed[2].Effective)
	}
}

// How long a measure may last is counted from the day as of which it is decided, not from when somebody records that.
func TestLongestIsCountedFromTheDecision(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.heard()
	o.climb("tithe")
	o.onward(50)
	o.step("xx-tribune-1", "xx.ladder", "ponder")
	content := o.content("reproof")
	content.Expires = o.c.now().AddDate(0, 6, 8).Format(time.DateOnly) // six months, and eight days
	o.signed(content)
	acts := o.view("xx-tribune-1").Acts
	signed := acts[len(acts)-1]
	o.c.move(10 * 24 * time.Hour)
	_, err := o.try(dated(o.deciding(content), signed.Effective, signed.ID))
	e := fault.Of(err)
	if e == nil || !slices.ContainsFunc(e.Fields, func(f fault.Field) bool { return f.Name == "expires_on" && f.Key == "sanction.expires.long" }) {
		t.Errorf("decided ten days ago for more than six months: %v", err)
	}
	o.must(o.deciding(content))
}

// The same under the played law, by a command and by a form that somebody else than our page sends.
func TestDecisionIsNotOlderThanItsSignaturesOnThePage(t *testing.T) {
	t.Parallel()
	row := readOrders(t).Fines[0]
	o := newOrders(t, row.Protocol)
	content := sanction.Content{Rung: row.Rung, Amount: o.h.pack.Parameter("rung-" + row.Rung + "-amount").Value.Int(), Reasons: "Motifs."}
	cmd := o.letter("rapporteur", "invite", nil)
	cmd.Of, cmd.Seen = "case", 0
	began := o.must(cmd)
	o.file, o.runs[o.protocol] = began.File, began.Acts[0].Procedure.ID
	o.does("rapporteur", "hear", map[string]act.Value{"heard": act.OfBool(true)}, "Entendue.")
	o.does("rapporteur", "weigh", nil, "Pesé.")
	drafted := o.does("rapporteur", "draft", nil, jsonOf(t, content))
	head := o.does("head", "sign", nil, "").Acts[0]
	o.c.move(48 * time.Hour)
	last := o.does("signer", "sign", nil, "").Acts[0]
	o.c.move(24 * time.Hour)
	opened, err := o.h.clerk.Open(t.Context(), o.seat(o.by("rapporteur")), drafted.Acts[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	deciding := func() clerk.Command {
		return o.command(o.by("head"), o.protocol, row.Rung, inClear(content), string(opened.Body))
	}
	_, err = o.try(dated(deciding(), head.Effective.Add(time.Hour), last.ID))
	if got := blockedBy(t, err); !slices.Equal(got, []string{"law.block.hasty"}) {
		t.Errorf("between two signatures: %v", got)
	}
	fronts, err := o.h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	seat := o.by("head")
	cookie, before := comeIn(t, o.h, fronts.console, seat), o.acts()
	body := url.Values{
		"protocol": {o.protocol}, "run": {o.runs[o.protocol].String()}, "step": {row.Rung}, "seen": {strconv.FormatInt(o.view(seat).Seen, 10)},
		"effective": {head.Effective.Time().Add(time.Hour).Format("2006-01-02T15:04")}, "shown": {last.ID.String()},
	}
	w := askConsole(t, fronts.console, http.MethodPost, "/file/"+o.file.String()+"/do?lang=fr", body.Encode(), cookie)
	if w.Code < 400 || w.Code >= 500 || o.acts() != before {
		t.Errorf("by a form: %d, %d acts more", w.Code, o.acts()-before)
	}
	o.must(dated(deciding(), last.Effective, last.ID))
}
