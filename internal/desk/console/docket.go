package console

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
	file     act.ID
	sort     string
	platform act.ID
	first    *clerk.Recorded // what may be its first act
	kind     string          // of the newest step among those who read first
	open     bool            // a step was done that leaves it open
	stepped  bool
	closing  bool
	moves    bool // it is in change.moved
}

// stands reports whether a commit says if the file is open.
func (d *docketed) stands() bool { return d.closing || d.stepped && d.first == nil }

// Project implements clerk.Projector.
func (s Store) Project(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) error {
	c := change{store: s, files: make([]docketed, 0, len(acts)), at: make(map[act.ID]*docketed, len(acts)), moved: make([]moving, 0, len(acts))}
	for i := range acts {
		c.take(ctx, tx, &acts[i])
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
	files  []docketed // as the log has them; never more than there are acts, so that none is moved
	at     map[act.ID]*docketed
	moved  []moving // as the log has them
	lapsed []*clerk.Recorded
	done   []settling
	rerun  []rerun
	means  map[*protocol.Step]meaning
}

// moving is the newest step in a thread of a file that was there before.
type moving struct {
	of       *docketed
	audience act.ID
	kind     string
}

// settling is a step that settles lapses, in a run.
type settling struct {
	file, run act.ID
	lapses    []string
}

// meaning is what doing a step means for the docket, whatever file it is done in.
type meaning struct {
	leavesOpen bool
	lapses     []string // that it settles
}

func (c *change) take(ctx context.Context, tx clerk.Tx, a *clerk.Recorded) {
	d := c.at[a.File]
	if d == nil {
		if !c.store.rules(a.Of) {
			return
		}
		c.files = append(c.files, docketed{file: a.File, sort: a.Of})
		d = &c.files[len(c.files)-1]
		c.at[a.File] = d
		if a.Pos == 0 { // of a thread; where the file was there before, its line stands
			d.first, d.kind = a, a.Kind
		}
	}
	if d.platform.IsZero() && (d.first == nil || d.first.Audience == a.Audience) {
		v, _ := a.Facts.Get(factPlatform)
		d.platform, _ = v.ID()
	}
	if a.Kind == protocol.KindMigrated {
		c.rerule(a)
	}
	if a.Procedure == nil {
		return
	}
	if a.Kind == act.DeadlineLapsed {
		c.lapsed = append(c.lapsed, a)
		return
	}
	c.step(ctx, tx, d, a)
}

func (c *change) step(ctx context.Context, tx clerk.Tx, d *docketed, a *clerk.Recorded) {
	if d.first == nil {
		c.move(d, a)
	} else if d.first.Audience == a.Audience {
		d.kind = a.Kind
	}
	p := a.Procedure
	law := c.store.Engine.Protocol(p.Protocol, p.Version)
	if law == nil {
		return
	}
	step := law.Step(p.Step)
	if step == nil {
		return
	}
	m := c.meaning(law, step)
	switch {
	case step.Closes:
		d.closing = true
	case m.leavesOpen:
		d.open, d.stepped = true, true
	}
	lapses := recorded(clerk.Known(ctx, tx, a.File), p.ID, m.lapses)
	if len(lapses) > 0 {
		c.done = append(c.done, settling{a.File, p.ID, lapses})
	}
}

// move notes the newest step in a thread.
func (c *change) move(d *docketed, a *clerk.Recorded) {
	for i := len(c.moved) - 1; i >= 0 && d.moves; i-- {
		if m := &c.moved[i]; m.of == d && m.audience == a.Audience {
			m.kind = a.Kind
			return
		}
	}
	c.moved, d.moves = append(c.moved, moving{d, a.Audience, a.Kind}), true
}

// meaning looks at what the law says of a step once a commit.
func (c *change) meaning(law *protocol.Protocol, step *protocol.Step) meaning {
	m, known := c.means[step]
	if known {
		return m
	}
	m = meaning{leavesOpen: law.Closable(), lapses: law.Settles(step.ID)}
	if c.means == nil {
		c.means = map[*protocol.Step]meaning{}
	}
	c.means[step] = m
	return m
}

// rules reports whether a protocol rules files of that sort.
func (s Store) rules(sort string) bool {
	law := s.Engine.Law()
	for i := range law.Protocols {
		if law.Protocols[i].Sort == sort {
			return true
		}
	}
	return false
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
	if len(c.files) == 0 {
		return nil
	}
	states, err := c.judge(ctx, tx)
	if err != nil {
		return err
	}
	since := int64(acts[0].Recorded) // of every act of a commit
	rows := docketTable.NewRows()
	for i := range c.files {
		d := &c.files[i]
		if d.first == nil {
			continue
		}
		var platform any
		if !d.platform.IsZero() {
			platform = d.platform[:]
		}
		rows.Add(d.file[:], d.sort, d.first.Audience[:], d.first.ID[:], since, d.kind, since, codeOf(d.first.Facts), platform, flag(d.open))
	}
	err = tx.Insert(ctx, rows)
	if err != nil {
		return err
	}
	err = c.close(ctx, tx)
	if err != nil {
		return err
	}
	err = c.advance(ctx, tx, since)
	if err != nil {
		return err
	}
	err = c.late(ctx, tx, states)
	if err != nil {
		return err
	}
	return c.rejudge(ctx, tx)
}

// judge decides whether files in which something was closed are open for another reason, and finds the states of those in
// which something lapsed, too.
func (c *change) judge(ctx context.Context, tx clerk.Tx) (map[act.ID]*protocol.State, error) {
	var asked []act.ID
	for i := range c.files {
		if c.files[i].closing {
			asked = append(asked, c.files[i].file)
		}
	}
	for _, a := range c.lapsed {
		asked = append(asked, a.File)
	}
	states, err := statesOf(ctx, tx, asked)
	if err != nil {
		return nil, err
	}
	for i := range c.files {
		d := &c.files[i]
		if s := states[d.file]; d.closing && s != nil {
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
		if p != nil && p.Closable() && !p.Closed(r) {
			return true
		}
	}
	return false
}

// close closes the lines of files in which a thread began and something was closed in one commit; advance does the rest.
func (c *change) close(ctx context.Context, tx clerk.Tx) error {
	for i := range c.files {
		d := &c.files[i]
		if d.first == nil || !d.closing {
			continue
		}
		err := tx.Send(ctx, "UPDATE docket SET open = ? WHERE file = ? AND open <> ?", flag(d.open), d.file[:], flag(d.open))
		if err != nil {
			return err
		}
	}
	return nil
}

// advance notes the newest step of files that were there before, for those who read what they are listed by, and whether they
// are open now, whoever reads it: in one statement for all that come to stand alike. So, too, the platform that a later act says
// the file is about.
func (c *change) advance(ctx context.Context, tx clerk.Tx, since int64) error {
	type like struct {
		audience     act.ID
		kind         string
		stands, open bool
	}
	alike := map[like][]any{}
	var order []like
	for i := range c.moved {
		m := &c.moved[i]
		l := like{m.audience, m.kind, m.of.stands(), m.of.stands() && m.of.open}
		if alike[l] == nil {
			order = append(order, l)
			alike[l] = make([]any, 0, len(c.moved)-i)
		}
		alike[l] = append(alike[l], m.of.file[:])
		if !m.of.platform.IsZero() {
			err := tx.Send(ctx, "UPDATE docket SET platform = ? WHERE file = ? AND audience = ? AND platform IS NULL", m.of.platform[:], m.of.file[:], m.audience[:])
			if err != nil {
				return err
			}
		}
	}
	for _, l := range order {
		var err error
		audience, open := l.audience[:], flag(l.open)
		if l.stands {
			marks, args := in(alike[l], audience, l.kind, audience, since, open)
			err = tx.Send(ctx, "UPDATE docket SET kind = CASE WHEN audience = ? THEN ? ELSE kind END, since = CASE WHEN audience = ? THEN ? ELSE since END, open = ? WHERE file IN "+
				marks+" AND (audience = ? OR open <> ?)", append(args, audience, open)...)
		} else {
			marks, args := in(alike[l], l.kind, since)
			err = tx.Send(ctx, "UPDATE docket SET kind = ?, since = ? WHERE file IN "+marks+" AND audience = ?", append(args, audience)...)
		}
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

// in returns "(?,?,…)" for a list of arguments, the last repeated up to a power of two, so that few statements exist; and the list
// after what goes before it in the statement.
func in(list []any, before ...any) (string, []any) {
	n := 1
	for n < len(list) {
		n *= 2
	}
	const room = 4 // for what follows
	args := append(append(make([]any, 0, len(before)+n+room), before...), list...)
	for range n - len(list) {
		args = append(args, list[len(list)-1])
	}
	return marks(n), args
}

// marks is "(?,?,…)" for n arguments.
func marks(n int) string {
	const known = "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
	if n <= 32 {
		return known[:2*n] + ")"
	}
	return "(?" + strings.Repeat(",?", n-1) + ")"
}

// statesOf finds the folded states of files, which nobody may change.
func statesOf(ctx context.Context, tx clerk.Tx, files []act.ID) (map[act.ID]*protocol.State, error) {
	return clerk.States(ctx, tx, files)
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
