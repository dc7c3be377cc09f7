package app

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Whoever starts a demonstration again comes in at once, however often, and gets another session each time.
func TestDemoRestartLetsIn(t *testing.T) {
	t.Parallel()
	folder := shortStory(t, "2024-11-01T20:00:00Z")
	c := &Config{Pack: folder, Data: t.TempDir(), Listen: "127.0.0.1:0", Language: "fr"}
	env := Env{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }, Now: time.Now, Dice: newSeeded("chance")}
	seen := map[string]int{}
	for start := range 4 {
		d, err := openDemo(t.Context(), c, env, nil)
		if err != nil {
			t.Fatal(err)
		}
		enter := func() {
			f, err := d.frontsOf(c, d)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), "POST", "/demo/enter", strings.NewReader("seat="+d.pack.Roles[1].Seats[0]))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			w := httptest.NewRecorder()
			f.public.ServeHTTP(w, r)
			cookie := w.Header().Get("Set-Cookie")
			if w.Code != 303 || cookie == "" {
				t.Errorf("start %d: %d", start, w.Code)
			}
			if before, same := seen[cookie]; same {
				t.Errorf("start %d draws the session of start %d", start, before)
			}
			seen[cookie] = start
		}
		if start == 1 {
			enter() // while the story is played
		}
		err = d.play(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		enter()
		err = d.shut()
		if err != nil {
			t.Fatal(err)
		}
	}
}
