package console

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

const findPath = "/find"

// nameNumber is what somebody looks a file up by.
const nameNumber = "number"

// mostFound is how many files one number may lead to: it is short, and two files may begin alike.
const mostFound = 20

// shortest is how much of a number must be given, in letters.
const shortest = 4

// findData is the page that answers a number which leads to no file, or to several.
type findData struct {
	web.Form
	Field web.Field
	Found []foundFile
}

// foundFile is a file that a number may mean.
type foundFile struct {
	Href   string
	Sort   string // key
	Number lang.Code
	About  *said
}

const pageFind = "console/find"

// find leads to the file that bears a number, as people write it: the first letters of its identifier, or all of them. A file that
// who asks may not read is not there.
func (c *Console) find(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	given := r.URL.Query().Get(nameNumber)
	d := findData{Form: web.Form{Values: r.URL.Query()}}
	status := http.StatusOK
	from, to, ok := spread(given)
	if ok {
		files, err := c.between(r.Context(), from, to)
		if err != nil {
			return err
		}
		views, err := c.Clerk.Views(r.Context(), who.ID, files)
		if err != nil {
			return err
		}
		if len(views) == 1 {
			http.Redirect(w, r, fileHref(views[0].File), http.StatusSeeOther) //nolint:gosec // G710: an identifier, on this site
			return nil
		}
		words := c.words(r)
		for _, v := range views {
			d.Found = append(d.Found, foundFile{fileHref(v.File), "sort." + v.Sort, number(v.File), words.about(codeOf(v.Acts[0].Facts))})
		}
	}
	if len(d.Found) == 0 {
		status = http.StatusNotFound
		d.Errors = []fault.Field{{Name: nameNumber, Key: "find.none"}}
		if !ok {
			status = http.StatusUnprocessableEntity
			d.Errors[0].Key, d.Errors[0].Args = "find.short", lang.Args{"min": shortest}
		}
	}
	d.Field = d.Form.Field(nameNumber, "find.number")
	return c.Show(w, r, who, status, pageFind, d)
}

// between lists the files whose identifiers lie between two, the front of an index.
func (c *Console) between(ctx context.Context, from, to act.ID) ([]act.ID, error) {
	var out []act.ID
	err := c.Clerk.Read(ctx, func(tx clerk.Tx) error { return between(ctx, tx, from, to, &out) })
	return out, err
}

func between(ctx context.Context, tx clerk.Tx, from, to act.ID, out *[]act.ID) error {
	err := each(ctx, tx, "SELECT file FROM state WHERE file >= ? AND file <= ? ORDER BY file LIMIT ?", []any{from[:], to[:], mostFound},
		func(rows *sql.Rows) error {
			var b sql.RawBytes
			err := rows.Scan(&b)
			if err != nil {
				return err
			}
			id, err := toID(b)
			*out = append(*out, id)
			return err
		})
	if err != nil {
		return fmt.Errorf("find a file: %w", err)
	}
	return nil
}

// spread reads a number as it is written or read out: in capitals, with spaces, marks or a file's whole address around it. It returns
// the identifiers that begin with it.
func spread(text string) (from, to act.ID, ok bool) {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
	if at := strings.LastIndex(text, "/file/"); at >= 0 {
		text, _, _ = strings.Cut(text[at+len("/file/"):], "?")
	}
	var bits []bool
	for _, r := range strings.ToLower(text) {
		if strings.ContainsRune(" -.\u00a0\u2066\u2067\u2068\u2069\u200e\u200f", r) {
			continue
		}
		at := strings.IndexRune(alphabet, r)
		if at < 0 {
			return from, to, false
		}
		for i := 4; i >= 0; i-- {
			bits = append(bits, at>>i&1 == 1)
		}
	}
	if len(bits) < 5*shortest {
		return from, to, false
	}
	bits = bits[:min(len(bits), 8*len(from))]
	to = act.ID(slices.Repeat([]byte{0xff}, len(to)))
	for i, set := range bits {
		mask := byte(0x80) >> (i % 8)
		if set {
			from[i/8] |= mask
		} else {
			to[i/8] &^= mask
		}
	}
	return from, to, true
}
