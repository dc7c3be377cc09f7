package register

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sanad/internal/act"
)

// Limits of one answer.
const (
	usualLimit = 50
	mostLimit  = 200
)

// answer is a page of the register for programs.
type answer struct {
	Fictional bool      `json:"fictional,omitempty"` // the law is invented: nothing here has any effect
	Entries   []element `json:"entries"`
	Next      *string   `json:"next"` // what to give as after; null on the last page
}

// element is one entry: the first of its chain, and how it stands now.
type element struct {
	ID         string            `json:"id"`
	Number     int64             `json:"number"`
	Kind       string            `json:"kind"`
	Platform   *string           `json:"platform"` // its name; null where the entry is about none
	PlatformID *string           `json:"platform_id"`
	Date       string            `json:"date"` // when it was decided
	State      string            `json:"state"`
	Since      time.Time         `json:"since"`   // when it came to stand so in the register
	Reasons    map[string]string `json:"reasons"` // by language
	Measure    string            `json:"measure,omitempty"`
	Amount     *int64            `json:"amount,omitempty"`     // as it stands now
	Was        *int64            `json:"amount_was,omitempty"` // at first, where it was changed
	Law        []Rest            `json:"law,omitempty"`
	Remedy     string            `json:"remedy,omitempty"`
	Fictional  bool              `json:"fictional,omitempty"`
}

// question is what a program asks for.
type question struct {
	platform act.ID
	after    int64
	limit    int
}

// ask reads a question; what is not understood is refused, so that nobody takes an answer to another question for theirs.
func ask(r *http.Request) (question, error) {
	q := question{limit: usualLimit}
	refusal := errAPI
	for name, values := range r.URL.Query() {
		var err error
		switch {
		case len(values) != 1:
			refusal = refusal.At("query", "register.api.twice", nil)
			continue
		case name == "platform":
			q.platform, err = act.ParseID(values[0])
		case name == "after":
			q.after, err = strconv.ParseInt(values[0], 10, 64)
			if err == nil && q.after < 1 {
				err = strconv.ErrRange
			}
		case name == "limit":
			q.limit, err = strconv.Atoi(values[0])
			if err == nil && (q.limit < 1 || q.limit > mostLimit) {
				err = strconv.ErrRange
			}
		case name == "lang":
		default:
			refusal = refusal.At("query", "register.api.name", nil)
		}
		if err != nil {
			refusal = refusal.At(name, "register.api."+name, map[string]any{"max": mostLimit})
		}
	}
	if len(refusal.Fields) > 0 {
		return q, refusal
	}
	return q, nil
}

func (f *Front) api(w http.ResponseWriter, r *http.Request) error {
	q, err := ask(r)
	if err != nil {
		return err
	}
	d := f.Desk
	list, err := d.Entries(r.Context(), q.platform, q.after, q.limit+1)
	if err != nil {
		return err
	}
	out := answer{Fictional: d.Fictional, Entries: []element{}}
	if len(list) > q.limit {
		list = list[:q.limit]
		next := strconv.FormatInt(list[q.limit-1].Number, 10)
		out.Next = &next
	}
	for i := range list {
		out.Entries = append(out.Entries, d.element(&list[i]))
	}
	b, err := json.Marshal(out)
	if err != nil {
		return err
	}
	b = append(b, '\n')
	sum := sha256.Sum256(b)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache") // kept, and asked about each time
	if fresh(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "application/json")
	_, err = w.Write(b)
	return err
}

func (d *Desk) element(e *Entry) element {
	out := element{
		ID: e.Root.String(), Number: e.Number, Kind: e.Code, Date: e.Decided, State: e.Standing, Since: e.Moved.Time().UTC(), Reasons: map[string]string{},
		Fictional: d.Fictional,
	}
	if !e.Platform.IsZero() {
		id := e.Platform.String()
		out.PlatformID = &id
	}
	if e.PlatformName != "" {
		out.Platform = &e.PlatformName
	}
	if p := e.Published; p != nil {
		out.Reasons, out.Measure, out.Amount, out.Remedy, out.Law = p.Reasons, p.Measure, p.Amount, p.Remedy, p.Law
	}
	if p := e.Now; p != nil && p.Amount != nil && (out.Amount == nil || *p.Amount != *out.Amount) {
		out.Amount, out.Was = p.Amount, out.Amount
	}
	return out
}

// tags are those whose documents whoever asks has.
func tags(r *http.Request) []string {
	var out []string
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("If-None-Match"), ","), ",") {
		out = append(out, strings.TrimPrefix(strings.TrimSpace(part), "W/"))
	}
	return slices.DeleteFunc(out, func(t string) bool { return t == "" })
}
