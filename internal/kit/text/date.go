package text

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Date is a date as a text writes it.
type Date struct {
	Span
	// Year is 0 where the text gives none, or one that is not of the years 1900 to 2099 of the common era.
	Year, Month, Day int // Month and Day are 0 where the text does not give them
	// Either is set where day and month are numbers that could be read both ways; Month and Day are then read day first.
	Either bool
}

// String returns the date at the precision the text gives, as 2025-07-03 or 2025-07; "" when it gives less than a
// month of a year, or a day no calendar has.
func (d Date) String() string {
	switch {
	case d.Year == 0 || d.Month < 1 || d.Month > 12:
		return ""
	case d.Day == 0:
		return fmt.Sprintf("%04d-%02d", d.Year, d.Month)
	}
	t := time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC)
	if t.Day() != d.Day || t.Month() != time.Month(d.Month) {
		return ""
	}
	return t.Format(time.DateOnly)
}

// months are the names of the months in French, English, Spanish and the four Arabic usages: of the Maghreb's west,
// of Algeria and Tunisia, of Egypt and of the Levant. Folded, as they are looked up.
var months = []string{
	"janvier janv january jan enero يناير جانفي كانون_الثاني",
	"février févr fév february feb febrero فبراير فيفري شباط",
	"mars march mar marzo مارس آذار",
	"avril avr april apr abril أبريل ابريل أفريل نيسان إبريل",
	"mai may mayo ماي مايو أيار",
	"juin june jun junio يونيو يونيه جوان حزيران",
	"juillet juil july jul julio يوليوز يوليو يوليه جويلية تموز",
	"août august aug agosto غشت أغسطس اغسطس أوت آب",
	"septembre sept september sep septiembre شتنبر سبتمبر أيلول",
	"octobre oct october octubre أكتوبر اكتوبر تشرين_الأول",
	"novembre nov november noviembre نونبر نوفمبر تشرين_الثاني",
	"décembre déc december dec diciembre دجنبر ديسمبر كانون_الأول",
}

var monthOf, monthName = func() (map[string]int, string) {
	numbers := map[string]int{}
	var names []string
	for i, line := range months {
		for name := range strings.FieldsSeq(line) {
			name = Fold(strings.ReplaceAll(name, "_", " "))
			numbers[name] = i + 1
			names = append(names, name)
		}
	}
	// The longest first: a name may begin with another.
	for i := range names {
		for j := i + 1; j < len(names); j++ {
			if len(names[j]) > len(names[i]) {
				names[i], names[j] = names[j], names[i]
			}
		}
	}
	return numbers, "(?:" + strings.Join(names, "|") + ")"
}()

const (
	weekday = `(?:(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|(?:mon|tues|wednes|thurs|fri|satur|sun)day|` +
		`lunes|martes|miercoles|jueves|viernes|sabado|domingo|` +
		`(?:يوم )?(?:ال)?(?:اثنين|ثلاثاء|اربعاء|خميس|جمعة|سبت|احد))`
	sep   = ` ?[-/.–] ?`
	hijri = `(?:شهر )?(?:محرم|صفر|ربيع (?:ال)?(?:اول|ثاني|اخر)|جماد[يى] (?:ال)?(?:اولى|اول|ثانية|ثاني|اخرة|اخر)|رجب|شعبان|رمضان|شوال|ذ[ويى] (?:ال)?(?:قعدة|حجة))`
	// Another name of the same month after a stroke, as in يوليو/تموز.
	also = `(?: ?/ ?MONTH)?`
)

