package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"net/textproto"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/office/clerk"
)

// Address is where the holder of a seat is told, and in which language.
type Address struct {
	Mail string // bare: name@example.org
	Lang lang.Lang
}

// Config is what a sender is made from. Read, Write, Process, Legal, Messages and Server are needed.
type Config struct {
	Read, Write Transact
	Server      Server
	Messages    *lang.Messages
	Seats       map[string]Address // by seat
	Heads       map[string]string  // seat of the head of an institution, by institution
	Process     func() time.Time
	Legal       func() time.Time // says which mandates are in force
	After       time.Duration    // unread for so long, it goes to the next; 24 h where zero
	Every       time.Duration    // how often the outbox is looked at; 15 s where zero
	Lease       time.Duration    // how long one process has for one mail; 2 min where zero
	Log         *slog.Logger
}

// tries is after how many a row is given up, until somebody mends what is broken and starts the program again.
const tries = 10

// Sender takes rows out of the outbox and mails them. Any number may run on one database.
type Sender struct{ Config }

// New checks the configuration and makes a sender.
func New(cfg Config) (*Sender, error) {
	def := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	def(&cfg.After, 24*time.Hour)
	def(&cfg.Every, 15*time.Second)
	def(&cfg.Lease, 2*time.Minute)
	def(&cfg.Server.Timeout, 30*time.Second)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	var wrong []error
	if cfg.Lease <= cfg.Server.Timeout {
		wrong = append(wrong, fmt.Errorf("a mail may take %s and its lease ends after %s: two processes would send it; make the lease longer", cfg.Server.Timeout, cfg.Lease))
	}
	if cfg.After <= cfg.Lease {
		wrong = append(wrong, fmt.Errorf("somebody is given %s to open the console, and sending alone may take %s; give them more", cfg.After, cfg.Lease))
	}
	wrong = append(wrong, cfg.Server.check())
	for seat, to := range cfg.Seats {
		err := bare(to.Mail)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("the address of seat %s: %w", seat, err))
		}
		if l, ok := lang.Parse(string(to.Lang)); !ok || l != to.Lang {
			wrong = append(wrong, fmt.Errorf("the language of seat %s: expected one of %v", seat, lang.All()))
		}
	}
	err := errors.Join(wrong...)
	if err != nil {
		return nil, err
	}
	return &Sender{cfg}, nil
}

// bare refuses what is no bare address, or could write a second header. It does not repeat the address.
func bare(address string) error {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Name != "" || a.Address != address || !oneLine(address) {
		return errors.New("expected a bare mail address like name@example.org")
	}
	return nil
}

