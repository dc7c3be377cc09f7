package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Store keeps the list of entries in step with the log. It sees envelopes only.
type Store struct{}

var _ clerk.Projector = Store{}

// Project implements clerk.Projector.
func (Store) Project(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) error {
	for i, a := range acts {
		if a.Of != Sort {
			continue
		}
		var err error
		switch a.Kind {
		case KindOpened:
			_, err = tx.Exec(ctx, "INSERT INTO register (file, opened) VALUES (?, ?)", a.File[:], int64(a.Recorded))
		case KindEntered:
			source := a.File
			if i > 0 && acts[i-1].Kind == protocol.KindPublished {
				source = acts[i-1].File
			}
			err = enter(ctx, tx, a, source)
		case KindDumped:
			err = dumped(ctx, tx, a)
		}
		if err != nil {
			return fmt.Errorf("register: %s: %w", a.Kind, err)
		}
	}
	return nil
}

// enter writes one entry. One that updates another moves the first of its chain.
func enter(ctx context.Context, tx clerk.Tx, a clerk.Recorded, source act.ID) error {
	fact := func(name string) act.Value {
		v, _ := a.Facts.Get(name)
		return v
	}
	var number int64
	err := tx.QueryRow(ctx, "SELECT COALESCE(MAX(number), 0) + 1 FROM entry").Scan(&number)
	if err != nil {
		return err
	}
	root, amends := a.ID, any(nil)
	var platform any
	id, there := fact("platform").ID()
	if there {
		platform = id[:]
	}
	state := fact(protocol.FactState).Code()
	before, updates := fact(protocol.FactAmends).ID()
	if updates {
		var first, about []byte
		err = tx.QueryRow(ctx, "SELECT root, platform FROM entry WHERE act = ?", before[:]).Scan(&first, &about)
		switch {
		case errors.Is(err, sql.ErrNoRows): // it names an act that is no entry, and stands by itself
		case err != nil:
			return err
		default:
			root, amends, platform = act.ID(first), before[:], nil
			if about != nil {
				platform = about
			}
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO entry (act, number, code, platform, state, decided, entered, source, root, amends, newest, standing, moved)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, a.ID[:], number, fact(protocol.FactEntry).Code(), platform, state,
		fact(protocol.FactDecidedOn).String(), int64(a.Recorded), source[:], root[:], amends, a.ID[:], state, int64(a.Recorded))
	if err != nil || amends == nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE entry SET newest = ?, standing = ?, moved = ? WHERE act = ?", a.ID[:], state, int64(a.Recorded), root[:])
	return err
}

func dumped(ctx context.Context, tx clerk.Tx, a clerk.Recorded) error {
	count, _ := a.Facts.Get("entries_count")
	v, _ := a.Facts.Get("head")
	head, _ := v.ID()
	var sum []byte
	for _, c := range a.Commits {
		if c.Name == CommitDump {
			sum = c.Sum[:]
		}
	}
	_, err := tx.Exec(ctx, "INSERT INTO dump (number, act, entries, head, sum, made) VALUES (?, ?, ?, ?, ?, ?)",
		a.Seq, a.ID[:], count.Int(), head[:], sum, int64(a.Recorded))
	return err
}

// ErrNoRegister means that the register was not opened yet.
var ErrNoRegister = errors.New("the register is not open")

// File returns the register's file.
func (Store) File(ctx context.Context, tx clerk.Tx) (act.ID, error) {
	var file []byte
	err := tx.QueryRow(ctx, "SELECT file FROM register ORDER BY opened, file LIMIT 1").Scan(&file)
	if errors.Is(err, sql.ErrNoRows) {
		return act.ID{}, ErrNoRegister
	}
	if err != nil {
		return act.ID{}, fmt.Errorf("register: %w", err)
	}
	return act.ID(file), nil
}

// Row is one entry as its envelope tells of it.
type Row struct {
	Act      act.ID
	Number   int64  // its rank in the register, from 1
	Code     string // word of the list entries
	Platform act.ID // zero where it is about none
	State    string // word of the list entry_states: how it stood when it was entered
	Decided  string // a day
	Entered  act.Instant
	Root     act.ID // the first of its chain: itself where it updates none
	Amends   act.ID // the entry it updates; zero for none
	// Of the first of a chain: its newest entry, how it stands by that, and since when. Of others, their own.
	Newest   act.ID
	Standing string
	Moved    act.Instant
}

const columns = "act, number, code, platform, state, decided, entered, root, amends, newest, standing, moved"

// Queries, apart so that a test asks both databases how they would go about them.
const (
	queryAll = "SELECT " + columns + " FROM entry WHERE amends IS NULL AND number < ? ORDER BY number DESC LIMIT ?"
	queryOf  = "SELECT " + columns + " FROM entry WHERE platform = ? AND amends IS NULL AND number < ? ORDER BY number DESC LIMIT ?"
	queryOne = "SELECT " + columns + " FROM entry WHERE act = ?"
	queryRun = "SELECT " + columns + " FROM entry WHERE root = ? ORDER BY number"
	queryIn  = "SELECT " + columns + " FROM entry WHERE source = ? ORDER BY number DESC LIMIT ?"
	queryNew = "SELECT number, act, entries, head, sum, made FROM dump ORDER BY number DESC LIMIT ?"
)

// List returns the first entries of their chains, the newest first: those numbered below before, all of them where it is 0, of
// one platform where it is not zero, at most limit.
func (Store) List(ctx context.Context, tx clerk.Tx, platform act.ID, before int64, limit int) ([]Row, error) {
	if before <= 0 {
		before = act.MaxInt
	}
	if platform.IsZero() {
		return rows(ctx, tx, queryAll, before, limit)
	}
	return rows(ctx, tx, queryOf, platform[:], before, limit)
}

// ErrNoEntry means that there is no entry of that identifier.
var ErrNoEntry = errors.New("there is no such entry")

// Chain returns every version of the entry that id is one of, the first on top.
func (Store) Chain(ctx context.Context, tx clerk.Tx, id act.ID) ([]Row, error) {
	one, err := rows(ctx, tx, queryOne, id[:])
	if err != nil {
		return nil, err
	}
	if len(one) == 0 {
		return nil, ErrNoEntry
	}
	return rows(ctx, tx, queryRun, one[0].Root[:])
}

// Of returns the entries that follow from what a file published, the newest first.
func (Store) Of(ctx context.Context, tx clerk.Tx, file act.ID, limit int) ([]Row, error) {
	return rows(ctx, tx, queryIn, file[:], limit)
}

func rows(ctx context.Context, tx clerk.Tx, query string, args ...any) ([]Row, error) {
	list, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	defer list.Close() //nolint:errcheck // rows.Err is what tells
	var out []Row
	for list.Next() {
		var r Row
		var id, platform, root, amends, newest []byte
		err = list.Scan(&id, &r.Number, &r.Code, &platform, &r.State, &r.Decided, &r.Entered, &root, &amends, &newest, &r.Standing, &r.Moved)
		if err != nil {
			return nil, fmt.Errorf("register: %w", err)
		}
		copy(r.Act[:], id)
		copy(r.Platform[:], platform)
		copy(r.Root[:], root)
		copy(r.Amends[:], amends)
		copy(r.Newest[:], newest)
		out = append(out, r)
	}
	return out, list.Err()
}

// Dumped is one time the register was written out.
type Dumped struct {
	Number  int64 // of the act that says so
	Act     act.ID
	Entries int64
	Head    act.ID // the newest act of the register that is in it
	Sum     [32]byte
	Made    act.Instant
}

// Dumps returns the newest times the register was written out, the newest first, at most limit.
func (Store) Dumps(ctx context.Context, tx clerk.Tx, limit int) ([]Dumped, error) {
	list, err := tx.Query(ctx, queryNew, limit)
	if err != nil {
		return nil, fmt.Errorf("dumps: %w", err)
	}
	defer list.Close() //nolint:errcheck // rows.Err is what tells
	var out []Dumped
	for list.Next() {
		var d Dumped
		var id, head, sum []byte
		err = list.Scan(&d.Number, &id, &d.Entries, &head, &sum, &d.Made)
		if err != nil {
			return nil, fmt.Errorf("dumps: %w", err)
		}
		copy(d.Act[:], id)
		copy(d.Head[:], head)
		copy(d.Sum[:], sum)
		out = append(out, d)
	}
	return out, list.Err()
}
