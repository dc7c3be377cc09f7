// Package protocol interprets protocols: the rules of a country, given as data, that say which step of a
// procedure may be done now, by whom, by when, what blocks it and why, each with its legal basis.
//
// It is pure. It reads no clock, no file and no database and draws no random bytes: instants, the folded state
// of a file and the law are handed in, and the same question always has the same answer. It must not name a
// country, nor know how an act is written down or worded.
//
// # How the clerk uses it
//
//	eng, err := protocol.New(pack.Law())       // once per pack
//	st, err := protocol.ParseState(row)        // or &protocol.State{} for a file without acts
//	moves := eng.Possible(q)                   // what a page shows
//	grant, err := eng.Allow(q, place)          // *Refusal lists what blocks
//	err = st.Fold(&envelope)                   // in memory, for every act of the transaction, in order
//	row = st.AppendBinary(row[:0])             // stored beside the file, rebuildable from envelopes
//
// Fold needs no law: a state can be rebuilt from envelopes alone, whatever happened to the pack since.
// Lapses says which deadlines are due and unmet; for each the clerk writes a deadline.lapsed act in the thread of
// the act that started it.
//
// # Versions
//
// A run opens under the version of its protocol in force at the instant of the facts and keeps it. Migration says whether it may
// go on under another; the clerk writes what it answers as acts, one a thread. In a migrated run no measure opens that the law of
// the facts did not hold. Lost names runs whose version the law does not have.
//
// # Facts
//
// Any fact of any act of the file can be asked by a gate. State keeps, for each fact and audience, the newest
// value and the act that said it. A question on behalf of an audience uses a value only when every reader of
// that audience may read it; when the same fact is also held where they may not, it is unknown. What was said in
// a run of a protocol that may have several runs counts in that run only.
//
// # Drafts and signatures
//
// A step that asks for signatures names a draft step. The draft.fixed act carries the commitment named content;
// each signature.given act cites that draft, carries the same commitment, and the facts person and role. A new
// draft by the same step replaces the draft and its signatures. Grant.Commits and Grant.Cites are what the
// decision must carry unchanged.
package protocol
