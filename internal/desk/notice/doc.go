// Package notice is the street door: anyone says that something is wrong, gets a code to follow it by, and an officer
// acknowledges, assesses and closes it, or finds a breach. It decides what such acts hold and keeps the list of
// notices. It must not decide who may do what, when, or who reads it: that is the pack's, and the clerk asks it.
package notice
