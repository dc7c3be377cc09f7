package app

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sanad/internal/act"
)

// endless is a body that says it is large, and counts how much of it was read.
type endless struct{ read int64 }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	e.read += int64(len(b))
	return len(b), nil
}

// A body of 100 MB is refused on every route that takes one, long before its end, whether its length is told or not.
func TestLargeBodies(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	d := newDoors(t, h)
	d.enter("xx-officer-1")
	const large = 100 << 20
	public, inside := h.routers(t)
	before := h.verify(t).Acts
	for console, mux := range map[bool]*http.ServeMux{false: public, true: inside} {
		for _, p := range patterns(t, mux) {
			path, ok := strings.CutPrefix(p, "POST ")
			if !ok || path == "/sign-out" { // reads nothing of what it is sent
				continue
			}
			target := strings.NewReplacer("{id}", act.ID{1}.String(), "{act}", act.ID{2}.String(), "{sort}", "case", "{what}", "open").Replace(path)
			for media, head := range map[string]string{
				formType: "text=", jsonType: `{"text":"`, "multipart/form-data; boundary=b": "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n",
			} {
				for _, told := range []bool{true, false} {
					name := fmt.Sprintf("%s %s, told %v", p, media, told)
					flood := &endless{}
					r := httptest.NewRequest(http.MethodPost, target, io.MultiReader(strings.NewReader(head), io.LimitReader(flood, large)))
					r.Header.Set("Content-Type", media)
					r.Header.Set("Accept-Language", "en")
					r.ContentLength = -1
					if told {
						r.ContentLength = large + int64(len(head))
					}
					if console {
						r.Header.Set("Cookie", d.sessions["xx-officer-1"])
					}
					w := httptest.NewRecorder()
					door := d.fronts.public
					if console {
						door = d.fronts.console
					}
					door.ServeHTTP(w, r)
					if w.Code < 400 || w.Code >= 500 {
						t.Errorf("%s: %d\n%s", name, w.Code, w.Body)
					}
					most := int64(60 << 20)
					if told && w.Code == http.StatusRequestEntityTooLarge {
						most = 0
					}
					if told && target == "/report" && strings.HasPrefix(media, "multipart/") {
						most = 1 << 20 // its fields come first: whoever chose a film gets back what they wrote
					}
					if flood.read > most {
						t.Errorf("%s: %d after %d bytes", name, w.Code, flood.read)
					}
				}
			}
		}
	}
	if now := h.verify(t).Acts; now != before {
		t.Fatalf("%d acts came of it", now-before)
	}
}
