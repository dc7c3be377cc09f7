package console

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// perTimeline is how many acts a page of the timeline opens: the newest first, others on demand.
const perTimeline = 30

// entry is one act of the timeline.
type entry struct {
	Kind       string // key
	Step       string // key; "" where the kind says it all
	Number     lang.Code
	Role       string // key; "" for the machine
	Recorded   time.Time
	Effective  *time.Time // where it differs
	Facts      []pair
	Cites      []cited
	Content    []pair      // a body that has fields
	Text       []paragraph // a body that is text
	LetterHref string      // of the letter that was sent
	Exhibit    *exhibitEntry
	Erased     bool
	Failed     bool // it cannot be opened: the log says why
}

// pair is a named value: a fact, worded, or a field as somebody wrote it.
type pair struct {
	Key     string // of the name
	Name    string // shown where nobody worded the key
	Message said
	Text    []paragraph
}

// paragraph holds lines of what somebody wrote.
type paragraph []string

// span is a page of the timeline, as places in the acts of a file, and how many newer acts it passes over.
type span struct{ begin, end, skip int }

// pageOf is the page of the timeline that is asked for: the newest acts, where none is.
func pageOf(r *http.Request, v *clerk.View) span {
	s := span{end: len(v.Acts)}
	skip, err := strconv.Atoi(r.URL.Query().Get("skip"))
	if err == nil && skip > 0 && skip < s.end {
		s.skip, s.end = skip, s.end-skip
	}
	s.begin = max(0, s.end-perTimeline)
	return s
}

// toOpen lists the acts of a page of the timeline that have a body to be shown: what is said of evidence stands on a page of its own.
func (c *Console) toOpen(v *clerk.View, page span) []act.ID {
	evidence := c.exhibitEntries(v)
	var out []act.ID
	for _, a := range v.Acts[page.begin:page.end] {
		if !a.Key.IsZero() && evidence[a.ID] == nil {
			out = append(out, a.ID)
		}
	}
	return out
}

// entries shows the acts of the page of the timeline that is asked for, the newest on top.
func (c *Console) entries(r *http.Request, who access.Mandate, words words, v *clerk.View, opened map[act.ID]*clerk.Reading, d *fileData) error {
	page := pageOf(r, v)
	if page.begin > 0 {
		d.Earlier = timelinePage(d.Href, page.skip+perTimeline)
	}
	if page.skip > 0 {
		d.Later = timelinePage(d.Href, max(0, page.skip-perTimeline))
	}
	acts := v.Acts[page.begin:page.end]
	roles, err := c.rolesOf(r, acts)
	if err != nil {
		return err
	}
	cites, err := c.cites(r, who, words, v, acts)
	if err != nil {
		return err
	}
	evidence := c.exhibitEntries(v)
	for _, a := range slices.Backward(acts) {
		e := c.entry(r, words, a, evidence[a.ID], opened[a.ID])
		e.Facts = append(e.Facts, words.clockFacts(v, &a)...)
		e.Role, e.Cites = roles[a.Mandate], cites[a.ID]
		d.Entries = append(d.Entries, e)
	}
	return nil
}

func timelinePage(href string, skip int) string {
	if skip == 0 {
		return href
	}
	return href + "?" + url.Values{"skip": {strconv.Itoa(skip)}}.Encode()
}

// rolesOf finds in which role each act was done.
func (c *Console) rolesOf(r *http.Request, acts []clerk.Recorded) (map[act.ID]string, error) {
	out := map[act.ID]string{}
	err := c.Clerk.Read(r.Context(), func(tx clerk.Tx) error {
		for _, a := range acts {
			if _, known := out[a.Mandate]; known || a.Mandate.IsZero() {
				continue
			}
			m, err := c.Book.Mandate(r.Context(), tx, a.Mandate)
			if errors.Is(err, access.ErrUnknownMandate) { // what the log was opened with, nobody had granted yet
				m.Role, err = clerk.RoleFounder, nil
			}
			if err != nil {
				return fmt.Errorf("who did act %d: %w", a.Seq, err)
			}
			out[a.Mandate] = roleKey(m.Role)
		}
		return nil
	})
	return out, err
}

