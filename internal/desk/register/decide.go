package register

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/strict"
	"sanad/internal/kit/text"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// Published is the body of entry.published and of the register.entered that follows from it: what the public reads.
type Published struct {
	Reasons map[string]string `json:"reasons"`           // by language
	Measure string            `json:"measure,omitempty"` // word of the list rungs
	Amount  *int64            `json:"amount,omitempty"`
	Remedy  string            `json:"remedy,omitempty"` // word of the list remedies
	Law     []Rest            `json:"law,omitempty"`    // what the step that publishes rests on: nobody writes it
}

// Rest is one article on which what is published rests.
type Rest struct {
	Text    string `json:"text"` // id of a legal text of the pack
	Article string `json:"article,omitempty"`
}

// maxReasons bounds the reasons in one language, in characters: some ten pages.
const maxReasons = 20_000

// Law is what publishing asks of a pack and of the house.
type Law struct {
	File      func() act.ID // the register; zero while it is not open
	Languages []string      // of the pack
	Rungs     []string      // words a measure may have; nil: none is named
	Remedies  []string      // words a remedy may have; nil: none is named
	Protocols []protocol.Protocol
	Zone      *time.Location
	Told      func(cmd *clerk.Command, now act.Instant) *Told // what the run of a command has to tell; nil: of none it is known
}

// always are the languages in which reasons are given wherever the pack speaks them: those of the people concerned.
var always = []string{"ar", "fr"}

// Deciders returns the decisions of this desk by kind of act.
func Deciders(l Law) map[string]clerk.Decide {
	if l.Zone == nil {
		l.Zone = time.UTC
	}
	return map[string]clerk.Decide{
		protocol.KindPublished: l.publish, KindOpened: l.open, KindEntered: follows,
		KindFrozen: l.freeze(KindFrozen, true), KindThawed: l.freeze(KindThawed, false),
	}
}

// Plain says who may do what here outside any protocol: the founder opens the register, and what enters it follows from what is
// published, whoever does that.
func Plain(founder string) map[string]clerk.Plain {
	public := []string{access.Public}
	return map[string]clerk.Plain{
		KindOpened:  {Roles: []string{founder}, Compartments: public},
		KindEntered: {Compartments: public, Follows: true},
	}
}

// Opening is the command that opens the register among the founding acts. Where a pack has a step for it, that step does.
func Opening() clerk.Command { return clerk.Command{Of: Sort, Kind: KindOpened} }

// open lets a log have one register.
func (l Law) open(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	if !l.File().IsZero() {
		return nil, fault.Conflict.New("register.one")
	}
	a := cmd.Act
	a.Kind = KindOpened
	return []act.Act{a}, nil
}

// follows refuses an entry that follows from nothing, whatever step a pack may have for it.
func follows(*protocol.State, *clerk.Command, act.Instant) ([]act.Act, error) {
	return nil, fault.Invalid.New("register.follows")
}

// publish makes a decision public and enters it, the one act right after the other: both or neither.
func (l Law) publish(state *protocol.State, cmd *clerk.Command, now act.Instant) ([]act.Act, error) {
	file := l.File()
	if file.IsZero() {
		return nil, fault.Unavailable.New("register.closed")
	}
	if sealed(cmd) {
		return nil, fault.Invalid.New("register.sealed")
	}
	b, err := l.read(cmd.Act.Body)
	if err != nil {
		return nil, err
	}
	told := l.told(cmd, now)
	facts, err := l.facts(cmd, told, now)
	if err != nil {
		return nil, err
	}
	err = l.agrees(state, cmd, told, b, facts)
	if err != nil {
		return nil, err
	}
	l.rest(b, cmd, facts)
	body, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("entry: %w", err)
	}
	published := cmd.Act
	published.Kind, published.Facts, published.Body = protocol.KindPublished, act.NewFacts(facts), body
	entered := act.Act{Kind: KindEntered, In: file, Body: body}
	amends, updates := facts[protocol.FactAmends]
	if updates {
		id, _ := amends.ID()
		entered.Cites = []act.ID{id}
	}
	platform, known := platformOf(state, cmd.Procedure)
	if known {
		facts["platform"] = act.OfID(platform)
	}
	entered.Facts = act.NewFacts(facts)
	return []act.Act{published, entered}, nil
}

// rest adds what the law says of what is published, so that nobody has to: the articles, and of a decision that is entered for
// the first time the remedy.
func (l Law) rest(b *Published, cmd *clerk.Command, facts map[string]act.Value) {
	if cmd.Grant == nil {
		return
	}
	for _, basis := range cmd.Grant.Step.Basis {
		b.Law = append(b.Law, Rest{basis.Text, basis.Article})
	}
	_, updates := facts[protocol.FactAmends]
	if b.Remedy == "" && !updates {
		b.Remedy = l.remedy(cmd.Protocol, cmd.Grant.Version, facts[protocol.FactEntry].Code())
	}
}

// remedy is that of the decision which a protocol publishes as a sort of entry; "" where it names none.
func (l Law) remedy(id string, version int, entry string) string {
	p := l.protocol(id, version)
	if p == nil {
		return ""
	}
	for j := range p.Steps {
		s := &p.Steps[j]
		if s.Kind != protocol.KindPublished && s.Publishes == entry && slices.Contains(l.Remedies, s.Remedy) {
			return s.Remedy
		}
	}
	return ""
}

