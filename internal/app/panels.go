package app

import (
	"context"
	"errors"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/console"
	"sanad/internal/desk/registry"
	"sanad/internal/desk/request"
	"sanad/internal/desk/sanction"
	"sanad/internal/desk/watch"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// mostOnPanel is how many measures or alerts a panel lists: the newest.
const mostOnPanel = 50

// panels are what the desks know of a file, beside its acts: of a platform who it is, how it answered, what was decided against
// it and what it was told; of a case its requests; of an alert whom it is about. Each asks a desk's store, which gives a mandate
// only what it may read.
func (h *house) panels() map[string][]console.Panel {
	return map[string][]console.Panel{
		registry.Sort: {h.whoPanel, h.recordPanel, h.measuresPanel, h.alertsPanel},
		cases.Sort:    {h.requestsPanel},
		watch.Sort:    {h.tiedPanel},
	}
}

// local is an instant in the country's legal time.
func (h *house) local(i act.Instant) time.Time { return i.Time().In(h.zone()) }

// fileOf is where a file is read.
func fileOf(id act.ID) string { return "/file/" + id.String() }

// whoPanel says who a platform is: how many people use it and by which count, and whether papers can be served on somebody. All of
// it is public.
func (h *house) whoPanel(ctx context.Context, _ act.ID, v *clerk.View) (*web.Section, error) {
	var row *registry.Row
	err := h.clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		row, err = h.registry.Row(ctx, tx, v.File)
		return err
	})
	if errors.Is(err, registry.ErrNoPlatform) {
		return nil, nil //nolint:nilnil // a file that enrols none shows none
	}
	if err != nil {
		return nil, err
	}
	s := &web.Section{ID: "panel-who", Key: "registry.who"}
	say := func(key string, args lang.Args) { s.Intro = append(s.Intro, web.Said{Key: key, Args: args}) }
	if !row.Measured {
		say("registry.measured.never", nil)
	} else {
		say("panels.users", lang.Args{"count": row.Users, "metric": lang.Key("list.threshold_metrics." + row.Metric), "date": dayOf(row.MeasuredOn)})
		if row.Minors != nil {
			say("registry.minors", lang.Args{"count": *row.Minors})
		}
		say(dutyOf(h.registry.Threshold, row), nil)
	}
	if !row.Contest.IsZero() {
		say("registry.contested", nil)
	}
	represented := "registry.represented.no"
	switch {
	case row.Represented:
		represented = "registry.represented.yes"
	case !row.Appointed.IsZero():
		represented = "registry.represented.weak"
	}
	say(represented, nil)
	return s, nil
}

// dutyOf says on which side of the threshold a platform stands, by its own count.
func dutyOf(t registry.Threshold, row *registry.Row) string {
	switch {
	case t.Metric == "":
		return "registry.duty.unknown"
	case row.Metric != t.Metric:
		return "registry.duty.other"
	case row.Users > t.Above:
		return "registry.duty.above"
	}
	return "registry.duty.below"
}

// dayOf words a day that is held as text.
func dayOf(text string) any {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return lang.Code(text)
	}
	return lang.Day(day)
}

// recordPanel says how a platform answered the requests that the mandate may read.
func (h *house) recordPanel(ctx context.Context, mandate act.ID, v *clerk.View) (*web.Section, error) {
	var record request.Record
	err := h.clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		record, err = request.Store{Law: h.asks}.OfPlatform(ctx, tx, mandate, v.File)
		return err
	})
	if err != nil {
		return nil, err
	}
	s := &web.Section{ID: "panel-record", Key: "panels.record", Head: []string{"panels.record.what", "panels.record.count"}, Empty: "panels.record.none"}
	if record.Served == 0 {
		return s, nil
	}
	s.Intro = []web.Said{{Key: "panels.record.read"}}
	for _, line := range []struct {
		what  string
		count int
	}{
		{"served", record.Served},
		{"in_time", record.InTime},
		{"late", record.Late},
		{"overdue", record.Overdue},
		{"partial", record.Partial},
		{"refused", record.Refused},
		{"failed", record.Failed},
	} {
		s.Rows = append(s.Rows, []web.Cell{{Key: "panels.record." + line.what}, {Key: "panels.number", Args: lang.Args{"number": line.count}}})
	}
	return s, nil
}

// measuresPanel lists what was decided against a platform, the newest first.
func (h *house) measuresPanel(ctx context.Context, mandate act.ID, v *clerk.View) (*web.Section, error) {
	var rows []sanction.Row
	err := h.clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		rows, err = sanction.Store{Law: h.ladder}.OfPlatform(ctx, tx, mandate, v.File, mostOnPanel)
		return err
	})
	if err != nil {
		return nil, err
	}
	s := &web.Section{
		ID: "panel-measures", Key: "panels.measures", Head: []string{"panels.measure", "panels.decided", "panels.state", "panels.terms"},
		Empty: "panels.measures.none",
	}
	today := h.local(v.At).Format(time.DateOnly)
	for i := range rows {
		r := &rows[i]
		terms := web.Cell{Key: "panels.nothing"}
		until := lang.Args{"date": dayOf(r.Expires)}
		switch {
		case r.Amount > 0 && r.Expires != "":
			until["amount"] = r.Amount
			terms = web.Cell{Key: "panels.sum.until", Args: until}
		case r.Amount > 0:
			terms = web.Cell{Key: h.amountKey(), Args: lang.Args{"amount": r.Amount}}
		case r.Expires != "":
			terms = web.Cell{Key: "panels.until", Args: until}
		}
		s.Rows = append(s.Rows, []web.Cell{
			{Key: "list.rungs." + r.Rung, Href: fileOf(r.File)},
			{Key: "panels.day", Args: lang.Args{"date": lang.Day(h.local(r.Decided))}},
			{Key: "sanction.state." + r.Standing(today)},
			terms,
		})
	}
	return s, nil
}

