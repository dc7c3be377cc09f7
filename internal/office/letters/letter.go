package letters

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// Sent is a letter as it was sent.
type Sent struct {
	Letter    string                 `json:"letter"`
	Law       string                 `json:"law"` // version of the pack
	Languages map[lang.Lang]Rendered `json:"languages"`
	Fields    *Fields                `json:"fields"`
	Text      string                 `json:"-"` // the body of an act that holds no such letter, as it was written
}

// Rendered is a letter in one language.
type Rendered struct {
	HTML string `json:"html"` // a fragment: one article
}

// Body is what the act that sends the letter holds.
func (s *Sent) Body() ([]byte, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("letter: %w", err)
	}
	return b, nil
}

// Render writes the letter of a granted step about a file, at an instant, in every language it goes out in. What was decided
// before it, terms, is in it whatever the fields say; nil where nothing was. The error is fault.Invalid with one field for each
// thing that is missing, wrong, or other than what was decided.
func (r *Room) Render(file act.ID, f *Fields, grant *protocol.Grant, terms *Terms, now act.Instant) (*Sent, error) {
	if grant == nil || grant.Step == nil {
		return nil, errors.New("a letter is written on the law's grant, and there is none")
	}
	letter := grant.Step.Letter
	if !r.Worded(letter) {
		return nil, fmt.Errorf("pack %s does not word the letter %q", r.Pack.ID, letter)
	}
	if f == nil {
		f = &Fields{}
	}
	c, err := r.examine(letter, f, grant, terms, now)
	if err != nil {
		return nil, err
	}
	f = c.fields
	sent := &Sent{Letter: letter, Law: grant.Law, Languages: map[lang.Lang]Rendered{}, Fields: f}
	all := r.goesOut(&f.Addressee)
	for _, l := range all {
		html, err := r.write(l, all, letter, file, c, grant, terms, now)
		if err != nil {
			return nil, err
		}
		sent.Languages[l] = Rendered{html}
	}
	return sent, nil
}

// goesOut lists the languages of a letter: those of every letter, and English for an addressee who reads none of them.
func (r *Room) goesOut(a *Addressee) []lang.Lang {
	out := slices.Clone(r.base)
	reads := len(a.Languages) == 0 || slices.ContainsFunc(a.Languages, func(l lang.Lang) bool { return slices.Contains(out, l) })
	if !reads && !slices.Contains(out, lang.English) {
		out = append(out, lang.English)
	}
	return out
}

// said is a message with its arguments.
type said struct {
	Key  string
	Args lang.Args
}

// page is what the frame shows of a letter in one language.
type page struct {
	Lang, Dir string
	Fictional bool
	Sender    string
	Reference lang.Code
	Now       time.Time
	Addressee Addressee
	Title     said
	Object    said
	Body      []said
	Facts     *text
	Reasons   *text
	Ask       *text
	Note      *text
	Law       []law
	Version   lang.Code
	Clocks    []clock // asked of the addressee
	Own       []clock // that bind the authority
	Hearing   *time.Time
	Place     string
	Amount    *said
	Targets   []string
	Expires   *time.Time
	Ends      time.Time  // when the day of Expires is over
	Decision  *time.Time // when it was taken; nil where the letter is not that of one that was signed
	Signed    []capacity // who signed it
	Concerned []string   // about whom data are kept or asked for
	Data      []string   // keys
	Remedy    string     // key
	Court     string     // key
	Until     *clock
	Contact   string // key of the pack's; "" where it has none
	Reach     string // where the sender is reached, as it wrote it
	Role      string // key of the role of whoever sends it; "" where that is not known
	Languages lang.List
}

// Decides reports whether the letter tells of what is decided: a sum, what is aimed at, until when, or who signed it.
func (p *page) Decides() bool {
	return p.Amount != nil || len(p.Targets) > 0 || p.Expires != nil || p.Decision != nil
}

// capacity is in what function, and for whom, somebody signed.
type capacity struct {
	Role        string // key
	Institution string
}

// decision tells when the decision of a letter was taken and who signed it.
func (p *page) decision(r *Room, terms *Terms, l lang.Lang) {
	if terms == nil || terms.Made == nil {
		return
	}
	on := terms.Made.On.Time().In(r.zone())
	p.Decision = &on
	for _, role := range terms.Made.Signed {
		p.Signed = append(p.Signed, capacity{roleKey(role), r.institution(r.holder(role), l)})
	}
}

// roleKey is the message that words a role; "" for none.
func roleKey(role string) string {
	if role == "" {
		return ""
	}
	return "role." + role
}

// text is what an officer wrote, with its language where that is not the letter's.
type text struct {
	Paragraphs []string
	Lang, Dir  string
	Name       string // what that language is called; "" where it is the letter's own
}

// law is a text the letter rests on.
type law struct {
	Title, Article string
	Asleep         bool       // it is not in force
	Since          *time.Time // the first day on which it was; nil where the pack does not say
}

