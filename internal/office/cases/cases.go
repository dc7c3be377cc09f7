// Package cases keeps what a case is: the file on one matter, to which notices are joined by an act citing both. Who may
// open, join and close, and when, is the pack's protocol for sort case. It must not copy anything of a notice into a
// case: a citation is enough, and tells nothing to who may not read what it names.
package cases

import (
	"slices"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Sort is the sort of file a case is.
const Sort = "case"

// The kinds of act of cases.
const (
	KindOpened = "case.opened"
	KindJoined = "notice.joined"
	KindClosed = "case.closed"
	// KindReopened takes a case up again after it was closed.
	KindReopened = "case.reopened"
)

// Kinds declares the acts of cases.
func Kinds() []act.Schema {
	of := []string{Sort}
	return append([]act.Schema{
		{
			Kind: KindOpened, Version: 1, Of: of, Purpose: "kind.case.opened", Basis: act.BasisProtocol, Retention: "procedure", Body: true,
			Facts: []act.FactSchema{{Name: "situation", Type: act.Code, List: "situations", Required: true}, {Name: "minor", Type: act.Bool}},
		},
		{
			Kind: KindOpened, Version: 2, Of: of, Purpose: "kind.case.opened", Basis: act.BasisProtocol, Retention: "procedure", Body: true,
			Facts: []act.FactSchema{
				{Name: "situation", Type: act.Code, List: "situations", Required: true},
				{Name: "minor", Type: act.Bool},
				{Name: "danger", Type: act.Bool},
				{Name: "platform", Type: act.Ident},
			},
			Elsewhere: true, // opened as of the facts it is about, its procedure goes by the law of then
		},
		{Kind: KindReopened, Version: 1, Of: of, Purpose: "kind.case.reopened", Basis: act.BasisProtocol, Retention: "procedure", Body: true},
		{Kind: KindJoined, Version: 1, Of: of, Purpose: "kind.notice.joined", Basis: act.BasisProtocol, Retention: "procedure"},
		{
			Kind: KindClosed, Version: 1, Of: of, Purpose: "kind.case.closed", Basis: act.BasisProtocol, Retention: "procedure", Body: true,
			Facts: []act.FactSchema{{Name: "outcome", Type: act.Code, List: "outcomes", Required: true}},
		},
	}, sheets()...)
}

// Deciders returns the decisions of cases by kind of act. scope lists the situations on which a case may be opened; nil for
// any, where the pack draws no line. words are the pack's lists.
func Deciders(scope []string, words func(list string) []string) map[string]clerk.Decide {
	return map[string]clerk.Decide{KindJoined: join, KindOpened: opener(scope), KindElements: elements(words), KindIndicator: count}
}

// opener opens a case on what is within the scope, and on nothing else: what is outside is pointed to the right door.
func opener(scope []string) clerk.Decide {
	return func(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
		a := cmd.Act
		a.Kind = KindOpened
		situation, _ := a.Facts.Get("situation")
		if scope != nil && situation.Code() != "" && !slices.Contains(scope, situation.Code()) {
			return nil, fault.Invalid.New("case.scope").At("fact.situation", "case.scope", nil)
		}
		return []act.Act{a}, nil
	}
}

// Cites returns what an act of a case may cite, by its kind: a notice is joined by the act that took it in, and only where
// takes reports, for that act's kind, that a case may be made of the situation it names and of the one the notice was found to be
// about since.
func Cites(takes func(kind, situation string) bool) map[string]clerk.Cite {
	return map[string]clerk.Cite{KindJoined: func(_, cited *act.Envelope, now func(string) act.Value) error {
		situation, _ := cited.Facts.Get("situation")
		since := now("situation").Code()
		if since == "" {
			since = situation.Code()
		}
		if !takes(cited.Kind, situation.Code()) || !takes(cited.Kind, since) {
			return fault.Invalid.New("case.join.outside").At("cite", "case.join.outside", nil)
		}
		return nil
	}}
}

// join records that a notice is about this case's matter: an act of the case citing one of the notice. The clerk checks
// that who joins, and who reads the case, may read what is cited.
func join(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	if len(cmd.Act.Cites) != 1 {
		return nil, fault.Invalid.New("case.join.cites")
	}
	a := cmd.Act
	a.Kind = KindJoined
	return []act.Act{a}, nil
}
