package watch_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sanad/internal/desk/watch"
)

// A page of testdata is invented and marked by hand. Above --- stands what the page says of itself; below, each line
// begins with what it is: p a paragraph of the article, h headlines, t template, m metadata, r repetition.
type marked struct {
	page  string
	says  map[string]string
	parts []piece
}

type piece struct{ Kind, Text string }

var kinds = map[string]string{
	"p": "kept", "h": string(watch.Headlines), "t": string(watch.Template), "m": string(watch.Metadata), "r": string(watch.Repetition),
}

const wide = "\u00a0\u00a0\u00a0\u00a0"

func readMarked(t *testing.T, name string) marked {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	head, body, found := strings.Cut(string(raw), "---\n")
	if !found {
		t.Fatalf("%s has no ---", name)
	}
	m := marked{says: map[string]string{}}
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		m.says[key] = strings.TrimSpace(value)
	}
	var page strings.Builder
	for line := range strings.Lines(body) {
		mark, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		page.WriteString(text + "\n")
		texts := []string{text}
		if mark == "h" {
			texts = strings.Split(text, wide)
		}
		for _, one := range texts {
			if mark != "" && one != "" {
				m.parts = append(m.parts, piece{kinds[mark], one})
			}
		}
	}
	m.page = page.String()
	return m
}

// pieces lists what was kept and what was removed, without the space, in the order of the page.
func pieces(page string, r *watch.Reading) []piece {
	var out []piece
	kept := 0
	for _, d := range r.Removed {
		for kept < len(r.Paragraphs) && r.Paragraphs[kept].From < d.From {
			out = append(out, piece{"kept", r.Paragraphs[kept].Text})
			kept++
		}
		if d.Why != watch.Space {
			out = append(out, piece{string(d.Why), page[d.From:d.To]})
		}
	}
	for ; kept < len(r.Paragraphs); kept++ {
		out = append(out, piece{"kept", r.Paragraphs[kept].Text})
	}
	return out
}

func says(r *watch.Reading) map[string]string {
	out := map[string]string{}
	for key, s := range map[string]*string{"title": r.Title, "outlet": r.Outlet, "date": r.Date, "language": r.Language} {
		out[key] = ""
		if s != nil {
			out[key] = *s
		}
	}
	return out
}

// Every page reads as it was marked, whatever ends its lines and whatever stands before its first letter.
func TestPages(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(names) < 8 {
		t.Fatalf("%d pages, %v", len(names), err)
	}
	for _, name := range names {
		want := readMarked(t, filepath.Base(name))
		lines := 0
		mixed := func(string) string {
			lines++
			return []string{"\r\n", "\n", "\r\n", "\u2028"}[lines%4]
		}
		var mix strings.Builder
		for line := range strings.Lines(want.page) {
			mix.WriteString(strings.TrimSuffix(line, "\n") + mixed(line))
		}
		for how, page := range map[string]string{
			"as it is": want.page, "CR LF": strings.ReplaceAll(want.page, "\n", "\r\n"), "CR": strings.ReplaceAll(want.page, "\n", "\r"),
			"mixed": mix.String(), "BOM": "\ufeff" + want.page, "no last line end": strings.TrimSuffix(want.page, "\n"),
			"indented": "\u00a0\t" + strings.ReplaceAll(want.page, "\n", " \u00a0\n  "),
		} {
			got, err := watch.Read(name, []byte(page))
			if err != nil {
				t.Fatal(err)
			}
			partition(t, []byte(page), got)
			if d := cmp.Diff(want.parts, pieces(page, got)); d != "" {
				t.Errorf("%s, %s: -want +got\n%s", name, how, d)
			}
			if d := cmp.Diff(want.says, says(got)); d != "" {
				t.Errorf("%s, %s: -want +got\n%s", name, how, d)
			}
		}
	}
}
