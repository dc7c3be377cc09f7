package notify_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/office/clerk"
	"sanad/internal/office/notify"
)

var (
	one, two, head, blind = id(1), id(2), id(3), id(4)
	fileA, fileB          = id(0, 0, 1), id(0, 1, 1) // of the first and of the second officer
)

// staff are two officers, one who may read nothing, and their head.
func (h *house) staff() {
	h.t.Helper()
	h.grant(one, "officer", "office", "seat-1", true)
	h.grant(two, "officer", "office", "seat-2", true)
	h.grant(blind, "officer", "office", "seat-9", false)
	h.grant(head, "head", "office", "seat-head", true)
	h.exec("UPDATE mandate SET role = 'trainee' WHERE id = ?", blind[:])
}

// A clock that starts, and a lapse, tell one of those who own it, and nobody twice.
func TestProject(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.staff()
		silent := h.received(fileA)
		silent.Deadlines = nil
		elsewhere := h.received(fileA)
		elsewhere.Audience = id(0xb0) // nobody may read it
		plain := h.received(fileA)
		plain.Procedure = nil
		unknown := h.received(fileA)
		unknown.Procedure.Protocol = "nobody.knows"
		h.project()
		h.project(silent, elsewhere, plain, unknown)
		h.want("nothing to tell")

		h.project(h.received(fileA), h.received(fileA), h.received(fileB), h.received(id(0, 2, 1)))
		h.want("several at once", "1:0:0:", "2:0:0:")
		h.project(h.received(id(0, 2, 2)))
		h.want("one more", "1:0:0:", "2:0:0:")

		outbox := notify.Outbox{Read: h.read, Write: h.transact, Process: h.process.now}
		must(t, outbox.Seen(t.Context(), one))
		must(t, outbox.Seen(t.Context(), one))
		must(t, outbox.Seen(t.Context(), blind))
		h.want("seen", "1:0:0:u", "2:0:0:")
		lapsed := h.received(fileA)
		lapsed.ID, lapsed.Kind, lapsed.Deadlines = id(0xef), act.DeadlineLapsed, nil
		lapsed.Procedure.Step = "answer_late"
		h.process.move(time.Hour)
		h.project(lapsed)
		h.want("a lapse after that", "1:0:0:u", "2:0:0:", "1:0:0:")
	})
}

// The mail says that something is due, in the reader's language, and nothing else.
func TestMailSaysNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.staff()
		p := newPost(t, true)
		s := h.sender(p)
		h.project(h.received(fileA), h.received(fileB))
		h.tick(s, 0) // within the delay
		h.process.move(time.Minute)
		h.tick(s, 2)
		h.tick(s, 0)
		h.want("sent", "1:1:0:s", "2:1:0:s")
		for _, l := range p.letters() {
			header, subject, text := l.read(t)
			said := strings.ToLower(l.raw + subject + text)
			for _, never := range []string{
				fileA.String(), fileB.String(), one.String(), two.String(), "notice", "invented", "answer", "officer", "office", "seat", "http", "dossier", "signalement",
			} {
				if strings.Contains(said, never) {
					t.Errorf("the mail says %q:\n%s\n%s", never, l.raw, text)
				}
			}
			if !l.secure || header.Get("Auto-Submitted") != "auto-generated" || header.Get("Message-Id") == "" || header.Get("Date") != "Tue, 01 Jul 2031 08:01:00 +0000" {
				t.Errorf("secure %v, headers %v", l.secure, header)
			}
			for line := range strings.Lines(l.raw) {
				if len(line) > 78+2 || !strings.HasSuffix(line, "\r\n") {
					t.Errorf("a line of %d bytes: %q", len(line), line)
				}
			}
			want, words := "Quelque chose vous attend", h.words.For(lang.French)
			if strings.Contains(l.to, "two@") {
				want, words = "هناك أمر في انتظاركم", h.words.For(lang.Arabic)
			}
			var sentences string
			for i, key := range []string{"notify.due", "notify.open", "notify.next"} {
				if i > 0 {
					sentences += "\r\n\r\n"
				}
				sentences += words.Text(key, nil)
			}
			if subject != want || text != sentences+"\r\n" { // not a word more: whatever else stood there would tell something
				t.Errorf("to %s: %q: %q", l.to, subject, text)
			}
		}
		if p.clear {
			t.Error("something went in clear")
		}
	})
}

