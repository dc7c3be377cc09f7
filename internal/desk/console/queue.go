package console

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// perPage is how many files a page of the queue lists.
const perPage = 40

// farthest is how many files may be skipped: nobody turns that many pages.
const farthest = 1_000_000

// queueData is what the queue's page shows.
type queueData struct {
	Lines          []lineData
	Late           int
	Whole          bool // this page is all there is
	Previous, Next string
}

// lineData is one file that waits, with the first clock that runs in what the mandate may read of it.
type lineData struct {
	Href   string
	Number lang.Code
	Sort   string // key
	Stage  string // key
	Since  time.Time
	Clock  *clockData
}

// clockData is a running deadline.
type clockData struct {
	web.Left
	Name  string // key
	Rule  string // key
	Owner string // key
	// Expected says what meets it; Turn says the same and whose turn it is.
	Expected, Turn said
	Basis          []said
}

func (c *Console) queue(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	ctx := r.Context()
	skip, err := strconv.Atoi(r.URL.Query().Get("skip"))
	if err != nil || skip < 0 || skip > farthest {
		skip = 0
	}
	var lines []Line
	err = c.Clerk.Read(ctx, func(tx clerk.Tx) error {
		lines, err = c.Lines.Queue(ctx, tx, who.ID, skip, perPage+1)
		return err
	})
	if err != nil {
		return err
	}
	data := queueData{Whole: skip == 0 && len(lines) <= perPage}
	if skip > 0 {
		data.Previous = queuePage(max(0, skip-perPage))
	}
	if len(lines) > perPage {
		lines = lines[:perPage]
		data.Next = queuePage(skip + perPage)
	}
	words := c.words(r)
	for _, l := range lines {
		// Asked of the clerk, not of the list: a clock in a thread this mandate may not read must not show here.
		v, err := c.Clerk.View(ctx, who.ID, l.File)
		if fault.CodeOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		d := lineData{Href: fileHref(l.File), Number: number(l.File), Sort: "sort." + l.Sort, Stage: l.Stage, Since: words.when(l.Since)}
		if len(v.Running) > 0 {
			d.Clock = c.clock(words, &v.Running[0], v.At)
			if d.Clock.Remaining() <= 0 {
				data.Late++
			}
		}
		data.Lines = append(data.Lines, d)
	}
	slices.SortStableFunc(data.Lines, soonest)
	return c.show(w, r, who, http.StatusOK, pageQueue, data)
}

// soonest puts the clock that runs out first on top, and what has none below.
func soonest(a, b lineData) int {
	switch {
	case a.Clock == nil && b.Clock == nil:
		return 0
	case a.Clock == nil:
		return 1
	case b.Clock == nil:
		return -1
	}
	return a.Clock.Due.Compare(b.Clock.Due)
}

func (c *Console) clock(words words, run *protocol.Running, now act.Instant) *clockData {
	steps := words.steps(run.Place.Protocol, run.MetBy)
	d := &clockData{
		Left: web.Left{Start: words.when(run.Start), Due: words.when(run.Due), Now: words.when(now)},
		Name: "deadline." + run.Place.Protocol + "." + run.Name, Rule: "rule." + run.Rule, Owner: roleKey(run.Owner),
		Expected: said{"file.value", lang.Args{"value": steps}},
		Turn:     said{"file.clock.turn", lang.Args{"steps": steps, "role": lang.Key(roleKey(run.Owner))}},
	}
	if rule := c.Pack.Rule(run.Rule); rule != nil {
		d.Basis = append(d.Basis, words.basis(rule.Basis))
	}
	return d
}

func queuePage(skip int) string {
	if skip == 0 {
		return "/"
	}
	return "/?skip=" + strconv.Itoa(skip)
}

func fileHref(file act.ID) string { return "/file/" + file.String() }

// number is how a file is called among people: the first letters of its identifier.
func number(file act.ID) lang.Code {
	const short = 8
	return lang.Code(file.String()[:short])
}
