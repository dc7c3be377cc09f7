package console

import (
	"net/url"
	"slices"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
	"sanad/internal/office/cases"
	"sanad/internal/office/letters"
)

// Names of what every form of a file carries; no fact is called so, for theirs have a prefix.
const (
	nameSeen      = "seen"
	nameProtocol  = "protocol"
	nameRun       = "run"
	nameStep      = "step"
	namePreview   = "preview"
	nameBody      = "body"
	nameCite      = "cite"
	nameEffective = "effective"
	nameShown     = "shown"
)

const (
	factPrefix = "fact."
	bodyPrefix = "body."
)

// The answers to a question of yes or no. Unknown leaves the fact unsaid, and a gate that asks it closed.
const (
	answerYes     = "yes"
	answerNo      = "no"
	answerUnknown = "unknown"
)

const (
	shapeChoice shape = "choice" // one of several
	shapeChecks shape = "checks" // any of several
	shapePick   shape = "pick"   // one of many, of which each has a name of its own
	shapePicks  shape = "picks"  // any of these
	shapeField  shape = "field"  // a number, a date, a line
	shapeArea   shape = "area"   // what a person writes
	shapeCheck  shape = "check"  // one box
	shapeShown  shape = "shown"  // nothing is asked: it was decided before
)

// question is one thing the form of a step asks.
type question struct {
	web.Field
	shape   shape
	picks   []web.Pick
	none    *nothing // where there is nothing to choose
	said    []any
	checked func(url.Values, string) bool // of checks: whether one is
	fact    *act.FactSchema
	ask     *web.Ask
	letter  bool
	later   bool // belongs under "this happened earlier"
	aside   bool // no condition of the procedure asks for it
	more    bool // few letters need it
}

// sheet is the form of a step.
type sheet struct {
	words     words
	schema    act.Schema
	step      *protocol.Step
	place     protocol.Place
	form      Form
	questions []question
	letter    bool      // the step sends a letter that the pack words
	closed    bool      // nobody can fill it in here
	floor     time.Time // what the step follows had not happened before, or the file not begun; zero where nobody knows
}

// picker asks a Picker, once a page for what it is asked under a name.
type picker func(name string, ask Picker) ([]web.Pick, error)

// sheetOf gathers what the form of a step asks. It asks pickers, which read the database.
func (c *Console) sheetOf(ask Asking, words words, picks picker) (*sheet, error) {
	schema, _ := c.Kinds.Latest(ask.Step.Kind)
	s := &sheet{words: words, schema: schema, step: ask.Step, place: ask.Place, form: c.formOf(ask, words)}
	s.letter = c.Letters != nil && ask.Step.Kind == protocol.KindSent && c.Letters.Worded(ask.Step.Letter)
	for i := range schema.Facts {
		f := &schema.Facts[i]
		if !s.asks(f) {
			continue
		}
		err := s.askFact(f, c.Pickers[f.Name], picks)
		if err != nil {
			return nil, err
		}
		if q := s.empty(); q != nil {
			q.none = c.noneOf(ask.Mandate.Role, words, c.Sorts[f.Name])
		}
	}
	for _, name := range schema.Commits {
		if name != protocol.CommitContent && s.form.Prepare == nil {
			s.closed = true // what it commits to, only its desk can compute
		}
	}
	err := s.askCites(picks)
	if err != nil {
		return nil, err
	}
	if q := s.empty(); q != nil {
		q.none = &nothing{said: said{Key: "file.pick.none.cite"}}
	}
	switch {
	case s.letter:
		s.askLetter(c.Letters.Asks(ask.Step, ask.Mandate.Role, ask.Terms, words.lang))
	case schema.Body && s.form.Body != nil:
		s.askBody()
	case schema.Body:
		s.add(question{Field: web.Field{Name: nameBody, Key: "file.body"}, shape: shapeArea})
	}
	s.setAside(c.Pack.Engine(), ask)
	s.askEarlier(c.Pack.Engine().Law(), ask)
	return s, nil
}

