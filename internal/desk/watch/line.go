package watch

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"sanad/internal/kit/text"
)

// about is what a line says about the article; nil stands for a line that is no such line.
type about struct {
	weak   bool // a date alone, which may also be a heading of the article
	author bool
	name   string // of an author, folded: never told, it serves to know a signature below the article
	byName bool   // what names the article: Titre : …
	title  string
	outlet string
	date   string
	either bool // the date could be read both ways
	dated  bool // it is the line of the publication, whether its date can be read or not
}

// In the expressions, \x01 is where a date was, \x02 its further letters: spaces stay, so that words can be counted.
const (
	at      = `\x01[\x02 ]*`
	marked  = `(?:(?:article |texte |first |cet article a ete )?(?:publiee?s?|parue?s?|mise? en ligne|postee?|diffusee?|published|posted|publicado)|date de (?:publication|parution)|publication date|publie|date|fecha|التاريخ|تاريخ النشر|(?:تم |جري |يوم )?نشرت?(?: هذا المقال| هذا الخبر)?|تم النشر|صدرت?|اضيفت?)`
	changed = `(?:(?:derniere )?(?:mise? a jour|modification|actualisation)|modifiee?|actualisee?|(?:last )?(?:updated?|modified)|actualizado|(?:اخر |تم )?(?:ال)?تحديث(?: في)?|(?:تم |اخر )?(?:ال)?تعديل)`
	on      = `(?:(?:le|on|the|el|du|en|in|date du|dated|edition du|في|فى|في شهر|شهر|بتاريخ|يوم|ليوم|عدد) )?`
	inside  = `(?:dans|sur|in|par le site|في|فى|علي|على|عن)`
	// What may follow: an hour, a reading time, a change, an author.
	tail = `(?:[ ,|·•:;()\[\]./–—-]|(?:a|at|de|الساعه|الساعة|علي|على|le|on|يوم|ه|م|ص|gmt|utc|lecture|min|minutes?|read|am|pm|h|صباحا|مساء|` +
		changed + `)(?:[ .,:)–—-]|$)|الموافق ?ل?|\d{1,2} ?[h:] ?\d{0,2}(?::\d{2})?|\d{1,3} ?min(?:utes?)?|t\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:z|[+-]\d{2}:?\d{2})?|[+-]\d{1,2}|` + at + `)*(?:(?:par|by|بقلم) [^\x01]{2,60})?`
)

var (
	outletLine = regexp.MustCompile(`^(?P<who>[^\x01.!?:]{2,60}?[ ,|–—-]+)??` + marked + ` (?:` + inside + `|en) (?P<outlet>[^\x01]{2,80}?)[ ,|·•:–—-]*` + on + at + tail + `$`)
	datedLine  = regexp.MustCompile(`^(?P<who>[^\x01.!?:]{2,60}?[ ,|–—-]+)??` + marked + `[ :,–—-]*` + on + at + tail + `$`)
	outletOnly = regexp.MustCompile(`^` + marked + ` (?:dans|in) (?P<outlet>[^\x01.,;:!?]{2,40}?)(?: (?:le|on|the|en|in|du|يوم|بتاريخ) [^\pL\x01]*\d[^\pL\x01]*)?$`)
	changeLine = regexp.MustCompile(`^` + changed + `[ :,–—-]*` + on + `(?:` + at + tail + `)?$`)
	vagueLine  = regexp.MustCompile(`^(?:` + marked + `|` + changed + `)[ :,–—-]*(?:il y a|hier|aujourd hui|ce matin|today|yesterday|a l instant|just now|منذ|قبل|امس|اليوم|an? (?:hour|day|minute)|\d+ (?:hours?|minutes?|days?|weeks?|months?)(?: ago)?|(?:en|in|سنة|سنه|عام)? ?\d{4})[^.!?]{0,40}$`)
	agoLine    = regexp.MustCompile(`^(?:il y a (?:environ )?(?:\d+|une?|deux|trois|quelques) (?:secondes?|minutes?|heures?|jours?|semaines?|mois|ans?|annees?)|(?:about )?(?:\d+|an?|one|two|three) (?:seconds?|minutes?|hours?|days?|weeks?|months?|years?) ago|(?:منذ|قبل) (?:حوالي )?(?:\d+ )?(?:ثانيه|ثوان|دقيقه|دقيقة|دقيقتين|دقائق|ساعه|ساعة|ساعتين|ساعات|يوم|يومين|ايام|اسبوع|اسبوعين|اسابيع|شهر|شهرين|اشهر|شهور|سنه|سنة|سنتين|سنوات)(?: واحده| واحدة| واحد)?)$`)
	bareLine   = regexp.MustCompile(`^(?:\pL+(?:[ -]\pL+){0,2} ?[,|:–—-] ?)?` + on + at + tail + `$`)
	editionRow = regexp.MustCompile(`^[^\x01.!?|·•]{2,40}[|·•] ?` + on + at + tail + `$`)
	nameRow    = regexp.MustCompile(`^(?P<name>[^\x01.!?;:|·•]{2,60}?)(?: ?[,،|·•] ?| [–—-] )` + on + at + tail + `$`)
	sourceLine = regexp.MustCompile(`^(?:sources?|medias?|journal|support|publication|outlet|newspaper|المصدر|مصدر|الجريده|الجريدة|الصحيفه|الصحيفة|الموقع|fuente) ?[:：] ?(?P<outlet>[^\x01:]{2,60})$`)
	titleLine  = regexp.MustCompile(`^(?:titre|title|headline|العنوان|عنوان|titulo) ?[:：] ?.`)
	authorLine = regexp.MustCompile(`^(?:par|by|por|de notre correspondante?|auteure?s?|autrice|authors?|signe|redigee? par|ecrit par|written by|article (?:redige|ecrit) par|propos recueillis par|(?:entretien|interview) (?:realisee?|menee?|conduite?)s? par|traduit par|credits?(?: photos?)?|photos?|بقلم|الكاتبه?|الكاتبة|كاتب المقال|كتبه?ا?|كتبت|اعداد|تحرير|حاوره?ا?|اجر[يى] الحوار|ترجمه|ترجمة|تصوير|مراسله?)[ :/–-]+(?P<name>.{2,90})$`)
	tagsLine   = regexp.MustCompile(`^(?:tags?|mots?[ -]cles?|keywords?|etiquettes?|etiquetas|palabras clave|(?:ال)?وسوم|الكلمات (?:المفتاحيه|المفتاحية|الدلاليه|الدلالية)|كلمات (?:مفتاحيه|مفتاحية|دلاليه|دلالية)) ?[:：] ?.`)
	otherLine  = regexp.MustCompile(`^(?:https?://\S+|www\.\S+|(?:temps de )?lecture ?:? ?\d+ ?min.{0,20}|\d+ min(?:utes?)?(?: de lecture| read)?|\d[\d ,.]* (?:vues?|views|lectures|partages|shares|مشاهده|مشاهدة)|(?:وقت القراءه|مدة القراءة|وقت القراءة).{0,30})$`)
)

