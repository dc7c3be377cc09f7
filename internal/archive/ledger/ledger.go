// Package ledger appends acts to the one log and reads them back: the rows of the table act, the Merkle hashes over
// them, the signed checkpoints. It decides nothing, opens no body and knows no key but the log's own. Only the
// clerk appends.
package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/act"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
)

// Head is the log's state as its one locked row has it.
type Head struct {
	Origin   string
	Edge     proof.Frontier
	Recorded act.Instant // of the newest act; the clock is never behind it
	Access   int64       // how often anything about access changed
}

// Entry is one act as it is written.
type Entry struct {
	ID       act.ID
	File     act.ID
	Audience act.ID
	Prior    int64 // number of the act before in the same file, plus one; 0 for a file's first
	Recorded act.Instant
	Kind     string
	Envelope []byte
	Salt     proof.Sum
	BodySum  proof.Sum // zero without a body
	Link     proof.Sum
	Body     []byte     // sealed; empty without a body
	parts    *parts     // once Commit was called
	hash     *proof.Sum // of its leaf, once it was asked for; from then on nothing of the entry changes
}

// parts is what of a leaf does not depend on the acts before it.
type parts struct{ envelope, sealed proof.Sum }

// ErrNoLog means that the database holds no log yet.
var ErrNoLog = errors.New("this database holds no log yet: start sanad serve on it once")

// Found starts a log under an origin; it does nothing where one is.
func Found(ctx context.Context, tx *store.Tx, origin string) error {
	var empty proof.Frontier
	root := empty.Root()
	_, err := tx.Exec(ctx, "INSERT INTO head (id, origin, size, root, edge, recorded, access) VALUES (1, ?, 0, ?, ?, 0, 0) ON CONFLICT (id) DO NOTHING",
		origin, root[:], []byte{})
	if err != nil {
		return fmt.Errorf("found the log: %w", err)
	}
	return nil
}

// Lock reads the head and keeps every other writer out until the transaction ends. Its error is store.ErrNotDurable where the server
// has come to be set so that it could lose what is committed next.
func Lock(ctx context.Context, tx *store.Tx) (*Head, error) { return LockLater(ctx, tx)() }

// LockLater is Lock for whoever has something else to do until they are told how the head stands.
func LockLater(ctx context.Context, tx *store.Tx) func() (*Head, error) {
	forUpdate := ""
	if tx.Engine() == store.Postgres {
		forUpdate = " FOR UPDATE" // on SQLite a writing transaction is alone already
	}
	row := tx.Later(ctx, headQuery(tx)+forUpdate)
	return func() (*Head, error) { return readHead(row) }
}

// ReadHead reads the head without keeping anyone out.
func ReadHead(ctx context.Context, tx *store.Tx) (*Head, error) {
	return readHead(tx.QueryRow(ctx, headQuery(tx)))
}

// headQuery asks with the head whether the database could lose what it acknowledges: a server's settings change while it runs.
func headQuery(tx *store.Tx) string {
	return "SELECT origin, size, edge, recorded, access, " + store.Lossy(tx.Engine()) + " FROM head WHERE id = 1"
}

func readHead(row store.Row) (*Head, error) {
	var h Head
	var size, recorded int64
	var edge []byte
	var lossy bool
	err := row.Scan(&h.Origin, &size, &edge, &recorded, &h.Access, &lossy)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoLog
	}
	if err != nil {
		return nil, fmt.Errorf("read the log's head: %w", err)
	}
	if lossy {
		return nil, fmt.Errorf("%w: fsync, full_page_writes or synchronous_commit was set off since this server began; set it on", store.ErrNotDurable)
	}
	h.Recorded = act.Instant(recorded)
	h.Edge, err = proof.ParseFrontier(size, edge)
	if err != nil {
		return nil, fmt.Errorf("read the log's head: %w", err)
	}
	return &h, nil
}

// Clone returns a head that stays as it is when h moves along.
func (h *Head) Clone() *Head {
	c := *h
	c.Edge = h.Edge.Clone()
	return &c
}

// Same reports whether nothing was recorded between one head and the other, and nothing about access changed.
func (h *Head) Same(o *Head) bool {
	return h.Origin == o.Origin && h.Recorded == o.Recorded && h.Access == o.Access && h.Edge.Size() == o.Edge.Size() &&
		bytes.Equal(h.Edge.Bytes(), o.Edge.Bytes())
}

