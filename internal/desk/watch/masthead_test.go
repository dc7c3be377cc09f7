package watch_test

import (
	"strings"
	"testing"

	"sanad/internal/desk/watch"
)

// A line with a name and a date is the line of the publication. Its name is an outlet only where it calls itself a paper and
// stands alone: otherwise it may be a place, a section or a person.
func TestMasthead(t *testing.T) {
	t.Parallel()
	const title = "Le sel de Tazrout se vend désormais au poids"
	for line, want := range map[string]struct{ outlet, date string }{
		"La Gazette du Sel, 05.07.2031":                 {"La Gazette du Sel", "2031-07-05"},
		"Le Moulin du Soir, 05.07.2031":                 {"Le Moulin du Soir", "2031-07-05"},
		"L’Écho du Matin - 5 juillet 2031":              {"L’Écho du Matin", "2031-07-05"},
		"La Gazette du Sel – le 5 juillet 2031 à 14h30": {"La Gazette du Sel", "2031-07-05"},
		"La Gazette du Sel | 5 juillet 2031":            {"La Gazette du Sel", "2031-07-05"},
		"The Salt Herald · July 5, 2031":                {"The Salt Herald", "2031-07-05"},
		"بريد السواحل، 5 يوليوز 2031":                   {"بريد السواحل", "2031-07-05"},
		"La Porte du Col, 5 juillet 2031":               {"", "2031-07-05"},
		"Les Sables Inventés du Sud, 5 juillet 2031":    {"", "2031-07-05"},
		"Samir Inventé, 5 juillet 2031":                 {"", "2031-07-05"},
		"Samir Inventé | 5 juillet 2031":                {"", "2031-07-05"},
		"Édition du Soir | 5 juillet 2031":              {"", "2031-07-05"},
		"Revue de Presse | 5 juillet 2031":              {"", "2031-07-05"},
		"Magazine, 5 juillet 2031":                      {"", "2031-07-05"},

		"Publié dans La Gazette du Sel le 07 - 2031":                                            {"La Gazette du Sel", "2031-07"},
		"Publié dans La Gazette du Sel le 13 - 2031":                                            {"La Gazette du Sel", ""},
		"Publié dans La Gazette du Sel le 2031":                                                 {"La Gazette du Sel", ""},
		"Publié dans La Gazette du Sel en 2031":                                                 {"La Gazette du Sel", ""},
		"Published in The Salt Gazette on 07.2031":                                              {"The Salt Gazette", "2031-07"},
		"نشر في بريد السواحل يوم 07 - 2031":                                                     {"بريد السواحل", "2031-07"},
		"Publi&eacute; dans L&#039;&Eacute;cho d&rsquo;Ici le 5 ao&ucirc;t 2031 &agrave; 10h12": {"L'Écho d’Ici", "2031-08-05"},
	} {
		r := read(t, title+"\n"+line+"\n\n"+prose1+"\n"+prose2+"\n")
		got := says(r)
		if got["title"] != title || got["outlet"] != want.outlet || got["date"] != want.date || len(r.Paragraphs) != 2 {
			t.Errorf("%s: title %q, outlet %q, date %q, %d paragraphs", line, got["title"], got["outlet"], got["date"], len(r.Paragraphs))
		}
	}
	for _, line := range []string{"Le Moulin de la Vallée du Sel, 5 juillet 2031", "La commission du sel a rendu son rapport, 5 juillet 2031"} {
		if r := read(t, prose1+"\n"+prose2+"\n"+line+"\n"+prose1[:40]+" "+prose2); len(r.Paragraphs) != 4 {
			t.Errorf("inside the article %q is lost", line)
		}
	}
}

