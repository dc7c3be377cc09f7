// Package console is where officers work: they come in with a code that serves once, see what presses most, open a file,
// and do the next step the law allows them, with everything that blocks the others said in words.
//
// It decides nothing and knows no desk. What may be done, what blocks it and who reads what come from the clerk, for the
// mandate that asks; the lines of the queue come through Lines, which app joins to the desks. It must not show anything the
// clerk did not hand out for that mandate, and a file it may not see is answered like one that does not exist.
package console
