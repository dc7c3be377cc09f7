package app

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/request"
	"sanad/internal/kit/fault"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// whom is the sealed half of a request or an order about some accounts.
func whom(t testing.TB, names ...string) (n act.Value, body string) {
	t.Helper()
	var all []request.Identifier
	for _, name := range names {
		all = append(all, request.Identifier{Kind: request.Account, Value: name})
	}
	return act.OfInt(int64(len(names))), jsonOf(t, map[string]any{"identifiers": all, "reasons": "it wrote to children"})
}

// Data kept of one account are never the reason to ask for another's: not in the same procedure, whoever asks and in whatever haste.
// Two ways to write one account are one; an order of another procedure counts where it was sent, runs, and is to the same platform.
func TestDemandStandsOnWhatIsKept(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	other := o.enrol(true)
	for _, c := range []struct {
		name        string
		asks, keeps []string
		more        func() // besides what the procedure itself keeps
		missing     int    // 0: it leaves
	}{
		{"of the account that is kept", []string{"player_7"}, []string{"player_7"}, nil, 0},
		{"of the account that is kept, written otherwise", []string{"@Player_7"}, []string{"player_7"}, nil, 0},
		{"of one of two that an order of its own keeps", []string{"player_8"}, []string{"player_7"}, func() { o.keeps(o.platform, true, "player_8", "player_9") }, 0},
		{"of another account", []string{"player_8"}, []string{"player_7"}, nil, 1},
		{"of the account that is kept and of two others", []string{"player_7", "player_8", "player_9"}, []string{"player_7"}, nil, 2},
		{"of another account, which an order of its own keeps", []string{"player_8"}, []string{"player_7"}, func() { o.keeps(o.platform, true, "player_8") }, 0},
		{"of another account, whose order was never sent", []string{"player_8"}, []string{"player_7"}, func() { o.keeps(o.platform, false, "player_8") }, 1},
		{"of another account, which another platform keeps", []string{"player_8"}, []string{"player_7"}, func() { o.keeps(other, true, "player_8") }, 1},
		{"of another account, whose order was let go", []string{"player_8"}, []string{"player_7"}, func() {
			o.keeps(o.platform, true, "player_8")
			o.do("xx-envoy-1", "xx.hold", "let_go", nil, harmless)
		}, 1},
	} {
		for _, step := range []string{"dispatch", "dispatch_now"} {
			o.openCase("contact")
			o.drawsAndKeeps(c.asks, c.keeps)
			o.do("xx-warden-1", "xx.demand", "vouch", map[string]act.Value{"urgency": act.OfBool(true)}, harmless)
			if c.more != nil {
				c.more()
			}
			o.leaves(c.name, o.routine("xx-envoy-1", "xx.demand", step), c.missing)
		}
	}
	// What an order keeps until a day that is past, nobody keeps.
	o.openCase("contact")
	o.keeps(o.platform, true, "player_8")
	o.c.move(16 * 24 * time.Hour)
	o.drawsAndKeeps([]string{"player_8"}, []string{"player_7"})
	o.leaves("of an account that was kept until yesterday", o.routine("xx-envoy-1", "xx.demand", "dispatch"), 1)
}

// drawsAndKeeps draws a request about some accounts up, and has the data of some kept in its own procedure.
func (o *desks) drawsAndKeeps(asks, keeps []string) {
	o.t.Helper()
	delete(o.runs, "xx.demand")
	n, body := whom(o.t, asks...)
	o.do("xx-envoy-1", "xx.demand", "draw_up", altered(o.prepared(), map[string]act.Value{"identifiers": n, "urgent": act.OfBool(true)}), body)
	n, body = whom(o.t, keeps...)
	o.do("xx-envoy-1", "xx.demand", "hold_data", altered(o.held(), map[string]act.Value{"identifiers": n}), body)
	o.step("xx-envoy-1", "xx.demand", "post_hold")
}

// keeps orders by itself that data of some accounts be kept for fifteen days, and sends it.
func (o *desks) keeps(platform act.ID, sent bool, names ...string) {
	o.t.Helper()
	delete(o.runs, "xx.hold")
	n, body := whom(o.t, names...)
	held := map[string]act.Value{"platform": act.OfID(platform), "identifiers": n, "expires_on": act.OfDate(o.c.now().AddDate(0, 0, 15))}
	o.do("xx-envoy-1", "xx.hold", "seize_moment", altered(o.held(), held), body)
	if sent {
		o.step("xx-envoy-1", "xx.hold", "post_hold")
	}
}

