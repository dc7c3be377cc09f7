package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/seal"
)

// verdict is the answer of sanad verify, as --json prints it.
type verdict struct {
	OK         bool             `json:"ok"`
	Acts       int64            `json:"acts"`
	Root       string           `json:"root"`
	Word       string           `json:"word"`
	Problems   []ledger.Problem `json:"problems"`
	Signed     int64            `json:"signed"`               // how many acts the newest good checkpoint covers
	Signatures int64            `json:"signatures,omitempty"` // people's: recorded, not yet cryptographic
}

func verifyFlags(fs *flag.FlagSet) Run {
	var keys, against Strings
	fs.Var(&keys, "key", "`VKEY` to take the word of, as sanad key show prints it; may be repeated")
	fs.Var(&against, "against", "`FILE` of a checkpoint, receipt or dump somebody kept; may be repeated")
	db := fs.String("db", "", "`URL` of the database where it is not in DIR; also from SANAD_DB")
	asJSON := fs.Bool("json", false, "print the answer as JSON")
	return func(ctx context.Context, env Env, args []string) int {
		v := verifying{keys: keys, against: against, db: *db}
		if v.db == "" {
			v.db = env.Getenv("SANAD_DB")
		}
		at := "data"
		if len(args) > 0 {
			at = args[0]
		}
		out, err := v.answer(ctx, at)
		if err != nil {
			return say(env, "verify", err)
		}
		if out.Problems == nil {
			out.Problems = []ledger.Problem{}
		}
		out.OK = len(out.Problems) == 0
		if *asJSON {
			err = json.NewEncoder(env.Stdout).Encode(out)
		} else {
			err = out.print(env.Stdout)
		}
		if err != nil {
			return say(env, "verify", err)
		}
		if !out.OK {
			return ExitNo
		}
		return ExitGood
	}
}

func (v *verdict) print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", v.Word)
	for _, p := range v.Problems {
		if p.Seq < 0 {
			fmt.Fprintf(&b, "  log: %s\n", p.What)
			continue
		}
		fmt.Fprintf(&b, "  act %d: %s\n", p.Seq, p.What)
	}
	answer := "good"
	if len(v.Problems) > 0 {
		answer = "NOT GOOD: " + problems(len(v.Problems))
	}
	fmt.Fprintf(&b, "%s: %d acts, root %s\n", answer, v.Acts, v.Root)
	if v.Signatures > 0 {
		fmt.Fprintf(&b, "%d signatures by people are recorded, not yet cryptographic\n", v.Signatures)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type verifying struct {
	keys, against []string
	db            string
}

// maxKept is the largest file with a checkpoint or a receipt that is read.
const maxKept = 1 << 20

// answer verifies whatever at is. An error means that the question can't be answered.
func (v *verifying) answer(ctx context.Context, at string) (*verdict, error) {
	info, err := os.Stat(at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, cannot(err))
	}
	verifiers, err := v.verifiers()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return v.folder(ctx, at, verifiers)
	}
	head := make([]byte, max(len(liteMark), len(proof.DumpMark)))
	f, err := openFile(at)
	if err != nil {
		return nil, err
	}
	n, err := io.ReadFull(f, head)
	err = errors.Join(ignoreShort(err), f.Close())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	switch {
	case bytes.HasPrefix(head[:n], []byte(liteMark)):
		return v.log(ctx, at, filepath.Dir(at), verifiers)
	case bytes.HasPrefix(head[:n], []byte(proof.DumpMark)):
		return v.dump(at, verifiers)
	}
	return v.receipt(at, verifiers)
}

// liteMark is how an SQLite file starts.
const liteMark = "SQLite format 3\x00"

func ignoreShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

func (v *verifying) verifiers() ([]note.Verifier, error) {
	var out []note.Verifier
	for _, k := range v.keys {
		verifier, err := note.NewVerifier(strings.TrimSpace(k))
		if err != nil {
			return nil, fmt.Errorf("--key: this is no verifier key; sanad key show prints one: %w", err)
		}
		out = append(out, verifier)
	}
	return out, nil
}

