package letters

import (
	"errors"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Deciders are the decisions of this room, by kind of act.
func (r *Room) Deciders() map[string]clerk.Decide {
	return map[string]clerk.Decide{protocol.KindSent: r.send}
}

// send writes the letter of a step into the body of its act. A letter that the pack does not word is what the officer wrote;
// one that it does is never sent as plain words, which could leave out what the law asks for.
func (r *Room) send(s *protocol.State, cmd *clerk.Command, now act.Instant) ([]act.Act, error) {
	if cmd.Grant == nil || cmd.Grant.Step == nil {
		return nil, errors.New("a letter is sent by a step of a protocol, and the clerk gave none")
	}
	if r.Before != nil {
		err := r.Before(s, cmd, now)
		if err != nil {
			return nil, err
		}
	}
	a := cmd.Act
	a.Kind = protocol.KindSent
	letter := cmd.Grant.Step.Letter
	said, _ := a.Facts.Get(protocol.FactLetter)
	switch {
	case letter == "" && r.Worded(said.Code()), letter != "" && said.Code() != "" && said.Code() != letter:
		return nil, fault.Invalid.New("letter.other")
	case letter == "" || !r.Worded(letter):
		if cmd.Input != nil {
			return nil, fault.Invalid.New("letter.unworded")
		}
		return []act.Act{named(a, letter, act.ID{})}, nil
	}
	f, ok := cmd.Input.(*Fields)
	if cmd.Input != nil && !ok {
		return nil, fmt.Errorf("a letter is written from its fields, not from a %T", cmd.Input)
	}
	if len(a.Body) > 0 {
		return nil, fault.Invalid.New("letter.plain")
	}
	terms, err := r.TermsOf(cmd.Rests)
	if err != nil {
		return nil, err
	}
	sent, err := r.Render(cmd.File, f, cmd.Grant, terms, now)
	if err != nil {
		return nil, err
	}
	a.Body, err = sent.Body()
	if err != nil {
		return nil, err
	}
	return []act.Act{named(a, letter, f.Addressee.Party)}, nil
}

// named adds to an act which letter it is and to which party it goes, where it does not say so.
func named(a act.Act, letter string, party act.ID) act.Act {
	facts := map[string]act.Value{}
	if letter != "" {
		facts[protocol.FactLetter] = act.OfCode(letter)
	}
	if !party.IsZero() {
		facts[protocol.FactNoticeTo] = act.OfID(party)
	}
	for _, f := range a.Facts {
		facts[f.Name] = f.Value
	}
	a.Facts = act.NewFacts(facts)
	return a
}
