package letters

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Book says what a country requires of its letters. Its pack is one.
type Book interface {
	// Requires lists the fields without which a letter is not sent; nil where the pack says nothing.
	Requires(letter string) []string
	// RemedyRule names the rule of time of a remedy, which runs from the day the letter is received; "" where there is none.
	RemedyRule(remedy string) string
}

// Config is what letters are made from. Every field is needed, but Variant where the pack has none, and Decided and Before where no
// letter rests on anything.
type Config struct {
	Pack     *pack.Pack
	Book     Book
	Messages *lang.Messages // the program's, with the pack's laid over them
	Variant  string         // the governance variant in force: it says which institution performs a step
	// Decided reads what was decided out of the acts that a letter carries out, of which there is at least one, none erased.
	Decided func(rests []clerk.Opened) (*Terms, error)
	// Before refuses a letter that what it rests on does not allow, whatever it says.
	Before func(*protocol.State, *clerk.Command, act.Instant) error
}

// Room writes letters. It never changes and may be shared.
type Room struct {
	Config
	messages *lang.Messages      // with each paragraph of the pack's letters under a key of its own
	body     map[string][]string // keys of the paragraphs of a letter
	need     map[string][]Field  // what a letter requires
	base     []lang.Lang         // in which every letter is written
	texts    []protocol.Text     // with their standing
	frames   map[lang.Lang]*template.Template
}

//go:embed parts/*.html
var parts embed.FS

//go:embed pages/*.html
var pages embed.FS

// Pages are the pages of this room: letter shows and prints a letter; its data is a Page.
func Pages() (fs.FS, error) { return fs.Sub(pages, "pages") }

// given are the arguments a pack's wording may use, and the field each needs.
var given = map[string]Field{
	"addressee": "", "sender": "", "reference": "", "date": "",
	"deadline": Deadline, "hearing": Hear, "place": Hear, "amount": Amount, "expires": Expires, "targets": Targets,
	"remedy": Remedy, "court": Court,
}

var argument = regexp.MustCompile(`\{([a-z_0-9]+)\}`)

func titleKey(letter string) string  { return "letter." + letter + ".title" }
func objectKey(letter string) string { return "letter." + letter + ".object" }
func bodyKey(letter string) string   { return "letter." + letter + ".body" }
func remedyKey(code string) string   { return "remedy." + code }
func courtKey(code string) string    { return "remedy." + code + ".court" }

const (
	amountKey  = "letter.amount"
	contactKey = "letter.contact"
)

