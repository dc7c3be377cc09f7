// Package parties knows everyone who acts or can be addressed: the institutions, the people, and the mandates in
// which people act for institutions. Each is a file of acts of its own, and the log is one too.
//
// A person's name stands in the sealed body of one act and nowhere else. What a mandate may read is said in its
// envelope: by code for the compartments of the pack, by identifier for those made while the house runs, whose names
// are secrets. The projector hands grants and ends on to package access from envelopes alone, so that who may read
// what can always be built again from the log.
//
// The package must not decide who may grant a mandate (that is the house's and the law's), nor keep codes or
// sessions (access does).
package parties
