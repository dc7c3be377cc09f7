// Package act says what an act is: the immutable record of something done, which is the only way anything
// changes in Sanad. It holds the never-erased half, the envelope, as pure types with one canonical encoding,
// and the catalogue in which desks declare the kinds of act they may emit.
//
// It is the ground every other room stands on: it imports nothing of Sanad, reads no clock, draws no random
// bytes and does no I/O. It never carries a person's name or free text; those live in a sealed body.
package act
