package request

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Stages of a request. What is late is told by clocks, never by a person.
const (
	StagePreserved  = "preserved"  // data are kept, nothing was asked yet
	StagePrepared   = "prepared"   // it is drawn up
	StageAuthorised = "authorised" // a court allowed it
	StageServed     = "served"     // the time to answer runs
	StageOverdue    = "overdue"    // it ran out
	StagePartial    = "partial"    // a part came, and the clock runs on
	StageAnswered   = "answered"
	StageFailed     = "failed" // a person found that the platform failed to answer
	StageAbroad     = "abroad" // sought through another country
	StageInformed   = "informed"
	StageWithdrawn  = "withdrawn"
	StageClosed     = "closed"
)

var stageOf = map[string]string{
	KindPreserved: StagePreserved, KindPrepared: StagePrepared, KindAuthorised: StageAuthorised, KindAnswered: StageAnswered,
	KindFailure: StageFailed, KindAssistance: StageAbroad, KindInformed: StageInformed, KindWithdrawn: StageWithdrawn, KindClosed: StageClosed,
}

// Store keeps the list of requests in step with the log. It is derived from the folded states of cases, hence from envelopes
// alone, and can be made again from them.
type Store struct{ Law *Law }

var table = clerk.Table{
	Name:    "request",
	Columns: []string{"run", "file", "audience", "platform", "made", "stage", "since", "urgent", "served", "answered", "answer", "lapsed", "failed", "report_act", "told"},
	Types:   []string{"bytea", "bytea", "bytea", "bytea", "bigint", "text", "bigint", "bigint", "bigint", "bigint", "text", "bigint", "bigint", "bytea", "bytea"},
	Conflict: `ON CONFLICT (run) DO UPDATE SET audience = excluded.audience, platform = excluded.platform, stage = excluded.stage,
		since = excluded.since, urgent = excluded.urgent, served = excluded.served, answered = excluded.answered, answer = excluded.answer,
		lapsed = excluded.lapsed, failed = excluded.failed, report_act = excluded.report_act, told = excluded.told`,
}