// amountKey words a sum: in the pack's money, where the pack words it.
func (h *house) amountKey() string {
	for _, l := range h.pack.Languages {
		if _, worded := h.pack.Message(l, "letter.amount"); !worded {
			return "panels.sum"
		}
	}
	return "letter.amount"
}

// alertsPanel says what a platform was told in public: how much of it counts, and each alert. All of it is public.
func (h *house) alertsPanel(ctx context.Context, _ act.ID, v *clerk.View) (*web.Section, error) {
	k, err := h.watch.Knowledge(ctx, v.File, v.At)
	if err != nil {
		return nil, err
	}
	var rows []watch.Row
	err = h.clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		rows, err = h.watch.Tied(ctx, tx, v.File)
		return err
	})
	if err != nil {
		return nil, err
	}
	counts := map[act.ID]bool{}
	for _, tie := range k.Acts {
		counts[tie] = true
	}
	s := &web.Section{
		ID: "panel-alerts", Key: "panels.alerts", Head: []string{"panels.alert", "panels.published", "panels.counts"}, Empty: "panels.alerts.none",
	}
	if len(rows) > 0 {
		s.Intro = []web.Said{
			{Key: "panels.alerts.count", Args: lang.Args{"count": k.Alerts}},
			{Key: "panels.alerts.sources", Args: lang.Args{"count": k.Sources}},
			{Key: "panels.alerts.days", Args: lang.Args{"count": k.Days}},
		}
	}
	for i := range rows[:min(len(rows), mostOnPanel)] {
		r := &rows[i]
		published := web.Cell{Key: "panels.undated"}
		if r.Published != "" {
			published = web.Cell{Key: "panels.day", Args: lang.Args{"date": dayOf(r.Published)}}
		}
		counted := "panels.counts.yes"
		switch {
		case r.Dropped:
			counted = "panels.counts.dropped"
		case counts[r.Tie]:
		case !r.Repeats.IsZero():
			counted = "panels.counts.repeats"
		default:
			counted = "panels.counts.no"
		}
		s.Rows = append(s.Rows, []web.Cell{{Key: "list.alert_sources." + r.Source, Href: fileOf(r.File)}, published, {Key: counted}})
	}
	return s, nil
}

// requestsPanel lists a case's requests, with how far each is and whether its time is over.
func (h *house) requestsPanel(ctx context.Context, mandate act.ID, v *clerk.View) (*web.Section, error) {
	var rows []request.Row
	err := h.clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		rows, err = request.Store{Law: h.asks}.OfFile(ctx, tx, mandate, v.File)
		return err
	})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var platforms []act.ID
	for i := range rows {
		platforms = append(platforms, rows[i].Platform)
	}
	names, err := h.registry.Called(ctx, mandate, platforms)
	if err != nil {
		return nil, err
	}
	s := &web.Section{ID: "panel-requests", Key: "panels.requests", Head: []string{"panels.platform", "panels.stage", "panels.since", "panels.answer"}}
	for i := range rows {
		r := &rows[i]
		platform := web.Cell{Key: "panels.nothing"}
		if name := names[r.Platform]; name != "" {
			platform = web.Cell{Text: name, Href: fileOf(r.Platform)}
		}
		stage := web.Cell{Key: "request.stage." + r.Stage}
		if r.Urgent {
			stage = web.Cell{Key: "panels.urgent", Args: lang.Args{"stage": lang.Key(stage.Key)}}
		}
		s.Rows = append(s.Rows, []web.Cell{platform, stage, {Key: "panels.day", Args: lang.Args{"date": lang.Day(h.local(r.Since))}}, {Key: lateness(r)}})
	}
	return s, nil
}

// lateness says how a request was answered against its time. Only clocks say so.
func lateness(r *request.Row) string {
	switch {
	case r.Failed != 0:
		return "panels.record.failed"
	case r.Overdue():
		return "panels.record.overdue"
	case r.Late():
		return "panels.record.late"
	case r.Answered != 0:
		return "panels.record.in_time"
	case r.Served != 0:
		return "panels.answer.running"
	case r.Stage == request.StagePrepared, r.Stage == request.StageAuthorised:
		return "panels.answer.none"
	}
	return "panels.nothing"
}

// tiedPanel lists the platforms an alert is about.
func (h *house) tiedPanel(ctx context.Context, mandate act.ID, v *clerk.View) (*web.Section, error) {
	var tied map[act.ID][]act.ID
	err := h.clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		tied, err = h.watch.Platforms(ctx, tx, []act.ID{v.File})
		return err
	})
	if err != nil {
		return nil, err
	}
	names, err := h.registry.Called(ctx, mandate, tied[v.File])
	if err != nil {
		return nil, err
	}
	s := &web.Section{ID: "panel-tied", Key: "panels.tied", Head: []string{"panels.platform"}, Empty: "panels.tied.none"}
	for _, id := range tied[v.File] {
		if name := names[id]; name != "" {
			s.Rows = append(s.Rows, []web.Cell{{Text: name, Href: fileOf(id)}})
		}
	}
	return s, nil
}
