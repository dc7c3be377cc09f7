package seal

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"sanad/internal/act"
)

// KeyService holds the root of all keys and wraps the keys of compartments under it. Root is the built-in one; a
// hardware module or a cloud's key service can stand here. Unwrap must fail when ad is not the one Wrap was
// given. Neither may keep key or ad, which the caller overwrites.
type KeyService interface {
	Wrap(ctx context.Context, key, ad []byte) (wrapped []byte, err error)
	Unwrap(ctx context.Context, wrapped, ad []byte) (key []byte, err error)
}

// Root is a KeyService whose root is a file of 32 bytes, root.key, readable by its owner only.
type Root struct {
	aead cipher.AEAD
	dice *dice
}

const (
	rootFile  = "root.key"
	storeFile = "keys.db"
)

// OpenRoot reads root.key in folder, or creates it where there is none and no key store either. It fails with
// ErrRootExposed when anyone but its owner may read or write the file, and with ErrRootMissing when a key store
// is there without it. The folder may be another one than the key store's: the two together open everything.
func OpenRoot(folder string, random io.Reader) (*Root, error) {
	err := os.MkdirAll(folder, 0o700)
	if err != nil {
		return nil, fmt.Errorf("make the folder of the root key: %w", err)
	}
	d := newDice(random)
	key, err := readRoot(folder)
	if errors.Is(err, fs.ErrNotExist) {
		_, there := os.Stat(filepath.Join(folder, storeFile))
		if there == nil {
			// A process that began a moment earlier writes the root first: look again before complaining.
			key, err = readRoot(folder)
			if errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("%s: %w", filepath.Join(folder, rootFile), ErrRootMissing)
			}
		} else {
			key, err = createRoot(folder, d)
		}
	}
	if err != nil {
		return nil, err
	}
	defer clear(key[:])
	aead, err := key.cipher()
	if err != nil {
		return nil, err
	}
	return &Root{aead, d}, nil
}

func readRoot(folder string) (Key, error) {
	path := filepath.Join(folder, rootFile)
	f, err := os.Open(path)
	if err != nil {
		return Key{}, fmt.Errorf("read the root key: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return Key{}, fmt.Errorf("read the root key: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() != keySize {
		return Key{}, fmt.Errorf("%s must be a file of %d bytes, it has %d: put the right one back from its backup", path, keySize, info.Size())
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Key{}, fmt.Errorf("%s has mode %04o: %w", path, info.Mode().Perm(), ErrRootExposed)
	}
	var key Key
	_, err = io.ReadFull(f, key[:])
	if err != nil {
		return Key{}, fmt.Errorf("read the root key: %w", err)
	}
	return key, nil
}

// createRoot writes a new root aside and links it into place, so that no process, nor a crash, ever sees half
// of it. Where another process was first its root is taken.
func createRoot(folder string, d *dice) (key Key, err error) {
	key, err = d.key()
	if err != nil {
		return Key{}, err
	}
	name, err := act.NewID(d)
	if err != nil {
		return Key{}, err
	}
	aside := filepath.Join(folder, rootFile+"."+name.String())
	f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Key{}, fmt.Errorf("create the root key: %w", err)
	}
	defer func() { _ = os.Remove(aside) }()
	_, err = f.Write(key[:])
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err != nil {
		return Key{}, fmt.Errorf("write the root key: %w", err)
	}
	err = os.Link(aside, filepath.Join(folder, rootFile))
	if errors.Is(err, fs.ErrExist) {
		return readRoot(folder)
	}
	if err != nil {
		return Key{}, fmt.Errorf("put the root key in place: %w", err)
	}
	err = syncFolder(folder)
	if err != nil {
		return Key{}, err
	}
	return key, nil
}

const rootPurpose = "sanad/seal/root/v1"

// Wrap implements KeyService.
func (r *Root) Wrap(_ context.Context, key, ad []byte) ([]byte, error) {
	return sealPiece(r.aead, r.dice, key, append([]byte(rootPurpose), ad...))
}

// Unwrap implements KeyService; ErrSealBroken when another root wrapped it, or for something else.
func (r *Root) Unwrap(_ context.Context, wrapped, ad []byte) ([]byte, error) {
	return openPiece(r.aead, wrapped, append([]byte(rootPurpose), ad...))
}

// syncFolder makes names created, renamed or removed in a folder durable.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync a folder: %w", err)
	}
	err = errors.Join(f.Sync(), f.Close())
	if err != nil {
		return fmt.Errorf("sync a folder: %w", err)
	}
	return nil
}
