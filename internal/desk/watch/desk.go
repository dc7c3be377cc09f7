package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Law is what this desk reads of a pack.
type Law struct {
	Protocol string   // the pack's protocol for alerts; "" where it has none, and nothing is imported then
	Import   string   // its step that imports one
	Repeat   string   // its step that says that one tells the story of another; "" for none
	Roles    []string // who may import
	Scope    []string // situations about which there may be alerts
	Sources  []string // where alerts may come from
}

// LawOf reads a pack's protocols, the newest version of each, and lists.
func LawOf(protocols []protocol.Protocol, words func(list string) []string) Law {
	l := Law{Scope: words("in_scope"), Sources: words("alert_sources")}
	if l.Scope == nil {
		l.Scope = words("situations")
	}
	for i := range protocols {
		p := &protocols[i]
		newer := func(o protocol.Protocol) bool { return o.ID == p.ID && o.Version > p.Version }
		if p.Sort != Sort || slices.ContainsFunc(protocols, newer) {
			continue
		}
		for j := range p.Steps {
			s := &p.Steps[j]
			switch {
			case s.Kind == KindImported && s.After.IsStart() && l.Import == "":
				l.Protocol, l.Import, l.Roles = p.ID, s.ID, s.By
			case s.Kind == KindRepeats && p.ID == l.Protocol && l.Repeat == "":
				l.Repeat = s.ID
			}
		}
	}
	return l
}

// Desk imports press texts as alerts. App builds it.
type Desk struct {
	Store
	Clerk *clerk.Clerk
	Law   Law
	// Enrolment returns the act that enrolled a platform, and false for a file that is none.
	Enrolment func(ctx context.Context, platform act.ID) (act.ID, bool, error)
	// Names returns what some platforms are called.
	Names func(ctx context.Context, platforms []act.ID) (map[act.ID]string, error)
	Zone  *time.Location // of the country's legal time; nil is UTC

	opened clerk.Bodies[Alert]
}

// mostCompared is how many alerts an import is compared with: those published last.
const mostCompared = 4000

// Choices offers the alerts published last, for whoever says that one tells the story of another: they are public.
func (d *Desk) Choices(ctx context.Context, _, file act.ID) ([]web.Pick, error) {
	const offered = 200
	var list []Row
	err := d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		list, err = d.Newest(ctx, tx, 0, offered)
		return err
	})
	if err != nil {
		return nil, err
	}
	bodies, err := d.opened.Of(ctx, d.Clerk, actsOf(list))
	if err != nil {
		return nil, err
	}
	var out []web.Pick
	for i := range list {
		b := bodies[list[i].Act]
		if b == nil || list[i].File == file || list[i].Dropped {
			continue
		}
		out = append(out, web.Pick{Value: list[i].File.String(), Name: called(web.PrinterOf(ctx), b)})
	}
	return out, nil
}

// called is how a list names an alert to a reader; p is nil where nobody reads. Each part keeps its own direction.
func called(p *lang.Printer, b *Alert) string {
	date := b.Date
	if p != nil {
		date = p.Dated(date)
	}
	parts := slices.DeleteFunc([]string{b.Title, b.Outlet, date}, func(s string) bool { return s == "" })
	if len(parts) == 0 {
		return b.Sum[:12]
	}
	for i := range parts {
		if p != nil && len(parts) > 1 {
			parts[i] = lang.Isolate(parts[i])
		}
	}
	return strings.Join(parts, " · ")
}

func actsOf(list []Row) []act.ID {
	out := make([]act.ID, len(list))
	for i := range list {
		out[i] = list[i].Act
	}
	return out
}

// Asks says what the body of a kind asks for. An alert is imported from a text and never typed.
func Asks(kind string) []web.Ask {
	if kind == KindDropped {
		return []web.Ask{{Name: "reasons", Key: "watch.ask.reasons", Shape: web.Area, Required: true}}
	}
	return nil
}

// Prepare completes an act of this desk as somebody filled it in: what it is about is cited by the act that made it. A file that
// is no platform, a person's above all, is refused.
func (d *Desk) Prepare(ctx context.Context, kind string, a *act.Act) ([]fault.Field, error) {
	switch kind {
	case KindImported:
		return []fault.Field{{Name: "body", Key: "watch.page"}}, nil
	case KindTied:
		v, _ := a.Facts.Get("platform")
		platform, _ := v.ID()
		enrolment, is, err := d.Enrolment(ctx, platform)
		if err != nil {
			return nil, err
		}
		if !is {
			return []fault.Field{{Name: "fact.platform", Key: "watch.platform.unknown"}}, nil
		}
		a.Cites = []act.ID{enrolment}
	case KindRepeats:
		v, _ := a.Facts.Get("repeats")
		other, _ := v.ID()
		var row *Row
		err := d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
			row, err = d.Row(ctx, tx, other)
			return err
		})
		if errors.Is(err, ErrNoAlert) {
			return []fault.Field{{Name: "fact.repeats", Key: "watch.unknown"}}, nil
		}
		if err != nil {
			return nil, err
		}
		a.Cites = []act.ID{row.Act}
	}
	return nil, nil
}

// Tie ties an alert to a platform, in the name of who does it.
func (d *Desk) Tie(ctx context.Context, mandate, alert, platform act.ID) error {
	a := act.Act{Facts: act.NewFacts(map[string]act.Value{"platform": act.OfID(platform)})}
	return d.step(ctx, mandate, alert, KindTied, a)
}

// Drop takes an alert out of every count, with a reason.
func (d *Desk) Drop(ctx context.Context, mandate, alert act.ID, reasons string) error {
	body, err := json.Marshal(Dropped{reasons})
	if err != nil {
		return fmt.Errorf("alert: %w", err)
	}
	return d.step(ctx, mandate, alert, KindDropped, act.Act{Body: body})
}

// step does the step of a file that emits a kind.
func (d *Desk) step(ctx context.Context, mandate, file act.ID, kind string, a act.Act) error {
	wrong, err := d.Prepare(ctx, kind, &a)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		refusal := fault.Invalid.New("watch.invalid")
		refusal.Fields = wrong
		return refusal
	}
	v, err := d.Clerk.View(ctx, mandate, file)
	if err != nil {
		return err
	}
	for i := range v.Moves {
		m := &v.Moves[i]
		if m.Step.Kind != kind {
			continue
		}
		_, err = d.Clerk.Do(ctx, clerk.Command{
			Mandate: mandate, File: file, Procedure: m.Run, Protocol: m.Protocol, Step: m.Place.Step, Seen: v.Seen, Act: a,
		})
		return err
	}
	return fault.NotFound.New("watch.step")
}

// May reports whether a role may import.
func (d *Desk) May(role string) bool { return d.Law.Import != "" && slices.Contains(d.Law.Roles, role) }

func (d *Desk) zone() *time.Location {
	if d.Zone == nil {
		return time.UTC
	}
	return d.Zone
}

// known are the sketches of alerts an import is compared with, by their file, the oldest import first.
func (d *Desk) known(ctx context.Context, tx clerk.Tx) ([]Row, error) {
	list, err := d.Newest(ctx, tx, 0, mostCompared)
	list = slices.DeleteFunc(list, func(r Row) bool { return r.Dropped })
	slices.SortStableFunc(list, func(a, b Row) int { return int(a.Imported - b.Imported) })
	return list, err
}
