package notice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
)

// Desk takes notices in. App builds it.
type Desk struct {
	Store
	Clerk    *clerk.Clerk
	Intake   act.ID   // the mandate in whose name the public's notices are recorded
	Protocol string   // the pack's protocol for notices
	Receive  string   // its step for an ordinary one
	Words    []string // the situations that may be reported, in the pack's order
	Law      Law      // what else the pack says of the street door
	Identity bool     // whether a reporter may leave a way to be reached: not before data protection was notified
	CodeKey  [32]byte // of the keyed hash of codes
	Dice     io.Reader
	Read     func(ctx context.Context, f func(clerk.Tx) error) error
	Files    Files // nil: no file is taken

	papers recent
}

// Receipt writes the proof for whoever has the code.
func (d *Desk) Receipt(ctx context.Context, typed string) ([]byte, error) {
	s, err := d.Follow(ctx, typed)
	if err != nil {
		return nil, err
	}
	return d.Clerk.ReceiptNow(ctx, s.Act)
}

// Accepted is what a reporter leaves with.
type Accepted struct {
	Status
	Code string
	Lost []string // what could not be kept although the notice was: contact
}

// Accept records a notice. The code is told once, here; only its keyed hash is kept.
func (d *Desk) Accept(ctx context.Context, f Form) (*Accepted, error) {
	p, err := d.open(&f, "")
	if err != nil {
		return nil, err
	}
	return d.record(ctx, p)
}

// AcceptOnce is Accept for a form that may be sent again: the same form with the same token, which nobody else knows, is the
// same notice, and whoever sends it twice gets the one receipt twice. A form that was changed in between is another notice.
func (d *Desk) AcceptOnce(ctx context.Context, f Form, token string) (*Accepted, error) {
	p, err := d.open(&f, token)
	if err != nil {
		return nil, err
	}
	ok, err := d.again(ctx, p)
	if err != nil || ok != nil {
		return ok, err
	}
	return d.record(ctx, p)
}

// again finds the notice of a paper that was sent a moment ago. A paper older than that, or sent to a program that was started
// since, the database knows by its code: see record.
func (d *Desk) again(ctx context.Context, p *paper) (*Accepted, error) {
	if !d.papers.has(sumOf(d.CodeKey, p.code)) {
		return nil, nil //nolint:nilnil // that there is none is what was asked
	}
	return d.before(ctx, p.code)
}

// before finds the notice that was recorded under a code; nil when there is none.
func (d *Desk) before(ctx context.Context, code string) (*Accepted, error) {
	s, err := d.Follow(ctx, code)
	if errors.Is(err, errWrongCode) {
		return nil, nil //nolint:nilnil // that there is none is what was asked
	}
	if err != nil {
		return nil, fault.Unavailable.New("error.unavailable").Because(err)
	}
	return &Accepted{Status: s, Code: code}, nil
}

// law is the law as it is now: a version of a protocol may come into force while the door is open.
func (d *Desk) law() Law {
	if d.Law.pack == nil {
		return d.Law
	}
	return d.Law.at(act.InstantOf(d.Clerk.Clock()))
}

// place is the step that takes a notice in.
func (d *Desk) place(f *Form) Place {
	law := d.law()
	switch {
	case law.Outside(f.Situation) && law.Matter != (Place{}):
		return law.Matter
	case f.Danger && law.Danger != (Place{}):
		return law.Danger
	case law.Received != (Place{}):
		return law.Received
	}
	return Place{d.Protocol, d.Receive}
}

// command is what the clerk is asked for a notice.
func (d *Desk) command(f *Form, code string) (clerk.Command, error) {
	said := *f
	said.Contact, said.Danger = "", false // who reports is an act of its own; danger is said by the kind of this one
	body, err := json.Marshal(&said)
	if err != nil {
		return clerk.Command{}, fmt.Errorf("notice: %w", err)
	}
	facts := map[string]act.Value{"situation": act.OfCode(f.Situation)}
	if f.Minor != nil {
		facts["minor"] = act.OfBool(*f.Minor)
	}
	at := d.place(f)
	return clerk.Command{
		Mandate: d.Intake, Of: Sort, Protocol: at.Protocol, Step: at.Step,
		Act: act.Act{Facts: act.NewFacts(facts), Body: body, Commits: []act.Commit{{Name: CommitCode, Sum: sumOf(d.CodeKey, code)}}},
	}, nil
}

// record writes a notice with the files that were sealed for it, in one commit.
func (d *Desk) record(ctx context.Context, p *paper) (*Accepted, error) {
	if len(p.held) > 0 {
		p.cmd.Input = p.held
	}
	done, err := d.Clerk.Do(ctx, p.cmd)
	if err != nil {
		err = d.drop(ctx, p, err)
		if fault.CodeOf(err) == fault.Invalid || ctx.Err() != nil {
			return nil, err
		}
		// A paper that is in already, which the database did not let in twice: its sender gets the same code again.
		ok, again := d.before(ctx, p.code)
		if again == nil && ok != nil {
			return ok, nil
		}
		return nil, err
	}
	d.papers.add(sumOf(d.CodeKey, p.code))
	first := done.Acts[0]
	ok := &Accepted{Code: p.code, Status: Status{
		Act: first.ID, File: done.File, Received: first.Recorded, Stage: StageReceived, Since: first.Effective,
		Situation: p.form.Situation, Outside: first.Kind == KindMatter, Danger: first.Kind == KindDanger,
	}}
	for _, clock := range first.Deadlines {
		if ok.Due == 0 || clock.Due < ok.Due {
			ok.Due = clock.Due
		}
	}
	if p.form.Contact == "" {
		return ok, nil
	}
	err = d.name(ctx, p.form, first, done.Acts[len(done.Acts)-1].Seq+1)
	if err != nil {
		// The notice is recorded and its sender must have the code: that the rest failed is told with it.
		ok.Lost = append(ok.Lost, "contact")
	}
	return ok, nil
}

// name records how to reach the reporter, apart from what they reported.
func (d *Desk) name(ctx context.Context, f *Form, first clerk.Recorded, seen int64) error {
	body, err := json.Marshal(map[string]string{"contact": f.Contact})
	if err != nil {
		return fmt.Errorf("notice: %w", err)
	}
	_, err = d.Clerk.Do(ctx, clerk.Command{
		Mandate: d.Intake, File: first.File, Procedure: first.Procedure.ID, Protocol: first.Procedure.Protocol,
		Step: d.law().Named[first.Procedure.Protocol], Seen: seen, Act: act.Act{Body: body},
	})
	return err
}

// mayName reports whether a way to reach the reporter is taken with a notice.
func (d *Desk) mayName(f *Form) bool { return d.Identity && d.law().Named[d.place(f).Protocol] != "" }

// errWrongCode is the one answer to a code that is none and to one nobody was given.
var errWrongCode = fault.NotFound.New("status.code.wrong").At("code", "status.code.wrong", nil)

// Follow says where a notice stands, to whoever has its code.
func (d *Desk) Follow(ctx context.Context, typed string) (Status, error) {
	code, err := ReadCode(typed)
	if err != nil {
		return Status{}, errWrongCode
	}
	var s Status
	err = d.Read(ctx, func(tx clerk.Tx) error {
		var err error
		s, err = d.ByCode(ctx, tx, sumOf(d.CodeKey, code))
		return err
	})
	if errors.Is(err, ErrNoNotice) {
		return s, errWrongCode
	}
	return s, err
}
