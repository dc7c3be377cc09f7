package act

// Act is what a desk decides: the part of an envelope that is the desk's to say, and the body in clear. The clerk
// gives it its identity, place, instants, audience, law, gates and seal.
type Act struct {
	Kind string
	// In is another file that exists already, for an act that follows from the first of the same decision and is recorded with
	// it or not at all. Zero is the command's own file; the first act of a decision is always there.
	In        ID
	Version   int     // 0 means the newest declared
	Effective Instant // 0 means when it is recorded
	Shown     ID      // what proves Effective; required where it is given
	Cites     []ID
	Facts     Facts
	Commits   []Commit
	Body      []byte   // in clear; nil when the kind has none
	Add       []string // codes of compartments added to the audience the pack's rule chooses
}
