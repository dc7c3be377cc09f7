package letters

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	shown "sanad/internal/kit/text"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// Bounds of what an officer writes, in characters.
const (
	maxName    = 200
	maxAddress = 1_000
	maxWords   = 20_000
	maxTargets = 100
)

const hearingForm = "2006-01-02T15:04"

// checked is what the fields of a letter come to, once nothing is wrong with them.
type checked struct {
	sender  string
	hearing time.Time // zero where there is none
	expires time.Time
	fields  *Fields // as given, with what was decided
	basis   []gate.Basis
	clocks  []clock // asked of the addressee
	own     []clock // that bind the authority
	remedy  string  // code; "" where the letter tells of none
	until   *clock  // by when the remedy may be used
}

// wrongs gathers everything wrong with the fields of a letter.
type wrongs struct{ all fault.Wrong }

func (w *wrongs) missing(f Field, at string) { w.add("letter.missing."+string(f), at) }
func (w *wrongs) wrong(f Field, at string)   { w.add("letter.wrong."+string(f), at) }

func (w *wrongs) add(key, at string) { w.all.At(prefix+at, key, nil) }

// err is the refusal, field by field; nil where nothing is wrong.
func (w *wrongs) err() error {
	slices.SortStableFunc(w.all.Fields, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
	return w.all.Err("letter.invalid")
}

// examine holds the fields of a letter against what the pack requires, what the step gives, and what was decided before it.
func (r *Room) examine(letter string, given *Fields, grant *protocol.Grant, terms *Terms, now act.Instant) (*checked, error) {
	w := &wrongs{}
	aims := r.aims(grant)
	f, need := r.settle(given, terms, aims, r.requires(letter), w)
	c := &checked{basis: grant.Step.Basis, fields: f}
	required := func(name Field) bool { return slices.Contains(need, name) }

	c.sender = r.from(f, grant, w)
	if !readable(f.Contact, maxAddress, true) {
		w.wrong(contact, string(contact))
	}
	r.party(&f.Addressee, w)
	for _, name := range []Field{Facts, Reasons, Ask, note} {
		checkWords(*f.words(name), name, required(name), w)
	}
	c.hearing = r.hearing(f.Hearing, required(Hear), now, w)
	c.expires = r.expires(f.Expires, required(Expires), terms, now, w)
	if !c.expires.IsZero() && r.orders(grant) && f.Expires < r.today(now) {
		w.all.At(prefix+string(Expires), "letter.ended", lang.Args{"date": lang.Day(c.expires)})
	}
	switch {
	case f.Amount < 0 || f.Amount > act.MaxInt:
		w.wrong(Amount, string(Amount))
	case f.Amount == 0 && required(Amount):
		w.missing(Amount, string(Amount))
	}
	if slices.Contains(r.requires(letter), Targets) {
		checkTargets(f.Targets, terms, aims, required(Targets), w)
	}
	checkListed(f.Identifiers, Identifiers, terms, required(Identifiers), w)
	checkListed(f.Data, Data, terms, required(Data), w)
	// What a letter decides is what the pack foresees for it: an invitation fines nobody.
	for name, there := range map[Field]bool{
		Hear: f.Hearing != nil, Amount: f.Amount != 0, Expires: f.Expires != "", Targets: len(f.Targets) > 0, Identifiers: len(f.Identifiers) > 0, Data: len(f.Data) > 0,
	} {
		if there && !slices.Contains(r.requires(letter), name) {
			w.add("letter.unasked", string(name))
		}
	}
	if required(Law) && len(c.basis) == 0 {
		w.missing(Law, string(Law))
	}
	return c, r.times(c, grant, now, required, w)
}

// times adds the deadlines and the remedy, which are the law's; it ends the check.
func (r *Room) times(c *checked, grant *protocol.Grant, now act.Instant, required func(Field) bool, w *wrongs) error {
	remedy := grant.Step.Remedy
	if remedy != "" && r.has(remedyKey(remedy)) {
		c.remedy = remedy
		if rule := r.Book.RemedyRule(remedy); rule != "" {
			until, err := r.remedyClock(rule, now)
			if err != nil {
				return err
			}
			c.until = &until
		}
	}
	var err error
	c.clocks, c.own, err = r.clocks(grant, c.sender, c.until, now)
	if err != nil {
		return err
	}
	if first := r.heardFrom(grant, c.clocks); !c.hearing.IsZero() && c.hearing.Format(time.DateOnly) < first.Format(time.DateOnly) {
		w.all.At(prefix+string(Hear), "letter.hearing.soon", lang.Args{"date": lang.Day(first)})
	}
	if required(Deadline) && len(c.clocks) == 0 {
		w.missing(Deadline, string(Deadline))
	}
	if required(Remedy) && (c.remedy == "" || c.until == nil) {
		w.missing(Remedy, string(Remedy))
	}
	if required(Court) && (remedy == "" || !r.has(courtKey(remedy))) {
		w.missing(Court, string(Court))
	}
	return w.err()
}

// has reports whether the pack words a key in every language in which letters are always written.
func (r *Room) has(key string) bool {
	for _, l := range r.base {
		if _, ok := r.Pack.Message(string(l), key); !ok {
			return false
		}
	}
	return true
}

// from finds the institution that writes: the one given, where the step is performed in its name, or the only one that it can be.
func (r *Room) from(f *Fields, grant *protocol.Grant, w *wrongs) string {
	able := r.senders(grant.Step, grant.Role)
	switch {
	case f.Sender == "" && len(able) == 1:
		return able[0]
	case f.Sender == "":
		w.missing(sender, string(sender))
	case !slices.Contains(able, f.Sender):
		w.wrong(sender, string(sender))
	}
	return f.Sender
}

// party checks to whom the letter goes.
func (r *Room) party(a *Addressee, w *wrongs) {
	if shown.Empty(a.Name) {
		w.missing(addressee, string(addressee))
	} else if !readable(a.Name, maxName, false) {
		w.wrong(addressee, string(addressee))
	}
	block(a.Address, address, w)
	for _, l := range a.Languages {
		if known, ok := lang.Parse(string(l)); !ok || known != l {
			w.wrong(languages, string(languages))
			return
		}
	}
}

// block checks an address or a place, which may have several lines.
func block(s string, name Field, w *wrongs) {
	if shown.Empty(s) {
		w.missing(name, string(name))
	} else if !readable(s, maxAddress, true) {
		w.wrong(name, string(name))
	}
}

func checkWords(text Words, name Field, required bool, w *wrongs) {
	some := false
	for _, l := range written {
		s, there := text[l]
		if !there {
			continue
		}
		if shown.Empty(s) || !readable(s, maxWords, true) {
			w.wrong(name, string(name)+"."+string(l))
		}
		some = true
	}
	for l := range text {
		if !slices.Contains(written, l) {
			w.wrong(name, string(name)+"."+string(written[0]))
			break
		}
	}
	if required && !some {
		w.missing(name, string(name)+"."+string(written[0]))
	}
}

func (r *Room) hearing(h *Hearing, required bool, now act.Instant, w *wrongs) time.Time {
	if h == nil {
		if required {
			w.missing(Hear, string(Hear))
			w.missing(place, string(place))
		}
		return time.Time{}
	}
	block(h.Place, place, w)
	if h.At == "" {
		w.missing(Hear, string(Hear))
		return time.Time{}
	}
	at, err := time.ParseInLocation(hearingForm, h.At, r.zone())
	// An hour the clocks jump over is no hour at which anybody can come.
	if err != nil || at.Format(hearingForm) != h.At || act.InstantOf(at) <= now {
		w.wrong(Hear, string(Hear))
		return time.Time{}
	}
	return at
}

// expires reads the last day of what a letter tells of. What was decided may be over by now, and is told all the same.
func (r *Room) expires(s string, required bool, terms *Terms, now act.Instant, w *wrongs) time.Time {
	if s == "" {
		if required {
			w.missing(Expires, string(Expires))
		}
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil || !terms.fixes(Expires) && s < r.today(now) {
		w.wrong(Expires, string(Expires))
		return time.Time{}
	}
	return day
}

// today is the day of an instant in the country's legal time, as 2006-01-02: the order of such days is that of time.
func (r *Room) today(now act.Instant) string { return now.Time().In(r.zone()).Format(time.DateOnly) }

// kindExecuted is the report of those who carry out what was ordered: the program's own word.
const kindExecuted = "execution.reported"

// orders reports whether a letter has those who receive it carry something out: such a report meets one of its clocks.
func (r *Room) orders(grant *protocol.Grant) bool {
	p := r.Pack.Engine().Protocol(grant.Protocol, grant.Version)
	return p != nil && slices.ContainsFunc(grant.Step.Deadlines, func(d protocol.Deadline) bool {
		return slices.ContainsFunc(d.MetBy, func(id string) bool {
			s := p.Step(id)
			return s != nil && s.Kind == kindExecuted
		})
	})
}

// readable refuses what is too long, what is no text, and marks that make text read differently from what it is.
func readable(s string, most int, lines bool) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > most {
		return false
	}
	for _, c := range s {
		switch {
		case c == '\n' || c == '\t':
			if !lines {
				return false
			}
		case unicode.IsControl(c), c >= 0x202a && c <= 0x202e, c >= 0x2066 && c <= 0x2069, c == 0x2028, c == 0x2029:
			return false
		}
	}
	return true
}