// openers are the words with which a line about the article begins when it has no date.
var openers = func() map[string]bool {
	out := map[string]bool{}
	for word := range strings.FieldsSeq(`article texte first cet publie publiee publies publiees paru parue parus parues mis mise poste postee postes
		diffuse diffusee published posted publicado date publication fecha التاريخ تاريخ تم جري يوم نشر نشرت صدر صدرت اضيف اضيفت
		derniere modification actualisation modifie modifiee actualise actualisee last updated update modified actualizado اخر تحديث التحديث تعديل التعديل
		source sources media medias journal support outlet newspaper المصدر مصدر الجريده الجريدة الصحيفه الصحيفة الموقع fuente
		titre title headline العنوان عنوان titulo par by por de auteur auteurs auteure auteures autrice author authors signe redige redigee ecrit written
		propos entretien interview traduit credit credits photo photos بقلم الكاتب الكاتبه الكاتبة كاتب كتب كتبه كتبها كتبت اعداد تحرير حاور حاوره حاورها اجري اجرى
		ترجمه ترجمة تصوير مراسل مراسله http https www temps lecture وقت مدة
		il about an a one two three منذ قبل tag tags mot mots keyword keywords etiquette etiquettes etiquetas palabras الوسوم وسوم الكلمات كلمات`) {
		out[word] = true
	}
	return out
}()

// opens reports whether a folded line without a date may be about the article: it begins with one of the openers, or
// with a number of something.
func opens(folded string) bool {
	if folded == "" || folded[0] >= '0' && folded[0] <= '9' {
		return folded != ""
	}
	end := strings.IndexFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		end = len(folded)
	}
	return openers[folded[:end]]
}

// readLine says what a line of a page tells about the article; folded is the same line as foldLine returns it.
func readLine(s, folded string) *about {
	if len(folded) > longestControl {
		return nil
	}
	dates := text.Dates(folded)
	if len(dates) == 0 && !opens(folded) {
		return nil
	}
	masked := mask(folded, dates)
	group := func(re *regexp.Regexp, name string) (string, bool) {
		m := re.FindStringSubmatchIndex(masked)
		if m == nil {
			return "", false
		}
		i := re.SubexpIndex(name)
		if i < 0 || m[2*i] < 0 {
			return "", true
		}
		return original(s, masked, m[2*i], m[2*i+1]), true
	}
	date, either := published(dates, folded)
	for _, re := range []*regexp.Regexp{outletLine, datedLine} {
		who, ok := group(re, "who")
		if !ok || who != "" && (!isName(who) || text.CountWords(who) < 2) {
			continue
		}
		outlet := ""
		if re == outletLine {
			outlet, _ = group(re, "outlet")
		}
		return &about{dated: true, date: date, either: either, outlet: outletOf(outlet), name: signed(who)}
	}
	if agoLine.MatchString(masked) {
		return &about{weak: true, dated: true}
	}
	if changeLine.MatchString(masked) || vagueLine.MatchString(masked) || otherLine.MatchString(masked) || tagsLine.MatchString(masked) {
		return &about{}
	}
	if outlet, ok := group(outletOnly, "outlet"); ok && isName(outlet) {
		return &about{dated: true, outlet: outletOf(outlet)}
	}
	if outlet, ok := group(sourceLine, "outlet"); ok && !strings.Contains(outlet, "/") {
		return &about{outlet: outletOf(outlet)}
	}
	if titleLine.MatchString(masked) {
		return &about{byName: true, title: strings.TrimFunc(behind(s, strings.IndexAny(s, colons)), text.IsSpace)}
	}
	if name, ok := group(nameRow, "name"); ok && isMasthead(name) {
		return &about{weak: true, dated: true, date: date, either: either, outlet: paperOf(name)}
	}
	if bareLine.MatchString(masked) || editionRow.MatchString(masked) {
		return &about{weak: true, dated: true, date: date, either: either}
	}
	if name, ok := group(authorLine, "name"); ok && isName(name) {
		name, _, _ = strings.Cut(name, ",")
		return &about{author: true, name: signed(name)}
	}
	return nil
}