// Run sends until ctx ends. What was given up before is tried again first: somebody may have mended it.
func (s *Sender) Run(ctx context.Context) error {
	err := s.Retry(ctx)
	if err != nil {
		s.Log.WarnContext(ctx, "the outbox could not be read; it is tried again", slog.Any("err", err))
	}
	tick := time.NewTicker(s.Every)
	defer tick.Stop()
	for {
		_, err := s.Tick(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "the outbox could not be worked through; it is tried again", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Retry gives rows that were given up another chance. Those that some process is at just now are left to it.
func (s *Sender) Retry(ctx context.Context) error {
	now := s.Process().UnixMicro()
	return s.Write(ctx, func(tx clerk.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE outbox SET tries = 0, due = ? WHERE sent IS NULL AND seen IS NULL AND escalated IS NULL AND tries >= ? AND due <= ?", now, tries, now)
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		return nil
	})
}

// Tick hands on what was not seen, then sends what is due, and returns how many mails the server took. A server that does
// not answer is left alone until the next tick.
func (s *Sender) Tick(ctx context.Context) (sent int, err error) {
	err = errors.Join(s.escalate(ctx), s.sweep(ctx))
	if err != nil {
		return 0, err
	}
	for ctx.Err() == nil {
		l, err := s.take(ctx)
		if err != nil || l == nil {
			return sent, err
		}
		to, known := s.Seats[l.seat]
		if !known {
			err = s.done(ctx, l, "UPDATE outbox SET tries = ?, due = ? WHERE id = ? AND tries = ? AND sent IS NULL", tries, s.Process().UnixMicro())
			if err != nil {
				return sent, err
			}
			s.Log.WarnContext(ctx, "a seat that is to be told something has no mail address")
			continue
		}
		failed := s.mail(ctx, l.id, to)
		if failed != nil {
			return sent, s.failed(ctx, l, failed)
		}
		sent++
		err = s.done(ctx, l, "UPDATE outbox SET sent = ? WHERE id = ? AND tries = ?", s.Process().UnixMicro())
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// lease is a row that this process alone may send, until its time is over. The number of tries is its token: whoever takes
// the row later has a higher one.
type lease struct {
	id    act.ID
	tries int64
	seat  string
}

// take leases the row that is due first; nil when none is.
func (s *Sender) take(ctx context.Context) (*lease, error) {
	for {
		var l *lease
		lost := false
		err := s.Write(ctx, func(tx clerk.Tx) error {
			l, lost = nil, false
			now, legal := s.Process(), int64(act.InstantOf(s.Legal()))
			var id []byte
			var n int64
			var seat string
			err := tx.QueryRow(ctx, `SELECT o.id, o.tries, m.seat FROM outbox o JOIN mandate m ON m.id = o.mandate
				WHERE o.sent IS NULL AND o.seen IS NULL AND o.escalated IS NULL AND o.due <= ? AND o.tries < ? AND m.starts <= ? AND m.ends > ?
				ORDER BY o.due, o.id LIMIT 1`, now.UnixMicro(), tries, legal, legal).Scan(&id, &n, &seat)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			if err != nil {
				return err
			}
			got, err := tx.Exec(ctx, "UPDATE outbox SET tries = tries + 1, due = ? WHERE id = ? AND tries = ? AND due <= ? AND sent IS NULL AND seen IS NULL AND escalated IS NULL",
				now.Add(s.Lease).UnixMicro(), id, n, now.UnixMicro())
			if err != nil {
				return err
			}
			lost = got == 0
			l = &lease{act.ID(id), n + 1, seat}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("outbox: %w", err)
		}
		if !lost {
			return l, nil
		}
	}
}

// done writes what became of a lease, where it is still ours.
func (s *Sender) done(ctx context.Context, l *lease, query string, values ...any) error {
	ctx = context.WithoutCancel(ctx) // the mail is gone: whoever stops us now must not have it sent twice
	return s.Write(ctx, func(tx clerk.Tx) error {
		_, err := tx.Exec(ctx, query, append(values, l.id[:], l.tries)...)
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		return nil
	})
}

// failed puts a row off, longer each time.
func (s *Sender) failed(ctx context.Context, l *lease, why error) error {
	s.Log.WarnContext(ctx, "a mail could not be sent", slog.Int64("tries", l.tries), slog.Int("smtp_code", codeOf(why)), slog.Bool("tls_missing", errors.Is(why, errNoTLS)))
	due := s.Process()
	if l.tries < tries {
		due = due.Add(pause(l.tries))
	}
	return s.done(ctx, l, "UPDATE outbox SET due = ? WHERE id = ? AND tries = ? AND sent IS NULL", due.UnixMicro())
}

// pause is how long a row waits after so many tries: a minute, then twice as long each time, an hour at the most.
func pause(n int64) time.Duration {
	return min(time.Minute<<max(0, min(n-1, 6)), time.Hour)
}

// codeOf is the code a mail server answered with, 0 where none did. Its text may hold an address and goes nowhere.
func codeOf(err error) int {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return answer.Code
	}
	return 0
}

// Health says whether mails that were due have been given up.
func (s *Sender) Health(ctx context.Context) error {
	n := 0
	err := s.Read(ctx, func(tx clerk.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM outbox WHERE sent IS NULL AND seen IS NULL AND escalated IS NULL AND tries >= ?", tries).Scan(&n)
	})
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	if n > 0 {
		return fmt.Errorf("%d people could not be told by mail that something is due: check the mail server's settings and the addresses of seats, then start the program again", n)
	}
	return nil
}
