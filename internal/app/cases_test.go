package app

import (
	"testing"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// A notice is joined to a case by an act citing both; a citation never tells anyone of an act they may not read.
func TestCase(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	child := p.view("xx-officer-1").Acts[0].ID
	p.receive(new(false))
	plain := p.view("xx-officer-1").Acts[0].ID
	open := func(minor bool) *clerk.Done {
		t.Helper()
		done, err := h.clerk.Do(t.Context(), clerk.Command{
			Mandate: p.seat("xx-officer-1"), Of: cases.Sort, Protocol: "xx.case", Step: "open",
			Act: act.Act{Facts: act.NewFacts(map[string]act.Value{"situation": act.OfCode("contact"), "minor": act.OfBool(minor)}), Body: []byte(plainBody)},
		})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	join := func(file *clerk.Done, cites ...act.ID) error {
		t.Helper()
		p.file = file.File
		_, err := h.clerk.Do(t.Context(), clerk.Command{
			Mandate: p.seat("xx-officer-1"), File: file.File, Protocol: "xx.case", Procedure: file.Acts[0].Procedure.ID, Step: "join",
			Seen: p.view("xx-officer-1").Seen, Act: act.Act{Cites: cites},
		})
		return err
	}
	walled, wide := open(true), open(false)
	for _, id := range []act.ID{child, plain} {
		if err := join(walled, id); err != nil {
			t.Fatal(err)
		}
	}
	if err := join(wide, plain); err != nil {
		t.Fatal(err)
	}
	for name, refused := range map[string]error{
		"a notice some readers of the case may not see": join(wide, child),
		"two at once":           join(walled, child, plain),
		"none":                  join(walled),
		"one that is not there": join(walled, act.ID{7}),
	} {
		if fault.CodeOf(refused) != fault.Invalid {
			t.Errorf("%s: %v", name, refused)
		}
	}
	h.checkpoint(t)
	if r := h.verify(t); len(r.Problems) > 0 {
		t.Fatalf("%+v", r.Problems)
	}
}
