package register

import (
	"context"
	"errors"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/office/clerk"
)

// Desk shows the register. App builds it.
type Desk struct {
	Store
	Clerk     *clerk.Clerk
	File      func() act.ID                                                            // the register; zero while it is not open
	Names     func(ctx context.Context, platforms []act.ID) (map[act.ID]string, error) // what platforms are called
	Folder    string                                                                   // where dumps are kept
	Languages []string                                                                 // of the pack
	Fictional bool                                                                     // the law is invented: nothing here has any effect
	Zone      *time.Location                                                           // of the country's legal time; nil is UTC
	Titles    func(text string) map[string]string                                      // what a legal text is called, by language; nil: nobody says

	opened clerk.Bodies[Published]
}

// Entry is an entry with what it says.
type Entry struct {
	Row
	Published    *Published // nil where it was erased
	Now          *Published // what the newest of its chain says: itself where it was not updated
	PlatformName string     // "" where it is about none
}

// Entries lists the register as List does, with what entries say.
func (d *Desk) Entries(ctx context.Context, platform act.ID, before int64, limit int) ([]Entry, error) {
	var list []Row
	err := d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		list, err = d.List(ctx, tx, platform, before, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d.fill(ctx, list)
}

// fill opens what rows say.
func (d *Desk) fill(ctx context.Context, list []Row) ([]Entry, error) {
	out := make([]Entry, len(list))
	var ids, platforms []act.ID
	for i := range list {
		ids = append(ids, list[i].Act)
		if list[i].Newest != list[i].Act {
			ids = append(ids, list[i].Newest)
		}
		if !list[i].Platform.IsZero() {
			platforms = append(platforms, list[i].Platform)
		}
	}
	bodies, err := d.opened.Of(ctx, d.Clerk, ids)
	if err != nil {
		return nil, err
	}
	var names map[act.ID]string
	if len(platforms) > 0 {
		names, err = d.Names(ctx, platforms)
		if err != nil {
			return nil, err
		}
	}
	for i := range list {
		out[i] = Entry{list[i], bodies[list[i].Act], bodies[list[i].Newest], names[list[i].Platform]}
	}
	return out, nil
}

// errNoEntry is said of an address that names no entry.
var errNoEntry = fault.NotFound.New("register.unknown")

// Versions returns every version of an entry, the first on top, given any of them.
func (d *Desk) Versions(ctx context.Context, id act.ID) ([]Entry, error) {
	var list []Row
	err := d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		list, err = d.Chain(ctx, tx, id)
		return err
	})
	if errors.Is(err, ErrNoEntry) {
		return nil, errNoEntry
	}
	if err != nil {
		return nil, err
	}
	return d.fill(ctx, list)
}

// Proof writes the proof of an entry, which everyone may have.
func (d *Desk) Proof(ctx context.Context, id act.ID) ([]byte, error) {
	var list []Row
	err := d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		list, err = d.Chain(ctx, tx, id)
		return err
	})
	if errors.Is(err, ErrNoEntry) || err == nil && len(list) == 0 {
		return nil, errNoEntry
	}
	if err != nil {
		return nil, err
	}
	_, err = d.Clerk.OpenPublic(ctx, id) // a receipt opens what it proves
	if err != nil {
		return nil, err
	}
	return d.Clerk.Receipt(ctx, id)
}

// Choices offers the entries that a file published, for whoever updates one.
func (d *Desk) Choices(ctx context.Context, _, file act.ID) ([]web.Pick, error) {
	const offered = 200
	var list []Row
	err := d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		list, err = d.Of(ctx, tx, file, offered)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]web.Pick, len(list))
	for i := range list {
		day, _ := time.Parse(time.DateOnly, list[i].Decided)
		out[i] = web.Pick{Value: list[i].Act.String(), Key: "register.pick", Args: lang.Args{
			"number": list[i].Number, "kind": lang.Key("list.entries." + list[i].Code), "date": lang.Day(day),
		}}
	}
	return out, nil
}

// Asks says what is asked of whoever publishes: reasons in every language of the pack. Measure and sum are those of what is published.
func Asks(languages []string) []web.Ask {
	var out []web.Ask
	for _, l := range languages {
		required := false
		for _, must := range always {
			required = required || l == must
		}
		out = append(out, web.Ask{Name: "reasons." + l, Key: "register.ask.reasons." + l, Shape: web.Area, Required: required, Max: maxReasons})
	}
	return out
}

func (d *Desk) zone() *time.Location {
	if d.Zone == nil {
		return time.UTC
	}
	return d.Zone
}
