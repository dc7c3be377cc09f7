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
	"sanad/internal/kit/lang"
	"sanad/internal/office/clerk"
)

// dated is a command dated back to an instant, with something of its file for proof.
func dated(cmd clerk.Command, at act.Instant, shown act.ID) clerk.Command {
	cmd.Act.Effective, cmd.Act.Shown = at, shown
	return cmd
}

// What the house does itself is done as it is recorded: no letter, wait, draft, signature or decision takes an earlier date, whatever is
// shown for it.
func TestNothingDoneHereIsDatedBack(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	refused := func(what string, cmd clerk.Command) {
		t.Helper()
		acts := o.view("xx-tribune-1").Acts
		newest := acts[len(acts)-1]
		o.c.move(time.Hour)
		_, err := o.try(dated(cmd, newest.Effective, newest.ID))
		if got := blockedBy(t, err); !slices.Equal(got, []string{"law.block.here"}) {
			t.Errorf("%s: refused for %v", what, got)
		}
	}
	o.step("xx-tribune-1", "xx.ladder", "accuse")
	refused("a letter", o.routine("xx-tribune-1", "xx.ladder", "summon"))
	o.step("xx-tribune-1", "xx.ladder", "summon")
	nobody := func() error {
		cmd := o.routine("xx-ombudsman-1", "xx.ladder", "listen")
		cmd.Act.Facts = act.NewFacts(map[string]act.Value{"heard": act.OfBool(false)})
		_, err := o.try(cmd)
		return err
	}
	if got := blockedBy(t, nobody()); !slices.Equal(got, []string{"law.block.silent_until"}) {
		t.Errorf("nobody came, while they still may: %v", got)
	}
	o.onward(30)
	if err := nobody(); err != nil {
		t.Errorf("nobody came: %v", err)
	}
	refused("a wait", o.routine("xx-tribune-1", "xx.ladder", "consult"))
	o.step("xx-tribune-1", "xx.ladder", "consult")
	o.step("xx-ombudsman-1", "xx.ladder", "advise")
	o.step("xx-tribune-1", "xx.ladder", "know")
	refused("what is weighed", o.routine("xx-tribune-1", "xx.ladder", "ponder"))
	o.step("xx-tribune-1", "xx.ladder", "ponder")
	content := o.content("tithe")
	o.pen(content)
	refused("a signature", o.routine("xx-tribune-1", "xx.ladder", "set_hand"))
	for _, seat := range []string{"xx-tribune-1", "xx-ombudsman-1", "xx-arbiter-1"} {
		o.must(o.routine(seat, "xx.ladder", "set_hand"))
	}
	refused("a decision", o.deciding(content))
	o.must(o.deciding(content))
}

// The same of a decision under the played law, by a command and by a form that somebody else than our page sends.
func TestDecisionIsNotDatedBackOnThePage(t *testing.T) {
	t.Parallel()
	row := readOrders(t).Fines[0]
	o := newOrders(t, row.Protocol)
	content := sanction.Content{Rung: row.Rung, Amount: o.h.pack.Parameter("rung-" + row.Rung + "-amount").Value.Int(), Reasons: "Motifs."}
	cmd := o.letter(o.to("invite the party"), nil)
	cmd.Of, cmd.Seen = "case", 0
	began := o.must(cmd)
	o.file, o.runs[o.protocol] = began.File, began.Acts[0].Procedure.ID
	o.does("note what it said", nil, "Entendue.")
	o.does("set one against the other", nil, "Pesé.")
	drafted := o.does("write it", nil, jsonOf(t, content))
	head := o.does("sign as the head", nil, "").Acts[0]
	o.c.move(48 * time.Hour)
	last := o.does("sign as the second", nil, "").Acts[0]
	o.c.move(24 * time.Hour)
	deciding := func() clerk.Command { return o.asDrafted(o.plays.Decides, row.Rung, content, drafted) }
	for name, at := range map[string]act.Instant{"between two signatures": head.Effective.Add(time.Hour), "as of the last of them": last.Effective} {
		_, err := o.try(dated(deciding(), at, last.ID))
		if got := blockedBy(t, err); !slices.Equal(got, []string{"law.block.here"}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	fronts, err := o.h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	seat := o.by(o.plays.Decides)
	cookie, before := comeIn(t, o.h, fronts.console, seat), o.acts()
	body := url.Values{
		"protocol": {o.protocol}, "run": {o.runs[o.protocol].String()}, "step": {row.Rung}, "seen": {strconv.FormatInt(o.view(seat).Seen, 10)},
		"effective": {head.Effective.Time().Add(time.Hour).Format("2006-01-02T15:04")}, "shown": {last.ID.String()},
	}
	w := askConsole(t, fronts.console, http.MethodPost, "/file/"+o.file.String()+"/do?lang=fr", body.Encode(), cookie)
	if w.Code < 400 || w.Code >= 500 || o.acts() != before {
		t.Errorf("by a form: %d, %d acts more", w.Code, o.acts()-before)
	}
	o.must(deciding())
	_, err = o.try(dated(o.letter(o.to("tell the party"), nil), last.Effective, last.ID))
	if got := blockedBy(t, err); !slices.Equal(got, []string{"law.block.here"}) {
		t.Errorf("a letter dated back: %v", got)
	}
}
