package access

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
)

// Public is the code of the compartment that every mandate in force holds.
const Public = "PUB"

// What callers can tell apart with errors.Is. An empty audience is seal.ErrEmptyAudience.
var (
	ErrUnknownMandate     = errors.New("there is no such mandate: look it up among the mandates, or grant it")
	ErrUnknownAudience    = errors.New("there is no such audience: use the one the act's envelope names")
	ErrUnknownCompartment = errors.New("there is no such compartment: use the identifier under which it was made")
)

// Tx is the part of a transaction that access needs. *store.Tx is one; the clerk's narrow Tx for desks is another.
type Tx interface {
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) store.Row
}

// Book is where audiences, compartments, mandates and doors are written down. It is safe for concurrent use.
//
// What it remembers is never ahead of the database. Whatever was read by a transaction that made nothing itself was
// committed before, so it may be remembered at once; what is read in the transaction that makes new compartments or
// audiences may yet be rolled back, so that one remembers nothing (see trusts). Compartments of an audience are
// remembered always: an identifier that was rolled back is never given again.
type Book struct {
	keeper   *seal.Keeper
	policies *Policies
	dice     *dice
	// Keys of the hashes by which codes, sets, invitations and sessions are found.
	codeKey, setKey, inviteKey, sessionKey seal.Key

	mu           sync.RWMutex
	compartments map[string]act.ID        // by code, committed
	audiences    map[string]seal.Audience // by sorted codes, committed
	parts        map[act.ID][]act.ID      // by audience
	codes        map[act.ID]string        // of compartments
	public       map[act.ID]bool          // every identifier the public compartment was ever read under
	maker        *store.Tx                // the last transaction that made anything
}

// Open opens the book. nil policies are the base alone; dice gives random bytes.
func Open(keeper *seal.Keeper, policies *Policies, random io.Reader) (*Book, error) {
	var err error
	if policies == nil {
		policies, err = Base()
		if err != nil {
			return nil, err
		}
	}
	b := &Book{
		keeper: keeper, policies: policies, dice: &dice{r: random},
		parts: map[act.ID][]act.ID{}, codes: map[act.ID]string{}, public: map[act.ID]bool{},
	}
	for purpose, key := range map[string]*seal.Key{
		"access/compartment": &b.codeKey, "access/audience": &b.setKey, "access/invite": &b.inviteKey, "access/session": &b.sessionKey,
	} {
		*key, err = keeper.Derive(purpose)
		if err != nil {
			return nil, fmt.Errorf("key of %s: %w", purpose, err)
		}
	}
	b.Forget()
	return b, nil
}

// Forget drops what is remembered of compartments and audiences. It is never needed for soundness; it is for
// whoever wants to be sure after a commit failed.
func (b *Book) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.compartments, b.audiences = map[string]act.ID{}, map[string]seal.Audience{}
}

// trusts reports whether what tx reads is committed. The caller holds mu.
func (b *Book) trusts(tx Tx) bool {
	t, ok := tx.(*store.Tx) // anything else could be the making transaction under another name
	return ok && t != b.maker
}

func hashed(key *seal.Key, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key[:])
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// Compartment returns the identifier of a compartment, making it, with its key, where there is none of that code.
func (b *Book) Compartment(ctx context.Context, tx Tx, code string) (act.ID, error) {
	if !act.IsCode(code) {
		return act.ID{}, errors.New("the name of a compartment is a code: letters, digits and . _ @ : / + - only")
	}
	id, err := b.lookup(ctx, tx, code)
	if err != nil || !id.IsZero() {
		return id, err
	}
	public, err := b.lock(ctx, tx)
	if err != nil || code == Public {
		return public, err
	}
	id, err = b.lookup(ctx, tx, code) // somebody may have been first
	if err != nil || !id.IsZero() {
		return id, err
	}
	return b.make(ctx, tx, code)
}

