// Package notify tells people by mail that something is due, and nothing else: no name, no file, no kind, no code stands in
// the mail or in the table it is sent from. Whoever does not open the console in time is not told again and again: the next
// mandate of the same role is, then the head of the institution.
//
// Projector puts rows into the outbox in the transaction that records the acts; Sender takes them out, any number of
// processes at once, each row by one of them; Outbox.Seen closes them when the person opens the console.
//
// It must not read an act's body, nor write what a mail is about anywhere, and its log names neither people nor addresses.
package notify
