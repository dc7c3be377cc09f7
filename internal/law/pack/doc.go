// Package pack reads a country's law as data: a folder of YAML files, perhaps laid over a parent pack, checked as
// a whole before anything runs on it.
//
// A pack with anything wrong in it never becomes a Pack: Load returns every problem at once, each with file, line,
// column and what was expected. Reading is bounded: size, depth and number of nodes are limited before and while
// parsing, and aliases, anchors and tags are refused outright, so that no pack can exhaust the machine.
//
// It does no I/O of its own (files come through fs.FS) and must not know any country by name.
package pack
