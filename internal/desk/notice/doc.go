// Package notice is the street door: anyone says that something is wrong, page by page or by the API, gets a code to follow it
// by, and an officer acknowledges, assesses and closes it, hands it over, or finds a breach. It decides what such acts hold,
// keeps the list of notices, and leads whoever comes with what is out of scope to those who can help. It must not decide who
// may do what, when, or who reads it: that is the pack's, and the clerk asks it. It must not keep anything of a person who has
// not sent anything, nor a code, nor an address of a network.
package notice
