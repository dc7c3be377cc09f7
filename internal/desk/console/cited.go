package console

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"slices"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// cited is something an act rests on: an act of its own file, or another file, which opens.
type cited struct {
	What said
	Sort string // key; of another file
	Href string // "" for an act of the same file
}

// cites words what acts of a file cite, as far as the mandate reads it; what it may not read is not mentioned.
func (c *Console) cites(r *http.Request, who access.Mandate, words words, v *clerk.View, acts []clerk.Recorded) (map[act.ID][]cited, error) {
	own := map[act.ID]*clerk.Recorded{}
	for i := range v.Acts {
		own[v.Acts[i].ID] = &v.Acts[i]
	}
	var elsewhere []act.ID
	for _, a := range acts {
		for _, id := range a.Cites {
			if own[id] == nil && !slices.Contains(elsewhere, id) {
				elsewhere = append(elsewhere, id)
			}
		}
	}
	found, err := c.Clerk.Find(r.Context(), who.ID, elsewhere)
	if err != nil {
		return nil, err
	}
	out := map[act.ID][]cited{}
	for _, a := range acts {
		var files []act.ID
		for _, id := range a.Cites {
			if x := own[id]; x != nil {
				out[a.ID] = append(out[a.ID], cited{What: words.named(x)})
			}
			x, may := found[id]
			if may && !slices.Contains(files, x.File) {
				files = append(files, x.File)
				out[a.ID] = append(out[a.ID], fileCited(x.File, x.Of))
			}
		}
	}
	return out, nil
}

// fileCited names a file and leads to it.
func fileCited(file act.ID, sort string) cited {
	return cited{What: said{"file.value", lang.Args{"value": number(file)}}, Sort: "sort." + sort, Href: fileHref(file)}
}

// named is how an act of a file is called: its number, what it is, and when.
func (w words) named(a *clerk.Recorded) said {
	return said{"file.earlier.act", lang.Args{
		"number": lang.Code(number64(a.Seq)), "kind": lang.Key("kind." + a.Kind), "date": lang.Moment(w.when(a.Effective)),
	}}
}

// joinedTo are the cases that a notice was joined to, those the mandate reads: nobody makes a second one without knowing.
func (c *Console) joinedTo(ctx context.Context, who access.Mandate, v *clerk.View) ([]cited, error) {
	if v.Sort != sortNotice {
		return nil, nil
	}
	var out []cited
	err := c.Clerk.Read(ctx, func(tx clerk.Tx) error {
		may, _, err := readsOf(ctx, tx, who.ID)
		if err != nil {
			return err
		}
		var files []act.ID
		err = each(ctx, tx, "SELECT DISTINCT sake FROM kept WHERE file = ? ORDER BY sake", []any{v.File[:]}, func(rows *sql.Rows) error {
			var b sql.RawBytes
			err := rows.Scan(&b)
			if err != nil {
				return err
			}
			id, err := toID(b)
			files = append(files, id)
			return err
		})
		if err != nil {
			return fmt.Errorf("what a notice was joined to: %w", err)
		}
		list, err := listedOf(ctx, tx, may, files)
		if err != nil {
			return err
		}
		for _, file := range files {
			if l := list[file]; l != nil && may[l.audience] {
				out = append(out, fileCited(file, l.sort))
			}
		}
		return nil
	})
	return out, err
}
