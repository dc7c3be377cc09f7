package app

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"sanad/internal/act"
	"sanad/internal/law/pack"

	"sanad/packs"
)

// broughtFile is a file of protocols that lies anywhere, and is read as if it stood in a pack.
type broughtFile struct {
	name    string // as the person wrote it
	bytes   []byte
	ids     []string // of the protocols in it, with the version of each
	version []string
}

// packOfFiles loads a pack, and returns the ids of the protocols in files, none where there are no files. The pack is the
// one that is named; where none is, it is the one in whose folder the files lie, or else the default one.
func packOfFiles(name string, files []string, kinds *act.Catalogue) (*pack.Pack, []string, error) {
	if len(files) == 0 {
		p, err := loadPack(cmp.Or(name, packs.Default()), kinds)
		return p, nil, err
	}
	var brought []broughtFile
	var only []string
	folder, outside := "", 0
	for _, f := range files {
		b, err := bring(f)
		if err != nil {
			return nil, nil, err
		}
		brought = append(brought, b)
		only = append(only, b.ids...)
		of := filepath.Dir(filepath.Dir(f))
		_, err = os.Stat(filepath.Join(of, "pack.yaml"))
		switch {
		case err != nil || filepath.Base(filepath.Dir(f)) != "protocols":
			outside++
		case name == "" && folder != "" && of != folder:
			return nil, nil, fmt.Errorf("%s is of another pack than the files before: check the packs one by one, or say with --pack in which", f)
		default:
			folder = of
		}
	}
	switch {
	case name != "":
	case folder != "" && outside == 0:
		name = folder + string(filepath.Separator)
	case folder != "":
		return nil, nil, fmt.Errorf("some files lie in pack %s and some in none: say with --pack in which they are to be read", folder)
	default:
		name = packs.Default()
	}
	from, err := openPack(name)
	if err != nil {
		return nil, nil, err
	}
	p, err := from.with(brought, kinds)
	if err != nil {
		return nil, nil, err
	}
	for _, b := range brought {
		if len(b.ids) == 0 {
			return nil, nil, pack.Problems{{File: b.name, Line: 1, Column: 1, What: "no protocol's id is found", Expected: "lines id: and version: of their own, in every protocol"}}
		}
	}
	return p, only, nil
}

// The head of each protocol in a file, which may be broken: it is looked at before it is parsed.
var (
	idLine      = regexp.MustCompile(`(?m)^(?:- )?["']?id["']?:[ \t]*["']?([^"'\s#]+)`)
	versionLine = regexp.MustCompile(`(?m)^(?:- |  )?["']?version["']?:[ \t]*([0-9]+)`)
)

// bring reads a file of protocols, no further than what the loader refuses for its size.
func bring(file string) (broughtFile, error) {
	const most = 1 << 20
	b := broughtFile{name: file}
	info, err := os.Stat(file)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no regular file")
	}
	if err != nil {
		return b, fmt.Errorf("protocol file %s: %w", file, err)
	}
	f, err := os.Open(file)
	if err != nil {
		return b, fmt.Errorf("protocol file: %w", err)
	}
	b.bytes, err = io.ReadAll(io.LimitReader(f, most))
	err = errors.Join(err, f.Close())
	if err != nil {
		return b, fmt.Errorf("protocol file: %w", err)
	}
	b.ids, b.version = heads(b.bytes)
	return b, nil
}

func heads(text []byte) (ids, versions []string) {
	for _, m := range idLine.FindAllSubmatch(text, -1) {
		ids = append(ids, string(m[1]))
	}
	for _, m := range versionLine.FindAllSubmatch(text, -1) {
		versions = append(versions, string(m[1]))
	}
	return ids, versions
}

// alike tells how much of a file of the pack a file stands for: some protocol in the same version, or some protocol at all.
func (b *broughtFile) alike(text []byte) (version, id bool) {
	ids, versions := heads(text)
	for i, x := range ids {
		for j, y := range b.ids {
			if x == y {
				id = true
				version = version || i < len(versions) && j < len(b.version) && versions[i] == b.version[j]
			}
		}
	}
	return version, id
}

// packLayer is one pack of a chain of them, with what is put into it.
type packLayer struct {
	id    string
	files *laidOver
}

