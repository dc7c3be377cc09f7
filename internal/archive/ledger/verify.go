package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/act"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
)

// Problem is one thing that does not hold, at the number of the act it concerns; -1 where it concerns no act.
type Problem struct {
	Seq  int64  `json:"seq"`
	What string `json:"what"`
}

// Report is what a verification found.
type Report struct {
	Origin     string
	Acts       int64 // rows that were read
	Root       tlog.Hash
	Signed     int64 // size of the newest checkpoint whose signature was good; 0 when there is none
	Signatures int64 // signatures by people that are recorded, not yet cryptographic
	Problems   []Problem
}

// Check says what to verify a log against.
type Check struct {
	Keys    []note.Verifier // the log's key under its origin, and keys of those who cosign
	Against [][]byte        // checkpoints somebody kept
	// Exhibit checks one sealed exhibit; nil leaves exhibits out.
	Exhibit func(id act.ID, sealed [32]byte) error
}

// KindExhibit is the kind of act that binds an exhibit: its fact blob names it, its commitment sealed is the SHA-256 of
// the sealed bytes.
const (
	KindExhibit   = "exhibit.added"
	FactBlob      = "blob"
	CommitSealed  = "sealed"
	kindSignature = "signature.given"
)

// mostProblems bounds a report: a file that is garbage is garbage after a thousand lines, too.
const mostProblems = 1000

// Verify reads the whole log as it is at one moment and checks everything that can be checked without opening a body.
// An error means that the question can't be answered; a log that is false is a report with problems.
func Verify(ctx context.Context, db *store.DB, check Check) (report *Report, err error) {
	err = db.Read(ctx, func(tx *store.Tx) error {
		// The hashes are read beside the acts, by a transaction of their own: PostgreSQL answers one query at a time
		// on a connection. It may see a longer log, and is asked no further than this one goes.
		return db.Read(ctx, func(beside *store.Tx) error {
			report, err = verify(ctx, tx, beside, check)
			return err
		})
	})
	return report, err
}

func verify(ctx context.Context, tx, beside *store.Tx, check Check) (*Report, error) {
	v := &verifier{check: check, tx: tx, stored: hashes{ctx: ctx, tx: beside}, seen: newSeen()}
	defer v.stored.close()
	var size, recorded int64
	var root, edge []byte
	err := tx.QueryRow(ctx, "SELECT origin, size, root, edge, recorded FROM head WHERE id = 1").Scan(&v.report.Origin, &size, &root, &edge, &recorded)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoLog
	}
	if err != nil {
		return nil, fmt.Errorf("read the log's head: %w", err)
	}
	err = v.expect(ctx)
	if err != nil {
		return nil, err
	}
	err = v.acts(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	v.report.Root = v.edge.Root()
	if err != nil {
		// What was read so far is still worth a place: damage in the file stops the reading where it is. What the head
		// and the checkpoints say of the rest can't be asked any more.
		v.problem(v.next, "the database can't be read from here on: %v", err)
		return v.sorted(), nil
	}
	v.head(size, root, edge, act.Instant(recorded))
	v.finish(ctx)
	return v.sorted(), nil
}

// verifier walks a log in its order.
type verifier struct {
	check  Check
	tx     *store.Tx
	report Report
	edge   proof.Frontier
	next   int64 // number the next act must have
	// torn is set where acts are missing and their hashes, too: the tree can't be followed any further.
	torn     bool
	recorded act.Instant
	seen     seen
	stored   hashes
	hole     bool // the last act's hashes were not stored, which was said
	changed  bool // an act or hash was found changed: hashes above it differ for that reason alone
	lost     bool // acts are missing: which was before another in its file is not known
	unread   bool // an envelope could not be read: what it would have said is not known
	states   []state
	state    int
	differs  bool // a checkpoint of the log states another root, which was said
	unsigned bool // no checkpoint of a known key holds
	buf      []tlog.Hash
}

