package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
)

// maxBody bounds what is written into one act, in characters: some twenty pages.
const maxBody = 50_000

// Names of what every form of a file carries; no fact is called so (see named).
const (
	nameSeen     = "seen"
	nameProtocol = "protocol"
	nameRun      = "run"
	nameStep     = "step"
	nameBody     = "body"
)

// factPrefix keeps the names of facts apart from those of the form's own fields.
const factPrefix = "fact."

// The answers to a question of yes or no. Unknown leaves the fact unsaid, and a gate that asks it closed.
const (
	answerYes     = "yes"
	answerNo      = "no"
	answerUnknown = "unknown"
)

// shape is how a fact is asked.
type shape string

const (
	shapeChoice shape = "choice" // one of several
	shapeChecks shape = "checks" // any of several
	shapeField  shape = "field"  // a number or a date
	shapeArea   shape = "area"   // what a person writes
)

// input is one field of the form of a step. Several forms stand on a page, so its id is the form's and its own.
type input struct {
	web.Field
	Shape shape
	form  string
}

// ID is the id of the field's element.
func (i input) ID() string { return "f-" + i.form + "-" + i.Name }

// Described lists the ids of what explains the field.
func (i input) Described(hint bool) string {
	return strings.ReplaceAll(i.Field.Described(hint), i.Field.ID(), i.ID())
}

// form asks what the act of one step holds. The values are what was typed, where this very form came back.
func (w words) form(id string, schema act.Schema, step *protocol.Step, values url.Values, errs []fault.Field) []input {
	var out []input
	add := func(sh shape, f web.Field) {
		f.Value, f.Complete = values.Get(f.Name), "off"
		for i := range errs {
			if errs[i].Name == f.Name {
				f.Error = &errs[i]
			}
		}
		for i := range f.Options {
			o := &f.Options[i]
			o.Checked = sh == shapeChecks && values.Has(checkName(f.Name, o.Value)) || sh == shapeChoice && o.Value == f.Value
		}
		out = append(out, input{f, sh, id})
	}
	for _, f := range schema.Facts {
		if !asked(f, step) {
			continue
		}
		field := web.Field{Name: factPrefix + f.Name, Key: "fact." + f.Name, Optional: !f.Required}
		switch f.Type {
		case act.Bool:
			field.Options = []web.Option{{Value: answerYes, Key: "page.yes"}, {Value: answerNo, Key: "page.no"}}
			if !f.Required {
				field.Options = append(field.Options, web.Option{Value: answerUnknown, Key: "page.unknown"})
			}
			add(shapeChoice, field)
		case act.Code:
			field.Options = w.options(f)
			if !f.Required {
				field.Options = append(field.Options, web.Option{Value: answerUnknown, Key: "page.unknown"})
			}
			add(shapeChoice, field)
		case act.Codes:
			field.Options = w.options(f)
			add(shapeChecks, field)
		case act.Int:
			field.Type = "number"
			add(shapeField, field)
		case act.Date:
			field.Type = "date"
			add(shapeField, field)
		}
	}
	if schema.Body {
		add(shapeArea, web.Field{Name: nameBody, Key: "file.body"})
	}
	return out
}

// asked reports whether the officer is asked a fact: not where the clerk or the step itself says it, and never an identifier,
// which nobody types.
func asked(f act.FactSchema, step *protocol.Step) bool {
	switch f.Type {
	case act.Ident, act.Idents, act.At:
		return false
	}
	switch step.Kind {
	case protocol.KindSigned, protocol.KindDrafted:
		return !slices.Contains([]string{protocol.FactPerson, protocol.FactRole, protocol.FactStep}, f.Name)
	case protocol.KindSent:
		return f.Name != protocol.FactLetter || step.Letter == ""
	case protocol.KindPublished:
		return f.Name != protocol.FactEntry || step.Publishes == ""
	}
	return true
}

