package console

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Store keeps the docket in step with the log: one line a file that a protocol rules, and what ran out unmet in it.
//
// A file is open while a run of a protocol that can be closed is not: a step that closes may close the file, a step after it
// opens it again. A sort of file that nothing closes, a platform's for instance, is a record and waits for nobody.
type Store struct{ Engine *protocol.Engine }

var docketTable = clerk.Table{
	Name: "docket", Columns: []string{"file", "sort", "audience", "act", "opened", "kind", "since", "code", "platform", "open"},
	Types:    []string{"bytea", "text", "bytea", "bytea", "bigint", "text", "bigint", "text", "bytea", "bigint"},
	Conflict: "ON CONFLICT (file) DO UPDATE SET open = CASE WHEN excluded.open > docket.open THEN excluded.open ELSE docket.open END",
}

var overdueTable = clerk.Table{
	Name: "overdue", Columns: []string{"file", "run", "lapse", "audience", "due"}, Types: []string{"bytea", "bytea", "text", "bytea", "bigint"},
	Conflict: "ON CONFLICT (file, run, lapse) DO UPDATE SET audience = excluded.audience, due = excluded.due",
}

// Facts by which files of a sort are told apart, the first that an opening act says; and the one that names a platform.
var codeFacts = []string{"situation", "line", "source"}

const factPlatform = "platform"

// docketed is one file as a commit leaves it.
type docketed struct {
	sort     string
	platform act.ID
	first    *clerk.Recorded // what may be its first act
	kind     string          // of the newest step among those who read first
	open     bool            // a step was done that leaves it open
	stepped  bool
	closing  bool
}

// Project implements clerk.Projector.
func (s Store) Project(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) error {
	c := change{store: s, files: map[act.ID]*docketed{}, kinds: map[seenBy]string{}}
	for i := range acts {
		c.take(&acts[i])
	}
	err := c.write(ctx, tx, acts)
	if err != nil {
		return fmt.Errorf("docket: %w", err)
	}
	return nil
}

// change is what one commit does to the docket.
type change struct {
	store  Store
	files  map[act.ID]*docketed
	order  []act.ID          // of files, as the log has them
	kinds  map[seenBy]string // of the newest step in a thread
	moved  []seenBy          // the keys of kinds, as the log has them
	lapsed []*clerk.Recorded
	done   []settling
}

// seenBy is a file as an audience sees it.
type seenBy struct{ file, audience act.ID }

// settling are lapses that a step settles, in a run.
type settling struct {
	file, run act.ID
	lapses    []string
}

func (c *change) take(a *clerk.Recorded) {
	if !c.store.rules(a.Of) {
		return
	}
	d := c.files[a.File]
	if d == nil {
		d = &docketed{sort: a.Of}
		c.files[a.File] = d
		c.order = append(c.order, a.File)
		if a.Pos == 0 { // of a thread; where the file was there before, its line stands
			d.first, d.kind = a, a.Kind
		}
	}
	if v, said := a.Facts.Get(factPlatform); said && d.platform.IsZero() && (d.first == nil || d.first.Audience == a.Audience) {
		d.platform, _ = v.ID()
	}
	if a.Procedure == nil {
		return
	}
	if a.Kind == act.DeadlineLapsed {
		c.lapsed = append(c.lapsed, a)
		return
	}
	c.step(d, a)
}

func (c *change) step(d *docketed, a *clerk.Recorded) {
	if d.first == nil {
		at := seenBy{a.File, a.Audience}
		if _, known := c.kinds[at]; !known {
			c.moved = append(c.moved, at)
		}
		c.kinds[at] = a.Kind
	} else if d.first.Audience == a.Audience {
		d.kind = a.Kind
	}
	p := a.Procedure
	law := c.store.Engine.Protocol(p.Protocol, p.Version)
	if law == nil || law.Step(p.Step) == nil {
		return
	}
	switch {
	case law.Step(p.Step).Closes:
		d.closing = true
	case closable(law):
		d.open, d.stepped = true, true
	}
	if lapses := settles(law, p.Step); len(lapses) > 0 {
		c.done = append(c.done, settling{a.File, p.ID, lapses})
	}
}

// rules reports whether a protocol rules files of that sort.
func (s Store) rules(sort string) bool {
	law := s.Engine.Law()
	return slices.ContainsFunc(law.Protocols, func(p protocol.Protocol) bool { return p.Sort == sort })
}

// closable reports whether some step of a protocol closes it.
func closable(p *protocol.Protocol) bool {
	return slices.ContainsFunc(p.Steps, func(s protocol.Step) bool { return s.Closes })
}

// settles lists the lapses after which a step is what was still to be done: it meets the deadline, late, or it is what the
// law lets follow the lapse, or leaves nothing to do about it. A step that closes settles all.
func settles(p *protocol.Protocol, done string) []string {
	step := p.Step(done)
	var out []string
	for i := range p.Steps {
		for j := range p.Steps[i].Deadlines {
			d := &p.Steps[i].Deadlines[j]
			if d.Lapses != "" && (step.Closes || moot(p, d, func(id string) bool { return id == done }) || slices.Contains(d.MetBy, done) || slices.Contains(step.After.Any, d.Lapses) || slices.Contains(step.After.All, d.Lapses)) {
				out = append(out, d.Lapses)
			}
		}
	}
	return out
}

func codeOf(facts act.Facts) string {
	for _, name := range codeFacts {
		if v, said := facts.Get(name); said && v.Code() != "" {
			return v.Code()
		}
	}
	return ""
}

