package protocol

import "sanad/internal/act"

// Kinds of act that steps without a desk emit. See Schemas.
const (
	KindSent      = "letter.sent"
	KindWaiting   = "wait.started"
	KindHeard     = "hearing.held"
	KindDrafted   = "draft.fixed"
	KindSigned    = "signature.given"
	KindPublished = "entry.published"
	KindSuspended = "clock.suspended"
	KindResumed   = "clock.resumed"
	KindExtended  = "clock.extended"
)

// Names of the facts and of the commitment that drafts and signatures carry.
const (
	FactPerson    = "person"     // signature.given: the natural person behind the mandate
	FactRole      = "role"       // signature.given: the role in which they signed
	FactStep      = "step"       // built-in kinds: the step of the protocol drafted or signed for
	CommitContent = "content"    // the salted commitment of what is drafted, signed and decided
	FactLetter    = "letter"     // letter.sent: code of the letter
	FactEntry     = "entry"      // entry.published: what sort of entry it is in the register
	FactState     = "state"      // entry.published: how what it tells of stands
	FactDecidedOn = "decided_on" // entry.published: when it was decided
	FactAmends    = "amends"     // entry.published: the entry of the register that it updates
	FactHeard     = "heard"      // hearing.held: true when the party was heard, false when it was offered and declined
	FactNoticeTo  = "addressee"  // letter.sent: the party it was sent to
	FactStay      = "stay"       // whether a court stays a measure of the procedure, where the procedure is read
	FactHalted    = "halted"     // the same, where those read it who carry the measure out
)

// StayFacts are the names of the facts that tell of a court's stay. A step says them of itself, or a desk by what a court ruled:
// nobody types them.
func StayFacts() []string { return []string{FactStay, FactHalted} }

// StaySchemas declares them for a kind of a desk.
func StaySchemas() []act.FactSchema {
	return []act.FactSchema{{Name: FactStay, Type: act.Code, List: listStays}, {Name: FactHalted, Type: act.Code, List: listStays}}
}

// listStays is the pack's list that closes those facts: what they may say, of which the word Standing holds things back.
const listStays = "stay_states"

// The words of that list which the program knows.
const (
	StayNone     = "none"     // no court stayed anything
	StayStanding = "standing" // one did, and the stay lasts
	StayEnded    = "ended"    // it was lifted, or the court has ruled
)

// builtins maps the word a protocol writes to the kind it emits.
var builtins = map[string]string{
	"send": KindSent, "wait": KindWaiting, "hear": KindHeard, "draft": KindDrafted, "sign": KindSigned, "publish": KindPublished,
	"suspend": KindSuspended, "resume": KindResumed, "extend": KindExtended,
}

// Builtin returns the kind of act a built-in word (send, wait, hear, draft, sign, publish, suspend, resume, extend) emits.
func Builtin(word string) (kind string, ok bool) {
	kind, ok = builtins[word]
	return kind, ok
}

// Schemas declares the built-in kinds, and what the machine says of deadlines, for the given sorts of file, for the
// catalogue. Basis and retention are codes; a pack's retention must give the class "procedure" a time.
func Schemas(sorts ...string) []act.Schema {
	step := act.FactSchema{Name: FactStep, Type: act.Code, List: "steps"}
	one := func(kind string, body bool, commits []string, facts ...act.FactSchema) act.Schema {
		return act.Schema{
			Kind: kind, Version: 1, Of: sorts, Facts: facts, Purpose: "kind." + kind, Basis: act.BasisProtocol,
			Retention: "procedure", Body: body, Commits: commits,
		}
	}
	second := func(s act.Schema) act.Schema {
		s.Version = 2
		return s
	}
	content := []string{CommitContent}
	return []act.Schema{
		one(act.DeadlineLapsed, false, nil),
		second(one(act.DeadlineLapsed, false, nil, clockResumes)),
		one(act.DeadlineRecomputed, false, nil,
			act.FactSchema{Name: FactClock, Type: act.Code, List: listClocks, Required: true},
			act.FactSchema{Name: FactRun, Type: act.Ident, Required: true},
			act.FactSchema{Name: FactWas, Type: act.At, Required: true}),
		one(KindSuspended, true, nil, clockSuspends),
		second(one(KindSuspended, true, nil, append(StaySchemas(), clockSuspends)...)),
		one(KindResumed, true, nil, clockResumes),
		second(one(KindResumed, true, nil, append(StaySchemas(), clockResumes)...)),
		one(KindExtended, true, nil, clockExtends, clockMore),
		one(KindDrafted, true, content, step),
		act.Elsewhere(one(KindHeard, true, nil, act.FactSchema{Name: FactHeard, Type: act.Bool, Required: true})),
		one(KindPublished, true, nil, act.FactSchema{Name: FactEntry, Type: act.Code, List: "entries"}),
		second(one(KindPublished, true, nil,
			act.FactSchema{Name: FactEntry, Type: act.Code, List: "entries"},
			act.FactSchema{Name: FactState, Type: act.Code, List: "entry_states"},
			act.FactSchema{Name: FactDecidedOn, Type: act.Date},
			act.FactSchema{Name: FactAmends, Type: act.Ident})),
		one(KindSent, true, content,
			act.FactSchema{Name: FactLetter, Type: act.Code, List: "letters"},
			act.FactSchema{Name: FactNoticeTo, Type: act.Ident}),
		second(one(KindSent, true, content, append(
			NoticeSchemas(),
			act.FactSchema{Name: FactLetter, Type: act.Code, List: "letters"},
			act.FactSchema{Name: FactNoticeTo, Type: act.Ident})...)),
		one(KindSigned, false, content, step,
			act.FactSchema{Name: FactPerson, Type: act.Ident, Required: true},
			act.FactSchema{Name: FactRole, Type: act.Code, Required: true, List: "roles"}),
		one(KindWaiting, false, nil),
		migrated(sorts),
	}
}
