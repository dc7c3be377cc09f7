//go:build linux

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode"
)

// A disk that is really full: the server refuses in the reader's language, loses nothing it acknowledged, records
// nothing it refused, goes on answering, and takes notices again as soon as there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if os.Geteuid() != 0 {
		t.Skip("missing: root, to mount a small disk")
	}
	err := syscall.Mount("sanad-e2e", dir, "tmpfs", 0, "size=16m")
	if err != nil {
		t.Skipf("missing: root that may mount (%v)", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	filler := filepath.Join(dir, "filler")
	err = os.WriteFile(filler, make([]byte, 8<<20), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, dir, "")
	key := logKey(t, dir)
	pool := open(t, dir, "")
	long := strings.Repeat("Somebody writes to children. ", 300)

	// Many write until one is refused; then all stop.
	var mu sync.Mutex
	var taken []*receipt
	var refused []*reply
	var writers sync.WaitGroup
	deadline := time.Now().Add(60 * time.Second)
	for i := range 16 {
		writers.Go(func() {
			c := client()
			for n := 0; ; n++ {
				mu.Lock()
				over := len(refused) > 0 || time.Now().After(deadline)
				mu.Unlock()
				if over {
					return
				}
				got, r, err := fill(t.Context(), c, s.public, fmt.Sprintf("%d %d %s", i, n, long))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if got != nil {
					taken = append(taken, got)
				} else {
					refused = append(refused, r)
				}
				mu.Unlock()
			}
		})
	}
	writers.Wait()
	if len(refused) == 0 || len(taken) == 0 {
		t.Fatalf("%d taken, %d refused: the disk never filled", len(taken), len(refused))
	}
	for language, script := range map[string]*unicode.RangeTable{"fr": unicode.Latin, "ar": unicode.Arabic, "en": unicode.Latin} {
		refusal(t, s, language, script, long)
	}
	// It still answers questions.
	allFollow(t, s.public, taken, "on the full disk")
	if r := fetch(t, s.public+"/"); r.status != http.StatusOK {
		t.Errorf("the form on a full disk: %d %s", r.status, r.body)
	}
	// The first and the last ones are provable as soon as a checkpoint could be written; with room, it is.
	err = os.Remove(filler)
	if err != nil {
		t.Fatal(err)
	}
	again := awaitTaken(t, s)
	taken = append(taken, again)
	proves(t, client(), s.public, key, taken[0])
	proves(t, client(), s.public, key, taken[len(taken)-2])
	verify(t, dir, "", key)
	whole(t, pool)
	if n := count(t, pool, "SELECT count(*) FROM notice"); n != int64(len(taken)) {
		t.Errorf("%d notices are recorded, %d were acknowledged", n, len(taken))
	}
	_ = pool.Close()
	s.stop()
	v := verify(t, dir, "", key)
	if v.Signed != v.Acts {
		t.Errorf("%d acts, %d signed", v.Acts, v.Signed)
	}
	s = serve(t, dir, "")
	allFollow(t, s.public, taken, "after the restart")
	mustPost(t, s.public, "after the restart")
	s.stop()
}

// refusal wants the answer of a full disk as a problem document that a reader of the language understands.
func refusal(t *testing.T, s *server, language string, script *unicode.RangeTable, text string) {
	t.Helper()
	r, err := send(t.Context(), client(), s.public+"/api/v1/notices", "application/json", noticeJSON(text), language)
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Title, Detail, Code, Safe, Next string
		Status                          int
	}
	err = json.Unmarshal(r.body, &p)
	if r.status != http.StatusServiceUnavailable || err != nil || p.Status != r.status || p.Code != "unavailable" ||
		r.header.Get("Content-Type") != "application/problem+json" || r.header.Get("Retry-After") == "" {
		t.Errorf("%s: %d %v %s", language, r.status, r.header, r.body)
		return
	}
	if !strings.HasPrefix(r.header.Get("Content-Language"), language) {
		t.Errorf("asked in %s, answered in %s", language, r.header.Get("Content-Language"))
	}
	for _, words := range []string{p.Title, p.Detail, p.Safe, p.Next} {
		in := strings.IndexFunc(words, func(c rune) bool { return unicode.Is(script, c) })
		if in < 0 || strings.Contains(words, "error.") || strings.Contains(strings.ToLower(words), "sqlite") || strings.Contains(words, "disk I/O") {
			t.Errorf("%s: %q", language, words)
		}
	}
}

// awaitTaken posts until a notice is taken again.
func awaitTaken(t *testing.T, s *server) *receipt {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		got, r, err := post(t.Context(), client(), s.public, "there is room again")
		if err != nil {
			t.Fatal(err)
		}
		if got != nil {
			return got
		}
		if time.Now().After(deadline) {
			t.Fatalf("there is room, and still: %d %s\n%s", r.status, r.body, s.stderr)
		}
	}
}
