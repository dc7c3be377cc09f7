package app

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"sanad/internal/act"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/desk/notice"
	"sanad/internal/desk/register"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// freezing is a house in which every assessment that says so follows into a register, in ways a test chooses. No desk does this:
// it shows what any desk may.
type freezing struct {
	*player
	register act.ID
	opened   []string // what it held before
}

// follows is the Input of an assessment: what is recorded after it.
type follows []act.Act

func newFreezing(t *testing.T, folder, url string, c *clock) *freezing {
	t.Helper()
	h := testHouse(t, folder, url, c)
	public := []string{access.Public}
	maps.Copy(h.clerk.Plain, map[string]clerk.Plain{
		register.KindFrozen: {Compartments: public, Follows: true},
		register.KindThawed: {Compartments: public, Follows: true},
	})
	h.clerk.Deciders[notice.KindAssessed] = func(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
		own := cmd.Act
		own.Kind = notice.KindAssessed
		more, _ := cmd.Input.(follows)
		return append([]act.Act{own}, more...), nil
	}
	f := &freezing{player: newPlayer(t, h, c), register: h.registerFile()}
	f.opened = f.kinds(f.register)
	f.receive(yes())
	f.do("xx-officer-1", "acknowledge", nil, nil)
	return f
}

// frozen is an act of the register that follows.
func (f *freezing) frozen(is bool) act.Act {
	kind := register.KindFrozen
	if !is {
		kind = register.KindThawed
	}
	return act.Act{Kind: kind, In: f.register, Facts: act.NewFacts(map[string]act.Value{"frozen": act.OfBool(is)}), Body: []byte("{}")}
}

// assess is the command of an assessment with what follows. Its author has seen all of a file on which nothing is done meanwhile.
func (f *freezing) assess(more ...act.Act) clerk.Command {
	cmd := f.command("xx-officer-1", "assess", f.assessment(), []byte(plainBody))
	cmd.Seen = act.MaxInt
	cmd.Input = follows(more)
	return cmd
}

func (f *freezing) kinds(of act.ID) []string {
	f.t.Helper()
	v, err := f.h.clerk.View(f.t.Context(), f.seat("xx-visitor-1"), of)
	if err != nil {
		f.t.Fatal(err)
	}
	var out []string
	for _, a := range v.Acts {
		out = append(out, a.Kind)
	}
	return out
}

func (f *freezing) sound() {
	f.t.Helper()
	f.h.checkpoint(f.t)
	if r := f.h.verify(f.t); len(r.Problems) > 0 {
		f.t.Fatalf("%+v", r.Problems)
	}
}

// What a decision adds in another file is recorded with it, several commands of one commit and several acts of one command among
// them, and both files stay readable from their newest act backwards.
func TestFollowsInAnotherFile(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		f := newFreezing(t, t.TempDir(), url, newClock())
		own := f.frozen(true)
		own.In, own.Kind, own.Facts, own.Body = f.file, notice.KindAssessed, act.NewFacts(f.assessment()), []byte(plainBody)
		done, errs := atOnce(t, f.h, f.assess(f.frozen(true)), f.assess(f.frozen(false), own, f.frozen(true)), f.assess(), f.assess(f.frozen(false)))
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if n := len(done[1].Acts); n != 4 || done[1].File != f.file || done[1].Acts[0].File != f.file || done[1].Acts[1].File != f.register ||
			done[1].Acts[2].File != f.file || done[1].Acts[2].Procedure != nil || done[1].Acts[3].File != f.register {
			t.Fatalf("%d acts: %+v", n, done[1].Acts)
		}
		f.do("xx-officer-1", "assess", f.assessment(), []byte(plainBody))
		want := append(f.opened, register.KindFrozen, register.KindThawed, register.KindFrozen, register.KindThawed)
		if got := f.kinds(f.register); !slices.Equal(got, want) {
			t.Fatalf("the register holds %v", got)
		}
		if n := len(f.view("xx-officer-1").Acts); n != 2+6 {
			t.Fatalf("the notice holds %d acts", n)
		}
		f.sound()
		// And once more when nothing is at hand any more.
		one := f.assess(f.frozen(true))
		officers := f.h.clerk
		c := f.c
		if err := f.h.shut(); err != nil {
			t.Fatal(err)
		}
		again, err := build(t.Context(), plan{folder: f.h.folder, url: f.h.url, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("again"), log: testLog(t)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = again.shut() })
		again.clerk.Plain, again.clerk.Deciders = officers.Plain, officers.Deciders
		f.h = again
		_, err = again.clerk.Do(t.Context(), one)
		if err != nil || len(f.kinds(f.register)) != len(want)+1 {
			t.Fatal(err)
		}
		f.sound()
	})
}

