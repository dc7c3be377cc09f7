package app

import (
	"errors"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/desk/notice"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// player does steps in a house as people in their seats would.
type player struct {
	t    testing.TB
	h    *house
	c    *clock
	file act.ID
	run  act.ID
}

func newPlayer(t testing.TB, h *house, c *clock) *player { return &player{t: t, h: h, c: c} }

// receive opens a notice.
func (p *player) receive(minor *bool) *notice.Accepted {
	p.t.Helper()
	ok, err := p.h.notice.Accept(p.t.Context(), notice.Form{
		Situation: "contact", Platform: "Jeu d'exemple", Where: "https://game.example/u/7", Text: "Someone asks children for their school.", Minor: minor, Language: "fr",
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.file = ok.File
	p.run = p.view("xx-officer-1").Acts[0].Procedure.ID
	return ok
}

func (p *player) seat(seat string) act.ID {
	p.t.Helper()
	id, err := p.h.mandateOfSeat(p.t.Context(), seat)
	if err != nil {
		p.t.Fatal(err)
	}
	return id
}

func (p *player) view(seat string) *clerk.View {
	p.t.Helper()
	v, err := p.h.clerk.View(p.t.Context(), p.seat(seat), p.file)
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// command is what a seat would ask, having just looked.
func (p *player) command(seat, step string, facts map[string]act.Value, body []byte) clerk.Command {
	p.t.Helper()
	return clerk.Command{
		Mandate: p.seat(seat), File: p.file, Protocol: "xx.notice", Procedure: p.run, Step: step, Seen: p.view(seat).Seen,
		Act: act.Act{Facts: act.NewFacts(facts), Body: body},
	}
}

func (p *player) try(seat, step string, facts map[string]act.Value, body []byte) (*clerk.Done, error) {
	p.t.Helper()
	return p.h.clerk.Do(p.t.Context(), p.command(seat, step, facts, body))
}

func (p *player) do(seat, step string, facts map[string]act.Value, body []byte) *clerk.Done {
	p.t.Helper()
	done, err := p.try(seat, step, facts, body)
	if err != nil {
		p.t.Fatalf("%s by %s: %v", step, seat, err)
	}
	return done
}

// refused wants a step refused with a code, and returns what blocks it.
func (p *player) refused(code fault.Code, seat, step string, facts map[string]act.Value, body []byte) []protocol.Block {
	p.t.Helper()
	_, err := p.try(seat, step, facts, body)
	if fault.CodeOf(err) != code {
		p.t.Fatalf("%s by %s: %v, want %s", step, seat, err, code)
	}
	var r *protocol.Refusal
	if errors.As(err, &r) {
		return r.Blocks
	}
	return nil
}

// assessment is what makes every gate of xx open, as far as an assessment can.
func (p *player) assessment() map[string]act.Value {
	day := func(d int) act.Value { return act.OfDate(p.c.now().AddDate(0, 0, d)) }
	return map[string]act.Value{
		"minor": act.OfBool(true), "situation": act.OfCode("contact"), "observed_on": day(-3), "aim": act.OfCode("minors"),
		"reasons": act.OfBool(true), "tried": act.OfInt(1), "reached": act.OfInt(20), "decider": act.OfCode("court"),
		"scope": act.OfCode("account"), "checks": act.OfCodes("minimal", "purpose"), "raw_export": act.OfBool(false),
		"told_on": day(-1), "child_weighed": act.OfBool(true), "expires_on": day(60),
	}
}

const plainBody = `{"text":"harmless words for a test"}`

// publicBody is what the public reads of a decision.
const publicBody = `{"reasons":{"en":"harmless words","fr":"mots sans danger","ar":"كلمات عادية"}}`

// drafted plays one notice up to the draft of a finding.
func (p *player) drafted(content string) {
	p.t.Helper()
	p.receive(yes())
	p.do("xx-officer-1", "acknowledge", nil, nil)
	p.c.move(24 * time.Hour)
	p.do("xx-officer-1", "assess", p.assessment(), []byte(plainBody))
	p.do("xx-officer-1", "invite", map[string]act.Value{"letter": act.OfCode("invitation")}, []byte(plainBody))
	p.do("xx-officer-2", "ask_opinion", nil, nil)
	p.c.move(48 * time.Hour)
	p.do("xx-officer-1", "hear", map[string]act.Value{"heard": act.OfBool(true)}, []byte(plainBody))
	p.c.move(11 * 24 * time.Hour)
	p.tick()
	p.do("xx-officer-1", "draft", nil, []byte(content))
}

// finding plays one notice up to the finding of a breach.
func (p *player) finding() {
	p.t.Helper()
	p.drafted(plainBody)
	p.do("xx-head-1", "sign", nil, nil)
	p.do("xx-judge-1", "sign", nil, nil)
	p.do("xx-head-1", "find", nil, []byte(plainBody))
	p.do("xx-head-1", "publish", map[string]act.Value{
		"entry": act.OfCode("breach"), "state": act.OfCode(p.h.pack.Words("entry_states")[0]), "decided_on": act.OfDate(p.c.now().UTC().Truncate(24 * time.Hour)),
	}, []byte(publicBody))
}

func (p *player) tick() int {
	p.t.Helper()
	n, err := p.h.clerk.Tick(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

func TestWholeProcedure(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		p := newPlayer(t, h, c)
		p.finding()
		p.do("xx-officer-1", "close", map[string]act.Value{"outcome": act.OfCode("found")}, []byte(plainBody))
		p.refused(fault.ClosedGate, "xx-officer-1", "assess", p.assessment(), []byte(plainBody))
		h.checkpoint(t)
		if r := h.verify(t); len(r.Problems) > 0 || r.Signatures != 2 {
			t.Fatalf("%+v", r)
		}
		// Who reads only what is public sees the publication and nothing else.
		v := p.view("xx-visitor-1")
		if len(v.Acts) != 1 || v.Acts[0].Kind != protocol.KindPublished {
			t.Fatalf("a visitor sees %d acts", len(v.Acts))
		}
	})
}

// The same seed and the same clock give the same log, whatever keeps it.
func TestSameSeedSameRoot(t *testing.T) {
	t.Parallel()
	roots := map[string]string{}
	play := func(t *testing.T, url string) string {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		newPlayer(t, h, c).finding()
		return h.verify(t).Root.String()
	}
	roots["one"] = play(t, "")
	roots["again"] = play(t, "")
	if roots["one"] != roots["again"] {
		t.Fatalf("the same seed gave %s and %s", roots["one"], roots["again"])
	}
	t.Run("postgres", func(t *testing.T) {
		if root := play(t, storetest.Postgres(t)); root != roots["one"] {
			t.Fatalf("PostgreSQL gave %s, SQLite %s", root, roots["one"])
		}
	})
}

// For each gate of xx: with its one fact spoiled the finding is refused by that gate alone; with all mended it is
// possible, and only then.
func TestEachGateAlone(t *testing.T) {
	t.Parallel()
	spoil := map[string]map[string]act.Value{
		"G-01": {"observed_on": act.OfDate(time.Date(2019, 6, 1, 0, 0, 0, 0, time.UTC))},
		"G-02": {"aim": act.OfCode("image")},
		"G-03": {"reasons": act.OfBool(false)},
		"G-04": {"tried": act.OfInt(0)},
		"G-05": {"reached": act.OfInt(1001)},
		"G-06": {"decider": act.OfCode("office")},
		"G-08": {"scope": act.OfCode("everything")},
		"G-09": {"checks": act.OfCodes("purpose")},
		"G-10": {"raw_export": act.OfBool(true)},
		"G-11": {"told_on": act.OfDate(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))},
		"G-12": {"child_weighed": act.OfBool(false)},
		"G-16": {"situation": act.OfCode("opinion")},
	}
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	p.do("xx-officer-1", "acknowledge", nil, nil)
	blocked := p.refused(fault.ClosedGate, "xx-head-1", "find", nil, []byte(plainBody))
	if len(blocked) < len(spoil) {
		t.Fatalf("only %d blocks with nothing mended: %v", len(blocked), blocked)
	}
	p.do("xx-officer-1", "assess", p.assessment(), []byte(plainBody))
	blocks := func() map[string]bool {
		out := map[string]bool{}
		for _, b := range p.refused(fault.ClosedGate, "xx-head-1", "find", nil, []byte(plainBody)) {
			if b.Why == protocol.WhyGate {
				out[b.Gate] = true
			}
		}
		return out
	}
	if b := blocks(); !b["G-07"] || !b["G-20"] || !b["G-18"] || len(b) != 3 {
		t.Fatalf("after the assessment %v are closed", b)
	}
	p.do("xx-officer-1", "invite", map[string]act.Value{"letter": act.OfCode("invitation")}, []byte(plainBody))
	p.do("xx-officer-1", "hear", map[string]act.Value{"heard": act.OfBool(true)}, []byte(plainBody))
	if b := blocks(); b["G-07"] || len(b) != 2 {
		t.Fatalf("after the hearing %v are closed", b)
	}
	p.do("xx-officer-1", "ask_opinion", nil, nil)
	c.move(11 * 24 * time.Hour)
	p.tick()
	if b := blocks(); b["G-20"] || len(b) != 1 {
		t.Fatalf("after the opinion's time %v are closed", b)
	}
	p.do("xx-officer-1", "draft", nil, []byte(plainBody))
	p.do("xx-head-1", "sign", nil, nil)
	p.refused(fault.ClosedGate, "xx-head-1", "sign", nil, nil) // the same person twice
	if b := blocks(); !b["G-18"] {
		t.Fatal("one signature was enough")
	}
	p.do("xx-judge-1", "sign", nil, nil)
	for gate, facts := range spoil {
		p.do("xx-officer-1", "assess", facts, []byte(plainBody))
		if b := blocks(); !b[gate] || len(b) != 1 {
			t.Errorf("with %s spoiled, %v are closed", gate, b)
		}
		p.do("xx-officer-1", "assess", p.assessment(), []byte(plainBody))
	}
	p.do("xx-head-1", "find", nil, []byte(plainBody))
}
