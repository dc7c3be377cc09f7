package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	tproof "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
)

// The command line's contract, as scripts. Beside testscript's own words they know:
//
//	exits CODE COMMAND…   runs a command and wants this exit code
//	fixture NAME          copies a prepared folder or file here
//
// and the variables KEY (of the good log), NEWKEY (of the forger), ACT and ACTS (the number of the first notice, and how
// many acts there are), PG (an empty PostgreSQL database where the gate gave a server: [postgres]).
func TestScript(t *testing.T) {
	t.Parallel()
	f := fixtures(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("KEY", f.key)
			env.Setenv("NEWKEY", f.newKey)
			env.Setenv("ACT", strconv.FormatInt(f.act, 10))
			env.Setenv("ACTS", strconv.FormatInt(f.acts, 10))
			env.Setenv("PG", os.Getenv("SANAD_TEST_PG"))
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "postgres" {
				return os.Getenv("SANAD_TEST_PG") != "", nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "fixture": f.copy},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit %d, want %s", code, args[0])
	}
}

// prepared are folders and files that scripts copy.
type prepared struct {
	root        string
	key, newKey string
	act, acts   int64
}

func (p *prepared) copy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fixture NAME")
	}
	ts.Check(copyAll(filepath.Join(p.root, args[0]), ts.MkAbs(args[0])))
}

// copyAll copies a file or a folder with its modes: keys that others could read are refused.
func copyAll(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		target := to + strings.TrimPrefix(path, from)
		if entry.IsDir() {
			return os.Mkdir(target, info.Mode().Perm())
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, b, info.Mode().Perm())
	})
}

var prepare sync.Mutex

// fixtures makes, with the program itself and then with a forger's hands:
//
//	good        a folder of three notices, stopped well
//	kept        a checkpoint that somebody took in between
//	receipt     of the first notice; forged, cut and recoded are made of it
//	later       a receipt of the third
//	otherwise   a checkpoint by the key of good, of as many acts as the one in receipt and with another root
//	bent        the checkpoint in receipt with another number of acts, which its signature is not for
//	elsewhere   a receipt of other
//	changed     good, one act's sealed body altered in the database
//	missing     good, one act's row deleted
//	newpast     good with that act altered, the whole log hashed and signed anew by its own key
//	newkey      the same, signed by another key under the same name
//	other       a log of its own
func fixtures(t *testing.T) *prepared {
	t.Helper()
	prepare.Lock()
	defer prepare.Unlock()
	p := &prepared{root: filepath.Join(scratch, "fixtures")}
	at := func(name string) string { return filepath.Join(p.root, name) }
	write := func(name, text string) {
		err := os.WriteFile(at(name), []byte(text), 0o600)
		if err != nil {
			t.Fatal(err)
		}
	}
	err := os.MkdirAll(p.root, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, at("good"), "")
	first := mustPost(t, s.public, "the first notice")
	var r tproof.TLogProof
	err = r.Unmarshal([]byte(first.Proof))
	if err != nil {
		t.Fatal(err)
	}
	var published []byte
	within(t, func() bool { // a receipt is there before the checkpoint that everybody sees
		published = fetch(t, s.public+"/api/v1/checkpoint").body
		_, rest, _ := strings.Cut(string(published), "\n")
		size, _, _ := strings.Cut(rest, "\n")
		n, err := strconv.ParseUint(size, 10, 64)
		return err == nil && n > r.Index
	})
	write("kept", string(published))
	mustPost(t, s.public, "the second notice")
	write("later", mustPost(t, s.public, "the third notice").Proof)
	s.stop()
	p.key = logKey(t, at("good"))
	p.acts = verify(t, at("good"), "", p.key).Acts
	s = serve(t, at("other"), "")
	write("elsewhere", mustPost(t, s.public, "elsewhere").Proof)
	s.stop()

	if int64(r.Index) >= p.acts {
		t.Fatalf("act %d of %d", r.Index, p.acts)
	}
	p.act = int64(r.Index)
	write("receipt", first.Proof)
	lines := strings.Split(string(r.Checkpoint), "\n")
	root := sha256.Sum256([]byte("another past"))
	lines[2] = base64.StdEncoding.EncodeToString(root[:])
	_, signer := signerOf(t, at("good"))
	signed, err := note.Sign(&note.Note{Text: strings.Join(lines[:3], "\n") + "\n"}, signer)
	if err != nil {
		t.Fatal(err)
	}
	write("otherwise", string(signed))
	write("bent", strings.Replace(string(r.Checkpoint), "\n", "\n1", 1))
	r.Hashes[0][0] ^= 1
	write("forged", string(r.Marshal()))
	write("cut", first.Proof[:len(first.Proof)/2])
	write("recoded", strings.Replace(first.Proof, "\n\n", "\r\n\r\n", 1))

	for _, name := range []string{"changed", "missing", "newpast", "newkey"} {
		err = copyAll(at("good"), at(name))
		if err != nil {
			t.Fatal(err)
		}
	}
	body := func(name, query string) {
		pool := open(t, at(name), "")
		exec1(t, pool, query, p.act)
		_ = pool.Close()
	}
	body("changed", "UPDATE act SET body = CAST(substr(body, 1, length(body) - 1) || CASE substr(body, -1) WHEN x'00' THEN x'01' ELSE x'00' END AS BLOB) WHERE seq = ?")
	body("missing", "DELETE FROM act WHERE seq = ?")
	rewrite(t, at("newpast"), p.act)
	// Another key under the same name: what a thief of the folder, but not of the key, can do.
	origin, _, _ := strings.Cut(p.key, "+")
	seed := sha256.Sum256([]byte("a forger's key"))
	write("newkey/keys/log.key", origin+"\n"+base64.StdEncoding.EncodeToString(seed[:])+"\n")
	rewrite(t, at("newkey"), p.act)
	p.newKey = logKey(t, at("newkey"))
	return p
}

