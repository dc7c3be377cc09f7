package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

const (
	checkTime = 2 * time.Second  // for one check to answer
	clockTime = 10 * time.Minute // for which a clock that went back alarms
)

// labels are the only ones a metric may bear. None can name a kind of act, a case, a person or an institution: what
// an authority works on must not be read from its metrics.
var labels = []string{"code", "door", "engine", "le", "method", "quantile", "result", "version"}

// Health is what the ops listener says: named checks at /healthz, numbers at /metrics. No personal data comes here.
type Health struct {
	now      func() time.Time
	registry *prometheus.Registry
	clamped  prometheus.Counter

	mu     sync.Mutex
	checks map[string]*probe
	last   time.Time     // when the clock was last seen behind
	by     time.Duration // how far
	label  string        // a label that was refused, "" while none was
}

type probe struct {
	ask     func(context.Context) error
	running bool
}

// NewHealth starts with the clock's check, that of metrics, and Go's and the process's own numbers.
func NewHealth(now func() time.Time) *Health {
	h := &Health{now: now, registry: prometheus.NewRegistry(), checks: map[string]*probe{}}
	h.clamped = prometheus.NewCounter(prometheus.CounterOpts{Name: "sanad_clock_clamped_total", Help: "Times the clock was behind the log and legal time was held back."})
	h.registry.MustRegister(h.clamped, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	h.Check("clock", h.clock)
	h.Check("metrics", h.metrics)
	return h
}

// Check adds a named check. It returns nil when all is well, and may be asked again before it answered. Its error
// is shown on the ops listener: it says what to do, and holds no data.
func (h *Health) Check(name string, ask func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks[name] = &probe{ask: ask}
}

// Register adds a collector of numbers. Its error says that the name is taken.
func (h *Health) Register(all ...prometheus.Collector) error {
	for _, c := range all {
		err := h.registry.Register(c)
		if err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
	}
	return nil
}

// Clamped tells that the clock was behind the newest act, and by how much: legal time was held back. The check
// clock alarms for ten minutes after the last time.
func (h *Health) Clamped(by time.Duration) {
	h.clamped.Inc()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last, h.by = h.now(), by
}

func (h *Health) clock(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.last.IsZero() || h.now().Sub(h.last) >= clockTime {
		return nil
	}
	return fmt.Errorf("the clock went back by %s and legal time was held: set the machine's time right", h.by.Round(time.Millisecond))
}

func (h *Health) metrics(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.label == "" {
		return nil
	}
	return fmt.Errorf("a metric with the label %q is held back: only %v are allowed", h.label, labels)
}

// Handler serves GET /healthz and GET /metrics, and nothing else.
func (h *Health) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", h.healthz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(prometheus.GathererFunc(h.gather), promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

type healthAnswer struct {
	OK     bool                    `json:"ok"`
	Checks map[string]healthResult `json:"checks"`
}

type healthResult struct {
	OK  bool   `json:"ok"`
	Why string `json:"why,omitempty"`
}

// healthz is 200 when every check is good, 503 otherwise, with all of them either way.
func (h *Health) healthz(w http.ResponseWriter, r *http.Request) {
	answer := healthAnswer{true, map[string]healthResult{}}
	for name, err := range h.ask(r.Context()) {
		result := healthResult{OK: err == nil}
		if err != nil {
			answer.OK = false
			result.Why = err.Error()
		}
		answer.Checks[name] = result
	}
	b, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, "the answer can't be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if !answer.OK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(b, '\n'))
}

var (
	errSlow  = errors.New("no answer in 2 s")
	errStill = errors.New("no answer yet to an earlier question")
)

// ask puts every check's question at once. One that does not answer in time is left behind, and not asked again
// until it does: questions never pile up.
func (h *Health) ask(ctx context.Context) map[string]error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	type answer struct {
		name string
		err  error
	}
	h.mu.Lock()
	names := slices.Sorted(maps.Keys(h.checks))
	answers := make(chan answer, len(names))
	out := make(map[string]error, len(names))
	waiting := 0
	for _, name := range names {
		c := h.checks[name]
		if c.running {
			out[name] = errStill
			continue
		}
		c.running = true
		waiting++
		out[name] = errSlow
		go func() {
			err := safely(ctx, c.ask)
			h.mu.Lock()
			c.running = false
			h.mu.Unlock()
			answers <- answer{name, err}
		}()
	}
	h.mu.Unlock()
	for range waiting {
		select {
		case a := <-answers:
			out[a.name] = a.err
		case <-ctx.Done():
			return out
		}
	}
	return out
}

// safely keeps a check that panics from taking the server with it.
func safely(ctx context.Context, ask func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the check itself failed with a %T: report it", p)
		}
	}()
	return ask(ctx)
}

// gather holds back a metric with a label that is not allowed, and says so in the check metrics.
func (h *Health) gather() ([]*dto.MetricFamily, error) {
	all, err := h.registry.Gather()
	refused := ""
	all = slices.DeleteFunc(all, func(f *dto.MetricFamily) bool {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if !slices.Contains(labels, l.GetName()) {
					refused = l.GetName()
					return true
				}
			}
		}
		return false
	})
	if refused != "" {
		h.mu.Lock()
		h.label = refused
		h.mu.Unlock()
	}
	return all, err
}
