package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"sanad/internal/kit/fault"
)

// ticking is dice that never give the same twice.
type ticking struct{ n byte }

func (d *ticking) Read(b []byte) (int, error) {
	for i := range b {
		d.n++
		b[i] = d.n
	}
	return len(b), nil
}

func from(address string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.RemoteAddr = address
	return r
}

func TestRates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	q := NewRates(func() time.Time { return now }, &ticking{})
	five := Allowance{Name: "notice", Most: 5, In: time.Hour}
	spend := func(address string, a Allowance, want bool) {
		t.Helper()
		err := q.Spend(from(address), a)
		if (err == nil) != want {
			t.Fatalf("%s at %s: %v", address, now.Format(time.TimeOnly), err)
		}
	}
	for range 5 {
		spend("203.0.113.7:4000", five, true)
	}
	err := q.Spend(from("203.0.113.7:4001"), five)
	if fault.CodeOf(err) != fault.Unavailable || fault.Of(err).Key != KeyTooMany {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	Waiting(w, fmt.Errorf("sending: %w", err)).WriteHeader(http.StatusTooManyRequests)
	if seconds, _ := strconv.Atoi(w.Header().Get("Retry-After")); seconds != 720 {
		t.Fatalf("Retry-After is %q, want the fifth of an hour", w.Header().Get("Retry-After"))
	}
	spend("203.0.113.8:4000", five, true)                                             // a neighbour
	spend("203.0.113.7:4000", Allowance{Name: "code", Most: 1, In: time.Hour}, true)  // another thing
	spend("203.0.113.7:4000", Allowance{Name: "code", Most: 1, In: time.Hour}, false) // its own bound
	now = now.Add(720 * time.Second)
	spend("203.0.113.7:4000", five, true) // what was asked to wait for
	spend("203.0.113.7:4000", five, false)
	// Of an IPv6 address the visitor's own half does not count; an address a proxy wrote has no port.
	for i := range 5 {
		spend(fmt.Sprintf("[2001:db8::%d]:443", i+1), five, true)
	}
	spend("2001:db8::99", five, false)
	spend("2001:db8:0:1::1", five, true)
	// The machine itself is never asked to wait.
	for range 20 {
		spend("127.0.0.1:9", five, true)
		spend("[::1]:9", five, true)
	}
	// A new day has a new key and remembers nobody.
	before := q.key
	now = now.Add(24 * time.Hour)
	spend("203.0.113.7:4000", five, true)
	if q.key == before || len(q.full) != 1 {
		t.Fatalf("the key stayed, or %d are remembered", len(q.full))
	}
}

// What is remembered is bounded.
func TestRatesBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	q := NewRates(func() time.Time { return now }, &ticking{})
	q.most = 10
	a := Allowance{Name: "code", Most: 2, In: time.Hour}
	for i := range 100 {
		err := q.Spend(from(fmt.Sprintf("198.51.100.%d:1", i)), a)
		if err != nil {
			t.Fatal(err)
		}
		if len(q.full) > 10 {
			t.Fatalf("%d are remembered", len(q.full))
		}
		now = now.Add(10 * time.Minute)
	}
}

// What is remembered tells nobody who came: no address stands in it, in letters or in bytes, and the same address has another
// name under another key, of another server as of another day.
func TestRatesRememberNoAddress(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	a := Allowance{Name: "", Most: 2, In: time.Hour} // whose name takes no room in front of an address
	for _, address := range []string{"198.51.100.7", "9.8.7.6", "2001:db8:77::1"} {
		one, other := NewRates(clock, &ticking{}), NewRates(clock, &ticking{n: 100})
		remembered := func(q *Rates) []byte {
			t.Helper()
			err := q.Spend(from(net.JoinHostPort(address, "4000")), a)
			if err != nil || len(q.full) != 1 {
				t.Fatalf("%s: %d are remembered, %v", address, len(q.full), err)
			}
			for id := range q.full {
				return id[:]
			}
			return nil
		}
		first := remembered(one)
		if !bytes.Equal(first, remembered(one)) {
			t.Fatalf("%s: two names under one key", address)
		}
		parsed := netip.MustParseAddr(address)
		const enough = 4 // bytes of an address by which it would be known
		for _, known := range [][]byte{[]byte(address)[:enough], parsed.AsSlice()[:enough]} {
			if bytes.Contains(first, known) {
				t.Errorf("%s: %x holds %x of it", address, first, known)
			}
		}
		if bytes.Equal(first, remembered(other)) {
			t.Errorf("%s: the same name under another server's key", address)
		}
		now = now.Add(24 * time.Hour)
		if bytes.Equal(first, remembered(one)) {
			t.Errorf("%s: the same name on another day", address)
		}
	}
}

func TestRatesWithoutDice(t *testing.T) {
	t.Parallel()
	q := NewRates(func() time.Time { return time.Unix(0, 0) }, bytes.NewReader(nil))
	if q.Spend(from("203.0.113.7:1"), Allowance{Name: "x", Most: 1, In: time.Hour}) == nil {
		t.Fatal("counted under no key")
	}
}

func TestWaitingLeavesOthers(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	if Waiting(w, io.EOF) != http.ResponseWriter(w) {
		t.Fatal("an answer that knows no wait was changed")
	}
	later := Waiting(w, errors.Join(waiting(1500*time.Millisecond)))
	w.Header().Set("Retry-After", "60")
	later.WriteHeader(http.StatusServiceUnavailable)
	if w.Header().Get("Retry-After") != "2" {
		t.Fatal(w.Header())
	}
}
