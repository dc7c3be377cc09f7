package console

import (
	"context"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// Picker lists what an officer may choose for a fact that names something, or what an act may cite, best first: a platform's
// file, an act of a notice. It gives only what the mandate may read. file is the one at work, zero for one that is to be opened.
type Picker func(ctx context.Context, mandate, file act.ID) ([]web.Pick, error)

// Asking is for which act a form is filled in.
type Asking struct {
	Mandate access.Mandate
	File    act.ID // zero: a file to be opened
	Sort    string // of the file
	Place   protocol.Place
	Version int // of the protocol
	Step    *protocol.Step
	View    *clerk.View    // nil for a file to be opened
	Terms   *letters.Terms // what the step's letter passes on; nil for none
	Asked   *clerk.Command // of a step that tells of others, with what its desk would be told of them; nil for none, and for one that is refused
}

// Form is what a desk says about the form of a kind of act. Everything else follows from the kind's schema.
type Form struct {
	Body    []web.Ask // the body is a JSON object of these; nil: one text
	Cite    Picker    // acts to cite; nil: none is asked
	CiteKey string    // key of its label
	Many    bool      // several may be cited
	MayCite bool      // citing nothing is all right
	Fills   []string  // facts nobody is asked, for Prepare says them
	// Options are the answers of a part of the body that is one of several, by its name.
	Options map[string][]web.Option
	// Words are the answers offered of a fact that is one of a list, by its name, where not all of the list are true.
	Words map[string][]string
	// For says the form where it is another from act to act, instead of everything above and below but Away. Nil: it is the same for
	// every act of the kind.
	For  func(ask Asking) Form
	Away string // address of a page of the desk's own where it is done instead; "" for the console's form
	// Prepare completes the act as it was filled in, and may give Command.Input. What is wrong is shown beside what was typed:
	// the names of fields are those of the form, "body.NAME", "fact.NAME", "cite" or "body".
	Prepare func(ctx context.Context, ask Asking, a *act.Act) (input any, wrong []fault.Field, err error)
}

// Panel is a section a desk adds to the page of a file, for the mandate that looks; nil where it has nothing to show.
type Panel func(ctx context.Context, mandate act.ID, v *clerk.View) (*web.Section, error)

// Namer says what files are called, those the mandate may read.
type Namer func(ctx context.Context, mandate act.ID, files []act.ID) (map[act.ID]string, error)
