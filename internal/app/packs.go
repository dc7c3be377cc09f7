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
	"sanad/internal/office/access"
	"sanad/packs"
)

// loadPack reads a pack by its name, or from a folder.
func loadPack(nameOrFolder string, kinds *act.Catalogue) (*pack.Pack, error) {
	o, err := openPack(nameOrFolder)
	if err != nil {
		return nil, err
	}
	p, err := pack.Load(o.files, o.id, o.parents, kinds)
	if err == nil {
		_, err = access.Of(p)
	}
	return p, placed(err, o.id, o.folder)
}

// openedPack is a pack that was found and not read yet.
type openedPack struct {
	id      string
	files   fs.FS
	parents pack.Parents
	folder  string // as the person wrote it; empty for one by its name
}

// openPack finds a pack by its name, or a folder: what holds a separator is one, and so is a folder here that is a pack. A
// folder of another sort that happens to have a pack's name, such as one with data, is not meant.
func openPack(nameOrFolder string) (*openedPack, error) {
	if nameOrFolder == "" {
		return nil, fmt.Errorf("no pack is named: use --pack with one of %s, or with a folder", strings.Join(packs.Names(), ", "))
	}
	info, err := os.Stat(nameOrFolder)
	isFolder := err == nil && info.IsDir()
	if isFolder && !strings.ContainsRune(nameOrFolder, filepath.Separator) {
		_, missing := os.Stat(filepath.Join(nameOrFolder, "pack.yaml"))
		_, named := packs.Open(nameOrFolder)
		isFolder = missing == nil || named != nil
	}
	if !isFolder && strings.ContainsRune(nameOrFolder, filepath.Separator) {
		return nil, fmt.Errorf("pack folder %s: %w", nameOrFolder, errOrNotFolder(err))
	}
	if !isFolder {
		files, err := packs.Open(nameOrFolder)
		if err != nil {
			return nil, fmt.Errorf("there is no pack %q: use one of %s, or a folder", nameOrFolder, strings.Join(packs.Names(), ", "))
		}
		return &openedPack{id: nameOrFolder, files: files, parents: packs.Open}, nil
	}
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
	return &openedPack{id: packID(folder), files: os.DirFS(folder), parents: beside, folder: nameOrFolder}, nil
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
	if folder == "" || !errors.As(err, &found) {
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