// formOf is what a desk says of a kind's form. Which notices a case may be joined by, this room knows from its docket.
func (c *Console) formOf(ask Asking, words words) Form {
	f, said := c.Forms[ask.Step.Kind]
	if f.For != nil {
		return f.For(ask)
	}
	if !said && ask.Step.Kind == cases.KindJoined {
		f = Form{Cite: c.citeNotices(words, ask.View), CiteKey: "case.join"}
	}
	if schema, _ := c.Kinds.Latest(ask.Step.Kind); !said && ask.Step.Signatures != nil && schema.Body {
		f = Form{Body: []web.Ask{}, Prepare: c.carry}
	}
	return f
}

func (s *sheet) add(q question) { s.questions = append(s.questions, q) }

// empty is the newest question, where there is nothing to choose in it and nobody has said why; else nil.
func (s *sheet) empty() *question {
	if len(s.questions) == 0 {
		return nil
	}
	q := &s.questions[len(s.questions)-1]
	if q.shape != shapePick && q.shape != shapePicks || len(q.picks) > 0 || q.none != nil {
		return nil
	}
	return q
}

// asks reports whether the officer is asked a fact: not where the clerk, the step itself or the desk says it.
func (s *sheet) asks(f *act.FactSchema) bool {
	if slices.ContainsFunc([][]string{s.form.Fills, protocol.ClockFacts(), protocol.StayFacts(), protocol.NotifiedFacts()}, func(own []string) bool { return slices.Contains(own, f.Name) }) {
		return false
	}
	if protocol.Notifies(s.step.Kind) && (f.Name == protocol.FactNoticedOn || f.Name == protocol.FactObligedOn) {
		return false
	}
	switch s.step.Kind {
	case protocol.KindSigned, protocol.KindDrafted:
		return !slices.Contains([]string{protocol.FactPerson, protocol.FactRole, protocol.FactStep}, f.Name)
	case protocol.KindSent:
		return f.Name != protocol.FactLetter || s.step.Letter == ""
	case protocol.KindPublished:
		return f.Name != protocol.FactEntry || s.step.Publishes == ""
	}
	return true
}

func (s *sheet) askFact(f *act.FactSchema, from Picker, picks picker) error {
	q := question{Field: web.Field{Name: factPrefix + f.Name, Key: "fact." + f.Name, Optional: !f.Required}, fact: f}
	switch f.Type {
	case act.Bool:
		q.shape, q.Options = shapeChoice, []web.Option{{Value: answerYes, Key: "page.yes"}, {Value: answerNo, Key: "page.no"}}
	case act.Code:
		q.shape, q.Options = shapeChoice, s.offered(f)
	case act.Codes:
		q.shape, q.Options, q.checked = shapeChecks, s.words.options(f), checkedBy(q.Name)
	case act.Int:
		q.shape, q.Type = shapeField, "number"
	case act.Date:
		q.shape, q.Type = shapeField, "date"
	case act.At:
		q.shape, q.Type = shapeField, "datetime-local"
	case act.Ident, act.Idents:
		if from == nil { // nobody types an identifier
			s.closed = s.closed || f.Required
			return nil
		}
		var err error
		q.picks, err = picks(q.Name, from)
		if err != nil {
			return err
		}
		q.shape = shapePick
		if f.Type == act.Idents {
			q.shape, q.checked = shapePicks, checkedBy(q.Name)
		}
	}
	if q.shape == shapeChoice && !f.Required {
		q.Options = append(q.Options, web.Option{Value: answerUnknown, Key: "page.unknown"})
	}
	s.add(q)
	return nil
}

// checkedBy tells which of several boxes are checked: each has a name of its own.
func checkedBy(name string) func(url.Values, string) bool {
	return func(v url.Values, value string) bool { return v.Has(checkName(name, value)) }
}

func checkName(field, value string) string { return field + "." + value }

