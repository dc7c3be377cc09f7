package app

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/desk/sanction"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
	"sanad/packs"
)

// orders is a house under the played law, in which every gate but the law's own stands open: what a letter may say is asked
// whatever opened the way to it.
type orders struct {
	*desks
	plays    *toPlay
	protocol string
	entry    act.ID // the last that was published
}

// openGates copies the played law and its parent, whose gates ask for the law alone from then on, and returns the folder. Steps that
// rest on the law keep that gate, for a measure has to have one.
func openGates(t *testing.T) string { return openAllGatesBut(t, nil) }

// gateNames finds the gates of a step among the other signs of its line.
var gateNames = regexp.MustCompile(`[A-Za-z]+(-[0-9a-z]+)+`)

// openAllGatesBut is openGates where some gates stay, of steps that rest on the law.
func openAllGatesBut(t *testing.T, stays func(gate string) bool) string {
	t.Helper()
	left := func(line []byte) []byte {
		var out []byte
		for _, id := range gateNames.FindAll(line, -1) {
			if stays != nil && stays(string(id)) {
				out = append(append(out, ", "...), id...)
			}
		}
		return out
	}
	law := readOrders(t).Law
	lawGates := regexp.MustCompile(`(?m)^( +gates: )\[` + regexp.QuoteMeta(law.Asks) + `.*\]$`)
	otherGates := regexp.MustCompile(`(?m)^ +gates: \[[^\]]*\]\n`)
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
			b = lawGates.ReplaceAllFunc(otherGates.ReplaceAllFunc(b, func(line []byte) []byte {
				if lawGates.Match(bytes.TrimRight(line, "\n")) {
					return line
				}
				return nil
			}), func(line []byte) []byte {
				return slices.Concat(lawGates.FindSubmatch(line)[1], []byte("["+law.Now), left(line), []byte("]"))
			})
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
	h := built(t, plan{
		folder: t.TempDir(), pack: openGates(t), serve: true, legal: c.now, process: c.now, dice: newSeeded("orders"),
		log: testLog(t), origin: demoOrigin,
	})
	return &orders{desks: &desks{t: t, h: h, c: c, runs: map[string]act.ID{}}, plays: readOrders(t), protocol: protocol}
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

// to is a move of testdata/orders.yaml.
func (o *orders) to(what string) part {
	o.t.Helper()
	m, is := o.plays.Moves[what]
	if !is {
		o.t.Fatalf("nobody is said to %s", what)
	}
	return m
}

// does has a move made.
func (o *orders) does(what string, facts map[string]act.Value, body string) *clerk.Done {
	o.t.Helper()
	m := o.to(what)
	said := sayings(o.t, m.Says)
	maps.Copy(said, facts)
	return o.must(o.command(o.by(m.Role), o.protocol, o.named(m.Step), said, body))
}

// letter is the command that sends the letter of a step.
func (o *orders) letter(m part, change func(*letters.Fields)) clerk.Command {
	o.t.Helper()
	cmd := o.command(o.by(m.Role), o.protocol, o.named(m.Step), nil, "")
	words := letters.Words{"fr": "Mots anodins.", "ar": "كلمات عادية."}
	f := &letters.Fields{Sender: o.institution(m.Role), Addressee: letters.Addressee{Name: "Exemple", Address: "1 rue de l’Exemple"}, Facts: words, Reasons: words, Ask: words}
	if strings.HasPrefix(m.Step, "invite") {
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
	cmd := o.letter(o.to("invite the party"), nil)
	if o.file.IsZero() {
		cmd.Of, cmd.Seen = "case", 0
	}
	done := o.must(cmd)
	o.file, o.runs[o.protocol] = done.File, done.Acts[0].Procedure.ID
	o.does("note what it said", nil, "Entendue.")
	o.does("set one against the other", nil, "Pesé.")
	second := "sign as the second"
	if court {
		o.does("ask for an opinion", nil, "")
		second = "sign as the judge"
	}
	drafted := o.does("write it", nil, jsonOf(o.t, content))
	o.does("sign as the head", nil, "")
	o.does(second, nil, "")
	if court {
		o.does("bring it before a court", nil, "Saisine.")
		for _, s := range hostile { // nothing is decided yet: what is asked of a court is one host, or one payee, all the same
			_, err := o.try(o.letter(o.to("say what is asked of it"), func(f *letters.Fields) { f.Targets = []string{s} }))
			named := content.Targets[0].Kind == sanction.Payee && s == "256kbps" // a payee may be called so
			if fault.CodeOf(err) != fault.Invalid && !named {
				o.t.Errorf("%s: a court is asked for %q: %v", o.protocol, s, err)
			}
		}
		o.must(o.letter(o.to("say what is asked of it"), func(f *letters.Fields) {
			for _, target := range content.Targets {
				f.Targets = append(f.Targets, target.Value)
			}
		}))
		o.does("have it granted", nil, "Accordé.")
	}
	o.must(o.asDrafted(o.plays.Decides, rung, content, drafted))
}

// asDrafted is the command that decides what was drafted, as it was drafted.
func (o *orders) asDrafted(role, step string, content sanction.Content, drafted *clerk.Done) clerk.Command {
	o.t.Helper()
	opened, err := o.h.clerk.Open(o.t.Context(), o.seat(o.by(o.plays.Drafts)), drafted.Acts[0].ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return o.command(o.by(role), o.protocol, step, inClear(content), string(opened.Body))
}

func (o *orders) published() {
	o.t.Helper()
	done := o.does("tell the public", map[string]act.Value{"decided_on": act.OfDate(o.c.now())}, toAll)
	o.entry = done.Acts[len(done.Acts)-1].ID
}

// refused sends a letter that is not what was decided, and wants to hear so beside one field, and nothing recorded.
func (o *orders) refused(name string, m part, field, key string, change func(*letters.Fields)) {
	o.t.Helper()
	_, err := o.try(o.letter(m, change))
	e := fault.Of(err)
	if e == nil || e.Code != fault.Invalid || !slices.ContainsFunc(e.Fields, func(f fault.Field) bool { return f.Name == field && f.Key == key }) {
		o.t.Errorf("%s: %s with %s: %v %+v, want %s %s", o.protocol, m.Step, name, err, e, field, key)
	}
}

// sent sends a letter and returns what went out.
func (o *orders) sent(m part, change func(*letters.Fields)) letters.Sent {
	o.t.Helper()
	done := o.must(o.letter(m, change))
	opened, err := o.h.clerk.Open(o.t.Context(), o.seat(o.by(m.Role)), done.Acts[0].ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return letters.View(opened.Body)
}

// openMatter opens a case, in which data may be asked for.
func (o *orders) openMatter() {
	o.t.Helper()
	m := o.to("open a matter")
	facts := sayings(o.t, m.Says)
	facts["platform"] = act.OfID(act.ID{9})
	o.doNew(o.by(m.Role), "case", o.plays.Matter, m.Step, facts, "Un dossier.")
}
