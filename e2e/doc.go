// Package e2e holds the tests that run the whole program from outside, as its operators and the public do: started as
// a process, asked over HTTP, killed, starved of disk, watched system call by system call. It reaches into the database
// only to do what a forger would do, and to look for half-written acts. It contains nothing but tests.
package e2e
