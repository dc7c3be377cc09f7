package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/act"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
)

const origin = "sanad.example/ledger"

// onBoth runs a test on an empty SQLite database and, where the gate gave a server, on one of PostgreSQL.
func onBoth(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	storetest.OnBoth(t, func(t *testing.T, url string) {
		if url == "" {
			url = filepath.Join(memoryDir(t), "sanad.db")
		}
		f(t, storetest.Open(t, url))
	})
}

// memoryDir is a folder in memory where the machine has one: these tests ask what is in a file, not whether it lasts.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "sanad-ledger-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// must runs one transaction that has to succeed.
func must(t testing.TB, db *store.DB, f func(tx *store.Tx) error) {
	t.Helper()
	err := db.Write(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
}

// keys makes the log's signer and verifier; another seed is another key of the same name.
func keys(t testing.TB, seed byte) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := proof.KeyPair(origin, [32]byte{seed})
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

// author writes small logs without a clerk, a law or a seal. The same seed writes the same acts.
type author struct {
	dice    io.Reader
	acts    []act.ID
	threads map[string]*told
	places  map[string]act.ID
	// spoil may change an act before it is written; everything after it is then computed honestly.
	spoil func(i int, env *act.Envelope, link *proof.Sum)
	keep  func(*Entry) // is shown every act
}

type told struct {
	id   act.ID
	key  proof.Sum
	pos  int64
	last proof.Sum
}

func newAuthor(seed byte) *author {
	return &author{dice: rand.NewChaCha8([32]byte{seed}), threads: map[string]*told{}, places: map[string]act.ID{}}
}

func (a *author) id() (id act.ID) {
	_, _ = io.ReadFull(a.dice, id[:]) // a generator never fails
	return id
}

func (a *author) sum() (s proof.Sum) {
	_, _ = io.ReadFull(a.dice, s[:])
	return s
}

// place names a file, an audience or a mandate: the same name is the same identifier.
func (a *author) place(name string) act.ID {
	id, ok := a.places[name]
	if !ok {
		id = a.id()
		a.places[name] = id
	}
	return id
}

// The acts that the tests speak of by number.
const (
	draft, firstSigned, secondSigned, decided = 20, 21, 22, 23
	exhibited                                 = 12
)

// write decides act number i: five files in turn, one of them seen by two audiences; bodies, citations, machine acts, an
// exhibit, and a draft with two signatures and its decision.
func (a *author) write(head *Head, batch *Batch) error {
	i := len(a.acts)
	file := fmt.Sprint("file ", i%5)
	audience := "audience"
	if i%10 == 3 {
		audience = "other audience"
	}
	thread, known := a.threads[file+audience]
	if !known {
		thread = &told{id: a.id(), key: a.sum()}
		a.threads[file+audience] = thread
	}
	at := act.InstantOf(time.Date(2026, 3, 1, 9, 0, i, 0, time.UTC))
	env := &act.Envelope{
		ID: a.id(), File: a.place(file), Of: "notice", Audience: a.place(audience), Thread: thread.id, Pos: thread.pos, Kind: "notice.received",
		Version: 1, Recorded: at, Effective: at.Add(-time.Hour), Mandate: a.place("mandate"), Law: "xx@0123456789ab", Key: a.place("key " + file),
		Facts: act.NewFacts(map[string]act.Value{"count": act.OfInt(int64(i)), "sort": act.OfCode("contact")}),
	}
	content := []act.Commit{{Name: "content", Sum: [32]byte{1, 2, 3}}}
	switch {
	case i == draft:
		env.Kind, env.Commits = "draft.fixed", content
	case i == firstSigned || i == secondSigned:
		env.Kind, env.Cites, env.Commits = "signature.given", []act.ID{a.acts[draft]}, content
	case i == decided:
		env.Kind, env.Cites, env.Commits = "decision.taken", []act.ID{a.acts[firstSigned], a.acts[secondSigned]}, content
	case i == exhibited:
		env.Kind, env.Commits = KindExhibit, []act.Commit{{Name: CommitSealed, Sum: [32]byte{9}}}
		env.Facts = act.NewFacts(map[string]act.Value{FactBlob: act.OfID(act.ID{7})})
	case i%10 == 9:
		env.Kind, env.Mandate, env.Key = act.DeadlineLapsed, act.ID{}, act.ID{}
		env.Cites = []act.ID{a.acts[i-4]}
	case i%4 == 2:
		env.Cites = []act.ID{a.acts[i-1], a.acts[i/3]}
	}
	link := proof.LinkSum(thread.key, thread.last)
	if a.spoil != nil {
		a.spoil(i, env, &link)
	}
	e := Entry{ID: env.ID, File: env.File, Audience: env.Audience, Prior: int64(max(i-4, 0)), Recorded: env.Recorded, Kind: env.Kind, Salt: a.sum(), Link: link}
	var err error
	e.Envelope, err = act.Encode(env)
	if err != nil {
		return err
	}
	if !env.Key.IsZero() {
		e.Body = make([]byte, 100+i%40)
		_, _ = io.ReadFull(a.dice, e.Body)
		e.BodySum = proof.BodySum(a.sum(), e.Body)
	}
	if a.keep != nil {
		a.keep(&e)
	}
	seq, leaf := batch.Add(&e)
	if seq != int64(i) || leaf != leafOf(&e, head) {
		return fmt.Errorf("act %d was added as %d", i, seq)
	}
	thread.pos, thread.last = env.Pos+1, leaf
	a.acts = append(a.acts, env.ID)
	return nil
}

func leafOf(e *Entry, head *Head) proof.Sum {
	l := e.Leaf(head.Origin)
	return l.Hash()
}

// commit writes acts in commits of the given sizes, and a checkpoint after every second commit and the last.
func (a *author) commit(t testing.TB, db *store.DB, signer note.Signer, sizes ...int) {
	t.Helper()
	for i, n := range sizes {
		must(t, db, func(tx *store.Tx) error {
			err := Found(t.Context(), tx, origin)
			if err != nil {
				return err
			}
			for _, name := range []string{"audience", "other audience"} {
				id := a.place(name)
				_, err = tx.Exec(t.Context(), "INSERT INTO audience (id, name, size) VALUES (?, ?, 1) ON CONFLICT DO NOTHING", id[:], []byte(name))
				if err != nil {
					return err
				}
			}
			head, err := Lock(t.Context(), tx)
			if err != nil {
				return err
			}
			batch := NewBatch(head)
			for range n {
				err = a.write(head, batch)
				if err != nil {
					return err
				}
			}
			err = batch.Write(t.Context(), tx)
			if err != nil || i%2 == 0 && i < len(sizes)-1 {
				return err
			}
			_, err = Sign(t.Context(), tx, signer, head.Recorded)
			return err
		})
	}
}

// sizes of the commits of the log that most tests use: 40 acts.
func sizes() []int { return []int{1, 2, 9, 8, 1, 19} }

func wipe(t testing.TB, db *store.DB) {
	t.Helper()
	must(t, db, func(tx *store.Tx) error {
		for _, table := range []string{"act", "hash", "checkpoint", "head", "audience"} {
			_, err := tx.Exec(t.Context(), "DELETE FROM "+table)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func TestReadBack(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *store.DB) {
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			_, err := ReadHead(t.Context(), tx)
			return err
		})
		if !errors.Is(err, ErrNoLog) {
			t.Fatalf("before there is a log: %v", err)
		}
		a := newAuthor(1)
		signer, verifier := keys(t, 1)
		a.commit(t, db, signer, sizes()...)
		must(t, db, func(tx *store.Tx) error {
			head, err := Lock(t.Context(), tx)
			if err != nil {
				return err
			}
			var all []*Stored
			err = Each(t.Context(), tx, 0, func(s *Stored) error {
				all = append(all, s)
				return nil
			})
			if err != nil || len(all) != 40 || head.Edge.Size() != 40 || head.Recorded != all[39].Recorded {
				return fmt.Errorf("%d acts, head %d at %d: %w", len(all), head.Edge.Size(), head.Recorded, err)
			}
			last, err := LastCheckpoint(t.Context(), tx)
			if err != nil {
				return err
			}
			for i, s := range all {
				one, err := BySeq(t.Context(), tx, int64(i))
				if err != nil || one.ID != a.acts[i] || one.Seq != int64(i) || !bytes.Equal(one.Envelope, s.Envelope) || !bytes.Equal(one.Body, s.Body) {
					return fmt.Errorf("act %d: %+v: %w", i, one, err)
				}
				// Everybody's proof of every act is made of the stored hashes.
				path, err := tlog.ProveRecord(40, int64(i), HashesIn(t.Context(), tx))
				if err == nil {
					err = tlog.CheckRecord(path, 40, head.Edge.Root(), int64(i), tlog.Hash(leafOf(&s.Entry, head)))
				}
				if err != nil {
					return fmt.Errorf("act %d: %w", i, err)
				}
			}
			opened, err := note.Open(last.Note, note.VerifierList(verifier))
			if err != nil || opened.Text != fmt.Sprintf("%s\n40\n%s\n", origin, head.Edge.Root()) {
				return fmt.Errorf("checkpoint %v: %w", opened, err)
			}
			again, err := Sign(t.Context(), tx, signer, 0)
			if err != nil || again.Size != 40 || !bytes.Equal(again.Note, last.Note) {
				return fmt.Errorf("signed again where nothing grew: %w", err)
			}
			for i := 5; i < 40; i++ {
				before, err := Previous(t.Context(), tx, all[i])
				switch {
				case i == 8:
					if !errors.Is(err, ErrNoAct) { // the first its audience sees of the file
						return fmt.Errorf("before act %d: %w", i, err)
					}
				case err != nil || before.File != all[i].File || before.Audience != all[i].Audience || before.Seq >= all[i].Seq:
					return fmt.Errorf("before act %d: %+v: %w", i, before, err)
				}
			}
			_, err = BySeq(t.Context(), tx, 40)
			if !errors.Is(err, ErrNoAct) {
				return fmt.Errorf("an act that is not there: %w", err)
			}
			return nil
		})
	})
}

// A list is joined with what the mandate may read: an act of another audience is not on it.
func TestOfFileShowsWhatMayBeRead(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *store.DB) {
		a := newAuthor(1)
		signer, _ := keys(t, 1)
		a.commit(t, db, signer, sizes()...)
		mandate, audience, file := a.place("mandate"), a.place("other audience"), a.place("file 3")
		must(t, db, func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), "INSERT INTO mandate (id, person, role, institution, seat, starts, ends) VALUES (?, ?, 'r', 'i', 's', 0, 1)", mandate[:], []byte{1})
			if err == nil {
				_, err = tx.Exec(t.Context(), "INSERT INTO may (mandate, audience) VALUES (?, ?)", mandate[:], audience[:])
			}
			if err == nil {
				_, err = tx.Exec(t.Context(), "INSERT INTO state (file, seq, data) VALUES (?, 38, ?)", file[:], []byte{1})
			}
			if err != nil {
				return err
			}
			listed := func(want string) error {
				list, err := OfFile(t.Context(), tx, file, mandate)
				var seqs []int64
				for _, s := range list {
					seqs = append(seqs, s.Seq)
				}
				if fmt.Sprint(seqs) != want {
					t.Errorf("acts %v are listed, want %s", seqs, want)
				}
				return err
			}
			err = listed("[3 13 23 33]")
			if err != nil {
				return err
			}
			// Where a damaged row names itself as the act before, the list ends: verification tells why.
			_, err = tx.Exec(t.Context(), "UPDATE act SET prior = 24 WHERE seq = 23")
			if err != nil {
				return err
			}
			return listed("[23 33]")
		})
	})
}

// Several commits give the tree that one gives, and one more act the tree it gives anywhere.
func TestCommitsDoNotShowInTheRoot(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *store.DB) {
		signer, _ := keys(t, 1)
		var roots []tlog.Hash
		for _, commits := range [][]int{{40}, sizes(), {39, 1}} {
			wipe(t, db)
			newAuthor(1).commit(t, db, signer, commits...)
			err := db.Read(t.Context(), func(tx *store.Tx) error {
				head, err := ReadHead(t.Context(), tx)
				if err == nil {
					roots = append(roots, head.Edge.Root())
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		// Both engines are held to one root, and to that of the first day.
		const want = "Wr9gdqA3rCUmGLstKHcZJZZpSzQ53RezMrY48vyFF6Q="
		for _, r := range roots {
			if r.String() != want {
				t.Errorf("root %s, want %s", r, want)
			}
		}
	})
}
