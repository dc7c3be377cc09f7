package watch_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"sanad/internal/desk/watch"
	"sanad/internal/kit/text"
)

// partition adds up what was kept and what was removed: the whole page, each byte once, in order, and the sums hold.
func partition(t interface {
	Helper()
	Fatalf(string, ...any)
}, page []byte, r *watch.Reading,
) {
	t.Helper()
	at, kept, removed := 0, 0, 0
	var bodies []string
	for at < len(page) {
		switch {
		case kept < len(r.Paragraphs) && r.Paragraphs[kept].From == at:
			p := r.Paragraphs[kept]
			if p.To <= at || p.To > len(page) || string(page[p.From:p.To]) != p.Text || sum(p.Text) != p.SHA256 {
				t.Fatalf("paragraph %d is not what stands at %d-%d", kept, p.From, p.To)
			}
			if text.Trim(p.Text, text.Span{To: len(p.Text)}) != (text.Span{To: len(p.Text)}) || strings.ContainsAny(p.Text, "\n\r") {
				t.Fatalf("paragraph %d is not one trimmed line", kept)
			}
			bodies = append(bodies, p.Text)
			at, kept = p.To, kept+1
		case removed < len(r.Removed) && r.Removed[removed].From == at:
			d := r.Removed[removed]
			if d.To <= at || d.To > len(page) {
				t.Fatalf("removed %d-%d", d.From, d.To)
			}
			if (d.Why == watch.Space) != text.IsBlank(string(page[d.From:d.To])) {
				t.Fatalf("removed %d-%d as %s", d.From, d.To, d.Why)
			}
			at, removed = d.To, removed+1
		default:
			t.Fatalf("nobody has byte %d of %d", at, len(page))
		}
	}
	if kept != len(r.Paragraphs) || removed != len(r.Removed) || sum(strings.Join(bodies, "\n")) != r.BodySHA256 {
		t.Fatalf("%d of %d paragraphs, %d of %d removed, body %s", kept, len(r.Paragraphs), removed, len(r.Removed), r.BodySHA256)
	}
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}
