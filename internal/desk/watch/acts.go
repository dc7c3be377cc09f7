package watch

import "sanad/internal/act"

// Sort is the sort of file an alert is: something public or official that told a platform something, on a date.
const Sort = "alert"

// The kinds of act of this desk. All are public.
const (
	KindImported = "alert.imported"
	KindTied     = "alert.tied"
	KindRepeats  = "alert.repeats"
	KindDropped  = "alert.dropped"
)

// CommitBody commits to the text the alert was read from: the SHA-256 of its paragraphs joined by newlines.
const CommitBody = "body"

// Kinds declares this desk's acts.
func Kinds() []act.Schema {
	of := []string{Sort}
	kind := func(name string, body bool, commits []string, facts ...act.FactSchema) act.Schema {
		return act.Schema{
			Kind: name, Version: 1, Of: of, Purpose: "kind." + name, Basis: act.BasisProtocol, Retention: "register", Body: body, Commits: commits, Facts: facts,
		}
	}
	return []act.Schema{
		kind(
			KindImported, true, []string{CommitBody},
			act.FactSchema{Name: "source", Type: act.Code, List: "alert_sources", Required: true},
			act.FactSchema{Name: "situation", Type: act.Code, List: "situations", Required: true},
			// The first day of what the text says; precision tells how much of it is known.
			act.FactSchema{Name: "published_on", Type: act.Date},
			act.FactSchema{Name: "precision", Type: act.Code, Codes: []string{"day", "month", "none"}, Required: true},
		),
		kind(KindTied, false, nil, act.FactSchema{Name: "platform", Type: act.Ident, Required: true}),
		kind(KindRepeats, false, nil, act.FactSchema{Name: "repeats", Type: act.Ident, Required: true}),
		kind(KindDropped, true, nil),
	}
}
