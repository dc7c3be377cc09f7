package pack

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of one file, all checked before or while it is parsed.
const (
	maxFile  = 256 << 10
	maxLine  = 2000 // characters
	maxDepth = 24   // of nesting
	// maxTokens keeps the parser, whose time grows with the square of the keys of a mapping, to a moment.
	maxTokens = 20_000
	// maxAllTokens does the same for a pack with its parents.
	maxAllTokens = 120_000
)

// form is what a node of a YAML file is. Other forms YAML knows are refused.
type form uint8

const (
	formText form = iota + 1
	formInt
	formBool
	formList
	formMap
)

func (f form) String() string {
	return [...]string{"nothing", "text", "a whole number", "true or false", "a list", "a mapping"}[f]
}

// node is one value of a YAML file with its place. Scalars keep their text.
type node struct {
	place
	form form
	text string
	num  int64
	list []*node
	keys []entry // of a mapping, in the order of the file
}

type entry struct {
	place
	key   string
	value *node
}

// get returns a value of a mapping, nil when the key is not there.
func (n *node) get(key string) *node {
	for i := range n.keys {
		if n.keys[i].key == key {
			return n.keys[i].value
		}
	}
	return nil
}

// parse reads one file into a tree, or reports why not and returns nil.
func (r *reporter) parse(file string, b []byte) *node {
	top := place{file, 1, 1}
	if len(b) > maxFile {
		r.add(place{file: file}, fmt.Sprintf("the file has more than %d bytes", maxFile), "a smaller file, or several")
		return nil
	}
	if at, what, bad := strange(b); bad {
		at.file = file
		r.add(at, what, "plain UTF-8 text in lines of at most "+strconv.Itoa(maxLine)+" characters")
		return nil
	}
	tokens := lexer.Tokenize(string(b))
	if !r.admit(file, tokens) {
		return nil
	}
	parsed, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		at := top
		var syntax yaml.Error
		what := err.Error()
		if errors.As(err, &syntax) {
			what = syntax.GetMessage()
			at = placeOf(file, syntax.GetToken())
		}
		r.add(at, "this is no YAML: "+clip(what), "valid YAML")
		return nil
	}
	if len(parsed.Docs) != 1 || parsed.Docs[0].Body == nil {
		r.add(top, "the file holds no document, or several", "one mapping")
		return nil
	}
	b2 := builder{reporter: r, file: file}
	n := b2.node(parsed.Docs[0].Body, 0)
	if b2.bad {
		return nil
	}
	return n
}

// strange finds the first byte that has no business in a pack: bad UTF-8, control characters, and characters that
// make text read in another order than it is written.
func strange(b []byte) (at place, what string, bad bool) {
	at.line, at.column = 1, 1
	for len(b) > 0 {
		c, size := utf8.DecodeRune(b)
		switch {
		case c == utf8.RuneError && size == 1:
			return at, "this byte is no UTF-8", true
		case c < ' ' && c != '\n', c == 0x7f, c == 0xfeff:
			return at, fmt.Sprintf("character U+%04X has no place in a pack", c), true
		case c >= 0x202a && c <= 0x202e, c >= 0x2066 && c <= 0x2069, c == 0x2028, c == 0x2029, c == 0x85:
			return at, fmt.Sprintf("character U+%04X changes how text is read", c), true
		case at.column > maxLine:
			return at, "the line is too long", true
		}
		if c == '\n' {
			at.line++
			at.column = 0
		}
		at.column++
		b = b[size:]
	}
	return at, "", false
}

// admit refuses, before parsing, what makes YAML grow or nest beyond its size, and what packs do not use.
func (r *reporter) admit(file string, tokens token.Tokens) bool {
	r.tokens += len(tokens)
	if r.tokens > maxAllTokens {
		r.add(place{file: file}, "the pack and its parents hold too much", fmt.Sprintf("at most %d words and marks", maxAllTokens))
		return false
	}
	if len(tokens) > maxTokens {
		r.add(placeOf(file, tokens[maxTokens]), "the file holds too much", fmt.Sprintf("at most %d words and marks; more in another file", maxTokens))
		return false
	}
	depth := 0
	entryColumn := 0
	for _, t := range tokens {
		what := ""
		switch t.Type {
		case token.AnchorType, token.AliasType:
			what = "anchors and aliases are refused: they can make a small file huge"
		case token.MergeKeyType:
			what = "merge keys are refused"
		case token.TagType:
			what = "tags are refused"
		case token.DirectiveType, token.DocumentHeaderType, token.DocumentEndType:
			what = "directives and document marks are refused: a file is one document"
		case token.MappingKeyType:
			what = "keys that are not plain words are refused"
		case token.InvalidType:
			what = "this is no YAML: " + clip(t.Error)
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType:
			entryColumn = t.Position.Column
		}
		// Blocks nest by their columns: at most one level for every second column.
		if depth > maxDepth || entryColumn > 2*maxDepth || depth == 0 && t.Position != nil && t.Position.IndentNum > 2*maxDepth {
			what = "this is nested too deeply"
		}
		if what != "" {
			r.add(placeOf(file, t), what, "plain mappings and lists, at most "+strconv.Itoa(maxDepth)+" deep")
			return false
		}
	}
	return true
}

