// Package check proves a pack's protocols before they are applied: it walks every state that a run of a protocol can
// reach, in the world where the texts the pack proposes are enacted, and reports what should not be there, each with the
// shortest story that leads to it.
//
// It is pure, like the engine it watches over: a pack and a catalogue of kinds come in, findings go out. It must not name a
// country nor a word of a country's pack; kinds of act, and the facts they say, are the program's own and may stand here.
//
// # What is explored
//
// One run of one protocol. A state says which steps were done and which lapses recorded, of each clock that matters
// whether it was met, of each draft how many signed it and whether it was used, and of each fact that gates ask what is
// known of it, cut into the classes that the gates tell apart. Unknown is a class. Time is what deadlines compare: each
// clock may run out or be met in time, each stretch that a gate waits for may be over or not, in any order. What other runs
// of the file, or the world outside, say of a fact may change between any two steps.
//
// # How a finding is told
//
// A story is a list of moves. It is then played on the engine itself, in the pack's own calendar, act by act: who does what on which day
// at the earliest, what has to be known from beyond the procedure and since when, which clocks run out, and what is missing in the end and
// who in the pack asks for it. What the walk takes for possible and the engine refuses is told without days, with what refuses it: the walk
// lets time and what others say come out either way at each step, and never calls anything good that is not.
//
// Sets of states are decision diagrams (see diagram.go), so that a state is never listed: the walk is exhaustive however
// many there are, and ends with an error, never in silence, where the diagrams grow too large.
package check
