package seal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"sanad/internal/act"
)

// Held is a blob that was sealed before the act that is to name it. Should the process end in between, nothing else tells that the
// bytes are nobody's, nor which key opens them.
type Held struct{ Blob, Key act.ID }

// Held lists what was begun before a time and that nobody said was bound: finished, broken off, or bound meanwhile.
func (b *Blobs) Held(ctx context.Context, before time.Time) ([]Held, error) {
	return b.store.Held(ctx, before)
}

// Sweep removes what uploads that were cut left half written, where it was last written before a time.
func (b *Blobs) Sweep(ctx context.Context, before time.Time) (int, error) {
	return b.store.Sweep(ctx, before)
}

// Bound ends the watch over a blob: an act names it.
func (b *Blobs) Bound(ctx context.Context, id act.ID) error {
	err := b.store.Forget(ctx, id)
	if err != nil {
		return fmt.Errorf("blob %s: %w", id, err)
	}
	return nil
}

// Erase destroys the key of a blob that no act came to name, then its bytes. Begun and not finished, it is done again.
func (b *Blobs) Erase(ctx context.Context, h Held) error {
	err := b.keeper.Destroy(ctx, h.Key)
	if err != nil {
		return fmt.Errorf("erase blob %s: %w", h.Blob, err)
	}
	err = b.store.Remove(ctx, h.Blob)
	if err != nil {
		return fmt.Errorf("erase blob %s: %w", h.Blob, err)
	}
	return b.Bound(ctx, h.Blob)
}

// heldFolder holds a file for each blob that was begun, named after it, with the identifier of its key.
const heldFolder = "held"

func (f *Folder) held(id act.ID) string { return filepath.Join(f.root, heldFolder, id.String()) }

// Hold implements BlobStore.
func (f *Folder) Hold(_ context.Context, h Held) error {
	folder := filepath.Join(f.root, heldFolder)
	err := f.shelve(folder)
	if err != nil {
		return err
	}
	note, err := os.OpenFile(f.held(h.Blob), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("note a blob: %w", err)
	}
	_, err = note.WriteString(h.Key.String())
	err = errors.Join(err, note.Sync(), note.Close())
	if err != nil {
		return errors.Join(fmt.Errorf("note a blob: %w", err), remove(f.held(h.Blob)))
	}
	return syncFolder(folder)
}

// Forget implements BlobStore.
func (f *Folder) Forget(_ context.Context, id act.ID) error { return remove(f.held(id)) }

// Held implements BlobStore.
func (f *Folder) Held(ctx context.Context, before time.Time) ([]Held, error) {
	list, err := os.ReadDir(filepath.Join(f.root, heldFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list what is held: %w", err)
	}
	var out []Held
	for _, entry := range list {
		err = ctx.Err()
		if err != nil {
			return nil, err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.ModTime().Before(before) {
			continue // forgotten meanwhile, or young
		}
		var text []byte
		if err == nil {
			text, err = os.ReadFile(filepath.Join(f.root, heldFolder, entry.Name()))
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list what is held: %w", err)
		}
		var h Held
		h.Blob, err = act.ParseID(entry.Name())
		if err != nil {
			return nil, fmt.Errorf("list what is held: %s is the name of no blob: %w", entry.Name(), err)
		}
		h.Key, err = act.ParseID(string(text))
		if err != nil { // cut off before a byte of the blob was written: no key was used
			err = errors.Join(f.Remove(ctx, h.Blob), f.Forget(ctx, h.Blob))
			if err != nil {
				return nil, err
			}
			continue
		}
		out = append(out, h)
	}
	return out, nil
}
