package request

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// Passed names what a letter of a run passes on: the newest request that was drawn up in it, else the newest order to keep data, or
// the one of them that the command cites; false where it has neither.
func (l *Law) Passed(s *protocol.State, cmd *clerk.Command) (act.ID, bool) {
	r := s.Run(cmd.Procedure)
	if r == nil {
		return act.ID{}, false
	}
	var found protocol.Event
	rank := 0
	for _, e := range r.Events {
		n := 0
		switch l.kind(r, e.Step) {
		case KindPreserved:
			n = 1
		case KindPrepared:
			n = 2
		}
		if n > 0 && slices.Contains(cmd.Act.Cites, e.By) {
			n = 3
		}
		if n > 0 && (n > rank || n == rank && e.Seq > found.Seq) {
			found, rank = e, n
		}
	}
	return found.By, rank > 0
}

// Terms are what a request, or an order to keep data, lets a letter say: about whom, which data, and until when they are kept.
func (l *Law) Terms(o *clerk.Opened) (*letters.Terms, error) {
	body, err := ReadBody(o.Body)
	if err != nil {
		return nil, fault.Invalid.New("request.body").Because(fmt.Errorf("read a request's body: %w", err))
	}
	t := &letters.Terms{Fixed: []letters.Field{letters.Identifiers}}
	for i := range body.Identifiers {
		t.Identifiers = append(t.Identifiers, body.Identifiers[i].said())
	}
	if o.Kind == KindPrepared {
		data, _ := o.Facts.Get(factData)
		t.Data, t.Fixed = data.Codes(), append(t.Fixed, letters.Data)
	}
	if v, _ := o.Facts.Get(factExpires); o.Kind == KindPreserved {
		if day, is := v.Date(); is {
			t.Expires = day.Format(time.DateOnly)
		}
		t.Fixed = append(t.Fixed, letters.Expires)
	}
	return t, nil
}

// said is an identifier as a platform reads it.
func (id *Identifier) said() string {
	return strings.TrimSpace(strings.TrimSpace(id.Value) + " " + id.At)
}
