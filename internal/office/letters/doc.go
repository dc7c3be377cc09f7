// Package letters writes the letters of the authority: the words are the country's (its pack), the frame and the typed
// fields are ours. A letter is written in Arabic and in French, and in English for whoever reads neither, from one set of
// fields; it says who writes, to whom, when, under which reference, what was found, under which law, why, what is asked and
// by when, what can be done against it, before which court, and by which day under each reading of the law.
//
// What was decided before a letter (a sum, a last day, targets, about whom data are asked) it takes from the decision: nobody types
// it, and a letter that says more, other, later or dearer is refused.
//
// It is written in the name of the institution that holds the role of whoever sends it, and of no other. It says in which function it
// is sent and, where it is the letter of a decision that was signed, when that was taken and in which functions it was signed: roles,
// never persons. Ends and hearings are told in legal time and, where that differs, in UTC.
//
// A letter is made once, when the step that sends it is recorded, and is the body of that act: what was sent stays as it was
// sent, whatever becomes of the pack. A required field that is missing refuses the step.
//
// It must not do I/O, read a clock or draw random bytes: instants, the law's grant and the fields are handed in. It sends
// nothing: how a letter is served is the business of whoever performs the step.
package letters
