// Package console is where officers work: they come in with a code that serves once, see what presses most, open a file,
// and do the next step the law allows them, with everything that blocks the others said in words.
//
// It decides nothing and imports no desk. What may be done, what blocks it and who reads what come from the clerk, for the
// mandate that asks. It keeps one read model, the docket: a line a file, and what ran out unmet; the queue is read from the
// fronts of its indexes. What a kind of act asks beyond its schema (named parts of a body, things to choose from, what is
// cited) a desk gives as plain values of kit/web, which app joins in Console.Forms, Pickers and Panels.
//
// It must not show anything the clerk did not hand out for that mandate, and a file it may not see is answered like one that
// does not exist. A picture is never on a page before somebody opened it and said why.
package console
