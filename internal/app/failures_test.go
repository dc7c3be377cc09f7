package app

import (
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/request"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
)

// accusing opens a procedure against the platform at hand, citing some acts.
func (o *desks) accusing(platform act.ID, cites []act.ID, more map[string]act.Value) clerk.Command {
	o.t.Helper()
	o.openCase("contact")
	cmd := o.command("xx-tribune-1", "xx.ladder", "accuse", altered(map[string]act.Value{
		"platform": act.OfID(platform), "obligation": act.OfCode("replies"), "facts_from": act.OfDate(o.c.now().AddDate(0, 0, -10)),
	}, more), harmless)
	cmd.Act.Cites = cites
	return cmd
}

// Failures are those that somebody found, reported and did not take back, of that platform and not too old: nobody types how many.
func TestFailuresAreCounted(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	other := o.enrol(true)
	cited := slices.Clone(o.failed)
	counted := func(name string, platform act.ID, cites []act.ID, want int64) {
		t.Helper()
		said, there := o.must(o.accusing(platform, cites, nil)).Acts[0].Facts.Get("failures")
		if there != (want > 0) || said.Int() != want {
			t.Errorf("%s: %d, want %d", name, said.Int(), want)
		}
	}
	counted("both", o.platform, cited, 2)
	counted("one", o.platform, cited[:1], 1)
	counted("none cited", o.platform, nil, 0)
	counted("of another platform", other, cited, 0)
	counted("an act that reports no failure", o.platform, []act.ID{o.enrolled[o.platform]}, 0)
	for _, n := range []int64{0, 2, 3} {
		before := o.acts()
		_, err := o.try(o.accusing(o.platform, cited, map[string]act.Value{"failures": act.OfInt(n)}))
		e := fault.Of(err)
		if e == nil || len(e.Fields) != 1 || e.Fields[0].Key != "sanction.failures.typed" {
			t.Errorf("%d typed: %v", n, err)
		}
		if o.acts() != before+1 { // the case it was tried in
			t.Errorf("%d typed: it left something", n)
		}
	}
	listed := func(want int) {
		t.Helper()
		var got []act.ID
		err := o.h.clerk.Read(t.Context(), func(tx clerk.Tx) (err error) {
			got, err = request.Store{Law: o.asks}.Reports(t.Context(), tx, o.seat("xx-tribune-1"), o.platform)
			return err
		})
		if err != nil || len(got) != want {
			t.Errorf("%d reports are offered, want %d (%v)", len(got), want, err)
		}
	}
	listed(2)
	// A failure is reported once it is proven, and can be taken back while its request is open.
	o.openCase("contact")
	var runs []act.ID
	for range 2 {
		o.drawn(map[string]act.Value{"urgent": act.OfBool(true)})
		o.do("xx-warden-1", "xx.demand", "vouch", map[string]act.Value{"urgency": act.OfBool(true)}, harmless)
		o.step("xx-envoy-1", "xx.demand", "dispatch_now")
		runs = append(runs, o.runs["xx.demand"])
	}
	o.c.move(73 * time.Hour)
	o.tick()
	for _, run := range runs {
		o.runs["xx.demand"] = run
		o.step("xx-envoy-1", "xx.demand", "call_again")
	}
	o.c.move(37 * time.Hour)
	o.tick()
	o.do("xx-tribune-1", "xx.demand", "establish_default", map[string]act.Value{"proven": act.OfBool(true)}, harmless)
	told := o.step("xx-tribune-1", "xx.demand", "report_default").Acts[0]
	if v, _ := told.Facts.Get("failed_platform"); v.String() != o.platform.String() {
		t.Errorf("the report is about %s", v)
	}
	o.runs["xx.demand"] = runs[0]
	o.do("xx-tribune-1", "xx.demand", "establish_default", map[string]act.Value{"proven": act.OfBool(false)}, harmless)
	_, err := o.try(o.routine("xx-tribune-1", "xx.demand", "report_default"))
	if e := fault.Of(err); fault.CodeOf(err) != fault.ClosedGate || e == nil || e.Key != "request.failure.none" {
		t.Errorf("reported though it is not proven: %v", err)
	}
	listed(3)
	file := o.file
	three := append(slices.Clone(cited), told.ID)
	counted("three", o.platform, three, 3)
	o.file, o.runs = file, map[string]act.ID{"xx.demand": runs[1]}
	o.do("xx-tribune-1", "xx.demand", "unsay_default", nil, "")
	counted("one of them taken back", o.platform, three, 2)
	listed(2)
	// The pack's nine months.
	o.c.move(280 * 24 * time.Hour)
	counted("older than the law lets count", o.platform, three, 0)
}
