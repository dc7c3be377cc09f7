package access

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"

	"github.com/cedar-policy/cedar-go"
)

// Kinds of act that change who may read what. Package parties declares them and hands them on as Grant and End.
const (
	KindGranted = "mandate.granted"
	KindEnded   = "mandate.ended"
)

// Concerns reports whether an act changes who may read what.
func (b *Book) Concerns(e *act.Envelope) bool { return e.Kind == KindGranted || e.Kind == KindEnded }

// Mandate is the right to act for an institution, in a role, for a time.
type Mandate struct {
	ID           act.ID
	Person       act.ID
	Role         string
	Institution  string
	Seat         string      // stable code of the post; may be empty
	Compartments []act.ID    // sorted; the public one among them while the mandate has not been ended
	Starts, Ends act.Instant // it is in force from Starts until just before Ends
}

// InForce reports whether the mandate may be used at an instant. The table `may` does not know the hour: whoever lets
// somebody in asks here first.
func (m *Mandate) InForce(at act.Instant) bool {
	return len(m.Compartments) > 0 && m.Starts <= at && at < m.Ends
}

// entity is the mandate as Cedar sees it when it decides about reading. A mandate that was ended holds nothing.
func (m *Mandate) entity() *cedar.Entity { return m.entityNamed(idNames(m.Compartments)) }

func (m *Mandate) entityNamed(held []cedar.String) *cedar.Entity {
	return principal(m.ID.String(), len(held) > 0, m.Role, m.Institution, m.Seat, held)
}

// Mandate reads one mandate, in force or not. ErrUnknownMandate when there is none.
func (b *Book) Mandate(ctx context.Context, tx Tx, id act.ID) (Mandate, error) {
	m := Mandate{ID: id}
	var person []byte
	err := tx.QueryRow(ctx, "SELECT person, role, institution, seat, starts, ends FROM mandate WHERE id = ?", id[:]).
		Scan(&person, &m.Role, &m.Institution, &m.Seat, &m.Starts, &m.Ends)
	if errors.Is(err, sql.ErrNoRows) {
		return Mandate{}, fmt.Errorf("mandate %s: %w", id, ErrUnknownMandate)
	}
	if err == nil {
		m.Person, err = toID(person)
	}
	if err != nil {
		return Mandate{}, fmt.Errorf("read a mandate: %w", err)
	}
	rows, err := tx.Query(ctx, "SELECT mandate, compartment FROM mandate_part WHERE mandate = ? ORDER BY compartment", id[:])
	if err == nil {
		err = groups(rows, func(_ act.ID, parts []act.ID) error {
			m.Compartments = parts
			return nil
		})
	}
	if err != nil {
		return Mandate{}, fmt.Errorf("read a mandate: %w", err)
	}
	return m, nil
}

