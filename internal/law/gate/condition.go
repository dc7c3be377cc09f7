package gate

import "sanad/internal/act"

// Op is the form of a condition.
type Op uint8

// The forms a condition may take. There is no other: a pack can't bring code of its own.
const (
	All        Op = iota + 1 // every one of Of holds
	Any                      // at least one of Of holds
	Not                      // the one of Of is known to be false
	Known                    // Fact is known
	Eq                       // Fact equals Value
	Ne                       // Fact is known and differs from Value
	Ge                       // Fact is at least Value
	Le                       // Fact is at most Value
	In                       // Fact, a code, is one of Words; a set of codes is wholly within them
	Has                      // Fact, a set of codes, holds Words[0]
	Before                   // Fact comes before Other, a second fact; before now when Other is empty
	LawInForce               // Text, or all the step rests on where it names none, is verified and in force now, and was when each of On happened
	Done                     // Step was done, or the lapse of that name was recorded
	Signed                   // the draft made by Step carries signatures of at least Count distinct persons
	Elapsed                  // the time Rule gives has run since Fact, or since Step was first done
	Nowhere                  // Fact, a code, is said, and no procedure of the file that says it has Words[0] as its newest word
	Elsewhere                // There was done in an open procedure of Protocol in the file, which says of each of On what is said here, and Until of which is ahead
)

var opNames = [...]string{
	All: "all", Any: "any", Not: "not", Known: "known", Eq: "eq", Ne: "ne", Ge: "ge", Le: "le", In: "in", Has: "has",
	Before: "before", LawInForce: "law_in_force", Done: "done", Signed: "signed", Elapsed: "elapsed", Nowhere: "nowhere",
	Elsewhere: "elsewhere",
}

// String returns the word a pack writes for the form.
func (o Op) String() string {
	if int(o) >= len(opNames) || o == 0 {
		return "none"
	}
	return opNames[o]
}

// ParseOp reads the word of a form.
func ParseOp(word string) (Op, bool) {
	for o := All; int(o) < len(opNames); o++ {
		if opNames[o] == word {
			return o, true
		}
	}
	return 0, false
}

// Ops returns the words of all forms, in the order of their declaration.
func Ops() []string { return append([]string(nil), opNames[1:]...) }

// Condition is one node of a gate's tree. Which fields count depends on Op.
type Condition struct {
	// ID is the code under which the condition is named when it decides; empty for all, and below any or not.
	ID      string
	Op      Op
	Of      []Condition
	Fact    string
	Other   string
	Value   act.Value
	Words   []string
	Text    string
	Article string
	On      []string // facts of type date or at; of Elsewhere: the facts that both procedures say alike
	There   Elsewhen // of Elsewhere
	Step    string
	Rule    string
	Count   int
}

// Elsewhen is what Elsewhere looks for in procedures of another protocol.
type Elsewhen struct {
	Protocol string
	Step     string // that was done there since Until was said, where there is an Until
	Until    string // a fact of type date or at that the procedure says, and that is ahead; "" where none is asked
}

// Basis is the place in the law on which something rests.
type Basis struct {
	Text    string // id of a legal text of the pack
	Article string // as the text numbers it; may be empty
}

// Gate is one versioned gate of a pack.
type Gate struct {
	ID      string
	Version int
	Basis   Basis
	Test    Condition
}

// Walk calls visit for every condition of the tree, parents first.
func (c *Condition) Walk(visit func(*Condition)) {
	visit(c)
	for i := range c.Of {
		c.Of[i].Walk(visit)
	}
}

// asks bounds how much the condition looks at.
func (c *Condition) asks() int {
	n := len(c.On)
	if len(c.Of) == 0 {
		n++
	}
	if c.Op == Before || c.Op == Elapsed {
		n++
	}
	for i := range c.Of {
		n += c.Of[i].asks()
	}
	return n
}

// Facts returns the names of the facts the gate asks, in the order of the tree, each once.
func (g *Gate) Facts() []string {
	var names []string
	add := func(name string) {
		for _, n := range names {
			if n == name {
				return
			}
		}
		if name != "" {
			names = append(names, name)
		}
	}
	g.Test.Walk(func(c *Condition) {
		add(c.Fact)
		if c.Op == Before {
			add(c.Other)
		}
		for _, f := range c.On {
			add(f)
		}
	})
	return names
}
