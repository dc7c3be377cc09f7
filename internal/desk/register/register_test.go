package register_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/register"
	"sanad/internal/desk/register/registertest"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// reasons is a publication that nothing is wrong with.
func reasons(more string) []byte {
	return []byte(`{"reasons":{"fr":"Motifs ` + more + `","ar":"الأسباب ` + more + `"}}`)
}

var decided = []string{"state", "stands", "decided_on", "2026-03-01"}

// publish says something about a platform and returns the entry that follows.
func publish(t *testing.T, h *registertest.House, platform act.ID, body []byte, facts ...string) clerk.Recorded {
	t.Helper()
	done, err := say(t, h, platform, body, facts...)
	if err != nil {
		t.Fatal(err)
	}
	if len(done.Acts) != 2 || done.Acts[0].Kind != protocol.KindPublished || done.Acts[1].Kind != register.KindEntered || done.Acts[1].File != h.Register {
		t.Fatalf("%+v", done.Acts)
	}
	return done.Acts[1]
}

func say(t *testing.T, h *registertest.House, platform act.ID, body []byte, facts ...string) (*clerk.Done, error) {
	t.Helper()
	v, err := h.Clerk.View(t.Context(), h.Mandates["registrar"], platform)
	if err != nil {
		t.Fatal(err)
	}
	return h.Clerk.Do(t.Context(), clerk.Command{
		Mandate: h.Mandates["registrar"], File: platform, Protocol: "yy.bulletin", Step: "say", Seen: v.Seen,
		Act: act.Act{Facts: registertest.Facts(facts...), Body: body},
	})
}

// What is published enters the register in the same commit; what may not be published leaves nothing in either file.
func TestPublish(t *testing.T) {
	t.Parallel()
	registertest.OnBoth(t, func(t *testing.T, h *registertest.House) {
		platform := h.Platform("Gamo")
		before := h.Acts()
		long := strings.Repeat("é", 20_001)
		for _, c := range []struct {
			name, body string
			facts      []string
			field, key string
		}{
			{"nothing said", `{}`, decided, "body.reasons.fr", "register.reasons.missing"},
			{"no Arabic", `{"reasons":{"fr":"x"}}`, decided, "body.reasons.ar", "register.reasons.missing"},
			{"empty French", `{"reasons":{"fr":" ","ar":"x"}}`, decided, "body.reasons.fr", "register.reasons.missing"},
			{"empty English", `{"reasons":{"fr":"x","ar":"x","en":""}}`, decided, "body.reasons.en", "register.reasons.missing"},
			{"a language of no reader", `{"reasons":{"fr":"x","ar":"x","tr":"x"}}`, decided, "body.reasons", "register.reasons.language"},
			{"too long", `{"reasons":{"fr":"` + long + `","ar":"x"}}`, decided, "body.reasons.fr", "register.long"},
			{"turned text", "{\"reasons\":{\"fr\":\"a\u202eb\",\"ar\":\"x\"}}", decided, "body.reasons.fr", "register.signs"},
			{"a measure of no list", `{"reasons":{"fr":"x","ar":"x"},"measure":"throttle"}`, decided, "body.measure", "register.word"},
			{"a remedy of no list", `{"reasons":{"fr":"x","ar":"x"},"remedy":"prayer"}`, decided, "body.remedy", "register.word"},
			{"less than nothing", `{"reasons":{"fr":"x","ar":"x"},"amount":-1}`, decided, "body.amount", "register.amount"},
			{"a field nobody knows", `{"reasons":{"fr":"x","ar":"x"},"name":"x"}`, decided, "", "register.unreadable"},
			{"a language said twice", `{"reasons":{"fr":"x","ar":"x","fr":"y"}}`, decided, "", "register.unreadable"},
			{"no document", `plain words`, decided, "", "register.unreadable"},
			{"no state", string(reasons("")), decided[2:], "fact.state", "register.missing"},
			{"no date", string(reasons("")), decided[:2], "fact.decided_on", "register.missing"},
			{"tomorrow", string(reasons("")), []string{"state", "stands", "decided_on", "2026-03-03"}, "fact.decided_on", "register.date.future"},
			{"another sort of entry", string(reasons("")), append(decided[:4:4], "entry", "breach"), "fact.entry", "register.entry.other"},
			{"an update of nothing", string(reasons("")), append(decided[:4:4], "amends", registertest.ID().String()), "", "error.cites_unknown"},
		} {
			_, err := say(t, h, platform, []byte(c.body), c.facts...)
			e := fault.Of(err)
			switch {
			case e == nil || e.Code != fault.Invalid:
				t.Errorf("%s: %v", c.name, err)
			case c.field == "" && e.Key != c.key, c.field != "" && (len(e.Fields) == 0 || e.Fields[0].Name != c.field || e.Fields[0].Key != c.key):
				t.Errorf("%s: %v, want %s %s", c.name, e, c.field, c.key)
			}
		}
		if now := h.Acts(); now != before {
			t.Fatalf("refused publications recorded %d acts", now-before)
		}
		entered := publish(t, h, platform, reasons("un"), decided...)
		about, _ := entered.Facts.Get("platform")
		if id, _ := about.ID(); id != platform {
			t.Error("the entry is not about the platform")
		}
		o, err := h.Clerk.OpenPublic(t.Context(), entered.ID)
		if err != nil || !strings.Contains(string(o.Body), "Motifs un") {
			t.Fatalf("%+v %v", o, err)
		}
		if now := h.Acts(); now != before+2 {
			t.Fatalf("a publication recorded %d acts", now-before)
		}
	})
}

