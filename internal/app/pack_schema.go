package app

import (
	"context"
	"flag"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"sanad/internal/law/pack"
	"sanad/internal/office/access"
	"sanad/packs"
)

// schemaFolder is where the schemas of a new pack lie, in its folder.
const schemaFolder = "schema"

func packSchemaFlags(*flag.FlagSet) Run {
	return func(_ context.Context, env Env, args []string) int {
		if len(args) == 0 {
			fmt.Fprintln(env.Stdout, strings.Join(append(packs.Schemas(), pack.PoliciesFile), "\n"))
			return ExitGood
		}
		b, err := schemaFor(args[0])
		if err == nil {
			_, err = env.Stdout.Write(b)
		}
		if err != nil {
			return say(env, "pack schema", err)
		}
		return ExitGood
	}
}

// schemaFor returns the schema of a file of a pack, by the file's path or the schema's name. The file need not be there yet.
func schemaFor(fileOrName string) ([]byte, error) {
	if filepath.Base(fileOrName) == pack.PoliciesFile {
		return access.Schema(), nil
	}
	name := fileOrName
	if !slices.Contains(packs.Schemas(), name) {
		clean := filepath.ToSlash(filepath.Clean(fileOrName))
		name = pack.SchemaOf(path.Join(path.Base(path.Dir(clean)), path.Base(clean)))
		if name == "" {
			name = pack.SchemaOf(path.Base(clean))
		}
	}
	if name == "" {
		return nil, fmt.Errorf("no part of a pack is called %.60q: expected a file of one, or one of %s", fileOrName, strings.Join(packs.Schemas(), ", "))
	}
	return packs.Schema(name)
}