// New prepares the letters of a country. The error names everything in the pack's letters that nobody could fill in.
func New(cfg Config) (*Room, error) {
	r := &Room{Config: cfg, body: map[string][]string{}, need: map[string][]Field{}, frames: map[lang.Lang]*template.Template{}}
	r.base, r.texts = r.languages(), cfg.Pack.Engine().Law().Texts
	var wrong []error
	words := map[lang.Lang]map[string]string{}
	for _, letter := range cfg.Pack.Words("letters") {
		if !r.Worded(letter) {
			continue
		}
		wrong = append(wrong, r.check(letter)...)
		for _, code := range cfg.Pack.Languages {
			l, ok := lang.Parse(code)
			text, there := cfg.Pack.Message(code, bodyKey(letter))
			if !ok || !there {
				continue
			}
			if words[l] == nil {
				words[l] = map[string]string{}
			}
			for i, p := range paragraphs(text) {
				key := fmt.Sprintf("%s/%d", bodyKey(letter), i+1)
				words[l][key] = p
				if !slices.Contains(r.body[letter], key) {
					r.body[letter] = append(r.body[letter], key)
				}
			}
		}
		for _, code := range cfg.Pack.Languages {
			text, _ := cfg.Pack.Message(code, bodyKey(letter))
			if n := len(paragraphs(text)); n != len(r.body[letter]) {
				wrong = append(wrong, fmt.Errorf("letter %s has %d paragraphs in %s and %d in another language", letter, n, code, len(r.body[letter])))
			}
		}
	}
	var err error
	r.messages, err = cfg.Messages.WithWords("letters of pack "+cfg.Pack.ID, words)
	err = errors.Join(append(wrong, err)...)
	if err != nil {
		return nil, err
	}
	for _, l := range lang.All() {
		r.frames[l], err = template.New("").Funcs(funcs(r.messages.For(l))).Option("missingkey=error").ParseFS(parts, "parts/*.html")
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

// languages are those in which every letter is written: Arabic and French where the country words its letters in them,
// else every language of the pack.
func (r *Room) languages() []lang.Lang {
	var out, all []lang.Lang
	for _, l := range []lang.Lang{lang.French, lang.Arabic, lang.English} {
		if !slices.Contains(r.Pack.Languages, string(l)) {
			continue
		}
		all = append(all, l)
		if l != lang.English {
			out = append(out, l)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// check finds what a letter asks for that no field fills, and notes what it requires.
func (r *Room) check(letter string) []error {
	var wrong []error
	need := []Field{}
	for _, word := range r.Book.Requires(letter) {
		if !slices.Contains(Known(), Field(word)) {
			wrong = append(wrong, fmt.Errorf("letter %s requires %q: expected one of %v", letter, word, Known()))
			continue
		}
		need = append(need, Field(word))
	}
	for _, code := range r.Pack.Languages {
		for _, key := range []string{titleKey(letter), objectKey(letter), bodyKey(letter)} {
			text, there := r.Pack.Message(code, key)
			if !there {
				wrong = append(wrong, fmt.Errorf("message %s is not worded in %s", key, code))
			}
			for _, m := range argument.FindAllStringSubmatch(text, -1) {
				field, ok := given[m[1]]
				if !ok {
					wrong = append(wrong, fmt.Errorf("message %s in %s uses {%s}, which nobody fills", key, code, m[1]))
				}
				if field != "" {
					need = append(need, field)
				}
			}
		}
	}
	if _, there := r.Pack.Message(r.Pack.Languages[0], amountKey); slices.Contains(need, Amount) && !there {
		wrong = append(wrong, fmt.Errorf("letter %s names a sum, and the pack has no message %s", letter, amountKey))
	}
	slices.Sort(need)
	r.need[letter] = slices.Compact(need)
	return wrong
}

// requires are the fields a letter is not sent without, besides those every letter has.
func (r *Room) requires(letter string) []Field { return r.need[letter] }

// Worded reports whether the pack has a text for a letter.
func (r *Room) Worded(letter string) bool {
	return letter != "" && slices.ContainsFunc(r.Pack.Languages, func(l string) bool {
		_, ok := r.Pack.Message(l, bodyKey(letter))
		return ok
	})
}

func paragraphs(text string) []string {
	var out []string
	for _, p := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = strings.Join(strings.Fields(p), " "); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// senders are the institutions in whose name a step may be performed under the variant in force: that which holds the role of whoever
// performs it, and where that role is not known, "", each that holds one of the step's. Nobody writes in another's name.
func (r *Room) senders(step *protocol.Step, role string) []string {
	var out []string
	for _, by := range step.By {
		id := r.holder(by)
		if (role == "" || by == role) && id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// holder is the institution that holds a role under the variant in force; "" where none does.
func (r *Room) holder(id string) string {
	role := r.Pack.Role(id)
	if role == nil {
		return ""
	}
	return role.Institution(r.Variant)
}

// name is what a language is called in itself.
func (r *Room) name(l lang.Lang) string { return r.Messages.For(l).Text("language.name", nil) }

// institution names an institution in a language, else in one the pack has.
func (r *Room) institution(id string, l lang.Lang) string {
	i := r.Pack.Institution(id)
	if i == nil {
		return id
	}
	return r.inLanguage(i.Name, l, id)
}

func (r *Room) inLanguage(names map[string]string, l lang.Lang, code string) string {
	for _, x := range append([]string{string(l)}, r.Pack.Languages...) {
		if names[x] != "" {
			return names[x]
		}
	}
	return code
}

// zone is where legal time is told.
func (r *Room) zone() *time.Location {
	if r.Pack.Calendar == nil {
		return time.UTC
	}
	return r.Pack.Calendar.Location()
}
