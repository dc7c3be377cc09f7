package watch_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"unicode/utf8"

	"sanad/internal/desk/watch"
	"sanad/internal/kit/text"
)

// Three real press texts, which the repository may not hold, lie beside it where it is developed.
const beside = "../../../../shared"

type seed struct {
	File             string   `json:"file"`
	Paragraphs       int      `json:"paragraphs"`
	Runes            int      `json:"runes"`
	Words            int      `json:"words"`
	BodySHA256       string   `json:"body_sha256"`
	Removed          *int     `json:"removed"`
	Headlines        *int     `json:"headlines_removed"`
	HeadlinesApart   *int     `json:"headlines_distinct"`
	Templates        *int     `json:"template_lines_removed"`
	RepeatedLines    *int     `json:"repeated_block_lines"`
	Title            *string  `json:"title"`
	Outlet           *string  `json:"outlet"`
	Date             *string  `json:"date"`
	Language         *string  `json:"language"`
	MustKeep         []string `json:"must_keep_short"`
	SameStoryAs      []string `json:"same_story_as"`
	EqualsWithSpaces bool     `json:"joined_with_space_equals_000"`
}

func TestSeeds(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join(beside, "ref/watch/seeds_expected.json"))
	if err != nil {
		t.Skip("absent: ../shared/seeds")
	}
	var all map[string]json.RawMessage
	err = json.Unmarshal(raw, &all)
	if err != nil {
		t.Fatal(err)
	}
	var shelf watch.Shelf
	files := map[string]string{} // by number, for same_story_as
	for _, number := range []string{"000", "001", "002"} {
		var want seed
		err := json.Unmarshal(all[number], &want)
		if err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile(filepath.Join(beside, "seeds", want.File))
		if err != nil {
			t.Skip("absent: ../shared/seeds")
		}
		got, err := watch.Read(want.File, page)
		if err != nil {
			t.Fatal(err)
		}
		shelf.Add(got)
		files[number] = want.File
		partition(t, page, got)
		check(t, got, want, page, files)
	}
}

func check(t *testing.T, got *watch.Reading, want seed, page []byte, files map[string]string) {
	t.Helper()
	body := got.Body()
	removed := map[watch.Why]int{}
	apart := map[string]bool{}
	for _, r := range got.Removed {
		removed[r.Why]++
		if r.Why == watch.Headlines {
			apart[string(page[r.From:r.To])] = true
		}
	}
	same := []string{}
	for _, number := range want.SameStoryAs {
		same = append(same, files[number])
	}
	if len(got.Paragraphs) != want.Paragraphs || utf8.RuneCountInString(body) != want.Runes || text.CountWords(body) != want.Words || got.BodySHA256 != want.BodySHA256 {
		t.Errorf("%s: %d paragraphs, %d characters, %d words, %s", got.File, len(got.Paragraphs), utf8.RuneCountInString(body), text.CountWords(body), got.BodySHA256)
	}
	for what, pair := range map[string][2]*string{
		"title": {got.Title, want.Title}, "outlet": {got.Outlet, want.Outlet}, "date": {got.Date, want.Date}, "language": {got.Language, want.Language},
	} {
		if word(pair[0]) != word(pair[1]) {
			t.Errorf("%s: %s is %s, want %s", got.File, what, word(pair[0]), word(pair[1]))
		}
	}
	for what, pair := range map[string]struct {
		got  int
		want *int
	}{
		"removed": {len(got.Removed), want.Removed}, "headlines": {removed[watch.Headlines], want.Headlines}, "headlines apart": {len(apart), want.HeadlinesApart},
		"templates": {removed[watch.Template], want.Templates}, "repetitions": {removed[watch.Repetition], want.RepeatedLines},
	} {
		if pair.want != nil && pair.got != *pair.want {
			t.Errorf("%s: %s: %d, want %d", got.File, what, pair.got, *pair.want)
		}
	}
	for _, short := range want.MustKeep {
		if !slices.ContainsFunc(got.Paragraphs, func(p watch.Paragraph) bool { return p.Text == short }) {
			t.Errorf("%s lost a short paragraph of %d letters", got.File, len(short))
		}
	}
	if !slices.Equal(got.SameStoryAs, same) {
		t.Errorf("%s: the same story as %q, want %q", got.File, got.SameStoryAs, same)
	}
}

func word(s *string) string {
	if s == nil {
		return "null"
	}
	return *s
}
