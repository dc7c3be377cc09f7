package letters

import (
	"slices"
	"strconv"
	"strings"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
)

// prefix keeps the names of a letter's fields apart from those of the rest of a form.
const prefix = "letter."

// Names of the fields that say to whom a letter goes.
const (
	NameAddressee = prefix + string(addressee)
	NameAddress   = prefix + string(address)
)

// Shape is how a field of the form is asked.
type Shape string

// The shapes.
const (
	Line   Shape = "line"   // a short text
	Area   Shape = "area"   // a long one
	Number Shape = "number" // a whole number above zero
	Date   Shape = "date"   // an input of type date
	Moment Shape = "moment" // an input of type datetime-local, in legal time
	Checks Shape = "checks" // any of Options
	Choice Shape = "choice" // one of Options
	Shown  Shape = "shown"  // nothing is asked: Said is what was decided
)

// Question is one field of the form of a letter: Name in the form, label in the message Key + ".label".
type Question struct {
	Name     string
	Key      string
	Shape    Shape
	Required bool
	Options  []Option  // of Checks, where Name + "." + Value is sent; of Choice
	Said     []any     // of Shown: arguments of a sentence, one a line
	Hint     lang.Args // of the message Key + ".hint", where it has any
	More     bool      // few letters need it: a form may fold it away
}

// Option is one answer, worded by Key or, where Key is empty, by Word.
type Option struct{ Value, Key, Word string }

// Asks lists the fields of the form for the letter of a step as somebody in a role performs it, in order; nil where the pack does not
// word its letter. What was decided before it, where terms say some, is shown and not asked. Of a text that is asked in several
// languages one suffices, so that only the first is Required.
func (r *Room) Asks(step *protocol.Step, role string, terms *Terms, reader lang.Lang) []Question {
	if step == nil || !r.Worded(step.Letter) {
		return nil
	}
	need := r.requires(step.Letter)
	var out []Question
	add := func(name Field, shape Shape, required bool, options ...Option) *Question {
		out = append(out, Question{Name: prefix + string(name), Key: prefix + "field." + string(name), Shape: shape, Required: required, Options: options})
		return &out[len(out)-1]
	}
	if able := r.senders(step, role); len(able) > 1 {
		var options []Option
		for _, id := range able {
			options = append(options, Option{Value: id, Word: r.institution(id, reader)})
		}
		add(sender, Choice, true, options...)
	}
	add(addressee, Line, true)
	add(address, Area, true)
	r.askLanguages(add)
	add(contact, Area, false)
	for _, name := range []Field{Facts, Reasons, Ask, note} {
		wanted := slices.Contains(need, name)
		for i, l := range written {
			add(name+"."+Field(l), Area, i == 0 && wanted).More = !wanted || !slices.Contains(r.base, l)
		}
	}
	if slices.Contains(need, Hear) {
		add(Hear, Moment, true)
		add(place, Area, true)
	}
	for _, f := range []struct {
		name  Field
		shape Shape // in which it is asked; "" for what no form asks
	}{{Amount, Number}, {Expires, Date}, {Targets, Area}, {Identifiers, ""}, {Data, ""}} {
		switch {
		case !slices.Contains(need, f.name):
		case terms.fixes(f.name):
			add(f.name, Shown, false).Said = r.shown(f.name, terms, reader)
		case f.shape != "":
			add(f.name, f.shape, true)
		}
	}
	return out
}

// askLanguages asks which languages the addressee reads, and says in which the letter goes out whatever it reads.
func (r *Room) askLanguages(add func(Field, Shape, bool, ...Option) *Question) {
	var spoken []Option
	for _, l := range lang.All() {
		spoken = append(spoken, Option{Value: string(l), Word: r.name(l)})
	}
	q := add(languages, Checks, false, spoken...)
	var always lang.List
	for _, l := range r.base {
		always = append(always, lang.Code(r.name(l)))
	}
	q.Hint = lang.Args{"languages": always}
	if slices.Contains(r.base, lang.English) { // then no other language is ever added
		q.Key += ".all"
	}
}

// ToParty reports whether the letter of a step goes to whoever the procedure is against, and to nobody else: it calls them to be
// heard, or tells them what was decided. Of any other letter only who sends it knows to whom it goes.
func (r *Room) ToParty(step *protocol.Step) bool {
	return step.Notifies != "" || slices.Contains(r.requires(step.Letter), Hear)
}

// Names lists every name the form of a letter may send.
func Names() []string {
	var out []string
	for _, f := range []Field{sender, contact, addressee, address, Hear, place, Amount, Expires, Targets} {
		out = append(out, prefix+string(f))
	}
	for _, l := range lang.All() {
		out = append(out, prefix+string(languages)+"."+string(l))
	}
	for _, f := range []Field{Facts, Reasons, Ask, note} {
		for _, l := range written {
			out = append(out, prefix+string(f)+"."+string(l))
		}
	}
	return out
}

// ReadForm reads the fields of a form; get returns "" for what was not sent. What can't be read is wrong; what is missing
// is for the letter to say, which knows what it requires.
func ReadForm(get func(name string) string, party act.ID) (*Fields, []fault.Field) {
	text := func(name Field) string {
		return strings.TrimSpace(strings.ReplaceAll(get(prefix+string(name)), "\r\n", "\n"))
	}
	f := &Fields{
		Sender: text(sender), Contact: text(contact), Addressee: Addressee{Name: text(addressee), Address: text(address), Party: party}, Expires: text(Expires),
	}
	for _, l := range lang.All() {
		if text(languages+"."+Field(l)) != "" {
			f.Addressee.Languages = append(f.Addressee.Languages, l)
		}
	}
	for _, name := range []Field{Facts, Reasons, Ask, note} {
		for _, l := range written {
			if s := text(name + "." + Field(l)); s != "" {
				to := f.words(name)
				if *to == nil {
					*to = Words{}
				}
				(*to)[l] = s
			}
		}
	}
	if at, where := text(Hear), text(place); at != "" || where != "" {
		f.Hearing = &Hearing{At: at, Place: where}
	}
	for line := range strings.Lines(text(Targets)) {
		if s := strings.TrimSpace(line); s != "" {
			f.Targets = append(f.Targets, s)
		}
	}
	var wrong []fault.Field
	if s := text(Amount); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 1 || n > act.MaxInt {
			wrong = append(wrong, fault.Field{Name: prefix + string(Amount), Key: "letter.wrong.amount"})
		} else {
			f.Amount = n
		}
	}
	return f, wrong
}
