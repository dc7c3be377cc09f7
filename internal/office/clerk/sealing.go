package clerk

import (
	"context"
	"errors"
	"fmt"
	"io"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/seal"
)

// written is an act that is decided and folded. What it is sealed with was drawn when it was decided, so that sealing it draws
// nothing and may be done beside what is decided next.
type written struct {
	file   *file
	env    *act.Envelope
	entry  ledger.Entry
	aud    seal.Audience
	body   []byte
	nonce  seal.Nonce
	salt   proof.Sum // of the body
	key    proof.Sum // of the thread, once it is sealed
	prev   proof.Sum // the leaf before it in its thread
	before *written  // or the act whose leaf that is, where it was decided in this pass
}

// tail is the newest act of a thread, as long as nobody knows its leaf.
type tail struct {
	audience act.ID
	act      *written
}

func (f *file) tail(audience act.ID) *written {
	for i := range f.tails {
		if f.tails[i].audience == audience {
			return f.tails[i].act
		}
	}
	return nil
}

func (f *file) setTail(w *written) {
	for i := range f.tails {
		if f.tails[i].audience == w.aud.ID {
			f.tails[i].act = w
			return
		}
	}
	f.tails = append(f.tails, tail{w.aud.ID, w})
}

// sealer seals the acts of a pass on a goroutine of its own while later ones are decided, in any order: what ties an act to the
// one before it in its thread is added at the end.
type sealer struct {
	jobs  chan job
	sent  int        // jobs
	next  []*written // not handed over yet
	ended chan struct{}
	err   error // once ended is closed
}

// job is what is handed to a sealer: acts to be sealed, and decided ones, all of them handed over before or with it, to be written.
type job struct {
	number  int
	seal    []*written
	decided []*written
}

func (s *sealer) hand(decided []*written) {
	s.jobs <- job{s.sent, s.next, decided}
	s.sent++
	s.next = nil
}

const (
	// fewest is how many commands make a sealer worth its while.
	fewest = 6
	// handful is how many acts are handed over at a time.
	handful = 4
)

// startSealing lets the acts of a batch be sealed while later ones are decided. stopSealing ends it.
func (p *pass) startSealing(ctx context.Context, commands int) {
	if commands < fewest {
		return
	}
	s := &sealer{jobs: make(chan job, commands), ended: make(chan struct{})}
	p.sealer, p.early = s, newEarly(p, commands)
	go func() {
		defer close(s.ended)
		s.err = p.sealFrom(ctx, s.jobs, &p.c.envelopes[1], p.early)
	}()
}

// sealFrom seals what is handed over until there is no more. room is where it encodes envelopes, one after the other; what was
// encoded there for the commit before is written and forgotten.
func (p *pass) sealFrom(ctx context.Context, jobs <-chan job, room *[]byte, e *early) error {
	var err error
	all := (*room)[:0]
	one := func(j job) (err error) {
		defer caught(&err)
		for _, w := range j.seal {
			all, err = p.seal(ctx, w, all)
			if err != nil {
				return err
			}
		}
		return e.write(ctx, j)
	}
	for j := range jobs { // to the end, or who hands over would wait for ever
		if err == nil {
			err = one(j)
		}
	}
	if cap(all) <= mostKept {
		*room = all
	}
	return err
}

// stopSealing seals what is left, beside the goroutine that does, waits until nothing is being sealed any more, and returns what
// went wrong.
func (p *pass) stopSealing(ctx context.Context) error {
	s := p.sealer
	if s == nil {
		return nil
	}
	p.sealer = nil
	if len(s.next) > 0 {
		s.hand(nil)
	}
	close(s.jobs)
	err := p.sealFrom(ctx, s.jobs, &p.c.envelopes[0], nil)
	<-s.ended
	return errors.Join(err, s.err)
}

// hand has an act sealed: at once, or soon.
func (p *pass) hand(ctx context.Context, w *written) error {
	s := p.sealer
	if s == nil {
		_, err := p.seal(ctx, w, nil)
		if err != nil {
			return err
		}
		w.file.state.SetLeaf(w.aud.ID, p.link(w))
		return nil
	}
	w.file.setTail(w)
	if s.next == nil {
		s.next = make([]*written, 0, handful)
	}
	s.next = append(s.next, w)
	if len(s.next) == handful {
		s.hand(nil)
	}
	return nil
}