func (c *Console) entry(r *http.Request, words words, a clerk.Recorded, evidence *exhibitEntry, o *clerk.Reading) entry {
	e := entry{Kind: "kind." + a.Kind, Number: lang.Code(strconv.FormatInt(a.Seq, 10)), Recorded: words.when(a.Recorded)}
	if a.Effective != a.Recorded {
		at := words.when(a.Effective)
		e.Effective = &at
	}
	if a.Procedure != nil && (speaksOfItsStep(a.Kind) || c.sharesItsKind(a)) {
		e.Step = stepKey(a.Procedure.Protocol, a.Procedure.Step)
	}
	schema, _ := c.Kinds.Lookup(a.Kind, a.Version)
	for _, f := range a.Facts {
		if ofClock(f.Name, a.Kind) {
			continue // clockFacts words it
		}
		if value := words.factValue(schema, f); value != nil {
			e.Facts = append(e.Facts, pair{Key: "fact." + f.Name, Name: f.Name, Message: said{"file.value", lang.Args{"value": value}}})
		}
	}
	e.Exhibit = evidence
	switch {
	case a.Key.IsZero() || evidence != nil || o == nil:
	case o.Err != nil:
		// One act that cannot be opened hides no other: the file stays readable, and whoever runs the house is told.
		c.Edge.Log.LogAttrs(r.Context(), slog.LevelError, "an act could not be opened", slog.Int64("seq", a.Seq), slog.String("err", o.Err.Error()))
		e.Failed = true
	case o.Erased:
		e.Erased = true
	default:
		e.body(words, a, o.Body)
	}
	return e
}

// factValue writes a fact of a kind: a code that the kind closes by itself is worded under the fact's name.
func (w words) factValue(schema act.Schema, f act.Fact) any {
	for i := range schema.Facts {
		x := &schema.Facts[i]
		if x.Name != f.Name {
			continue
		}
		if x.List == protocol.ListTransitions {
			return nil // names within the pack
		}
		if key := "fact." + f.Name + "." + f.Value.Code(); f.Value.Type() == act.Code && len(x.Codes) > 0 && w.p != nil && w.p.Has(key) {
			return lang.Key(key)
		}
		if f.Name == factAmount && f.Value.Type() == act.Int {
			return lang.Worded(w.money(f.Value.Int()))
		}
		return w.value(x.List, f.Value)
	}
	return w.value("", f.Value)
}

// body reads what was sealed: text as it is, a document by its fields, a draft without the salt of its commitment.
func (e *entry) body(words words, a clerk.Recorded, body []byte) {
	if slices.ContainsFunc(a.Commits, func(x act.Commit) bool { return x.Name == protocol.CommitContent }) {
		var d clerk.Draft
		if json.Unmarshal(body, &d) == nil && d.Content != nil {
			body = d.Content
		}
	}
	if !utf8.Valid(body) {
		e.Failed = true
		return
	}
	if a.Kind == protocol.KindSent && len(letters.View(body).Languages) > 0 {
		e.LetterHref = fileHref(a.File) + "/letter/" + a.ID.String()
		return
	}
	if fields, ok := document(words, body); ok {
		for _, f := range fields {
			if f.name == partSketch {
				continue
			}
			if _, said := a.Facts.Get(f.name); (!said || f.list) && f.text != "" {
				e.Content = append(e.Content, pair{Key: "body." + a.Kind + "." + f.name, Name: f.name, Text: paragraphs(words.part(f.name, f.text))})
			}
		}
		return
	}
	e.Text = paragraphs(string(body))
}

// oneWord is how long a line may be, in characters, that stands beside its label as a word does.
const oneWord = 40

