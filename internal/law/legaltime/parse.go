package legaltime

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// ParseError says where a calendar file is wrong and what was expected. Lines and columns count from 1.
type ParseError struct {
	Line, Column int
	Text         string
}

func (e *ParseError) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Text) }

// maxText bounds a calendar file: thirty years of a country take about 20 KB.
const maxText = 256 << 10

// ParseCalendar reads a calendar written in YAML, one document with the keys of CalendarSpec. Unknown and repeated
// keys, anchors and aliases are refused. Every error is a *ParseError.
func ParseCalendar(text []byte) (*Calendar, error) {
	if len(text) > maxText {
		return nil, &ParseError{1, 1, fmt.Sprintf("%d bytes; a calendar has at most %d", len(text), maxText)}
	}
	tokens := lexer.Tokenize(string(text))
	if err := tame(tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, place(err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, &ParseError{1, 1, "expected one calendar with id, version, zone, covers and weeks"}
	}
	var spec CalendarSpec
	err = yaml.NewDecoder(bytes.NewReader(nil), yaml.Strict()).DecodeFromNode(file.Docs[0].Body, &spec)
	if err != nil {
		return nil, place(err)
	}
	cal, err := NewCalendar(spec)
	var wrong *SpecError
	if errors.As(err, &wrong) {
		line, column := find(file.Docs[0].Body, wrong.Path)
		what := wrong.Text
		if wrong.Path != "$" {
			what = strings.TrimPrefix(wrong.Path, "$.") + ": " + what
		}
		return nil, &ParseError{line, column, what}
	}
	return cal, err
}

// tame refuses what no calendar needs and what makes a small file cost much: aliases, which multiply, and deep
// nesting, which recurses.
func tame(tokens token.Tokens) error {
	depth, dashes, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, dashes = t.Position.Line, 0
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.MappingKeyType, token.DirectiveType:
			return refuse(t, "%q is not used in calendars: no anchors, aliases, tags, directives or complex keys", clip(t.Value))
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType:
			dashes++
		}
		if depth > 8 || dashes > 2 || t.Position.Column > 2000 {
			return refuse(t, "this is nested deeper, or in a longer line, than any calendar")
		}
	}
	return nil
}

func refuse(t *token.Token, format string, args ...any) error {
	return &ParseError{t.Position.Line, t.Position.Column, fmt.Sprintf(format, args...)}
}

// place turns an error of the YAML library into one of ours.
func place(err error) error {
	var y yaml.Error
	if !errors.As(err, &y) {
		return &ParseError{1, 1, err.Error()}
	}
	if y.GetToken() == nil || y.GetToken().Position == nil {
		return &ParseError{1, 1, y.GetMessage()}
	}
	p := y.GetToken().Position
	return &ParseError{p.Line, p.Column, y.GetMessage()}
}

// find returns where a path of a spec stands in the text: its value, or the nearest thing around it.
func find(root ast.Node, path string) (line, column int) {
	for {
		p, err := yaml.PathString(path)
		if err == nil {
			node, err := p.FilterNode(root)
			if err == nil && node != nil && node.GetToken() != nil {
				at := start(node).Position
				return at.Line, at.Column
			}
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut <= 0 {
			return 1, 1
		}
		path = path[:cut]
	}
}

// start returns the first token of a node: a mapping's own token is the colon of its first key.
func start(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return start(n.Values[0])
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return n.GetToken()
}

// UnmarshalYAML reads a date and knows where it stands; decoders of other files than calendars use it too.
func (d *Date) UnmarshalYAML(n ast.Node) error {
	s, ok := n.(ast.ScalarNode)
	if !ok {
		return &yaml.SyntaxError{Message: "expected a date like 2006-01-02", Token: n.GetToken()}
	}
	got, err := ParseDate(fmt.Sprint(s.GetValue()))
	if err != nil {
		return &yaml.SyntaxError{Message: err.Error(), Token: n.GetToken()}
	}
	*d = got
	return nil
}
