package app

import (
	"slices"
	"sync"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/notice"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// Retention comes to every file, some at a time: each visit is bounded, and one round of visits misses none.
func TestRetentionByVisits(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		const files = 640
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				for range files / 32 {
					accept(t, h, "to be erased when its time is over")
				}
			})
		}
		all.Wait()
		if t.Failed() {
			t.FailNow()
		}
		c.move(30 * 24 * time.Hour)
		h.lapseAll(t) // what still runs keeps a file
		c.move(20 * 365 * 24 * time.Hour)
		h.lapseAll(t)
		rounds := func() (visits []int) {
			t.Helper()
			var after act.ID
			for {
				n, next, err := h.clerk.ExpireSome(t.Context(), after)
				if err != nil {
					t.Fatal(err)
				}
				visits = append(visits, n)
				if next.IsZero() {
					return visits
				}
				after = next
			}
		}
		first := rounds()
		erased := 0
		for _, n := range first {
			erased += n
		}
		t.Logf("keys destroyed in visits: %v", first)
		if len(first) < 2 || erased < files || first[0] == 0 || first[0] >= erased {
			t.Fatalf("%d files, keys destroyed in visits: %v", files, first)
		}
		for _, n := range rounds() {
			if n != 0 {
				t.Fatalf("%d keys destroyed again", n)
			}
		}
		if n, err := h.clerk.Expire(t.Context()); err != nil || n != 0 {
			t.Fatal(n, err)
		}
	})
}

// What came with something out of scope, and what was done with it, goes when that goes: it is not kept for as long as evidence.
func TestOutOfScopeEndsWhole(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		h.signing(t)
		v := newVisitor(t, h, "en")
		send := func(situation string) act.ID {
			t.Helper()
			body, media := upload(t, "situation", situation, "where", "https://game.example/u/7", "text", "told", "minor", "false", "language", "fr", "one.txt", "what they wrote")
			w := call(v.h, "POST", "/api/v1/notices", media, string(body))
			if w.Code != 201 {
				t.Fatal(w.Code, w.Body)
			}
			s, err := h.notice.Follow(t.Context(), codeOf(t, w.Body.String()))
			if err != nil {
				t.Fatal(err)
			}
			return s.File
		}
		outside, inside := send("quarrel"), send("contact")
		p := newPlayer(t, h, c)
		officer := p.seat("xx-officer-1")
		p.file = outside
		first := p.view("xx-officer-1").Acts[0]
		p.run = first.Procedure.ID
		cmd := p.command("xx-officer-1", "name_door", map[string]act.Value{"door": act.OfCode("mediator")}, nil)
		cmd.Protocol = h.notice.Law.Matter.Protocol
		_, err := h.clerk.Do(t.Context(), cmd)
		if err != nil {
			t.Fatal(err)
		}
		// erased tells of every body and every blob of a file whether it can be read no more.
		erased := func(file act.ID) (gone, bodies int) {
			t.Helper()
			view, err := h.clerk.View(t.Context(), officer, file)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range view.Acts {
				if !a.Key.IsZero() {
					bodies++
					o, err := h.clerk.Open(t.Context(), officer, a.ID)
					if err != nil {
						t.Fatal(err)
					}
					if o.Erased {
						gone++
					}
				}
				if id, bound := a.Facts.Get("blob_key"); bound {
					bodies++
					key, _ := id.ID()
					over, err := h.keeper.Destroyed(t.Context(), key)
					if err != nil {
						t.Fatal(err)
					}
					if over {
						gone++
					}
				}
			}
			return gone, bodies
		}
		c.move(44 * 24 * time.Hour)
		h.lapseAll(t)
		expire(t, h)
		if gone, bodies := erased(outside); gone != 0 || bodies < 3 {
			t.Fatalf("too soon %d of %d are gone", gone, bodies)
		}
		c.move(60 * 24 * time.Hour)
		h.lapseAll(t)
		expire(t, h)
		if gone, bodies := erased(outside); gone != bodies {
			t.Fatalf("out of scope, %d of %d are gone", gone, bodies)
		}
		if gone, bodies := erased(inside); gone != 0 || bodies < 3 {
			t.Fatalf("in scope, %d of %d are gone", gone, bodies)
		}
	})
}

