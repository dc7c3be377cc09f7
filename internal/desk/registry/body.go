package registry

import (
	"crypto/sha256"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/strict"
	"sanad/internal/kit/text"
)

// Platform is the body of platform.enrolled: what it is called and who stands behind it.
type Platform struct {
	Name       string   `json:"name"`
	OtherNames []string `json:"other_names,omitempty"`
	Company    string   `json:"company,omitempty"`
	Country    string   `json:"country,omitempty"` // of the company, in words
	Addresses  []string `json:"addresses,omitempty"`
	Website    string   `json:"website,omitempty"`
}

// Measure is the body of audience.measured: how people were counted, and where that was read.
type Measure struct {
	Method string `json:"method"`
	Source string `json:"source"`
}

// Contest is the body of count.contested: who says that the count is wrong, and why.
type Contest struct {
	By      string `json:"by"`
	Reasons string `json:"reasons"`
}

// Representative is the body of representative.appointed: on whom papers are served. It is a public office, not a private person.
type Representative struct {
	Name      string   `json:"name"`
	Address   string   `json:"address"`
	Email     string   `json:"email,omitempty"`
	Languages []string `json:"languages"`
}

// Ended is the body of representative.ended.
type Ended struct {
	Reasons string `json:"reasons"`
}

// Agreement is the body of agreement.recorded: who is bound to hand over what.
type Agreement struct {
	Parties []string `json:"parties"`
	Data    string   `json:"data"`
	Source  string   `json:"source"`
}

// Limits of what bodies hold, in characters and items.
const (
	maxName  = 200
	maxText  = 10_000
	maxItems = 32
)

// NameSum is what a platform's name is compared by: case, accents, vowel signs, spaces and signs make no difference.
func NameSum(name string) [32]byte {
	var words []string
	for _, w := range text.Words(name) {
		words = append(words, text.Fold(w.In(name)))
	}
	return sha256.Sum256([]byte("sanad platform name v1\n" + strings.Join(words, "")))
}

// checking gathers everything that is wrong with a body, and with the facts beside it.
type checking struct{ all fault.Wrong }

func (c *checking) wrong(field, key string, args map[string]any) { c.all.At("body."+field, key, args) }

// text wants a text of a length, in characters.
func (c *checking) text(field, value string, required bool, most int) {
	switch {
	case required && text.Empty(value):
		c.wrong(field, "registry.missing", nil)
	case utf8.RuneCountInString(value) > most:
		c.wrong(field, "registry.long", map[string]any{"max": most})
	case strings.ContainsFunc(value, unseen):
		c.wrong(field, "registry.signs", nil)
	}
}

// unseen tells characters that nobody sees, some of which turn the text around them.
func unseen(r rune) bool {
	return text.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// items wants a list of texts.
func (c *checking) items(field string, list []string, required bool) {
	switch {
	case required && len(list) == 0:
		c.wrong(field, "registry.missing", nil)
	case len(list) > maxItems:
		c.wrong(field, "registry.many", map[string]any{"max": maxItems})
	}
	for _, item := range list {
		before := len(c.all.Fields)
		c.text(field, item, true, maxName)
		if len(c.all.Fields) > before {
			return
		}
	}
}

func (c *checking) err() error { return c.all.Err("registry.invalid") }

func (p *Platform) check(c *checking) {
	c.text("name", p.Name, true, maxName)
	if !text.Empty(p.Name) && len(text.Words(p.Name)) == 0 {
		c.wrong("name", "registry.name.words", nil)
	}
	c.items("other_names", p.OtherNames, false)
	c.text("company", p.Company, false, maxName)
	c.text("country", p.Country, false, maxName)
	c.items("addresses", p.Addresses, false)
	c.text("website", p.Website, false, maxName)
	if p.Website != "" {
		u, err := url.Parse(p.Website)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			c.wrong("website", "registry.website", nil)
		}
	}
}

func (m *Measure) check(c *checking) {
	c.text("method", m.Method, true, maxText)
	c.text("source", m.Source, true, maxText)
}

func (x *Contest) check(c *checking) {
	c.text("by", x.By, true, maxName)
	c.text("reasons", x.Reasons, true, maxText)
}

func (r *Representative) check(c *checking) {
	c.text("name", r.Name, true, maxName)
	c.text("address", r.Address, true, maxText)
	c.text("email", r.Email, false, maxName)
	if r.Email != "" && !strings.Contains(r.Email, "@") {
		c.wrong("email", "registry.email", nil)
	}
	c.items("languages", r.Languages, true)
}

func (e *Ended) check(c *checking) { c.text("reasons", e.Reasons, true, maxText) }

func (a *Agreement) check(c *checking) {
	c.items("parties", a.Parties, true)
	c.text("data", a.Data, true, maxText)
	c.text("source", a.Source, true, maxText)
}

// body is one of the above.
type body interface{ check(c *checking) }

// read reads a body strictly and checks it. What is no such body is refused as a whole; what is wrong in it, field by field.
func read(raw []byte, into body) error {
	err := strict.JSON(raw, into)
	if err != nil {
		return fault.Invalid.New("registry.unreadable").Because(err)
	}
	c := &checking{}
	into.check(c)
	return c.err()
}
