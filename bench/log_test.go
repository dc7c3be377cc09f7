package bench

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
	"sanad/migrations/postgres"
	"sanad/migrations/sqlite"
)

const origin = "sanad.example/bench"

// openNew opens an empty database with Sanad's schema and a founded log.
func openNew(ctx context.Context, address string) (*store.DB, error) {
	db, err := store.Open(ctx, address)
	if err != nil {
		return nil, err
	}
	var files fs.FS = sqlite.Files
	if db.Engine() == store.Postgres {
		files = postgres.Files
	}
	all, err := store.Migrations(files)
	if err == nil {
		_, err = db.Upgrade(ctx, all, false)
	}
	if err != nil {
		return nil, err
	}
	return db, db.Write(ctx, func(tx *store.Tx) error {
		err := ledger.Found(ctx, tx, origin)
		if err != nil {
			return err
		}
		for _, id := range audiences() {
			_, err = tx.Exec(ctx, "INSERT INTO audience (id, name, size) VALUES (?, ?, 1)", id[:], id[:])
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// freshPostgres makes an empty database on the server that make bench started.
func freshPostgres(b *testing.B) string {
	b.Helper()
	server := os.Getenv("SANAD_TEST_PG")
	if server == "" {
		b.Skip("missing: SANAD_TEST_PG names no PostgreSQL server; make bench starts one")
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		b.Fatal(err)
	}
	name := "bench_" + strconv.Itoa(os.Getpid()) + "_" + strconv.FormatInt(time.Now().UnixNano(), 36)
	_, err = admin.ExecContext(b.Context(), "CREATE DATABASE "+name)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_, err := admin.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
		if err != nil {
			b.Error(err)
		}
		_ = admin.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		b.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func audiences() []act.ID { return []act.ID{{1}, {2}, {3}} }

// dice is a fast seeded source of bytes.
type dice struct{ *rand.ChaCha8 }

func newDice(seed byte) dice { return dice{rand.NewChaCha8([32]byte{seed})} }

// newDiceOf makes dice for the nth of many streams.
func newDiceOf(n uint64) dice {
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[8:], n)
	return dice{rand.NewChaCha8(seed)}
}

func (d dice) id() (id act.ID) {
	_, _ = io.ReadFull(d, id[:]) // a generator never fails
	return id
}

func (d dice) sum() (s proof.Sum) {
	_, _ = io.ReadFull(d, s[:])
	return s
}

func (d dice) bytes(n int) []byte {
	b := make([]byte, n)
	_, _ = io.ReadFull(d, b)
	return b
}

// leaf is an act whose content has exactly size bytes: its envelope and its sealed body together.
func (d dice) leaf(size int) *ledger.Entry {
	at := act.InstantOf(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	env := &act.Envelope{
		ID: d.id(), File: d.id(), Of: "notice", Audience: audiences()[0], Thread: d.id(), Kind: "notice.received", Version: 1,
		Recorded: at, Effective: at, Mandate: d.id(), Law: "xx@0123456789ab", Key: d.id(),
	}
	e := &ledger.Entry{ID: env.ID, File: env.File, Audience: env.Audience, Recorded: at, Kind: env.Kind, Salt: d.sum(), BodySum: d.sum(), Link: d.sum()}
	text, err := act.Encode(env)
	if err != nil {
		panic(err) // it is the same envelope every time
	}
	e.Envelope = text
	e.Body = d.bytes(size - len(text))
	return e
}

// writer makes a long log: files of ten acts each, written side by side; of a hundred acts one is a decision that two
// people signed, after a draft that fixed it.
type writer struct {
	dice
	open []*file
	seq  int64
	size int64 // bytes of envelopes and sealed bodies
}

type file struct {
	id, audience, thread, mandate, key, run act.ID
	link                                    proof.Sum
	pos                                     int64
	last                                    proof.Sum
	prior                                   int64
	acts                                    []act.ID
	signed                                  bool
}

const (
	openFiles   = 500
	actsPerFile = 10
)

func newWriter() *writer { return &writer{dice: newDice(1), open: make([]*file, openFiles)} }

// next adds one act to the batch.
func (w *writer) next(batch *ledger.Batch) error {
	slot := int(w.seq % openFiles)
	f := w.open[slot]
	if f == nil || f.pos == actsPerFile {
		nth := w.seq / (actsPerFile * openFiles) * openFiles
		f = &file{
			id: w.id(), audience: audiences()[slot%3], thread: w.id(), mandate: w.id(), key: w.id(), run: w.id(), link: w.sum(),
			signed: (nth+int64(slot))%10 == 0, // one decision in a file of ten acts, in one file of ten: one act of a hundred
		}
		w.open[slot] = f
	}
	at := act.InstantOf(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)) + act.Instant(w.seq*1000)
	env := &act.Envelope{
		ID: w.id(), File: f.id, Of: "notice", Audience: f.audience, Thread: f.thread, Pos: f.pos, Kind: "notice.received", Version: 1,
		Recorded: at, Effective: at.Add(-time.Minute), Mandate: f.mandate, Law: "xx@0123456789ab", Key: f.key,
		Procedure: &act.Procedure{ID: f.run, Protocol: "xx.notice", Version: 1, Step: "receive"},
		Facts: act.Facts{
			{Name: "category", Value: act.OfCode("contact")},
			{Name: "minor", Value: act.OfBool(w.seq%7 == 0)},
			{Name: "users", Value: act.OfInt(w.seq)},
		},
	}
	if f.pos%4 == 1 {
		env.Cites = f.acts[f.pos-1 : f.pos]
		env.Deadlines = []act.Deadline{{Rule: "acknowledge", Start: at, Due: at.Add(48 * time.Hour), Calendar: "xx@1"}}
		env.Gates = []act.Answer{{Gate: "G-01", Version: 1, Open: true, Because: "in_force", Saw: []act.Seen{
			{Fact: "category", Value: act.OfCode("contact"), From: f.acts[0]}, {Fact: "minor", Value: act.OfBool(false)},
		}}}
	}
	if f.signed {
		content := []act.Commit{{Name: "content", Sum: f.link}}
		switch f.pos {
		case 6:
			env.Kind, env.Commits = "draft.fixed", content
		case 7, 8:
			env.Kind, env.Cites, env.Commits = "signature.given", []act.ID{f.acts[6]}, content
		case 9:
			env.Kind, env.Cites, env.Commits = "decision.taken", []act.ID{f.acts[7], f.acts[8]}, content
		}
	}
	e := &ledger.Entry{
		ID: env.ID, File: env.File, Audience: env.Audience, Prior: f.prior, Recorded: at, Kind: env.Kind, Salt: w.sum(), BodySum: w.sum(),
		Link: proof.LinkSum(f.link, f.last), Body: w.bytes(256),
	}
	var err error
	e.Envelope, err = act.Encode(env)
	if err != nil {
		return err
	}
	w.seq, f.last = batch.Add(e)
	w.seq++
	f.prior = w.seq
	w.size += int64(len(e.Envelope) + len(e.Body))
	f.pos++
	f.acts = append(f.acts, env.ID)
	return nil
}

// build writes a log of acts in commits of group acts, and signs a checkpoint after every tenth.
func build(ctx context.Context, db *store.DB, acts, group int) (bytesPerAct float64, err error) {
	skey, _, err := proof.KeyPair(origin, [32]byte{1})
	if err != nil {
		return 0, err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return 0, err
	}
	w := newWriter()
	for commits := 1; w.seq < int64(acts); commits++ {
		err = db.Write(ctx, func(tx *store.Tx) error {
			head, err := ledger.Lock(ctx, tx)
			if err != nil {
				return err
			}
			batch := ledger.NewBatch(head)
			for range min(int64(group), int64(acts)-w.seq) {
				err = w.next(batch)
				if err != nil {
					return err
				}
			}
			err = batch.Write(ctx, tx)
			if err == nil && (commits%10 == 0 || w.seq == int64(acts)) {
				_, err = ledger.Sign(ctx, tx, signer, head.Recorded)
			}
			return err
		})
		if err != nil {
			return 0, fmt.Errorf("after %d acts: %w", w.seq, err)
		}
	}
	return float64(w.size) / float64(acts), nil
}