// The time of what is left counts from what people did last, not from an erasure or a change of the calendar.
func TestErasureProlongsNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		h.notice.Identity = true
		ok, err := h.notice.Accept(t.Context(), notice.Form{Situation: "contact", Text: "told", Contact: "0600 000 000"})
		if err != nil {
			t.Fatal(err)
		}
		p := newPlayer(t, h, c)
		c.move(90 * 24 * time.Hour)
		h.lapseAll(t)
		from := c.now() // the lapse is what happened last
		erased := func() bool {
			t.Helper()
			o, err := h.clerk.Open(t.Context(), p.seat("xx-officer-1"), ok.Act)
			if err != nil {
				t.Fatal(err)
			}
			return o.Erased
		}
		c.move(from.AddDate(0, 7, 0).Sub(c.now()))
		if n := expire(t, h); n == 0 || erased() {
			t.Fatalf("after seven months %d keys are gone, the notice's: %v", n, erased())
		}
		c.move(from.AddDate(0, 23, 27).Sub(c.now()))
		if expire(t, h); erased() {
			t.Fatal("erased too soon")
		}
		c.move(from.AddDate(0, 24, 2).Sub(c.now()))
		if expire(t, h); !erased() {
			t.Fatal("the erasure of who told it prolonged what was told")
		}
		if n := expire(t, h); n != 0 {
			t.Fatalf("%d keys destroyed again", n)
		}
	})
}

func expire(t *testing.T, h *house) int {
	t.Helper()
	n, err := h.clerk.Expire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// What a case rests on is not erased before the case: neither what stands in it as long as it is open, nor the notice it was made
// of. Who told it is no part of that.
func TestEvidenceOfACaseIsKept(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		h.notice.Identity = true
		told, err := h.notice.Accept(t.Context(), notice.Form{Situation: "contact", Text: "told", Contact: "0600 000 000", Minor: new(false)})
		if err != nil {
			t.Fatal(err)
		}
		alone, err := h.notice.Accept(t.Context(), notice.Form{Situation: "contact", Text: "told as well"})
		if err != nil {
			t.Fatal(err)
		}
		p := newPlayer(t, h, c)
		officer := p.seat("xx-officer-1")
		p.file = told.File
		joined := p.view("xx-officer-1")
		done, err := h.clerk.Do(t.Context(), clerk.Command{
			Mandate: officer, Of: cases.Sort, Protocol: "xx.case", Step: "open",
			Act: act.Act{Facts: act.NewFacts(map[string]act.Value{"situation": act.OfCode("contact"), "minor": act.OfBool(false)}), Body: []byte(plainBody)},
		})
		if err != nil {
			t.Fatal(err)
		}
		p.file, p.run = done.File, done.Acts[0].Procedure.ID
		step := func(name string, a act.Act) {
			t.Helper()
			_, err := h.clerk.Do(t.Context(), clerk.Command{
				Mandate: officer, File: done.File, Protocol: "xx.case", Procedure: p.run, Step: name, Seen: p.view("xx-officer-1").Seen, Act: a,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		step("join", act.Act{Cites: []act.ID{told.Act}})
		p.file = alone.File
		all := slices.Concat(joined.Acts, p.view("xx-officer-1").Acts, done.Acts)
		p.file = done.File
		erased := func(id act.ID) bool { // nobody's mandate lasts as long as what is kept
			t.Helper()
			at := slices.IndexFunc(all, func(a clerk.Recorded) bool { return a.ID == id })
			gone, err := h.keeper.Destroyed(t.Context(), all[at].Key)
			if err != nil {
				t.Fatal(err)
			}
			return gone
		}
		year := func() {
			t.Helper()
			c.move(366 * 24 * time.Hour)
			h.lapseAll(t)
			expire(t, h)
		}
		for range 3 {
			year()
		}
		if erased(told.Act) || erased(done.Acts[0].ID) {
			t.Fatal("the evidence of an open case was erased")
		}
		if !erased(alone.Act) {
			t.Fatal("a notice that nothing was made of was kept")
		}
		for _, a := range joined.Acts {
			if a.Kind == notice.KindNamed && !erased(a.ID) {
				t.Fatal("who told it was kept with the case")
			}
		}
		// It ends with the case's own time.
		step("shut", act.Act{Facts: act.NewFacts(map[string]act.Value{"outcome": act.OfCode("unfounded")}), Body: []byte(plainBody)})
		year()
		if erased(told.Act) {
			t.Fatal("a closed case lost its evidence within its time")
		}
		year()
		year()
		if !erased(told.Act) || !erased(done.Acts[0].ID) {
			t.Fatal("a case that is over was kept")
		}
	})
}
