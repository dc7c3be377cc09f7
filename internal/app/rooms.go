package app

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/proof"
	"sanad/internal/desk/console"
	"sanad/internal/desk/notice"
	"sanad/internal/desk/register"
	"sanad/internal/desk/registry"
	"sanad/internal/desk/request"
	"sanad/internal/desk/sanction"
	"sanad/internal/desk/watch"
	"sanad/internal/kit/lang"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
	"sanad/internal/office/letters"
	"sanad/internal/office/notify"
	"sanad/internal/office/parties"
)

// factPlatform is the fact by which a file points to a platform, whose public facts gates may then ask for.
const factPlatform = "platform"

// rooms are the desks and the offices they share.
type rooms struct {
	exhibits *exhibits.Room
	letters  *letters.Room
	notice   *notice.Desk
	registry *registry.Desk
	watch    *watch.Desk
	register *register.Desk
	asks     *request.Law
	ladder   *sanction.Law
	words    *lang.Messages
	rules    exhibits.Rules
	opened   atomic.Pointer[act.ID] // the register's file
}

// registerFile is the file of the register; zero while the log is founded.
func (h *house) registerFile() act.ID {
	id := h.opened.Load()
	if id == nil {
		return act.ID{}
	}
	return *id
}

// zone is the country's legal time.
func (h *house) zone() *time.Location {
	if h.pack.Calendar == nil {
		return time.UTC
	}
	return h.pack.Calendar.Location()
}

// outside lists the facts that come from beyond the file that asks for them.
func (h *house) outside() []string {
	var out []string
	for _, f := range h.pack.Facts {
		if f.Outside {
			out = append(out, f.ID)
		}
	}
	return out
}

// furnish reads of the pack what rooms need before the clerk is there.
func (h *house) furnish() (err error) {
	h.words, err = h.messages()
	if err != nil {
		return err
	}
	h.letters, err = letters.New(letters.Config{
		Pack: h.pack, Book: h.pack, Messages: h.words, Variant: h.governance, Decided: h.termsOf,
		Before: func(s *protocol.State, cmd *clerk.Command, now act.Instant) error { return h.asks.Kept(s, cmd, now) },
	})
	if err != nil {
		return err
	}
	h.asks, err = request.LawOf(h.pack)
	if err != nil {
		return err
	}
	h.ladder, err = sanction.LawOf(h.pack, contentSum)
	if err != nil {
		return err
	}
	h.ladder.Count, h.ladder.Failed = h.count, request.Failures
	police := ""
	if list := h.pack.Words("exhibit_police"); len(list) > 0 {
		police = list[0]
	}
	h.rules = exhibits.Rules{Police: police, Courts: h.pack.Words("exhibit_courts"), AddressOnly: h.pack.Words("address_only")}
	return nil
}

// contentSum is the commitment of a draft's content: what signatures and the decision carry.
func contentSum(salt [32]byte, content []byte) [32]byte { return proof.ContentSum(salt, content) }

// plain says which acts need no protocol, who may record them, and for whose eyes.
func (h *house) plain() map[string]clerk.Plain {
	founder, keeper := []string{clerk.RoleFounder}, []string{parties.RoleKeeper}
	either := append(slices.Clone(founder), keeper...)
	public, inside := []string{access.Public}, []string{partiesCompartment}
	out := map[string]clerk.Plain{
		parties.KindLogOpened:           {Roles: founder, Compartments: public},
		parties.KindInstitutionEnrolled: {Roles: founder, Compartments: public},
		parties.KindPersonEnrolled:      {Roles: either, Compartments: inside},
		parties.KindMandateGranted:      {Roles: either, Compartments: inside},
		parties.KindMandateEnded:        {Roles: keeper, Compartments: inside},
		parties.KindMandateInvited:      {Roles: keeper, Compartments: inside},
	}
	maps.Copy(out, exhibits.Plain())
	maps.Copy(out, register.Plain(clerk.RoleFounder))
	return out
}

// deciders are the desks' decisions by kind of act.
func (h *house) deciders() map[string]clerk.Decide {
	out := cases.Deciders(h.pack.Words("in_scope"), h.pack.Words)
	for _, more := range []map[string]clerk.Decide{
		parties.Deciders(), h.rules.Deciders(), h.letters.Deciders(), registry.Deciders(h.zone()), watch.Deciders(h.pack.Words("in_scope")),
		h.asks.Deciders(), h.ladder.Deciders(), register.Deciders(h.registerLaw()),
	} {
		maps.Copy(out, more)
	}
	for _, kind := range []string{notice.KindReceived, notice.KindDanger, notice.KindMatter} {
		out[kind] = exhibits.Carrying(kind)
	}
	return out
}

