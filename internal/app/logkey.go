package app

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/archive/proof"
)

// logKey is the key that signs the log's checkpoints. Its file holds two lines, origin and seed, and lies in the folder
// of keys, for its owner only.
type logKey struct {
	origin string
	vkey   string
	signer note.Signer
}

const logKeyFile = "log.key"

// errNoLogKey means that a folder has no log key.
var errNoLogKey = errors.New("this folder has no log key")

// readLogKey reads the key of a folder; errNoLogKey where there is none.
func readLogKey(folder string) (*logKey, error) {
	b, err := os.ReadFile(filepath.Join(folder, logKeyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoLogKey
	}
	if err != nil {
		return nil, fmt.Errorf("log key: %w", err)
	}
	origin, rest, ok := strings.Cut(string(b), "\n")
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(rest, "\n"))
	if !ok || err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("log key: the file is damaged; put it back from its backup")
	}
	skey, vkey, err := proof.KeyPair(origin, [ed25519.SeedSize]byte(seed))
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, fmt.Errorf("log key: %w", err)
	}
	return &logKey{origin, vkey, signer}, nil
}

// makeLogKey draws the key of a new log. Of two processes that begin together one makes it, and both read it.
func makeLogKey(folder, prefix string, dice io.Reader) (*logKey, error) {
	var drawn [ed25519.SeedSize + 8]byte
	_, err := io.ReadFull(dice, drawn[:])
	if err != nil {
		return nil, fmt.Errorf("draw the log key: %w", err)
	}
	origin := fmt.Sprintf("%s%x", prefix, drawn[ed25519.SeedSize:])
	text := origin + "\n" + base64.StdEncoding.EncodeToString(drawn[:ed25519.SeedSize]) + "\n"
	clear(drawn[:])
	part, err := os.CreateTemp(folder, "."+logKeyFile+"-*")
	if err != nil {
		return nil, fmt.Errorf("log key: %w", err)
	}
	_, err = part.WriteString(text)
	err = errors.Join(err, part.Sync(), part.Close())
	if err == nil {
		err = os.Link(part.Name(), filepath.Join(folder, logKeyFile)) // fails where another was first
		if errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	err = errors.Join(err, os.Remove(part.Name()), syncFolder(folder))
	if err != nil {
		return nil, fmt.Errorf("log key: %w", err)
	}
	return readLogKey(folder)
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
