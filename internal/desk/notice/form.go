package notice

import (
	"slices"
	"strings"
	"unicode/utf8"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/text"
)

// Form is what a reporter gives.
type Form struct {
	Situation string `json:"situation"`
	Platform  string `json:"platform"`
	Where     string `json:"where"`
	Text      string `json:"text"`
	Minor     *bool  `json:"minor"` // nil when they did not say
	Language  string `json:"language"`
	Danger    bool   `json:"danger,omitempty"`  // someone is in danger now
	Contact   string `json:"contact,omitempty"` // how to reach the reporter
}

// Limits of what a person writes, in characters.
const (
	maxText  = 10_000
	maxWhere = 2_000
	maxName  = 200
)

// check says everything that is wrong at once, so that nobody mends one field to learn of the next.
func (d *Desk) check(f *Form) error {
	f.settle()
	c := checking{}
	switch {
	case f.Situation == "":
		c.At("situation", "notice.situation.missing", nil)
	case !slices.Contains(d.Words, f.Situation):
		c.At("situation", "notice.situation.unknown", lang.Args{"words": listed(d.Words)}) // a program's: a page offers no other
	case f.Danger && d.Law.Outside(f.Situation):
		c.At("situation", "notice.situation.danger", nil) // the short clock is for danger to a person
	}
	if text.Empty(f.Text) && text.Empty(f.Where) {
		c.At("where", "notice.where.missing", nil)
	}
	c.text("text", f.Text, maxText)
	c.text("where", f.Where, maxWhere)
	c.text("platform", f.Platform, maxName)
	if all := d.Law.languages(); f.Language != "" && !slices.Contains(all, f.Language) {
		c.At("language", "notice.language.unknown", lang.Args{"languages": listed(all)})
	}
	c.text("contact", f.Contact, maxName)
	if f.Contact != "" && !d.mayName(f) {
		c.At("contact", "notice.contact.closed", nil)
	}
	return c.Err("notice.invalid")
}

// settle writes what programs and pages send alike: one kind of line end, and nothing where nothing is said.
func (f *Form) settle() {
	for _, field := range []*string{&f.Platform, &f.Where, &f.Text, &f.Contact} {
		*field = strings.ReplaceAll(*field, "\r\n", "\n")
		if text.Empty(*field) && !text.HasControl(*field) {
			*field = ""
		}
	}
	f.Contact = strings.TrimSpace(f.Contact)
}

// listed names codes in a sentence.
func listed(codes []string) lang.List {
	out := make(lang.List, len(codes))
	for i, c := range codes {
		out[i] = lang.Code(c)
	}
	return out
}

// checking gathers what is wrong with a form.
type checking struct{ fault.Wrong }

func (c *checking) text(field, value string, most int) {
	if !utf8.ValidString(value) || text.HasControl(value) {
		c.At(field, "web.field.text", map[string]any{"field": field})
	}
	if utf8.RuneCountInString(value) > most {
		c.At(field, "notice.text.long", map[string]any{"max": most})
	}
}
