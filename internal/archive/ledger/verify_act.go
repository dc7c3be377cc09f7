package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"

	"sanad/internal/act"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
)

// checked is an act after the part of the work that needs no order.
type checked struct {
	Entry
	seq      int64
	leaf     proof.Sum
	env      *act.Envelope // nil when it can't be read
	problems []string
}

// portion is a run of acts on its way from the reader through a worker to the place where order counts. Portions are
// used again and again: a million acts are read in the memory of a few thousand.
type portion struct {
	acts  []checked
	bytes []byte // what the acts' envelopes and bodies lie in
	done  chan struct{}
}

const (
	portionActs  = 256
	portionBytes = 1 << 20
)

// acts reads all acts; decoding and hashing run beside the reading, what needs the log's order follows in order.
func (v *verifier) acts(ctx context.Context) error {
	const depth = 6
	free, work, ordered := make(chan *portion, depth), make(chan *portion, depth), make(chan *portion, depth)
	for range depth {
		free <- &portion{done: make(chan struct{}, 1)}
	}
	for range max(runtime.GOMAXPROCS(0)-1, 1) {
		go func() {
			for p := range work {
				for i := range p.acts {
					p.acts[i].alone(v.report.Origin)
				}
				p.done <- struct{}{}
			}
		}()
	}
	reading := make(chan error, 1)
	go func() {
		defer close(ordered)
		defer close(work)
		p := <-free
		send := func() {
			if len(p.acts) > 0 {
				work <- p
				ordered <- p
				p = <-free
			}
		}
		err := each(ctx, v.tx, func(r *row) {
			p.add(r)
			if len(p.acts) == portionActs || len(p.bytes) >= portionBytes {
				send()
			}
		})
		send()
		reading <- err
	}()
	for p := range ordered {
		<-p.done
		for i := range p.acts {
			v.inOrder(&p.acts[i])
		}
		clear(p.acts)
		p.acts, p.bytes = p.acts[:0], p.bytes[:0]
		free <- p
	}
	return <-reading
}

// each reads every row, however damaged.
func each(ctx context.Context, tx *store.Tx, f func(*row)) error {
	rows, err := tx.Query(ctx, "SELECT "+actColumns+", prior FROM act ORDER BY seq")
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var r row
	into := []any{&r.seq, &r.id, &r.file, &r.audience, &r.recorded, &r.kind, &r.envelope, &r.salt, &r.bodySum, &r.link, &r.body, &r.prior}
	for rows.Next() {
		err = rows.Scan(into...)
		if err != nil {
			return err
		}
		f(&r)
	}
	return rows.Err()
}

// row is one row as the driver has it, valid until the next.
type row struct {
	seq                           int64
	recorded, kind, prior         anything
	id, file, audience            sql.RawBytes
	envelope, salt, bodySum, link sql.RawBytes
	body                          sql.RawBytes
}

// anything takes a column whatever its type: in a damaged file a number may come as text.
type anything struct{ value any }

// Scan implements sql.Scanner.
func (a *anything) Scan(value any) error {
	a.value = value
	return nil
}

// add copies a row to the end; a wrong length or type is a problem of its act.
func (p *portion) add(r *row) {
	p.acts = append(p.acts, checked{seq: r.seq})
	a := &p.acts[len(p.acts)-1]
	for _, part := range [...]struct {
		name string
		from sql.RawBytes
		to   []byte
	}{{"id", r.id, a.ID[:]}, {"file", r.file, a.File[:]}, {"audience", r.audience, a.Audience[:]}, {"salt", r.salt, a.Salt[:]}, {"body_sum", r.bodySum, a.BodySum[:]}, {"link", r.link, a.Link[:]}} {
		if copy(part.to, part.from) != len(part.to) || len(part.from) != len(part.to) {
			a.problems = append(a.problems, fmt.Sprintf("its %s has %d bytes, not %d", part.name, len(part.from), len(part.to)))
		}
	}
	recorded, ok := r.recorded.value.(int64)
	if !ok {
		a.problems = append(a.problems, "its time of recording is no number")
	}
	a.Recorded = act.Instant(recorded)
	a.Prior, ok = r.prior.value.(int64)
	if !ok {
		a.Prior = -1 // which no file has
	}
	a.Kind, _ = r.kind.value.(string) // where it is no text it is not the envelope's kind
	a.Envelope, a.Body = p.keep(r.envelope), p.keep(r.body)
}

func (p *portion) keep(b []byte) []byte {
	at := len(p.bytes)
	p.bytes = append(p.bytes, b...)
	return p.bytes[at:len(p.bytes):len(p.bytes)]
}

// alone checks what one act shows by itself.
func (a *checked) alone(origin string) {
	l := a.Leaf(origin)
	a.leaf = l.Hash()
	env, err := act.Decode(a.Envelope)
	if err != nil {
		a.problems = append(a.problems, err.Error())
		return
	}
	a.env = env
	if env.ID != a.ID || env.File != a.File || env.Audience != a.Audience || env.Recorded != a.Recorded || env.Kind != a.Kind {
		a.problems = append(a.problems, "the row's columns are not its envelope's")
	}
	if env.Key.IsZero() != (len(a.Body) == 0) || env.Key.IsZero() != (a.BodySum == proof.Sum{}) {
		a.problems = append(a.problems, "the envelope and the body disagree on whether there is a body")
	}
}
