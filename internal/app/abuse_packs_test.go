package app

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/desk/request"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
	"sanad/packs"
)

// country asks for data under any pack: it finds steps by what they record, so that it knows no country.
type country struct {
	*desks
	opening, preserving, preparing, serving stepOf
	facts                                   map[string]act.Value
}

type stepOf struct {
	protocol string
	step     *protocol.Step
}

// houseUnder is a house under an embedded pack; a demonstration where its law is fictional.
func houseUnder(t *testing.T, id string, c *clock) *house {
	t.Helper()
	p := plan{folder: t.TempDir(), pack: id, serve: true, legal: c.now, process: c.now, dice: newSeeded("house"), log: testLog(t)}
	law := lawsOf(t, id)[0]
	if law.Fictional {
		p.origin = demoOrigin
	}
	h, err := build(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := h.shut()
		if err != nil {
			t.Error(err)
		}
	})
	return h
}

func newCountry(t *testing.T, id string) *country {
	t.Helper()
	c := newClock()
	h := houseUnder(t, id, c)
	x := &country{desks: &desks{t: t, h: h, c: c, asks: h.asks, ladder: h.ladder, runs: map[string]act.ID{}, told: map[string]int{}}}
	x.preparing = x.find(func(s *protocol.Step) bool { return s.Kind == request.KindPrepared })
	x.opening = x.find(func(s *protocol.Step) bool { return s.Kind == cases.KindOpened })
	x.preserving = x.find(func(s *protocol.Step) bool { return s.Kind == request.KindPreserved && s.After.IsStart() })
	asks := x.h.pack.Engine().Protocol(x.preparing.protocol, 0)
	for i := range asks.Steps {
		minimal := func(id string) bool { return slices.Contains(h.pack.Gate(id).Facts(), "purpose") }
		if s := &asks.Steps[i]; s.Move == "send" && slices.ContainsFunc(s.Gates, minimal) && x.serving.step == nil {
			x.serving = stepOf{asks.ID, s}
		}
	}
	day := func(n int) act.Value { return act.OfDate(c.now().AddDate(0, 0, n)) }
	first := func(list string) string { return h.pack.Words(list)[0] }
	x.facts = map[string]act.Value{
		"platform": act.OfID(act.ID{0x70}), "offence": act.OfCode(first("offences")), "identifiers": act.OfInt(1), "data": act.OfCodes(first("data_kinds")),
		"protected": act.OfCode(first("protected_persons")), "urgent": act.OfBool(false), "purpose": act.OfBool(true), "already_held": act.OfBool(true),
		"dpa_receipt": act.OfBool(true), "confidential_until": day(20),
	}
	return x
}

func (x *country) find(is func(*protocol.Step) bool) stepOf {
	for i := range x.h.pack.Protocols {
		p := &x.h.pack.Protocols[i]
		for j := range p.Steps {
			if p.Sort == cases.Sort && is(&p.Steps[j]) {
				return stepOf{p.ID, &p.Steps[j]}
			}
		}
	}
	x.t.Fatalf("pack %s has no such step", x.h.pack.ID)
	return stepOf{}
}

// seated is the first seat of a role that performs a step, and of the one that prepares requests where it may.
func (x *country) seated(s stepOf) string {
	role := s.step.By[0]
	for _, r := range s.step.By {
		if slices.Contains(x.preparing.step.By, r) {
			role = r
		}
	}
	return x.h.pack.Role(role).Seats[0]
}

func (x *country) start() {
	x.t.Helper()
	x.doNew(x.seated(x.opening), cases.Sort, x.opening.protocol, x.opening.step.ID, map[string]act.Value{
		"situation": act.OfCode(x.h.pack.Words("in_scope")[0]), "minor": act.OfBool(false),
	}, harmless)
	held := map[string]act.Value{
		"platform": x.facts["platform"], "offence": x.facts["offence"], "identifiers": act.OfInt(1), "expires_on": act.OfDate(x.c.now().AddDate(0, 0, 15)),
	}
	_, err := x.h.clerk.Do(x.t.Context(), x.command(x.seated(x.preserving), x.preserving.protocol, x.preserving.step.ID, held, oneAccount))
	var r *protocol.Refusal
	if err != nil && !(errors.As(err, &r) && slices.ContainsFunc(r.Blocks, func(b protocol.Block) bool { return b.Why == protocol.WhyLaw })) {
		x.t.Fatalf("nothing is kept, and not for want of a law: %v", err)
	}
}

