package register

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
)

// dumpsKept is how many dumps stay in the folder: every one holds all entries of those before it.
const dumpsKept = 8

// dumpName is what a dump is called in the folder.
func dumpName(sum [32]byte) string { return "register-" + hex.EncodeToString(sum[:8]) + ".jsonl" }

// Dump writes the register out, with proofs against the newest checkpoint, and records that it was: how many entries, up to which
// act, and the SHA-256 of the file. Where nothing was entered since the newest dump it makes none. It returns the newest.
func (d *Desk) Dump(ctx context.Context) (*Dumped, error) {
	file := d.File()
	if file.IsZero() {
		return nil, ErrNoRegister
	}
	thread, err := d.Clerk.Thread(ctx, file)
	if err != nil {
		return nil, err
	}
	var entries int64
	var last *act.Envelope
	for i := range thread.Acts {
		last, err = act.Decode(thread.Acts[i].Opening.Envelope)
		if err != nil {
			return nil, fmt.Errorf("dump: %w", err)
		}
		if last.Kind == KindEntered {
			entries++
		}
	}
	if last == nil {
		return nil, fault.Unavailable.New("register.dump.none")
	}
	if last.Kind == KindDumped {
		return d.newest(ctx)
	}
	sum, err := d.keep(thread.WriteTo)
	if err != nil {
		return nil, fmt.Errorf("dump: %w", err)
	}
	_, err = d.Clerk.Do(ctx, clerk.Command{Kind: KindDumped, File: file, Act: act.Act{
		Facts:   act.NewFacts(map[string]act.Value{"entries_count": act.OfInt(entries), "head": act.OfID(last.ID)}),
		Commits: []act.Commit{{Name: CommitDump, Sum: sum}},
	}})
	if err != nil && fault.CodeOf(err) != fault.Conflict { // a conflict: another server was quicker
		return nil, err
	}
	return d.newest(ctx)
}

// newest returns the newest dump, and clears the folder of those that nobody asks for any more.
func (d *Desk) newest(ctx context.Context) (*Dumped, error) {
	var list []Dumped
	err := d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		list, err = d.Dumps(ctx, tx, dumpsKept)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.Unavailable.New("register.dump.none")
	}
	kept := map[string]bool{}
	for _, one := range list {
		kept[dumpName(one.Sum)] = true
	}
	names, err := os.ReadDir(d.Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return &list[0], nil
	}
	if err != nil {
		return nil, fmt.Errorf("dumps: %w", err)
	}
	for _, n := range names {
		if !kept[n.Name()] && strings.HasPrefix(n.Name(), "register-") {
			err = errors.Join(err, os.Remove(filepath.Join(d.Folder, n.Name())))
		}
	}
	return &list[0], err
}

// keep writes a dump beside its name and gives it that name once it is on the disk.
func (d *Desk) keep(write func(io.Writer) (int64, error)) (sum [32]byte, err error) {
	err = os.MkdirAll(d.Folder, 0o700)
	if err != nil {
		return sum, err
	}
	f, err := os.CreateTemp(d.Folder, "register-*.part")
	if err != nil {
		return sum, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	h := sha256.New()
	_, err = write(io.MultiWriter(f, h))
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err != nil {
		return sum, err
	}
	copy(sum[:], h.Sum(nil))
	return sum, os.Rename(f.Name(), filepath.Join(d.Folder, dumpName(sum)))
}

// download opens the newest dump's file.
func (d *Desk) download(ctx context.Context) (*Dumped, *os.File, error) {
	newest, err := d.newest(ctx)
	if err != nil {
		return nil, nil, err
	}
	f, err := os.Open(filepath.Join(d.Folder, dumpName(newest.Sum)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fault.Unavailable.New("register.dump.none").Because(err)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("dump: %w", err)
	}
	return newest, f, nil
}