// settled are the facts that the step itself says.
func settled(step *protocol.Step) map[string]act.Value {
	facts := map[string]act.Value{}
	switch {
	case step.Kind == protocol.KindSent && step.Letter != "":
		facts[protocol.FactLetter] = act.OfCode(step.Letter)
	case step.Kind == protocol.KindPublished && step.Publishes != "":
		facts[protocol.FactEntry] = act.OfCode(step.Publishes)
	}
	return facts
}

// options are the words of a fact's closed list, in the order of the pack.
func (w words) options(f act.FactSchema) []web.Option {
	var out []web.Option
	for _, code := range codesOf(w, f) {
		out = append(out, web.Option{Value: code, Key: w.listKey(f.List, code)})
	}
	return out
}

func codesOf(w words, f act.FactSchema) []string {
	if len(f.Codes) > 0 {
		return f.Codes
	}
	return w.pack.Words(f.List)
}

func checkName(field, code string) string { return field + "." + code }

// named lists the names the form of a step may send.
func (w words) named(schema act.Schema, step *protocol.Step) []string {
	out := []string{nameBody}
	for _, f := range schema.Facts {
		if !asked(f, step) {
			continue
		}
		name := factPrefix + f.Name
		out = append(out, name)
		if f.Type == act.Codes {
			for _, code := range codesOf(w, f) {
				out = append(out, checkName(name, code))
			}
		}
	}
	return out
}

// answers reads what was filled in: the facts, the body, and everything that is wrong, all at once.
func (w words) answers(schema act.Schema, step *protocol.Step, values url.Values) (act.Facts, []byte, []fault.Field) {
	facts := settled(step)
	var wrong []fault.Field
	for _, f := range schema.Facts {
		if !asked(f, step) {
			continue
		}
		name := factPrefix + f.Name
		v, key := w.answer(f, name, values)
		if key == "" && v.Type() == "" && f.Required {
			key = "file.fact.missing"
		}
		if key != "" {
			wrong = append(wrong, fault.Field{Name: name, Key: key, Args: lang.Args{"fact": lang.Key("fact." + f.Name)}})
			continue
		}
		if v.Type() != "" {
			facts[f.Name] = v
		}
	}
	var body []byte
	if schema.Body {
		text := strings.TrimSpace(values.Get(nameBody))
		switch {
		case text == "":
			wrong = append(wrong, fault.Field{Name: nameBody, Key: "file.body.missing"})
		case utf8.RuneCountInString(text) > maxBody:
			wrong = append(wrong, fault.Field{Name: nameBody, Key: "file.body.long", Args: lang.Args{"max": maxBody}})
		}
		body = []byte(text)
	}
	return act.NewFacts(facts), body, wrong
}

// answer reads one fact: its value, none where it was left unsaid, or the key of what is wrong with it.
func (w words) answer(f act.FactSchema, name string, values url.Values) (v act.Value, wrong string) {
	given := strings.TrimSpace(values.Get(name))
	switch f.Type {
	case act.Codes:
		var codes []string
		for _, code := range codesOf(w, f) {
			if values.Has(checkName(name, code)) {
				codes = append(codes, code)
			}
		}
		if len(codes) == 0 {
			return v, ""
		}
		return act.OfCodes(codes...), ""
	case act.Int, act.Date:
		if given == "" {
			return v, ""
		}
	}
	switch f.Type {
	case act.Bool:
		switch given {
		case answerYes, answerNo:
			return act.OfBool(given == answerYes), ""
		}
	case act.Code:
		if slices.Contains(codesOf(w, f), given) {
			return act.OfCode(given), ""
		}
	case act.Int:
		n, err := strconv.ParseInt(given, 10, 64)
		if err != nil || n > act.MaxInt || n < -act.MaxInt {
			return v, "file.fact.number"
		}
		return act.OfInt(n), ""
	case act.Date:
		day, err := time.Parse(time.DateOnly, given)
		if err != nil || day.Year() < 1 {
			return v, "file.fact.date"
		}
		return act.OfDate(day), ""
	}
	if given != "" && given != answerUnknown {
		return v, "file.fact.choice"
	}
	return v, ""
}