// serve tries to serve a request prepared so, and returns what blocks it and the facts that the closed gates ask.
func (x *country) serve(changes map[string]act.Value) (blocks []string, asked []string) {
	x.t.Helper()
	delete(x.runs, x.preparing.protocol)
	x.do(x.seated(x.preparing), x.preparing.protocol, x.preparing.step.ID, altered(x.facts, changes), oneAccount)
	cmd := x.command(x.seated(x.serving), x.serving.protocol, x.serving.step.ID, nil, harmless)
	before := x.everything()
	_, err := x.h.clerk.Do(x.t.Context(), cmd)
	if after := x.everything(); !maps.Equal(before, after) {
		x.t.Fatalf("it left something: before %v, after %v", before, after)
	}
	var r *protocol.Refusal
	if err == nil || fault.CodeOf(err) != fault.ClosedGate || !errors.As(err, &r) {
		x.t.Fatalf("served with %v changed: %v", changes, err)
	}
	for _, b := range r.Blocks {
		blocks = append(blocks, b.Key)
		if b.Gate != "" {
			asked = append(asked, x.h.pack.Gate(b.Gate).Facts()...)
		}
	}
	return blocks, asked
}

// Under every pack: what nobody may ask of a platform is refused by a gate that asks for just that, or by the desk, and leaves nothing.
func TestAbusesUnderEveryPack(t *testing.T) {
	t.Parallel()
	for _, id := range packs.Names() {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			x := newCountry(t, id)
			x.start()
			usual, _ := x.serve(nil) // of a platform that nobody enrolled: refused, too
			tried := 1
			refused := func(fact string, changes map[string]act.Value) bool {
				tried++
				blocks, asked := x.serve(changes)
				more := slices.ContainsFunc(blocks, func(b string) bool { return !slices.Contains(usual, b) })
				return more && slices.Contains(asked, fact)
			}
			for name, v := range map[string]act.Value{"purpose": act.OfBool(false), "already_held": act.OfBool(false), "dpa_receipt": {}, "confidential_until": {}} {
				if !refused(name, map[string]act.Value{name: v}) {
					t.Errorf("served whatever %s says", name)
				}
			}
			for _, who := range x.h.pack.Words("protected_persons")[1:] {
				if !refused("protected", map[string]act.Value{"protected": act.OfCode(who)}) {
					t.Errorf("served about %s without a judge", who)
				}
			}
			secret := 0
			for _, what := range x.h.pack.Words("data_kinds") {
				if refused("data", map[string]act.Value{"data": act.OfCodes(what)}) {
					secret++
				}
			}
			if secret < 2 {
				t.Errorf("only %d kinds of data need a judge", secret)
			}
			most := int(x.h.pack.Parameter("request-identifiers").Value.Int())
			seat := x.seated(x.preparing)
			prepare := func(changes map[string]act.Value, body string) clerk.Command {
				delete(x.runs, x.preparing.protocol)
				return x.command(seat, x.preparing.protocol, x.preparing.step.ID, altered(x.facts, changes), body)
			}
			one := func(kind, value string) string {
				return jsonOf(t, map[string]any{"identifiers": []request.Identifier{{Kind: kind, Value: value}}, "reasons": "r"})
			}
			for _, c := range []struct {
				name    string
				changes map[string]act.Value
				body    string
				key     string
			}{
				{"a name too many", map[string]act.Value{"identifiers": act.OfInt(int64(most + 1))}, names(most + 1), "request.identifiers.many"},
				{"a wildcard", nil, one("account", "play*"), "request.identifier.wildcard"},
				{"a network", nil, one("address", "192.0.2.0/24"), "request.identifier.range"},
				{"an address at no time", nil, one("address", "192.0.2.7"), "request.identifier.address_time"},
				{"everyone", nil, one("account", "tout le monde"), "request.identifier.everyone"},
				{"another number than listed", map[string]act.Value{"identifiers": act.OfInt(2)}, oneAccount, "request.identifiers.count"},
				{"an offence off the list", map[string]act.Value{"offence": act.OfCode("word-off-the-list")}, oneAccount, "request.offence.closed"},
				{"no platform", map[string]act.Value{"platform": {}}, oneAccount, "request.platform.missing"},
				{"told in ten years", map[string]act.Value{"confidential_until": act.OfDate(x.c.now().AddDate(10, 0, 0))}, oneAccount, "request.end.long"},
			} {
				tried++
				x.refuses(prepare(c.changes, c.body), abuse{code: fault.Invalid, keys: []string{"request.invalid", c.key}})
			}
			for i := range x.h.pack.Roles { // whoever the pack does not let prepare, can't
				r := &x.h.pack.Roles[i]
				if slices.Contains(x.preparing.step.By, r.ID) {
					continue
				}
				tried++
				cmd := prepare(nil, oneAccount)
				cmd.Mandate = x.seat(r.Seats[0])
				_, err := x.h.clerk.Do(t.Context(), cmd)
				if code := fault.CodeOf(err); code != fault.Forbidden && code != fault.NotFound {
					t.Errorf("%s prepared a request: %v", r.ID, err)
				}
			}
			if tried < 30 {
				t.Errorf("only %d abuses were tried", tried)
			}
			t.Logf("%s: %d abuses refused (%s)", id, tried, strings.Join(usual, " "))
		})
	}
}