// Word is the one short line of a part: a word in another script stays where the page begins its lines, and does not lie alone at
// the far edge as a paragraph of that script would. It is "" for more.
func (p pair) Word() string {
	if len(p.Text) != 1 || len(p.Text[0]) != 1 || utf8.RuneCountInString(p.Text[0][0]) > oneWord {
		return ""
	}
	return p.Text[0][0]
}

// partSketch is what machines compare texts by, and tells a person nothing.
const partSketch = "sketch"

// field is a part of a document. What lists things tells more than the fact of its name, which counts them.
type field struct {
	name, text string
	list       bool
}

// document reads a JSON object of plain values, in its own order. What a person typed that only looks like one is text.
func document(words words, body []byte) ([]field, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	start, err := d.Token()
	if err != nil || start != json.Delim('{') {
		return nil, false
	}
	var out []field
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		var value any
		err = d.Decode(&value)
		if err != nil {
			return nil, false
		}
		f := field{name: fmt.Sprint(name)}
		if !f.read(words, value, &out) {
			return nil, false
		}
	}
	_, err = d.Token()
	return out, err == nil && !d.More()
}

// read adds a value of a document: a plain one, a list of lines, or what is said in several languages or parts, each under its
// own name.
func (f field) read(words words, value any, out *[]field) bool {
	switch v := value.(type) {
	case nil:
	case string:
		f.text = v
	case json.Number, bool:
		f.text = fmt.Sprint(v)
	case []any:
		var lines []string
		for _, x := range v {
			parts, nested := x.(map[string]any)
			if !nested {
				lines = append(lines, fmt.Sprint(x))
				continue
			}
			line, plain := oneLine(words, parts)
			if !plain {
				return false
			}
			lines = append(lines, line)
		}
		f.text, f.list = strings.Join(lines, "\n"), true
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if !(field{name: f.name + "." + name}).read(words, v[name], out) {
				return false
			}
		}
		return true
	}
	*out = append(*out, f)
	return true
}

// oneLine writes what is listed with several parts, such as an address and when it was in use, on a line of its own; false where
// a part has parts itself.
func oneLine(words words, parts map[string]any) (string, bool) {
	if law := words.article(parts); law != "" {
		return law, true
	}
	var out []string
	say := func(word string) string {
		if key := "body.part." + word; words.p != nil && words.p.Has(key) {
			return words.text(key, nil)
		}
		return word
	}
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(parts))) { // a value stands before what sort of thing it is
		switch v := parts[name].(type) {
		case string:
			switch name {
			case "kind":
				v = say(v)
			case "at":
				v = words.inUse(v)
			}
			out = append(out, v)
		case json.Number:
			out = append(out, v.String())
		case bool:
			if v {
				out = append(out, say(name))
			}
		case nil:
		default:
			return "", false
		}
	}
	return strings.Join(out, " · "), true
}

// letter shows a letter as it was sent.
func (c *Console) letter(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	id, err := act.ParseID(r.PathValue("act"))
	if err != nil {
		return errNoFile
	}
	o, err := c.Clerk.Open(r.Context(), who.ID, id)
	if err != nil {
		return err
	}
	if o.Kind != protocol.KindSent || o.Erased || o.File.String() != r.PathValue("id") {
		return errNoFile
	}
	page := letters.View(o.Body).Page(number(o.File), fileHref(o.File), c.words(r).lang, false)
	return c.Show(w, r, who, http.StatusOK, pageLetter, page)
}

func hexed(b []byte) string { return hex.EncodeToString(b) }

// paragraphs splits text where it has empty lines.
func paragraphs(s string) []paragraph {
	var out []paragraph
	var now paragraph
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		if strings.TrimSpace(line) != "" {
			now = append(now, line)
			continue
		}
		if len(now) > 0 {
			out, now = append(out, now), nil
		}
	}
	if len(now) > 0 {
		out = append(out, now)
	}
	return out
}