// Somebody who came before the mail went out is not written to.
func TestSeenBeforeSent(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.staff()
		p := newPost(t, true)
		s := h.sender(p)
		h.project(h.received(fileA))
		must(t, notify.Outbox{Read: h.read, Write: h.transact, Process: h.process.now}.Seen(t.Context(), one))
		h.process.move(48 * time.Hour)
		h.tick(s, 0)
		h.want("seen", "1:0:0:u")
		h.process.move(31 * 24 * time.Hour)
		h.tick(s, 0)
		h.want("swept")
	})
}

// Unread, it goes to the next of the role, then to the head, who is reminded; mandates that ended are passed over.
func TestEscalation(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.staff()
		p := newPost(t, true)
		s := h.sender(p)
		h.project(h.received(fileA))
		h.process.move(time.Minute)
		h.tick(s, 1)
		h.process.move(24*time.Hour - 2*time.Minute)
		h.tick(s, 0)
		h.process.move(time.Minute)
		h.tick(s, 1)
		h.want("the next officer", "1:1:0:se", "2:1:1:s")
		h.project(h.received(id(0, 0, 2)))
		h.want("the first is told of what is new", "1:1:0:se", "1:0:0:", "2:1:1:s")
		must(t, notify.Outbox{Read: h.read, Write: h.transact, Process: h.process.now}.Seen(t.Context(), one))
		h.process.move(24 * time.Hour)
		h.tick(s, 1)
		h.process.move(24 * time.Hour)
		h.tick(s, 1)
		h.want("the head, twice", "1:1:0:se", "1:0:0:u", "2:1:1:se", "3:1:2:se", "3:1:3:s")
		if got := to(p.letters()); !slices.Equal(got, []string{"one@authority.example", "two@authority.example", "head@authority.example", "head@authority.example"}) {
			t.Errorf("%q", got)
		}
		h.legal.move(400 * 24 * time.Hour) // every mandate has ended
		h.process.move(24 * time.Hour)
		h.tick(s, 0)
		h.want("nobody is left", "1:1:0:se", "1:0:0:u", "2:1:1:se", "3:1:2:se", "3:1:3:se")
	})
}

