package console

import (
	"context"
	"slices"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// draft is the text under which a step stands or falls: what is signed, and what the decision carries unchanged.
type draft struct {
	Key    string // says which
	Number lang.Code
	Text   []paragraph
	// Content is its parts, where it is a form that was filled in.
	Content []pair
	Erased  bool
}

// draftOf is the act that fixed what a step signs or carries, nil where it signs nothing or nothing is fixed yet; key says which
// of the two it does.
func draftOf(v *clerk.View, m *protocol.Move) (fixed *clerk.Recorded, key string) {
	step, key := m.Step.Draft, "file.draft.sign"
	if m.Step.Signatures != nil {
		step, key = m.Step.Signatures.Draft, "file.draft.carry"
	}
	if step == "" {
		return nil, key
	}
	for i := range slices.Backward(v.Acts) {
		a := &v.Acts[i]
		if a.Kind == protocol.KindDrafted && a.Procedure != nil && a.Procedure.ID == m.Run && (a.Procedure.Step == step || a.ID == m.Drafted) {
			return a, key
		}
	}
	return nil, key
}

// draftsOf lists what the page opens because a step that may be done now signs or carries it.
func draftsOf(v *clerk.View) []act.ID {
	var out []act.ID
	for i := range v.Moves {
		if m := &v.Moves[i]; m.Open {
			if a, _ := draftOf(v, m); a != nil {
				out = append(out, a.ID)
			}
		}
	}
	return out
}

// draftIn shows what a step signs or carries; nil where it is not fixed yet.
func draftIn(words words, v *clerk.View, m *protocol.Move, opened map[act.ID]*clerk.Reading) (*draft, error) {
	a, key := draftOf(v, m)
	if a == nil {
		return nil, nil //nolint:nilnil // nothing is signed
	}
	o := opened[a.ID]
	switch {
	case o == nil:
		return nil, errNoFile
	case o.Err != nil:
		return nil, o.Err
	}
	out := &draft{Key: key, Number: lang.Code(number64(a.Seq)), Erased: o.Erased}
	if !o.Erased {
		e := entry{}
		e.body(words, *a, o.Body)
		out.Text, out.Content = e.Text, e.Content
	}
	return out, nil
}

// carry makes a decision say what was signed and nothing else: its body is the draft's own, so that it opens the commitment which
// the signatures carry. Nobody is asked to write it again.
func (c *Console) carry(ctx context.Context, ask Asking, a *act.Act) (any, []fault.Field, error) {
	missing := []fault.Field{{Name: nameSeen, Key: "file.draft.none"}}
	m := (*protocol.Move)(nil)
	if ask.View != nil {
		m = moveAt(ask.View, ask.Place)
	}
	if m == nil {
		return nil, missing, nil
	}
	fixed, _ := draftOf(ask.View, m)
	if fixed == nil {
		return nil, missing, nil
	}
	o, err := c.Clerk.Open(ctx, ask.Mandate.ID, fixed.ID)
	if err != nil {
		return nil, nil, err
	}
	if o.Erased {
		return nil, missing, nil
	}
	a.Body = o.Body
	return nil, nil, nil
}