// A text that was copied with its entities is recognized as the same text without them; its paragraphs stay the file's bytes.
func TestEntities(t *testing.T) {
	t.Parallel()
	const page = "&nbsp;\nL&rsquo;&eacute;cole d&#39;A&iuml;t Imaginaire &amp; ses &laquo;&nbsp;&eacute;crans&nbsp;&raquo;&nbsp;\nPubli&eacute; le 05/07/2031 &agrave; 10h12\n\n"
	body := strings.NewReplacer("é", "&eacute;", "'", "&#x27;").Replace(prose1) + "&nbsp;\n" + prose2
	r := read(t, page+body)
	got := says(r)
	if got["title"] != "L’école d'Aït Imaginaire & ses «\u00a0écrans\u00a0»" || got["date"] != "2031-07-05" || len(r.Paragraphs) != 2 || r.Body() != body {
		t.Errorf("%q, %d paragraphs, body %q", got, len(r.Paragraphs), r.Body())
	}
	if r.Words() != read(t, prose1+"\n"+prose2).Words() {
		t.Errorf("%d words", r.Words())
	}
	plain := read(t, page+prose1+"\n"+prose2)
	var shelf watch.Shelf
	shelf.Add(plain)
	shelf.Add(r)
	if len(r.SameStoryAs) != 1 {
		t.Error("the same words with entities are another story")
	}
	for line, want := range map[string]string{
		"Q&A : le sel et nous": "Q&A : le sel et nous", "Le sel&#10;des autres villages": "Le sel&#10;des autres villages", "Le sel&#x202e; des autres": "Le sel des autres",
		"Le sel &bogus; des autres": "Le sel &bogus; des autres", "Le sel &amp;eacute; des autres": "Le sel &eacute; des autres",
	} {
		if got := says(read(t, line+"\nPublié le 5 juillet 2031\n\n"+prose1+"\n"+prose2))["title"]; got != want {
			t.Errorf("%q: title %q", line, got)
		}
	}
}

// The name of an author below the article is the author's line again, and any other short line there is not.
func TestSignature(t *testing.T) {
	t.Parallel()
	for head, signature := range map[string]string{
		"Par Salma Inventée\nPublié le 5 juillet 2031":                "Salma Inventée",
		"Par Salma Inventée, potière\nPublié le 5 juillet 2031":       "SALMA INVENTÉE",
		"Salma Inventée\nPublié le 5 juillet 2031":                    "Salma Inventée",
		"Salma Inventée Publié dans Le Phare le 05 - 07 - 2031":       "Salma Inventée.",
		"بقلم: سلمى المتخيلة\nنشر في بريد السواحل يوم 05 - 07 - 2031": "سلمى المتخيلة",
	} {
		page := "Le sel de Tazrout se vend désormais au poids\n" + head + "\n\n" + prose1 + "\n" + prose2 + "\n"
		if r := read(t, page+signature); len(r.Paragraphs) != 2 {
			t.Errorf("%q: the signature %q stays", head, signature)
		}
		if r := read(t, page+"Samir Inventé"); len(r.Paragraphs) != 3 {
			t.Errorf("%q: another name is lost", head)
		}
		if r := read(t, page+signature+"\n"+prose1[:60]+" "+prose2); len(r.Paragraphs) != 4 {
			t.Errorf("%q: the name inside of the article is lost", head)
		}
	}
}

// A body that is printed again without a line end between is one body.
func TestTwiceInOneLine(t *testing.T) {
	t.Parallel()
	body := prose1 + " " + prose2
	for name, it := range map[string]struct{ line, kept string }{
		"twice":           {body + " " + body, body},
		"three times":     {body + " " + body + "\u00a0 " + body, body},
		"without a space": {body + body, body},
		"otherwise set":   {body + " " + strings.ToUpper(body), body},
		"quoted":          {"« " + body + " » « " + body + " »", "« " + body + " »"},
		"behind a lead":   {"Reportage à Tazrout. " + body + " " + body, "Reportage à Tazrout. " + body},
		"a refrain":       {body + " Le sel, le sel, le sel ! Le sel, le sel, le sel !", body + " Le sel, le sel, le sel ! Le sel, le sel, le sel !"},
		"apart":           {prose1 + " " + prose2 + " " + prose1, prose1 + " " + prose2 + " " + prose1},
	} {
		for _, after := range []string{"", "\n" + arabic} {
			r := read(t, it.line+after)
			if want := it.kept + after; r.Body() != want {
				t.Errorf("%s: %q", name, r.Body())
			}
		}
	}
}
