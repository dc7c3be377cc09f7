package app

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxConfig bounds a file of settings, in bytes.
const maxConfig = 64 << 10

// read applies a file. Paths in it are counted from its own folder.
func (c *Config) read(name, from string) Problems {
	one := func(where, what, do string) Problems { return Problems{{Where: where, What: what, Do: do}} }
	cant := func(where, what, do string) Problems { return Problems{{Where: where, What: what, Do: do, Cant: true}} }
	b, err := readUpTo(name, maxConfig+1)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return cant(from, "there is no file "+name, "name one that exists, or leave it out")
	case errors.Is(err, errNoFile):
		return cant(from, name+" is no file", "name a file, neither a folder nor a pipe")
	case err != nil:
		return cant(from, "the file "+name+" can't be read", "let the user that runs sanad read it")
	case len(b) > maxConfig:
		return one(name, "the file is too large", fmt.Sprintf("expected at most %d bytes", maxConfig))
	}
	file, err := parser.ParseBytes(b, 0)
	if err != nil {
		var y yaml.Error
		if errors.As(err, &y) && y.GetToken() != nil {
			at := y.GetToken().Position
			return one(fmt.Sprintf("%s:%d:%d", name, at.Line, at.Column), y.GetMessage(), "expected YAML with each key once")
		}
		return one(name, "this is no YAML", "expected lines like listen: 127.0.0.1:8080")
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil // every setting keeps its default
	}
	at := func(n ast.Node) string {
		p := n.GetToken().Position
		return fmt.Sprintf("%s:%d:%d", name, p.Line, p.Column)
	}
	top, ok := file.Docs[0].Body.(ast.MapNode)
	if !ok || len(file.Docs) > 1 {
		return one(at(file.Docs[0].Body), "the file is no single mapping", "expected lines like listen: 127.0.0.1:8080")
	}
	var wrong Problems
	all := map[string]given{}
	for each := top.MapRange(); each.Next(); {
		key := each.Key().String()
		i := slices.IndexFunc(settings, func(s setting) bool { return s.key == key })
		if i < 0 {
			wrong = append(wrong, Problem{Where: at(each.Key()), What: fmt.Sprintf("there is no setting %q", key), Do: "expected " + nearest(key, keysOfSettings())})
			continue
		}
		s := &settings[i]
		values, ok := scalars(each.Value(), s)
		if !ok {
			wrong = append(wrong, Problem{Where: at(each.Value()), What: key + " is of another type", Do: "expected " + s.kind() + map[bool]string{true: ", or a list of them"}[s.list]})
			continue
		}
		for i, v := range values {
			if (s.path || s.key == "pack" && strings.ContainsRune(v, '/')) && v != "" && !filepath.IsAbs(v) {
				values[i] = filepath.Join(filepath.Dir(name), v)
			}
		}
		all[key] = given{at(each.Value()), values}
	}
	return append(wrong, c.layer(all)...)
}

// scalars reads a value as text: one, or several where the setting is a list.
func scalars(n ast.Node, s *setting) ([]string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return []string{n.Value}, s.arg != ""
	case *ast.IntegerNode, *ast.FloatNode: // a number of a notification, as people write it
		return []string{n.GetToken().Value}, s.arg != ""
	case *ast.NullNode:
		return nil, true // it is empty
	case *ast.BoolNode:
		return []string{n.GetToken().Value}, s.arg == ""
	case *ast.SequenceNode:
		var all []string
		for _, v := range n.Values {
			one, ok := v.(*ast.StringNode)
			if !ok || !s.list {
				return nil, false
			}
			all = append(all, one.Value)
		}
		return all, s.list
	}
	return nil, false
}
