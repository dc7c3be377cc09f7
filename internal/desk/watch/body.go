package watch

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/strict"
	"sanad/internal/kit/text"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Alert is the body of alert.imported: what there is to say of an article without its text, and nobody's name.
type Alert struct {
	Title    string `json:"title,omitempty"`
	Outlet   string `json:"outlet,omitempty"`
	Date     string `json:"date,omitempty"` // 2025-07-03, or 2025-07; empty where the page said neither
	Language string `json:"language,omitempty"`
	Sum      string `json:"sum"` // SHA-256 of its paragraphs joined by newlines, in hexadecimal
	Address  string `json:"address,omitempty"`
	Words    int    `json:"words"`
	Sketch   string `json:"sketch"` // see Sketch
}

// Dropped is the body of alert.dropped.
type Dropped struct {
	Reasons string `json:"reasons"`
}

// How much of an alert's date is known.
const (
	PrecisionDay   = "day"
	PrecisionMonth = "month"
	PrecisionNone  = "none"
)

// Limits of what bodies hold, in characters.
const (
	maxLine = 500
	maxText = 10_000
)

// refusals gathers what is wrong with the body of an act.
type refusals struct{ fault.Wrong }

func (r *refusals) text(field, value string, most int) {
	switch {
	case utf8.RuneCountInString(value) > most:
		r.At(field, "watch.long", map[string]any{"max": most})
	case strings.ContainsFunc(value, func(c rune) bool { return text.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) }):
		r.At(field, "watch.signs", nil)
	}
}

// readBody reads a JSON body strictly.
func readBody(raw []byte, v any) error {
	err := strict.JSON(raw, v)
	if err != nil {
		return fault.Invalid.New("watch.unreadable").Because(err)
	}
	return nil
}

// Deciders returns the decisions of this desk by kind of act. scope are the situations about which there may be alerts; nil means
// any. Whoever asks, by page, by import or by command, nothing else becomes an alert.
func Deciders(scope []string) map[string]clerk.Decide {
	return map[string]clerk.Decide{
		KindImported: func(_ *protocol.State, cmd *clerk.Command, now act.Instant) ([]act.Act, error) {
			return imported(scope, cmd, now)
		},
		KindTied: func(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
			return pointing(KindTied, cmd)
		},
		KindRepeats: repeats,
		KindDropped: dropped,
	}
}

func imported(scope []string, cmd *clerk.Command, now act.Instant) ([]act.Act, error) {
	situation, _ := cmd.Act.Facts.Get("situation")
	if scope != nil && !slices.Contains(scope, situation.Code()) {
		return nil, errScope
	}
	var b Alert
	err := readBody(cmd.Act.Body, &b)
	if err != nil {
		return nil, err
	}
	r := &refusals{}
	r.text("body.title", b.Title, maxLine)
	r.text("body.outlet", b.Outlet, maxLine)
	r.text("body.language", b.Language, maxLine)
	r.text("body.address", b.Address, maxLine)
	sum, err := hex.DecodeString(b.Sum)
	if err != nil || len(sum) != 32 {
		r.At("body.sum", "watch.unreadable", nil)
	}
	_, err = ParseSketch(b.Sketch)
	if err != nil {
		r.At("body.sketch", "watch.unreadable", nil)
	}
	first, precision, err := dateOf(b.Date)
	if err != nil {
		r.At("body.date", "watch.date", nil)
	}
	const dayAhead = 24 * time.Hour // somewhere it is tomorrow already
	if first.After(now.Time().Add(dayAhead)) {
		r.At("body.date", "watch.date.future", nil)
	}
	err = r.Err("watch.invalid")
	if err != nil {
		return nil, err
	}
	source, _ := cmd.Act.Facts.Get("source")
	facts := map[string]act.Value{"source": source, "situation": situation, "precision": act.OfCode(precision)}
	if precision != PrecisionNone {
		facts["published_on"] = act.OfDate(first)
	}
	a := cmd.Act
	a.Kind, a.Facts, a.Commits = KindImported, act.NewFacts(facts), []act.Commit{{Name: CommitBody, Sum: [32]byte(sum)}}
	a.Body, err = json.Marshal(&b)
	if err != nil {
		return nil, fmt.Errorf("alert: %w", err)
	}
	return []act.Act{a}, nil
}

// errScope is said of what may not become an alert.
var errScope = fault.Invalid.New("watch.scope").At("situation", "watch.scope", nil)

// dateOf reads a date as pages give it: its first day, and how much of it is known.
func dateOf(date string) (first time.Time, precision string, err error) {
	switch len(date) {
	case 0:
		return first, PrecisionNone, nil
	case len("2006-01"):
		first, err = time.Parse("2006-01", date)
		return first, PrecisionMonth, err
	}
	first, err = time.Parse(time.DateOnly, date)
	return first, PrecisionDay, err
}

// pointing records an act that is about another file, and cites the one act of it that says what it is.
func pointing(kind string, cmd *clerk.Command) ([]act.Act, error) {
	if len(cmd.Act.Cites) != 1 {
		return nil, fault.Invalid.New("watch.cites")
	}
	a := cmd.Act
	a.Kind = kind
	return []act.Act{a}, nil
}

func repeats(state *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	v, _ := cmd.Act.Facts.Get("repeats")
	other, _ := v.ID()
	if other == state.File {
		return nil, fault.Invalid.New("watch.itself").At("fact.repeats", "watch.itself", nil)
	}
	return pointing(KindRepeats, cmd)
}

func dropped(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	var b Dropped
	err := readBody(cmd.Act.Body, &b)
	if err != nil {
		return nil, err
	}
	r := &refusals{}
	if text.Empty(b.Reasons) {
		r.At("body.reasons", "watch.reasons.missing", nil)
	}
	r.text("body.reasons", b.Reasons, maxText)
	err = r.Err("watch.invalid")
	if err != nil {
		return nil, err
	}
	a := cmd.Act
	a.Kind = KindDropped
	return []act.Act{a}, nil
}
