package ledger

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/act"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
)

// Stored is an act as it was read back.
type Stored struct {
	Seq int64
	Entry
}

// ErrNoAct means that there is no such act.
var ErrNoAct = errors.New("there is no such act")

const actColumns = "seq, id, file, audience, recorded, kind, envelope, salt, body_sum, link, body"

// ByID reads one act by its identifier.
func ByID(ctx context.Context, tx *store.Tx, names *Namer, id act.ID) (*Stored, error) {
	s, err := BySeq(ctx, tx, names.Seq(id))
	if err == nil && s.ID != id {
		return nil, ErrNoAct
	}
	return s, err
}

// BySeq reads one act by its number.
func BySeq(ctx context.Context, tx *store.Tx, seq int64) (*Stored, error) {
	var list []*Stored
	err := read(ctx, tx, &list, "SELECT "+actColumns+" FROM act WHERE seq = ?", seq)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrNoAct
	}
	return list[0], nil
}

// ByIDs reads those of some acts that there are, in the order of the log, in few statements.
func ByIDs(ctx context.Context, tx *store.Tx, names *Namer, ids []act.ID) ([]*Stored, error) {
	asked := make(map[act.ID]bool, len(ids))
	numbers := make([]any, 0, len(ids))
	for _, id := range ids {
		if !asked[id] {
			asked[id] = true
			numbers = append(numbers, names.Seq(id))
		}
	}
	var list []*Stored
	const most = 512
	for some := range slices.Chunk(numbers, most) {
		some = padded(some)
		err := read(ctx, tx, &list, "SELECT "+actColumns+" FROM act WHERE seq IN (?"+strings.Repeat(",?", len(some)-1)+")", some...)
		if err != nil {
			return nil, err
		}
	}
	list = slices.DeleteFunc(list, func(s *Stored) bool { return !asked[s.ID] }) // a made-up identifier leads to an act of another
	slices.SortFunc(list, func(a, b *Stored) int { return cmp.Compare(a.Seq, b.Seq) })
	return list, nil
}

// padded repeats the last argument up to a power of two, so that few different statements exist.
func padded(args []any) []any {
	n := 1
	for n < len(args) {
		n *= 2
	}
	return append(slices.Clip(args), slices.Repeat(args[len(args)-1:], n-len(args))...)
}

// OfThread reads the acts of a file that an audience sees and no other, in the order of the log, backwards from the newest as
// OfFile does.
func OfThread(ctx context.Context, tx *store.Tx, file, audience act.ID) ([]*Stored, error) {
	var list []*Stored
	err := read(ctx, tx, &list, "WITH RECURSIVE chain (at) AS (SELECT seq FROM state WHERE file = ? "+
		"UNION ALL SELECT b.prior - 1 FROM chain c JOIN act b ON b.seq = c.at WHERE b.prior BETWEEN 1 AND b.seq) "+
		"SELECT a.seq, a.id, a.file, a.audience, a.recorded, a.kind, a.envelope, a.salt, a.body_sum, a.link, a.body "+
		"FROM chain c JOIN act a ON a.seq = c.at WHERE a.audience = ? ORDER BY a.seq", file[:], audience[:])
	return list, err
}

// OfFile reads the acts of a file that a mandate may read, in the order of the log: the join with may is what makes
// a list unable to show more than the object. It goes backwards from the newest act, which the file's state knows; in a
// damaged database it never goes forwards, so it ends.
func OfFile(ctx context.Context, tx *store.Tx, file, mandate act.ID) ([]*Stored, error) {
	var list []*Stored
	err := read(ctx, tx, &list, "WITH RECURSIVE chain (at) AS (SELECT seq FROM state WHERE file = ? "+
		"UNION ALL SELECT b.prior - 1 FROM chain c JOIN act b ON b.seq = c.at WHERE b.prior BETWEEN 1 AND b.seq) "+
		"SELECT a.seq, a.id, a.file, a.audience, a.recorded, a.kind, a.envelope, a.salt, a.body_sum, a.link, a.body "+
		"FROM chain c JOIN act a ON a.seq = c.at JOIN may m ON m.audience = a.audience AND m.mandate = ? ORDER BY a.seq", file[:], mandate[:])
	return list, err
}

