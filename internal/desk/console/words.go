package console

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/gate"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
)

// said is a message with its arguments.
type said struct {
	Key  string
	Args lang.Args
}

// words turns the law's codes into what a person reads: keys of the pack and of the program, with arguments.
type words struct {
	p    *lang.Printer
	pack *pack.Pack
	loc  *time.Location // legal times are those of the country, not of the server
	lang lang.Lang
}

func roleKey(role string) string { return "role." + role }

func stepKey(protocol, step string) string { return "step." + protocol + "." + step }

func (w words) when(i act.Instant) time.Time { return i.Time().In(w.loc) }

// step names a step; by its code where the country has none of that name, which only a forged form asks for.
func (w words) step(protocol, id string) any {
	key := stepKey(protocol, id)
	if w.p != nil && !w.p.Has(key) {
		return lang.Code(id)
	}
	return lang.Key(key)
}

// steps names steps of which one is enough.
func (w words) steps(protocol string, ids []string) any {
	return w.eitherStep(listOf(ids, func(id string) any { return w.step(protocol, id) }))
}

// eitherStep joins the names of steps. Each begins with a word that has no capital within a sentence.
func (w words) eitherStep(all lang.List) any {
	for i := 1; i < len(all) && w.p != nil; i++ {
		key, worded := all[i].(lang.Key)
		if !worded {
			continue
		}
		name := w.p.Text(string(key), nil)
		first, size := utf8.DecodeRuneInString(name)
		all[i] = lang.Worded(string(unicode.ToLower(first)) + name[size:])
	}
	return w.either(all)
}

// roles names roles of which one is enough.
func (w words) roles(ids []string) any {
	return w.either(listOf(ids, func(id string) any { return lang.Key(roleKey(id)) }))
}

// either joins words with the language's own or, two by two: a list says and, which would ask for all of them.
func (w words) either(all lang.List) any {
	if len(all) == 0 || w.p == nil {
		return all
	}
	out := all[0]
	for _, next := range all[1:] {
		out = lang.Worded(w.p.Text("file.either", lang.Args{"first": out, "second": next}))
	}
	return out
}

func listOf(ids []string, word func(string) any) lang.List {
	out := make(lang.List, len(ids))
	for i, id := range ids {
		out[i] = word(id)
	}
	return out
}

// about words what a file is about, by the code its first act said; nil where it said none that anybody worded.
func (w words) about(code string) *said {
	key := w.anyList(code)
	if key == "" {
		return nil
	}
	return &said{key, nil}
}

// anyList is the key of a word of some list.
func (w words) anyList(code string) string {
	if code == "" {
		return ""
	}
	for _, list := range w.pack.Lists() {
		key := "list." + list + "." + code
		if w.pack.Has(list, code) && (w.p == nil || w.p.Has(key)) {
			return key
		}
	}
	return ""
}

// aboutArg is the same as an argument of a message; the code where nobody worded it.
func aboutArg(w words, code string) any {
	if key := w.anyList(code); key != "" {
		return lang.Key(key)
	}
	return lang.Code(code)
}

func number64(n int64) string { return strconv.FormatInt(n, 10) }

// title names a legal text in the reader's language, else in one the pack has.
func (w words) title(id string) any {
	t := w.pack.Text(id)
	if t == nil {
		return lang.Code(id)
	}
	return w.inLanguage(t.Title, id)
}

// inLanguage picks the reader's language, else one the pack has, else the code.
func (w words) inLanguage(names map[string]string, code string) any {
	for _, l := range append([]string{string(w.lang)}, w.pack.Languages...) {
		if names[l] != "" {
			return names[l]
		}
	}
	return lang.Code(code)
}

func (w words) basis(b gate.Basis) said {
	if b.Article == "" {
		return said{"file.basis", lang.Args{"text": w.title(b.Text)}}
	}
	return said{"file.basis.article", lang.Args{"text": w.title(b.Text), "article": lang.Code(b.Article)}}
}

func (w words) bases(all []gate.Basis) []said {
	out := make([]said, len(all))
	for i, b := range all {
		out[i] = w.basis(b)
	}
	return out
}

// block words one reason for which a step may not be done now.
func (w words) block(protocolID string, b *protocol.Block) said {
	args := lang.Args{"have": lang.Key("file.fact.unknown")} // a message may ask for it where nothing is known
	if b.Why == protocol.WhyGate {
		args["text"], args["article"] = lang.Key("file.law.rested"), lang.Code("-") // likewise, where no day was said on which to look
	}
	fact := ""
	for _, a := range b.Args {
		if a.Name == "fact" {
			fact = a.Value.Code()
		}
	}
	for _, a := range b.Args {
		args[a.Name] = w.arg(protocolID, b, fact, a)
	}
	return said{b.Key, args}
}

