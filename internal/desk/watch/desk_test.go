package watch_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/desk/register/registertest"
	"sanad/internal/desk/watch"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// page reads a text of testdata.
func page(t *testing.T, name string) watch.Page {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return watch.Page{Name: name, Text: bytes.ReplaceAll(b, []byte("2031"), []byte("2025"))} // published before the test's today
}

// written is an article of its own for each seed, long enough to be told from others.
func written(seed, date string) watch.Page {
	var b strings.Builder
	b.WriteString("Un titre " + seed + "\n\n")
	if date != "" {
		b.WriteString(date + "\n\n")
	}
	for i := range 6 {
		for j := range 14 {
			b.WriteString(seed + string(rune('a'+i)) + string(rune('a'+j)) + " enfants ")
		}
		b.WriteString("sont en cause, dit le rapport.\n\n")
	}
	return watch.Page{Name: seed + ".txt", Text: []byte(b.String())}
}

var choice = watch.Choice{Source: "newspaper", Situation: "contact"}

func importing(t *testing.T, h *registertest.House, pages ...watch.Page) []watch.Outcome {
	t.Helper()
	out, err := h.Watch.Import(t.Context(), h.Mandates["herald"], choice, pages)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Texts become alerts that hold neither the text nor its author; the same text again adds nothing; the same story in other words is
// recorded as a repetition, in the same import or a later one.
func TestImport(t *testing.T) {
	t.Parallel()
	registertest.OnBoth(t, func(t *testing.T, h *registertest.House) {
		first := importing(t, h, page(t, "fr_site.txt"), page(t, "ar_aggregator.txt"))
		for _, o := range first {
			if o.Refused != nil || o.File.IsZero() || o.Already {
				t.Fatalf("%+v", o)
			}
		}
		acts := h.Acts()
		again := importing(t, h, page(t, "fr_site.txt"), page(t, "fr_site.txt"), page(t, "ar_aggregator.txt"))
		for i, o := range again {
			if !o.Already || o.File != first[i/2].File {
				t.Errorf("%d: %+v", i, o)
			}
		}
		if now := h.Acts(); now != acts {
			t.Fatalf("an import of the same texts recorded %d acts", now-acts)
		}
		twice := importing(t, h, written("un", ""), written("un", ""), watch.Page{Name: "empty", Text: []byte("  \n")}, watch.Page{Name: "picture", Text: []byte("\x89PNG\x00\x01")},
			watch.Page{Name: "utf16", Text: []byte("\xff\xfea\x00")})
		if twice[0].Already || !twice[1].Already || twice[1].File != twice[0].File || twice[2].Refused == nil || twice[3].Refused == nil || twice[4].Refused == nil {
			t.Fatalf("%+v", twice)
		}
		o, err := h.Clerk.OpenPublic(t.Context(), first[0].Act)
		if err != nil {
			t.Fatal(err)
		}
		r, err := watch.Read("x", page(t, "fr_site.txt").Text)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range r.Paragraphs {
			if len(p.Text) > 40 && bytes.Contains(o.Body, []byte(p.Text[:40])) {
				t.Errorf("an alert holds the text %q", p.Text[:40])
			}
		}
		var said map[string]any
		if err := json.Unmarshal(o.Body, &said); err != nil || said["author"] != nil || said["sum"] != r.BodySHA256 {
			t.Fatalf("%v %v", said, err)
		}
	})
}

func TestRepeats(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	first := importing(t, h, written("alpha", ""))
	// Another outlet's version: another title, the middle part of the same words.
	cut := string(written("alpha", "").Text)
	cut = "Autre titre\n\n" + cut[strings.Index(cut, "\n\n")+2:strings.LastIndex(strings.TrimSpace(cut), "\n\n")]
	later := importing(t, h, watch.Page{Name: "cut", Text: []byte(cut)}, written("beta", ""), watch.Page{Name: "cut2", Text: []byte(cut + "\n\nUn mot de la rédaction sur tout cela, ajouté plus tard.")})
	if later[0].Repeats != first[0].File || !later[1].Repeats.IsZero() || later[2].Repeats != first[0].File {
		t.Fatalf("%+v", later)
	}
	rows := alerts(t, h)
	if rows[later[0].File].Repeats != first[0].File || !rows[first[0].File].Repeats.IsZero() {
		t.Fatalf("%+v", rows)
	}
	_, err := h.Do(watch.Sort, later[1].File, watch.KindRepeats, act.Act{Facts: registertest.Facts("repeats", later[1].File.String()), Cites: []act.ID{later[1].Act}})
	if fault.CodeOf(err) != fault.Invalid {
		t.Errorf("an alert that repeats itself: %v", err)
	}
	h.Acts()
}

func alerts(t *testing.T, h *registertest.House) map[act.ID]watch.Row {
	t.Helper()
	out := map[act.ID]watch.Row{}
	err := h.Clerk.Read(t.Context(), func(tx clerk.Tx) error {
		list, err := watch.Store{}.Newest(t.Context(), tx, 0, 100)
		for _, r := range list {
			out[r.File] = r
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A sketch says the same as the whole texts do: of every pair of texts at hand, and of the real ones where they are.
func TestSketchAgreesWithShelf(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(names) < 4 {
		t.Fatal(err)
	}
	real, err := filepath.Glob(filepath.Join(beside, "seeds/*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	pairs, same := 0, 0
	names = append(names, real...)
	for i, a := range names {
		for _, b := range names[:i] {
			var shelf watch.Shelf
			var sketches []watch.Sketch
			var last *watch.Reading
			for _, name := range []string{b, a} {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				last, err = watch.Read(name, text)
				if err != nil {
					t.Fatal(err)
				}
				shelf.Add(last)
				s, err := watch.ParseSketch(watch.SketchOf(last.Body()).String())
				if err != nil {
					t.Fatal(err)
				}
				sketches = append(sketches, s)
			}
			whole := len(last.SameStoryAs) > 0
			if sketches[0].SameAs(sketches[1]) != whole || sketches[1].SameAs(sketches[0]) != whole {
				t.Errorf("%s and %s: the texts say %v, the sketches do not", filepath.Base(a), filepath.Base(b), whole)
			}
			pairs++
			if whole {
				same++
			}
		}
	}
	if same == 0 || same == pairs {
		t.Fatalf("%d of %d pairs tell one story: this test shows nothing", same, pairs)
	}
	// A long text, of which a share is kept: the half of it is the same story, a text beside it is not.
	long := strings.Builder{}
	other := strings.Builder{}
	for i := range 20_000 {
		long.WriteString("m" + string(rune('a'+i%23)) + string(rune('a'+i%19)) + string(rune('a'+i/97%26)) + " ")
		other.WriteString("n" + string(rune('a'+i%17)) + string(rune('a'+i/11%26)) + string(rune('a'+i%13)) + " ")
	}
	whole, half, none := watch.SketchOf(long.String()), watch.SketchOf(long.String()[:long.Len()/2]), watch.SketchOf(other.String())
	if !whole.SameAs(half) || whole.SameAs(none) || len(whole.String()) > 2000 {
		t.Fatal("long texts are not told apart")
	}
}

// What is out of scope never becomes an alert: not by the page, not by an import, not by a command.
func TestScope(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	site := console(t, h)
	before := h.Acts()
	body, media := upload(t, map[string]string{"source": "newspaper", "situation": "opinion"}, written("gamma", ""))
	for _, s := range []registertest.Scenario{
		{Name: "the page offers what is in scope alone", Who: "herald", Target: "/watch", Status: 200, Has: []string{`value="contact"`, `value="blackmail"`}, HasNot: []string{`value="opinion"`, `value="quarrel"`}},
		{Name: "by the page", Who: "herald", Method: "POST", Target: "/watch", Body: body, Media: media, Status: 422, Has: []string{"ne peut pas devenir une alerte", `href="#f-situation"`}},
	} {
		s.Play(t, site)
	}
	_, err := h.Watch.Import(t.Context(), h.Mandates["herald"], watch.Choice{Source: "newspaper", Situation: "quarrel"}, []watch.Page{written("gamma", "")})
	if e := fault.Of(err); e == nil || e.Fields[0].Key != "watch.scope" {
		t.Errorf("by an import: %v", err)
	}
	r, err := watch.Read("x", written("gamma", "").Text)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(watch.Alert{Sum: r.BodySHA256, Sketch: watch.SketchOf(r.Body()).String()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Do(watch.Sort, act.ID{}, watch.KindImported, act.Act{Body: raw, Facts: registertest.Facts("source", "newspaper", "situation", "opinion", "precision", "none")})
	if e := fault.Of(err); e == nil || e.Key != "watch.scope" {
		t.Errorf("by a command: %v", err)
	}
	twice := bytes.Replace(raw, []byte("{"), []byte(`{"title":"One title","title":"Another",`), 1)
	_, err = h.Do(watch.Sort, act.ID{}, watch.KindImported, act.Act{Body: twice, Facts: registertest.Facts("source", "newspaper", "situation", "contact", "precision", "none")})
	if e := fault.Of(err); e == nil || e.Key != "watch.unreadable" {
		t.Errorf("by a command that says a title twice: %v", err)
	}
	if now := h.Acts(); now != before {
		t.Fatalf("%d acts were recorded", now-before)
	}
	// The same text about something in scope is taken: it was refused for nothing else.
	_, err = h.Do(watch.Sort, act.ID{}, watch.KindImported, act.Act{Body: raw, Facts: registertest.Facts("source", "newspaper", "situation", "contact", "precision", "none")})
	if err != nil {
		t.Fatal(err)
	}
}

// An alert is tied to a platform and never to a person, nor to anything else.
func TestTies(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	platform := h.Platform("Gamo")
	alert := importing(t, h, written("delta", ""))[0]
	for name, file := range map[string]act.ID{"a person": registertest.ID(), "the register": h.Register, "an alert": alert.File} {
		err := h.Watch.Tie(t.Context(), h.Mandates["herald"], alert.File, file)
		if e := fault.Of(err); e == nil || len(e.Fields) == 0 || e.Fields[0].Key != "watch.platform.unknown" {
			t.Errorf("tied to %s: %v", name, err)
		}
	}
	_, err := h.Do(watch.Sort, alert.File, watch.KindTied, act.Act{Facts: registertest.Facts("platform", platform.String())})
	if fault.CodeOf(err) != fault.Invalid {
		t.Errorf("tied without citing the platform's enrolment: %v", err)
	}
	if err := h.Watch.Tie(t.Context(), h.Mandates["herald"], alert.File, platform); err != nil {
		t.Fatal(err)
	}
	k, err := h.Watch.Knowledge(t.Context(), platform, act.InstantOf(h.Clock.Now()))
	if err != nil || k.Alerts != 1 || len(k.Acts) != 1 {
		t.Fatalf("%+v %v", k, err)
	}
	o, err := h.Clerk.OpenPublic(t.Context(), k.Acts[0])
	if err != nil || o.Kind != watch.KindTied || len(o.Cites) != 1 {
		t.Fatalf("%+v %v", o, err)
	}
	if err := h.Watch.Drop(t.Context(), h.Mandates["herald"], alert.File, " "); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("dropped without a reason: %v", err)
	}
	if err := h.Watch.Drop(t.Context(), h.Mandates["herald"], alert.File, "not about this platform"); err != nil {
		t.Fatal(err)
	}
	k, err = h.Watch.Knowledge(t.Context(), platform, act.InstantOf(h.Clock.Now()))
	if err != nil || k.Alerts != 0 {
		t.Fatalf("a dropped alert counts: %+v %v", k, err)
	}
	h.Acts()
}

// host lets in whoever names a role, and frames nothing.
type host struct {
	t *testing.T
	h *registertest.House
}

func (x host) Inside(f func(http.ResponseWriter, *http.Request, access.Mandate) error) http.Handler {
	return x.h.Edge.Handle(func(w http.ResponseWriter, r *http.Request) error {
		role := r.Header.Get("X-Test-Role")
		if role == "" {
			return fault.Forbidden.New("error.mandate")
		}
		return f(w, r, access.Mandate{ID: x.h.Mandates[role], Role: role})
	})
}

func (x host) Show(w http.ResponseWriter, r *http.Request, _ access.Mandate, status int, page string, data any) error {
	return x.h.Edge.Pages.Render(w, r, status, page, web.View{Wide: true, Data: data})
}

func console(t *testing.T, h *registertest.House) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	(&watch.Front{Desk: h.Watch, Host: host{t, h}}).Routes(mux)
	return h.Chain(mux)
}

// upload writes a form with files as a browser does.
func upload(t *testing.T, fields map[string]string, files ...watch.Page) (body, media string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, name := range []string{"source", "situation", "admin"} {
		if v, there := fields[name]; there {
			if err := w.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile("texts", f.Name)
		if err == nil {
			_, err = part.Write(f.Text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

func TestPage(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	site := console(t, h)
	fields := map[string]string{"source": "newspaper", "situation": "contact"}
	post := func(name string, status int, has []string, fields map[string]string, files ...watch.Page) {
		t.Helper()
		body, media := upload(t, fields, files...)
		registertest.Scenario{Name: name, Who: "herald", Method: "POST", Target: "/watch", Body: body, Media: media, Status: status, Has: has}.Play(t, site)
	}
	before := h.Acts()
	large := watch.Page{Name: "large.txt", Text: bytes.Repeat([]byte("mot "), 600_000)}
	var many []watch.Page
	for i := range 21 {
		many = append(many, written("m"+string(rune('a'+i)), ""))
	}
	body, media := upload(t, fields, written("epsilon", ""))
	for _, s := range []registertest.Scenario{
		{Name: "nobody", Target: "/watch", Status: 403},
		{Name: "one who may only look", Who: "officer", Target: "/watch", Status: 200, Has: []string{"Aucune alerte"}, HasNot: []string{"<form"}},
		{Name: "one who may only look sends", Who: "officer", Method: "POST", Target: "/watch", Body: body, Media: media, Status: 403},
		{Name: "one who may import, in Arabic", Who: "herald", Language: "ar", Target: "/watch", Status: 200, Has: []string{`dir="rtl"`, `type="file" multiple`}},
		{Name: "no form with files", Who: "herald", Method: "POST", Target: "/watch", Body: "source=newspaper", Media: "application/x-www-form-urlencoded", Status: 400},
		{Name: "cut in the middle", Who: "herald", Method: "POST", Target: "/watch", Body: body[:len(body)/2], Media: media, Status: 400},
		{Name: "17 MB", Who: "herald", Method: "POST", Target: "/watch", Body: strings.Repeat("x", 17<<20), Media: media, Status: 413},
	} {
		s.Play(t, site)
	}
	post("no file", 422, []string{`href="#f-texts"`}, fields)
	post("nothing chosen", 422, []string{`href="#f-source"`, `href="#f-situation"`}, map[string]string{}, written("epsilon", ""))
	post("an unknown field", 400, []string{"admin"}, map[string]string{"admin": "1"}, written("epsilon", ""))
	post("too many", 422, []string{"20"}, fields, many...)
	post("too large", 422, []string{"large.txt", "2 Mo"}, fields, large)
	post("no text", 422, []string{"photo.png", "UTF-8"}, fields, watch.Page{Name: "photo.png", Text: []byte("\x89PNG\r\n\x1a\n\x00\x00")})
	if now := h.Acts(); now != before {
		t.Fatalf("refused uploads recorded %d acts", now-before)
	}
	post("one good, one empty", 422, []string{"1 alerte ajoutée", "Ajoutée.", "Aucun article"}, fields, written("epsilon", ""), watch.Page{Name: "vide.txt", Text: []byte("\n")})
	post("again", 200, []string{"0 alerte ajoutée", "rien n’a été ajouté"}, fields, written("epsilon", ""))
	post("a name to hurt", 200, []string{"&lt;script&gt;"}, fields, watch.Page{Name: "<script>.txt", Text: written("zeta", "").Text})
	platform := h.Platform("Gamo <i>")
	list := alerts(t, h)
	for file := range list {
		if err := h.Watch.Tie(t.Context(), h.Mandates["herald"], file, platform); err != nil {
			t.Fatal(err)
		}
	}
	registertest.Scenario{
		Name: "the list", Who: "officer", Target: "/watch", Status: 200, Has: []string{"Gamo &lt;i&gt;", "sans date", "/file/"}, HasNot: []string{"<i>", "sont en cause"},
	}.Play(t, site)
}

var _ watch.Host = host{}