func (r *Room) write(l lang.Lang, all []lang.Lang, letter string, file act.ID, c *checked, grant *protocol.Grant, terms *Terms, now act.Instant) (string, error) {
	f, at := c.fields, now.Time().In(r.zone())
	p := &page{
		Lang: string(l), Dir: l.Dir(), Fictional: r.Pack.Fictional, Sender: r.institution(c.sender, l), Reference: Reference(file), Now: at,
		Addressee: f.Addressee,
		Facts:     r.text(f.Facts, l), Reasons: r.text(f.Reasons, l), Ask: r.text(f.Ask, l), Note: r.text(f.Note, l),
		Law: r.law(c.basis, l, now), Version: lang.Code(grant.Law), Clocks: c.clocks, Own: c.own, Reach: f.Contact, Targets: f.Targets, Until: c.until,
		Concerned: f.Identifiers, Data: dataKeys(f.Data), Role: roleKey(grant.Role),
	}
	p.decision(r, terms, l)
	args := lang.Args{
		"addressee": f.Addressee.Name, "sender": p.Sender, "reference": p.Reference, "date": lang.Day(at),
	}
	if len(c.clocks) > 0 {
		args["deadline"] = c.clocks[0].word()
	}
	if !c.hearing.IsZero() {
		p.Hearing, p.Place = &c.hearing, f.Hearing.Place
		args["hearing"], args["place"] = lang.Moment(c.hearing), strings.Join(lines(f.Hearing.Place), ", ")
	}
	if f.Amount > 0 {
		p.Amount = &said{amountKey, lang.Args{"amount": f.Amount}}
		args["amount"] = lang.Worded(r.messages.For(l).Text(amountKey, p.Amount.Args))
	}
	if !c.expires.IsZero() {
		p.Expires = &c.expires
		p.Ends = time.Date(c.expires.Year(), c.expires.Month(), c.expires.Day()+1, 0, 0, 0, 0, r.zone())
		args["expires"] = lang.Day(c.expires)
	}
	var targets lang.List
	for _, t := range f.Targets {
		targets = append(targets, lang.Code(t))
	}
	args["targets"] = targets
	if c.remedy != "" {
		p.Remedy = remedyKey(c.remedy)
		args["remedy"] = lang.Key(p.Remedy)
		if r.has(courtKey(c.remedy)) {
			p.Court = courtKey(c.remedy)
			args["court"] = lang.Key(p.Court)
		}
	}
	if r.has(contactKey) {
		p.Contact = contactKey
	}
	for _, x := range all {
		p.Languages = append(p.Languages, r.name(x))
	}
	p.Title, p.Object = said{titleKey(letter), args}, said{objectKey(letter), args}
	for _, key := range r.body[letter] {
		p.Body = append(p.Body, said{key, args})
	}
	var b bytes.Buffer
	err := r.frames[l].ExecuteTemplate(&b, "letter", p)
	if err != nil {
		return "", fmt.Errorf("letter %s in %s: %w", letter, l, err)
	}
	return b.String(), nil
}

// Reference is how a file is named to people: the first letters of its number, as the console shows it.
func Reference(file act.ID) lang.Code {
	const short = 8
	return lang.Code(file.String()[:short])
}

// word is the end of a deadline as an argument of a sentence.
func (e *end) word() any {
	if e.Hours {
		return lang.Moment(e.At)
	}
	return lang.Day(e.Last)
}

// text picks the words of a language, else of one that is there; nil where nothing was written.
func (r *Room) text(w Words, l lang.Lang) *text {
	for _, from := range append([]lang.Lang{l}, written...) {
		if w[from] == "" {
			continue
		}
		t := &text{Paragraphs: lines(w[from])}
		if from != l {
			t.Lang, t.Dir, t.Name = string(from), from.Dir(), r.name(from)
		}
		return t
	}
	return nil
}

// law names the texts in a language, each with whether it is in force: a letter never lends a text more than it has.
func (r *Room) law(basis []gate.Basis, l lang.Lang, now act.Instant) []law {
	var out []law
	for _, b := range basis {
		x := law{Title: b.Text, Article: b.Article, Asleep: true}
		if t := r.Pack.Text(b.Text); t != nil {
			x.Title = r.inLanguage(t.Title, l, b.Text)
		}
		for i := range r.texts {
			if r.texts[i].ID == b.Text && r.texts[i].Standing(now, now) == gate.InForce {
				x.Asleep, x.Since = false, r.dayOf(r.texts[i].From)
			}
		}
		out = append(out, x)
	}
	return out
}

// dayOf is the day of an instant of the law, which begins it; nil for none.
func (r *Room) dayOf(at *act.Instant) *time.Time {
	if at == nil {
		return nil
	}
	day := at.Time().In(r.zone())
	return &day
}

// funcs are what the frame may call.
func funcs(p *lang.Printer) template.FuncMap {
	return template.FuncMap{
		"t": func(key string, pairs ...any) (template.HTML, error) {
			args := lang.Args{}
			for i := 0; i+1 < len(pairs); i += 2 {
				name, ok := pairs[i].(string)
				if !ok {
					return "", fmt.Errorf("the name of an argument is a %T, not a text", pairs[i])
				}
				args[name] = pairs[i+1]
			}
			return p.HTML(key, args), nil
		},
		"say": func(s said) template.HTML { return p.HTML(s.Key, s.Args) },
		"key": func(key string) lang.Key { return lang.Key(key) },
		"keys": func(all []string) (out lang.List) {
			for _, key := range all {
				out = append(out, lang.Key(key))
			}
			return out
		},
		"code":    func(s string) lang.Code { return lang.Code(s) },
		"day":     func(t time.Time) lang.Day { return lang.Day(t) },
		"moment":  func(t time.Time) lang.Moment { return lang.Moment(t) },
		"zone":    zone,
		"utc":     utc,
		"machine": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"date":    func(t time.Time) string { return t.Format(time.DateOnly) },
		"lines":   lines,
	}
}

// lines cuts what somebody wrote where they began a new line, without the empty ones.
func lines(s string) []string {
	var out []string
	for l := range strings.Lines(s) {
		l = strings.TrimSpace(l)
		if l != "" {
			out = append(out, l)
		}
	}
	return out
}
