package console_test

import "testing"
import "time"
import "net/http/httptest"

func TestMeasure(t *testing.T) {
	h := newHouse(t)
	h.enter("officer")
	for i := range 40 {
		f := h.receive("yes", "some text")
		if i%2 == 0 {
			h.perform("officer", f, "acknowledge")
			for range 10 {
				h.perform("officer", f, "assess", "body", "x")
			}
		}
	}
	for range 3 {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept", "text/html")
		r.Header.Set("Cookie", h.cookies["officer"])
		w := httptest.NewRecorder()
		s := time.Now()
		h.handler.ServeHTTP(w, r)
		t.Log("queue of 40:", time.Since(s), w.Body.Len())
		r.URL.Path = "/file/" + h.lines.all[0].File.String()
		w = httptest.NewRecorder()
		s = time.Now()
		h.handler.ServeHTTP(w, r)
		t.Log("file of 12 acts:", time.Since(s), w.Code, w.Body.Len())
	}
}
