package seal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sanad/internal/act"
)

// Folder is a BlobStore: one file per blob, spread over folders named after the first two characters of its
// identifier. A blob is written beside its place, as ID.part, so nothing is ever written elsewhere.
type Folder struct{ root string }

const partSuffix = ".part"

// OpenFolder returns the blobs in root, and makes it where it is not.
func OpenFolder(root string) (*Folder, error) {
	err := os.MkdirAll(root, 0o700)
	if err != nil {
		return nil, fmt.Errorf("make the folder of blobs: %w", err)
	}
	return &Folder{root}, nil
}

func (f *Folder) path(id act.ID) string {
	name := id.String()
	return filepath.Join(f.root, name[:2], name)
}

// Create implements BlobStore. The .part file is also the lock: of two writers of one identifier, in whatever
// process, one is refused.
func (f *Folder) Create(_ context.Context, id act.ID) (Upload, error) {
	path := f.path(id)
	err := f.shelve(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	part, err := os.OpenFile(path+partSuffix, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, ErrBlobExists
	}
	if err != nil {
		return nil, fmt.Errorf("create: %w", err)
	}
	up := &upload{part, path}
	_, err = os.Lstat(path)
	if err == nil {
		return nil, errors.Join(ErrBlobExists, up.Abort())
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, up.Abort())
	}
	return up, nil
}

// shelve makes the folder for a blob, durably.
func (f *Folder) shelve(folder string) error {
	err := os.Mkdir(folder, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	return syncFolder(f.root)
}

type upload struct {
	part *os.File
	path string
}

// Write implements io.Writer.
func (u *upload) Write(p []byte) (int, error) { return u.part.Write(p) }

// Commit implements Upload: the bytes are on the disc before the name is, and the name before it returns.
func (u *upload) Commit() error {
	err := errors.Join(u.part.Sync(), u.part.Close())
	if err == nil {
		err = os.Rename(u.part.Name(), u.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("commit: %w", err), remove(u.part.Name()))
	}
	err = syncFolder(filepath.Dir(u.path))
	if err != nil {
		return errors.Join(err, remove(u.path))
	}
	return nil
}

// Abort implements Upload.
func (u *upload) Abort() error {
	_ = u.part.Close() // what it says about bytes that are thrown away does not matter
	return remove(u.part.Name())
}

func remove(path string) error {
	err := os.Remove(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove: %w", err)
	}
	return nil
}

// Open implements BlobStore.
func (f *Folder) Open(_ context.Context, id act.ID) (io.ReadCloser, error) {
	file, err := os.Open(f.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoBlob
	}
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return file, nil
}

// Remove implements BlobStore; durable when it returns.
func (f *Folder) Remove(_ context.Context, id act.ID) error {
	path := f.path(id)
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// Sweep removes what interrupted writers left half written, if it was last written before the given time, and returns how many
// files. Give it a time at which no writer of today can have begun.
func (f *Folder) Sweep(ctx context.Context, before time.Time) (int, error) {
	swept := 0
	err := filepath.WalkDir(f.root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, partSuffix) {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // finished or aborted meanwhile
		}
		if err != nil || !info.ModTime().Before(before) {
			return err
		}
		swept++
		return remove(path)
	})
	if err != nil {
		return swept, fmt.Errorf("sweep the folder of blobs: %w", err)
	}
	return swept, nil
}
