package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"sanad/internal/act"
	"sanad/internal/law/pack"
	"sanad/packs"
)

// loadPack reads a pack by its name, or from a folder: what holds a separator or is a folder here is one.
func loadPack(nameOrFolder string, kinds *act.Catalogue) (*pack.Pack, error) {
	if nameOrFolder == "" {
		return nil, fmt.Errorf("no pack is named: use --pack with one of %s, or with a folder", strings.Join(packs.Names(), ", "))
	}
	info, err := os.Stat(nameOrFolder)
	isFolder := err == nil && info.IsDir()
	if !isFolder && strings.ContainsRune(nameOrFolder, filepath.Separator) {
		return nil, fmt.Errorf("pack folder %s: %w", nameOrFolder, errOrNotFolder(err))
	}
	if isFolder {
		folder, err := filepath.Abs(nameOrFolder)
		if err != nil {
			return nil, fmt.Errorf("pack folder %s: %w", nameOrFolder, err)
		}
		beside := func(id string) (fs.FS, error) {
			own, err := packs.Open(id)
			if err == nil {
				return own, nil
			}
			at := filepath.Join(filepath.Dir(folder), id)
			_, err = os.Stat(at)
			if err != nil {
				return nil, err
			}
			return os.DirFS(at), nil
		}
		id := packID(folder)
		p, err := pack.Load(os.DirFS(folder), id, beside, kinds)
		return p, placed(err, id, nameOrFolder)
	}
	files, err := packs.Open(nameOrFolder)
	if err != nil {
		return nil, fmt.Errorf("there is no pack %q: use one of %s, or a folder", nameOrFolder, strings.Join(packs.Names(), ", "))
	}
	return pack.Load(files, nameOrFolder, packs.Open, kinds)
}

func errOrNotFolder(err error) error {
	if err == nil {
		return errors.New("not a folder")
	}
	return err
}

// placed names the files of problems as the person named their folder, so that an editor finds them.
func placed(err error, id, folder string) error {
	var found pack.Problems
	if !errors.As(err, &found) {
		return err
	}
	for i := range found {
		rest, ok := strings.CutPrefix(found[i].File, id+"/")
		if ok {
			found[i].File = filepath.Join(folder, rest)
		}
	}
	return found
}

// packID is the id a pack gives itself, so that a copy of a pack may lie in a folder of any name.
func packID(folder string) string {
	var head struct {
		ID string `yaml:"id"`
	}
	const most = 64 << 10
	f, err := os.Open(filepath.Join(folder, "pack.yaml"))
	if err == nil {
		b, rerr := io.ReadAll(io.LimitReader(f, most))
		err = errors.Join(rerr, f.Close())
		if err == nil {
			err = yaml.Unmarshal(b, &head)
		}
	}
	if err != nil || !act.IsCode(head.ID) {
		return filepath.Base(folder)
	}
	return head.ID
}
