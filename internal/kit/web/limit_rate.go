package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"sanad/internal/kit/fault"
)

// KeyTooMany is the key of the refusal of whoever asks too often.
const KeyTooMany = keyTooMany

// Allowance is how often one network address may do something: Most at once, and again as time passes, Most in every In.
type Allowance struct {
	Name string
	Most int
	In   time.Duration
}

// Rates counts what network addresses do, in memory and nowhere else. It holds no address: only a hash under a key that is
// drawn anew every day and never leaves it, so that what it holds tells nobody who came, and what it held yesterday is gone.
// Of an IPv6 address the first 64 bits count: the rest is the visitor's own to change. The machine itself is never asked to
// wait: behind a proxy nobody declared, everyone comes from there.
type Rates struct {
	now  func() time.Time
	dice io.Reader
	most int

	mu   sync.Mutex
	day  int64
	key  [32]byte
	full map[[16]byte]time.Time // when the allowance of an address for one thing will be whole again
}

// manyAddresses bounds what is remembered. A crowd larger than that is let in rather than forgotten one by one.
const manyAddresses = 200_000

// NewRates starts to count by the machine's own clock.
func NewRates(now func() time.Time, dice io.Reader) *Rates {
	return &Rates{now: now, dice: dice, most: manyAddresses, day: -1}
}

// Spend counts one request, and refuses it where the address it comes from has used its allowance up. The refusal tells, by
// Waiting, when to come back. RemoteAddr must be the client's.
func (q *Rates) Spend(r *http.Request, a Allowance) error {
	from, ok := network(r.RemoteAddr)
	if !ok {
		return nil
	}
	now := q.now()
	step := a.In / time.Duration(a.Most)
	q.mu.Lock()
	defer q.mu.Unlock()
	err := q.renew(now)
	if err != nil {
		return err
	}
	h := hmac.New(sha256.New, q.key[:])
	h.Write([]byte(a.Name + "\n" + from))
	id := [16]byte(h.Sum(nil))
	full := q.full[id]
	if full.Before(now) {
		full = now
	}
	full = full.Add(step)
	if wait := full.Sub(now) - a.In; wait > 0 {
		return fault.Unavailable.New(keyTooMany).Because(waiting(wait))
	}
	if len(q.full) >= q.most {
		q.sweep(now)
	}
	q.full[id] = full
	return nil
}

// renew draws a new key each day, and forgets what was counted under the old one.
func (q *Rates) renew(now time.Time) error {
	const daySeconds = 24 * 60 * 60
	day := now.Unix() / daySeconds
	if day == q.day {
		return nil
	}
	_, err := io.ReadFull(q.dice, q.key[:])
	if err != nil {
		return errors.Join(errors.New("draw the key of the day"), err)
	}
	q.day, q.full = day, map[[16]byte]time.Time{}
	return nil
}

// sweep forgets those whose allowance is whole, and everyone where that makes no room.
func (q *Rates) sweep(now time.Time) {
	for id, full := range q.full {
		if !full.After(now) {
			delete(q.full, id)
		}
	}
	if len(q.full) >= q.most {
		clear(q.full)
	}
}

// network is what counts of an address as a server has it, with or without a port; false for the machine itself.
func network(remote string) (string, bool) {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return "?", true // no address: all of these share one allowance
	}
	a = a.Unmap().WithZone("")
	if a.IsLoopback() {
		return "", false
	}
	if a.Is6() {
		const own = 64
		p, err := a.Prefix(own)
		if err == nil {
			a = p.Addr()
		}
	}
	return a.String(), true
}

// waiting is how long somebody is asked to wait.
type waiting time.Duration

// Error names the wait.
func (w waiting) Error() string { return "wait " + time.Duration(w).String() }

// Waiting makes an answer say how long to wait (Retry-After) where err knows it; else it returns w.
func Waiting(w http.ResponseWriter, err error) http.ResponseWriter {
	var wait waiting
	if !errors.As(err, &wait) {
		return w
	}
	seconds := (time.Duration(wait) + time.Second - 1) / time.Second
	return &later{w, strconv.FormatInt(int64(seconds), 10)}
}

// later sets Retry-After just before the answer leaves.
type later struct {
	http.ResponseWriter
	after string
}

// WriteHeader implements http.ResponseWriter.
func (l *later) WriteHeader(status int) {
	l.Header().Set("Retry-After", l.after)
	l.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (l *later) Unwrap() http.ResponseWriter { return l.ResponseWriter }
