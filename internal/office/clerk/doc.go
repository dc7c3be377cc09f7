// Package clerk is the only door: nothing changes in Sanad but through Do. In one transaction it locks the log's
// head, reads the time, checks what the person could see, who may do what, and what the law says; calls the
// desk's pure decision; chooses the audience; seals; appends; folds the file's state; updates the read models; and
// sets the timers. Commands that wait together share one commit. A refused command wrote nothing.
//
// It must not decide anything itself: what may be done is the law's, what is done the desk's, who reads what the
// pack's and access's. It must not know any kind of act beyond the machine's closed list and the built-in moves.
package clerk
