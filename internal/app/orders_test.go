package app

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/sanction"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
	"sanad/packs"
)

// orders is a house under the played law, in which every gate but the law's own stands open: what a letter may say is asked
// whatever opened the way to it.
type orders struct {
	*desks
	protocol string
	entry    act.ID // the last that was published
}

// Steps that rest on the law keep that gate, for a measure has to have one.
var (
	lawGates   = regexp.MustCompile(`(?m)^( +gates: )\[G-01.*\]$`)
	otherGates = regexp.MustCompile(`(?m)^ +gates: \[[^\]]*\]\n`)
)

// openGates copies the played law and its parent, whose gates ask for the law alone from then on, and returns the folder.
func openGates(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for id, copied := range map[string]string{"demo": "demo", realPack: "open"} {
		from, err := packs.Open(id)
		if err != nil {
			t.Fatal(err)
		}
		err = fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
			to := filepath.Join(root, copied, name)
			if err != nil || d.IsDir() {
				return errors.Join(err, os.MkdirAll(to, 0o700))
			}
			b, err := fs.ReadFile(from, name)
			if err != nil {
				return err
			}
			b = lawGates.ReplaceAll(otherGates.ReplaceAllFunc(b, func(line []byte) []byte {
				if lawGates.Match(bytes.TrimRight(line, "\n")) {
					return line
				}
				return nil
			}), []byte("${1}[G-01-now]"))
			if name == "pack.yaml" {
				b = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("extends: "+realPack), []byte("extends: open")), []byte("id: "+realPack), []byte("id: open"))
			}
			return os.WriteFile(to, b, 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(root, "demo")
}

func newOrders(t *testing.T, protocol string) *orders {
	t.Helper()
	c := newClock()
	h, err := build(t.Context(), plan{
		folder: t.TempDir(), pack: openGates(t), serve: true, legal: c.now, process: c.now, dice: newSeeded("orders"),
		log: testLog(t), origin: demoOrigin,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.shut(); err != nil {
			t.Error(err)
		}
	})
	return &orders{desks: &desks{t: t, h: h, c: c, runs: map[string]act.ID{}}, protocol: protocol}
}

// by is the first seat of a role.
func (o *orders) by(role string) string {
	o.t.Helper()
	return seatOf(o.t, o.h.pack, []string{role})
}

// named finds a step of the procedure, which is called so with or without the ending that this procedure gives its steps.
func (o *orders) named(step string) string {
	for _, p := range o.h.pack.Protocols {
		if p.ID != o.protocol {
			continue
		}
		if p.Step(step) != nil {
			return step
		}
		for _, s := range p.Steps {
			if strings.HasPrefix(s.ID, step+"_") && !strings.HasPrefix(step, "order") {
				return s.ID
			}
		}
	}
	o.t.Fatalf("%s has no step %s", o.protocol, step)
	return ""
}

func (o *orders) does(role, step string, facts map[string]act.Value, body string) *clerk.Done {
	o.t.Helper()
	return o.must(o.command(o.by(role), o.protocol, o.named(step), facts, body))
}

// letter is the command that sends the letter of a step.
func (o *orders) letter(role, step string, change func(*letters.Fields)) clerk.Command {
	o.t.Helper()
	cmd := o.command(o.by(role), o.protocol, o.named(step), nil, "")
	words := letters.Words{"fr": "Mots anodins.", "ar": "كلمات عادية."}
	f := &letters.Fields{Sender: o.institution(role), Addressee: letters.Addressee{Name: "Exemple", Address: "1 rue de l’Exemple"}, Facts: words, Reasons: words, Ask: words}
	if strings.HasPrefix(step, "invite") {
		f.Hearing, f.Reasons = &letters.Hearing{At: o.c.now().AddDate(0, 0, 20).Format("2006-01-02T15:04"), Place: "Salle 1"}, nil
	}
	if change != nil {
		change(f)
	}
	cmd.Input = f
	return cmd
}