// protocol is a version of one of the pack's, nil where there is none.
func (l Law) protocol(id string, version int) *protocol.Protocol {
	i := slices.IndexFunc(l.Protocols, func(p protocol.Protocol) bool { return p.ID == id && p.Version == version })
	if i < 0 {
		return nil
	}
	return &l.Protocols[i]
}

// sealed reports whether what is published would not be everyone's to read: the register would then say what the file hides.
func sealed(cmd *clerk.Command) bool {
	hidden := slices.Clone(cmd.Act.Add)
	if cmd.Grant != nil {
		hidden = append(hidden, cmd.Grant.Audience...)
	}
	return slices.ContainsFunc(hidden, func(c string) bool { return c != access.Public })
}

// facts are those of what is published: what sort of entry it is, how what it tells of stands, when it was decided.
func (l Law) facts(cmd *clerk.Command, told *Told, now act.Instant) (map[string]act.Value, error) {
	facts := map[string]act.Value{}
	for _, f := range cmd.Act.Facts {
		facts[f.Name] = f.Value
	}
	if _, there := facts[protocol.FactDecidedOn]; !there && told != nil && told.Newest != 0 {
		facts[protocol.FactDecidedOn] = act.OfDate(l.day(told.Newest))
	}
	r := &refusals{}
	if cmd.Grant != nil && cmd.Grant.Step.Publishes != "" {
		says := act.OfCode(cmd.Grant.Step.Publishes)
		if given, there := facts[protocol.FactEntry]; there && !given.Equal(says) {
			r.At("fact."+protocol.FactEntry, "register.entry.other", nil)
		}
		facts[protocol.FactEntry] = says
	}
	for _, name := range []string{protocol.FactEntry, protocol.FactState, protocol.FactDecidedOn} {
		if _, there := facts[name]; !there {
			r.At("fact."+name, "register.missing", nil)
		}
	}
	day, dated := facts[protocol.FactDecidedOn].Date()
	if dated && day.After(l.day(now)) {
		r.At("fact."+protocol.FactDecidedOn, "register.date.future", nil)
	}
	return facts, r.Err("register.invalid")
}

// platformOf is the platform a file is about: the file itself, or what it said last, in the same run where it says it there.
func platformOf(s *protocol.State, run act.ID) (id act.ID, known bool) {
	if s.Sort == "platform" {
		return s.File, true
	}
	var best *protocol.Fact
	for i := range s.Facts {
		f := &s.Facts[i]
		if f.Name != "platform" {
			continue
		}
		own := f.Run == run && !run.IsZero()
		switch {
		case best == nil:
			best = f
		case own != (best.Run == run && !run.IsZero()):
			if own {
				best = f
			}
		case f.Seq > best.Seq:
			best = f
		}
	}
	if best == nil {
		return id, false
	}
	return best.Value.ID()
}

// freeze declares, or ends, a time in which the gravest measures are out of reach.
func (l Law) freeze(kind string, frozen bool) clerk.Decide {
	return func(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
		b, err := l.read(cmd.Act.Body)
		if err != nil {
			return nil, err
		}
		a := cmd.Act
		a.Kind, a.Facts = kind, act.NewFacts(map[string]act.Value{"frozen": act.OfBool(frozen)})
		a.Body, err = json.Marshal(Published{Reasons: b.Reasons})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
		return []act.Act{a}, nil
	}
}

// read reads what is to be public, strictly, and says everything that is wrong with it.
func (l Law) read(raw []byte) (*Published, error) {
	unreadable := fault.Invalid.New("register.unreadable")
	var b Published
	err := strict.JSON(raw, &b)
	if err != nil {
		return nil, unreadable.Because(err)
	}
	r := &refusals{}
	for _, language := range l.Languages {
		text, there := b.Reasons[language]
		if there || slices.Contains(always, language) {
			r.reasons("body.reasons."+language, text)
		}
	}
	for language := range b.Reasons {
		if !slices.Contains(l.Languages, language) {
			r.At("body.reasons", "register.reasons.language", nil)
			break
		}
	}
	if len(b.Reasons) == 0 && len(r.Fields) == 0 {
		r.At("body.reasons", "register.reasons.missing", nil)
	}
	if b.Measure != "" && !slices.Contains(l.Rungs, b.Measure) {
		r.At("body.measure", "register.word", nil)
	}
	if b.Remedy != "" && !slices.Contains(l.Remedies, b.Remedy) {
		r.At("body.remedy", "register.word", nil)
	}
	if len(b.Law) > 0 {
		r.At("body.law", "register.law.given", nil)
	}
	if b.Amount != nil && (*b.Amount < 0 || *b.Amount > act.MaxInt) {
		r.At("body.amount", "register.amount", nil)
	}
	return &b, r.Err("register.invalid")
}

// refusals gathers what is wrong with what is to be published.
type refusals struct{ fault.Wrong }

func (r *refusals) reasons(field, said string) {
	switch {
	case text.Empty(said):
		r.At(field, "register.reasons.missing", nil)
	case utf8.RuneCountInString(said) > maxReasons:
		r.At(field, "register.long", map[string]any{"max": maxReasons})
	case strings.ContainsFunc(said, unseen):
		r.At(field, "register.signs", nil)
	}
}

// unseen tells characters that nobody sees, some of which turn the text around them.
func unseen(r rune) bool {
	return text.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}
