package story

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// command makes of a beat what an officer would hand in, and says which kind of act it makes.
func (p *Player) command(ctx context.Context, th *thread, b *Beat, at time.Time) (clerk.Command, string, error) {
	cmd := clerk.Command{
		File: *th.file, Protocol: p.words(th, b.Protocol), Step: p.words(th, b.Step), Procedure: th.runs[p.runName(th, b)], Seen: math.MaxInt64,
	}
	step := p.Engine.Find(cmd.Protocol, cmd.Step) // the kind of act is the same in every version that has it
	if step == nil {
		return cmd, "", fmt.Errorf("the pack has no step %s of %s", cmd.Step, cmd.Protocol)
	}
	kind := step.Kind
	var err error
	cmd.Mandate, err = p.seat(ctx, th, b)
	if err != nil {
		return cmd, kind, err
	}
	switch {
	case b.Of != "":
		cmd.File, cmd.Of, cmd.Seen = act.ID{}, b.Of, 0
	case b.In != "":
		r, err := p.find(th, b.In)
		if err != nil {
			return cmd, kind, err
		}
		cmd.File = r.file
		if cmd.Procedure.IsZero() {
			cmd.Procedure = r.runs[p.runName(th, b)]
		}
	}
	schema, ok := p.Kinds.Latest(kind)
	if !ok {
		return cmd, kind, fmt.Errorf("no desk declares %s", kind)
	}
	cmd.Act.Facts, err = p.facts(th, b, schema, at)
	if err != nil {
		return cmd, kind, err
	}
	for _, name := range b.Cites {
		r, err := p.find(th, name)
		if err != nil {
			return cmd, kind, err
		}
		cmd.Act.Cites = append(cmd.Act.Cites, r.act)
	}
	if b.Shown != "" {
		r, err := p.find(th, b.Shown)
		if err != nil {
			return cmd, kind, err
		}
		before, _ := span(b.Effective) // checked when the script was read
		cmd.Act.Shown, cmd.Act.Effective = r.act, act.InstantOf(at.Add(-before))
	}
	err = p.body(ctx, th, b, schema, &cmd, at)
	return cmd, kind, err
}

// body is what the act says in words.
func (p *Player) body(ctx context.Context, th *thread, b *Beat, schema act.Schema, cmd *clerk.Command, at time.Time) error {
	switch {
	case b.Letter != nil:
		fields := map[string]string{}
		for _, k := range slices.Sorted(maps.Keys(b.Letter)) { // in order: words are drawn on the way
			fields[k] = p.when(p.words(th, b.Letter[k]), at)
		}
		var err error
		cmd.Input, err = p.Letter(b.By, fields)
		return err
	case b.TextOf != "":
		r, err := p.find(th, b.TextOf)
		if err != nil {
			return err
		}
		cmd.Act.Body, err = p.Body(ctx, cmd.Mandate, r.act)
		return err
	case b.Body != nil:
		body, err := json.Marshal(p.said(th, b.Body, at))
		if err != nil {
			return fmt.Errorf("body: %w", err)
		}
		cmd.Act.Body = body
	case schema.Body:
		cmd.Act.Body = []byte(p.words(th, b.Text))
	}
	return nil
}

// said puts words for names in everything a body holds. "#{amount}" becomes a number, "@+28d" a day, and what comes to "-" is
// left out.
func (p *Player) said(th *thread, v any, at time.Time) any {
	switch v := v.(type) {
	case string:
		text := p.words(th, strings.TrimPrefix(v, "#"))
		n, err := strconv.ParseInt(text, 10, 64)
		if strings.HasPrefix(v, "#") && err == nil {
			return n
		}
		return p.when(text, at)
	case map[string]any:
		out := map[string]any{}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			said := p.said(th, v[k], at)
			if said != "-" {
				out[k] = said
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = p.said(th, x, at)
		}
		return out
	}
	return v
}

// when words a day that is told from today: @+28d, or @+16dT10:00 with an hour in legal time. Other words stay as they are.
func (p *Player) when(text string, at time.Time) string {
	rest, is := strings.CutPrefix(text, "@+")
	if !is {
		return text
	}
	days, hour, timed := strings.Cut(rest, "T")
	by, err := span(days)
	if err != nil {
		return text
	}
	day := at.In(p.Loc).Add(by).Format(time.DateOnly)
	if timed {
		return day + "T" + hour
	}
	return day
}

var named = regexp.MustCompile(`\{[a-z_]+\}`)