// Previous reads the act before a given one in the same thread.
func Previous(ctx context.Context, tx *store.Tx, s *Stored) (*Stored, error) {
	var list []*Stored
	err := read(ctx, tx, &list, "WITH RECURSIVE chain (at) AS (SELECT prior - 1 FROM act WHERE seq = ? AND prior > 0 "+
		"UNION ALL SELECT b.prior - 1 FROM chain c JOIN act b ON b.seq = c.at WHERE b.prior BETWEEN 1 AND b.seq) "+
		"SELECT a.seq, a.id, a.file, a.audience, a.recorded, a.kind, a.envelope, a.salt, a.body_sum, a.link, a.body "+
		"FROM chain c JOIN act a ON a.seq = c.at WHERE a.audience = ? ORDER BY a.seq DESC LIMIT 1", s.Seq, s.Audience[:])
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrNoAct
	}
	return list[0], nil
}

// Each reads the acts from number from on, in order, and hands them to f until f fails.
func Each(ctx context.Context, tx *store.Tx, from int64, f func(*Stored) error) error {
	rows, err := tx.Query(ctx, "SELECT "+actColumns+" FROM act WHERE seq >= ? ORDER BY seq", from)
	if err != nil {
		return fmt.Errorf("read acts: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		s, err := scan(rows)
		if err != nil {
			return err
		}
		err = f(s)
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

func read(ctx context.Context, tx *store.Tx, into *[]*Stored, query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read acts: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		s, err := scan(rows)
		if err != nil {
			return err
		}
		*into = append(*into, s)
	}
	return rows.Err()
}

func scan(rows *sql.Rows) (*Stored, error) {
	var s Stored
	var id, file, audience, salt, bodySum, link []byte
	var recorded int64
	err := rows.Scan(&s.Seq, &id, &file, &audience, &recorded, &s.Kind, &s.Envelope, &salt, &bodySum, &link, &s.Body)
	if err != nil {
		return nil, fmt.Errorf("read acts: %w", err)
	}
	s.Recorded = act.Instant(recorded)
	for _, part := range []struct {
		name     string
		from, to []byte
	}{{"id", id, s.ID[:]}, {"file", file, s.File[:]}, {"audience", audience, s.Audience[:]}, {"salt", salt, s.Salt[:]}, {"body_sum", bodySum, s.BodySum[:]}, {"link", link, s.Link[:]}} {
		if len(part.from) != len(part.to) {
			return &s, fmt.Errorf("act %d: %s has %d bytes, not %d", s.Seq, part.name, len(part.from), len(part.to))
		}
		copy(part.to, part.from)
	}
	return &s, nil
}

// Hash is the leaf hash of an act that is ready to be written. It is computed once: nothing of the entry may change after.
func (e *Entry) Hash(origin string) proof.Sum {
	if e.hash == nil {
		l := e.Leaf(origin)
		h := l.Hash()
		e.hash = &h
	}
	return *e.hash
}

// Commit computes what of the leaf does not depend on the acts before it, so that it may be done in any order. Nothing of the
// entry but its link may change after.
func (e *Entry) Commit() {
	e.parts = &parts{proof.EnvelopeSum(e.Salt, e.Envelope), sha256.Sum256(e.Body)}
}

// Leaf builds the leaf of an act.
func (e *Entry) Leaf(origin string) proof.Leaf {
	p := e.parts
	if p == nil {
		p = &parts{proof.EnvelopeSum(e.Salt, e.Envelope), sha256.Sum256(e.Body)}
	}
	return proof.Leaf{Origin: origin, Envelope: p.envelope, Body: e.BodySum, Sealed: p.sealed, Link: e.Link}
}

// Hashes reads stored Merkle hashes for proofs, each row once: many proofs share the upper nodes of the tree.
type Hashes struct {
	ctx  context.Context //nolint:containedctx // tlog.HashReader has no room for one
	tx   *store.Tx
	rows []hashesAt // that were read, sorted
}

type hashesAt struct {
	first int64
	flat  []byte
}

// HashesIn reads hashes in a transaction.
func HashesIn(ctx context.Context, tx *store.Tx) *Hashes { return &Hashes{ctx: ctx, tx: tx} }

// mostRows is how many rows are remembered from one transaction to the next: a proof needs one for each level of the tree.
const mostRows = 256

// HashesAfter is HashesIn for whoever reads again and again: what was read before is not read again, for a stored hash never
// changes. before may be nil, and is not to be used any more.
func HashesAfter(ctx context.Context, tx *store.Tx, before *Hashes) *Hashes {
	h := HashesIn(ctx, tx)
	if before != nil && len(before.rows) < mostRows {
		h.rows = before.rows
	}
	return h
}

// ReadHashes implements tlog.HashReader.
func (h *Hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		r, err := h.row(x)
		if err != nil {
			return nil, fmt.Errorf("read hash %d: %w", x, err)
		}
		copy(out[i][:], r.flat[(x-r.first)*tlog.HashSize:])
	}
	return out, nil
}

// row finds the row that holds a hash.
func (h *Hashes) row(x int64) (r hashesAt, err error) {
	holds := func() bool { return x >= r.first && (x-r.first+1)*tlog.HashSize <= int64(len(r.flat)) }
	at, exact := slices.BinarySearchFunc(h.rows, x, func(r hashesAt, x int64) int { return cmp.Compare(r.first, x) })
	if !exact {
		at-- // the last row that starts before it
	}
	if at >= 0 {
		r = h.rows[at]
		if holds() {
			return r, nil
		}
	}
	r = hashesAt{}
	err = h.tx.QueryRow(h.ctx, "SELECT first, hashes FROM hash WHERE first <= ? ORDER BY first DESC LIMIT 1", x).Scan(&r.first, &r.flat)
	if err != nil {
		return r, err
	}
	if !holds() {
		return r, errors.New("it is not stored")
	}
	h.rows = slices.Insert(h.rows, at+1, r)
	return r, nil
}

// Checkpoint is a signed state of the log.
type Checkpoint struct {
	Size int64
	Note []byte
}

// LastCheckpoint reads the newest checkpoint, nil when there is none yet.
func LastCheckpoint(ctx context.Context, tx *store.Tx) (*Checkpoint, error) {
	var c Checkpoint
	err := tx.QueryRow(ctx, "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1").Scan(&c.Size, &c.Note)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // no checkpoint is no failure
	}
	if err != nil {
		return nil, fmt.Errorf("read the checkpoint: %w", err)
	}
	return &c, nil
}