func (v *verifier) problem(seq int64, format string, args ...any) {
	if len(v.report.Problems) < mostProblems {
		v.report.Problems = append(v.report.Problems, Problem{seq, fmt.Sprintf(format, args...)})
	}
}

// sorted puts the first place where something is wrong first. That nobody signed comes last: a checkpoint whose root was changed by
// anything above counts as none.
func (v *verifier) sorted() *Report {
	slices.SortStableFunc(v.report.Problems, func(a, b Problem) int { return cmp.Compare(a.Seq, b.Seq) })
	if v.unsigned {
		v.problem(-1, "no checkpoint signed by a key that was given covers any act")
	}
	return &v.report
}

// inOrder checks what an act says about those before it, and moves the tree along.
func (v *verifier) inOrder(a *checked) {
	v.report.Acts++
	if a.seq < v.next {
		v.problem(a.seq, "it stands after act %d: the table is damaged", v.next-1)
		return
	}
	if a.seq > v.next {
		v.gap(a.seq)
	}
	for _, p := range a.problems {
		v.problem(a.seq, "%s", p)
	}
	if !v.torn {
		v.grow(a.leaf)
	}
	v.next = a.seq + 1
	v.seen.links = append(v.seen.links, v.seen.hash(a.Link[:]))
	v.inFile(a)
	if a.env == nil {
		v.byColumns(a)
		return
	}
	v.inLog(a.env, a.seq)
}

// gap passes over missing acts. Their stored hashes stand in for them, so that what follows is still checked.
func (v *verifier) gap(to int64) {
	if to == v.next+1 {
		v.problem(v.next, "act %d is missing", v.next)
	} else {
		v.problem(v.next, "acts %d to %d are missing", v.next, to-1)
	}
	v.changed, v.lost = true, true
	for ; v.next < to && !v.torn; v.next++ {
		leaf, ok := v.stored.get(tlog.StoredHashIndex(0, v.next))
		if !ok {
			v.torn = true
			break
		}
		v.grow(proof.Sum(leaf))
	}
}

// grow adds a leaf to the tree, compares the hashes it makes final with the stored ones, and the root with what is
// stated for this size.
func (v *verifier) grow(leaf proof.Sum) {
	seq := v.edge.Size()
	v.buf = v.edge.Append(leaf, v.buf[:0])
	hole := false
	for i, want := range v.buf {
		got, ok := v.stored.get(tlog.StoredHashIndex(i, seq>>i))
		switch {
		case !ok:
			hole = true
		case got == want:
		case i == 0:
			v.problem(seq, "its Merkle hash is not the stored one: the act or that hash was changed")
			v.changed = true
		case !v.changed:
			v.problem(seq, "a stored Merkle hash above it was changed")
			v.changed = true
		}
	}
	if hole && !v.hole {
		v.problem(seq, "its Merkle hashes are not stored, nor perhaps those of acts after it")
	}
	v.hole = hole
	if v.stored.odd != "" {
		v.problem(seq, "%s", v.stored.odd)
		v.stored.odd = ""
	}
	v.roots()
}

// head compares the one row of the log's state with the acts.
func (v *verifier) head(size int64, root, edge []byte, recorded act.Instant) {
	last := max(v.next-1, 0)
	if v.next != size {
		v.problem(max(min(v.next, size), 0), "the head counts %d acts, the last one there is number %d", size, v.next-1)
		return // whatever else it says is of another number of acts
	}
	if v.torn {
		return
	}
	if string(root) != string(v.report.Root[:]) {
		v.problem(last, "the head's root is not the acts'")
	}
	if string(edge) != string(v.edge.Bytes()) {
		v.problem(last, "the head's edge is not the acts': the next act could not be added to them")
	}
	if recorded != v.recorded && !v.unread {
		v.problem(last, "the head says that the newest act was recorded at %s, it was at %s", recorded, v.recorded)
	}
}