// eachHolder hands over every mandate that has not been ended, with what Cedar asks about it. Where compartments are
// given it leaves out the mandates that hold none of them, and of the others what else they hold: about an audience
// of these compartments Cedar says the same, from a fraction of the rows.
func eachHolder(ctx context.Context, tx Tx, among []act.ID, each func(*Mandate) error) error {
	query, args := "SELECT m.id, m.role, m.institution, m.seat, p.compartment FROM mandate m JOIN mandate_part p ON p.mandate = m.id", []any(nil)
	if len(among) > 0 {
		var list string
		list, args = inList(among)
		query += " WHERE p.compartment IN " + list
	}
	rows, err := tx.Query(ctx, query+" ORDER BY m.id", args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var m Mandate
	for rows.Next() {
		var id, role, institution, seat, part sql.RawBytes
		err = rows.Scan(&id, &role, &institution, &seat, &part)
		if err != nil {
			return err
		}
		who, err := toID(id)
		if err != nil {
			return err
		}
		held, err := toID(part)
		if err != nil {
			return err
		}
		if who != m.ID {
			if !m.ID.IsZero() {
				err = each(&m)
				if err != nil {
					return err
				}
			}
			m = Mandate{ID: who, Role: string(role), Institution: string(institution), Seat: string(seat), Compartments: m.Compartments[:0]}
		}
		m.Compartments = append(m.Compartments, held)
	}
	err = rows.Err()
	if err != nil || m.ID.IsZero() {
		return err
	}
	return each(&m)
}

// Grant writes a mandate and decides about every audience there is. The public compartment is added to those it
// names. It refuses a mandate that exists: a changed mandate is another one.
func (b *Book) Grant(ctx context.Context, tx Tx, m Mandate) error {
	err := m.check()
	if err != nil {
		return err
	}
	public, err := b.lock(ctx, tx)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, "INSERT INTO mandate (id, person, role, institution, seat, starts, ends) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
		m.ID[:], m.Person[:], m.Role, m.Institution, m.Seat, int64(m.Starts), int64(m.Ends))
	if err != nil {
		return fmt.Errorf("write a mandate: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("mandate %s is granted already: end it and grant another", m.ID)
	}
	m.Compartments = append(slices.Clone(m.Compartments), public)
	slices.SortFunc(m.Compartments, compareIDs)
	m.Compartments = slices.Compact(m.Compartments)
	for _, c := range m.Compartments { // a clear answer, where the database would name a foreign key
		_, err = b.code(ctx, tx, c)
		if err != nil {
			return err
		}
	}
	err = insertPairs(ctx, tx, "INSERT INTO mandate_part (mandate, compartment)", m.ID, m.Compartments, false)
	if err != nil {
		return fmt.Errorf("write a mandate: %w", err)
	}
	who := m.entity()
	var readable []act.ID
	// Audiences with a compartment that is not held are left out by the database, which is much faster than Cedar;
	// Recheck asks about them too.
	list, args := inList(m.Compartments)
	rows, err := tx.Query(ctx, `SELECT p.audience, p.compartment FROM audience_part p WHERE NOT EXISTS
		(SELECT 1 FROM audience_part q WHERE q.audience = p.audience AND q.compartment NOT IN `+list+`) ORDER BY p.audience`, args...)
	if err == nil {
		err = groups(rows, func(id act.ID, parts []act.ID) error {
			yes, err := b.policies.decide(who, ToRead, resource(id.String(), idNames(parts)))
			if yes {
				readable = append(readable, id)
			}
			return err
		})
	}
	if err == nil {
		err = insertPairs(ctx, tx, "INSERT INTO may (mandate, audience)", m.ID, readable, false)
	}
	if err != nil {
		return fmt.Errorf("decide what a new mandate reads: %w", err)
	}
	return nil
}

func (m *Mandate) check() error {
	if m.ID.IsZero() || m.Person.IsZero() {
		return errors.New("a mandate needs an identifier and a person")
	}
	if m.Starts >= m.Ends {
		return fmt.Errorf("a mandate ends after it starts: %s is not after %s", m.Ends, m.Starts)
	}
	if !act.IsCode(m.Role) || !act.IsCode(m.Institution) || m.Seat != "" && !act.IsCode(m.Seat) {
		return errors.New("role, institution and seat of a mandate are codes of the pack")
	}
	return nil
}

// End takes a mandate everything it reads, its invitations and its sessions, for good, and moves its end to at where
// that is earlier. ErrUnknownMandate when there is none.
func (b *Book) End(ctx context.Context, tx Tx, id act.ID, at act.Instant) error {
	_, err := b.lock(ctx, tx)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, "UPDATE mandate SET ends = CASE WHEN ends > ? THEN ? ELSE ends END WHERE id = ?", int64(at), int64(at), id[:])
	if err == nil && n == 0 {
		return fmt.Errorf("mandate %s: %w", id, ErrUnknownMandate)
	}
	for _, table := range []string{"may", "mandate_part", "invite", "session"} {
		if err == nil {
			_, err = tx.Exec(ctx, "DELETE FROM "+table+" WHERE mandate = ?", id[:])
		}
	}
	return wrap("end a mandate", err)
}

// May reports whether a mandate, in force, may read an audience: what Cedar said when the later of the two was made.
// It also makes the audience known to Reads.
func (b *Book) May(ctx context.Context, tx Tx, mandate, audience act.ID) (bool, error) {
	err := b.Known(ctx, tx, audience)
	if errors.Is(err, ErrUnknownAudience) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var one int
	err = tx.QueryRow(ctx, "SELECT 1 FROM may WHERE mandate = ? AND audience = ?", mandate[:], audience[:]).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, wrap("read who may", err)
}

// Allows asks Cedar, not the table, whether a mandate may do something with an audience at an instant.
func (b *Book) Allows(ctx context.Context, tx Tx, mandate act.ID, do Action, audience act.ID, at act.Instant) (bool, error) {
	m, err := b.Mandate(ctx, tx, mandate)
	if err != nil || !m.InForce(at) {
		return false, err
	}
	aud, err := b.Audience(ctx, tx, audience)
	if err != nil {
		return false, err
	}
	held, err := b.codeNames(ctx, tx, m.Compartments)
	if err != nil {
		return false, err
	}
	parts, err := b.codeNames(ctx, tx, aud.Compartments)
	if err != nil {
		return false, err
	}
	return b.policies.decide(m.entityNamed(held), do, resource(audience.String(), parts))
}

// codeNames names compartments as a pack's policies do.
func (b *Book) codeNames(ctx context.Context, tx Tx, ids []act.ID) ([]cedar.String, error) {
	codes, err := b.Codes(ctx, tx, ids)
	return codeStrings(codes), err
}

func codeStrings(codes []string) []cedar.String {
	out := make([]cedar.String, len(codes))
	for i, c := range codes {
		out[i] = cedar.String(c)
	}
	return out
}
