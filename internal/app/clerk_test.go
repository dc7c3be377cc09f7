package app

import (
	"context"
	"errors"
	"io"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/desk/notice"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
	"sanad/internal/office/parties"
)

// atOnce hands commands to the clerk while the database is held, so that they share a commit, in their order.
func atOnce(t *testing.T, h *house, cmds ...clerk.Command) ([]*clerk.Done, []error) {
	t.Helper()
	done, errs := make([]*clerk.Done, len(cmds)), make([]error, len(cmds))
	var all sync.WaitGroup
	err := h.db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE head SET access = access WHERE id = 1") // what the clerk waits for
		if err != nil {
			return err
		}
		all.Go(func() { // a first command, that the others gather behind; there is no such file
			_, _ = h.clerk.Do(context.Background(), clerk.Command{Kind: act.DeadlineLapsed, File: act.ID{1}})
		})
		time.Sleep(100 * time.Millisecond)
		for i, cmd := range cmds {
			all.Go(func() { done[i], errs[i] = h.clerk.Do(context.Background(), cmd) })
			time.Sleep(10 * time.Millisecond)
		}
		return nil
	})
	all.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return done, errs
}

// tally counts the rows of every table that a command could write.
func tally(t testing.TB, h *house) map[string]int {
	t.Helper()
	n := map[string]int{}
	err := h.db.Read(t.Context(), func(tx *store.Tx) error {
		for _, table := range []string{"act", "hash", "state", "timer", "notice", "exhibit", "compartment", "audience", "audience_part", "may", "mandate"} {
			var rows int
			err := tx.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&rows)
			if err != nil {
				return err
			}
			n[table] = rows
		}
		var access int
		err := tx.QueryRow(t.Context(), "SELECT access FROM head").Scan(&access)
		n["access"] = access
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// newNotice is what the street door asks.
func newNotice(h *house, code byte) clerk.Command {
	return clerk.Command{
		Mandate: h.notice.Intake, Of: notice.Sort, Protocol: h.notice.Protocol, Step: h.notice.Receive,
		Act: act.Act{
			Facts: act.NewFacts(map[string]act.Value{"situation": act.OfCode("contact")}), Body: []byte(plainBody),
			Commits: []act.Commit{{Name: notice.CommitCode, Sum: [32]byte{code}}},
		},
	}
}

// A refused command leaves nothing: neither rows of its own, nor the compartment and audience it asked for.
func TestRefusedLeavesNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		p := newPlayer(t, h, c)
		p.receive(yes())
		p.do("xx-officer-1", "acknowledge", nil, nil)
		walled := func(seat, step string, facts map[string]act.Value, code string) clerk.Command {
			cmd := p.command(seat, step, facts, []byte(plainBody))
			cmd.Act.Add = []string{code}
			return cmd
		}
		before := tally(t, h)
		cited := walled("xx-officer-1", "assess", p.assessment(), "wall.c")
		cited.Act.Cites = []act.ID{{7}}
		_, errs := atOnce(t, h,
			walled("xx-head-1", "find", nil, "wall.a"),
			cited,
			walled("xx-officer-1", "assess", map[string]act.Value{"aim": act.OfCode("no such aim")}, "wall.d"),
			walled("xx-officer-1", "assess", p.assessment(), "not a code"),
		)
		for i, want := range []fault.Code{fault.ClosedGate, fault.Invalid, fault.Invalid, fault.Invalid} {
			if fault.CodeOf(errs[i]) != want {
				t.Errorf("command %d: %v, want %s", i, errs[i], want)
			}
		}
		if after := tally(t, h); !maps.Equal(before, after) {
			t.Fatalf("%v became %v", before, after)
		}
		// The same compartment, refused once and granted after, in one commit.
		_, errs = atOnce(t, h, walled("xx-head-1", "find", nil, "wall.e"), walled("xx-officer-1", "assess", p.assessment(), "wall.e"))
		if fault.CodeOf(errs[0]) != fault.ClosedGate || errs[1] != nil {
			t.Fatal(errs)
		}
		if after := tally(t, h); after["compartment"] != before["compartment"]+1 || after["audience"] != before["audience"]+1 || after["access"] == before["access"] {
			t.Fatalf("%v became %v", before, after)
		}
		h.sound(t)
	})
}