// finish reports roots stated for acts that are not there, and stored hashes left over.
func (v *verifier) finish(ctx context.Context) {
	v.beyond()
	v.forks(ctx)
	v.unsigned = v.report.Acts > 0 && v.report.Signed == 0 && len(v.check.Keys) > 0
	var n int64
	err := v.tx.QueryRow(ctx, "SELECT count(*) FROM hash WHERE first >= ?", tlog.StoredHashCount(v.next)).Scan(&n)
	if err != nil {
		v.problem(v.next, "stored hashes can't be read: %v", err)
	}
	if (n > 0 || v.stored.beyond(tlog.StoredHashCount(v.next))) && !v.torn {
		v.problem(v.next, "there are stored hashes of acts that are not there")
	}
}

// hashes walks the stored Merkle hashes beside the acts.
type hashes struct {
	ctx  context.Context //nolint:containedctx // lives for one verification
	tx   *store.Tx
	rows *sql.Rows
	at   int64 // index of the first hash in flat
	flat []byte
	end  bool
	odd  string // what is wrong with the rows themselves, until it is reported
}

// get returns one stored hash; it is asked for growing indexes.
func (h *hashes) get(index int64) (out tlog.Hash, ok bool) {
	for !h.end && index >= h.at+int64(len(h.flat)/tlog.HashSize) {
		h.read()
	}
	if index < h.at || h.end {
		return out, false
	}
	return tlog.Hash(h.flat[(index-h.at)*tlog.HashSize:][:tlog.HashSize]), true
}

// read takes the next row.
func (h *hashes) read() {
	var err error
	if h.rows == nil {
		h.rows, err = h.tx.Query(h.ctx, "SELECT first, hashes FROM hash ORDER BY first") //nolint:rowserrcheck // checked where the rows end
	}
	if err == nil && h.rows.Next() {
		ended := h.at + int64(len(h.flat)/tlog.HashSize)
		var raw sql.RawBytes
		err = h.rows.Scan(&h.at, &raw)
		h.flat = append(h.flat[:0], raw...)
		if err == nil && (h.at < ended || len(raw) == 0 || len(raw)%tlog.HashSize != 0) {
			h.odd = fmt.Sprintf("the row of stored hashes from %d has a wrong length, or the one before it", h.at)
		}
		if err == nil {
			return
		}
	}
	h.end = true
	if err == nil {
		err = h.rows.Err()
	}
	if err != nil {
		h.odd = fmt.Sprintf("stored hashes can't be read from here on: %v", err)
	}
}

// beyond says whether the row that was read last goes on at index: a commit's row ends with its last act.
func (h *hashes) beyond(index int64) bool {
	return h.at < index && index < h.at+int64(len(h.flat)/tlog.HashSize)
}

func (h *hashes) close() {
	if h.rows != nil {
		_ = h.rows.Close() // what failed while reading was reported
	}
}

// seen is what is remembered of the acts so far, by a keyed hash of 64 bits: a million acts in little memory.
type seen struct {
	seed    maphash.Seed
	ids     map[uint64]int64  // to the act's number
	links   []uint64          // in no order: whether two are equal is asked once, at the end
	threads map[uint64]thread // by file and audience
	names   map[uint64]int64  // by thread, to its first act
	files   map[uint64]int64  // to the number of its newest act, plus one
	commits map[uint64][]commit
}

// thread is how far one file is, as one audience sees it.
type thread struct {
	next int64
	name uint64 // 0 as long as no act of it could be read
}

// commit is a commitment that an act carries.
type commit struct {
	name uint64
	sum  [32]byte
}

func newSeen() seen {
	return seen{
		seed: maphash.MakeSeed(), ids: map[uint64]int64{},
		threads: map[uint64]thread{}, names: map[uint64]int64{}, files: map[uint64]int64{}, commits: map[uint64][]commit{},
	}
}

func (s *seen) hash(b []byte) uint64 { return maphash.Bytes(s.seed, b) }

// where is the place of a thread: a file as one audience sees it.
func (s *seen) where(file, audience act.ID) uint64 {
	var both [2 * len(file)]byte
	copy(both[:], file[:])
	copy(both[len(file):], audience[:])
	return s.hash(both[:])
}