func placeOf(file string, t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{file, 1, 1}
	}
	return place{file, t.Position.Line, t.Position.Column}
}

// builder turns goccy's tree into ours.
type builder struct {
	*reporter
	file string
	bad  bool
}

func (b *builder) refuse(at place, what, expected string) *node {
	b.add(at, what, expected)
	b.bad = true
	return nil
}

func (b *builder) node(n ast.Node, depth int) *node {
	at := placeOf(b.file, n.GetToken())
	if depth > maxDepth {
		return b.refuse(at, "this is nested too deeply", fmt.Sprintf("at most %d levels", maxDepth))
	}
	switch n := n.(type) {
	case *ast.StringNode:
		return &node{place: at, form: formText, text: n.Value}
	case *ast.LiteralNode:
		return &node{place: at, form: formText, text: n.Value.Value}
	case *ast.IntegerNode:
		return b.integer(n, at)
	case *ast.BoolNode:
		num := int64(0)
		if n.Value {
			num = 1
		}
		return &node{place: at, form: formBool, text: n.GetToken().Value, num: num}
	case *ast.SequenceNode:
		out := &node{place: at, form: formList}
		for _, v := range n.Values {
			out.list = append(out.list, b.node(v, depth+1))
		}
		return out
	case *ast.MappingNode:
		return b.mapping(at, n.Values, depth)
	case *ast.MappingValueNode:
		return b.mapping(at, []*ast.MappingValueNode{n}, depth)
	case *ast.NullNode:
		return b.refuse(at, "the value is empty", "a value, or no key")
	default:
		return b.refuse(at, "a value of this form is refused", "text, a whole number, true or false, a list or a mapping")
	}
}

// integer reads a whole number written as people write it; anything else that looks like one must be quoted.
func (b *builder) integer(n *ast.IntegerNode, at place) *node {
	text := n.GetToken().Value
	num, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(num, 10) != text {
		return b.refuse(at, fmt.Sprintf("%q is no plain whole number", clip(text)), "digits only, or quotes around text")
	}
	return &node{place: at, form: formInt, text: text, num: num}
}

func (b *builder) mapping(at place, values []*ast.MappingValueNode, depth int) *node {
	out := &node{place: at, form: formMap}
	seen := make(map[string]bool, len(values))
	for i, v := range values {
		key := v.Key.GetToken()
		keyAt := placeOf(b.file, key)
		if i == 0 {
			out.place = keyAt
		}
		if _, ok := v.Key.(*ast.StringNode); !ok {
			b.refuse(keyAt, fmt.Sprintf("key %q is not a word", clip(key.Value)), "a word; put it in quotes if it looks like something else")
			continue
		}
		if seen[key.Value] {
			b.refuse(keyAt, fmt.Sprintf("key %q is there twice", clip(key.Value)), "each key once")
			continue
		}
		seen[key.Value] = true
		out.keys = append(out.keys, entry{keyAt, key.Value, b.node(v.Value, depth+1)})
	}
	return out
}

// canonical appends the tree in one form that does not depend on comments, layout or the order of keys.
func (n *node) canonical(b *bytes.Buffer) {
	switch n.form {
	case formMap:
		b.WriteByte('{')
		for _, i := range sortedKeys(n.keys) {
			b.WriteString(strconv.Quote(n.keys[i].key))
			b.WriteByte(':')
			n.keys[i].value.canonical(b)
			b.WriteByte(',')
		}
		b.WriteByte('}')
	case formList:
		b.WriteByte('[')
		for _, v := range n.list {
			v.canonical(b)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case formText:
		b.WriteString(strconv.Quote(n.text))
	default:
		b.WriteString(n.text)
	}
}
