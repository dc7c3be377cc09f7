package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/legaltime"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
	"sanad/internal/office/tell"
)

// perPage is how many files a page of the queue lists.
const perPage = 40

// mostLooked is how many places a page may look at: what is filtered out is passed over, and the next page goes on from there.
const mostLooked = 240

// queueData is what the queue's page shows.
type queueData struct {
	Lines   []lineData
	Late    int
	Filters []filter
	Whole   bool // this page is all there is
	First   bool // it begins at the top
	Top     string
	Next    string
	Find    web.Field // a file's number
}

// filter is a link that narrows the queue.
type filter struct {
	Key, Href string
	Current   bool
}

// lineData is one file that waits, with the first clock that runs in what the mandate may read of it.
type lineData struct {
	Href     string
	Number   lang.Code
	Sort     string // key
	About    *said  // what the file is about; nil where the opening act does not say
	Platform string // as people call it
	Kind     string // key of the newest step
	Since    time.Time
	Clock    *clockData
	Expected *said // where no clock says what is
	Mine     bool
	Whose    *said // whose duty the clock of what is Mine is, where that is another role's
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
	Last           *said       // the last day on which one may act; nil for a clock of hours, which ends at an instant
	Still          *said       // where it stands still: since when, and by what
	Trace          []tell.Line // how it is computed; on a file's page
}

// askedQueue is what of the queue somebody wants to see.
type askedQueue struct {
	mine  bool
	sort  string
	after mark
}

func (a askedQueue) href() string {
	q := url.Values{}
	if a.mine {
		q.Set("mine", "1")
	}
	if a.sort != "" {
		q.Set("sort", a.sort)
	}
	if a.after != (mark{}) {
		q.Set("after", a.after.String())
	}
	if len(q) == 0 {
		return queuePath
	}
	return queuePath + "?" + q.Encode()
}

const queuePath = "/queue"

func (c *Console) queue(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	given := r.URL.Query()
	asked := askedQueue{mine: given.Get("mine") == "1", after: markOf(given.Get("after"))}
	sorts := c.sorts()
	if slices.Contains(sorts, given.Get("sort")) {
		asked.sort = given.Get("sort")
	}
	if c.Seen != nil {
		err := c.Seen(r.Context(), who.ID)
		if err != nil {
			return err
		}
	}
	words := c.words(r)
	data := queueData{First: asked.after == mark{}, Filters: filters(asked, sorts, false), Find: web.Form{}.Field(nameNumber, "find.number")}
	var end *mark
	err := c.Clerk.Read(r.Context(), func(tx clerk.Tx) error {
		var err error
		data.Lines, end, err = c.lines(r.Context(), tx, who, asked, words)
		return err
	})
	if err != nil {
		return err
	}
	err = c.callPlatforms(r, who, data.Lines)
	if err != nil {
		return err
	}
	for i := range data.Lines {
		if l := data.Lines[i].Clock; l != nil && l.Remaining() <= 0 {
			data.Late++
		}
	}
	slices.SortStableFunc(data.Lines, ownFirst)
	data.Whole = data.First && end == nil
	if !data.First {
		data.Top = askedQueue{mine: asked.mine, sort: asked.sort}.href()
	}
	if end != nil {
		data.Next = askedQueue{asked.mine, asked.sort, *end}.href()
	}
	return c.Show(w, r, who, http.StatusOK, pageQueue, data)
}

// filters are the ways to narrow the queue: all, what is one's own to do, one sort of file; and beside them, what was done.
func filters(now askedQueue, sorts []string, did bool) []filter {
	out := []filter{
		{"queue.filter.all", askedQueue{}.href(), !now.mine && now.sort == "" && !did},
		{"queue.filter.mine", askedQueue{mine: true, sort: now.sort}.href(), now.mine},
	}
	for _, sort := range sorts {
		out = append(out, filter{"queue.filter." + sort, askedQueue{mine: now.mine, sort: sort}.href(), now.sort == sort})
	}
	return append(out, filter{"did.title", didPath, did})
}

// sorts are the sorts of file that some protocol can close: those that wait for somebody.
func (c *Console) sorts() []string {
	var out []string
	for i := range c.Pack.Protocols {
		p := &c.Pack.Protocols[i]
		if p.Closable() && !slices.Contains(out, p.Sort) {
			out = append(out, p.Sort)
		}
	}
	return out
}

// lines are one page of the queue, and where the next begins; nil where there is none.
func (c *Console) lines(ctx context.Context, tx clerk.Tx, who access.Mandate, asked askedQueue, words words) ([]lineData, *mark, error) {
	may, audiences, err := readsOf(ctx, tx, who.ID)
	if err != nil {
		return nil, nil, err
	}
	look := looker{c.Pack.Engine(), may, who.ID, who.Person, who.Role}
	now := act.InstantOf(c.Clerk.Clock())
	sorts := c.sorts()
	if asked.sort != "" {
		sorts = []string{asked.sort}
	}
	var out []lineData
	at := asked.after
	for looked := 0; ; {
		next, err := places(ctx, tx, audiences, sorts, at, perPage+1)
		if err != nil || len(next) == 0 {
			return out, nil, err
		}
		some, err := c.glances(ctx, tx, look, next)
		if err != nil {
			return nil, nil, err
		}
		for i, p := range next {
			if len(out) == perPage || looked == mostLooked {
				return out, &at, nil
			}
			at = p
			looked++
			g := some[i]
			if g == nil || asked.mine && !g.mine || asked.sort != "" && g.sort != asked.sort {
				continue
			}
			out = append(out, c.line(words, p.file, g, who.Role, may, now))
		}
	}
}