// options are the words of a fact's closed list, in the order of the pack.
func (w words) options(f *act.FactSchema) []web.Option {
	codes := f.Codes
	if len(codes) == 0 {
		codes = w.pack.Words(f.List)
	}
	var out []web.Option
	for _, code := range codes {
		out = append(out, web.Option{Value: code, Key: w.optionKey(f, code)})
	}
	return out
}

// offered are the options of a fact, without those that the desk says are not true.
func (s *sheet) offered(f *act.FactSchema) []web.Option {
	all := s.words.options(f)
	words, bounded := s.form.Words[f.Name]
	if !bounded {
		return all
	}
	return slices.DeleteFunc(all, func(o web.Option) bool { return !slices.Contains(words, o.Value) })
}

// optionKey words one answer: codes a schema closes by itself are the program's words, under the fact's name.
func (w words) optionKey(f *act.FactSchema, code string) string {
	if len(f.Codes) > 0 {
		return "fact." + f.Name + "." + code
	}
	return w.listKey(f.List, code)
}

func (s *sheet) askCites(picks picker) error {
	if s.form.Cite == nil {
		return nil
	}
	all, err := picks("cite."+s.place.Protocol+"."+s.place.Run.String()+"."+s.place.Step, s.form.Cite)
	if err != nil {
		return err
	}
	q := question{Field: web.Field{Name: nameCite, Key: s.form.CiteKey, Optional: s.form.MayCite}, shape: shapePick, picks: all}
	if s.form.Many {
		q.shape, q.checked = shapePicks, checkedBy(nameCite)
	}
	s.add(q)
	return nil
}

func (s *sheet) askBody() {
	for i := range s.form.Body {
		a := &s.form.Body[i]
		q := question{Field: web.Field{Name: bodyPrefix + a.Name, Key: a.Key, Optional: !a.Required, Type: "text"}, shape: shapeField, ask: a}
		q.Options = s.form.Options[a.Name]
		if q.Options != nil {
			q.shape = shapeChoice
			s.add(q)
			continue
		}
		switch a.Shape {
		case web.Area, web.Lines:
			q.shape = shapeArea
		case web.Digits:
			q.Type = "number"
		case web.Day:
			q.Type = "date"
		case web.Check:
			q.shape = shapeCheck
		}
		s.add(q)
	}
}

// letterShapes say how the room of letters asks, in this room's words.
var letterShapes = map[letters.Shape]struct {
	shape shape
	typ   string
}{
	letters.Line: {shapeField, "text"}, letters.Area: {shapeArea, ""}, letters.Number: {shapeField, "number"}, letters.Date: {shapeField, "date"},
	letters.Moment: {shapeField, "datetime-local"}, letters.Checks: {shapePicks, ""}, letters.Choice: {shapePick, ""}, letters.Shown: {shapeShown, ""},
}

func (s *sheet) askLetter(all []letters.Question) {
	for _, a := range all {
		how := letterShapes[a.Shape]
		q := question{Field: web.Field{Name: a.Name, Key: a.Key, Optional: !a.Required, Type: how.typ, Hint: a.Hint}, shape: how.shape, letter: true, said: a.Said, more: a.More}
		for _, o := range a.Options {
			q.picks = append(q.picks, web.Pick{Value: o.Value, Name: o.Word, Key: o.Key})
		}
		if a.Shape == letters.Checks {
			q.checked = checkedBy(a.Name)
		}
		s.add(q)
	}
}

// names lists every name the form may send.
func (s *sheet) names() []string {
	out := []string{nameSeen, nameProtocol, nameRun, nameStep, namePreview}
	for i := range s.questions {
		q := &s.questions[i]
		if q.checked == nil {
			out = append(out, q.Name)
			continue
		}
		for _, o := range q.Options {
			out = append(out, checkName(q.Name, o.Value))
		}
		for _, p := range q.picks {
			out = append(out, checkName(q.Name, p.Value))
		}
	}
	return out
}
