// Package packs embeds the country packs: data, one folder a country. It holds no code but this; reading and
// checking is the business of sanad/internal/law/pack.
package packs

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed */*.yaml */protocols/*.yaml */messages/*.yaml
var files embed.FS

//go:embed demo/story/*.yaml
var stories embed.FS

//go:embed default
var preset string

// Default is the pack of commands that only ask a question and were told none.
func Default() string { return strings.TrimSpace(preset) }

// Story returns the story that is played under an embedded pack. The error wraps fs.ErrNotExist when it has none.
func Story(id string) (fs.FS, error) {
	if !fs.ValidPath(id) {
		return nil, &fs.PathError{Op: "open", Path: id, Err: fs.ErrInvalid}
	}
	_, err := fs.Stat(stories, id+"/story")
	if err != nil {
		return nil, err
	}
	return fs.Sub(stories, id+"/story")
}

// Open returns the folder of an embedded pack. The error wraps fs.ErrNotExist when there is none of that name.
func Open(id string) (fs.FS, error) {
	if !fs.ValidPath(id) {
		return nil, &fs.PathError{Op: "open", Path: id, Err: fs.ErrInvalid}
	}
	_, err := fs.Stat(files, id+"/pack.yaml")
	if err != nil {
		return nil, err
	}
	return fs.Sub(files, id)
}

// Names returns the names of all embedded packs, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
