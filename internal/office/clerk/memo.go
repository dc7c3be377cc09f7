package clerk

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

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
	sets     map[string]seal.Audience // by the codes they were asked for with; committed
	holders  map[duty][]holding
	public   act.ID // the audience of everyone
}

// mostRemembered bounds each of the memo's lists.
const mostRemembered = 1 << 16

func (m *memo) renew(as int64) {
	if m.filled && m.as == as && max(len(m.mandates), len(m.may), len(m.sets), len(m.holders)) < mostRemembered {
		return
	}
	*m = memo{
		as: as, filled: true, mandates: map[act.ID]access.Mandate{}, may: map[[2]act.ID]bool{}, sets: map[string]seal.Audience{},
		holders: map[duty][]holding{},
	}
}

// mandate finds in whose name a command is asked, and refuses one that is not in force now.
func (p *pass) mandate(ctx context.Context, id act.ID) (access.Mandate, error) {
	if p.founder != nil && p.founder.ID == id {
		return *p.founder, nil
	}
	m, ok := p.c.memo.mandates[id]
	if !ok {
		var err error
		m, err = p.c.Book.Mandate(ctx, p.tx.take(), id)
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
	yes, err := p.c.Book.May(ctx, p.tx.take(), mandate, audience)
	if err != nil {
		return false, err
	}
	p.c.memo.may[at] = yes
	return yes, nil
}

// intern finds the audience of a set of compartments, making it where it is new. What it makes for a command is marked
// first, so that it can be taken back when the command is refused.
func (p *pass) intern(ctx context.Context, codes []string) (seal.Audience, error) {
	err := checkCodes(codes)
	if err != nil {
		return seal.Audience{}, err
	}
	key := strings.Join(codes, " ") // a code holds no space
	aud, ok := p.c.memo.sets[key]
	if ok {
		return aud, nil
	}
	if !p.marked {
		_, err = p.tx.take().Exec(ctx, "SAVEPOINT command")
		if err != nil {
			return aud, fmt.Errorf("mark where a command starts: %w", err)
		}
		p.marked = true
	}
	aud, fresh, err := p.c.Book.Intern(ctx, p.tx.take(), codes)
	if errors.Is(err, seal.ErrEmptyAudience) {
		return aud, invalidCause(err)
	}
	switch {
	case err != nil:
		return aud, err
	case fresh:
		p.accessChanged = true
		p.c.memo.may, p.c.memo.public = map[[2]act.ID]bool{}, act.ID{}
	case !p.accessChanged: // or it may have been made by this very command, which may yet be refused
		p.c.memo.sets[key] = aud
	}
	return aud, nil
}

// mostCompartments is how many compartments a command may ask an act to be read under.
const mostCompartments = 64

// checkCodes refuses compartments that only a program can have asked for; the book would take the commit down.
func checkCodes(codes []string) error {
	if len(codes) > mostCompartments {
		return invalidCause(fmt.Errorf("%d compartments, at most %d", len(codes), mostCompartments))
	}
	for _, c := range codes {
		if !act.IsCode(c) {
			return invalidCause(errors.New("the name of a compartment is a code"))
		}
	}
	return nil
}

// public is the audience of everyone; no file has a thread for what it gives where nothing was published yet.
func (p *pass) public(ctx context.Context) (act.ID, error) {
	if p.c.memo.public.IsZero() {
		id, err := p.c.Book.Lookup(ctx, p.tx.take(), []string{access.Public})
		if err != nil {
			return id, err
		}
		p.c.memo.public = id
	}
	return p.c.memo.public, nil
}

func (p *pass) audience(ctx context.Context, id act.ID) (seal.Audience, error) {
	return p.c.Book.Audience(ctx, p.tx.take(), id)
}

var errNoAct = errors.New("no such act")

// audienceOf finds who may read an act: in this batch, in what the file's state knows of drafts and signatures, in what was
// read for the whole batch, or in the log.
func (p *pass) audienceOf(ctx context.Context, f *file, id act.ID) (act.ID, error) {
	for _, a := range p.acts {
		if a.ID == id {
			return a.Audience, nil
		}
	}
	for i := range f.state.Drafts {
		d := &f.state.Drafts[i]
		if d.By == id {
			return f.state.Threads[d.Thread].Audience, nil
		}
		for _, g := range d.Signatures {
			if g.By == id {
				return f.state.Threads[g.Thread].Audience, nil
			}
		}
	}
	where, asked := p.where[id]
	switch {
	case !asked:
		return p.c.readAudience(ctx, p.tx.take(), id)
	case where.IsZero():
		return where, errNoAct
	}
	return where, nil
}

// readAudience finds who may read an act of the log.
func (c *Clerk) readAudience(ctx context.Context, tx *store.Tx, id act.ID) (act.ID, error) {
	var found, b []byte
	err := tx.QueryRow(ctx, "SELECT id, audience FROM act WHERE seq = ?", c.names.Seq(id)).Scan(&found, &b)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !bytes.Equal(found, id[:]) {
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