func (c *change) write(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) error {
	if len(c.order) == 0 {
		return nil
	}
	states, err := c.judge(ctx, tx)
	if err != nil {
		return err
	}
	since := int64(acts[0].Recorded) // of every act of a commit
	rows := docketTable.NewRows()
	for _, file := range c.order {
		d := c.files[file]
		if d.first == nil {
			continue
		}
		var platform any
		if !d.platform.IsZero() {
			platform = d.platform[:]
		}
		rows.Add(file[:], d.sort, d.first.Audience[:], d.first.ID[:], since, d.kind, since, codeOf(d.first.Facts), platform, flag(d.open))
	}
	err = tx.Insert(ctx, rows)
	if err != nil {
		return err
	}
	err = c.reopen(ctx, tx)
	if err != nil {
		return err
	}
	err = c.move(ctx, tx, since)
	if err != nil {
		return err
	}
	return c.late(ctx, tx, states)
}

// judge decides whether files in which something was closed are open for another reason, and reads the states of those in
// which something lapsed, too.
func (c *change) judge(ctx context.Context, tx clerk.Tx) (map[act.ID]*protocol.State, error) {
	var asked []act.ID
	for _, file := range c.order {
		if c.files[file].closing {
			asked = append(asked, file)
		}
	}
	for _, a := range c.lapsed {
		if !slices.Contains(asked, a.File) {
			asked = append(asked, a.File)
		}
	}
	states, err := statesOf(ctx, tx, asked)
	if err != nil {
		return nil, err
	}
	for _, file := range c.order {
		d := c.files[file]
		if s := states[file]; d.closing && s != nil {
			d.open = c.store.open(s)
		}
	}
	return states, nil
}

// open reports whether a run that can be closed is not.
func (s Store) open(st *protocol.State) bool {
	for i := range st.Procedures {
		r := &st.Procedures[i]
		p := s.Engine.Protocol(r.Protocol, r.Version)
		if p != nil && closable(p) && !p.Closed(r) {
			return true
		}
	}
	return false
}

// reopen opens and closes the lines that were there before.
func (c *change) reopen(ctx context.Context, tx clerk.Tx) error {
	var alike [2][]any
	for _, file := range c.order {
		d := c.files[file]
		if d.closing || d.stepped && d.first == nil {
			alike[flag(d.open)] = append(alike[flag(d.open)], file[:])
		}
	}
	for open, files := range alike {
		if len(files) == 0 {
			continue
		}
		marks, args := in(files)
		_, err := tx.Exec(ctx, "UPDATE docket SET open = ? WHERE file IN "+marks+" AND open <> ?", slices.Concat([]any{int64(open)}, args, []any{int64(open)})...)
		if err != nil {
			return err
		}
	}
	return nil
}

// move notes the newest step of files that were there before, for those who read what they are listed by: in one statement
// for all that come to stand alike. So, too, the platform that a later act says the file is about.
func (c *change) move(ctx context.Context, tx clerk.Tx, since int64) error {
	type like struct {
		audience act.ID
		kind     string
	}
	alike := map[like][]any{}
	var order []like
	for _, at := range c.moved {
		l := like{at.audience, c.kinds[at]}
		if alike[l] == nil {
			order = append(order, l)
		}
		alike[l] = append(alike[l], at.file[:])
		if platform := c.files[at.file].platform; !platform.IsZero() {
			_, err := tx.Exec(ctx, "UPDATE docket SET platform = ? WHERE file = ? AND audience = ? AND platform IS NULL", platform[:], at.file[:], at.audience[:])
			if err != nil {
				return err
			}
		}
	}
	for _, l := range order {
		marks, args := in(alike[l])
		_, err := tx.Exec(ctx, "UPDATE docket SET kind = ?, since = ? WHERE file IN "+marks+" AND audience = ?", slices.Concat([]any{l.kind, since}, args, []any{l.audience[:]})...)
		if err != nil {
			return err
		}
	}
	return nil
}

func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// in returns "(?,?,…)" for a list of arguments, the last repeated up to a power of two, so that few statements exist.
func in(args []any) (string, []any) {
	n := 1
	for n < len(args) {
		n *= 2
	}
	out := append(slices.Clone(args), slices.Repeat(args[len(args)-1:], n-len(args))...)
	return "(?" + strings.Repeat(",?", n-1) + ")", out
}

// statesOf reads the folded states of files, in as few statements as the number of arguments allows.
func statesOf(ctx context.Context, tx clerk.Tx, files []act.ID) (map[act.ID]*protocol.State, error) {
	out := make(map[act.ID]*protocol.State, len(files))
	for some := range slices.Chunk(files, 512) {
		args := make([]any, len(some))
		for i := range some {
			args[i] = some[i][:]
		}
		marks, args := in(args)
		err := each(ctx, tx, "SELECT data FROM state WHERE file IN "+marks, args, func(rows *sql.Rows) error {
			var data sql.RawBytes
			err := rows.Scan(&data)
			if err != nil {
				return err
			}
			s, err := protocol.ParseState(slices.Clone(data))
			if err == nil {
				out[s.File] = s
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read states: %w", err)
		}
	}
	return out, nil
}

// each calls f for every row of an answer.
func each(ctx context.Context, tx clerk.Tx, query string, args []any, f func(*sql.Rows) error) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		err = f(rows)
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// toID reads an identifier of a column.
func toID(b []byte) (act.ID, error) {
	if len(b) != len(act.ID{}) {
		return act.ID{}, errors.New("an identifier of another length: restore the database from a backup")
	}
	return act.ID(b), nil
}