func (h *house) registerLaw() register.Law {
	return register.Law{
		File: h.registerFile, Languages: h.pack.Languages, Rungs: h.pack.Words("rungs"), Remedies: h.pack.Words("remedies"), Zone: h.zone(),
		Protocols: h.pack.Protocols, Told: h.told,
	}
}

// projectors keep the read models.
func (h *house) projectors() []clerk.Projector {
	return []clerk.Projector{
		parties.Projector{Book: h.book},
		exhibits.Store{},
		notice.Store{},
		console.Store{Engine: h.pack.Engine()},
		registry.Store{},
		watch.Store{},
		request.Store{Law: h.asks},
		sanction.Store{Law: h.ladder},
		register.Store{},
		notify.Projector{Engine: h.pack.Engine(), Process: h.process, Delay: mailDelay},
	}
}

// mailDelay is how long a mail waits for somebody who is at the console anyway.
const mailDelay = 10 * time.Minute

// openDesks builds the desks once the clerk is there.
func (h *house) openDesks(ctx context.Context) error {
	err := h.clerk.Read(ctx, func(tx clerk.Tx) error {
		id, err := register.Store{}.File(ctx, tx)
		if err == nil {
			h.opened.Store(&id)
		}
		return err
	})
	if err != nil {
		return err
	}
	h.exhibits = &exhibits.Room{Clerk: h.clerk, Rules: h.rules}
	err = h.exhibits.Finish(ctx)
	if err != nil {
		return err
	}
	h.registry = &registry.Desk{Clerk: h.clerk, Threshold: threshold(h.pack), Zone: h.zone()}
	h.watch = &watch.Desk{Clerk: h.clerk, Law: watch.LawOf(h.pack.Protocols, h.pack.Words), Enrolment: h.enrolment, Names: h.registry.Names, Zone: h.zone()}
	h.register = &register.Desk{
		Clerk: h.clerk, File: h.registerFile, Names: h.registry.Names, Folder: filepath.Join(h.folder, "register"), Languages: h.pack.Languages,
		Fictional: h.pack.Fictional, Zone: h.zone(), Titles: h.titles,
	}
	return h.openNotice(ctx)
}

// titles are what a legal text of the pack is called, by language.
func (h *house) titles(text string) map[string]string {
	t := h.pack.Text(text)
	if t == nil {
		return nil
	}
	return t.Title
}

// enrolment finds the act that enrolled a platform; false for a file that is none.
func (h *house) enrolment(ctx context.Context, platform act.ID) (act.ID, bool, error) {
	id, err := h.registry.Enrolment(ctx, platform)
	return id, err == nil && !id.IsZero(), err
}

// Names of the parameters by which a pack says from how many users a platform has duties.
const (
	parameterUsers  = "threshold-users"
	parameterMetric = "threshold-metric"
)

func threshold(p *pack.Pack) registry.Threshold {
	users, metric := p.Parameter(parameterUsers), p.Parameter(parameterMetric)
	if users == nil || metric == nil {
		return registry.Threshold{}
	}
	return registry.Threshold{Metric: metric.Value.Code(), Above: users.Value.Int()}
}

// openNotice sets the street door up: under the pack's protocols for notices, in the name of the first seat whose role may
// take one in.
func (h *house) openNotice(ctx context.Context) error {
	now := act.InstantOf(h.legal())
	law := notice.LawOf(h.pack, now)
	p := h.pack.Engine().Opening(law.Received.Protocol, now, now)
	if p == nil {
		return nil // a pack may have no protocol for notices; then nothing is taken in
	}
	intake, err := h.seatOf(ctx, p.Step(law.Received.Step).By)
	if err != nil {
		return err
	}
	code, err := h.keeper.Derive("notice/code")
	if err != nil {
		return err
	}
	words := slices.DeleteFunc(h.pack.Words("situations"), func(w string) bool { return h.pack.Has("office_situations", w) })
	h.notice = &notice.Desk{
		Clerk: h.clerk, Intake: intake, Protocol: law.Received.Protocol, Receive: law.Received.Step, Words: words, Law: law,
		Identity: h.identity, CodeKey: code, Dice: h.dice, Read: h.clerk.Read, Files: h.exhibits,
	}
	return nil
}

// seatOf finds the mandate of the first seat of the first of some roles.
func (h *house) seatOf(ctx context.Context, roles []string) (act.ID, error) {
	for _, role := range roles {
		for _, r := range h.pack.Roles {
			if r.ID != role || len(r.Seats) == 0 {
				continue
			}
			return h.mandateOfSeat(ctx, r.Seats[0])
		}
	}
	return act.ID{}, fmt.Errorf("pack %s: no seat may take in a notice (roles %v)", h.pack.ID, roles)
}