// Nor in another process, which remembers them.
func TestDismissedElsewhere(t *testing.T) {
	t.Parallel()
	folder, url, c := t.TempDir(), storetest.Postgres(t), newClock()
	one := testHouse(t, folder, url, c)
	two, err := build(t.Context(), plan{folder: folder, url: url, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("two"), log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = two.shut() })
	p := newPlayer(t, two, c)
	p.receive(yes())
	p.do("xx-officer-2", "acknowledge", nil, nil)
	next := p.command("xx-officer-2", "assess", p.assessment(), []byte(plainBody))
	officer, keeper := p.seat("xx-officer-2"), p.seat(parties.SeatKeeper)
	seen, err := one.clerk.View(t.Context(), keeper, officer)
	if err != nil {
		t.Fatal(err)
	}
	end := parties.EndMandate(officer, seen.Seen)
	end.Mandate = keeper
	_, err = one.clerk.Do(t.Context(), end)
	if err != nil {
		t.Fatal(err)
	}
	_, err = two.clerk.Do(t.Context(), next)
	if fault.CodeOf(err) != fault.Forbidden {
		t.Fatal(err)
	}
	// A database that two servers found at the same moment holds one log: the other server does not go on.
	err = two.clerk.Found(t.Context(), "sanad/xx/another", nil)
	if err == nil || !strings.Contains(err.Error(), one.key.origin) {
		t.Fatal(err)
	}
}

// Whoever stops waiting does not know whether their act was recorded: the evidence it binds stays.
func TestEvidenceOfWhoStoppedWaiting(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	v, officer := p.view("xx-officer-1"), p.seat("xx-officer-1")
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	err := h.db.Write(t.Context(), func(*store.Tx) error {
		go func() {
			_, err := h.exhibits.Add(ctx, officer, p.file, v.Acts[0].ID, v.Seen, exhibits.About{Name: "a"}, strings.NewReader("evidence"))
			gone <- err
		}()
		time.Sleep(300 * time.Millisecond) // until it waits for the clerk
		cancel()
		return nil
	})
	if got := <-gone; err != nil || got != nil && !errors.Is(got, context.Canceled) {
		t.Fatal(err, got)
	}
	_, _ = h.clerk.Do(t.Context(), clerk.Command{Kind: act.DeadlineLapsed, File: act.ID{1}}) // comes after it
	acts := p.view("xx-officer-1").Acts
	last := acts[len(acts)-1]
	if last.Kind != exhibits.KindAdded {
		t.Fatalf("the act was not recorded: the last one is %s", last.Kind)
	}
	r, err := h.exhibits.Open(t.Context(), officer, last.ID)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil || string(b) != "evidence" || r.Close() != nil {
		t.Fatalf("%q %v", b, err)
	}
}

// More keys than one act can name are destroyed by several.
func TestManyKeysExpire(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	officer := p.seat("xx-officer-1")
	const many = 260
	v := p.view("xx-officer-1")
	seen := v.Seen
	for range many {
		done, err := h.exhibits.Add(t.Context(), officer, p.file, v.Acts[0].ID, seen, exhibits.About{Name: "a"}, strings.NewReader("evidence"))
		if err != nil {
			t.Fatal(err)
		}
		seen = done.Acts[0].Seq + 1
	}
	p.do("xx-officer-1", "acknowledge", nil, nil)
	p.do("xx-officer-1", "close", map[string]act.Value{"outcome": act.OfCode("unfounded")}, []byte(plainBody))
	c.move(20 * 365 * 24 * time.Hour)
	n, err := h.clerk.Expire(t.Context())
	if err != nil || n < many {
		t.Fatalf("%d keys destroyed, %v", n, err)
	}
}

// What machines do is asked for by nobody with a mandate, about no file: the answer does not tell one that exists.
func TestNobodyAsksForMachines(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	c.move(20 * 24 * time.Hour)
	before := tally(t, h)
	for _, kind := range act.MachineKinds() {
		for _, file := range []act.ID{p.file, {1}} {
			_, err := h.clerk.Do(t.Context(), clerk.Command{Mandate: p.seat("xx-visitor-1"), File: file, Kind: kind})
			if fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%s of %s: %v", kind, file, err)
			}
		}
	}
	if after := tally(t, h); !maps.Equal(before, after) {
		t.Fatalf("%v became %v", before, after)
	}
}
