package app

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"sanad/internal/desk/watch"
)

// mostPage is the largest press text that is read.
const mostPage = 64 << 20

func watchReadFlags(fs *flag.FlagSet) Run {
	asJSON := fs.Bool("json", false, "print what was read, byte by byte, as a JSON array in the order of the files; a paragraph is the file's own bytes, HTML's entities in it included")
	return func(ctx context.Context, env Env, args []string) int {
		read, err := readPages(ctx, args)
		if err != nil {
			return say(env, "watch read", err)
		}
		if *asJSON {
			to := json.NewEncoder(env.Stdout)
			to.SetEscapeHTML(false)
			err = to.Encode(read)
		} else {
			err = summarize(env.Stdout, read)
		}
		if err != nil {
			return say(env, "watch read", err)
		}
		return ExitGood
	}
}

// readPages reads every file or none: half an answer would look like a whole one.
func readPages(ctx context.Context, names []string) ([]*watch.Reading, error) {
	var shelf watch.Shelf
	var out []*watch.Reading
	for _, name := range names {
		err := ctx.Err()
		if err != nil {
			return nil, err
		}
		page, err := readPage(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r, err := watch.Read(filepath.Base(name), page)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		shelf.Add(r)
		out = append(out, r)
	}
	return out, nil
}

func readPage(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, cannot(err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		return nil, errors.Join(errors.New("it is a folder: name the files in it"), f.Close())
	}
	page, err := io.ReadAll(io.LimitReader(f, mostPage+1))
	err = errors.Join(err, f.Close())
	if err == nil && len(page) > mostPage {
		err = fmt.Errorf("it has more than %d MB, which no press text has: cut it first", mostPage>>20)
	}
	return page, err
}

// summarize prints a few lines for each file.
func summarize(w io.Writer, read []*watch.Reading) error {
	var b strings.Builder
	for i, r := range read {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintln(&b, clean(r.File))
		row := func(name, value string) { fmt.Fprintf(&b, "  %-10s %s\n", name, value) }
		row("title", orNone(r.Title))
		row("outlet", orNone(r.Outlet))
		row("date", orNone(r.Date))
		row("language", orNone(r.Language))
		row("article", fmt.Sprintf("%d paragraphs, %d words, sha256 %s", len(r.Paragraphs), r.Words(), r.BodySHA256))
		count := map[watch.Why]int{}
		for _, d := range r.Removed {
			count[d.Why]++
		}
		var removed []string
		for _, why := range []watch.Why{watch.Headlines, watch.Template, watch.Metadata, watch.Repetition} {
			if count[why] > 0 {
				removed = append(removed, fmt.Sprintf("%d %s", count[why], why))
			}
		}
		if removed == nil {
			removed = []string{"nothing but space"}
		}
		row("removed", strings.Join(removed, ", "))
		if len(r.SameStoryAs) > 0 {
			row("same story", clean(strings.Join(r.SameStoryAs, ", ")))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func orNone(s *string) string {
	if s == nil {
		return "not given"
	}
	return clean(*s)
}

// clean leaves out what would move a terminal's cursor or turn its text around.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
}
