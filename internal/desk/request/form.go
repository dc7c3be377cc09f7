package request

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
)

// partReasons is the part of a form that says why; the others bear the names of the kinds of identifier.
const partReasons = "reasons"

// ofForm is how parts of a body are called on a form.
const ofForm = "body."

// Asks says what the body of a kind asks for: whom it is about, one a line under what it is, and why. Nil: one text.
func Asks(kind string) []web.Ask {
	if kind != KindPreserved && kind != KindPrepared {
		return nil
	}
	var out []web.Ask
	for _, k := range IdentifierKinds() {
		out = append(out, web.Ask{Name: k, Key: "request.ask." + k, Shape: web.Lines, Max: mostValue})
	}
	return append(out, web.Ask{Name: partReasons, Key: "request.ask.reasons", Shape: web.Area, Required: true, Max: mostReasons})
}

// Fills are the facts of a kind that nobody is asked: how many are named, the list says; who failed and when, the request.
func Fills(kind string) []string {
	if kind == KindReported {
		return []string{factFailed, factFailedOn}
	}
	if Asks(kind) == nil {
		return nil
	}
	return []string{factIdentifiers}
}

// Prepare turns an act as somebody filled it in into what this desk decides on. What is wrong with a line is said beside the
// lines, with its number.
func (l *Law) Prepare(kind string, a *act.Act, now act.Instant) []fault.Field {
	if Asks(kind) == nil {
		return nil
	}
	var form map[string]json.RawMessage
	err := json.Unmarshal(a.Body, &form)
	if err != nil {
		return []fault.Field{{Name: ofForm + partReasons, Key: "request.body"}}
	}
	body := Body{Identifiers: []Identifier{}}
	var lines []int // of each identifier, in the field of its kind
	for _, k := range IdentifierKinds() {
		var list []string
		if form[k] != nil && json.Unmarshal(form[k], &list) != nil {
			return []fault.Field{{Name: ofForm + k, Key: "request.body"}}
		}
		for i, line := range list {
			body.Identifiers, lines = append(body.Identifiers, identifierOf(k, line)), append(lines, i+1)
		}
	}
	if form[partReasons] != nil && json.Unmarshal(form[partReasons], &body.Reasons) != nil {
		return []fault.Field{{Name: ofForm + partReasons, Key: "request.body"}}
	}
	n := int64(len(body.Identifiers))
	w := &fault.Wrong{}
	l.listed(w, &body, n, now)
	for i := range w.Fields {
		besideLines(&w.Fields[i], body.Identifiers, lines)
	}
	a.Body, err = json.Marshal(&body)
	if err != nil {
		return []fault.Field{{Name: ofForm + partReasons, Key: "request.body"}}
	}
	facts := slices.DeleteFunc(slices.Clone(a.Facts), func(f act.Fact) bool { return f.Name == factIdentifiers })
	a.Facts = withFact(facts, factIdentifiers, act.OfInt(n))
	return w.Fields
}

// besideLines puts what is wrong with an identifier beside the lines it stands among, which are as they were typed.
func besideLines(f *fault.Field, all []Identifier, lines []int) {
	n, found := strings.CutPrefix(f.Name, factIdentifiers+".")
	i, err := strconv.Atoi(n)
	if !found || err != nil || i < 1 || i > len(all) {
		f.Name = ofForm + Account
		return
	}
	f.Name, f.Key, f.Args = ofForm+all[i-1].Kind, "request.line", lang.Args{"line": lines[i-1], "why": lang.Key(f.Key)}
}

// stamps are how an officer may write when an address was in use. The offset is never left out: an hour later it may be somebody
// else's.
var stamps = []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04Z07:00"}

// identifierOf reads one line: an address is followed by when it was in use.
func identifierOf(kind, line string) Identifier {
	id := Identifier{Kind: kind, Value: strings.TrimSpace(line)}
	if kind != Address {
		return id
	}
	value, at, _ := strings.Cut(id.Value, " ")
	id.Value, id.At = value, strings.TrimSpace(at)
	for _, layout := range stamps {
		when, err := time.Parse(layout, id.At)
		if err == nil {
			id.At = when.Format(time.RFC3339)
		}
	}
	return id
}

func withFact(facts act.Facts, name string, v act.Value) act.Facts {
	all := map[string]act.Value{name: v}
	for _, f := range facts {
		all[f.Name] = f.Value
	}
	return act.NewFacts(all)
}
