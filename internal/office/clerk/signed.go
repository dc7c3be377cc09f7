package clerk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/seal"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
)

// What is decided under signatures is what was signed, whatever the desk: the decision's body is the draft's own, salt and
// content, so that whoever reads the decision can open the commitment that every signature carries.

// carry fills in what was signed where a command says nothing of its own, or says just that. It comes before the desk decides.
func (w *work) carry(ctx context.Context, grant *protocol.Grant) error {
	schema, _ := w.p.c.Catalogue.Latest(grant.Kind)
	if grant.Step.Signatures == nil || !schema.Body || opens(w.cmd.Act.Body, grant.Commits) {
		return nil
	}
	body, err := w.p.drafted(ctx, grant)
	if err != nil {
		return err
	}
	var d Draft
	err = json.Unmarshal(body, &d)
	if err != nil {
		return fmt.Errorf("read what was signed: %w", err)
	}
	if len(w.cmd.Act.Body) == 0 || bytes.Equal(w.cmd.Act.Body, d.Content) { // of anything else the desk speaks first
		w.cmd.Act.Body = body
	}
	return nil
}

// carried refuses a decision whose body, as the desk leaves it, is not what was signed.
func (w *work) carried(grant *protocol.Grant, decision *act.Act) error {
	if grant.Step.Signatures == nil || len(decision.Body) == 0 || opens(decision.Body, grant.Commits) {
		return nil
	}
	return fault.Invalid.New("error.decision_differs")
}

// opens reports whether a body is a draft's that opens the commitment to what was signed.
func opens(body []byte, commits []act.Commit) bool {
	var d Draft
	if json.Unmarshal(body, &d) != nil || len(d.Salt) != len(proof.Sum{}) {
		return false
	}
	sum := proof.ContentSum(proof.Sum(d.Salt), d.Content)
	return slices.ContainsFunc(commits, func(c act.Commit) bool { return c.Name == protocol.CommitContent && c.Sum == sum })
}

// drafted opens the body of the draft that a decision rests on. Who decides was granted the step over it, and what is decided
// must be readable where it is read: the clerk checks citations after.
func (p *pass) drafted(ctx context.Context, grant *protocol.Grant) ([]byte, error) {
	for _, id := range grant.Cites {
		if p.ofCommit(id) != nil {
			continue // nobody can have signed it
		}
		s, err := ledger.ByID(ctx, p.tx.take(), p.c.names, id)
		if errors.Is(err, ledger.ErrNoAct) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read what was signed: %w", err)
		}
		if s.Kind != protocol.KindDrafted {
			continue
		}
		_, _, body, err := p.c.open(ctx, p.tx.take(), s)
		if errors.Is(err, seal.ErrDestroyed) {
			return nil, fault.Invalid.New("error.decision_erased")
		}
		if err != nil {
			return nil, fmt.Errorf("open what was signed: %w", err)
		}
		return body, nil
	}
	return nil, fault.Invalid.New("error.decision_differs").Because(errors.New("the draft is not in the log yet: decide in a command after it"))
}
