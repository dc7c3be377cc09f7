package clerk

import (
	"context"
	"database/sql"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/law/protocol"
)

// Command asks for one thing to be done. It says who asks, about which file, and which step of which protocol, or
// which kind of act where no protocol rules it.
type Command struct {
	Mandate   act.ID // who asks; zero only for what the clerk itself asks (a lapse)
	File      act.ID // zero opens a new file
	Of        string // sort of the file, when it is opened
	Procedure act.ID // the run of a protocol; zero starts one where the step may start it
	Protocol  string // id of the protocol; empty for a plain act
	Step      string // id of the step; empty for a plain act
	Kind      string // kind of a plain act
	Seen      int64  // number of the newest act of the file the person saw, plus one; 0 means they saw none
	Like      act.ID // plain acts only: an act whose audience this one gets, too
	Act       act.Act
	Input     any // what the desk's Decide needs beyond Act
	// Grant is what the law allows the step with: its deadlines, its audience, the law's version. The clerk sets it before Decide
	// is asked, whatever a caller gave; nil for an act that no protocol rules. Nobody may change what it holds.
	Grant *protocol.Grant
	// Rests is what the act carries out, opened, where Config.Rests names some. The clerk sets it before Decide is asked, too.
	Rests []Opened
	// Course is what the act's procedure did so far, whoever may read it, the oldest first, where Config.Course names its kind.
	Course []Recorded
	// Cited is what the files hold that the act cites acts of, as far as its author may read it, where Config.Cited names its kind.
	Cited []Opened
}

// Result is what became of one command of DoAll.
type Result = store.Result[*Done]

// Decide is a desk's pure decision: from the file's folded state, the command and the instant, what acts to record.
// It does no I/O and keeps nothing. Only the clerk calls it. The first act is the one the command asks for; those after it follow
// from it, in the same file or, with Act.In, in another.
type Decide func(state *protocol.State, cmd *Command, now act.Instant) ([]act.Act, error)

// Recorded is an act that was just written, as projectors see it: its number and its envelope, never its body.
type Recorded struct {
	Seq int64
	*act.Envelope
}

// Tx is the narrow transaction that desks' stores get.
type Tx interface {
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) store.Row
	// Send is Exec for whoever does not ask how many rows were changed: nobody waits for the answer.
	Send(ctx context.Context, query string, args ...any) error
	// Insert writes rows set-wise: few statements for any number of rows.
	Insert(ctx context.Context, rows *Rows) error
}

// Table says where rows go; it is the archive's, which desks do not import.
type Table = store.Table

// Rows is what Table.NewRows starts and Tx.Insert writes.
type Rows = store.Rows

// Projector keeps a read model in step with the log, in the same transaction.
type Projector interface {
	Project(ctx context.Context, tx Tx, acts []Recorded) error
}