// Nothing enters the register that does not follow from a publication everyone can read, and there is one register.
func TestOnlyWhatIsPublished(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	before := h.Acts()
	_, err := h.Clerk.Do(t.Context(), clerk.Command{
		Mandate: h.Mandates["registrar"], File: h.Register, Kind: register.KindEntered, Seen: act.MaxInt,
		Act: act.Act{Facts: registertest.Facts(append(decided[:4:4], "entry", "measure")...), Body: reasons("")},
	})
	if fault.CodeOf(err) != fault.Invalid {
		t.Errorf("an entry by itself: %v", err)
	}
	for _, kind := range []string{register.KindOpened} {
		_, err = h.Clerk.Do(t.Context(), clerk.Command{Mandate: h.Mandates["registrar"], Of: register.Sort, Kind: kind})
		if fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("a second register: %v", err)
		}
	}
	decide := register.Deciders(register.Law{File: func() act.ID { return h.Register }})
	_, err = decide[register.KindOpened](&protocol.State{}, &clerk.Command{}, 0)
	if fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a second register, by a step that a pack might have: %v", err)
	}
	_, err = decide[register.KindEntered](&protocol.State{}, &clerk.Command{}, 0)
	if fault.CodeOf(err) != fault.Invalid {
		t.Errorf("an entry by a step that a pack might have: %v", err)
	}
	if now := h.Acts(); now != before {
		t.Fatalf("%d acts were recorded", now-before)
	}
	done := matter(t, h, "secret")
	cmd := func(step string) clerk.Command {
		v, err := h.Clerk.View(t.Context(), h.Mandates["officer"], done.File)
		if err != nil {
			t.Fatal(err)
		}
		return clerk.Command{
			Mandate: h.Mandates["officer"], File: done.File, Protocol: "yy.matter", Procedure: done.Acts[0].Procedure.ID, Step: step, Seen: v.Seen,
			Act: act.Act{Facts: registertest.Facts(decided...), Body: reasons("")},
		}
	}
	before = h.Acts()
	_, err = h.Clerk.Do(t.Context(), cmd("whisper"))
	if fault.CodeOf(err) != fault.Invalid {
		t.Errorf("published under seal: %v", err)
	}
	if now := h.Acts(); now != before {
		t.Fatalf("%d acts were recorded", now-before)
	}
	out, err := h.Clerk.Do(t.Context(), cmd("say"))
	if err != nil || len(out.Acts) != 2 || out.Acts[1].Seq != out.Acts[0].Seq+1 || out.Acts[1].Audience != out.Acts[0].Audience {
		t.Fatalf("%+v %v", out, err)
	}
}

