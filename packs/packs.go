// Package packs embeds the country packs: data, one folder a country. It holds no code but this; reading and
// checking is the business of sanad/internal/law/pack.
package packs

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed */*.yaml */*.cedar */protocols/*.yaml */messages/*.yaml
var files embed.FS

//go:embed demo/story/*.yaml
var stories embed.FS

//go:embed default
var preset string

//go:embed compared
var compared string

//go:embed schema/*.json
var schemas embed.FS

//go:embed starter
var starter embed.FS

// StarterID is the id of the pack that new packs are copied from, and stands in its files wherever a new pack's own goes.
const StarterID = "starter"

// Starter is a small whole pack, with its story, that a new one is copied from.
func Starter() (fs.FS, error) { return fs.Sub(starter, StarterID) }

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

// Compared are the laws that are here to be compared with, and that no house runs under: what of another country's law has
// words here, and what has none and does not load for that reason. Open finds them by name as it does the others.
func Compared() []string { return strings.Fields(compared) }

// Open returns the folder of an embedded pack, one of Names or of Compared. The error wraps fs.ErrNotExist when there is none of that name.
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

// Names returns the names of the embedded packs that a house runs under, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil
	}
	aside := append(Compared(), StarterID)
	var names []string
	for _, e := range entries {
		if !slices.Contains(aside, e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// Schemas returns the names of the JSON Schemas that describe the files of a pack, sorted.
func Schemas() []string {
	entries, err := schemas.ReadDir("schema")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".json"))
	}
	return names
}

// Schema returns the JSON Schema of that name. The error wraps fs.ErrNotExist when there is none.
func Schema(name string) ([]byte, error) { return schemas.ReadFile("schema/" + name + ".json") }