// Sign makes a checkpoint of the head where the log grew since the last one, and returns the newest; nil when the log is
// still empty. made is process time. Several processes may sign at once: one size is kept once.
func Sign(ctx context.Context, tx *store.Tx, signer note.Signer, made act.Instant) (*Checkpoint, error) {
	head, err := ReadHead(ctx, tx)
	if err != nil {
		return nil, err
	}
	last, err := LastCheckpoint(ctx, tx)
	if err != nil {
		return nil, err
	}
	size := head.Edge.Size()
	if size == 0 || last != nil && last.Size >= size {
		return last, nil
	}
	cp, err := SignHead(head, signer)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO checkpoint (size, note, made) VALUES (?, ?, ?) ON CONFLICT (size) DO NOTHING", cp.Size, cp.Note, int64(made))
	if err != nil {
		return nil, fmt.Errorf("keep the checkpoint: %w", err)
	}
	return cp, nil
}

// SignHead signs the state of the log that a head tells, and keeps nothing. Whoever calls it has read the head as committed, in
// a transaction that changed nothing of it: a signature on what a crash could still take away would convict an honest log.
func SignHead(head *Head, signer note.Signer) (*Checkpoint, error) {
	size := head.Edge.Size()
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", head.Origin, size, head.Edge.Root())}, signer)
	if err != nil {
		return nil, fmt.Errorf("sign the checkpoint: %w", err)
	}
	return &Checkpoint{size, signed}, nil
}
