package letters

import (
	"errors"
	"slices"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Terms are what was decided, and signed where that is asked, before a letter passes it on: the letter says these and nobody types
// them. One that names more, other, later or dearer is refused.
type Terms struct {
	Fixed       []Field // what was decided, even where it comes to nothing: a measure without a sum demands none
	Amount      int64
	Expires     string // last day, as 2006-01-02
	Targets     []string
	Identifiers []string // about whom data are kept or asked for
	Data        []string // which kinds of data: words of the pack's list data_kinds
	Made        *Made    // how it was decided, where the letter is that of a decision that was signed; else nil
}

// Made says of a decision when it was taken and in which roles it was signed. Who the persons are is for no letter.
type Made struct {
	On     act.Instant
	Signed []string // roles, in the order of the log
}

// decided are the fields that a decision may fix. Where it does, no form asks for them.
var decided = []Field{Amount, Expires, Targets, Identifiers, Data}

// Carries reports whether a letter says what was decided before it.
func (r *Room) Carries(letter string) bool {
	return slices.ContainsFunc(decided, func(f Field) bool { return slices.Contains(r.requires(letter), f) })
}

// TermsOf reads what a letter carries out; nil where it carries out nothing.
func (r *Room) TermsOf(rests []clerk.Opened) (*Terms, error) {
	if len(rests) == 0 {
		return nil, nil //nolint:nilnil // most letters are not about a decision
	}
	for i := range rests {
		if rests[i].Erased {
			return nil, fault.Invalid.New("error.decision_erased")
		}
	}
	if r.Decided == nil {
		return nil, errors.New("letters rest on decisions, and nobody reads them")
	}
	return r.Decided(rests)
}

// fixes reports whether a field was decided.
func (t *Terms) fixes(f Field) bool { return t != nil && slices.Contains(t.Fixed, f) }

func (t *Terms) amount() int64 {
	if t == nil {
		return 0
	}
	return t.Amount
}

func (t *Terms) last() string {
	if t == nil {
		return ""
	}
	return t.Expires
}

// settle puts what was decided into the fields of a letter that asks for it, and notes whatever somebody wrote instead. It returns
// the fields as they are then, and those that are still to be checked for being there. What was given is left as it is.
func (r *Room) settle(given *Fields, t *Terms, aims []protocol.TargetKind, need []Field, w *wrongs) (*Fields, []Field) {
	f := *given
	left := slices.Clone(need)
	asked := func(name Field, some bool) bool {
		if !t.fixes(name) || !slices.Contains(need, name) {
			return false
		}
		if !some { // no officer can say what the decision does not
			w.add("letter.undecided", string(name))
			left = slices.DeleteFunc(left, func(x Field) bool { return x == name })
		}
		return some
	}
	if asked(Amount, t.amount() > 0) {
		if f.Amount != 0 && f.Amount != t.Amount {
			w.other(Amount, t.Amount)
		}
		f.Amount = t.Amount
	}
	if asked(Expires, t.last() != "") {
		if f.Expires == "" {
			f.Expires = t.Expires
		}
		// Days as 2006-01-02: their order is that of time. What is no day is refused for that.
		if _, err := time.Parse(time.DateOnly, f.Expires); err == nil && f.Expires > t.Expires {
			w.other(Expires, dayOf(t.Expires))
		}
	}
	exactly := func(s string) string { return s }
	for _, l := range []struct {
		name  Field
		given *[]string
		all   func(*Terms) []string
		same  func(string) string
	}{
		{Targets, &f.Targets, func(t *Terms) []string { return t.Targets }, func(s string) string { return canonical(s, aims) }},
		{Identifiers, &f.Identifiers, func(t *Terms) []string { return t.Identifiers }, exactly},
		{Data, &f.Data, func(t *Terms) []string { return t.Data }, exactly},
	} {
		if t.fixes(l.name) && asked(l.name, len(l.all(t)) > 0) {
			*l.given = fewer(*l.given, l.all(t), l.same, l.name, w)
		}
	}
	return &f, left
}

// fewer are those given, of those decided; all of them where none is given.
func fewer(given, all []string, same func(string) string, name Field, w *wrongs) []string {
	if len(given) == 0 {
		return all
	}
	among := make([]string, len(all))
	for i, s := range all {
		among[i] = same(s)
	}
	if slices.ContainsFunc(given, func(s string) bool { return !slices.Contains(among, same(s)) }) {
		var say lang.List
		for _, s := range all {
			say = append(say, lang.Code(s))
		}
		w.other(name, say)
	}
	return given
}

// canonical is a target in the one form by which two ways to write it are the same; what it is, where it is none.
func canonical(s string, aims []protocol.TargetKind) string {
	for _, kind := range aims {
		if c, wrong := One(kind, s); wrong == "" {
			return c
		}
	}
	return s
}

// aims are the kinds of target a letter may name: those of the measures of its procedure, or names of hosts where it has none.
// That an address serves nobody else is shown before a decision; a letter that comes before one names none.
func (r *Room) aims(grant *protocol.Grant) []protocol.TargetKind {
	if p := r.Pack.Engine().Protocol(grant.Protocol, grant.Version); p != nil && len(p.Aims()) > 0 {
		return p.Aims()
	}
	return []protocol.TargetKind{protocol.HostName}
}

// checkTargets lets a letter name only what can be aimed at: one thing a line, of a kind that the procedure's measures have.
func checkTargets(all []string, t *Terms, aims []protocol.TargetKind, required bool, w *wrongs) {
	if len(all) == 0 && required {
		w.missing(Targets, string(Targets))
	}
	if len(all) > maxTargets {
		w.wrong(Targets, string(Targets))
		return
	}
	for i, s := range all {
		if why := unfit(s, t, aims); why != "" {
			w.all.At(prefix+string(Targets), "letter.wrong.target", lang.Args{"line": i + 1, "why": lang.Key("sanction.target." + why)})
			return
		}
	}
}

// unfit says why a text names no target of some kinds; "" where it does.
func unfit(s string, t *Terms, aims []protocol.TargetKind) string {
	why := string(WrongKind)
	for _, kind := range aims {
		_, wrong := One(kind, s)
		switch {
		case wrong != "":
			why = string(wrong)
		case kind == protocol.UnsharedAddress && !t.fixes(Targets):
			why = "shared"
		default:
			return ""
		}
	}
	return why
}

// checkListed refuses what no decision gave: whom data are asked about is never for a letter to say first.
func checkListed(list []string, name Field, t *Terms, required bool, w *wrongs) {
	if required && (len(list) == 0 || !t.fixes(name)) {
		w.missing(name, string(name))
	}
}

// other notes that a field says something else than what was decided, and what that was.
func (w *wrongs) other(name Field, is any) {
	w.all.At(prefix+string(name), "letter.other."+string(name), lang.Args{"decided": is})
}

// dayOf words a day that a decision holds as text.
func dayOf(text string) any {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return lang.Code(text)
	}
	return lang.Day(at)
}

// shown is what of a decision a form shows instead of asking: arguments of a sentence, one a line.
func (r *Room) shown(f Field, t *Terms, reader lang.Lang) []any {
	var out []any
	switch {
	case f == Amount && t.Amount > 0:
		return append(out, lang.Worded(r.messages.For(reader).Text(amountKey, lang.Args{"amount": t.Amount})))
	case f == Expires && t.Expires != "":
		return append(out, dayOf(t.Expires))
	case f == Targets:
		return codes(t.Targets)
	case f == Identifiers:
		return codes(t.Identifiers)
	case f == Data:
		for _, key := range dataKeys(t.Data) {
			out = append(out, lang.Key(key))
		}
	}
	return out
}

func codes(all []string) (out []any) {
	for _, s := range all {
		out = append(out, lang.Code(s))
	}
	return out
}

// dataKeys are the messages that word kinds of data.
func dataKeys(kinds []string) (out []string) {
	for _, k := range kinds {
		out = append(out, "list.data_kinds."+k)
	}
	return out
}