// Project implements clerk.Projector.
func (s Store) Project(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) error {
	runs := map[act.ID]act.ID{} // the file of each run that moved
	var order, files []act.ID
	for _, a := range acts {
		if a.Procedure == nil || !asks(s.Law.engine.Protocol(a.Procedure.Protocol, a.Procedure.Version)) {
			continue
		}
		if _, again := runs[a.Procedure.ID]; again {
			continue
		}
		runs[a.Procedure.ID] = a.File
		order = append(order, a.Procedure.ID)
		if !slices.Contains(files, a.File) {
			files = append(files, a.File)
		}
	}
	if len(order) == 0 {
		return nil
	}
	states, err := clerk.States(ctx, tx, files)
	if err != nil {
		return err
	}
	rows := table.NewRows()
	for _, run := range order {
		state := states[runs[run]]
		if state == nil || state.Run(run) == nil {
			return fmt.Errorf("requests: the state of run %s is not there", run)
		}
		r, threads := s.Law.row(state, state.Run(run))
		audience, err := narrowest(ctx, tx, state, threads)
		if err != nil {
			return err
		}
		if audience.IsZero() {
			continue // no audience may read all of it, so that no list shows it
		}
		var platform any
		if !r.Platform.IsZero() {
			platform = r.Platform[:]
		}
		report, told := s.Law.reported(state, state.Run(run))
		rows.Add(run[:], r.File[:], audience[:], platform, int64(r.Made), r.Stage, int64(r.Since), number(r.Urgent), instant(r.Served),
			instant(r.Answered), r.Answer, int64(r.Lapsed), int64(r.Failed), report, told)
	}
	return tx.Insert(ctx, rows)
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// instant is an instant as a column has it: nothing where it did not happen.
func instant(i act.Instant) any {
	if i == 0 {
		return nil
	}
	return int64(i)
}

// row tells where a run stands, and the threads it was told in.
func (l *Law) row(s *protocol.State, r *protocol.Run) (Row, []int) {
	row := Row{Run: r.ID, File: s.File}
	p := l.engine.Protocol(r.Protocol, r.Version)
	serves, met, late := clocks(p)
	newest := int64(-1)
	var threads []int
	for i := range r.Events {
		e := &r.Events[i]
		stage := stageOf[l.kind(r, e.Step)]
		switch {
		case slices.Contains(serves, e.Step):
			stage, row.Served = StageServed, e.First
		case slices.Contains(late, e.Step):
			stage, row.Lapsed = StageOverdue, earliest(row.Lapsed, e.First)
		case slices.Contains(met, e.Step):
			row.Answered = max(row.Answered, e.Last)
		case stage == StageAnswered:
			stage = StagePartial
		case stage == StageFailed:
			row.Failed = e.Last
		}
		if row.Made == 0 || e.First < row.Made {
			row.Made = e.First
		}
		if stage == "" {
			continue
		}
		threads = append(threads, e.Thread)
		if e.Seq > newest {
			newest, row.Stage, row.Since = e.Seq, stage, e.Last
		}
	}
	said := func(name string) act.Value {
		var v act.Value
		seq := int64(-1)
		for i := range s.Facts {
			f := &s.Facts[i]
			if f.Run == r.ID && f.Name == name && f.Seq > seq {
				v, seq = f.Value, f.Seq
				threads = append(threads, f.Thread)
			}
		}
		return v
	}
	row.Platform, _ = said(factPlatform).ID()
	row.Urgent = said(factUrgent).Bool()
	row.Answer = said(factComplete).Code()
	return row, threads
}

func earliest(a, b act.Instant) act.Instant {
	if a == 0 || b < a {
		return b
	}
	return a
}

// clocks finds the steps that start the time to answer, those that meet it, and the lapses that end it.
func clocks(p *protocol.Protocol) (serves, met, late []string) {
	if p == nil {
		return nil, nil, nil
	}
	for i := range p.Steps {
		for _, d := range p.Steps[i].Deadlines {
			answers := slices.ContainsFunc(d.MetBy, func(step string) bool {
				s := p.Step(step)
				return s != nil && s.Kind == KindAnswered
			})
			if !answers {
				continue
			}
			met, late = append(met, d.MetBy...), append(late, d.Lapses)
			if p.Steps[i].After.IsStart() || !waits(p, &p.Steps[i]) {
				serves = append(serves, p.Steps[i].ID)
			}
		}
	}
	return serves, met, late
}

// waits reports whether a step only follows a lapse of the time to answer: a reminder serves nothing anew.
func waits(p *protocol.Protocol, s *protocol.Step) bool {
	return slices.ContainsFunc(slices.Concat(s.After.Any, s.After.All), func(name string) bool { return p.Step(name) == nil })
}

// narrowest finds, among the audiences of some threads, the one whose readers may read all of them; zero where there is none.
func narrowest(ctx context.Context, tx clerk.Tx, s *protocol.State, threads []int) (act.ID, error) {
	var all []act.ID
	for _, t := range threads {
		if a := s.Threads[t].Audience; !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	if len(all) < 2 {
		if len(all) == 0 {
			return act.ID{}, nil
		}
		return all[0], nil
	}
	rows, err := tx.Query(ctx, "SELECT audience, compartment FROM audience_part WHERE audience IN ("+marks(len(all))+")", args(all)...)
	if err != nil {
		return act.ID{}, fmt.Errorf("read audiences: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	parts := map[act.ID][]string{}
	var names []string
	for rows.Next() {
		var audience, part []byte
		err = rows.Scan(&audience, &part)
		if err != nil {
			return act.ID{}, fmt.Errorf("read audiences: %w", err)
		}
		parts[act.ID(audience)] = append(parts[act.ID(audience)], string(part))
		if !slices.Contains(names, string(part)) {
			names = append(names, string(part))
		}
	}
	for _, a := range all {
		if len(parts[a]) == len(names) {
			return a, rows.Err()
		}
	}
	return act.ID{}, rows.Err()
}

// marks are the question marks of a list of n, n rounded up to a power of two so that few statements exist; see args.
func marks(n int) string { return "?" + strings.Repeat(",?", power(n)-1) }

// args fill the marks of a list, the last one repeated.
func args(ids []act.ID) []any {
	out := make([]any, power(len(ids)))
	for i := range out {
		id := ids[min(i, len(ids)-1)]
		out[i] = id[:]
	}
	return out
}

func power(n int) int {
	p := 1
	for p < n {
		p *= 2
	}
	return p
}