// The ways to write a date, in folded text with single spaces, the fullest first. Each has its groups named.
var dateForms = func() []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, form := range []string{
		`(?P<y>\d{4})` + sep + `(?P<m>\d{1,2})` + sep + `(?P<d>\d{1,2})`,
		`(?P<a>\d{1,2}) ?(?:er)?` + sep + `(?P<b>\d{1,2})` + sep + `(?P<y>\d{4})`,
		`(?P<d>\d{1,2}) ?(?:er|st|nd|rd|th)?(?: of| de)? ?(?P<M>MONTH)` + also + `\.?,?(?: de| del)? (?P<y>\d{4})`,
		`(?P<M>MONTH)\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})`,
		`(?P<M>MONTH)` + also + `\.?,?(?: de| del)? (?P<y>\d{4})`,
		`(?P<y>\d{4})-(?P<m>\d{2})`,
		`\d{1,2}` + sep + `\d{1,2}` + sep + `\d{2}`, // a year of two digits is none
		`\d{1,2} (?:من )?` + hijri + ` \d{4}`,       // a year of another calendar
		`(?P<m>\d{1,2})` + sep + `(?P<y>\d{4})`,
		`(?P<d>\d{1,2}) ?(?:er|st|nd|rd|th)?(?: of| de)? ?(?P<M>MONTH)`,
		`(?P<M>MONTH)\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?`,
	} {
		form = strings.ReplaceAll(form, "MONTH", monthName)
		out = append(out, regexp.MustCompile(`^(?:`+weekday+`,? )?`+form))
	}
	return out
}()

// Dates returns the dates in s, which must be folded and have single spaces (see Fold and Plain), in order. Hours are
// no part of them.
func Dates(s string) []Date {
	var out []Date
	if !strings.ContainsAny(s, "0123456789") {
		return nil
	}
	for i := 0; i < len(s); {
		if within(s, i) || !wordByte(s[i]) || !begins(s[i:]) {
			i++
			continue
		}
		d, ok := dateAt(s, i)
		if !ok {
			i++
			continue
		}
		out = append(out, d)
		i = d.To
	}
	return out
}

// within reports whether a place is inside a word, a number or a row of numbers. An Arabic letter may stand before a
// number and be a word of its own.
func within(s string, at int) bool {
	if at == 0 {
		return false
	}
	before := s[at-1]
	return goesOn(s, at) || isDigit(s[at]) && (wordByte(before) && before < utf8.RuneSelf ||
		at > 1 && isDigit(s[at-2]) && strings.IndexByte("-/.", before) >= 0)
}

// firstLetters are what the names of months and weekdays begin with.
var firstLetters = func() map[rune]bool {
	out := map[rune]bool{}
	for name := range monthOf {
		r, _ := utf8.DecodeRuneInString(name)
		out[r] = true
	}
	for _, r := range "lmjvsdmtwfاثخجسيل" {
		out[r] = true
	}
	return out
}()

// begins reports whether a date may begin where s does.
func begins(s string) bool {
	if isDigit(s[0]) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(s)
	return firstLetters[r]
}

// wordByte reports whether a byte of UTF-8 belongs to a word: any beyond ASCII is taken for a letter.
func wordByte(b byte) bool {
	return b >= 0x80 || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_'
}

func dateAt(s string, at int) (Date, bool) {
	// No date is longer; a window keeps a long text from being read again and again.
	window := s[at:min(len(s), at+120)]
	for _, form := range dateForms {
		m := form.FindStringSubmatchIndex(window)
		if m == nil || goesOn(window, m[1]) {
			continue
		}
		group := func(name string) string {
			i := form.SubexpIndex(name)
			if i < 0 {
				return ""
			}
			return window[m[2*i]:m[2*i+1]]
		}
		d := Date{Span: Span{at, at + m[1]}, Year: number(group("y")), Month: number(group("m")), Day: number(group("d"))}
		if name := group("M"); name != "" {
			d.Month = monthOf[name]
		}
		if group("a") != "" {
			d.Day, d.Month = number(group("a")), number(group("b"))
			d.Either = d.Day <= 12 && d.Month <= 12 && d.Day != d.Month
			if d.Month > 12 && d.Day <= 12 {
				d.Day, d.Month = d.Month, d.Day
			}
		}
		if d.Year < 1900 || d.Year > 2099 {
			d.Year = 0
		}
		return d, true
	}
	return Date{}, false
}

// goesOn reports whether the number or the word that ends at a place goes on behind it.
func goesOn(s string, at int) bool {
	if at == len(s) {
		return false
	}
	before, here := isDigit(s[at-1]), isDigit(s[at])
	return before && here || !before && !here && wordByte(s[at-1]) && wordByte(s[at])
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// Plain returns s with every run of space made one plain space and the marks of direction left out.
func Plain(s string) string {
	return strings.Join(strings.FieldsFunc(strings.Map(func(r rune) rune {
		if r == tatweel || !IsSpace(r) && !visible(r) {
			return -1
		}
		return r
	}, s), IsSpace), " ")
}
