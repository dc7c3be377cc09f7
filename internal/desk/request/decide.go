package request

import (
	"fmt"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/text"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Facts of this desk's acts.
const (
	factPlatform     = "platform"
	factOffence      = "offence"
	factIdentifiers  = "identifiers"
	factExpires      = "expires_on"
	factData         = "data"
	factProtected    = "protected"
	factUrgent       = "urgent"
	factConfidential = "confidential_until"
	factComplete     = "completeness"
	factProven       = "proven"
	factFailed       = "failed_platform" // not the case's own pointer, which other gates follow
	factFailedOn     = "failed_on"
)

// Deciders returns what this desk decides, by kind of act. They are pure.
func (l *Law) Deciders() map[string]clerk.Decide {
	return map[string]clerk.Decide{KindPrepared: l.prepare, KindPreserved: l.preserve, KindReported: l.report}
}

// prepare decides a request: its facts, and that they are what its sealed body says.
func (l *Law) prepare(s *protocol.State, cmd *clerk.Command, now act.Instant) ([]act.Act, error) {
	err := l.open(s)
	if err != nil {
		return nil, err
	}
	w := &fault.Wrong{}
	facts := cmd.Act.Facts
	err = l.subject(w, s, cmd, now)
	if err != nil {
		return nil, err
	}
	data, _ := facts.Get(factData)
	if len(data.Codes()) == 0 {
		w.At(factData, "request.data.none", nil)
	}
	for _, word := range data.Codes() {
		if !l.words("data_kinds", word) {
			w.At(factData, "request.data.unknown", nil)
		}
	}
	protected, _ := facts.Get(factProtected)
	if !l.words("protected_persons", protected.Code()) {
		w.At(factProtected, "request.protected.missing", nil)
	}
	if _, said := facts.Get(factUrgent); !said {
		w.At(factUrgent, "request.urgent.missing", nil)
	}
	err = l.ends(w, facts, factConfidential, l.confidential, now, false)
	if err != nil {
		return nil, err
	}
	return l.decided(w, cmd, KindPrepared)
}

// preserve decides an order to keep data.
func (l *Law) preserve(s *protocol.State, cmd *clerk.Command, now act.Instant) ([]act.Act, error) {
	err := l.open(s)
	if err != nil {
		return nil, err
	}
	w := &fault.Wrong{}
	err = l.subject(w, s, cmd, now)
	if err != nil {
		return nil, err
	}
	err = l.ends(w, cmd.Act.Facts, factExpires, l.preserved, now, true)
	if err != nil {
		return nil, err
	}
	return l.decided(w, cmd, KindPreserved)
}

func (l *Law) decided(w *fault.Wrong, cmd *clerk.Command, kind string) ([]act.Act, error) {
	err := w.Err("request.invalid")
	if err != nil {
		return nil, err
	}
	a := cmd.Act
	a.Kind = kind
	return []act.Act{a}, nil
}

// subject checks whom and what it is about: one platform, one offence of the closed list, few identifiers.
func (l *Law) subject(w *fault.Wrong, s *protocol.State, cmd *clerk.Command, now act.Instant) error {
	facts := cmd.Act.Facts
	platform, _ := facts.Get(factPlatform)
	_, is := platform.ID()
	switch {
	case !is:
		w.At(factPlatform, "request.platform.missing", nil)
	case l.elsewhere(s, platform):
		w.At(factPlatform, "request.platform.other", nil)
	case l.changed(s, cmd, factPlatform, platform):
		w.At(factPlatform, "request.changed", nil)
	}
	offence, _ := facts.Get(factOffence)
	switch {
	case !l.words("offences", offence.Code()):
		w.At(factOffence, "request.offence.closed", nil)
	case l.changed(s, cmd, factOffence, offence):
		w.At(factOffence, "request.changed", nil)
	}
	body, err := ReadBody(cmd.Act.Body)
	if err != nil {
		return fault.Invalid.New("request.body").Because(fmt.Errorf("read a request's body: %w", err))
	}
	said, _ := facts.Get(factIdentifiers)
	l.listed(w, body, said.Int(), now)
	if said.Type() == act.Int && l.changed(s, cmd, factIdentifiers, said) {
		w.At(factIdentifiers, "request.changed", nil)
	}
	switch n := utf8.RuneCountInString(body.Reasons); {
	case text.Empty(body.Reasons) || !utf8.ValidString(body.Reasons):
		w.At("reasons", "request.reasons.missing", nil)
	case text.HasControl(body.Reasons):
		w.At("reasons", "web.field.text", map[string]any{"field": "reasons"})
	case n > mostReasons:
		w.At("reasons", "request.reasons.long", map[string]any{"max": mostReasons})
	}
	return nil
}

// changed reports whether the same run said something else of a request before: data kept for one account are never the
// reason to ask about another. Numbers may only become fewer. A protocol that runs once in a case orders for several platforms.
func (l *Law) changed(s *protocol.State, cmd *clerk.Command, name string, v act.Value) bool {
	r := s.Run(cmd.Procedure)
	if r == nil {
		return false
	}
	p := l.engine.Protocol(r.Protocol, r.Version)
	if p == nil || !p.Many {
		return false
	}
	for i := range s.Facts {
		f := &s.Facts[i]
		if f.Run != cmd.Procedure || f.Name != name {
			continue
		}
		if v.Type() == act.Int {
			return v.Int() > f.Value.Int()
		}
		return !f.Value.Equal(v)
	}
	return false
}

// listed checks the identifiers of a body, and that there are as many as is said in clear.
func (l *Law) listed(w *fault.Wrong, body *Body, said int64, now act.Instant) {
	n := int64(len(body.Identifiers))
	switch {
	case n == 0:
		w.At(factIdentifiers, "request.identifiers.none", nil)
		return
	case n > mostListed || l.most > 0 && n > l.most:
		most := int64(mostListed)
		if l.most > 0 {
			most = l.most
		}
		w.At(factIdentifiers, "request.identifiers.many", map[string]any{"max": most})
		return
	case n != said:
		w.At(factIdentifiers, "request.identifiers.count", nil)
	}
	seen := map[string]bool{}
	for i := range body.Identifiers {
		id := &body.Identifiers[i]
		field := fmt.Sprintf("identifiers.%d", i+1)
		key, canonical := id.check(now)
		switch {
		case key != "":
			w.At(field, key, nil)
		case seen[id.Kind+" "+canonical]:
			w.At(field, "request.identifier.twice", nil)
		default:
			seen[id.Kind+" "+canonical] = true
		}
	}
}

// ends checks the day on which something ends: after today, and not after what the pack's rule gives at the longest.
func (l *Law) ends(w *fault.Wrong, facts act.Facts, name, rule string, now act.Instant, required bool) error {
	v, said := facts.Get(name)
	if !said {
		if required {
			w.At(name, "request.end.missing", nil)
		}
		return nil
	}
	day, is := l.dayOf(v)
	switch {
	case !is:
		w.At(name, "request.end.missing", nil)
		return nil
	case day <= now:
		w.At(name, "request.end.past", nil)
		return nil
	case rule == "":
		return nil
	}
	longest, err := l.until(rule, now)
	if err != nil {
		return fmt.Errorf("rule %s: %w", rule, err)
	}
	if day >= longest {
		w.At(name, "request.end.long", map[string]any{"rule": lang.Key("rule." + rule), "last": lang.Day(protocol.LastDay(l.engine.Law().Time, longest))})
	}
	return nil
}
