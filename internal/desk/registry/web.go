package registry

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
	"sanad/internal/office/clerk"
)

//go:embed pages/*.html
var pages embed.FS

// Pages are this desk's public pages.
func Pages() (fs.FS, error) { return fs.Sub(pages, "pages") }

// Front answers the public.
type Front struct {
	Desk *Desk
	Edge *web.Edge
}

// Routes adds the public's routes to a mux.
func (f *Front) Routes(mux *http.ServeMux) {
	mux.Handle("GET /platforms", f.Edge.Handle(f.list))
	mux.Handle("GET /platforms/{id}", f.Edge.Handle(f.one))
}

// standing is a platform as pages show it.
type standing struct {
	Row
	Href      string
	Name      string
	Metric    string // key
	AgeScope  string // key; "" when nobody said it
	Measured  *time.Time
	Above     bool // the threshold, by its own count
	Other     bool // counted another way than the threshold is: it tells nothing
	Contested bool
	Young     int64 // how many of its users are minors, where Row.Minors says that somebody counted them
}

type listData struct {
	Above    int64 // the threshold; 0 when there is none
	Metric   string
	Platform []standing
}

func (f *Front) list(w http.ResponseWriter, r *http.Request) error {
	list, names, err := f.Desk.all(r.Context())
	if err != nil {
		return err
	}
	d := listData{Above: f.Desk.Threshold.Above, Metric: metricKey(f.Desk.Threshold.Metric)}
	for i := range list {
		d.Platform = append(d.Platform, f.Desk.standing(&list[i], names[list[i].File]))
	}
	return f.Edge.Pages.Render(w, r, http.StatusOK, "registry/list", web.View{Wide: true, Data: d})
}

func metricKey(word string) string {
	if word == "" {
		return ""
	}
	return "list.threshold_metrics." + word
}

func (d *Desk) standing(r *Row, name string) standing {
	s := standing{Row: *r, Href: "/platforms/" + r.File.String(), Name: name, Metric: metricKey(r.Metric), Contested: !r.Contest.IsZero()}
	if r.AgeScope != "" {
		s.AgeScope = "list.age_scopes." + r.AgeScope
	}
	s.Measured = d.day(r.MeasuredOn)
	if r.Minors != nil {
		s.Young = *r.Minors
	}
	if r.Measured && d.Threshold.Metric != "" {
		s.Other = r.Metric != d.Threshold.Metric
		s.Above = !s.Other && r.Users > d.Threshold.Above
	}
	return s
}

func (d *Desk) day(text string) *time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return nil
	}
	return &t
}

// pageData is everything the public may know of a platform.
type pageData struct {
	standing
	Threshold      int64
	Platform       Platform
	Known          bool // there is more to say of it than its name
	Measure        *Measure
	Contest        *Contest
	Representative *Representative
	Agreement      *Agreement
	From, To       *time.Time
	Enrolled       time.Time
}

// errNoPlatform is said of an address that names no platform.
var errNoPlatform = fault.NotFound.New("registry.unknown")

func (f *Front) one(w http.ResponseWriter, r *http.Request) error {
	id, err := act.ParseID(r.PathValue("id"))
	if err != nil {
		return errNoPlatform
	}
	p, err := f.Desk.page(r.Context(), id)
	if err != nil {
		return err
	}
	return f.Edge.Pages.Render(w, r, http.StatusOK, "registry/platform", web.View{Data: p})
}

func (d *Desk) page(ctx context.Context, id act.ID) (*pageData, error) {
	var row *Row
	err := d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		row, err = d.Row(ctx, tx, id)
		return err
	})
	if errors.Is(err, ErrNoPlatform) {
		return nil, errNoPlatform
	}
	if err != nil {
		return nil, err
	}
	bodies, err := d.opened.Of(ctx, d.Clerk, []act.ID{row.Enrolment, row.Measure, row.Contest, row.Appointed, row.Agreement})
	if err != nil {
		return nil, err
	}
	p := &pageData{Threshold: d.Threshold.Above, From: d.day(row.AgreedFrom), To: d.day(row.AgreedTo), Enrolled: row.Enrolled.Time().In(d.zone())}
	err = into(bodies[row.Enrolment], &p.Platform)
	if err != nil {
		return nil, errNoPlatform // whatever it is, it is not public
	}
	p.standing = d.standing(row, p.Platform.Name)
	x := &p.Platform
	p.Known = len(x.OtherNames)+len(x.Addresses) > 0 || x.Company+x.Country+x.Website != ""
	for _, part := range []struct {
		id   act.ID
		into any
	}{{row.Measure, &p.Measure}, {row.Contest, &p.Contest}, {row.Appointed, &p.Representative}, {row.Agreement, &p.Agreement}} {
		if bodies[part.id] == nil {
			continue
		}
		err = into(bodies[part.id], part.into)
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (d *Desk) zone() *time.Location {
	if d.Zone == nil {
		return time.UTC
	}
	return d.Zone
}