// sealed waits until every act is sealed, tells the states their leaves, and gathers what is to be written.
func (p *pass) sealed(ctx context.Context) (*ledger.Batch, error) {
	err := p.stopSealing(ctx)
	if err != nil {
		return nil, err
	}
	batch, rest := p.begun()
	for _, w := range rest {
		if w.file.tails != nil {
			p.link(w)
		}
		batch.Add(&w.entry)
	}
	for _, f := range p.files {
		for _, t := range f.tails {
			f.state.SetLeaf(t.audience, t.act.entry.Hash(p.head.Origin))
		}
		f.tails = nil
	}
	return batch, nil
}

// surelyFits is how large an envelope may be at the most for its encoding to be left to the sealer: less than what is allowed.
const surelyFits = 60 << 10

// fits refuses an envelope whose form is wrong or that is too large, while that is still the command's own failure.
func (p *pass) fits(w *written) error {
	if p.sealer != nil && estimate(w.env) <= surelyFits {
		return w.env.Check()
	}
	var err error
	w.entry.Envelope, err = act.Encode(w.env)
	return err
}

// estimate is what the encoding of an envelope whose form is right never exceeds.
func estimate(e *act.Envelope) int {
	const fixed, item, code = 1024, 128, 96 // codes are shorter than that, and so is what stands around them
	list := func(v act.Value) int { return (len(v.Codes()) + len(v.IDs()) + 1) * item }
	n := fixed + len(e.Cites)*item + len(e.Deadlines)*4*item + len(e.Commits)*2*item
	for i := range e.Facts {
		n += 2*item + list(e.Facts[i].Value)
	}
	for i := range e.Gates {
		n += 3 * item
		for j := range e.Gates[i].Saw {
			n += 3*item + list(e.Gates[i].Saw[j].Value)
		}
	}
	return n + 8*code
}

// draw draws what an act is sealed with. The order of draws is that of acts, whoever seals them.
func (p *pass) draw(w *written) error {
	var salts [64]byte
	_, err := io.ReadFull(p.c.Dice, salts[:])
	if err != nil {
		return fmt.Errorf("draw a salt: %w", err)
	}
	copy(w.entry.Salt[:], salts[:32])
	if w.body == nil {
		return nil
	}
	copy(w.salt[:], salts[32:])
	w.nonce, err = p.c.Keeper.DrawNonce()
	return err
}

// seal encodes an act, commits to it, and seals its body. The encoding is appended to what is returned; it stays the act's own even
// when the next one has to make room.
func (p *pass) seal(ctx context.Context, w *written, to []byte) ([]byte, error) {
	if w.entry.Envelope == nil {
		all, err := act.AppendChecked(to, w.env) // by fits
		if err != nil {
			return to, fmt.Errorf("encode an act: %w", err)
		}
		w.entry.Envelope = all[len(to):len(all):len(all)]
		to = all
	}
	key, err := p.c.Keeper.LinkKey(ctx, w.aud, w.env.Thread)
	if err != nil {
		return to, fmt.Errorf("open the thread's key: %w", err)
	}
	w.key = proof.Sum(key)
	if w.body != nil {
		w.entry.BodySum = proof.BodySum(w.salt, w.body)
		w.entry.Body, err = p.c.Keeper.SealBodyUnder(ctx, w.nonce, w.aud, w.env.Key, w.env.ID[:], w.salt, w.body)
		if err != nil {
			return to, fmt.Errorf("seal: %w", err)
		}
	}
	w.entry.Commit()
	return to, nil
}

// link ties a sealed act to the one before it in its thread, which is linked already, and returns its leaf's hash.
func (p *pass) link(w *written) proof.Sum {
	prev := w.prev
	if w.before != nil {
		prev = w.before.entry.Hash(p.head.Origin)
	}
	w.entry.Link = proof.LinkSum(w.key, prev)
	return w.entry.Hash(p.head.Origin)
}

// beside runs f on a goroutine of its own where the pass is large enough for that to pay, and returns what waits for it.
func (p *pass) beside(f func() states) func() (states, error) {
	if len(p.decided) < fewest {
		return func() (states, error) { return f(), nil }
	}
	type answer struct {
		s   states
		err error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() { done <- a }()
		defer caught(&a.err)
		a.s = f()
	}()
	return func() (states, error) {
		a := <-done
		return a.s, a.err
	}
}
