package console

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"sanad/internal/kit/lang"
	"sanad/internal/office/access"
)

// Where a person finds what they did themselves.
const (
	didPath    = "/did"
	pageDid    = "console/did"
	nameBefore = "before"
)

// didData is what a mandate did in one stretch of the log.
type didData struct {
	Filters  []filter
	Lines    []didLine
	From, To time.Time // of the stretch
	Empty    bool      // there is no such stretch
	Top      string
	Earlier  string
}

// didLine is one act of one's own.
type didLine struct {
	Kind, Step string // keys; a step's where the kind alone says too little
	At         time.Time
	Act        lang.Code
	Href       string
	Sort       string // key
	Number     lang.Code
	About      *said
}

// did shows what the mandate did, the newest first: who worked at night on forty files finds each of them again.
func (c *Console) did(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	before, err := strconv.ParseInt(r.URL.Query().Get(nameBefore), 10, 64)
	if err != nil || before < 0 {
		before = 0 // from the newest, as where nobody said anything
	}
	done, err := c.Clerk.Did(r.Context(), who.ID, before)
	if err != nil {
		return err
	}
	words := c.words(r)
	d := didData{Filters: filters(askedQueue{}, c.sorts(), true), Empty: done.To == 0, From: words.when(done.From), To: words.when(done.To)}
	for _, a := range done.Acts {
		line := didLine{
			Kind: "kind." + a.Kind, At: words.when(a.Recorded), Act: lang.Code(strconv.FormatInt(a.Seq, 10)),
			Href: fileHref(a.File), Sort: "sort." + a.Of, Number: number(a.File), About: words.about(codeOf(a.Facts)),
		}
		if a.Procedure != nil {
			line.Step = stepKey(a.Procedure.Protocol, a.Procedure.Step)
		}
		d.Lines = append(d.Lines, line)
	}
	if before > 0 {
		d.Top = didPath
	}
	if done.Before > 0 {
		d.Earlier = didPath + "?" + url.Values{nameBefore: {strconv.FormatInt(done.Before, 10)}}.Encode()
	}
	return c.Show(w, r, who, http.StatusOK, pageDid, d)
}
