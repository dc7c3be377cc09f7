package exhibits

import (
	"errors"
	"slices"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// factSituation is what a file is about, in the pack's words.
const factSituation = "situation"

// errInput is for what only a program can have got wrong: acts of exhibits are recorded by Room alone, which has asked what
// became of the exhibit.
func errInput(why string) error { return fault.Invalid.New("error.act_form").Because(errors.New(why)) }

func errAddressOnly() error { return fault.Invalid.New("exhibit.address_only") }

// MostAtOnce is how many files may come with one act.
const MostAtOnce = 8

// Deciders returns the decisions of exhibits by kind of act.
func (r *Rules) Deciders() map[string]clerk.Decide {
	out := map[string]clerk.Decide{KindAdded: r.add}
	for _, kind := range []string{KindOpened, KindUnveiled, KindWithheld, KindGiven} {
		out[kind] = func(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
			in, ok := cmd.Input.(*told)
			if !ok || len(in.acts) == 0 || in.acts[0].Kind != kind {
				return nil, errInput("what becomes of an exhibit is recorded by its room only")
			}
			return in.acts, nil
		}
	}
	return out
}

// told is what Room decided of an exhibit. Nobody else can make one.
type told struct{ acts []act.Act }

// add binds what was sealed to a file that is there.
func (r *Rules) add(state *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	held, ok := cmd.Input.(*Held)
	if !ok {
		return nil, errInput("an exhibit is bound by its room only")
	}
	for i := range state.Facts {
		f := &state.Facts[i]
		if f.Name == factSituation && slices.Contains(r.AddressOnly, f.Value.Code()) {
			return nil, errAddressOnly()
		}
	}
	return []act.Act{held.act}, nil
}

// Carrying is the decision for a kind of act with which files may come, sealed before: the act itself as the command has it, and
// after it one exhibit.added for each *Held of the command's Input. They are in one commit with it, or not at all. It refuses what
// was sealed for others than those who will read the act.
func Carrying(kind string) clerk.Decide {
	return func(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
		first := cmd.Act
		first.Kind = kind
		acts := []act.Act{first}
		held, ok := cmd.Input.([]*Held)
		if !ok && cmd.Input != nil || len(held) > MostAtOnce {
			return nil, errInput("what comes with an act is a list of sealed files, and not a long one")
		}
		for _, h := range held {
			if cmd.Grant == nil || cmd.Grant.Interned != h.audience {
				return nil, errInput("a file was sealed for others than those who will read the act it comes with: take it with the very command")
			}
			acts = append(acts, h.act)
		}
		return acts, nil
	}
}
