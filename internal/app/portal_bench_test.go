package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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

// BenchmarkStreetDoor sends reports through the portal over HTTP, as 32 people at once, and measures from the form to the receipt
// with its code. An iteration is a round of 512 notices.
func BenchmarkStreetDoor(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			const clients, each = 32, 16
			h := benchHouse(b, engine)
			all := newCrowd(b, h, clients)
			all.send(b, each)
			var took []time.Duration
			var rates []float64
			before := h.commits(b)
			for b.Loop() {
				start := time.Now()
				took = append(took, all.send(b, each)...)
				rates = append(rates, clients*each/time.Since(start).Seconds())
			}
			made := h.commits(b) - before
			slices.Sort(took)
			b.ReportMetric(median(rates), "notices/s")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(len(took))/float64(made), "notices/commit")
			b.ReportMetric(0, "ns/op")
		})
	}
}
