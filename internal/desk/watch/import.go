package watch

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
)

// Page is a text file as it was given.
type Page struct {
	Name    string
	Text    []byte
	Address string // where it was read; may be empty
}

// Choice is what an officer says of what they import.
type Choice struct {
	Source    string // word of the pack's list alert_sources
	Situation string // word of the pack's list of situations that may be alerts
}

// Outcome is what became of one text.
type Outcome struct {
	Name    string
	Alert   *Alert       // nil where it could not be read
	File    act.ID       // of the alert, new or there before; zero where there is none
	Act     act.ID       // that imported it
	Already bool         // this text was imported before: nothing was added
	Repeats act.ID       // the alert that told the story first; zero where this one does
	Refused *fault.Error // why nothing was recorded
}

// Import reads texts and records an alert for each that is an article and was not imported before. It returns what became of
// each, in their order; an error only where nothing could be asked for at all.
func (d *Desk) Import(ctx context.Context, mandate act.ID, choice Choice, pages []Page) ([]Outcome, error) {
	err := d.allows(choice)
	if err != nil {
		return nil, err
	}
	out := make([]Outcome, len(pages))
	sketches := make([]Sketch, len(pages))
	var sums [][32]byte
	for i, p := range pages {
		out[i].Name = p.Name
		out[i].Alert, sketches[i], out[i].Refused = readPage(p)
		if out[i].Refused == nil {
			sums = append(sums, sumOf(out[i].Alert))
		}
	}
	var before map[[32]byte]Row
	var known []Row
	err = d.Clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		before, err = d.BySum(ctx, tx, sums)
		if err == nil {
			known, err = d.known(ctx, tx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	fresh := d.told(out, before)
	err = d.record(ctx, mandate, choice, out, fresh)
	if err != nil {
		return nil, err
	}
	return out, d.repeat(ctx, mandate, out, fresh, sketches, known)
}

// allows checks what the officer chose. The clerk asks the decision again, whoever comes another way.
func (d *Desk) allows(choice Choice) error {
	if d.Law.Import == "" {
		return fault.NotFound.New("watch.closed")
	}
	refusal := fault.Invalid.New("watch.invalid")
	if !slices.Contains(d.Law.Sources, choice.Source) {
		refusal = refusal.At("source", "watch.source.missing", nil)
	}
	switch {
	case choice.Situation == "":
		refusal = refusal.At("situation", "watch.situation.missing", nil)
	case !slices.Contains(d.Law.Scope, choice.Situation):
		refusal = refusal.At("situation", "watch.scope", nil)
	}
	if len(refusal.Fields) > 0 {
		return refusal
	}
	return nil
}

// readPage finds the article of a text.
func readPage(p Page) (*Alert, Sketch, *fault.Error) {
	if holdsZero(p.Text) {
		return nil, Sketch{}, fault.Invalid.New("watch.file.text")
	}
	r, err := Read(p.Name, p.Text)
	var not NotText
	if errors.As(err, &not) {
		return nil, Sketch{}, fault.Invalid.New("watch.file.text").Because(err)
	}
	if err != nil {
		return nil, Sketch{}, fault.Invalid.New("watch.file.text").Because(err)
	}
	if len(r.Paragraphs) == 0 {
		return nil, Sketch{}, fault.Invalid.New("watch.file.article")
	}
	sketch := SketchOf(r.wording())
	a := &Alert{Sum: r.BodySHA256, Address: p.Address, Words: r.Words(), Sketch: sketch.String()}
	for to, from := range map[*string]*string{&a.Title: r.Title, &a.Outlet: r.Outlet, &a.Date: r.Date, &a.Language: r.Language} {
		if from != nil {
			*to = *from
		}
	}
	return a, sketch, nil
}

// holdsZero tells files of other kinds: no text has a byte of zero.
func holdsZero(b []byte) bool { return bytes.IndexByte(b, 0) >= 0 }

func sumOf(a *Alert) [32]byte {
	b, err := hex.DecodeString(a.Sum)
	if err != nil || len(b) != 32 {
		return [32]byte{}
	}
	return [32]byte(b)
}

// told finds the texts that are new, and points the others to the alert that has them. A text given twice is the first one's.
func (d *Desk) told(out []Outcome, before map[[32]byte]Row) (fresh []int) {
	first := map[[32]byte]int{}
	for i := range out {
		o := &out[i]
		if o.Refused != nil {
			continue
		}
		sum := sumOf(o.Alert)
		if row, there := before[sum]; there {
			o.File, o.Act, o.Already = row.File, row.Act, true
			continue
		}
		_, twice := first[sum]
		if twice {
			o.Already = true
			continue
		}
		first[sum] = i
		fresh = append(fresh, i)
	}
	return fresh
}

// record makes the new alerts.
func (d *Desk) record(ctx context.Context, mandate act.ID, choice Choice, out []Outcome, fresh []int) error {
	cmds := make([]clerk.Command, len(fresh))
	for n, i := range fresh {
		body, err := json.Marshal(out[i].Alert)
		if err != nil {
			return fmt.Errorf("alert: %w", err)
		}
		cmds[n] = clerk.Command{
			Mandate: mandate, Of: Sort, Protocol: d.Law.Protocol, Step: d.Law.Import,
			Act: act.Act{Body: body, Facts: act.NewFacts(map[string]act.Value{
				"source": act.OfCode(choice.Source), "situation": act.OfCode(choice.Situation),
			})},
		}
	}
	for n, r := range d.Clerk.DoAll(ctx, cmds) {
		o := &out[fresh[n]]
		if r.Err != nil {
			o.Refused = fault.Of(r.Err)
			if o.Refused == nil {
				return r.Err
			}
			continue
		}
		o.File, o.Act = r.Out.File, r.Out.Acts[0].ID
	}
	for i := range out { // texts given twice in one go
		if out[i].Already && out[i].File.IsZero() {
			same := slices.IndexFunc(out, func(o Outcome) bool { return o.Refused == nil && !o.File.IsZero() && o.Alert.Sum == out[i].Alert.Sum })
			if same >= 0 {
				out[i].File, out[i].Act = out[same].File, out[same].Act
			}
		}
	}
	return nil
}

// repeat records which new alerts tell a story that another told before: one that was there, or an earlier one of the same import.
func (d *Desk) repeat(ctx context.Context, mandate act.ID, out []Outcome, fresh []int, sketches []Sketch, known []Row) error {
	if d.Law.Repeat == "" {
		return nil
	}
	bodies, err := d.opened.Of(ctx, d.Clerk, actsOf(known))
	if err != nil {
		return err
	}
	type told struct {
		file, act act.ID
		sketch    Sketch
	}
	var all []told
	for _, r := range known {
		b := bodies[r.Act]
		if b == nil || !r.Repeats.IsZero() {
			continue // the first to tell the story stands for it
		}
		s, err := ParseSketch(b.Sketch)
		if err != nil {
			return fmt.Errorf("alert %s: %w", r.File, err)
		}
		all = append(all, told{r.File, r.Act, s})
	}
	for _, i := range fresh {
		o := &out[i]
		if o.Refused != nil {
			continue
		}
		first := slices.IndexFunc(all, func(t told) bool { return t.sketch.SameAs(sketches[i]) })
		if first < 0 {
			all = append(all, told{o.File, o.Act, sketches[i]})
			continue
		}
		o.Repeats = all[first].file
		err = d.step(ctx, mandate, o.File, KindRepeats, act.Act{Facts: act.NewFacts(map[string]act.Value{"repeats": act.OfID(o.Repeats)})})
		if err != nil {
			return err
		}
	}
	return nil
}