// institution is the one in whose name a role writes.
func (o *orders) institution(role string) string {
	for i := range o.h.pack.Roles {
		if r := &o.h.pack.Roles[i]; r.ID == role {
			return r.Institution(o.h.governance)
		}
	}
	o.t.Fatalf("there is no role %s", role)
	return ""
}

// decide plays the procedure until its measure is decided.
func (o *orders) decide(rung string, court bool, content sanction.Content) {
	o.t.Helper()
	cmd := o.letter("rapporteur", "invite", nil)
	if o.file.IsZero() {
		cmd.Of, cmd.Seen = "case", 0
	}
	done := o.must(cmd)
	o.file, o.runs[o.protocol] = done.File, done.Acts[0].Procedure.ID
	o.does("rapporteur", "hear", map[string]act.Value{"heard": act.OfBool(true)}, "Entendue.")
	o.does("rapporteur", "weigh", nil, "Pesé.")
	signer := "signer"
	if court {
		o.does("rapporteur", "ask_opinion", nil, "")
		signer = "judge"
	}
	drafted := o.does("rapporteur", "draft", nil, jsonOf(o.t, content))
	o.does("head", "sign", nil, "")
	o.does(signer, "sign", nil, "")
	if court {
		o.does("head", "seize_court", nil, "Saisine.")
		for _, s := range hostile { // nothing is decided yet: what is asked of a court is one host, or one payee, all the same
			_, err := o.try(o.letter("head", "apply", func(f *letters.Fields) { f.Targets = []string{s} }))
			named := content.Targets[0].Kind == sanction.Payee && s == "256kbps" // a payee may be called so
			if fault.CodeOf(err) != fault.Invalid && !named {
				o.t.Errorf("%s: a court is asked for %q: %v", o.protocol, s, err)
			}
		}
		o.must(o.letter("head", "apply", func(f *letters.Fields) {
			for _, target := range content.Targets {
				f.Targets = append(f.Targets, target.Value)
			}
		}))
		o.does("judge", "rule", map[string]act.Value{"ruling": act.OfCode("granted")}, "Accordé.")
	}
	opened, err := o.h.clerk.Open(o.t.Context(), o.seat(o.by("rapporteur")), drafted.Acts[0].ID)
	if err != nil {
		o.t.Fatal(err)
	}
	o.must(o.command(o.by("head"), o.protocol, rung, inClear(content), string(opened.Body)))
}

func (o *orders) published() {
	o.t.Helper()
	done := o.does("coordinator", "publish", map[string]act.Value{"state": act.OfCode("in_force"), "decided_on": act.OfDate(o.c.now())}, toAll)
	o.entry = done.Acts[len(done.Acts)-1].ID
}

// refused sends a letter that is not what was decided, and wants to hear so beside one field, and nothing recorded.
func (o *orders) refused(name, role, step, field, key string, change func(*letters.Fields)) {
	o.t.Helper()
	_, err := o.try(o.letter(role, step, change))
	e := fault.Of(err)
	if e == nil || e.Code != fault.Invalid || !slices.ContainsFunc(e.Fields, func(f fault.Field) bool { return f.Name == field && f.Key == key }) {
		o.t.Errorf("%s: %s with %s: %v %+v, want %s %s", o.protocol, step, name, err, e, field, key)
	}
}

