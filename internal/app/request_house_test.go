package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/registry"
	"sanad/internal/desk/request"
	"sanad/internal/desk/sanction"
	"sanad/internal/desk/watch"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// desks plays people at work on cases of the invented country: each in their seat, having just looked.
type desks struct {
	t        testing.TB
	h        *house
	c        *clock
	asks     *request.Law
	ladder   *sanction.Law
	platform act.ID // one with a delegate and many users
	file     act.ID // the case at hand
	runs     map[string]act.ID
	enrolled map[act.ID]act.ID               // by platform, the act that enrolled it
	told     map[string]int                  // how often a step was done, so that each body differs
	drafted  []byte                          // the body of the newest draft
	decided  map[string]act.ID               // the act that decided each rung
	say      map[string]map[string]act.Value // what a step says instead of what it usually does
	failed   []act.ID                        // the acts that report the platform's failures to answer
}

// newDesks opens a house under a pack, with a platform on its roll, calm weather and a case.
func newDesks(t testing.TB, url, packed string) *desks {
	t.Helper()
	return newDesksUnder(t, url, packed, "")
}

// newDesksUnder is newDesks under a governance variant.
func newDesksUnder(t testing.TB, url, packed, variant string) *desks {
	t.Helper()
	c := newClock()
	today := c.now()
	c.move(-6 * 24 * time.Hour)
	h, err := build(t.Context(), plan{
		folder: t.TempDir(), url: url, pack: packed, variant: variant, serve: true, legal: c.now, process: c.now, dice: newSeeded("house"), log: testLog(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := h.shut()
		if err != nil {
			t.Error(err)
		}
	})
	o := &desks{t: t, h: h, c: c, asks: h.asks, ladder: h.ladder, runs: map[string]act.ID{}, told: map[string]int{}, enrolled: map[act.ID]act.ID{}}
	o.fails(today)
	o.openCase("contact")
	return o
}

// fails has the platform leave two demands of a case unanswered before a day: whoever accuses it can say so.
func (o *desks) fails(today time.Time) {
	o.t.Helper()
	o.weather(false)
	o.platform = o.inscribe(true)
	defer func() { o.tally(60000) }()
	o.openCase("contact")
	first := o.routine("xx-envoy-1", "xx.demand", "draw_up")
	_, err := o.h.clerk.Ask(o.t.Context(), &first)
	if fault.CodeOf(err) == fault.ClosedGate { // under a bill nobody is asked for anything
		o.c.move(today.Sub(o.c.now()))
		return
	}
	var runs []act.ID
	for range 2 {
		o.drawn(map[string]act.Value{"urgent": act.OfBool(true), "confidential_until": act.OfDate(o.c.now().AddDate(0, 0, 1))})
		o.do("xx-warden-1", "xx.demand", "vouch", map[string]act.Value{"urgency": act.OfBool(true)}, harmless)
		o.step("xx-envoy-1", "xx.demand", "dispatch_now")
		runs = append(runs, o.runs["xx.demand"])
	}
	each := func(seat string, steps ...string) (done *clerk.Done) {
		for _, run := range runs {
			o.runs["xx.demand"] = run
			for _, step := range steps {
				done = o.step(seat, "xx.demand", step)
			}
			if step := steps[len(steps)-1]; step == "report_default" {
				o.failed = append(o.failed, done.Acts[0].ID)
			}
		}
		return done
	}
	o.c.move(73 * time.Hour)
	o.tick()
	each("xx-envoy-1", "call_again")
	o.c.move(37 * time.Hour)
	o.tick()
	each("xx-tribune-1", "establish_default", "report_default")
	each("xx-ombudsman-1", "tell")
	each("xx-envoy-1", "settle")
	o.step("xx-officer-1", "xx.case", "shut")
	o.c.move(today.Sub(o.c.now()))
	o.runs = map[string]act.ID{}
}

func (o *desks) seat(seat string) act.ID {
	o.t.Helper()
	id, err := o.h.mandateOfSeat(o.t.Context(), seat)
	if err != nil {
		o.t.Fatal(err)
	}
	return id
}

func (o *desks) view(seat string) *clerk.View {
	o.t.Helper()
	v, err := o.h.clerk.View(o.t.Context(), o.seat(seat), o.file)
	if err != nil {
		o.t.Fatal(err)
	}
	return v
}

// command is what a seat would ask about the file at hand. What it may not see, it asks blindly.
func (o *desks) command(seat, protocol, step string, facts map[string]act.Value, body string) clerk.Command {
	o.t.Helper()
	cmd := clerk.Command{
		Mandate: o.seat(seat), File: o.file, Protocol: protocol, Procedure: o.runs[protocol], Step: step,
		Act: act.Act{Facts: act.NewFacts(facts)},
	}
	if body != "" {
		cmd.Act.Body = []byte(body)
	}
	v, err := o.h.clerk.View(o.t.Context(), cmd.Mandate, o.file)
	if err == nil {
		cmd.Seen = v.Seen
	}
	return cmd
}

func (o *desks) try(cmd clerk.Command) (*clerk.Done, error) {
	o.t.Helper()
	done, err := o.h.clerk.Do(o.t.Context(), cmd)
	if err == nil && done.Acts[0].Procedure != nil {
		o.runs[cmd.Protocol] = done.Acts[0].Procedure.ID
	}
	return done, err
}

func (o *desks) do(seat, protocol, step string, facts map[string]act.Value, body string) *clerk.Done {
	o.t.Helper()
	return o.must(o.command(seat, protocol, step, facts, body))
}

func (o *desks) must(cmd clerk.Command) *clerk.Done {
	o.t.Helper()
	done, err := o.try(cmd)
	if err != nil {
		e := fault.Of(err)
		if e != nil {
			o.t.Fatalf("%s/%s: %v %+v", cmd.Protocol, cmd.Step, err, e.Fields)
		}
		o.t.Fatalf("%s/%s: %v", cmd.Protocol, cmd.Step, err)
	}
	return done
}

// doNew does the first step of a new file, which is then the one at hand.
func (o *desks) doNew(seat, sort, protocol, step string, facts map[string]act.Value, body string) *clerk.Done {
	o.t.Helper()
	o.file, o.runs = act.ID{}, map[string]act.ID{}
	cmd := o.command(seat, protocol, step, facts, body)
	cmd.Of, cmd.Seen = sort, 0
	done := o.must(cmd)
	o.file = done.File
	return done
}

// toAll is what the public is told, in every language of the pack.
const toAll = `{"reasons":{"en":"Harmless words for a test.","fr":"Mots anodins pour un essai.","ar":"كلمات عادية للاختبار."}}`

// weather declares a storm, or that one is over, in the file that stands for all.
func (o *desks) weather(storm bool) {
	o.t.Helper()
	file, runs := o.file, o.runs
	o.file, o.runs = o.h.registerFile(), map[string]act.ID{}
	o.do("xx-ombudsman-1", "xx.register", "storm", map[string]act.Value{"frozen": act.OfBool(true)}, toAll)
	if !storm {
		o.do("xx-ombudsman-1", "xx.register", "calm", map[string]act.Value{"frozen": act.OfBool(false)}, toAll)
	}
	o.file, o.runs = file, runs
}

// enrol puts a platform on the roll, with how many use it, and returns its file.
func (o *desks) enrol(delegate bool) act.ID {
	o.t.Helper()
	file := o.inscribe(delegate)
	was := o.platform
	o.platform = file
	o.tally(60000)
	o.platform = was
	return file
}

// inscribe puts a platform on the roll that nobody has counted yet.
func (o *desks) inscribe(delegate bool) act.ID {
	o.t.Helper()
	before, runs := o.file, o.runs
	o.told["platform"]++
	name := "Example Play " + strings.Repeat("I", o.told["platform"])
	first := act.Act{
		Kind:  registry.KindEnrolled,
		Facts: act.NewFacts(map[string]act.Value{"line": act.OfCode("games")}),
		Body:  []byte(`{"name":"` + name + `","company":"Example Play Ltd","country":"PT","addresses":["1 Example Street"],"website":"https://play.example"}`),
	}
	o.file, o.runs = act.ID{}, map[string]act.ID{}
	cmd := o.command("xx-registrar-1", "xx.platform", "inscribe", nil, "")
	cmd.Of, cmd.Seen, cmd.Act = registry.Sort, 0, first
	done := o.must(cmd)
	o.file = done.File
	file := done.File
	o.enrolled[file] = done.Acts[0].ID
	if delegate {
		o.do("xx-registrar-1", "xx.platform", "accredit", map[string]act.Value{
			"binds_parent": act.OfBool(true), "receives_acts": act.OfBool(true), "represented": act.OfBool(true),
		}, `{"name":"A Delegate","address":"2 Example Street","email":"delegate@play.example","languages":["fr"]}`)
	}
	o.file, o.runs = before, runs
	return file
}

// openCase opens a case, which is then the file at hand.
func (o *desks) openCase(situation string) {
	o.t.Helper()
	o.doNew("xx-officer-1", cases.Sort, "xx.case", "open", map[string]act.Value{
		"situation": act.OfCode(situation), "minor": act.OfBool(false),
	}, `{"text":"harmless words for a test"}`)
}

// prepared are facts with which a request passes every gate.
func (o *desks) prepared() map[string]act.Value {
	return map[string]act.Value{
		"platform": act.OfID(o.platform), "offence": act.OfCode("enticement"), "identifiers": act.OfInt(1), "data": act.OfCodes("subscriber", "journal"),
		"protected": act.OfCode("nobody"), "urgent": act.OfBool(false), "purpose": act.OfBool(true), "already_held": act.OfBool(true),
		"dpa_receipt": act.OfBool(true), "confidential_until": act.OfDate(o.c.now().AddDate(0, 0, 30)),
	}
}

const oneAccount = `{"identifiers":[{"kind":"account","value":"player_7"}],"reasons":"it wrote to children"}`

// altered is a copy of facts with some changed; a zero value takes one away.
func altered(facts map[string]act.Value, changes map[string]act.Value) map[string]act.Value {
	out := maps.Clone(facts)
	for name, v := range changes {
		if v.Type() == "" {
			delete(out, name)
			continue
		}
		out[name] = v
	}
	return out
}

// held are the facts of an order to keep the data of a request.
func (o *desks) held() map[string]act.Value {
	return map[string]act.Value{
		"platform": act.OfID(o.platform), "offence": act.OfCode("enticement"), "identifiers": act.OfInt(1), "expires_on": act.OfDate(o.c.now().AddDate(0, 0, 40)),
	}
}

func lettered(code string) map[string]act.Value {
	return map[string]act.Value{"letter": act.OfCode(code)}
}

const harmless = `{"text":"harmless words for a test"}`

// drawn draws a new request up and has its data held, and whoever holds them told.
func (o *desks) drawn(changes map[string]act.Value) {
	o.t.Helper()
	delete(o.runs, "xx.demand")
	o.do("xx-envoy-1", "xx.demand", "draw_up", altered(o.prepared(), changes), oneAccount)
	held := o.held()
	if p, other := changes["platform"]; other {
		held["platform"] = p
	}
	o.do("xx-envoy-1", "xx.demand", "hold_data", held, oneAccount)
	o.step("xx-envoy-1", "xx.demand", "post_hold")
}

// closed lists the gates that keep a step closed, and fails the test where anything else does or nothing does.
func (o *desks) closed(cmd clerk.Command) []string {
	o.t.Helper()
	_, err := o.try(cmd)
	var r *protocol.Refusal
	if fault.CodeOf(err) != fault.ClosedGate || !errors.As(err, &r) {
		o.t.Fatalf("%s: %v", cmd.Step, err)
	}
	var out []string
	for _, b := range r.Blocks {
		name := b.Gate
		if b.Why != protocol.WhyGate {
			name = string(b.Why)
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (o *desks) tick() {
	o.t.Helper()
	_, err := o.h.clerk.Tick(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
}

// running tells every clock of the file at hand as a seat sees it, soonest first, with the article that fixes it.
func (o *desks) running(seat string) []string {
	o.t.Helper()
	out := []string{}
	for _, r := range o.view(seat).Running {
		rule := o.h.pack.Rule(r.Rule)
		out = append(out, r.Name+" by "+r.Owner+" before "+r.Due.Time().UTC().Format(time.RFC3339)+" ("+rule.Basis.Text+" "+rule.Basis.Article+")")
	}
	return out
}

func (o *desks) requests(seat string) []request.Row {
	o.t.Helper()
	var rows []request.Row
	err := o.h.clerk.Read(o.t.Context(), func(tx clerk.Tx) error {
		var err error
		rows, err = request.Store{Law: o.asks}.OfFile(o.t.Context(), tx, o.seat(seat), o.file)
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return rows
}

func (o *desks) record(seat string, platform act.ID) request.Record {
	o.t.Helper()
	var rec request.Record
	err := o.h.clerk.Read(o.t.Context(), func(tx clerk.Tx) error {
		var err error
		rec, err = request.Store{Law: o.asks}.OfPlatform(o.t.Context(), tx, o.seat(seat), platform)
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return rec
}

func (o *desks) measures(seat string) []sanction.Row {
	o.t.Helper()
	var rows []sanction.Row
	err := o.h.clerk.Read(o.t.Context(), func(tx clerk.Tx) error {
		var err error
		rows, err = sanction.Store{Law: o.ladder}.OfRun(o.t.Context(), tx, o.seat(seat), o.runs["xx.ladder"])
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return rows
}

func jsonOf(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// alert imports an alert and ties it to a platform; it returns the act that ties them.
func (o *desks) alert(source string) act.ID { return o.alertOf(source, "Example Post", 0) }

// alertOf is alert, of an outlet, and published some days before it is imported.
func (o *desks) alertOf(source, outlet string, days int) act.ID {
	o.t.Helper()
	published := o.c.now().AddDate(0, 0, -days)
	before, runs := o.file, o.runs
	o.told["alert"]++
	o.file, o.runs = act.ID{}, map[string]act.ID{}
	cmd := o.command("xx-herald-1", "xx.alert", "cry", map[string]act.Value{
		"source": act.OfCode(source), "situation": act.OfCode("contact"), "published_on": act.OfDate(published), "precision": act.OfCode("day"),
	}, "")
	cmd.Of, cmd.Seen = watch.Sort, 0
	text := strings.Repeat("Strangers write to children on a game, says story number ", o.told["alert"])
	sum := sha256.Sum256([]byte(text))
	cmd.Act.Body = []byte(jsonOf(o.t, watch.Alert{
		Title: "Strangers write to children", Outlet: outlet, Date: published.Format(time.DateOnly), Language: "en", Sum: hex.EncodeToString(sum[:]),
		Words: 11 * o.told["alert"], Sketch: watch.SketchOf(text).String(),
	}))
	first := o.must(cmd)
	o.file = first.File
	tie := o.command("xx-herald-1", "xx.alert", "pin", map[string]act.Value{"platform": act.OfID(o.platform)}, "")
	tie.Act.Cites = []act.ID{o.enrolled[o.platform]}
	done := o.must(tie)
	o.file, o.runs = before, runs
	return done.Acts[0].ID
}

// drops says that an alert, by the act that tied it, counts for nothing any more.
func (o *desks) drops(tie act.ID) {
	o.t.Helper()
	opened, err := o.h.clerk.Open(o.t.Context(), o.seat("xx-herald-1"), tie)
	if err != nil {
		o.t.Fatal(err)
	}
	before, runs := o.file, o.runs
	o.file, o.runs = opened.File, map[string]act.ID{opened.Procedure.Protocol: opened.Procedure.ID}
	o.must(o.command("xx-herald-1", "xx.alert", "retract", nil, `{"reasons":"harmless words"}`))
	o.file, o.runs = before, runs
}
