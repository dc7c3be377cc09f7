package request

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// That a platform failed to answer is found in a case that whoever leads a proceeding may not read. What may be known of it there is
// told in an act of its own, which can be cited and counted: which platform, and on what day it was found.

// report decides that a failure is told: one that was found proven, of a request that was not taken back. What it says is the
// request's, and nobody types it.
func (l *Law) report(s *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	r := s.Run(cmd.Procedure)
	if r == nil {
		return nil, fault.Invalid.New("request.failure.none")
	}
	found := l.newest(r, KindFailure)
	if proven := saidBy(s, r, factProven); found == nil || !proven.Bool() {
		return nil, fault.ClosedGate.New("request.failure.none")
	}
	if l.newest(r, KindWithdrawn) != nil {
		return nil, fault.ClosedGate.New("request.failure.withdrawn")
	}
	platform := saidBy(s, r, factPlatform)
	if _, is := platform.ID(); !is {
		return nil, fault.Invalid.New("request.platform.missing")
	}
	says := map[string]act.Value{factFailed: platform, factFailedOn: act.OfDate(l.engine.Day(found.Last))}
	w := &fault.Wrong{}
	for _, f := range cmd.Act.Facts {
		if v, ours := says[f.Name]; !ours || !v.Equal(f.Value) {
			w.At(f.Name, "request.failure.said", nil)
		}
	}
	acts, err := l.decided(w, cmd, KindReported)
	if err != nil {
		return nil, err
	}
	acts[0].Facts = act.NewFacts(says)
	return acts, nil
}

// newest is what a run did last of a kind; nil where it did nothing of it.
func (l *Law) newest(r *protocol.Run, kind string) (out *protocol.Event) {
	for i := range r.Events {
		e := &r.Events[i]
		if l.kind(r, e.Step) == kind && (out == nil || e.Seq > out.Seq) {
			out = e
		}
	}
	return out
}

// saidBy is what a run said last of a fact; the zero value where it said nothing.
func saidBy(s *protocol.State, r *protocol.Run, name string) act.Value {
	var v act.Value
	seq := int64(-1)
	for i := range s.Facts {
		if f := &s.Facts[i]; f.Run == r.ID && f.Name == name && f.Seq > seq {
			v, seq = f.Value, f.Seq
		}
	}
	return v
}

// Failures counts the failures of a platform that some acts tell of: those cited among them, of requests each, not taken back since,
// and found on a day that is not over by what over says.
func Failures(cited []clerk.Opened, cites []act.ID, platform act.ID, over func(day time.Time) (bool, error)) (int, error) {
	told := map[act.ID]bool{} // by run of a request
	for i := range cited {
		o := &cited[i]
		if o.Procedure == nil {
			continue
		}
		switch o.Kind {
		case KindRetracted, KindWithdrawn:
			delete(told, o.Procedure.ID)
		case KindReported:
			of, _ := o.Facts.Get(factFailed)
			on, _ := o.Facts.Get(factFailedOn)
			day, _ := on.Date()
			is, _ := of.ID()
			if is != platform || !slices.Contains(cites, o.ID) {
				continue
			}
			late, err := over(day)
			if err != nil {
				return 0, err
			}
			if !late {
				told[o.Procedure.ID] = true
			}
		}
	}
	return len(told), nil
}

// mostReports is how many failures are listed: an act cites no more.
const mostReports = 60

// Reports lists the acts by which the failures of a platform were told to a mandate, the newest first: of requests each, none taken
// back.
func (Store) Reports(ctx context.Context, tx clerk.Tx, mandate, platform act.ID) ([]act.ID, error) {
	rows, err := tx.Query(ctx, `SELECT r.report_act FROM request r JOIN may m ON m.audience = r.told AND m.mandate = ?
		WHERE r.platform = ? AND r.report_act IS NOT NULL ORDER BY r.failed DESC, r.run LIMIT ?`, mandate[:], platform[:], mostReports)
	if err != nil {
		return nil, fmt.Errorf("failures that were told: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var out []act.ID
	for rows.Next() {
		var b sql.RawBytes
		err = rows.Scan(&b)
		if err != nil {
			return nil, fmt.Errorf("failures that were told: %w", err)
		}
		out = append(out, act.ID(b))
	}
	return out, rows.Err()
}

// reported is the act by which a failure of a run was told, and its audience; nothing where none was, or it was taken back.
func (l *Law) reported(s *protocol.State, r *protocol.Run) (report, told any) {
	e, back, withdrawn := l.newest(r, KindReported), l.newest(r, KindRetracted), l.newest(r, KindWithdrawn)
	if e == nil || back != nil && back.Seq > e.Seq || withdrawn != nil {
		return nil, nil
	}
	audience := s.Threads[e.Thread].Audience
	return e.By[:], audience[:]
}
