package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/desk/notice"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
	"sanad/packs"
)

// packEdit replaces words of a pack's file.
type packEdit struct{ old, now string }

// copyPack writes a copy of the invented country's pack into a folder, with some words changed.
func copyPack(t testing.TB, edits map[string]packEdit) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "copy")
	from, err := packs.Open("xx")
	if err != nil {
		t.Fatal(err)
	}
	err = os.CopyFS(folder, from)
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range edits {
		b, err := fs.ReadFile(from, name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(b), e.old) != 1 {
			t.Fatalf("%s holds %q %d times", name, e.old, strings.Count(string(b), e.old))
		}
		err = os.WriteFile(filepath.Join(folder, name), []byte(strings.Replace(string(b), e.old, e.now, 1)), 0o600)
		if err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func (o *desks) step(seat, protocol, step string) *clerk.Done {
	o.t.Helper()
	return o.must(o.routine(seat, protocol, step))
}

// routine is what a seat says when it does a step without anything special: facts and body as they usually are.
func (o *desks) routine(seat, protocol, step string) clerk.Command {
	o.t.Helper()
	yes, no := act.OfBool(true), act.OfBool(false)
	day := func(n int) act.Value { return act.OfDate(o.c.now().AddDate(0, 0, n)) }
	code := func(name, word string) map[string]act.Value { return map[string]act.Value{name: act.OfCode(word)} }
	facts, body := map[string]act.Value(nil), harmless
	var cites []act.ID
	switch step {
	case "draw_up":
		facts, body = o.prepared(), oneAccount
	case "draw_up_now":
		step, facts, body = "draw_up", altered(o.prepared(), map[string]act.Value{"urgent": yes}), oneAccount
	case "hold_data", "seize_moment", "prolong":
		facts, body = o.held(), oneAccount
		if step == "prolong" {
			facts["expires_on"] = day(25)
		}
	case "allow":
		facts = map[string]act.Value{"leave": yes}
	case "vouch":
		facts = map[string]act.Value{"urgency": yes}
	case "dispatch":
		facts = lettered("demand")
	case "dispatch_now":
		facts = lettered("urgent_demand")
	case "call_again":
		facts = lettered("second_call")
	case "post_hold":
		facts = lettered("hold_order")
	case "announce":
		facts = lettered("duty_notice")
	case "summon", "summon_again":
		facts = lettered("summons")
	case "note_arrival":
		facts = code("receipt", "taken")
	case "report_default":
		body = ""
	case "take_reply":
		facts = code("completeness", "whole")
	case "take_part":
		step, facts = "take_reply", code("completeness", "some")
	case "establish_default":
		facts = map[string]act.Value{"proven": yes}
	case "go_abroad":
		facts = code("route", "treaty")
	case "settle":
		facts = code("outcome", "used")
	case "charge", "accuse":
		facts = map[string]act.Value{"platform": act.OfID(o.platform), "obligation": act.OfCode("design"), "facts_from": day(-40)}
		cites = o.failed
	case "fulfil", "name_delegate":
		facts = map[string]act.Value{"complied": yes}
	case "mend":
		facts = map[string]act.Value{"complied": yes, "evolution": yes}
	case "rest", "forsake", "conclude", "conclude_purse", "conclude_veil":
		facts = code("outcome", "ended")
	case "listen", "listen_again":
		facts = map[string]act.Value{"heard": yes}
	case "advise":
		facts = code("rights_opinion", "assent")
	case "know":
		for i, source := range []string{"newspaper", "charity", "classroom", "newspaper"} {
			cites = append(cites, o.alertOf(source, "Example "+source, 60-20*i))
		}
		facts = map[string]act.Value{"alerts": act.OfInt(4), "alert_sources": act.OfInt(3), "alert_days": act.OfInt(50), "refused_change": yes}
	case "ponder", "ponder_again":
		facts = o.pondered()
	case "rule_on", "rule_again":
		facts = code("ruling", "granted")
	case "uncover":
		facts = map[string]act.Value{"active": yes, "proof": act.OfCode("judgment")}
	case "carry_out":
		facts = map[string]act.Value{"executed": yes}
	case "lodge":
		facts = map[string]act.Value{"stay_asked": yes}
	case "judge_lodged":
		facts = code("appeal", "confirmed")
	case "proclaim", "proclaim_longer":
		facts = map[string]act.Value{"entry": act.OfCode("measure"), "state": act.OfCode("stands"), "decided_on": day(0)}
		body = toAll
	case "set_hand", "hand_again", "consult", "acknowledge", "heed", "taken_up", "received_there", "name_door", "pass_on", "rush_over":
		body = ""
	case "raise_alarm", "take_down":
		facts = map[string]act.Value{"situation": act.OfCode("contact"), "minor": no}
		if step == "take_down" {
			facts["situation"] = act.OfCode("quarrel")
		}
	}
	switch step {
	case "name_door", "pass_on", "rush_over":
		facts = code("door", "mediator")
	case "shelve", "stand_down", "shut":
		facts = code("outcome", "elsewhere")
	}
	if o.say[step] != nil {
		facts = o.say[step]
	}
	cmd := o.command(seat, protocol, step, facts, body)
	cmd.Act.Cites = cites
	if step == "dispatch" || step == "summon" || step == "summon_again" { // letters that the pack words
		words := letters.Words{"en": "harmless words for a test"}
		cmd.Act.Body = nil
		cmd.Input = &letters.Fields{
			Sender: "xx-office", Addressee: letters.Addressee{Name: "Example Play Ltd", Address: "1 Example Street"}, Facts: words, Reasons: words, Ask: words,
		}
	}
	if step == "raise_alarm" || step == "take_down" {
		cmd.Act.Commits = []act.Commit{{Name: notice.CommitCode, Sum: [32]byte{7}}}
	}
	return cmd
}

// pondered is what opens every gate of the ladder that a weighing can open.
func (o *desks) pondered() map[string]act.Value {
	yes, no := act.OfBool(true), act.OfBool(false)
	day := func(n int) act.Value { return act.OfDate(o.c.now().AddDate(0, 0, n)) }
	return map[string]act.Value{
		"aim": act.OfCode("minors"), "scope": act.OfCode("account"), "decider": act.OfCode("court"), "lighter": act.OfCodes("tithe", "reproof"),
		"checks": act.OfCodes("purpose", "minimal"), "affected": act.OfInt(800), "tried": act.OfInt(2), "reasons": yes, "method": yes, "mitigation": yes,
		"schools": no, "emergency_calls": no, "shared_target": no, "child_weighed": yes, "children_heard": yes, "journalism": no, "evolution": no,
		"payment_insufficient": yes, "conflict_declared": no, "remedy_stated": yes, "raw_export": no, "expires_on": day(300), "review_on": day(200),
		"told_on": day(-1), "observed_on": day(-30),
	}
}
