package notice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

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
	Receive  string   // its first step
	Words    []string // the pack's situations, in its order
	CodeKey  [32]byte // of the keyed hash of codes
	Dice     io.Reader
	Read     func(ctx context.Context, f func(clerk.Tx) error) error
}

// Receipt writes the proof for whoever has the code.
func (d *Desk) Receipt(ctx context.Context, typed string) ([]byte, error) {
	s, err := d.Follow(ctx, typed)
	if err != nil {
		return nil, err
	}
	return d.Clerk.Receipt(ctx, s.Act)
}

// Form is what a reporter gives.
type Form struct {
	Situation string `json:"situation"`
	Platform  string `json:"platform"`
	Where     string `json:"where"`
	Text      string `json:"text"`
	Minor     *bool  `json:"minor"` // nil when they did not say
	Language  string `json:"language"`
}

// Limits of what a person writes, in characters.
const (
	maxText  = 10_000
	maxWhere = 2_000
	maxName  = 200
)

// check says everything that is wrong at once, so that nobody mends one field to learn of the next.
func (f *Form) check(words []string) error {
	e := fault.Invalid.New("notice.invalid")
	ok := true
	wrong := func(field, key string, args map[string]any) {
		e = e.At(field, key, args)
		ok = false
	}
	known := false
	for _, w := range words {
		known = known || w == f.Situation
	}
	if !known {
		wrong("situation", "notice.situation.missing", nil)
	}
	if strings.TrimSpace(f.Text) == "" && strings.TrimSpace(f.Where) == "" {
		wrong("where", "notice.where.missing", nil)
	}
	for _, x := range []struct {
		field, value string
		most         int
	}{{"text", f.Text, maxText}, {"where", f.Where, maxWhere}, {"platform", f.Platform, maxName}, {"language", f.Language, maxName}} {
		if !utf8.ValidString(x.value) {
			wrong(x.field, "web.field.text", map[string]any{"field": x.field})
		}
		if n := utf8.RuneCountInString(x.value); n > x.most {
			wrong(x.field, "notice.text.long", map[string]any{"max": x.most})
		}
	}
	if ok {
		return nil
	}
	return e
}

// Accepted is what a reporter leaves with.
type Accepted struct {
	Code string
	Act  act.ID
	File act.ID
}

// Accept records a notice. The code is told once, here; only its keyed hash is kept.
func (d *Desk) Accept(ctx context.Context, f Form) (*Accepted, error) {
	err := f.check(d.Words)
	if err != nil {
		return nil, err
	}
	code, err := DrawCode(d.Dice)
	if err != nil {
		return nil, fmt.Errorf("draw a code: %w", err)
	}
	body, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("notice: %w", err)
	}
	facts := map[string]act.Value{"situation": act.OfCode(f.Situation)}
	if f.Minor != nil {
		facts["minor"] = act.OfBool(*f.Minor)
	}
	done, err := d.Clerk.Do(ctx, clerk.Command{
		Mandate: d.Intake, Of: Sort, Protocol: d.Protocol, Step: d.Receive,
		Act: act.Act{Facts: act.NewFacts(facts), Body: body, Commits: []act.Commit{{Name: CommitCode, Sum: sumOf(d.CodeKey, code)}}},
	})
	if err != nil {
		return nil, err
	}
	return &Accepted{Code: code, Act: done.Acts[0].ID, File: done.File}, nil
}

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