// AccessChanged counts a change of mandates or audiences, so that every process forgets what it remembered of them.
func AccessChanged(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, "UPDATE head SET access = access + 1 WHERE id = 1")
	if err != nil {
		return fmt.Errorf("count a change of access: %w", err)
	}
	return nil
}

var actTable = store.Table{
	Name:    "act",
	Columns: []string{"seq", "id", "file", "audience", "prior", "recorded", "kind", "envelope", "salt", "body_sum", "link", "body"},
	Types:   []string{"bigint", "bytea", "bytea", "bytea", "bigint", "bigint", "text", "bytea", "bytea", "bytea", "bytea", "bytea"},
}

// hashTable has one row a commit: the Merkle hashes that became final with it, one after the other.
var hashTable = store.Table{Name: "hash", Columns: []string{"first", "hashes"}, Types: []string{"bigint", "bytea"}}

// Batch gathers the acts of one commit in memory. Each added act is given its number and leaf hash at once, so that
// the next act of the same thread can be linked to it.
type Batch struct {
	head   *Head
	first  int64 // index of the first stored hash of this batch
	rows   *store.Rows
	sent   int // acts that are written already
	hashes []tlog.Hash
}

// NewBatch starts a batch on a locked head, which it moves along.
func NewBatch(head *Head) *Batch { return NewBatchFor(head, 0) }

// NewBatchFor is NewBatch with room for n acts; more can be added.
func NewBatchFor(head *Head, n int) *Batch {
	const hashes = 2 // an act, at most, on the way up the tree and but for its last steps
	return &Batch{head: head, first: tlog.StoredHashCount(head.Edge.Size()), rows: actTable.NewRowsFor(n), hashes: make([]tlog.Hash, 0, hashes*n)}
}

// Add puts an act at the end and returns its number and leaf hash.
func (b *Batch) Add(e *Entry) (seq int64, leaf proof.Sum) {
	body := e.Body
	if body == nil {
		body = []byte{}
	}
	leaf = e.Hash(b.head.Origin)
	seq = b.head.Edge.Size()
	b.hashes = b.head.Edge.Append(leaf, b.hashes)
	b.head.Recorded = max(b.head.Recorded, e.Recorded)
	b.rows.Add(seq, e.ID[:], e.File[:], e.Audience[:], e.Prior, int64(e.Recorded), e.Kind, e.Envelope, e.Salt[:], e.BodySum[:], e.Link[:], body)
	return seq, leaf
}

// Len returns how many acts the batch holds.
func (b *Batch) Len() int { return b.sent + b.rows.Len() }

// Unwritten returns how many of them are not written yet.
func (b *Batch) Unwritten() int { return b.rows.Len() }

// WriteActs writes the acts that were added so far and not written yet, while others are still to come. Write does the rest.
func (b *Batch) WriteActs(ctx context.Context, tx *store.Tx) error {
	err := tx.Insert(ctx, b.rows)
	if err != nil {
		return err
	}
	b.sent += b.rows.Len()
	b.rows.Reset()
	return nil
}

// Write writes the batch: the acts set-wise, one row of hashes, the moved head.
func (b *Batch) Write(ctx context.Context, tx *store.Tx) error {
	if b.Len() == 0 {
		return nil
	}
	err := b.WriteActs(ctx, tx)
	if err != nil {
		return err
	}
	flat := make([]byte, 0, len(b.hashes)*tlog.HashSize)
	for i := range b.hashes {
		flat = append(flat, b.hashes[i][:]...)
	}
	row := hashTable.NewRows()
	row.Add(b.first, flat)
	err = tx.Insert(ctx, row)
	if err != nil {
		return err
	}
	root := b.head.Edge.Root()
	err = tx.Send(ctx, "UPDATE head SET size = ?, root = ?, edge = ?, recorded = ? WHERE id = 1",
		b.head.Edge.Size(), root[:], b.head.Edge.Bytes(), int64(b.head.Recorded))
	if err != nil {
		return fmt.Errorf("move the log's head: %w", err)
	}
	return nil
}