// signerOf reads the key in a folder.
func signerOf(t *testing.T, dir string) (origin string, signer note.Signer) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "keys", "log.key"))
	if err != nil {
		t.Fatal(err)
	}
	origin, text, _ := strings.Cut(strings.TrimSpace(string(raw)), "\n")
	seed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	skey, _, err := proof.KeyPair(origin, [32]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	signer, err = note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return origin, signer
}

// rewrite alters the sealed body of an act, then hashes the whole log and signs it anew with the key in its folder.
func rewrite(t *testing.T, dir string, forge int64) {
	t.Helper()
	ctx := context.Background()
	origin, signer := signerOf(t, dir)
	db, err := store.Open(ctx, filepath.Join(dir, "sanad.db"))
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(ctx, func(tx *store.Tx) error {
		var all []*ledger.Stored
		err := ledger.Each(ctx, tx, 0, func(s *ledger.Stored) error { all = append(all, s); return nil })
		if err != nil {
			return err
		}
		for _, s := range all {
			err = tx.QueryRow(ctx, "SELECT prior FROM act WHERE seq = ?", s.Seq).Scan(&s.Prior)
			if err != nil {
				return err
			}
		}
		for _, table := range []string{"act", "hash", "checkpoint"} {
			_, err = tx.Exec(ctx, "DELETE FROM "+table)
			if err != nil {
				return err
			}
		}
		batch := ledger.NewBatch(&ledger.Head{Origin: origin})
		for _, s := range all {
			if s.Seq == forge {
				s.Body[len(s.Body)-1] ^= 1
			}
			batch.Add(&s.Entry)
		}
		err = batch.Write(ctx, tx)
		if err != nil {
			return err
		}
		_, err = ledger.Sign(ctx, tx, signer, act.Instant(1))
		return err
	})
	err = errors.Join(err, db.Close())
	if err != nil {
		t.Fatal(err)
	}
}