// sent sends a letter and returns what went out.
func (o *orders) sent(role, step string, change func(*letters.Fields)) letters.Sent {
	o.t.Helper()
	done := o.must(o.letter(role, step, change))
	opened, err := o.h.clerk.Open(o.t.Context(), o.seat(o.by(role)), done.Acts[0].ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return letters.View(opened.Body)
}

// hostile are targets that are more than one thing, or no thing that a measure of this country can aim at.
var hostile = []string{
	"10.0.0.0/8", "0.0.0.0/0 port 443", "0.0.0.0/0", "*", "*.play.example", "play.example:443", "play.example, www.play.example", "play.example www.play.example",
	"192.0.2.1-192.0.2.9", "192.0.2.7", "tcp/443", "every address of the country", "рlay.example", "play\u202e.example", "play\u200b.example", "https://play.example/",
	"example", "co.uk", "2001:db8::/32", " ", "play.example.", "256kbps",
}

// A judge allowed two hosts for some weeks. Whoever passes the order on, alone and with one signature, can make it no wider: not to
// the party, not to those who carry it out, who read nothing of what was decided.
func TestOrderIsWhatWasDecided(t *testing.T) {
	t.Parallel()
	for _, c := range readOrders(t).Blocks {
		t.Run(c.Protocol, func(t *testing.T) {
			t.Parallel()
			o := newOrders(t, c.Protocol)
			day := func(n int) string { return o.c.now().AddDate(0, 0, n).Format(time.DateOnly) }
			content := sanction.Content{Rung: o.named(c.Rung), Expires: day(c.Days), Reasons: "Motifs."}
			for _, v := range c.Targets {
				content.Targets = append(content.Targets, sanction.Target{Kind: c.Kind, Value: v})
			}
			o.decide(content.Rung, true, content)
			hold := func(role, step string, sent letters.Sent, want []string) {
				t.Helper()
				if sent.Fields == nil || !slices.Equal(sent.Fields.Targets, want) || sent.Fields.Expires != content.Expires {
					t.Fatalf("%s sent by %s says %+v, want %v until %s", step, role, sent.Fields, want, content.Expires)
				}
			}
			spoil := func(role, step string, days int) {
				t.Helper()
				for _, s := range hostile {
					o.refused(s, role, step, "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = []string{s} })
					o.refused(s+" besides", role, step, "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = append(slices.Clone(c.Targets), s) })
				}
				o.refused("another", role, step, "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = []string{"other.example"} })
				o.refused("a day more", role, step, "letter.expires", "letter.other.expires", func(f *letters.Fields) { f.Expires = day(days + 1) })
				o.refused("no end", role, step, "letter.expires", "letter.other.expires", func(f *letters.Fields) { f.Expires = "2099-12-31" })
				o.refused("a sum", role, step, "letter.amount", "letter.unasked", func(f *letters.Fields) { f.Amount = 1 })
			}
			spoil("rapporteur", "notify", c.Days)
			hold("rapporteur", "notify", o.sent("rapporteur", "notify", nil), c.Targets)
			o.published()
			spoil(c.Role, c.Passes, c.Days)
			if _, err := o.h.clerk.Open(t.Context(), o.seat(o.by(c.Role)), decisionOf(o)); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("who passes the order on reads the decision: %v", err)
			}
			hold(c.Role, c.Passes, o.sent(c.Role, c.Passes, func(f *letters.Fields) { f.Targets = []string{" " + strings.ToLower(c.Targets[1])} }), []string{" " + strings.ToLower(c.Targets[1])})
			longer := content
			longer.Expires = day(c.Days + 10)
			o.renewed(&c, longer, func(role, step string) { spoil(role, step, c.Days+10) })
			content = longer
			// A court stays the order and lets it run on: what is ordered again is what was decided, too.
			o.does("rapporteur", "appeal", map[string]act.Value{"stay_asked": act.OfBool(true)}, "Recours.")
			o.does("judge", "halt", nil, "Suspendu.")
			for _, s := range hostile { // who is told that it is stayed is told of what, and of nothing else
				o.refused(s, c.Role, "pause", "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = []string{s} })
			}
			if paused := o.sent(c.Role, "pause", nil); paused.Fields == nil || !slices.Equal(paused.Fields.Targets, c.Targets) {
				t.Errorf("paused are %+v, want %v", paused.Fields, c.Targets)
			}
			o.does("judge", "run_on", nil, "Reprise.")
			spoil(c.Role, c.Passes+"_again", c.Days+10)
			hold(c.Role, c.Passes+"_again", o.sent(c.Role, c.Passes+"_again", nil), c.Targets)
			// Who is told to undo it is told what it was, and nothing else.
			o.does("head", "lift", nil, "Levée.")
			for _, s := range hostile {
				o.refused(s, c.Role, "release", "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = []string{s} })
			}
			freed := o.sent(c.Role, "release", nil)
			if freed.Fields == nil || !slices.Equal(freed.Fields.Targets, c.Targets) {
				t.Errorf("freed are %+v, want %v", freed.Fields, c.Targets)
			}
			// The platform is told in a letter of its own, which orders nothing.
			o.refused("a target", "rapporteur", "notify_lift", "letter.targets", "letter.unasked", func(f *letters.Fields) { f.Targets = c.Targets })
			o.refused("a day", "rapporteur", "notify_lift", "letter.expires", "letter.unasked", func(f *letters.Fields) { f.Expires = content.Expires })
			if told := o.sent("rapporteur", "notify_lift", nil); told.Letter != "lifting" || !strings.Contains(told.Languages["fr"].HTML, "a été levée") {
				t.Errorf("the platform is told: %+v", told)
			}
		})
	}
}

// decisionOf is the act that decided the measure of the procedure.
func decisionOf(o *orders) act.ID {
	v := o.view(o.by("rapporteur"))
	for _, a := range v.Acts {
		if a.Kind == sanction.KindDecided {
			return a.ID
		}
	}
	o.t.Fatal("nothing was decided")
	return act.ID{}
}

// The letter that tells a fine names the fine that was decided.
func TestFineIsWhatWasDecided(t *testing.T) {
	t.Parallel()
	for _, c := range readOrders(t).Fines {
		t.Run(c.Protocol, func(t *testing.T) {
			t.Parallel()
			o, rung := newOrders(t, c.Protocol), c.Rung
			amount := o.h.pack.Parameter("rung-" + rung + "-amount").Value.Int()
			o.decide(rung, false, sanction.Content{Rung: rung, Amount: amount, Reasons: "Motifs."})
			for _, n := range []int64{amount * 10, amount - 1, 1} {
				o.refused("another sum", "rapporteur", "notify", "letter.amount", "letter.other.amount", func(f *letters.Fields) { f.Amount = n })
			}
			o.refused("a target", "rapporteur", "notify", "letter.targets", "letter.unasked", func(f *letters.Fields) { f.Targets = []string{"play.example"} })
			if sent := o.sent("rapporteur", "notify", nil); sent.Fields == nil || sent.Fields.Amount != amount {
				t.Errorf("told %+v, want %d", sent.Fields, amount)
			}
		})
	}
}

// Every step of every pack that passes something on is tried above or below; a new one is found here.
func TestEveryOrderIsTried(t *testing.T) {
	t.Parallel()
	tried := readOrders(t).Tried
	var found []string
	for _, id := range []string{realPack, "demo", "xx"} {
		h := newOrders(t, "").h
		if id == "xx" {
			h = newDesks(t, "", "xx").h
		}
		for i := range h.pack.Protocols {
			p := &h.pack.Protocols[i]
			for j := range p.Steps {
				s := &p.Steps[j]
				if at := p.ID + "/" + s.ID; s.Kind == protocol.KindSent && h.letters.Worded(s.Letter) && h.letters.Carries(s.Letter) && !slices.Contains(found, at) {
					found = append(found, at)
				}
			}
		}
	}
	slices.Sort(found)
	slices.Sort(tried)
	if !slices.Equal(found, tried) {
		t.Errorf("letters that pass something on: %v, tried are %v", found, tried)
	}
}

// A request that leaves asks about those it was drawn up about, and for those data; so does an order to keep data, until the day
// that was ordered. The clerk says so to whoever asks it, with or without a form.
func TestRequestAsksForWhatWasDrawnUp(t *testing.T) {
	t.Parallel()
	law := readOrders(t)
	for _, step := range []string{"serve", "serve_urgent"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			o := newOrders(t, law.Request)
			o.openMatter(law.Matter)
			body := `{"identifiers":[{"kind":"account","value":"loup"},{"kind":"address","value":"192.0.2.7","at":"2026-02-01T10:00:00Z"}],"reasons":"Motifs."}`
			o.does("officer", "prepare", map[string]act.Value{
				"platform": act.OfID(act.ID{9}), "offence": act.OfCode("grooming"), "identifiers": act.OfInt(2), "data": act.OfCodes("connection_logs", "subscriber"),
				"protected": act.OfCode("none"), "urgent": act.OfBool(step != "serve"),
			}, body)
			for _, who := range []string{"everyone", "*", "loup2", "192.0.2.0/24", "192.0.2.7", "LOUP", "loup, louve"} {
				o.refused(who, "prosecutor", step, "letter.identifiers", "letter.other.identifiers", func(f *letters.Fields) { f.Identifiers = []string{"loup", who} })
			}
			for _, what := range []string{"content", "location", "everything"} {
				o.refused(what, "prosecutor", step, "letter.data", "letter.other.data", func(f *letters.Fields) { f.Data = []string{"subscriber", what} })
			}
			o.refused("targets", "prosecutor", step, "letter.targets", "letter.unasked", func(f *letters.Fields) { f.Targets = []string{"play.example"} })
			sent := o.sent("prosecutor", step, func(f *letters.Fields) { f.Data = []string{"subscriber"} })
			if sent.Fields == nil || !slices.Equal(sent.Fields.Identifiers, []string{"loup", "192.0.2.7 2026-02-01T10:00:00Z"}) || !slices.Equal(sent.Fields.Data, []string{"subscriber"}) {
				t.Fatalf("asks for %+v", sent.Fields)
			}
			for l, one := range sent.Languages {
				if !strings.Contains(one.HTML, "<bdi>loup</bdi>") || !strings.Contains(one.HTML, "192.0.2.7") {
					t.Errorf("%s: the letter does not name them", l)
				}
			}
		})
	}
	t.Run("preservation", func(t *testing.T) {
		t.Parallel()
		o := newOrders(t, law.Preservation)
		o.openMatter(law.Matter)
		day := func(n int) time.Time { return o.c.now().AddDate(0, 0, n) }
		order := func(who string, days int) {
			o.does("officer", "order", map[string]act.Value{
				"platform": act.OfID(act.ID{9}), "offence": act.OfCode("grooming"), "identifiers": act.OfInt(1), "expires_on": act.OfDate(day(days)),
			}, `{"identifiers":[{"kind":"account","value":"`+who+`"}],"reasons":"Motifs."}`)
		}
		order("loup", 80)
		order("louve", 60)
		text := func(days int) string { return day(days).Format(time.DateOnly) }
		o.refused("a later end", "officer", "serve", "letter.expires", "letter.other.expires", func(f *letters.Fields) { f.Expires = text(61) })
		o.refused("no end", "officer", "serve", "letter.expires", "letter.other.expires", func(f *letters.Fields) { f.Expires = "2099-12-31" })
		o.refused("the other order's", "officer", "serve", "letter.identifiers", "letter.other.identifiers", func(f *letters.Fields) { f.Identifiers = []string{"loup"} })
		if f := o.sent("officer", "serve", nil).Fields; f == nil || f.Expires != text(60) || !slices.Equal(f.Identifiers, []string{"louve"}) {
			t.Errorf("the newest order: %+v", f)
		}
	})
}

// openMatter opens a case, in which data may be asked for.
func (o *orders) openMatter(matter string) {
	o.t.Helper()
	o.doNew(o.by("officer"), "case", matter, "open", map[string]act.Value{
		"situation": act.OfCode("grooming"), "minor": act.OfBool(true), "platform": act.OfID(act.ID{9}),
	}, "Un dossier.")
}
