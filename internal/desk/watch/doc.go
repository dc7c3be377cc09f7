// Package watch reads the press: it finds in the text of a page the article and what the page printed around it, and
// says which articles tell the same story. What it keeps becomes dated public alerts.
//
// Reading is a pure function of the bytes. It never guesses: a title, an outlet or a date that the page does not give
// on a line of its own stays empty. Authors are nobody's business here: their line is set aside and their name is
// never taken from it.
package watch
