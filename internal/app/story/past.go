package story

import (
	"context"
	"errors"
	"slices"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// errOther means that the log is not the beginning of this story.
var errOther = errors.New("this folder holds another story, or one played with another seed or another version of the program: use an empty folder")

// past is what the log holds of a story already, read in order.
type past struct {
	read func(ctx context.Context, from int64, n int) ([]clerk.Recorded, error)
	left []clerk.Recorded
	at   int64
	done bool
}

const pastPage = 500

// begin passes over the acts with which the log was founded.
func (p *past) begin(ctx context.Context, read func(context.Context, int64, int) ([]clerk.Recorded, error)) error {
	p.read = read
	for {
		r, err := p.peek(ctx)
		if err != nil || r == nil || !founding(r) {
			return err
		}
		p.take()
	}
}

// founding reports whether an act opened the log: such acts belong to no procedure and are no machine's.
func founding(r *clerk.Recorded) bool { return r.Procedure == nil && !act.IsMachine(r.Kind) }

func (p *past) peek(ctx context.Context) (*clerk.Recorded, error) {
	if len(p.left) == 0 && !p.done {
		var err error
		p.left, err = p.read(ctx, p.at, pastPage)
		if err != nil {
			return nil, err
		}
		p.done = len(p.left) == 0
	}
	if p.done {
		return nil, nil
	}
	return &p.left[0], nil
}

func (p *past) take() {
	p.at = p.left[0].Seq + 1
	p.left = p.left[1:]
}

// open reports whether something of the past is left to recall.
func (p *past) open() bool { return !p.done }

// machines passes over what the house did by itself.
func (p *past) machines(ctx context.Context) error {
	for {
		r, err := p.peek(ctx)
		if err != nil || r == nil || !act.IsMachine(r.Kind) {
			return err
		}
		p.take()
	}
}

// next recalls the acts that a command made, the one of the step first; none when the past has ended.
func (p *past) next(ctx context.Context, kind string, mandate act.ID) ([]clerk.Recorded, error) {
	err := p.machines(ctx)
	if err != nil {
		return nil, err
	}
	r, err := p.peek(ctx)
	if err != nil || r == nil {
		return nil, err
	}
	if r.Procedure == nil || kind != "" && (r.Kind != kind || r.Mandate != mandate) {
		return nil, errOther
	}
	acts := []clerk.Recorded{*r}
	p.take()
	for {
		r, err = p.peek(ctx)
		if err != nil || r == nil || r.Procedure != nil || !slices.Contains(r.Cites, acts[0].ID) || act.IsMachine(r.Kind) {
			return acts, err
		}
		acts = append(acts, *r)
		p.take()
	}
}