// folder verifies a data folder.
func (v *verifying) folder(ctx context.Context, dir string, verifiers []note.Verifier) (*verdict, error) {
	at := v.db
	if at == "" {
		at = filepath.Join(dir, databaseFile)
		_, err := os.Stat(at)
		if err != nil {
			return nil, fmt.Errorf("%s holds no %s: name a data folder, or give --db", dir, databaseFile)
		}
	}
	return v.log(ctx, at, dir, verifiers)
}

// log verifies a database with the exhibits of a folder.
func (v *verifying) log(ctx context.Context, at, dir string, verifiers []note.Verifier) (out *verdict, err error) {
	kept, err := v.kept()
	if err != nil {
		return nil, err
	}
	out = &verdict{}
	own := len(verifiers) == 0
	if own {
		key, err := readLogKey(filepath.Join(dir, keysFolder))
		if err == nil {
			verifier, err := note.NewVerifier(key.vkey)
			if err != nil {
				return nil, fmt.Errorf("log key: %w", err)
			}
			verifiers = []note.Verifier{verifier}
		}
	}
	db, err := openExisting(ctx, at, true)
	if err != nil {
		return nil, fmt.Errorf("the database can't be read: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	report, err := ledger.Verify(ctx, db, ledger.Check{Keys: verifiers, Against: kept, Exhibit: exhibitsIn(ctx, filepath.Join(dir, blobsFolder))})
	if err != nil {
		return nil, fmt.Errorf("the log can't be read: %w", err)
	}
	out.Acts, out.Root, out.Signed, out.Signatures, out.Problems = report.Acts, report.Root.String(), report.Signed, report.Signatures, report.Problems
	out.Word = word(report, verifiers, own, len(kept))
	return out, nil
}

// exhibitsIn checks sealed exhibits of a folder without opening one.
func exhibitsIn(ctx context.Context, folder string) func(act.ID, [32]byte) error {
	return func(id act.ID, sealed [32]byte) error {
		_, err := os.Stat(folder)
		if err != nil {
			return errors.New("the folder of exhibits is not there")
		}
		blobs, err := seal.OpenFolder(folder)
		if err != nil {
			return err
		}
		return seal.NewBlobs(nil, blobs).Check(ctx, id, sealed)
	}
}

// word says whose word was taken, in the first sentence.
func word(r *ledger.Report, verifiers []note.Verifier, own bool, kept int) string {
	var names []string
	for _, k := range verifiers {
		names = append(names, fmt.Sprintf("%s+%08x", k.Name(), k.KeyHash()))
	}
	var s string
	switch {
	case len(verifiers) == 0:
		s = "Nobody's word: no key was given and none lies in the folder, so this shows only that the acts agree with each other."
	case own:
		s = fmt.Sprintf("The folder's own word, the key %s that lies in it: this shows damage, and not that somebody with the key wrote the whole anew; give --key, or --against a checkpoint somebody kept.", names[0])
	default:
		s = fmt.Sprintf("The word of %s, whose key you gave.", strings.Join(names, " and "))
	}
	if kept > 0 {
		s += fmt.Sprintf(" Compared with %d checkpoints somebody kept.", kept)
	}
	if strings.HasPrefix(r.Origin, "demo/") {
		s += " It is a demonstration: whatever it shows, it proves nothing."
	}
	if len(verifiers) > 0 && r.Signed < r.Acts {
		s += fmt.Sprintf(" Nobody has signed yet for what is newer than the newest good checkpoint (acts: %d).", r.Acts-r.Signed)
	}
	return s
}

// kept reads checkpoints, alone, inside receipts or in the heads of dumps. What holds none was named by mistake, and says nothing of
// the log.
func (v *verifying) kept() ([][]byte, error) {
	var out [][]byte
	for _, name := range v.against {
		b, err := readSmall(name)
		if err != nil {
			return nil, err
		}
		_, err = proof.ReadStated(b)
		if err != nil {
			return nil, fmt.Errorf("%s is neither a checkpoint, a receipt nor a dump somebody kept: %w", name, err)
		}
		out = append(out, proof.CheckpointIn(b))
	}
	return out, nil
}

func readSmall(name string) ([]byte, error) {
	f, err := openFile(name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxKept+1))
	err = errors.Join(err, f.Close())
	if err == nil && bytes.HasPrefix(b, []byte(proof.DumpMark)) {
		return b, nil // of a dump the head is asked, which is its first line
	}
	if err == nil && len(b) > maxKept {
		err = errors.New("it is too large to be a checkpoint or a receipt")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return b, nil
}

// receipt verifies a receipt offline.
func (v *verifying) receipt(name string, verifiers []note.Verifier) (*verdict, error) {
	b, err := readSmall(name)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(b, []byte("c2sp.org/tlog-proof@")) {
		return nil, fmt.Errorf("%s is neither a data folder, a database, a dump nor a receipt", name)
	}
	if len(verifiers) != 1 {
		return nil, errors.New("a receipt is checked with one key, the log's: give it with --key")
	}
	kept, err := v.kept()
	if err != nil {
		return nil, err
	}
	out := &verdict{Word: word(&ledger.Report{Origin: verifiers[0].Name()}, verifiers, false, len(kept))}
	c, err := proof.CheckReceiptAgainst(b, verifiers[0], kept)
	if errors.Is(err, proof.ErrForged) {
		out.Problems = []ledger.Problem{{Seq: -1, What: err.Error()}}
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	out.Acts, out.Root, out.Signed = c.Size, c.Root.String(), c.Size
	out.Word += fmt.Sprintf(" It covers act %d, %s, recorded %s.", c.Index, c.Envelope.Kind, c.Envelope.Recorded)
	return out, nil
}

// dump verifies offline that what was written out of a file, the register above all, is in the log and has no gap.
func (v *verifying) dump(name string, verifiers []note.Verifier) (out *verdict, err error) {
	if len(verifiers) != 1 {
		return nil, errors.New("a dump is checked with one key, the log's: give it with --key")
	}
	f, err := openFile(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out = &verdict{Word: word(&ledger.Report{Origin: verifiers[0].Name()}, verifiers, false, 0)}
	kept, err := v.keptDumps(verifiers[0])
	if errors.Is(err, proof.ErrForged) {
		out.Problems = []ledger.Problem{{Seq: -1, What: err.Error()}}
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	d, err := proof.CheckDumpAgainst(f, verifiers[0], kept)
	if errors.Is(err, proof.ErrForged) {
		out.Problems = []ledger.Problem{{Seq: -1, What: err.Error()}}
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(kept) > 0 {
		out.Word += fmt.Sprintf(" Compared with %d dumps somebody kept.", len(kept))
	}
	out.Acts, out.Root, out.Signed = d.Size, d.Root.String(), d.Size
	if d.Last == nil {
		out.Word += " It holds no act."
		return out, nil
	}
	out.Word += fmt.Sprintf(" It holds %d acts of one file (%s), the last recorded %s: none before that one was changed or left out.", d.Acts, d.Of, d.Last.Recorded)
	return out, nil
}

// keptDumps reads the dumps that somebody kept of what is checked.
func (v *verifying) keptDumps(verifier note.Verifier) ([]*proof.Kept, error) {
	var out []*proof.Kept
	for _, name := range v.against {
		k, err := keptDump(name, verifier)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

func keptDump(name string, verifier note.Verifier) (k *proof.Kept, err error) {
	f, err := openFile(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	start := make([]byte, len(proof.DumpMark))
	n, err := io.ReadFull(f, start)
	err = ignoreShort(err)
	if err == nil && string(start[:n]) != proof.DumpMark {
		err = errors.New("a dump is held against another dump somebody kept, and this is none")
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err == nil {
		k, err = proof.ReadKept(f, verifier)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return k, nil
}
