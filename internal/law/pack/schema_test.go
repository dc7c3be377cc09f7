package pack_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"sanad/internal/law/pack"
	"sanad/packs"
)

var update = flag.Bool("update", false, "write the schemas of packs anew")

// all are the folders of every embedded pack: also of those that are here to be compared with, and to be copied from.
func all(t testing.TB) map[string]fs.FS {
	t.Helper()
	out := map[string]fs.FS{}
	for _, id := range append(packs.Names(), append(packs.Compared(), packs.StarterID)...) {
		fsys, err := packs.Open(id)
		if err != nil {
			t.Fatal(err)
		}
		out[id] = fsys
	}
	return out
}

// The schemas that editors read are what the loader reads: they are made by watching it, and this fails when it reads otherwise.
func TestSchemasAreTheLoaders(t *testing.T) {
	t.Parallel()
	const folder = "../../../packs/schema"
	made := pack.Schemas(all(t))
	for name, s := range made {
		file := filepath.Join(folder, name+".json")
		if *update {
			if err := os.WriteFile(file, s.JSON(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		b, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(b, s.JSON()) {
			t.Errorf("%s is not what the loader reads (%v): make it with go test ./internal/law/pack -run TestSchemasAreTheLoaders -update", file, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) != len(made) || !slices.Equal(names(made), packs.Schemas()) {
		t.Errorf("schemas %v, committed %v, embedded %v, %v", names(made), files, packs.Schemas(), err)
	}
}

func names(m map[string]*pack.Schema) []string {
	var out []string
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// compiled are the committed schemas, as a validator of its own reads them.
func compiled(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	out := map[string]*jsonschema.Schema{}
	for _, name := range packs.Schemas() {
		b, err := packs.Schema(name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource(name+".json", doc); err != nil {
			t.Fatal(err)
		}
		out[name], err = c.Compile(name + ".json")
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

var errNoYAML = errors.New("this is no YAML")

// judge asks the schema of a file about its content.
func judge(t *testing.T, schemas map[string]*jsonschema.Schema, file string, content []byte) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(content, &v); err != nil {
		return errNoYAML
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	schema := schemas[pack.SchemaOf(file)]
	if schema == nil {
		t.Fatalf("no schema for %s", file)
	}
	return schema.Validate(doc)
}

// Every file of every embedded pack, and of the small one of tests, is accepted by its schema, and says where an editor finds it.
func TestSchemasAcceptEveryPack(t *testing.T) {
	t.Parallel()
	schemas, judged := compiled(t), map[string]int{}
	folders := all(t)
	folders["small"] = os.DirFS("testdata/xx")
	for id, fsys := range folders {
		err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || name == pack.PoliciesFile { // whose schema is Cedar's, in package access
				return err
			}
			b, err := fs.ReadFile(fsys, name)
			if err != nil {
				return err
			}
			judged[pack.SchemaOf(name)]++
			if id == "tr" && name == "protocols/ladder.yaml" {
				if err := judge(t, schemas, name, b); err == nil {
					t.Errorf("%s/%s: the schema has a word for slowing traffic down", id, name)
				}
			} else if err := judge(t, schemas, name, b); err != nil {
				t.Errorf("%s/%s: %v", id, name, err)
			}
			want := "# yaml-language-server: $schema=" + path.Join(strings.Repeat("../", strings.Count(name, "/")+1), "schema", pack.SchemaOf(name)+".json") + "\n"
			if id != "small" && !strings.HasPrefix(string(b), want) {
				t.Errorf("%s/%s does not begin with %s", id, name, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range packs.Schemas() {
		if judged[name] == 0 {
			t.Errorf("no file is judged by schema %s", name)
		}
	}
}

// beyondSchemas are the bad packs in which each file by itself is well formed: only the loader sees what is wrong.
var beyondSchemas = []string{
	"other id", "two steps of one name", "role nobody holds", "role not declared", "gate not declared", "fact not declared", "rule not declared",
	"text not declared", "list not declared", "compartment not declared", "kind not known", "kind of a machine", "fact nobody says", "fact of unclear source",
	"comparison of another type", "value of another type", "word outside its list", "condition without a name", "opening on ignorance",
	"gate asks for a step elsewhere", "missing translation", "message worded nowhere", "other arguments", "title in two languages",
	"steps that wait for each other", "no way out", "step that is not there", "signature of no draft", "range of addresses", "measure signed by one",
	"measure without remedy", "circle of packs", "parent nobody has", "holiday that can't be", "scope that is not there", "text in force since never",
}

// beyondYAML are those refused for what no schema sees: how a file is written.
var beyondYAML = []string{"duplicate key", "anchor", "alias", "tag", "two documents", "hidden direction", "bad UTF-8", "octal", "no YAML", "deep flow", "no part of a pack"}

// What the loader refuses in a bad pack the schema refuses too, wherever one file by itself shows it.
func TestSchemasJudgeAsTheLoader(t *testing.T) {
	t.Parallel()
	schemas, refused := compiled(t), 0
	for _, c := range badPacks {
		if slices.Contains(beyondYAML, c.name) {
			continue
		}
		files := copyOf(t, "xx")
		replace(t, files, c.file, c.old, c.new)
		err := judge(t, schemas, c.file, files[c.file].Data)
		if beyond := slices.Contains(beyondSchemas, c.name); (err == nil) != beyond {
			t.Errorf("%s: the schema says %v", c.name, err)
		}
		if err != nil {
			refused++
		}
	}
	if refused < 8 {
		t.Errorf("the schemas refuse only %d bad packs", refused)
	}
	for _, name := range append(slices.Clone(beyondSchemas), beyondYAML...) {
		if !slices.ContainsFunc(badPacks, func(c struct{ name, file, old, new, want string }) bool { return c.name == name }) {
			t.Errorf("there is no bad pack %q", name)
		}
	}
}
