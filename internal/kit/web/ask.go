package web

import (
	"time"

	"sanad/internal/kit/lang"
)

// Shape is how something is asked for.
type Shape string

// The shapes. What is asked in lines is a list, one item a line.
const (
	Line   Shape = "line"
	Area   Shape = "area"
	Lines  Shape = "lines"
	Digits Shape = "digits"
	Day    Shape = "day"
	Check  Shape = "check"
)

// Ask is one named part of a document that a form asks for. A name with a point in it, reasons.fr, is a part of a part.
type Ask struct {
	Name     string
	Key      string // its label is Key.label, its hint Key.hint where there is one
	Shape    Shape
	Required bool
	Max      int // characters, of each line where it is lines; 0 for what a shape usually takes
}

// Pick is one of the things a form lets one choose.
type Pick struct {
	Value string
	Name  string // as people wrote it; or
	Key   string // worded, with Args
	Args  lang.Args
	Group string // key of the heading it stands under; "" for none
}

// Said is a message with its arguments.
type Said struct {
	Key  string
	Args lang.Args
}

// Section is a part of a page that another room gives: a table of what it knows.
type Section struct {
	ID    string // of its element; a code
	Key   string // of its heading
	Intro []Said
	Head  []string // keys of the headings of columns
	Rows  [][]Cell
	Empty string // key of what is said where there are no rows; "" leaves the section out
}

// Cell holds one of Text (as somebody wrote it), Key (worded), At and Left, and leads to Href where that is not "".
type Cell struct {
	Text string
	Key  string
	Args lang.Args
	At   time.Time
	Left *Left
	Href string
}

// Dated reports whether the cell is an instant.
func (c Cell) Dated() bool { return !c.At.IsZero() }