// A command that is refused for what was to follow leaves nothing in either file, whatever is done beside it.
func TestRefusedInTwoFiles(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		f := newFreezing(t, t.TempDir(), url, newClock())
		noBody, noFact, nowhere, cites := f.frozen(true), f.frozen(true), f.frozen(true), f.frozen(true)
		noBody.Body = nil
		noFact.Facts = nil
		nowhere.In = act.ID{7}
		walled := f.frozen(true)
		walled.Add, walled.Cites = []string{"wall.q"}, []act.ID{{8}}
		secret := f.view("xx-officer-1").Acts[0]
		cites.Cites = []act.ID{secret.ID} // the register's readers may not know of it
		before := tally(t, f.h)
		bad := []struct {
			code fault.Code
			more []act.Act
		}{
			{fault.Invalid, []act.Act{f.frozen(true), noBody}},
			{fault.Invalid, []act.Act{f.frozen(true), f.frozen(false), noFact}},
			{fault.NotFound, []act.Act{f.frozen(true), nowhere}},
			{fault.Invalid, []act.Act{f.frozen(true), cites}},
			{fault.Invalid, []act.Act{f.frozen(true), walled}},
		}
		var cmds []clerk.Command
		for _, b := range bad {
			cmds = append(cmds, f.assess(b.more...))
		}
		_, errs := atOnce(t, f.h, cmds...)
		for i, b := range bad {
			if fault.CodeOf(errs[i]) != b.code {
				t.Errorf("command %d: %v, want %s", i, errs[i], b.code)
			}
		}
		if after := tally(t, f.h); !maps.Equal(before, after) {
			t.Fatalf("%v became %v", before, after)
		}
		// Between others that are done.
		_, errs = atOnce(t, f.h, f.assess(f.frozen(true)), cmds[1], f.assess(f.frozen(false)), cmds[2], f.assess())
		for i, want := range []fault.Code{"", fault.Invalid, "", fault.NotFound, ""} {
			if fault.CodeOf(errs[i]) != want || want == "" && errs[i] != nil {
				t.Errorf("command %d: %v, want %q", i, errs[i], want)
			}
		}
		if after := tally(t, f.h); after["act"] != before["act"]+5 || after["state"] != before["state"] {
			t.Fatalf("%v became %v", before, after)
		}
		if got := f.kinds(f.register); !slices.Equal(got, append(f.opened, register.KindFrozen, register.KindThawed)) {
			t.Fatalf("the register holds %v", got)
		}
		f.sound()
	})
}

// Only a desk's decision may follow into another file, never as its first act, and only with kinds the house says who may read.
func TestOnlyDecisionsFollow(t *testing.T) {
	t.Parallel()
	f := newFreezing(t, t.TempDir(), "", newClock())
	before := tally(t, f.h)
	refused := func(what string, code fault.Code, cmd clerk.Command) {
		t.Helper()
		_, err := f.h.clerk.Do(t.Context(), cmd)
		if fault.CodeOf(err) != code {
			t.Errorf("%s: %v, want %s", what, err, code)
		}
	}
	by := f.frozen(true)
	by.In = act.ID{}
	refused("what follows, by itself", fault.Invalid, clerk.Command{Mandate: f.seat("xx-head-1"), File: f.register, Kind: register.KindFrozen, Seen: act.MaxInt, Act: by})
	caller := newNotice(f.h, 9)
	caller.Act.In = f.register
	refused("a caller's own wish", fault.Invalid, caller)
	unsaid := f.frozen(true)
	unsaid.Kind = register.KindEntered
	delete(f.h.clerk.Plain, register.KindEntered)
	refused("a kind nobody says who reads", fault.Unavailable, f.assess(unsaid))
	refused("what only machines do", fault.Unavailable, f.assess(act.Act{Kind: act.DeadlineLapsed}))
	f.h.clerk.Deciders[notice.KindAssessed] = func(*protocol.State, *clerk.Command, act.Instant) ([]act.Act, error) {
		a := f.frozen(true)
		a.Kind = notice.KindAssessed
		return []act.Act{a}, nil
	}
	refused("the first act", fault.Unavailable, f.assess())
	if after := tally(t, f.h); !maps.Equal(before, after) {
		t.Fatalf("%v became %v", before, after)
	}
}

