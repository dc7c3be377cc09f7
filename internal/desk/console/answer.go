package console

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/text"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
)

// Bounds of what is written into one act, in characters: some twenty pages, and a line.
const (
	maxBody = 50_000
	maxLine = 500
	maxList = 1000 // lines
)

// answers reads what was filled in: the act, as far as it can be read, and everything that is wrong, all at once.
func (s *sheet) answers(values url.Values) (act.Act, []fault.Field) {
	r := reader{sheet: s, values: values, facts: settled(s.step), body: map[string]any{}}
	for i := range s.questions {
		q := &s.questions[i]
		switch {
		case q.letter: // the room of letters reads its own
		case q.fact != nil:
			r.fact(q)
		case q.ask != nil:
			r.part(q)
		case q.Name == nameCite:
			r.cite(q)
		case q.Name == nameBody:
			r.text(q)
		case q.Name == nameEffective:
			r.earlier(q)
		}
	}
	r.act.Facts = act.NewFacts(r.facts)
	if s.form.Body != nil && s.schema.Body {
		b, err := json.Marshal(r.body)
		if err == nil { // strings, numbers and truth can't fail
			r.act.Body = b
		}
	}
	return r.act, r.wrong
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

// reader reads one form.
type reader struct {
	*sheet
	values url.Values
	act    act.Act
	facts  map[string]act.Value
	body   map[string]any
	wrong  []fault.Field
}

func (r *reader) bad(q *question, key string, args lang.Args) {
	r.wrong = append(r.wrong, fault.Field{Name: q.Name, Key: key, Args: args})
}

func (r *reader) fact(q *question) {
	v, key := r.answer(q)
	if key == "" && v.Type() == "" && q.fact.Required {
		key = "file.fact.missing"
	}
	if key != "" {
		r.bad(q, key, lang.Args{"fact": lang.Key("fact." + q.fact.Name)})
		return
	}
	if v.Type() != "" {
		r.facts[q.fact.Name] = v
	}
}

// answer reads one fact: its value, none where it was left unsaid, or the key of what is wrong with it.
func (r *reader) answer(q *question) (v act.Value, wrong string) {
	given := strings.TrimSpace(r.values.Get(q.Name))
	switch q.fact.Type {
	case act.Codes:
		codes := r.boxes(q)
		if len(codes) == 0 {
			return v, ""
		}
		return act.OfCodes(codes...), ""
	case act.Idents:
		ids, ok := identifiers(r.boxes(q))
		if len(ids) == 0 || !ok {
			return v, ""
		}
		return act.OfIDs(ids...), ""
	}
	if given == "" || given == answerUnknown && q.shape == shapeChoice {
		return v, ""
	}
	switch q.fact.Type {
	case act.Bool:
		if given == answerYes || given == answerNo {
			return act.OfBool(given == answerYes), ""
		}
	case act.Code:
		// What is of the list and was not offered, the desk says something about.
		if slices.ContainsFunc(r.words.options(q.fact), func(o web.Option) bool { return o.Value == given }) {
			return act.OfCode(given), ""
		}
	case act.Ident:
		id, err := act.ParseID(given)
		if err == nil && offered(q.picks, given) {
			return act.OfID(id), ""
		}
	case act.Int:
		n, ok := whole(given)
		if !ok {
			return v, "file.fact.number"
		}
		if n < 0 { // what is counted, and a gate would take it for less than there is
			return v, "file.fact.below"
		}
		return act.OfInt(n), ""
	case act.Date:
		day, err := time.Parse(time.DateOnly, given)
		if err != nil || day.Year() < 1 {
			return v, "file.fact.date"
		}
		return act.OfDate(day), ""
	case act.At:
		at, ok := r.words.local(given)
		if !ok {
			return v, "file.fact.date"
		}
		return act.OfInstant(at), ""
	}
	return v, "file.fact.choice"
}

func whole(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n <= act.MaxInt && n >= -act.MaxInt
}

func offered(picks []web.Pick, value string) bool {
	return slices.ContainsFunc(picks, func(p web.Pick) bool { return p.Value == value })
}

// boxes are the values that were checked, of those that were offered.
func (r *reader) boxes(q *question) []string {
	var out []string
	for _, o := range q.Options {
		if q.checked(r.values, o.Value) {
			out = append(out, o.Value)
		}
	}
	for _, p := range q.picks {
		if q.checked(r.values, p.Value) {
			out = append(out, p.Value)
		}
	}
	return out
}

func identifiers(texts []string) ([]act.ID, bool) {
	out := make([]act.ID, 0, len(texts))
	for _, text := range texts {
		id, err := act.ParseID(text)
		if err != nil {
			return nil, false
		}
		out = append(out, id)
	}
	return out, true
}

func (r *reader) cite(q *question) {
	chosen := []string{r.values.Get(q.Name)}
	if q.checked != nil {
		chosen = r.boxes(q)
	} else if chosen[0] == "" {
		chosen = nil
	} else if !offered(q.picks, chosen[0]) {
		r.bad(q, "file.cite.choice", nil)
		return
	}
	ids, ok := identifiers(chosen)
	switch {
	case !ok:
		r.bad(q, "file.cite.choice", nil)
	case len(ids) == 0 && !q.Optional:
		r.bad(q, "file.cite.missing", nil)
	}
	r.act.Cites = ids
}

func (r *reader) text(q *question) {
	said := strings.TrimSpace(r.values.Get(q.Name))
	switch {
	case text.Empty(said):
		r.bad(q, "file.body.missing", nil)
	case utf8.RuneCountInString(said) > maxBody:
		r.bad(q, "file.body.long", lang.Args{"max": maxBody})
	}
	r.act.Body = []byte(said)
}

// part reads one named part of a body.
func (r *reader) part(q *question) {
	a := q.ask
	said := strings.TrimSpace(r.values.Get(q.Name))
	if text.Empty(said) {
		if a.Required {
			r.bad(q, "file.part.needed", lang.Args{"part": lang.Key(a.Key + ".label")})
		}
		return
	}
	most := a.Max
	if most == 0 && a.Shape == web.Area {
		most = maxBody
	} else if most == 0 {
		most = maxLine
	}
	if q.Options != nil {
		if !slices.ContainsFunc(q.Options, func(o web.Option) bool { return o.Value == said }) {
			r.bad(q, "file.cite.choice", nil)
			return
		}
		put(r.body, strings.Split(a.Name, "."), said)
		return
	}
	var value any = said
	switch a.Shape {
	case web.Lines:
		list := []string{}
		for line := range strings.SplitSeq(said, "\n") {
			if line = strings.TrimSpace(line); !text.Empty(line) {
				list = append(list, line)
			}
			if utf8.RuneCountInString(line) > most || len(list) > maxList {
				r.bad(q, "file.part.long", lang.Args{"max": most})
				return
			}
		}
		value = list
	case web.Digits:
		n, ok := whole(said)
		if !ok || n < 0 {
			r.bad(q, "file.part.number", nil)
			return
		}
		value = n
	case web.Day:
		day, err := time.Parse(time.DateOnly, said)
		if err != nil || day.Year() < 1 {
			r.bad(q, "file.part.date", nil)
			return
		}
	case web.Check:
		value = said == answerYes
	default:
		if utf8.RuneCountInString(said) > most {
			r.bad(q, "file.part.long", lang.Args{"max": most})
			return
		}
	}
	put(r.body, strings.Split(a.Name, "."), value)
}

// put sets a part of a document, and what it is a part of.
func put(into map[string]any, path []string, value any) {
	if len(path) == 1 {
		into[path[0]] = value
		return
	}
	inner, ok := into[path[0]].(map[string]any)
	if !ok {
		inner = map[string]any{}
		into[path[0]] = inner
	}
	put(inner, path[1:], value)
}

// earlier reads when it happened, and which act shows that.
func (r *reader) earlier(q *question) {
	given, shown := strings.TrimSpace(r.values.Get(q.Name)), r.values.Get(nameShown)
	if given == "" && shown == "" {
		return
	}
	at, ok := r.words.local(given)
	if !ok {
		r.bad(q, "file.earlier.wrong", nil)
		return
	}
	when := r.words.when(at)
	switch { // a form gives whole minutes: what happened in the same one happened no earlier
	case when.Before(r.floor.Truncate(time.Minute)):
		key := "file.earlier.before"
		if r.place.Run.IsZero() {
			key = "file.earlier.began"
		}
		r.bad(q, key, lang.Args{"date": lang.Moment(r.floor)})
		return
	case when.Before(r.floor):
		at = act.InstantOf(r.floor)
	}
	var picks []web.Pick
	for i := range r.questions {
		if r.questions[i].Name == nameShown {
			picks = r.questions[i].picks
		}
	}
	id, err := act.ParseID(shown)
	if err != nil || !offered(picks, shown) {
		r.wrong = append(r.wrong, fault.Field{Name: nameShown, Key: "file.earlier.missing"})
		return
	}
	r.act.Effective, r.act.Shown = at, id
}
