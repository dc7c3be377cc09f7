// Package access says who sees what. It interns audiences, the non-empty sets of compartments that acts are written
// for; asks Cedar, for every mandate and audience, whether the one may read the other, and keeps the answers in the
// table `may`, which lists join; and keeps the codes and sessions by which people come in.
//
// The rule is one sentence: a mandate reads when it holds all compartments of the audience. The public compartment
// is held by every mandate in force, implied in every audience, and stored only when alone. Everything else rests
// on that sentence: the keys of seal, the facts a gate may use (Reads), the lists. So a pack may say, in policies of
// its own (Of), who among those who read also opens and exports; it may not touch reading itself. Under which
// policies `may` was decided is noted beside it: under others it is decided anew (Settle).
//
// In the database compartments have random identifiers, keyed hashes to find them by and sealed names: no name and
// no code of one ever stands there in clear. Codes and tokens of people are kept as keyed hashes only.
//
// The package must not decide anything without Cedar, read a clock, or know what a case is.
package access
