// Package story plays a course of events, written as data beside a pack, through the same commands that officers use, on a
// clock of its own. A log that holds the beginning of a story is taken up where it ends: what is there is recalled, act by
// act, and only the rest is done. It must not write past the clerk, nor know any country: who does what, when and in which
// words stands in the story's files.
package story
