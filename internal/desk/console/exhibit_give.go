package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
	"sanad/internal/office/access"
	"sanad/internal/office/exhibits"
)

// nameTo is the institution that gets something.
const nameTo = "to"

// listInstitutions are those of the pack, by which an act says who got an exhibit.
const listInstitutions = "institutions"

// givenData is one time that an exhibit left the house.
type givenData struct {
	At   time.Time
	To   any    // what the institution is called
	Form string // key
}

// giftData is one way to give an exhibit out: a copy without its hidden data, or the original, to a court alone.
type giftData struct {
	What      string // the last part of the address
	To        input
	Why, Text input
	Shown     bool // it came back
}

// given lists where an exhibit went.
func (w words) given(e *exhibits.Exhibit) []givenData {
	var out []givenData
	for _, g := range e.Given {
		form := "exhibit.form." + exhibits.FormCopy
		if g.Original {
			form = "exhibit.form." + exhibits.FormOriginal
		}
		out = append(out, givenData{At: w.when(g.At), To: w.listed(listInstitutions, g.To), Form: form})
	}
	return out
}

// gifts are the ways in which a mandate may give an exhibit out: what the policies refuse it is not offered.
func (c *Console) gifts(ctx context.Context, words words, who access.Mandate, e *exhibits.Exhibit, back *sentBack) ([]giftData, error) {
	gives, err := c.Exhibits.May(ctx, who.ID, access.ToExport, e)
	if err != nil || !gives {
		return nil, err
	}
	var out []giftData
	if e.Renders() {
		out = append(out, giftOf(words, doCopy, c.Pack.Words(listInstitutions), back))
	}
	if courts := c.Exhibits.Rules.Courts; len(courts) > 0 && !e.Withheld {
		out = append(out, giftOf(words, doGive, courts, back))
	}
	return out, nil
}

func giftOf(words words, what string, to []string, back *sentBack) giftData {
	values, wrong := back.of(what)
	g := giftData{What: what, Shown: back.what == what}
	g.Why, g.Text = reasons(what, values, wrong)
	g.To = input{Field: web.Form{Values: values, Errors: wrong}.Field(nameTo, "exhibit."+what+".to"), Shape: shapePick, form: what}
	for _, code := range to {
		pick := web.Pick{Value: code}
		switch name := words.listed(listInstitutions, code).(type) {
		case string:
			pick.Name = name
		default:
			pick.Name = code
		}
		g.To.Picks = append(g.To.Picks, pick)
	}
	return g
}

// misdirected says what is wrong with for whom an exhibit is asked; nil where nothing is. The room of exhibits asks everything else.
func (c *Console) misdirected(what, to string) *fault.Field {
	known := c.Pack.Words(listInstitutions)
	if what == doGive {
		known = c.Exhibits.Rules.Courts
	}
	if slices.Contains(known, to) || what == doGive && to != "" { // the room says that only a court gets it
		return nil
	}
	return &fault.Field{Name: nameTo, Key: "exhibit.to.missing"}
}

// handCopy gives a copy to be kept, under a name of ours.
func handCopy(w http.ResponseWriter, e *exhibits.Exhibit, pic *exhibits.Rendered) error {
	ending := map[string]string{"image/png": ".png", "image/jpeg": ".jpg"}[pic.Media]
	w.Header().Set("Content-Type", pic.Media)
	w.Header().Set("Content-Disposition", `attachment; filename="`+url.PathEscape("copy-"+e.Act.String()+ending)+`"`)
	_, _ = w.Write(pic.Bytes)
	return nil
}
