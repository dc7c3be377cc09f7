package registry

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
	"sanad/internal/office/clerk"
)

// Threshold is above how many users a platform has duties, and by which count. The pack's, never this desk's.
type Threshold struct {
	Metric string // word of the list threshold_metrics; "" for no threshold
	Above  int64  // strictly
}

// Desk answers who the platforms are. App builds it.
type Desk struct {
	Store
	Clerk     *clerk.Clerk
	Threshold Threshold
	Zone      *time.Location // of the country's legal time; nil is UTC

	opened clerk.Bodies[json.RawMessage]
}

// most is how many platforms are listed at once: more than any country counts.
const most = 1000

// Option is a platform as one chooses it.
type Option struct {
	ID        act.ID
	Enrolment act.ID // the act to cite
	Name      string
}

// Options lists every platform by name.
func (d *Desk) Options(ctx context.Context) ([]Option, error) {
	list, names, err := d.all(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Option, 0, len(list))
	for _, r := range list {
		out = append(out, Option{r.File, r.Enrolment, names[r.File]})
	}
	slices.SortStableFunc(out, func(a, b Option) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return out, nil
}

// Choices offers the platforms to whoever fills a form in: they are public.
func (d *Desk) Choices(ctx context.Context, _, _ act.ID) ([]web.Pick, error) {
	options, err := d.Options(ctx)
	out := make([]web.Pick, len(options))
	for i, o := range options {
		out[i] = web.Pick{Value: o.ID.String(), Name: o.Name}
	}
	return out, err
}

// Names returns what some platforms are called, by file; nothing of a file that is none.
func (d *Desk) Names(ctx context.Context, files []act.ID) (map[act.ID]string, error) {
	return d.Called(ctx, act.ID{}, files)
}

// Called returns what some files are called, those that are platforms: names are public, whoever asks.
func (d *Desk) Called(ctx context.Context, _ act.ID, files []act.ID) (map[act.ID]string, error) {
	var enrolled map[act.ID]act.ID
	err := d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		enrolled, err = d.Enrolments(ctx, tx, files)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d.called(ctx, enrolled)
}

// Served returns on whom papers for a platform are served and where, "" for what nobody said: its representative, else its company.
func (d *Desk) Served(ctx context.Context, platform act.ID) (name, address string, err error) {
	var row *Row
	err = d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		row, err = d.Row(ctx, tx, platform)
		return err
	})
	if errors.Is(err, ErrNoPlatform) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	bodies, err := d.opened.Of(ctx, d.Clerk, []act.ID{row.Enrolment, row.Appointed})
	if err != nil {
		return "", "", err
	}
	var r Representative
	if row.Represented && into(bodies[row.Appointed], &r) == nil {
		return r.Name, r.Address, nil
	}
	var p Platform
	if into(bodies[row.Enrolment], &p) != nil {
		return "", "", nil //nolint:nilerr // whatever it is, it is not public
	}
	return cmp.Or(p.Company, p.Name), strings.Join(p.Addresses, "\n"), nil
}

// Enrolment returns the act that enrolled a platform; zero for a file that is none.
func (d *Desk) Enrolment(ctx context.Context, platform act.ID) (id act.ID, err error) {
	err = d.Clerk.Read(ctx, func(tx clerk.Tx) error {
		r, err := d.Row(ctx, tx, platform)
		if errors.Is(err, ErrNoPlatform) {
			return nil
		}
		if err == nil {
			id = r.Enrolment
		}
		return err
	})
	return id, err
}

// Prepare completes an act of this desk as somebody filled it in. That a platform of the name is there already is said here, in
// words; the database holds to it whoever comes first (column platform.name).
func (d *Desk) Prepare(ctx context.Context, kind string, a *act.Act) ([]fault.Field, error) {
	if kind != KindEnrolled {
		return nil, nil
	}
	var p Platform
	if e := fault.Of(read(a.Body, &p)); e != nil {
		return e.Fields, nil //nolint:nilerr // it is said beside what was typed
	}
	err := d.Clerk.Read(ctx, func(tx clerk.Tx) error {
		_, err := d.Named(ctx, tx, p.Name)
		return err
	})
	if errors.Is(err, ErrNoPlatform) {
		return nil, nil
	}
	return []fault.Field{{Name: "body.name", Key: "registry.name.taken"}}, err
}

// Asks says what the body of a kind asks for.
func Asks(kind string) []web.Ask {
	ask := func(name, key string, shape web.Shape, required bool) web.Ask {
		return web.Ask{Name: name, Key: "registry.ask." + key, Shape: shape, Required: required}
	}
	switch kind {
	case KindEnrolled:
		return []web.Ask{
			ask("name", "name", web.Line, true), ask("other_names", "other_names", web.Lines, false), ask("company", "company", web.Line, false),
			ask("country", "country", web.Line, false), ask("addresses", "addresses", web.Lines, false), ask("website", "website", web.Line, false),
		}
	case KindMeasured:
		return []web.Ask{ask("method", "method", web.Area, true), ask("source", "source", web.Line, true)}
	case KindContested:
		return []web.Ask{ask("by", "by", web.Line, true), ask("reasons", "reasons", web.Area, true)}
	case KindAppointed:
		return []web.Ask{
			ask("name", "representative", web.Line, true), ask("address", "address", web.Area, true), ask("email", "email", web.Line, false),
			ask("languages", "languages", web.Lines, true),
		}
	case KindEnded:
		return []web.Ask{ask("reasons", "reasons", web.Area, true)}
	case KindAgreement:
		return []web.Ask{ask("parties", "parties", web.Lines, true), ask("data", "data", web.Area, true), ask("source", "source", web.Line, true)}
	}
	return nil
}

// Fills are the facts of a kind that nobody is asked: the desk says them.
func Fills(kind string) []string {
	if kind == KindAppointed || kind == KindEnded {
		return []string{"represented"}
	}
	return nil
}

func (d *Desk) all(ctx context.Context) (list []Row, names map[act.ID]string, err error) {
	err = d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		list, err = d.Rows(ctx, tx, 0, most)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	enrolled := make(map[act.ID]act.ID, len(list))
	for _, r := range list {
		enrolled[r.File] = r.Enrolment
	}
	names, err = d.called(ctx, enrolled)
	return list, names, err
}

// called opens the names of platforms, given the acts that enrolled them.
func (d *Desk) called(ctx context.Context, enrolled map[act.ID]act.ID) (map[act.ID]string, error) {
	bodies, err := d.opened.Of(ctx, d.Clerk, slices.Collect(maps.Values(enrolled)))
	if err != nil {
		return nil, err
	}
	out := make(map[act.ID]string, len(enrolled))
	for file, id := range enrolled {
		var p Platform
		if into(bodies[id], &p) == nil {
			out[file] = p.Name
		}
	}
	return out, nil
}

// into reads a body that was checked when it was recorded.
func into(raw *json.RawMessage, v any) error {
	if raw == nil {
		return errors.New("the act is not public, or has no body")
	}
	return json.Unmarshal(*raw, v)
}
