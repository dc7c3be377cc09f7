package letters

import (
	"sanad/internal/act"
	"sanad/internal/kit/lang"
)

// Fields are what an officer gives for one letter. What the law gives (date, reference, basis, deadlines, remedy) is never
// typed.
type Fields struct {
	Sender    string    `json:"sender,omitempty"`  // code of the institution that writes; may stay empty where only one can
	Contact   string    `json:"contact,omitempty"` // where the sender is reached, several lines
	Addressee Addressee `json:"addressee"`
	Facts     Words     `json:"facts,omitempty"`   // what was found
	Reasons   Words     `json:"reasons,omitempty"` // why the law leads to this
	Ask       Words     `json:"ask,omitempty"`     // what is asked
	Note      Words     `json:"note,omitempty"`    // anything else
	Hearing   *Hearing  `json:"hearing,omitempty"`
	Amount    int64     `json:"amount,omitempty"`  // in whole units of the country's currency
	Expires   string    `json:"expires,omitempty"` // the last day of what is decided, as 2006-01-02
	Targets   []string  `json:"targets,omitempty"` // what is aimed at, one a line
	// About whom data are kept or asked for, and which: as it was ordered or drawn up before, never typed.
	Identifiers []string `json:"identifiers,omitempty"`
	Data        []string `json:"data,omitempty"` // words of the pack's list data_kinds
}

// Addressee is to whom a letter goes.
type Addressee struct {
	Name      string      `json:"name"`
	Address   string      `json:"address"` // several lines
	Languages []lang.Lang `json:"languages,omitempty"`
	Party     act.ID      `json:"party,omitzero"` // the party's identifier, where it has one
}

// Hearing is when and where the addressee is heard.
type Hearing struct {
	At    string `json:"at"` // legal time, as 2006-01-02T15:04
	Place string `json:"place"`
}

// Words is what somebody wrote, by language: the same said in each. A language that is missing is shown the words of
// another, marked as such.
type Words map[lang.Lang]string

// Field is a thing a letter may require.
type Field string

// The fields a pack may require of a letter. The list is closed: each has its place in the frame.
const (
	Facts    Field = "facts"
	Reasons  Field = "reasons"
	Ask      Field = "ask"
	Hear     Field = "hearing"
	Deadline Field = "deadline" // the step starts a clock
	Remedy   Field = "remedy"   // the step names one, and the pack says how it is used and by when
	Court    Field = "court"    // the pack says before whom
	Amount   Field = "amount"
	Expires  Field = "expires"
	Targets  Field = "targets"
	Law      Field = "law" // the step rests on a text

	Identifiers Field = "identifiers" // an order to keep data, or a request for some, named them
	Data        Field = "data"        // a request for data said which

	// Asked for every letter.
	sender    Field = "sender"
	contact   Field = "contact"
	addressee Field = "addressee"
	address   Field = "address"
	languages Field = "languages"
	note      Field = "note"
	place     Field = "place"
)

// Known are the fields a pack may name.
func Known() []Field {
	return []Field{Facts, Reasons, Ask, Hear, Deadline, Remedy, Court, Amount, Expires, Targets, Law, Identifiers, Data}
}

// written are the languages in which an officer may write, in the order of the form.
var written = []lang.Lang{lang.French, lang.Arabic, lang.English}

// words returns what is written under a field; nil for those that are no words.
func (f *Fields) words(name Field) *Words {
	switch name {
	case Facts:
		return &f.Facts
	case Reasons:
		return &f.Reasons
	case Ask:
		return &f.Ask
	case note:
		return &f.Note
	default:
		return nil
	}
}
