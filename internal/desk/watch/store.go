package watch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// Store keeps the list of alerts in step with the log. It sees envelopes only: titles and outlets are in bodies.
type Store struct{}

var _ clerk.Projector = Store{}

// Project implements clerk.Projector.
func (Store) Project(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) error {
	for _, a := range acts {
		if a.Of != Sort {
			continue
		}
		err := project(ctx, tx, a)
		if err != nil {
			return fmt.Errorf("alert: %s: %w", a.Kind, err)
		}
	}
	return nil
}

func project(ctx context.Context, tx clerk.Tx, a clerk.Recorded) error {
	fact := func(name string) act.Value {
		v, _ := a.Facts.Get(name)
		return v
	}
	var err error
	switch a.Kind {
	case KindImported:
		var sum []byte
		for _, c := range a.Commits {
			if c.Name == CommitBody {
				sum = c.Sum[:]
			}
		}
		_, err = tx.Exec(ctx, "INSERT INTO alert (file, act, source, situation, published, sum, imported) VALUES (?, ?, ?, ?, ?, ?, ?)",
			a.File[:], a.ID[:], fact("source").Code(), fact("situation").Code(), publishedOf(a.Facts), sum, int64(a.Recorded))
	case KindTied:
		platform, ok := fact("platform").ID()
		if !ok {
			return errors.New("the act names no platform")
		}
		_, err = tx.Exec(ctx, "INSERT INTO alert_platform (platform, alert, act) VALUES (?, ?, ?) ON CONFLICT (platform, alert) DO NOTHING",
			platform[:], a.File[:], a.ID[:])
	case KindRepeats:
		other, ok := fact("repeats").ID()
		if !ok {
			return errors.New("the act names no alert")
		}
		_, err = tx.Exec(ctx, "UPDATE alert SET repeats = ? WHERE file = ?", other[:], a.File[:])
	case KindDropped:
		_, err = tx.Exec(ctx, "UPDATE alert SET dropped = 1 WHERE file = ?", a.File[:])
	}
	return err
}

// publishedOf is what is known of when a text was published: a day, a month, or nothing.
func publishedOf(facts act.Facts) string {
	day, _ := facts.Get("published_on")
	precision, _ := facts.Get("precision")
	published := day.String()
	if precision.Code() == PrecisionMonth {
		return published[:min(len(published), len("2006-01"))]
	}
	return published
}

// Row is an alert as envelopes tell of it.
type Row struct {
	File      act.ID
	Act       act.ID // that imported it
	Source    string
	Situation string
	Published string // a day, a month, or ""
	Sum       [32]byte
	Imported  act.Instant
	Repeats   act.ID // zero where it is the first to tell its story
	Dropped   bool
	Tie       act.ID // the act that tied it to the platform asked for; zero where none was asked for
}

const columns = "a.file, a.act, a.source, a.situation, a.published, a.sum, a.imported, a.repeats, a.dropped"

// ErrNoAlert means that there is no alert of that identifier.
var ErrNoAlert = errors.New("there is no such alert")

// Newest lists alerts, the one published last first and those without a date at the end, at most limit after the first skip.
func (Store) Newest(ctx context.Context, tx clerk.Tx, skip, limit int) ([]Row, error) {
	return rows(ctx, tx, "SELECT "+columns+", NULL FROM alert a ORDER BY a.published DESC, a.file DESC LIMIT ? OFFSET ?", limit, skip)
}

// Row returns one alert.
func (Store) Row(ctx context.Context, tx clerk.Tx, file act.ID) (*Row, error) {
	list, err := rows(ctx, tx, "SELECT "+columns+", NULL FROM alert a WHERE a.file = ?", file[:])
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrNoAlert
	}
	return &list[0], nil
}

// BySum finds which of some texts were imported before.
func (Store) BySum(ctx context.Context, tx clerk.Tx, sums [][32]byte) (map[[32]byte]Row, error) {
	out := map[[32]byte]Row{}
	const most = 256
	for some := range slices.Chunk(sums, most) {
		args := make([]any, len(some))
		for i := range some {
			args[i] = some[i][:]
		}
		list, err := rows(ctx, tx, "SELECT "+columns+", NULL FROM alert a WHERE a.sum IN (?"+strings.Repeat(",?", len(some)-1)+")", args...)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			out[r.Sum] = r
		}
	}
	return out, nil
}

// Tied lists the alerts tied to a platform.
func (Store) Tied(ctx context.Context, tx clerk.Tx, platform act.ID) ([]Row, error) {
	return rows(ctx, tx, "SELECT "+columns+", p.act FROM alert_platform p JOIN alert a ON a.file = p.alert WHERE p.platform = ?", platform[:])
}

// Platforms lists the platforms that some alerts are tied to.
func (Store) Platforms(ctx context.Context, tx clerk.Tx, alerts []act.ID) (map[act.ID][]act.ID, error) {
	out := map[act.ID][]act.ID{}
	const most = 256
	for some := range slices.Chunk(alerts, most) {
		args := make([]any, len(some))
		for i := range some {
			args[i] = some[i][:]
		}
		list, err := tx.Query(ctx, "SELECT alert, platform FROM alert_platform WHERE alert IN (?"+strings.Repeat(",?", len(some)-1)+") ORDER BY alert, platform", args...) //nolint:sqlclosecheck // each closes it
		if err != nil {
			return nil, fmt.Errorf("alerts: %w", err)
		}
		err = each(list, func() error {
			var alert, platform []byte
			err := list.Scan(&alert, &platform)
			if err == nil {
				out[act.ID(alert)] = append(out[act.ID(alert)], act.ID(platform))
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func each(list *sql.Rows, f func() error) error {
	defer list.Close() //nolint:errcheck // rows.Err is what tells
	for list.Next() {
		err := f()
		if err != nil {
			return fmt.Errorf("alerts: %w", err)
		}
	}
	return list.Err()
}

func rows(ctx context.Context, tx clerk.Tx, query string, args ...any) ([]Row, error) {
	list, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("alerts: %w", err)
	}
	var out []Row
	err = each(list, func() error {
		var r Row
		var file, id, sum, repeats, tie []byte
		var dropped int64
		err := list.Scan(&file, &id, &r.Source, &r.Situation, &r.Published, &sum, &r.Imported, &repeats, &dropped, &tie)
		if err != nil {
			return err
		}
		copy(r.File[:], file)
		copy(r.Act[:], id)
		copy(r.Sum[:], sum)
		copy(r.Repeats[:], repeats)
		copy(r.Tie[:], tie)
		r.Dropped = dropped != 0
		out = append(out, r)
		return nil
	})
	return out, err
}