// lookup finds a compartment by its code; zero where there is none.
func (b *Book) lookup(ctx context.Context, tx Tx, code string) (act.ID, error) {
	b.mu.RLock()
	id := b.compartments[code]
	b.mu.RUnlock()
	if !id.IsZero() {
		return id, nil
	}
	id, err := scanID(tx.QueryRow(ctx, "SELECT id FROM compartment WHERE code = ?", hashed(&b.codeKey, []byte(code))))
	if err != nil || id.IsZero() {
		return id, wrap("find a compartment", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.codes[id] = code
	if code == Public {
		b.public[id] = true
	}
	if b.trusts(tx) {
		b.compartments[code] = id
	}
	return id, nil
}

// lock lets one transaction at a time, of whatever process, make compartments and audiences or change mandates: each
// of these must see all others, or a row of `may` would be missing. It returns the public compartment, whose row is
// the lock; rewriting it with what it holds locks it on PostgreSQL, and costs SQLite, which has one writer, nothing.
func (b *Book) lock(ctx context.Context, tx Tx) (act.ID, error) {
	public, err := b.lookup(ctx, tx, Public)
	if err == nil && public.IsZero() {
		public, err = b.make(ctx, tx, Public)
	}
	if err != nil {
		return act.ID{}, err
	}
	_, err = tx.Exec(ctx, "UPDATE compartment SET name = name WHERE id = ?", public[:])
	if err != nil {
		return act.ID{}, fmt.Errorf("lock who sees what: %w", err)
	}
	b.making(tx)
	return public, nil
}

// making notes that tx holds the lock, so that nothing it reads from here on is remembered. Any earlier maker has
// ended, or it would still hold the lock.
func (b *Book) making(tx Tx) {
	t, ok := tx.(*store.Tx)
	if !ok {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.maker = t
}

const namePurpose = "access/compartment"

// nameSize is what every name is filled up to before it is sealed, so that its length does not show.
const nameSize = 96

// make writes a new compartment. Its key is durable first: if this transaction fails, a key nobody uses is left.
func (b *Book) make(ctx context.Context, tx Tx, code string) (act.ID, error) {
	id, err := act.NewID(b.dice)
	if err != nil {
		return act.ID{}, err
	}
	err = b.keeper.EnsureCompartment(ctx, id)
	if err != nil {
		return act.ID{}, fmt.Errorf("key of a compartment: %w", err)
	}
	name := make([]byte, nameSize)
	copy(name, code)
	sealed, err := b.keeper.SealName(namePurpose, id, name)
	if err != nil {
		return act.ID{}, fmt.Errorf("name of a compartment: %w", err)
	}
	n, err := tx.Exec(ctx, "INSERT INTO compartment (id, code, name) VALUES (?, ?, ?) ON CONFLICT (code) DO NOTHING",
		id[:], hashed(&b.codeKey, []byte(code)), sealed)
	if err != nil {
		return act.ID{}, fmt.Errorf("write a compartment: %w", err)
	}
	if n == 0 { // another process made it while this one waited
		id, err = b.lookup(ctx, tx, code)
		if err == nil && id.IsZero() {
			err = errors.New("the compartment is being made elsewhere: try again")
		}
		return id, err
	}
	b.making(tx) // where this is the first compartment of all, its row is the lock
	b.mu.Lock()
	defer b.mu.Unlock()
	b.codes[id] = code
	if code == Public {
		b.public[id] = true
	}
	return id, nil
}

// Codes returns the codes of compartments, sorted. Only who may read what they stand for may be shown them.
func (b *Book) Codes(ctx context.Context, tx Tx, compartments []act.ID) ([]string, error) {
	out := make([]string, len(compartments))
	for i, id := range compartments {
		var err error
		out[i], err = b.code(ctx, tx, id)
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(out)
	return out, nil
}

func (b *Book) code(ctx context.Context, tx Tx, id act.ID) (string, error) {
	b.mu.RLock()
	code := b.codes[id]
	b.mu.RUnlock()
	if code != "" {
		return code, nil
	}
	var sealed []byte
	err := tx.QueryRow(ctx, "SELECT name FROM compartment WHERE id = ?", id[:]).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("compartment %s: %w", id, ErrUnknownCompartment)
	}
	if err != nil {
		return "", fmt.Errorf("read a compartment: %w", err)
	}
	name, err := b.keeper.OpenName(namePurpose, id, sealed)
	if err != nil {
		return "", fmt.Errorf("name of a compartment: %w", err)
	}
	code = strings.TrimRight(string(name), "\x00")
	b.mu.Lock()
	defer b.mu.Unlock()
	b.codes[id] = code
	return code, nil
}

// dice serves one goroutine at a time.
type dice struct {
	mu sync.Mutex
	r  io.Reader
}

// Read implements io.Reader.
func (d *dice) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return io.ReadFull(d.r, p)
}
