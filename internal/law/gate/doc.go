// Package gate evaluates gates: named conditions with a legal basis that must hold before a step may be done.
//
// A gate is a tree of typed conditions over declared facts, the steps already done, signatures and the standing
// of legal texts. It fails closed: a sub-condition that is false, unknown, hidden from the readers of the act it
// would justify, or in error closes it, and the answer names that sub-condition. Nothing opens on the absence of
// knowledge: an unknown stays unknown under not.
//
// The package reads no clock, no file and no database; everything it asks comes through Env. It must not know a
// country: gates are data of a pack.
package gate