// words puts words for the names of a text: the course's own, or one of the story's, which then stays the same in the course.
func (p *Player) words(th *thread, text string) string {
	return named.ReplaceAllStringFunc(text, func(name string) string {
		key := name[1 : len(name)-1]
		if w, known := th.with[key]; known {
			return w
		}
		list := p.Script.Words[key]
		if len(list) == 0 {
			return name
		}
		w := list[th.dice.IntN(len(list))]
		th.with[key] = w
		return w
	})
}

// seat finds the mandate in whose name a beat is done.
func (p *Player) seat(ctx context.Context, th *thread, b *Beat) (act.ID, error) {
	seats, known := p.seats[b.By]
	if !known {
		var err error
		seats, err = p.Seats(ctx, b.By)
		if err != nil {
			return act.ID{}, err
		}
		p.seats[b.By] = seats
	}
	if len(seats) == 0 || b.Seat > len(seats) {
		return act.ID{}, fmt.Errorf("role %s has %d seats", b.By, len(seats))
	}
	if b.Seat > 0 {
		return seats[b.Seat-1], nil
	}
	return seats[th.n%uint64(len(seats))], nil
}

// find says what a name stands for: in the course first, then in the whole story.
func (p *Player) find(th *thread, name string) (ref, error) {
	name = p.words(th, strings.TrimLeft(name, "@"))
	r, ok := th.names[name]
	if !ok {
		r, ok = p.names[name]
	}
	if !ok {
		return r, fmt.Errorf("nothing is called %s yet", name)
	}
	return r, nil
}

// facts reads a beat's facts as the kind declares them.
func (p *Player) facts(th *thread, b *Beat, schema act.Schema, at time.Time) (act.Facts, error) {
	out := map[string]act.Value{}
	for _, name := range slices.Sorted(maps.Keys(b.Facts)) {
		v := b.Facts[name]
		var of *act.FactSchema
		for i := range schema.Facts {
			if schema.Facts[i].Name == name {
				of = &schema.Facts[i]
			}
		}
		if of == nil {
			return nil, fmt.Errorf("%s has no fact %s", schema.Kind, name)
		}
		value, err := p.value(th, of, v, at)
		if err != nil {
			return nil, fmt.Errorf("fact %s: %w", name, err)
		}
		if value.Type() != "" {
			out[name] = value
		}
	}
	return act.NewFacts(out), nil
}

func (p *Player) value(th *thread, of *act.FactSchema, v any, at time.Time) (act.Value, error) {
	if text, is := v.(string); is {
		v = p.words(th, text)
	}
	text, isText := v.(string)
	if text == "-" { // left unsaid
		return act.Value{}, nil
	}
	switch of.Type {
	case act.Bool:
		if isText {
			if text != "true" && text != "false" {
				return act.Value{}, nil // what a reporter did not say stays unsaid
			}
			return act.OfBool(text == "true"), nil
		}
		b, ok := v.(bool)
		if ok {
			return act.OfBool(b), nil
		}
	case act.Int:
		if isText {
			n, err := strconv.ParseInt(text, 10, 64)
			return act.OfInt(n), err
		}
		switch n := v.(type) {
		case uint64:
			return act.OfInt(int64(n)), nil
		case int64:
			return act.OfInt(n), nil
		}
	case act.Code:
		if isText {
			return act.OfCode(text), nil
		}
	case act.Codes:
		list, ok := v.([]any)
		var codes []string
		for _, x := range list {
			codes = append(codes, fmt.Sprint(x))
		}
		if ok {
			return act.OfCodes(codes...), nil
		}
	case act.Date:
		return p.date(text, at)
	case act.Ident:
		r, err := p.find(th, text)
		if err != nil {
			return act.Value{}, err
		}
		if strings.HasPrefix(text, "@@") { // the act itself, not its file
			return act.OfID(r.act), nil
		}
		return act.OfID(r.file), nil
	}
	return act.Value{}, fmt.Errorf("%v is no value of type %s", v, of.Type)
}

// date reads a day: today, +30d, -2w, or 2025-03-01.
func (p *Player) date(text string, at time.Time) (act.Value, error) {
	day := at.In(p.Loc)
	switch {
	case text == "today":
	case strings.HasPrefix(text, "+"), strings.HasPrefix(text, "-"):
		by, err := span(text[1:])
		if err != nil {
			return act.Value{}, err
		}
		if text[0] == '-' {
			by = -by
		}
		day = day.Add(by)
	default:
		var err error
		day, err = time.Parse(time.DateOnly, text)
		if err != nil {
			return act.Value{}, fmt.Errorf("%q is no day: expected today, +30d, -2w or 2025-03-01", text)
		}
	}
	return act.OfDate(time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)), nil
}
