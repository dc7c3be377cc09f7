package clerk

import (
	"context"
	"errors"
	"log/slog"

	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
)

// isRefusal tells an answer to one command from a failure that takes the whole commit down.
func isRefusal(err error) bool { return fault.CodeOf(err) != "" }

func invalid(key string, args ...string) error {
	e := fault.Invalid.New(key)
	for i := 0; i+1 < len(args); i += 2 {
		e = e.With(args[i], args[i+1])
	}
	return e
}

// invalidCause is for what only a program can have got wrong; the log says what, the person that nothing was written.
func invalidCause(err error) error { return fault.Invalid.New("error.act_form").Because(err) }

// notFound is said of a file that does not exist and of one the person may not see.
func notFound() error { return fault.NotFound.New("error.file_unknown") }

func forbidden() error { return fault.Forbidden.New("error.mandate") }

// barred is the answer to who asked for what no policy permits. Where a policy could not be evaluated the answer is the same, and
// the log names it.
func (c *Clerk) barred(ctx context.Context, err error) error {
	if err != nil && !errors.Is(err, access.ErrPolicy) {
		return err
	}
	if err != nil {
		c.Log.ErrorContext(ctx, "access was denied because a policy failed", slog.Any("err", err))
	}
	return forbidden()
}

// conflict says what kinds of act were recorded since the person looked, among those they may read.
func conflict(kinds []string) error {
	return fault.Conflict.New("file.conflict").With("count", len(kinds)).Because(Changed(kinds))
}

// Changed is the cause of a conflict: the kinds of act that the person has not seen yet.
type Changed []string

func (c Changed) Error() string { return "the file has newer acts" }

// closedGate words a refusal of the engine; whoever shows it unwraps the *protocol.Refusal for all that blocks.
func closedGate(err error) error {
	var r *protocol.Refusal
	if !errors.As(err, &r) {
		return err
	}
	for _, b := range r.Blocks {
		if b.Why == protocol.WhyRole {
			return fault.Forbidden.New("error.role").Because(err)
		}
	}
	return fault.ClosedGate.New("error.closed_gate").Because(err)
}

// unavailable says that nothing was written and that trying again is safe; where err is ErrUnknown, that nobody knows.
func (c *Clerk) unavailable(err error) error {
	c.Log.Error("commit failed", slog.Bool("unknown", errors.Is(err, ErrUnknown)), slog.Any("err", err))
	if errors.Is(err, ErrUnknown) {
		return fault.Unavailable.New("error.outcome_unknown").Because(err)
	}
	return fault.Unavailable.New("error.unavailable").Because(err)
}