// leaves sees that a demand leaves, or is refused for so many accounts that no order keeps, and leaves nothing then.
func (o *desks) leaves(name string, cmd clerk.Command, missing int) {
	o.t.Helper()
	before := fmt.Sprint(o.everything())
	_, err := o.try(cmd)
	if missing == 0 {
		if err != nil {
			o.t.Errorf("%s, %s: %v", cmd.Step, name, err)
		}
		return
	}
	e := fault.Of(err)
	if fault.CodeOf(err) != fault.ClosedGate || e == nil || e.Key != "request.kept.others" || e.Args["count"] != missing {
		o.t.Errorf("%s, %s: %v", cmd.Step, name, err)
	}
	if after := fmt.Sprint(o.everything()); after != before {
		o.t.Errorf("%s, %s: it left something", cmd.Step, name)
	}
}

// Under the played law, where orders to keep are procedures of their own: the gate sees an order to the same platform, and the desk
// whose data it keeps. A reminder demands nothing anew.
func TestDemandStandsOnAnOrderOfItsOwn(t *testing.T) {
	t.Parallel()
	kept := ""
	p := houseUnder(t, "demo", newClock()).pack
	for i := range p.Gates {
		p.Gates[i].Test.Walk(func(c *gate.Condition) {
			if c.Op == gate.Elsewhere {
				kept = p.Gates[i].ID
			}
		})
	}
	c := newClock()
	h := houseUnder(t, openAllGatesBut(t, func(id string) bool { return id == kept }), c)
	x := &country{desks: &desks{t: t, h: h, c: c, runs: map[string]act.ID{}, told: map[string]int{}}}
	x.preparing = x.find(func(s *protocol.Step) bool { return s.Kind == request.KindPrepared })
	x.preserving = x.find(func(s *protocol.Step) bool { return s.Kind == request.KindPreserved && s.After.IsStart() })
	x.opening = x.find(func(s *protocol.Step) bool {
		return slices.Contains(s.By, x.preserving.step.By[0]) && s.Kind == "case.opened"
	})
	x.serving = x.find(func(s *protocol.Step) bool { return slices.Contains(s.Gates, kept) })
	ordered := x.find(func(s *protocol.Step) bool {
		return s.Move == "send" && slices.Contains(s.After.All, x.preserving.step.ID)
	})
	first := func(list string) act.Value { return act.OfCode(h.pack.Words(list)[0]) }
	day := func(n int) act.Value { return act.OfDate(x.c.now().AddDate(0, 0, n)) }
	facts := map[string]act.Value{"platform": act.OfID(act.ID{0x70}), "offence": first("offences"), "identifiers": act.OfInt(1), "expires_on": day(40)}
	asked := map[string]act.Value{
		"platform": facts["platform"], "offence": facts["offence"], "identifiers": act.OfInt(1), "data": act.OfCodes(h.pack.Words("open_data")[0]),
		"protected": first("protected_persons"), "urgent": act.OfBool(false),
	}
	send := func(at stepOf) (*clerk.Done, error) {
		o := &orders{desks: x.desks, protocol: at.protocol}
		cmd := o.letter(part{Role: at.step.By[0], Step: at.step.ID}, nil)
		if f, is := cmd.Input.(*letters.Fields); is && at == ordered {
			f.Reasons = nil
		}
		return x.try(cmd)
	}
	ask := func(name string) error {
		delete(x.runs, x.preparing.protocol)
		_, body := whom(t, name)
		asked["confidential_until"] = day(20)
		x.do(x.seated(x.preparing), x.preparing.protocol, x.preparing.step.ID, asked, body)
		_, err := send(x.serving)
		return err
	}
	x.doNew(x.seated(x.opening), "case", x.opening.protocol, x.opening.step.ID, map[string]act.Value{
		"situation": act.OfCode(h.pack.Words("in_scope")[0]), "minor": act.OfBool(false),
	}, harmless)
	_, body := whom(t, "player_7")
	x.do(x.seated(x.preserving), x.preserving.protocol, x.preserving.step.ID, facts, body)
	_, err := send(ordered)
	if err != nil {
		t.Fatal(err)
	}
	err = ask("player_8")
	if e := fault.Of(err); e == nil || e.Key != "request.kept.others" || e.Args["count"] != 1 {
		t.Errorf("asked for another account than is kept: %v", err)
	}
	err = ask("player_7")
	if err != nil {
		t.Errorf("asked for the account that is kept: %v", err)
	}
	x.c.move(41 * 24 * time.Hour)
	var r *protocol.Refusal
	if err = ask("player_7"); !errors.As(err, &r) {
		t.Errorf("kept until yesterday: %v", err)
	}
}
