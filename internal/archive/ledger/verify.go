package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/maphash"
	"runtime"
	"slices"
	"strconv"
	"strings"

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
	Acts       int64
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
	v := &verifier{check: check, tx: tx, seed: maphash.MakeSeed(), threads: map[uint64]thread{}, names: map[uint64]int64{}, ids: map[uint64]int64{}, links: map[uint64]int64{}, commits: map[uint64][]act.Commit{}}
	var size int64
	var root []byte
	err := tx.QueryRow(ctx, "SELECT origin, size, root FROM head WHERE id = 1").Scan(&v.report.Origin, &size, &root)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoLog
	}
	if err != nil {
		return nil, fmt.Errorf("read the log's head: %w", err)
	}
	v.hashes = hashes{ctx: ctx, tx: beside, most: tlog.StoredHashCount(size)}
	err = v.expect(ctx)
	if err != nil {
		return nil, err
	}
	err = v.acts(ctx)
	if err != nil {
		// What was read so far is still worth a place: damage in the file stops the reading where it is.
		v.problem(v.report.Acts, "the database can't be read from here on: %v", err)
	}
	v.report.Root = v.edge.Root()
	if v.report.Acts != size {
		v.problem(min(v.report.Acts, size), "the head counts %d acts, %d are there", size, v.report.Acts)
	}
	if string(root) != string(v.report.Root[:]) {
		v.problem(max(v.report.Acts-1, 0), "the head's root is not the acts'")
	}
	v.finish()
	return &v.report, nil
}

type verifier struct {
	check    Check
	tx       *store.Tx
	report   Report
	edge     proof.Frontier
	recorded act.Instant
	seed     maphash.Seed
	threads  map[uint64]thread // by a keyed hash of file and audience, as all maps here: a million acts in little memory
	names    map[uint64]int64  // first act of each thread
	ids      map[uint64]int64
	links    map[uint64]int64
	commits  map[uint64][]act.Commit
	hashes   hashes
	states   []state // roots that somebody states, by size
	state    int
	buf      []tlog.Hash
}

type thread struct {
	next int64
	name uint64
}

// state is a root that a checkpoint states.
type state struct {
	size   int64
	root   tlog.Hash
	what   string
	signed bool
}

func (v *verifier) problem(seq int64, format string, args ...any) {
	if len(v.report.Problems) < mostProblems {
		v.report.Problems = append(v.report.Problems, Problem{seq, fmt.Sprintf(format, args...)})
	}
}

func (v *verifier) key(parts ...[]byte) uint64 {
	var h maphash.Hash
	h.SetSeed(v.seed)
	for _, p := range parts {
		_, _ = h.Write(p)
	}
	return h.Sum64()
}

// expect gathers every root that a stored or kept checkpoint states.
func (v *verifier) expect(ctx context.Context) error {
	rows, err := v.tx.Query(ctx, "SELECT size, note FROM checkpoint ORDER BY size")
	if err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var newest []byte
	for rows.Next() {
		var size int64
		var text []byte
		err = rows.Scan(&size, &text)
		if err != nil {
			v.problem(-1, "a checkpoint can't be read: %v", err)
			continue
		}
		newest = text
		what := fmt.Sprintf("checkpoint %d", size)
		s, err := v.stated(text, what)
		if err == nil && s.size != size {
			err = fmt.Errorf("states size %d", s.size)
		}
		if err == nil && !s.signed && len(v.check.Keys) > 0 {
			err = errors.New("is not signed by a key that was given for this log")
		}
		if err != nil {
			v.problem(max(size-1, 0), "%s: %v", what, err)
		}
		if s.size > 0 {
			v.states = append(v.states, s)
		}
	}
	if err := rows.Err(); err != nil {
		v.problem(-1, "checkpoints can't be read: %v", err)
	}
	v.cosigned(newest)
	for i, text := range v.check.Against {
		what := fmt.Sprintf("kept checkpoint %d", i+1)
		s, err := v.stated(text, what)
		if err != nil {
			v.problem(-1, "%s: %v", what, err)
		}
		if s.size > 0 {
			s.signed = false // it says nothing of how far this folder is signed
			v.states = append(v.states, s)
		}
	}
	slices.SortStableFunc(v.states, func(a, b state) int { return int(a.size - b.size) })
	return nil
}

// cosigned wants the newest checkpoint under every key given that is not the log's own.
func (v *verifier) cosigned(newest []byte) {
	for _, k := range v.check.Keys {
		if k.Name() == v.report.Origin {
			continue
		}
		_, err := note.Open(newest, note.VerifierList(k))
		if err != nil {
			v.problem(-1, "the newest checkpoint is not signed by %s", k.Name())
		}
	}
}

