package pack

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a pack. Line and Column count from 1, in characters; both are 0 when the
// problem is with the file, or its absence, as a whole.
type Problem struct {
	File     string // with the pack's name before it, as xx/gates.yaml
	Line     int
	Column   int
	What     string
	Expected string
}

// String writes the problem as one line that editors can jump to.
func (p Problem) String() string {
	s := p.File
	if p.Line > 0 {
		s = fmt.Sprintf("%s:%d:%d", s, p.Line, p.Column)
	}
	return s + ": " + p.What + "; expected " + p.Expected
}

// Problems is the error of Load: everything wrong with the pack, by file, line and column.
type Problems []Problem

// Error writes one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return strings.Join(lines, "\n")
}

// mostProblems bounds a report: beyond it the reader has seen enough.
const mostProblems = 200

type reporter struct {
	list   []Problem
	tokens int // read so far, in all files
}

func (r *reporter) add(at place, what, expected string) {
	r.list = append(r.list, Problem{at.file, at.line, at.column, what, expected})
}

func (r *reporter) sorted() Problems {
	slices.SortFunc(r.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.What, b.What), cmp.Compare(a.Expected, b.Expected))
	})
	list := slices.Compact(r.list)
	if len(list) > mostProblems {
		rest := len(list) - mostProblems
		list = append(list[:mostProblems:mostProblems], Problem{File: "…", What: fmt.Sprintf("%d more problems", rest), Expected: "fewer; mend these first"})
	}
	return list
}

// place is where something stands in a pack.
type place struct {
	file         string
	line, column int
}

// clip shortens what is quoted back.
func clip(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// oneOf writes the choices there are; long lists are cut.
func oneOf(words []string) string {
	const most = 24
	if len(words) == 0 {
		return "nothing: none is declared"
	}
	if len(words) > most {
		return "one of " + strings.Join(words[:most], ", ") + ", …"
	}
	return "one of " + strings.Join(words, ", ")
}