// mask hides the dates of a folded line, leaving its spaces.
func mask(folded string, dates []text.Date) string {
	b := []byte(folded)
	for _, d := range dates {
		for i := d.From; i < d.To; i++ {
			if b[i] != ' ' {
				b[i] = 2
			}
		}
		b[d.From] = 1
	}
	return string(b)
}

// original returns the words of s that stand where bytes from to to of its folded form do; "" where the two have not
// the same words.
func original(s, folded string, from, to int) string {
	words := strings.Fields(text.Plain(strings.NewReplacer("'", "' ", "’", "’ ", "ʼ", "ʼ ", "`", "` ", "´", "´ ").Replace(s)))
	if len(words) != len(strings.Fields(folded)) {
		return ""
	}
	first, last := strings.Count(folded[:from], " "), strings.Count(strings.TrimRight(folded[:to], " "), " ")
	out := strings.Join(words[first:last+1], " ")
	if from > 0 && folded[from-1] != ' ' { // Source:Le Phare
		out = behind(out, strings.LastIndexAny(words[first], colons+"|,–—-"))
	}
	for _, sign := range []string{"'", "’", "ʼ", "`", "´"} {
		out = strings.ReplaceAll(out, sign+" ", sign)
	}
	return strings.TrimFunc(out, func(r rune) bool { return text.IsSpace(r) || strings.ContainsRune(`,،|·•:;–—-"«»“”`, r) })
}

// dayFirst are words that show in which order a line has its numbers. French, Spanish and Arabic write the day first;
// English is written in both orders, so its own words decide nothing.
var english = regexp.MustCompile(`\b(?:published|posted|publication date|updated|on|in|at|by)\b`)

// published returns the first date of a line that the common era has, as the line gives it. Numbers that can be read
// both ways are a date only where the words of the line are not English; otherwise they are read day first, and either
// says so: once the language of the article is known, an English one has no such date.
func published(dates []text.Date, folded string) (date string, either bool) {
	for _, d := range dates {
		if d.Year == 0 {
			continue
		}
		if d.Either && english.MatchString(folded[:d.From]) {
			return "", false
		}
		return d.String(), d.Either
	}
	return "", false
}

// colons are what Fold makes a colon of.
const colons = ":：﹕︓"

// behind returns what stands behind the character at a place; all of s where the place is -1.
func behind(s string, at int) string {
	if at < 0 {
		return s
	}
	_, n := utf8.DecodeRuneInString(s[at:])
	return s[at+n:]
}

func outletOf(s string) string {
	if s == "" || sections.MatchString(foldLine(s)) {
		return ""
	}
	return s
}

// signed is a name as a line of its own has it, folded, without the signs around it.
func signed(name string) string {
	return strings.TrimFunc(foldLine(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// isMasthead reports whether what stands before a date on its line may be the name of a paper and no sentence: a name of a few
// words, which opens with an article or has a word by which papers are called.
func isMasthead(name string) bool {
	folded := foldLine(name)
	return isName(name) && text.CountWords(name) <= 6 && !strings.ContainsAny(name, "0123456789,،") && (article.MatchString(folded) || papers.MatchString(folded))
}

// paperOf returns a masthead that calls itself a paper; "" for another, which may be a place, a section or an author.
func paperOf(name string) string {
	if !papers.MatchString(foldLine(name)) || text.CountWords(name) < 2 {
		return ""
	}
	return outletOf(name)
}

// isName reports whether words look like the name of a person or a paper: few of them, and in scripts that have
// capitals every word of some length has one.
func isName(s string) bool {
	s, _, _ = strings.Cut(s, ",")
	words := strings.Fields(s)
	if len(words) == 0 || len(words) > 8 || strings.ContainsAny(s, ".!?؟;") && !strings.Contains(s, ". ") {
		return false
	}
	big := false
	for _, w := range words {
		r := []rune(strings.TrimFunc(w, unicode.IsPunct))
		switch {
		case len(r) == 0:
		case !unicode.IsLower(r[0]):
			big = true
		case len(r) > 3:
			return false
		}
	}
	return big
}