// stated reads a signed note without taking its word: what it states, and whether a key given for this log signed it.
func (v *verifier) stated(text []byte, what string) (state, error) {
	var own []note.Verifier
	for _, k := range v.check.Keys {
		if k.Name() == v.report.Origin {
			own = append(own, k)
		}
	}
	opened, err := note.Open(text, note.VerifierList(own...))
	var unverified *note.UnverifiedNoteError
	switch {
	case err == nil:
	case errors.As(err, &unverified):
		opened = unverified.Note
	default:
		return state{}, fmt.Errorf("is no signed note, or its signature is false: %w", err)
	}
	lines := strings.SplitN(opened.Text, "\n", 4)
	if len(lines) != 4 {
		return state{}, errors.New("is no checkpoint")
	}
	if lines[0] != v.report.Origin {
		return state{}, fmt.Errorf("is of another log, %q", lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 1 {
		return state{}, fmt.Errorf("states no size: %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return state{}, fmt.Errorf("states no root: %w", err)
	}
	return state{size, root, what, unverified == nil}, nil
}

// checked is an act after the part of the work that needs no order.
type checked struct {
	seq      int64
	stored   Stored
	leaf     proof.Sum
	env      *act.Envelope
	problems []string
}

// acts reads all acts; decoding and hashing run beside the reading, what needs the log's order follows in order.
func (v *verifier) acts(ctx context.Context) error {
	const batch = 512
	type job struct {
		acts []*checked
		done chan struct{}
	}
	jobs := make(chan *job, 4)
	ordered := make(chan *job, 8)
	for range max(runtime.GOMAXPROCS(0)-1, 1) {
		go func() {
			for j := range jobs {
				for _, a := range j.acts {
					a.alone(v.report.Origin)
				}
				close(j.done)
			}
		}()
	}
	reading := make(chan error, 1)
	go func() {
		j := &job{done: make(chan struct{})}
		send := func() {
			if len(j.acts) > 0 {
				jobs <- j
				ordered <- j
				j = &job{acts: make([]*checked, 0, batch), done: make(chan struct{})}
			}
		}
		err := each(ctx, v.tx, func(a *checked) {
			j.acts = append(j.acts, a)
			if len(j.acts) == batch {
				send()
			}
		})
		send()
		close(jobs)
		close(ordered)
		reading <- err
	}()
	for j := range ordered {
		<-j.done
		for _, a := range j.acts {
			v.inOrder(a)
		}
	}
	return <-reading
}

// each reads every row, however damaged: a wrong length is a problem of its act.
func each(ctx context.Context, tx *store.Tx, f func(*checked)) error {
	rows, err := tx.Query(ctx, "SELECT "+actColumns+" FROM act ORDER BY seq")
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		s, err := scan(rows)
		if s == nil {
			return err
		}
		a := &checked{seq: s.Seq, stored: *s}
		if err != nil {
			a.problems = append(a.problems, err.Error())
		}
		f(a)
	}
	return rows.Err()
}

// alone checks what one act shows by itself.
func (a *checked) alone(origin string) {
	s := &a.stored
	l := s.Leaf(origin)
	a.leaf = l.Hash()
	env, err := act.Decode(s.Envelope)
	if err != nil {
		a.problems = append(a.problems, err.Error())
		return
	}
	a.env = env
	if env.ID != s.ID || env.File != s.File || env.Audience != s.Audience || env.Recorded != s.Recorded || env.Kind != s.Kind {
		a.problems = append(a.problems, "the row's columns are not its envelope's")
	}
	if env.Key.IsZero() != (len(s.Body) == 0) || env.Key.IsZero() != (s.BodySum == proof.Sum{}) {
		a.problems = append(a.problems, "the envelope and the body disagree on whether there is a body")
	}
}

// inOrder checks what an act says about those before it, and moves the tree along.
func (v *verifier) inOrder(a *checked) {
	seq := v.report.Acts
	if a.seq != seq {
		v.problem(seq, "act %d is missing, %d follows", seq, a.seq)
		// Everything after a gap would be reported again for the same reason; numbering goes on from the row.
		v.report.Acts = a.seq
		seq = a.seq
	}
	v.report.Acts++
	for _, p := range a.problems {
		v.problem(seq, "%s", p)
	}
	v.buf = v.edge.Append(a.leaf, v.buf[:0])
	what := v.hashes.compare(v.buf)
	if what != "" {
		v.problem(seq, "%s", what)
	}
	v.roots()
	link := v.key(a.stored.Link[:])
	if first, there := v.links[link]; there {
		v.problem(seq, "its link is that of act %d: the thread forks", first)
	}
	v.links[link] = seq
	if a.env != nil {
		v.inLog(a.env, seq)
	}
}

// inLog checks an envelope against the ones before it.
func (v *verifier) inLog(env *act.Envelope, seq int64) {
	if env.Recorded < v.recorded {
		v.problem(seq, "it was recorded at %s, before the act before it", env.Recorded)
	}
	v.recorded = max(v.recorded, env.Recorded)
	id := v.key(env.ID[:])
	if first, there := v.ids[id]; there {
		v.problem(seq, "its id is that of act %d", first)
	}
	v.inThread(env, seq)
	for _, c := range env.Cites {
		cited := v.key(c[:])
		if _, there := v.ids[cited]; !there {
			v.problem(seq, "it cites an act that is not before it")
			continue
		}
		if !carries(env.Commits, v.commits[cited]) {
			v.problem(seq, "it changes a commitment that an act it cites carries")
		}
	}
	v.ids[id] = seq
	if len(env.Commits) > 0 {
		v.commits[id] = env.Commits
	}
	if env.Kind == kindSignature {
		v.report.Signatures++
	}
	if env.Kind == KindExhibit && v.check.Exhibit != nil {
		v.exhibit(env, seq)
	}
}

// inThread checks that a thread is one file as one audience sees it, without a gap.
func (v *verifier) inThread(env *act.Envelope, seq int64) {
	where, name := v.key(env.File[:], env.Audience[:]), v.key(env.Thread[:])
	t, known := v.threads[where]
	if known && t.name != name {
		v.problem(seq, "its file and audience have another thread already")
	}
	if env.Pos != t.next {
		v.problem(seq, "position %d of its thread was expected, it says %d", t.next, env.Pos)
	}
	if first, there := v.names[name]; !known && there {
		v.problem(seq, "its thread is that of act %d, of another file or audience", first)
	}
	if !known {
		v.names[name] = seq
	}
	v.threads[where] = thread{env.Pos + 1, name}
}

func carries(mine, cited []act.Commit) bool {
	for _, c := range cited {
		for _, m := range mine {
			if m.Name == c.Name && m.Sum != c.Sum {
				return false
			}
		}
	}
	return true
}

func (v *verifier) exhibit(env *act.Envelope, seq int64) {
	blob, _ := env.Facts.Get(FactBlob)
	id, ok := blob.ID()
	i := slices.IndexFunc(env.Commits, func(c act.Commit) bool { return c.Name == CommitSealed })
	if !ok || i < 0 {
		v.problem(seq, "it binds no exhibit")
		return
	}
	err := v.check.Exhibit(id, env.Commits[i].Sum)
	if err != nil {
		v.problem(seq, "exhibit %s: %v", id, err)
	}
}

// roots compares every root that is stated for the size the tree has now.
func (v *verifier) roots() {
	for v.state < len(v.states) && v.states[v.state].size <= v.edge.Size() {
		s := v.states[v.state]
		v.state++
		if s.size < v.edge.Size() {
			continue // reported as a gap
		}
		if s.root != v.edge.Root() {
			v.problem(s.size-1, "%s states another root: an act up to here was changed", s.what)
			continue
		}
		if s.signed {
			v.report.Signed = s.size
		}
	}
}

// finish reports roots stated for acts that are not there, and stored hashes left over.
func (v *verifier) finish() {
	for _, s := range v.states[v.state:] {
		v.problem(v.report.Acts, "%s states %d acts, only %d are there", s.what, s.size, v.report.Acts)
	}
	if v.report.Acts > 0 && v.report.Signed == 0 && len(v.check.Keys) > 0 {
		v.problem(-1, "no checkpoint signed by a key that was given covers any act")
	}
	if v.hashes.left() {
		v.problem(v.report.Acts, "there are stored hashes of acts that are not there")
	}
	slices.SortStableFunc(v.report.Problems, func(a, b Problem) int { return int(a.Seq - b.Seq) })
}

// hashes walks the stored Merkle hashes beside the acts.
type hashes struct {
	ctx  context.Context //nolint:containedctx // lives for one verification
	tx   *store.Tx
	next int64 // index of the next hash to compare
	most int64 // how many a log of the head's size has
	flat []byte
	end  bool
}

// compare takes the next hashes from the store and says what is wrong with them.
func (h *hashes) compare(want []tlog.Hash) string {
	what := ""
	for i, w := range want {
		got, ok := h.read()
		switch {
		case !ok:
			what = "its Merkle hash is not stored"
		case got != w && i == 0:
			what = "its Merkle hash is not the stored one: the act was changed"
		case got != w && what == "":
			what = "a stored Merkle hash above it was changed, or an act before it"
		}
		h.next++
	}
	return what
}

func (h *hashes) read() (out tlog.Hash, ok bool) {
	for len(h.flat) == 0 {
		if h.end || h.fill() != nil {
			h.end = true
			return out, false
		}
	}
	n := copy(out[:], h.flat)
	h.flat = h.flat[n:]
	return out, n == len(out)
}

// fill reads the row that starts with the next hash.
func (h *hashes) fill() error {
	return h.tx.QueryRow(h.ctx, "SELECT hashes FROM hash WHERE first = ?", h.next).Scan(&h.flat)
}

func (h *hashes) left() bool {
	if len(h.flat) > 0 {
		return true
	}
	var n int64
	err := h.tx.QueryRow(h.ctx, "SELECT count(*) FROM hash WHERE first >= ? AND first < ?", h.next, h.most).Scan(&n)
	return err != nil || n > 0
}