// seenFile is a file of the queue as a mandate sees it.
type seenFile struct {
	*listed
	glance
	sort string
}

// glances looks at the files of some places; nil for a place that is not the first of its file.
func (c *Console) glances(ctx context.Context, tx clerk.Tx, look looker, at []mark) ([]*seenFile, error) {
	files := make([]act.ID, len(at))
	for i := range at {
		files[i] = at[i].file
	}
	list, err := listedOf(ctx, tx, look.may, files)
	if err != nil {
		return nil, err
	}
	var first []act.ID // of places that are the first of their file
	for _, p := range at {
		if l := list[p.file]; p.waits && l.soonest == 0 || !p.waits && l.soonest == p.at {
			first = append(first, p.file)
		}
	}
	states, err := statesOf(ctx, tx, first)
	if err != nil {
		return nil, err
	}
	out := make([]*seenFile, len(at))
	for i, p := range at {
		l, s := list[p.file], states[p.file]
		if s != nil && (p.waits && l.soonest == 0 || !p.waits && l.soonest == p.at) {
			out[i] = &seenFile{l, look.glance(s, l.lapses), s.Sort}
		}
	}
	return out, nil
}

func (c *Console) line(words words, file act.ID, g *seenFile, role string, may reads, now act.Instant) lineData {
	d := lineData{Href: fileHref(file), Number: number(file), Sort: "sort." + g.sort, Mine: g.mine}
	if may[g.audience] { // what the docket says is of the thread the file began in
		d.About, d.Kind, d.Since = words.about(g.code), "kind."+g.kind, words.when(g.since)
		if !g.platform.IsZero() {
			d.Platform = g.platform.String() // its name is asked for the whole page
		}
	}
	if g.clock != nil {
		d.Clock = c.clock(words, g.clock, now)
		if g.mine && g.clock.Owner != role {
			d.Whose = &said{"queue.whose", lang.Args{"role": lang.Key(d.Clock.Owner)}}
		}
	}
	var steps lang.List
	for _, s := range g.steps {
		if g.clock == nil || g.clock.Place.Protocol != s.protocol || !slices.Contains(g.clock.MetBy, s.step) { // else the clock says it
			steps = append(steps, words.step(s.protocol, s.step))
		}
	}
	if len(steps) > 0 {
		d.Expected = &said{"file.value", lang.Args{"value": words.eitherStep(steps)}}
	}
	return d
}

// ownFirst puts what waits for this mandate before what waits for others, among the files of a page that no clock orders.
func ownFirst(a, b lineData) int {
	if a.Clock != nil || b.Clock != nil { // clocks come first, and in their order
		return int(flag(a.Clock == nil) - flag(b.Clock == nil))
	}
	return int(flag(b.Mine) - flag(a.Mine))
}

// callPlatforms puts the names of platforms where their identifiers stand.
func (c *Console) callPlatforms(r *http.Request, who access.Mandate, lines []lineData) error {
	var ids []act.ID
	for i := range lines {
		id, err := act.ParseID(lines[i].Platform)
		if err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	names, err := c.names(r.Context(), who.ID, ids)
	if err != nil {
		return err
	}
	for i := range lines {
		lines[i].Platform = names[lines[i].Platform]
	}
	return nil
}

// names are what platforms are called, by identifier as text.
func (c *Console) names(ctx context.Context, mandate act.ID, files []act.ID) (map[string]string, error) {
	out := map[string]string{}
	if c.Names == nil || len(files) == 0 {
		return out, nil
	}
	names, err := c.Names(ctx, mandate, files)
	for id, name := range names {
		out[id.String()] = name
	}
	return out, err
}

func (c *Console) clock(words words, run *protocol.Running, now act.Instant) *clockData {
	steps := words.steps(run.Place.Protocol, run.MetBy)
	d := &clockData{
		Left: web.Left{Start: words.when(run.Start), Due: words.when(run.Due), Now: words.when(now)},
		Name: "deadline." + run.Place.Protocol + "." + run.Name, Rule: "rule." + run.Rule, Owner: roleKey(run.Owner),
		Expected: said{"file.value", lang.Args{"value": steps}},
		Turn:     said{"file.clock.turn", lang.Args{"steps": steps, "role": lang.Key(roleKey(run.Owner))}},
	}
	if run.Still != nil {
		d.Left.Due = d.Left.Start // there is none
		d.Still = &said{"file.clock.still", lang.Args{"since": lang.Moment(words.when(run.Still.From)), "step": words.step(run.Place.Protocol, run.Still.Step)}}
	}
	if rule := c.Pack.Rule(run.Rule); rule != nil {
		d.Basis = append(d.Basis, words.basis(rule.Basis))
		if rule.Mode != legaltime.Hours {
			d.Last = lastDay(d.Due)
		}
	}
	return d
}

// lastDay words the last day of a clock that is counted in days: it is too late from the midnight after, and whoever reads that
// midnight as a date has lost a day. Nil where an extension has moved the end into a day.
func lastDay(due time.Time) *said {
	last := due.Add(-1)
	if last.Day() == due.Day() {
		return nil
	}
	return &said{"file.clock.last", lang.Args{"weekday": lang.Key("form.weekday." + strconv.Itoa(int(last.Weekday()))), "date": lang.Day(last)}}
}

func fileHref(file act.ID) string { return "/file/" + file.String() }

// number is how a file is called among people: the first letters of its identifier.
func number(file act.ID) lang.Code {
	const short = 8
	return lang.Code(file.String()[:short])
}
