package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func askHealth(t *testing.T, h *Health, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func healthOf(t *testing.T, h *Health) (int, healthAnswer) {
	t.Helper()
	status, body := askHealth(t, h, "/healthz")
	var a healthAnswer
	err := json.Unmarshal([]byte(body), &a)
	if err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return status, a
}

func TestHealth(t *testing.T) {
	t.Parallel()
	h := NewHealth(time.Now)
	var broken error
	h.Check("store", func(context.Context) error { return broken })
	status, a := healthOf(t, h)
	if status != http.StatusOK || !a.OK || len(a.Checks) != 3 || !a.Checks["store"].OK || !a.Checks["clock"].OK {
		t.Fatalf("%d %+v", status, a)
	}
	broken = errors.New("the database does not answer: look at its log")
	h.Check("panics", func(context.Context) error { panic("canary") })
	status, a = healthOf(t, h)
	if status != http.StatusServiceUnavailable || a.OK || a.Checks["store"].Why != broken.Error() || !a.Checks["clock"].OK {
		t.Errorf("%d %+v", status, a)
	}
	if why := a.Checks["panics"].Why; why == "" || strings.Contains(why, "canary") {
		t.Errorf("%q", why)
	}
	if status, _ := askHealth(t, h, "/other"); status != http.StatusNotFound {
		t.Errorf("/other: %d", status)
	}
}

func TestHealthClock(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	h := NewHealth(func() time.Time { return at })
	h.Clamped(90 * time.Second)
	for after, good := range map[time.Duration]bool{0: false, 9 * time.Minute: false, -time.Hour: false, 10 * time.Minute: true} {
		at = time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC).Add(after)
		status, a := healthOf(t, h)
		if c := a.Checks["clock"]; c.OK != good || (status == http.StatusOK) != good || !good && !strings.Contains(c.Why, "1m30s") {
			t.Errorf("%s later: %d %+v", after, status, a)
		}
	}
	if _, body := askHealth(t, h, "/metrics"); !strings.Contains(body, "\nsanad_clock_clamped_total 1\n") {
		t.Error("it was not counted")
	}
}

// A check that hangs is answered for after two seconds, the others are not held up, and it is asked again only
// once it came back.
func TestHealthHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := NewHealth(time.Now)
		var asked atomic.Int32
		release := make(chan struct{})
		h.Check("hangs", func(context.Context) error { asked.Add(1); <-release; return nil })
		start := time.Now()
		status, a := healthOf(t, h)
		if status != http.StatusServiceUnavailable || a.Checks["hangs"].Why != errSlow.Error() || !a.Checks["clock"].OK || time.Since(start) != checkTime {
			t.Errorf("%d %+v after %s", status, a, time.Since(start))
		}
		_, a = healthOf(t, h)
		if a.Checks["hangs"].Why != errStill.Error() || asked.Load() != 1 || time.Since(start) != checkTime {
			t.Errorf("%+v, asked %d times", a, asked.Load())
		}
		close(release)
		synctest.Wait()
		if _, a = healthOf(t, h); !a.OK || asked.Load() != 2 {
			t.Errorf("%+v, asked %d times", a, asked.Load())
		}
	})
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	h := NewHealth(time.Now)
	good := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sanad_requests_total", Help: "Requests."}, []string{"code"})
	good.WithLabelValues("200").Inc()
	bad := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sanad_acts_total", Help: "Acts."}, []string{"kind"})
	bad.WithLabelValues("canary").Inc()
	err := h.Register(good, bad)
	if err != nil {
		t.Fatal(err)
	}
	if h.Register(good) == nil {
		t.Error("the same name was taken twice")
	}
	status, body := askHealth(t, h, "/metrics")
	if status != http.StatusOK || !strings.Contains(body, `sanad_requests_total{code="200"} 1`) || !strings.Contains(body, "go_goroutines") || !strings.Contains(body, "process_open_fds") {
		t.Errorf("%d %s", status, body)
	}
	if strings.Contains(body, "canary") {
		t.Error("a label that names a kind left the house")
	}
	if _, a := healthOf(t, h); a.OK || !strings.Contains(a.Checks["metrics"].Why, `"kind"`) {
		t.Errorf("nobody is told: %+v", a)
	}
}