// with loads a pack as if files stood in it. Each takes the place of the file that holds its protocol in the same version,
// wherever in the chain of packs that is; or of those that hold it in any, unless it says from when it is in force.
func (o *openedPack) with(files []broughtFile, kinds *act.Catalogue) (*pack.Pack, error) {
	layers := o.layers()
	at := map[string]string{} // what a problem calls a file, and how the person did
	for i := range files {
		b := &files[i]
		layer, place, others := b.place(layers)
		if layer == nil {
			return nil, fmt.Errorf("%s: pack %s holds no folder protocols to read it in", b.name, o.id)
		}
		for _, x := range others {
			x.layer.files.put[x.file] = nil
		}
		layer.files.put[place] = b.bytes
		at[layer.id+"/"+place] = b.name
	}
	beside := func(id string) (fs.FS, error) {
		for _, l := range layers[1:] {
			if l.id == id {
				return l.files, nil
			}
		}
		return o.parents(id)
	}
	p, err := pack.Load(layers[0].files, o.id, beside, kinds)
	var found pack.Problems
	if errors.As(err, &found) {
		for i := range found {
			if name, ok := at[found[i].File]; ok {
				found[i].File = name
				found[i].Line, found[i].Column = max(found[i].Line, 1), max(found[i].Column, 1) // what is wrong with the whole begins at its top
			}
		}
		err = found
	}
	return p, placed(err, o.id, o.folder)
}

// heldIn is a file of a layer.
type heldIn struct {
	layer *packLayer
	file  string
}

// place finds where in a chain of packs a file goes, and which other files it replaces.
func (b *broughtFile) place(layers []*packLayer) (layer *packLayer, file string, others []heldIn) {
	var same, any []heldIn
	var free *packLayer
	for _, l := range layers {
		entries, err := fs.ReadDir(l.files, "protocols")
		if err != nil {
			continue
		}
		if free == nil {
			free = l
		}
		for _, e := range entries {
			name := path.Join("protocols", e.Name())
			text, err := fs.ReadFile(l.files, name)
			if err != nil {
				continue // the loader says so
			}
			version, id := b.alike(text)
			if version {
				same = append(same, heldIn{l, name})
			}
			if id {
				any = append(any, heldIn{l, name})
			}
		}
	}
	switch {
	case len(same) > 0:
		others = same
	case !bytes.Contains(b.bytes, []byte("in_force:")):
		others = any
	}
	if len(others) > 0 {
		return others[0].layer, others[0].file, others[1:]
	}
	own := filepath.Base(b.name)
	if ext := filepath.Ext(own); ext != ".yaml" {
		own = strings.TrimSuffix(own, ext) + ".yaml"
	}
	return free, path.Join("protocols", own), nil
}

// layers are a pack and those it extends, as far as they are found: what is wrong with the chain the loader says.
func (o *openedPack) layers() []*packLayer {
	const most = 8
	out := []*packLayer{{o.id, &laidOver{o.files, map[string][]byte{}}}}
	for len(out) <= most {
		var head struct {
			Extends string `yaml:"extends"`
		}
		b, err := fs.ReadFile(out[len(out)-1].files, "pack.yaml")
		if err == nil && len(b) < most<<10 {
			err = yaml.Unmarshal(b, &head)
		}
		if err != nil || head.Extends == "" {
			return out
		}
		above, err := o.parents(head.Extends)
		if err != nil {
			return out
		}
		out = append(out, &packLayer{head.Extends, &laidOver{above, map[string][]byte{}}})
	}
	return out
}

// laidOver is a folder with some files put over its own; nil takes one away.
type laidOver struct {
	fs.FS
	put map[string][]byte
}

func (l *laidOver) Open(name string) (fs.File, error) {
	b, ok := l.put[name]
	switch {
	case !ok:
		return l.FS.Open(name)
	case b == nil:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &laidFile{bytes.NewReader(b), laidInfo{path.Base(name), int64(len(b))}}, nil
}

func (l *laidOver) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(l.FS, name)
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(slices.Clone(entries), func(e fs.DirEntry) bool {
		_, ok := l.put[path.Join(name, e.Name())]
		return ok
	})
	for file, b := range l.put {
		if b != nil && path.Dir(file) == name {
			entries = append(entries, fs.FileInfoToDirEntry(laidInfo{path.Base(file), int64(len(b))}))
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

type laidFile struct {
	*bytes.Reader
	info laidInfo
}

func (f *laidFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *laidFile) Close() error               { return nil }

type laidInfo struct {
	name string
	size int64
}

func (i laidInfo) Name() string       { return i.name }
func (i laidInfo) Size() int64        { return i.size }
func (i laidInfo) Mode() fs.FileMode  { return 0o444 }
func (i laidInfo) ModTime() time.Time { return time.Time{} }
func (i laidInfo) IsDir() bool        { return false }
func (i laidInfo) Sys() any           { return nil }
