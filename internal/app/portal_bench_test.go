package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
	"sanad/internal/kit/lang"
)

// crowd is many people sending reports at once, over connections of their own.
type crowd struct {
	server  *httptest.Server
	clients []*http.Client
}

func newCrowd(t testing.TB, h *house, clients int) *crowd {
	t.Helper()
	fronts, err := h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{server: httptest.NewServer(fronts.public), clients: make([]*http.Client, clients)}
	for i := range c.clients {
		c.clients[i] = &http.Client{Transport: &http.Transport{}}
	}
	t.Cleanup(func() {
		for _, one := range c.clients {
			one.CloseIdleConnections()
		}
		c.server.Close()
	})
	return c
}

// send has every client send some reports one after the other, and returns how long each took to be acknowledged: from the
// form to the receipt with its code.
func (c *crowd) send(t testing.TB, each int) []time.Duration {
	t.Helper()
	took := make([][]time.Duration, len(c.clients))
	var all sync.WaitGroup
	for i, one := range c.clients {
		all.Go(func() {
			for n := range each {
				form := url.Values{
					"at": {"check"}, "danger": {"no"}, "situation": {"contact"}, "platform": {"Jeu d'exemple"}, "where": {"https://game.example/u/7"},
					"text": {"Someone asks children for their school and for photographs, every evening after seven."}, "minor": {"yes"},
					"token": {fmt.Sprintf("%p %d %d %d", took, i, n, time.Now().UnixNano())},
				}
				start := time.Now()
				err := c.one(t.Context(), one, form)
				took[i] = append(took[i], time.Since(start))
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return slices.Concat(took...)
}

func (c *crowd) one(ctx context.Context, client *http.Client, form url.Values) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.server.URL+"/report", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", formType)
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // a test's
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusCreated || !codeOnPage.Match(body) {
		return fmt.Errorf("status %d, %w\n%s", resp.StatusCode, err, body)
	}
	return nil
}

// commits counts the commits of a log.
func (h *house) commits(t testing.TB) (n int) {
	t.Helper()
	err := h.db.Read(context.Background(), func(tx *store.Tx) error {
		return tx.QueryRow(context.Background(), "SELECT count(*) FROM hash").Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Thirty-two people who send at once share commits: at least four notices in each, counted.
func TestNoticesShareCommits(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		const clients, each = 32, 12
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		all := newCrowd(t, h, clients)
		all.send(t, 1) // keys, statements, connections
		before := h.commits(t)
		sent := len(all.send(t, each))
		made := h.commits(t) - before
		t.Logf("%d notices in %d commits", sent, made)
		if sent != clients*each || made*4 > sent {
			t.Fatalf("%d notices took %d commits: fewer than four in each", sent, made)
		}
	})
}

// programs sends reports through the API as many programs at once, each over one connection of its own, with as little work
// of its own as it can: it shares the machine with the server.
type programs struct {
	addr  string
	conns []*programConn
}

type programConn struct {
	net.Conn
	in *bufio.Reader
}

// newPrograms opens the public door as serve does, with the clocks that serve keeps, and connects.
func newPrograms(t testing.TB, h *house, clients int) *programs {
	t.Helper()
	fronts, err := h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	doors, err := Listen(t.Context(), []Door{{Name: "public", Addr: "127.0.0.1:0", Handler: fronts.public, People: true}},
		Listening{Fail: fronts.fail, Log: h.log, Now: h.process})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var kept sync.WaitGroup
	kept.Go(func() { h.keepTime(ctx, h.health()) })
	kept.Go(func() { _ = doors.Serve(ctx) })
	p := &programs{addr: strings.TrimPrefix(doors.URL("public"), "http://")}
	t.Cleanup(func() {
		for _, c := range p.conns {
			_ = c.Close()
		}
		cancel()
		kept.Wait()
	})
	for range clients {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		p.conns = append(p.conns, &programConn{c, bufio.NewReader(c)})
	}
	return p
}

// send has every program send some reports, and returns how long each took from the first byte of the request to the last of the
// answer with its code and proof, and a proof of each program's.
func (p *programs) send(t testing.TB, each int) (took []time.Duration, proofs []string) {
	t.Helper()
	times, last := make([][]time.Duration, len(p.conns)), make([]string, len(p.conns))
	var all sync.WaitGroup
	for i, c := range p.conns {
		all.Go(func() {
			for n := range each {
				start := time.Now()
				got, err := c.one(t.Context(), p.addr, fmt.Sprintf("Someone asks children for their school and for photographs, %d %d.", i, n))
				times[i] = append(times[i], time.Since(start))
				if err != nil {
					t.Error(err)
					return
				}
				last[i] = got
			}
		})
	}
	all.Wait()
	return slices.Concat(times...), last
}

func (c *programConn) one(ctx context.Context, host, text string) (string, error) {
	body := fmt.Sprintf(`{"situation":"contact","platform":"Jeu d'exemple","where":"https://game.example/u/7","text":%q,"minor":true,"language":"fr"}`, text)
	_, err := fmt.Fprintf(c, "POST /api/v1/notices HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", host, len(body), body)
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+host, nil)
	if err != nil {
		return "", err
	}
	resp, err := http.ReadResponse(c.in, r)
	if err != nil {
		return "", err
	}
	answer, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	var ok struct{ Code, Proof string }
	if err == nil {
		err = json.Unmarshal(answer, &ok)
	}
	if err != nil || resp.StatusCode != http.StatusCreated || len(ok.Code) != 16 || ok.Proof == "" {
		return "", fmt.Errorf("status %d, %w\n%s", resp.StatusCode, err, answer)
	}
	return ok.Proof, nil
}

// mustProve wants proofs to hold, and to open what was sent.
func mustProve(t testing.TB, h *house, proofs []string) {
	t.Helper()
	verifier, err := note.NewVerifier(h.key.vkey)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range proofs {
		c, err := proof.CheckReceipt([]byte(text), verifier)
		if err != nil || !bytes.Contains(c.Body, []byte("Someone asks children")) {
			t.Fatalf("a proof that does not hold: %v\n%s", err, text)
		}
	}
}

// BenchmarkStreetDoor sends reports over HTTP on the loopback, as many senders at once: programs through the API, which are answered
// with code and proof, and people through the form, who are answered with the page of their receipt. It measures from the first
// byte sent to the last received. An iteration is a round of 16 reports a sender.
func BenchmarkStreetDoor(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, clients := range []int{32, 64} {
			b.Run(fmt.Sprintf("%s/api/%d", engine, clients), func(b *testing.B) {
				h := benchHouse(b, engine)
				all := newPrograms(b, h, clients)
				measureDoor(b, h, func() []time.Duration {
					took, proofs := all.send(b, doorRound)
					b.StopTimer()
					mustProve(b, h, proofs)
					b.StartTimer()
					return took
				})
			})
		}
		b.Run(engine+"/form/32", func(b *testing.B) {
			h := benchHouse(b, engine)
			all := newCrowd(b, h, 32)
			measureDoor(b, h, func() []time.Duration { return all.send(b, doorRound) })
		})
	}
}

// doorRound is how many reports each sender sends in a round.
const doorRound = 16

func measureDoor(b *testing.B, h *house, round func() []time.Duration) {
	b.Helper()
	for range 3 {
		round()
	}
	var took []time.Duration
	var rates []float64
	before := h.commits(b)
	for b.Loop() {
		start := b.Elapsed()
		some := round()
		rates = append(rates, float64(len(some))/(b.Elapsed()-start).Seconds())
		took = append(took, some...)
	}
	made := h.commits(b) - before
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(median(rates), "notices/s")
	b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
	b.ReportMetric(ms(took[len(took)*99/100]), "p99-ms")
	b.ReportMetric(float64(len(took))/float64(made), "notices/commit")
	b.ReportMetric(0, "ns/op")
}
