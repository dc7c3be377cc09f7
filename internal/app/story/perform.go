package story

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// perform does what has come due.
func (p *Player) perform(ctx context.Context, t task) error {
	if t.stream != nil {
		return p.notice(ctx, t)
	}
	th := t.thread
	b := &th.beats[th.next]
	th.next++
	var err error
	if len(b.Start) > 0 {
		p.follow(t.at, th, b)
	} else {
		err = p.step(ctx, th, b, t.at)
	}
	if err != nil {
		return fmt.Errorf("%s, course %s, beat %d: %w", t.at.Format(time.DateTime), th.course, th.next, err)
	}
	p.wait(th, t.at)
	return nil
}

// notice lets somebody report something.
func (p *Player) notice(ctx context.Context, t task) error {
	s := t.stream
	th := &thread{
		n: t.n, file: new(act.ID), runs: map[string]act.ID{}, names: map[string]ref{}, with: map[string]string{},
		dice: rand.New(rand.NewPCG(p.Seed, t.n)), //nolint:gosec // a story, not a secret
	}
	language := pick(th.dice, s.Languages)
	if len(s.Platforms) > 0 {
		th.with["platform"] = s.Platforms[th.dice.IntN(len(s.Platforms))]
	}
	r := Report{
		Situation: s.Situation, Language: language, Danger: s.Danger, Platform: th.with["platform"],
		Text: p.words(th, s.Text[language][th.dice.IntN(len(s.Text[language]))]),
	}
	if len(s.Where) > 0 {
		r.Where = p.words(th, s.Where[th.dice.IntN(len(s.Where))])
	}
	if len(s.Minor) > 0 {
		switch pick(th.dice, s.Minor) {
		case "yes":
			r.Minor = new(bool)
			*r.Minor = true
		case "no":
			r.Minor = new(bool)
		}
	}
	first, err := p.report(ctx, r)
	if err != nil {
		return fmt.Errorf("%s, a notice about %s: %w", t.at.Format(time.DateTime), s.Situation, err)
	}
	*th.file = first.File
	th.names["notice"] = ref{file: first.File, act: first.ID, runs: th.runs}
	th.with["situation"] = s.Situation
	if r.Minor != nil {
		th.with["minor"] = fmt.Sprint(*r.Minor)
	}
	if first.Procedure != nil {
		th.runs[first.Procedure.Protocol] = first.Procedure.ID
	}
	if len(s.Courses) == 0 {
		return nil
	}
	th.course = pick(th.dice, s.Courses)
	th.beats = p.Script.Courses[th.course]
	p.wait(th, t.at)
	return nil
}

// report hands a notice in, or recalls it.
func (p *Player) report(ctx context.Context, r Report) (clerk.Recorded, error) {
	known, err := p.past.next(ctx, "", act.ID{})
	if err != nil {
		return clerk.Recorded{}, err
	}
	if len(known) > 0 {
		if known[0].Of != sortNotice {
			err = errOther
		}
		return known[0], err
	}
	return p.Report(ctx, r)
}

// sortNotice is the sort of file that the street door opens.
const sortNotice = "notice"

// page hands a press text to the watch desk, or recalls that it was.
func (p *Player) page(ctx context.Context, th *thread, b *Beat) ([]clerk.Recorded, error) {
	mandate, err := p.seat(ctx, th, b)
	if err != nil {
		return nil, err
	}
	known, err := p.past.next(ctx, "", mandate)
	if len(known) > 0 || err != nil {
		return known, err
	}
	got, err := p.Import(ctx, mandate, p.words(th, fmt.Sprint(b.Facts["source"])), p.words(th, fmt.Sprint(b.Facts["situation"])), p.words(th, b.Page))
	return []clerk.Recorded{got}, err
}

// step does a step of a protocol, or sees that it is refused as the story has it.
func (p *Player) step(ctx context.Context, th *thread, b *Beat, at time.Time) error {
	var cmd clerk.Command
	var acts []clerk.Recorded
	var err error
	if b.Page != "" {
		acts, err = p.page(ctx, th, b)
	} else {
		var kind string
		cmd, kind, err = p.command(ctx, th, b, at)
		if err == nil && b.Refused != "" {
			return p.refused(ctx, cmd, b)
		}
		if err == nil {
			acts, err = p.past.next(ctx, kind, cmd.Mandate)
		}
	}
	if err != nil {
		return err
	}
	if len(acts) == 0 {
		done, err := p.Do(ctx, cmd)
		if err != nil {
			return fmt.Errorf("step %s: %w", cmd.Step, err)
		}
		acts = done.Acts
	}
	first := acts[0]
	if b.Of != "" {
		*th.file = first.File
	}
	if first.Procedure != nil {
		th.runs[p.runName(th, b)] = first.Procedure.ID
	}
	if b.As != "" {
		p.name(th, p.words(th, b.As), acts)
	}
	return nil
}

// name keeps what an act is called in the course, or with a slash in the whole story; what followed from it is called the same
// with a plus.
func (p *Player) name(th *thread, name string, acts []clerk.Recorded) {
	for i := range acts {
		r := ref{file: acts[i].File, act: acts[i].ID, runs: th.runs}
		th.names[name] = r
		if strings.Contains(name, "/") {
			p.names[name] = r
		}
		name += "+"
	}
}

// refused tries what must not be possible, and keeps which gate said so.
func (p *Player) refused(ctx context.Context, cmd clerk.Command, b *Beat) error {
	gate, why, _ := strings.Cut(b.Refused, " ")
	if p.past.open() {
		// What was refused left no trace: the script says by what.
		p.Refused = append(p.Refused, Refusal{cmd.Protocol, cmd.Step, gate, why})
		return nil
	}
	_, err := p.Do(ctx, cmd)
	var refusal *protocol.Refusal
	if !errors.As(err, &refusal) {
		return fmt.Errorf("step %s should have been refused by %s: %v", cmd.Step, b.Refused, err) //nolint:errorlint // nil, or anything
	}
	for _, x := range refusal.Blocks {
		if x.Gate == gate && x.Condition == why {
			p.Refused = append(p.Refused, Refusal{cmd.Protocol, cmd.Step, gate, why})
			return nil
		}
	}
	return fmt.Errorf("step %s should have been refused by %s: %w", cmd.Step, b.Refused, err)
}

func (p *Player) runName(th *thread, b *Beat) string {
	if b.Run != "" {
		return p.words(th, b.Run)
	}
	return p.words(th, b.Protocol)
}

// pick draws one of several by weight.
func pick(dice *rand.Rand, weights map[string]int) string {
	total := 0
	for _, w := range weights {
		total += w
	}
	n := dice.IntN(max(total, 1))
	for _, k := range sorted(weights) {
		n -= weights[k]
		if n < 0 {
			return k
		}
	}
	return ""
}
