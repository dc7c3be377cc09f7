// Package house checks the house itself: which room may import which, who may call a desk's decision, where the
// clock and the dice may be read, what the program is made of, and what its files may hold. It is made of tests
// only, reads the source tree and the standard library's view of it, and nothing imports it.
//
// Every rule is a pure function that is tried on a small made-up case first, so that we know it can fail.
package house
