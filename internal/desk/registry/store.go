package registry

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

// Store keeps the list of platforms in step with the log. It sees envelopes only: names are in bodies.
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
			return fmt.Errorf("platform: %s: %w", a.Kind, err)
		}
	}
	return nil
}

func project(ctx context.Context, tx clerk.Tx, a clerk.Recorded) error {
	fact := func(name string) act.Value {
		v, _ := a.Facts.Get(name)
		return v
	}
	do := func(query string, args ...any) error {
		_, err := tx.Exec(ctx, query, append(args, a.File[:])...)
		return err
	}
	switch a.Kind {
	case KindEnrolled:
		name := sumOf(a, CommitName)
		_, err := tx.Exec(ctx, "INSERT INTO platform (file, act, name, enrolled) VALUES (?, ?, ?, ?)", a.File[:], a.ID[:], name, int64(a.Recorded))
		return err
	case KindMeasured:
		var minors any
		if v, there := a.Facts.Get("minors_users"); there {
			minors = v.Int()
		}
		return do("UPDATE platform SET users = ?, minors = ?, metric = ?, age_scope = ?, measured = ?, measure = ?, contest = NULL WHERE file = ?",
			fact("users").Int(), minors, fact("metric").Code(), fact("age_scope").Code(), fact("measured_on").String(), a.ID[:])
	case KindContested:
		return do("UPDATE platform SET contest = ? WHERE file = ?", a.ID[:])
	case KindAppointed:
		return do("UPDATE platform SET representative = ?, represented = ? WHERE file = ?", a.ID[:], truth(fact("represented").Bool()))
	case KindEnded:
		return do("UPDATE platform SET representative = NULL, represented = 0 WHERE file = ?")
	case KindAgreement:
		return do("UPDATE platform SET agreement = ?, agreed_from = ?, agreed_to = ? WHERE file = ?",
			a.ID[:], fact("agreement_from").String(), fact("agreement_to").String())
	}
	return nil
}

func sumOf(a clerk.Recorded, name string) []byte {
	for _, c := range a.Commits {
		if c.Name == name {
			return c.Sum[:]
		}
	}
	return nil
}

// truth is how both databases hold a yes or a no.
func truth(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// Row is a platform as envelopes tell of it. Acts that are not there are zero.
type Row struct {
	File        act.ID
	Enrolment   act.ID // act that enrolled it
	Enrolled    act.Instant
	Measured    bool // somebody counted its users
	Users       int64
	Minors      *int64 // nil when they were not counted apart
	Metric      string
	AgeScope    string
	MeasuredOn  string // a day
	Measure     act.ID
	Contest     act.ID // newer than the measure
	Represented bool
	Appointed   act.ID
	Agreement   act.ID
	AgreedFrom  string
	AgreedTo    string // "" for an agreement without end
}

const columns = "file, act, enrolled, users, minors, metric, age_scope, measured, measure, contest, representative, agreement, agreed_from, agreed_to, represented"

// Rows lists platforms, those with the most users first, at most limit after the first skip.
func (Store) Rows(ctx context.Context, tx clerk.Tx, skip, limit int) ([]Row, error) {
	return rows(ctx, tx, "SELECT "+columns+" FROM platform ORDER BY users DESC, file DESC LIMIT ? OFFSET ?", limit, skip)
}

// ErrNoPlatform means that there is no platform of that identifier.
var ErrNoPlatform = errors.New("there is no such platform")

// Row returns one platform.
func (Store) Row(ctx context.Context, tx clerk.Tx, file act.ID) (*Row, error) {
	list, err := rows(ctx, tx, "SELECT "+columns+" FROM platform WHERE file = ?", file[:])
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrNoPlatform
	}
	return &list[0], nil
}

// Enrolments returns the acts that enrolled some platforms, by platform; of what is none, nothing.
func (Store) Enrolments(ctx context.Context, tx clerk.Tx, files []act.ID) (map[act.ID]act.ID, error) {
	out := map[act.ID]act.ID{}
	const most = 512
	for some := range slices.Chunk(files, most) {
		args := make([]any, len(some))
		for i := range some {
			args[i] = some[i][:]
		}
		list, err := rows(ctx, tx, "SELECT "+columns+" FROM platform WHERE file IN (?"+strings.Repeat(",?", len(some)-1)+")", args...)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			out[r.File] = r.Enrolment
		}
	}
	return out, nil
}

// Named returns the platform of a name, compared as names are; ErrNoPlatform when there is none.
func (Store) Named(ctx context.Context, tx clerk.Tx, name string) (act.ID, error) {
	sum := NameSum(name)
	var b []byte
	err := tx.QueryRow(ctx, "SELECT file FROM platform WHERE name = ?", sum[:]).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return act.ID{}, ErrNoPlatform
	}
	if err != nil {
		return act.ID{}, fmt.Errorf("platforms: %w", err)
	}
	return act.ID(b), nil
}

func rows(ctx context.Context, tx clerk.Tx, query string, args ...any) ([]Row, error) {
	list, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("platforms: %w", err)
	}
	defer list.Close() //nolint:errcheck // rows.Err is what tells
	var out []Row
	for list.Next() {
		var r Row
		var file, enrolment, measure, contest, appointed, agreement []byte
		var minors sql.NullInt64
		var represented int64
		err = list.Scan(&file, &enrolment, &r.Enrolled, &r.Users, &minors, &r.Metric, &r.AgeScope, &r.MeasuredOn, &measure, &contest, &appointed, &agreement,
			&r.AgreedFrom, &r.AgreedTo, &represented)
		if err != nil {
			return nil, fmt.Errorf("platforms: %w", err)
		}
		for to, from := range map[*act.ID][]byte{
			&r.File: file, &r.Enrolment: enrolment, &r.Measure: measure, &r.Contest: contest, &r.Appointed: appointed, &r.Agreement: agreement,
		} {
			copy(to[:], from)
		}
		r.Measured, r.Represented = r.Users >= 0, represented != 0
		if minors.Valid {
			r.Minors = new(minors.Int64)
		}
		out = append(out, r)
	}
	return out, list.Err()
}
