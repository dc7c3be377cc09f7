package clerk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/office/access"
)

// memo remembers answers about access while nothing about access has changed: the head, which every commit locks and
// reads, counts the changes, whichever process made them.
type memo struct {
	as       int64
	filled   bool
	mandates map[act.ID]access.Mandate
	may      map[[2]act.ID]bool
}

func (m *memo) renew(as int64) {
	if m.filled && m.as == as {
		return
	}
	*m = memo{as: as, filled: true, mandates: map[act.ID]access.Mandate{}, may: map[[2]act.ID]bool{}}
}

// mandate finds in whose name a command is asked, and refuses one that is not in force now.
func (p *pass) mandate(ctx context.Context, id act.ID) (access.Mandate, error) {
	if p.founder != nil && p.founder.ID == id {
		return *p.founder, nil
	}
	m, ok := p.c.memo.mandates[id]
	if !ok {
		var err error
		m, err = p.c.Book.Mandate(ctx, p.tx, id)
		if errors.Is(err, access.ErrUnknownMandate) {
			return m, forbidden()
		}
		if err != nil {
			return m, err
		}
		p.c.memo.mandates[id] = m
	}
	if !m.InForce(p.now) {
		return m, forbidden()
	}
	return m, nil
}

// may reports whether a mandate may read what an audience sees.
func (p *pass) may(ctx context.Context, mandate, audience act.ID) (bool, error) {
	at := [2]act.ID{mandate, audience}
	yes, ok := p.c.memo.may[at]
	if ok {
		return yes, nil
	}
	yes, err := p.c.Book.May(ctx, p.tx, mandate, audience)
	if err != nil {
		return false, err
	}
	p.c.memo.may[at] = yes
	return yes, nil
}

// intern finds the audience of a set of compartments, making it where it is new.
func (p *pass) intern(ctx context.Context, codes []string) (seal.Audience, error) {
	aud, fresh, err := p.c.Book.Intern(ctx, p.tx, codes)
	if errors.Is(err, seal.ErrEmptyAudience) {
		return aud, invalidCause(err)
	}
	if fresh {
		p.accessChanged = true
		p.c.memo.may = map[[2]act.ID]bool{}
	}
	return aud, err
}

func (p *pass) audience(ctx context.Context, id act.ID) (seal.Audience, error) {
	return p.c.Book.Audience(ctx, p.tx, id)
}

var errNoAct = errors.New("no such act")

// audienceOf finds who may read an act, in the log or in this batch.
func (p *pass) audienceOf(ctx context.Context, id act.ID) (act.ID, error) {
	for _, a := range p.acts {
		if a.ID == id {
			return a.Audience, nil
		}
	}
	return readAudience(ctx, p.tx, id)
}

func readAudience(ctx context.Context, tx *store.Tx, id act.ID) (act.ID, error) {
	var b []byte
	err := tx.QueryRow(ctx, "SELECT audience FROM act WHERE id = ?", id[:]).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return act.ID{}, errNoAct
	}
	if err != nil {
		return act.ID{}, fmt.Errorf("read a cited act: %w", err)
	}
	if len(b) != len(act.ID{}) {
		return act.ID{}, fmt.Errorf("read a cited act: its audience has %d bytes", len(b))
	}
	return act.ID(b), nil
}