// BenchmarkProject is what a full commit of notices costs for being told of, beside the commit itself.
func BenchmarkProject(b *testing.B) {
	h := newHouse(b, "")
	h.staff()
	var acts []clerk.Recorded
	for i := range 256 {
		acts = append(acts, h.received(id(0, byte(i), byte(i>>8))))
	}
	p := notify.Projector{Engine: h.engine, Process: h.process.now}
	must(b, h.write(func(tx clerk.Tx) error {
		for b.Loop() {
			err := p.Project(b.Context(), tx, acts)
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// Several senders on one database send each mail once.
func TestTwoSenders(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		const many = 40
		p := newPost(t, true)
		seats := map[string]notify.Address{}
		for i := range byte(many) {
			seat := "s" + string(rune('A'+i))
			h.grant(id(0x40+i), "officer", "office", seat, true)
			seats[seat] = notify.Address{Mail: string(rune('a'+i%26)) + strings.Repeat("x", int(i/26)) + "@authority.example", Lang: lang.English}
		}
		for i := range byte(many) {
			h.project(h.received(id(0, i, 1)))
		}
		h.process.move(time.Minute)
		var all sync.WaitGroup
		var sum [4]int
		for i := range sum {
			s := h.sender(p, func(c *notify.Config) { c.Seats = seats })
			all.Go(func() {
				n, err := s.Tick(t.Context())
				if err != nil {
					t.Error(err)
				}
				sum[i] = n
			})
		}
		all.Wait()
		if n := sum[0] + sum[1] + sum[2] + sum[3]; n != many {
			t.Errorf("%d were sent, %v, want %d", n, sum, many)
		}
		got := to(p.letters())
		slices.Sort(got)
		if len(got) != many || len(slices.Compact(got)) != many {
			t.Errorf("%d mails, to %d people", len(p.letters()), len(slices.Compact(got)))
		}
		var marked int
		for _, r := range h.rows() {
			if strings.HasSuffix(r, ":1:0:s") {
				marked++
			}
		}
		if marked != many {
			t.Errorf("%d rows are marked as sent once: %v", marked, h.rows())
		}
	})
}

// Several senders hand a row on once.
func TestTwoEscalate(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.staff()
		p := newPost(t, true)
		h.project(h.received(fileA))
		h.process.move(25 * time.Hour)
		var all sync.WaitGroup
		for range 4 {
			s := h.sender(p)
			all.Go(func() {
				_, err := s.Tick(t.Context())
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		h.want("handed on once", "1:0:0:e", "2:1:1:s")
		if len(p.letters()) != 1 {
			t.Errorf("%d mails", len(p.letters()))
		}
	})
}

// Who comes at the very moment in which the row would be handed on has come: nobody else is told.
func TestSeenWhileHandedOn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.staff()
		p := newPost(t, true)
		s := h.sender(p, func(c *notify.Config) {
			first := true
			c.Write = func(ctx context.Context, f func(clerk.Tx) error) error {
				if first {
					first = false
					err := notify.Outbox{Read: h.read, Write: h.transact, Process: h.process.now}.Seen(ctx, one)
					if err != nil {
						return err
					}
				}
				return h.transact(ctx, f)
			}
		})
		h.project(h.received(fileA))
		h.process.move(25 * time.Hour)
		h.tick(s, 0)
		h.want("seen", "1:0:0:u")
	})
}

// A process that dies with a row in its hands loses it after a while; the one that takes over is not overruled by it.
func TestLeaseEnds(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.staff()
		p := newPost(t, true)
		h.project(h.received(fileA))
		h.process.move(time.Minute)
		p.fail("taken", "hang")
		ctx, die := context.WithCancel(t.Context())
		s := h.sender(p)
		died := make(chan error)
		go func() {
			_, err := s.Tick(ctx)
			died <- err
		}()
		<-p.hangs              // the row is in its hands
		h.tick(h.sender(p), 0) // it is leased
		p.fail("taken", "")
		h.process.move(2 * time.Minute)
		h.tick(h.sender(p), 1)
		die()
		must(t, <-died)
		h.want("taken over", "1:2:0:s")
	})
}

// Who has no address is told of to those who run the house, and their role's next is told in time.
func TestNoAddress(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.staff()
		p := newPost(t, true)
		s := h.sender(p, func(c *notify.Config) { delete(c.Seats, "seat-1") })
		h.project(h.received(fileA))
		h.process.move(time.Minute)
		h.tick(s, 0)
		must(t, wantHealth(s.Health(t.Context()), false))
		h.process.move(24 * time.Hour)
		h.tick(s, 1)
		must(t, s.Health(t.Context()))
		if got := to(p.letters()); !slices.Equal(got, []string{"two@authority.example"}) {
			t.Errorf("%q", got)
		}
	})
}

// Run sends until it is told to stop, and starts with what was given up.
func TestRun(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.staff()
		p := newPost(t, true)
		h.project(h.received(fileA))
		h.process.move(time.Minute)
		h.exec("UPDATE outbox SET tries = 10")
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		s := h.sender(p, func(c *notify.Config) { c.Every = time.Millisecond })
		go func() { done <- s.Run(ctx) }()
		for len(p.letters()) == 0 && t.Context().Err() == nil {
			select {
			case err := <-done:
				t.Fatal(err)
			case <-time.After(time.Millisecond):
			}
		}
		stop()
		must(t, <-done)
	})
}
