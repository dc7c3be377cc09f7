package console

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
)

// shape is how something is asked.
type shape string

// input is one field of the form of a step. Several forms stand on a page, so its id is the form's and its own.
type input struct {
	web.Field
	Shape shape
	Picks []web.Pick
	None  *nothing // where there is nothing to choose
	Said  []any    // what was decided, one a line
	form  string
}

// ID is the id of the field's element.
func (i input) ID() string { return "f-" + i.form + "-" + i.Name }

// Described lists the ids of what explains the field.
func (i input) Described(hint bool) string {
	return strings.ReplaceAll(i.Field.Described(hint), i.Field.ID(), i.ID())
}

// Chosen reports whether a pick was chosen, in the form that came back.
func (i input) Chosen(value string) bool { return i.Value == value }

// group is picks under one heading.
type group struct {
	Key   string
	Picks []web.Pick
}

// Groups are the picks under their headings, in their order.
func (i input) Groups() []group {
	var out []group
	for _, p := range i.Picks {
		at := slices.IndexFunc(out, func(g group) bool { return g.Key == p.Group })
		if at < 0 {
			at = len(out)
			out = append(out, group{Key: p.Group})
		}
		out[at].Picks = append(out[at].Picks, p)
	}
	return out
}

// inputs shows the form of a step. The values are what was typed, where this very form came back, or what it begins with.
func (s *sheet) inputs(of *openMove, values url.Values, wrong []fault.Field) {
	for i := range s.questions {
		q := &s.questions[i]
		in := input{Field: q.Field, Shape: q.shape, Picks: q.picks, None: q.none, Said: q.said, form: of.At}
		in.Value, in.Complete = values.Get(q.Name), "off"
		for j := range wrong {
			if wrong[j].Name == q.Name {
				in.Error = &wrong[j]
			}
		}
		in.Options = slices.Clone(q.Options)
		if q.shape == shapePicks {
			for _, p := range q.picks {
				in.Options = append(in.Options, web.Option{Value: p.Value, Key: p.Key})
			}
		}
		for j := range in.Options {
			o := &in.Options[j]
			o.Checked = q.checked != nil && q.checked(values, o.Value) || q.checked == nil && o.Value == in.Value
		}
		switch {
		case q.later:
			of.Earlier = append(of.Earlier, in)
		case q.aside:
			of.Aside = append(of.Aside, in)
		case q.more:
			of.More = append(of.More, in)
		default:
			of.Inputs = append(of.Inputs, in)
		}
	}
}

// beside puts a desk's word on what is wrong beside what was typed: desks name facts and parts of a body as the act has them.
// What no question asks about is said at the top alone, and first; the rest in the order in which the form asks.
func (s *sheet) beside(wrong []fault.Field) []fault.Field {
	out := slices.Clone(wrong)
	asked := func(f fault.Field) int {
		return slices.IndexFunc(s.questions, func(q question) bool { return q.Name == f.Name || strings.HasPrefix(f.Name, q.Name+".") })
	}
	for i := range out {
		name, _, _ := strings.Cut(out[i].Name, ".")
		for _, at := range []string{out[i].Name, factPrefix + out[i].Name, bodyPrefix + out[i].Name, factPrefix + name, bodyPrefix + name} {
			if slices.ContainsFunc(s.questions, func(q question) bool { return q.Name == at }) {
				out[i].Name = at
				break
			}
		}
	}
	slices.SortStableFunc(out, func(a, b fault.Field) int { return cmp.Compare(asked(a), asked(b)) })
	return out
}
