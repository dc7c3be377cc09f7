package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sanad/internal/law/pack"
	"sanad/internal/office/access"
	"sanad/packs"
)

func packNewFlags(fs *flag.FlagSet) Run {
	id := fs.String("id", "", "the `ID` of the pack, where it is not the folder's name")
	languages := fs.String("lang", "fr,ar,en", "its languages, some of `fr,ar,en`; the first one is its own")
	return func(_ context.Context, env Env, args []string) int {
		err := newPack(args[0], *id, *languages)
		if err != nil {
			return say(env, "pack new", err)
		}
		at := args[0]
		if !strings.ContainsRune(at, filepath.Separator) {
			at = "./" + at
		}
		fmt.Fprintf(env.Stdout, "%s is a whole small pack of invented law. Change it, and look after each change:\n", at)
		beside := strings.TrimRight(at, string(filepath.Separator))
		for _, next := range []string{"pack lint " + at, "protocol check --pack " + at, "demo --pack " + at + " --data " + beside + "-demo"} {
			fmt.Fprintf(env.Stdout, "    sanad %s\n", next)
		}
		return ExitGood
	}
}

// packIDForm is what a new pack may be called: it stands before the names of its institutions, protocols and seats.
var packIDForm = regexp.MustCompile(`^[a-z][a-z0-9]{1,11}$`)

// newPack writes a pack into a folder that is not there yet, or is empty. It is written and read beside it first, so that
// nothing half written ever stands there.
func newPack(folder, id, languages string) (err error) {
	at, err := filepath.Abs(folder)
	if err != nil {
		return fmt.Errorf("folder %s: %w", folder, err)
	}
	if id == "" {
		id = filepath.Base(at)
	}
	spoken, err := chosen(id, languages)
	if err != nil {
		return err
	}
	err = free(folder, at)
	if err != nil {
		return err
	}
	draft, err := os.MkdirTemp(filepath.Dir(at), "."+filepath.Base(at)+"-")
	if err != nil {
		return fmt.Errorf("folder %s: %w", folder, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(draft))
		}
	}()
	err = writePack(draft, id, spoken)
	if err != nil {
		return err
	}
	kinds, err := catalogue()
	if err != nil {
		return err
	}
	law, err := pack.Load(os.DirFS(draft), id, nil, kinds)
	if err == nil {
		_, err = access.Of(law)
	}
	if err != nil {
		return fmt.Errorf("the new pack is not good, and is not written: %w", err)
	}
	err = os.Chmod(draft, 0o755) //nolint:gosec // a pack is law: anybody may read it
	if err != nil {
		return fmt.Errorf("folder %s: %w", folder, err)
	}
	err = os.Remove(at)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("folder %s: %w", folder, err)
	}
	return os.Rename(draft, at)
}

// chosen checks what a new pack is called and speaks.
func chosen(id, languages string) ([]string, error) {
	if !packIDForm.MatchString(id) {
		return nil, fmt.Errorf("a pack can't be called %.40q: use --id with 2 to 12 small letters and digits, a letter first", id)
	}
	_, err := packs.Open(id)
	if err == nil {
		return nil, fmt.Errorf("%s is a pack inside the program: give yours another --id", id)
	}
	known := []string{"fr", "ar", "en"}
	var spoken []string
	for _, l := range strings.Split(languages, ",") {
		l = strings.TrimSpace(l)
		if !slices.Contains(known, l) || slices.Contains(spoken, l) {
			return nil, fmt.Errorf("--lang: %.20q: expected some of %s, each once", l, strings.Join(known, ","))
		}
		spoken = append(spoken, l)
	}
	return spoken, nil
}

// free refuses a folder with something in it.
func free(folder, at string) error {
	here, err := os.Getwd()
	if err == nil && here == at {
		return fmt.Errorf("%s is where you are: name a folder that is not there yet", folder)
	}
	entries, err := os.ReadDir(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("folder %s: %w", folder, err)
	case len(entries) > 0:
		return fmt.Errorf("folder %s is not empty: name one that is not there yet", folder)
	}
	return nil
}

// writePack copies the starter, under its new name and in the languages it is to have, with the schemas that editors read.
func writePack(folder, id string, spoken []string) error {
	from, err := packs.Starter()
	if err != nil {
		return err
	}
	err = fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		language, isMessages := strings.CutPrefix(name, "messages/")
		if isMessages && !slices.Contains(spoken, strings.TrimSuffix(language, ".yaml")) {
			return nil
		}
		b, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		return writeNew(filepath.Join(folder, filepath.FromSlash(name)), renamed(string(b), id, spoken))
	})
	if err != nil {
		return err
	}
	for _, name := range packs.Schemas() {
		b, err := packs.Schema(name)
		if err != nil {
			return err
		}
		err = writeNew(filepath.Join(folder, schemaFolder, name+".json"), string(b))
		if err != nil {
			return err
		}
	}
	return writeNew(filepath.Join(folder, schemaFolder, "policies.cedarschema"), string(access.Schema()))
}

func writeNew(file, content string) error {
	err := os.MkdirAll(filepath.Dir(file), 0o755) //nolint:gosec // a pack is law: anybody may read it
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(content), 0o644) //nolint:gosec // the same
}

// storyText is a line of the story that is there once in each language.
var storyText = regexp.MustCompile(`(?m)^      (fr|ar|en): \[.*\n`)

// renamed is a file of the starter under the new pack's name, with its schema in the pack's own folder.
func renamed(text, id string, spoken []string) string {
	text = strings.ReplaceAll(text, packs.StarterID, id)
	text = strings.Replace(text, "$schema=../", "$schema=", 1)
	text = strings.Replace(text, "languages: [fr, ar, en]", "languages: ["+strings.Join(spoken, ", ")+"]", 1)
	text = strings.ReplaceAll(text, "languages: {fr: 1, ar: 1, en: 1}", "languages: {"+strings.Join(spoken, ": 1, ")+": 1}")
	return storyText.ReplaceAllStringFunc(text, func(line string) string {
		if slices.Contains(spoken, strings.TrimSpace(line)[:2]) {
			return line
		}
		return ""
	})
}