func (w words) arg(protocolID string, b *protocol.Block, fact string, a protocol.Arg) any {
	code := a.Value.Code()
	switch a.Name {
	case "step":
		return w.step(protocolID, code)
	case "steps":
		return w.steps(protocolID, a.Value.Codes())
	case "roles":
		return w.roles(a.Value.Codes())
	case "rule":
		return lang.Key("rule." + code)
	case "fact":
		return lang.Key("fact." + code)
	case "text":
		return w.title(code)
	case "article":
		return lang.Code(code)
	case "standing":
		return lang.Key("law.status." + code)
	case "have":
		// What a condition on a text saw is the text's standing; it has no fact.
		if fact == "" && a.Value.Type() == act.Code && b.Why == protocol.WhyGate {
			return lang.Key("law.status." + code)
		}
	}
	return w.value(w.listOfFact(fact), a.Value)
}

// listOfFact is the closed list of a fact of the pack, "" when it has none.
func (w words) listOfFact(fact string) string {
	for i := range w.pack.Facts {
		if w.pack.Facts[i].ID == fact {
			return w.pack.Facts[i].List
		}
	}
	return ""
}

// value writes a fact's value; nil for identifiers, which say nothing to a person.
func (w words) value(list string, v act.Value) any {
	switch v.Type() {
	case act.Bool:
		if v.Bool() {
			return lang.Key("page.yes")
		}
		return lang.Key("page.no")
	case act.Int:
		return v.Int()
	case act.Code:
		return w.listed(list, v.Code())
	case act.Codes:
		return listOf(v.Codes(), func(code string) any { return w.listed(list, code) })
	case act.Date:
		day, ok := v.Date()
		if ok {
			return lang.Day(day)
		}
	case act.At:
		at, ok := v.Instant()
		if ok {
			return lang.Moment(w.when(at))
		}
	}
	return nil
}

// listed words one code of a closed list; the code itself where nobody worded it.
func (w words) listed(list, code string) any {
	if i := w.pack.Institution(code); i != nil && list == "institutions" {
		return w.inLanguage(i.Name, code)
	}
	key := w.listKey(list, code)
	if key == "" {
		return lang.Code(code)
	}
	return lang.Key(key)
}

// listKey is the key of a word of a list, "" where nobody worded it. A list that is part of another is worded there.
func (w words) listKey(list, code string) string {
	switch list {
	case "roles":
		return roleKey(code)
	case "compartments":
		return "compartment." + code
	case protocol.ListProtocols:
		return "protocol." + code
	}
	key := "list." + list + "." + code
	if w.p == nil || w.p.Has(key) {
		return key
	}
	for _, other := range w.pack.Lists() {
		key = "list." + other + "." + code
		if w.pack.Has(other, code) && w.p.Has(key) && w.within(list, other) {
			return key
		}
	}
	return ""
}

// within reports whether all words of a list are words of the other.
func (w words) within(list, other string) bool {
	all := w.pack.Words(list)
	for _, word := range all {
		if !w.pack.Has(other, word) {
			return false
		}
	}
	return len(all) > 0
}

// factAmount is a sum of the country's money.
const factAmount = "amount"

// Parts of documents whose words are those of a list of the pack, where no fact of the pack has that name.
var listOfPart = map[string]string{"rung": "rungs", "measure": "rungs", "remedy": "remedies"}

// part words a part of a document, line by line: what somebody wrote stays as it is, what a list of the pack or this program has a
// word for is said in the reader's language.
func (w words) part(name, text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = w.partLine(name, line)
	}
	return strings.Join(lines, "\n")
}

func (w words) partLine(name, line string) string {
	if w.p == nil {
		return line
	}
	switch name {
	case "language", "languages":
		return web.LanguageName(w.p, line)
	case "date", "expires_on":
		return w.p.Dated(line)
	case factAmount:
		n, err := strconv.ParseInt(line, 10, 64)
		if err != nil {
			return line
		}
		return w.money(n)
	}
	list := listOfPart[name]
	if list == "" {
		list = w.listOfFact(name)
	}
	if !w.pack.Has(list, line) {
		return line
	}
	if i := w.pack.Institution(line); i != nil && list == "institutions" {
		return fmt.Sprint(w.inLanguage(i.Name, line))
	}
	key := w.listKey(list, line)
	if key == "" {
		return line
	}
	return w.text(key, nil)
}

// inUse words when an address was in use, to the second and with its offset: an hour later it may be somebody else's.
func (w words) inUse(at string) string {
	when, err := time.Parse(time.RFC3339, at)
	if err != nil || w.p == nil {
		return at
	}
	return w.p.Text("body.part.in_use", lang.Args{"date": lang.Day(when), "clock": lang.Code(when.Format("15:04:05 UTC-07:00"))})
}

// money words a sum as the pack's letters do; the bare number, where they have no word for it.
func (w words) money(n int64) string {
	const key = "letter.amount"
	if w.p.Has(key) {
		return w.p.Text(key, lang.Args{"amount": n})
	}
	return w.p.Number(n)
}

// article words what stands in a document as an article of a legal text; "" where it is no such thing.
func (w words) article(parts map[string]any) string {
	text, is := parts["text"].(string)
	article, _ := parts["article"].(string)
	if !is || w.pack.Text(text) == nil || len(parts) > 2 || len(parts) == 2 && article == "" {
		return ""
	}
	b := w.basis(gate.Basis{Text: text, Article: article})
	return w.text(b.Key, b.Args)
}