// matter opens a case that only officers read.
func matter(t *testing.T, h *registertest.House, body string) *clerk.Done {
	t.Helper()
	done, err := h.Clerk.Do(t.Context(), clerk.Command{
		Mandate: h.Mandates["officer"], Of: cases.Sort, Protocol: "yy.matter", Step: "open",
		Act: act.Act{Facts: registertest.Facts("situation", "contact"), Body: []byte(body)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// The register shows nothing of a person: a name planted in every sealed body of the house comes out nowhere.
func TestNobodyIsShown(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	const planted = "Aicha Exemple-Personne"
	done := matter(t, h, planted)
	v, err := h.Clerk.View(t.Context(), h.Mandates["officer"], done.File)
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.Clerk.Do(t.Context(), clerk.Command{
		Mandate: h.Mandates["officer"], File: done.File, Protocol: "yy.matter", Procedure: done.Acts[0].Procedure.ID, Step: "say", Seen: v.Seen,
		Act: act.Act{Facts: registertest.Facts(decided...), Body: reasons("")},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Checkpoint()
	if _, err := h.Public.Dump(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Checkpoint()
	entry := out.Acts[1].ID.String()
	hidden := []string{planted, "Exemple", done.Acts[0].ID.String(), done.File.String() + "\""}
	for _, s := range []registertest.Scenario{
		{Name: "list", Target: "/register", Status: 200, Has: []string{"Inscription 1"}},
		{Name: "entry", Target: "/register/" + entry, Status: 200, Has: []string{"Motifs"}},
		{Name: "API", API: true, Target: "/api/v1/register", Status: 200, Has: []string{entry}},
		{Name: "dump", API: true, Target: "/register/dump", Status: 200, Has: []string{"dump/v1"}},
		{Name: "proof", API: true, Target: "/register/" + entry + "/proof", Status: 200, Has: []string{"tlog-proof"}},
		{Name: "the sealed act has no page", Target: "/register/" + done.Acts[0].ID.String(), Status: 404},
		{Name: "the sealed act has no proof", Target: "/register/" + done.Acts[0].ID.String() + "/proof", Status: 404},
		{Name: "the public act is no entry", Target: "/register/" + out.Acts[0].ID.String(), Status: 404},
	} {
		s.HasNot = append(s.HasNot, hidden...)
		s.Play(t, h.Site)
	}
}

// An entry is updated by another, and stands as the newest says; all of it stays to be read.
func TestAmended(t *testing.T) {
	t.Parallel()
	registertest.OnBoth(t, func(t *testing.T, h *registertest.House) {
		platform, other := h.Platform("Gamo <i>Jeux</i>"), h.Platform("Autre")
		first := publish(t, h, platform, []byte(`{"reasons":{"fr":"Motif premier","ar":"السبب الأول","en":"First reason"},"measure":"tithe","amount":500000,"remedy":"appeal"}`), decided...)
		second := publish(t, h, other, reasons("deux"), decided...)
		h.Clock.Move(48 * time.Hour)
		third := publish(t, h, platform, reasons("trois"), "state", "contested", "decided_on", "2026-03-02", "amends", first.ID.String())
		fourth := publish(t, h, platform, reasons("quatre"), "state", "quashed", "decided_on", "2026-03-03", "amends", third.ID.String())
		h.Checkpoint()
		list, err := h.Public.Entries(t.Context(), act.ID{}, 0, 10)
		if err != nil || len(list) != 2 || list[0].Root != second.ID || list[1].Root != first.ID || list[1].Standing != "quashed" || list[1].Newest != fourth.ID || list[1].State != "stands" {
			t.Fatalf("%+v %v", list, err)
		}
		chain, err := h.Public.Versions(t.Context(), third.ID)
		if err != nil || len(chain) != 3 || chain[0].Act != first.ID || chain[2].Act != fourth.ID {
			t.Fatalf("%+v %v", chain, err)
		}
		picks, err := h.Public.Choices(t.Context(), act.ID{}, platform)
		if err != nil || len(picks) != 3 || picks[0].Value != fourth.ID.String() {
			t.Fatalf("%+v %v", picks, err)
		}
		proof := "/register/" + third.ID.String() + "/proof"
		for _, s := range []registertest.Scenario{
			{Name: "list", Target: "/register", Status: 200, Has: []string{"Inscription 1", "Inscription 2", "Gamo &lt;i&gt;"}, HasNot: []string{"<i>", "Inscription 3", "quatre"}},
			{Name: "list in Arabic", Target: "/register", Language: "ar", Status: 200, Has: []string{`dir="rtl"`, "القيد رقم 1"}},
			{Name: "of one platform", Target: "/register?platform=" + other.String(), Status: 200, Has: []string{"Inscription 2", "Autre"}, HasNot: []string{"Inscription 1"}},
			{Name: "of no platform", Target: "/register?platform=" + h.Register.String(), Status: 404},
			{Name: "of nonsense", Target: "/register?platform=x", Status: 404},
			{Name: "entry", Target: "/register/" + first.ID.String(), Status: 200, Has: []string{"Motif premier", "trois", "quatre", proof, "Lire les motifs en arabe", `lang="ar"`, "Recours possible"}, HasNot: []string{"<i>"}},
			{Name: "entry by its second version, in Arabic", Target: "/register/" + third.ID.String(), Language: "ar", Status: 200, Has: []string{"السبب الأول", "القيد رقم 1", "قراءة الأسباب بالفرنسية"}},
			{Name: "entry in English", Target: "/register/" + first.ID.String(), Language: "en", Status: 200, Has: []string{"First reason"}},
			{Name: "proof", API: true, Target: proof, Status: 200, Has: []string{"c2sp.org/tlog-proof"}},
			{Name: "no entry", Target: "/register/" + registertest.ID().String(), Status: 404, Has: []string{"registre public"}},
			{Name: "no identifier", Target: "/register/1", Status: 404},
			{Name: "wrong method", Method: "POST", Target: "/register", Status: 405},
			{Name: "no dump yet", Target: "/register/dump", Status: 503},
		} {
			s.Play(t, h.Site)
		}
	})
}

func get(t *testing.T, to http.Handler, target string, header ...string) (status int, tag string, out map[string]any) {
	t.Helper()
	s := registertest.Scenario{Name: target, API: true, Target: target, Status: 200, Header: map[string]string{}}
	for i := 0; i < len(header); i += 2 {
		s.Header[header[i]] = header[i+1]
		s.Status = 304
	}
	w := s.Play(t, to)
	if w.Code == 200 {
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			t.Fatal(err)
		}
	}
	return w.Code, w.Header().Get("ETag"), out
}

// A program pages through the register by cursor, sees every entry once whatever is entered meanwhile, and asks for nothing twice.
func TestAPI(t *testing.T) {
	t.Parallel()
	registertest.OnBoth(t, func(t *testing.T, h *registertest.House) {
		platform, other := h.Platform("Gamo"), h.Platform("Autre")
		_, _, none := get(t, h.Site, "/api/v1/register")
		if entries, is := none["entries"].([]any); !is || len(entries) != 0 || none["next"] != nil {
			t.Fatalf("%v", none)
		}
		for i := range 7 {
			about := platform
			if i == 3 {
				about = other
			}
			publish(t, h, about, reasons(strconv.Itoa(i)), decided...)
		}
		seen := map[string]bool{}
		pages := 0
		for next := "/api/v1/register?limit=3"; next != ""; pages++ {
			_, _, out := get(t, h.Site, next)
			entries, _ := out["entries"].([]any)
			for _, e := range entries {
				one, _ := e.(map[string]any)
				id, _ := one["id"].(string)
				said, _ := one["reasons"].(map[string]any)
				if seen[id] || one["kind"] != "measure" || one["state"] != "stands" || one["date"] != "2026-03-01" || said["fr"] == "" || one["platform"] == nil || one["fictional"] != nil {
					t.Fatalf("%v", one)
				}
				seen[id] = true
			}
			after, more := out["next"].(string)
			next = ""
			if more {
				next = "/api/v1/register?limit=3&after=" + after
				publish(t, h, platform, reasons("meanwhile"), decided...)
			}
		}
		if len(seen) != 7 || pages != 3 {
			t.Fatalf("%d entries on %d pages", len(seen), pages)
		}
		_, _, out := get(t, h.Site, "/api/v1/register?platform="+other.String())
		if entries, _ := out["entries"].([]any); len(entries) != 1 {
			t.Fatalf("%v", out)
		}
		_, tag, _ := get(t, h.Site, "/api/v1/register")
		status, again, _ := get(t, h.Site, "/api/v1/register", "If-None-Match", `"other", W/`+tag)
		if status != 304 || again != tag || tag == "" {
			t.Fatalf("%d %s", status, again)
		}
		publish(t, h, platform, reasons("news"), decided...)
		_, now, _ := get(t, h.Site, "/api/v1/register")
		if now == tag {
			t.Fatal("a tag that does not change")
		}
		for _, bad := range []string{"limit=0", "limit=201", "limit=x", "after=0", "after=-1", "after=x", "platform=x", "page=2", "limit=1&limit=2"} {
			registertest.Scenario{Name: bad, API: true, Target: "/api/v1/register?" + bad, Status: 422, Has: []string{`"code":"invalid"`, `"key":"register.api`}}.Play(t, h.Site)
		}
		registertest.Scenario{Name: "wrong method", API: true, Method: "POST", Target: "/api/v1/register", Status: 405, Has: []string{`"code":"invalid"`}}.Play(t, h.Site)
	})
}

// Where the law is invented, every page, every entry and every answer of the API says so.
func TestFictional(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	h.Public.Fictional = true
	entered := publish(t, h, h.Platform("Gamo"), reasons("un"), decided...)
	for _, s := range []registertest.Scenario{
		{Name: "list", Target: "/register", Status: 200, Has: []string{"Droit fictif", "droit fictif"}},
		{Name: "entry", Target: "/register/" + entered.ID.String(), Language: "ar", Status: 200, Has: []string{"قانون متخيَّل"}},
		{Name: "API", API: true, Target: "/api/v1/register", Status: 200, Has: []string{`{"fictional":true,"entries":[{`, `"fictional":true}]`}},
	} {
		s.Play(t, h.Site)
	}
}