// What only the engine may say of clocks, an act that no protocol rules does not say, whoever asks for it.
func TestPlainActsSayNothingOfClocks(t *testing.T) {
	t.Parallel()
	f := newFreezing(t, t.TempDir(), "", newClock())
	f.h.clerk.Plain[notice.KindAssessed] = clerk.Plain{Compartments: []string{access.Public}}
	facts := f.assessment()
	for _, name := range protocol.ClockFacts() {
		facts[name] = act.OfCodes("receive")
	}
	facts[protocol.FactMore] = act.OfCode("receive")
	done, err := f.h.clerk.Do(t.Context(), clerk.Command{
		Mandate: f.seat("xx-officer-1"), File: f.file, Kind: notice.KindAssessed, Seen: act.MaxInt, Act: act.Act{Facts: act.NewFacts(facts), Body: []byte(plainBody)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range done.Acts[0].Facts {
		if slices.Contains(protocol.ClockFacts(), said.Name) {
			t.Errorf("it says %s", said.Name)
		}
	}
	f.sound()
}

// A pure decision sees what the law allows its step with; what a caller gives for it is worth nothing.
func TestDecideSeesItsGrant(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	var seen *protocol.Grant
	keep := func(kind string) {
		h.clerk.Deciders[kind] = func(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
			seen = cmd.Grant
			a := cmd.Act
			a.Kind = kind
			return []act.Act{a}, nil
		}
	}
	keep(notice.KindReceived)
	cmd := newNotice(h, 1)
	cmd.Grant = &protocol.Grant{Law: "a lie"}
	done, err := h.clerk.Do(t.Context(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	if seen == nil || seen.Law != h.pack.Version() || seen.Place.Step != h.notice.Receive || !slices.Equal(seen.Deadlines, done.Acts[0].Deadlines) || len(seen.Deadlines) == 0 || !seen.Opens {
		t.Fatalf("%+v", seen)
	}
	if cmd.Grant.Law != "a lie" {
		t.Fatal("the caller's command was changed")
	}
	h.clerk.Plain[register.KindOpened] = clerk.Plain{Compartments: []string{access.Public}}
	keep(register.KindOpened)
	_, err = h.clerk.Do(t.Context(), clerk.Command{Mandate: h.notice.Intake, Of: register.Sort, Kind: register.KindOpened, Grant: cmd.Grant})
	if err != nil || seen != nil {
		t.Fatalf("%v %+v", err, seen)
	}
}

// A list of commands is done in its order, many to a commit, and gives the same log each time and on either engine.
func TestDoAll(t *testing.T) {
	t.Parallel()
	const many = 300 // more than share a commit
	play := func(t *testing.T, url string) string {
		t.Helper()
		f := newFreezing(t, t.TempDir(), url, newClock())
		before := tally(t, f.h)
		cmds := []clerk.Command{f.assess(f.frozen(true))}
		for i := range many {
			n := newNotice(f.h, byte(i))
			n.Act.Commits[0].Sum[1] = byte(i >> 8)
			cmds = append(cmds, n)
		}
		bad := f.assess(f.frozen(true), act.Act{Kind: register.KindFrozen, In: act.ID{7}})
		cmds = append(cmds, bad, f.assess(f.frozen(false)), f.assess(f.frozen(true)))
		got := f.h.clerk.DoAll(t.Context(), cmds)
		if len(got) != len(cmds) {
			t.Fatalf("%d answers", len(got))
		}
		last := int64(0)
		for i, r := range got {
			if i == many+1 {
				if fault.CodeOf(r.Err) != fault.NotFound {
					t.Errorf("command %d: %v", i, r.Err)
				}
				continue
			}
			if r.Err != nil || r.Out.Acts[0].Seq <= last {
				t.Fatalf("command %d: %v", i, r.Err)
			}
			last = r.Out.Acts[0].Seq
		}
		after := tally(t, f.h)
		if after["act"] != before["act"]+many+6 || after["hash"] != before["hash"]+2 {
			t.Errorf("%v became %v", before, after)
		}
		f.sound()
		return f.h.verify(t).Root.String()
	}
	root := play(t, "")
	if again := play(t, ""); again != root {
		t.Fatalf("the same commands gave %s and %s", root, again)
	}
	t.Run("postgres", func(t *testing.T) {
		if pg := play(t, storetest.Postgres(t)); pg != root {
			t.Fatalf("PostgreSQL gave %s, SQLite %s", pg, root)
		}
	})
}
