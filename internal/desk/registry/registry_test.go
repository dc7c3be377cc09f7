package registry_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"sanad/internal/act"
	"sanad/internal/desk/register/registertest"
	"sanad/internal/desk/registry"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
)

// A platform is one whatever case, accents or spaces its name is written with; another word is another name.
func TestNameSum(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Île aux Jeux", "ile  aux jeux", true},
		{"GAMO", "gamo", true},
		{"Gamo!", "gamo", true},
		{"لُعبة", "لعبة", true},
		{"Game 1", "Game 2", false},
		{"لعبة", "لعبات", false},
	} {
		if (registry.NameSum(c.a) == registry.NameSum(c.b)) != c.same {
			t.Errorf("%q and %q: same is not %v", c.a, c.b, c.same)
		}
	}
}

// What is wrong in a body is said field by field, whoever asks; nothing is recorded then.
func TestBodies(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	file := h.Platform("Gamo")
	before := h.Acts()
	long := strings.Repeat("é", 201)
	measured := []string{"users", "5", "metric", "weekly_visits", "measured_on", "2026-03-01"}
	appointed := []string{"binds_parent", "yes", "receives_acts", "yes"}
	for _, c := range []struct {
		kind, body string
		facts      []string
		field, key string // of the first thing wrong; "" where the whole is refused
	}{
		{registry.KindEnrolled, `{"name":" "}`, nil, "body.name", "registry.missing"},
		{registry.KindEnrolled, `{"name":"!?"}`, nil, "body.name", "registry.name.words"},
		{registry.KindEnrolled, `{"name":"` + long + `"}`, nil, "body.name", "registry.long"},
		{registry.KindEnrolled, "{\"name\":\"a\u202eb\"}", nil, "body.name", "registry.signs"},
		{registry.KindEnrolled, `{"name":"a","website":"javascript:alert(1)"}`, nil, "body.website", "registry.website"},
		{registry.KindEnrolled, `{"name":"a","other_names":[""]}`, nil, "body.other_names", "registry.missing"},
		{registry.KindEnrolled, `{"name":"a","owner":"b"}`, nil, "", "registry.unreadable"},
		{registry.KindEnrolled, `{"name":"a"} {}`, nil, "", "registry.unreadable"},
		{registry.KindEnrolled, `{"name":"a","name":"b"}`, nil, "", "registry.unreadable"},
		{registry.KindEnrolled, `{"name":7}`, nil, "", "registry.unreadable"},
		{registry.KindEnrolled, "{\"name\":\"\xff\"}", nil, "", "registry.unreadable"},
		{registry.KindMeasured, `{"method":"m"}`, measured, "body.source", "registry.missing"},
		{registry.KindMeasured, `{"method":"m","source":"s"}`, append(measured[:4:4], "measured_on", "2026-03-03"), "fact.measured_on", "registry.date.future"},
		{registry.KindMeasured, `{"method":"m","source":"s"}`, append(measured[2:6:6], "users", "-1"), "fact.users", "registry.users.negative"},
		{registry.KindMeasured, `{"method":"m","source":"s"}`, append(measured[:6:6], "minors_users", "6"), "fact.minors_users", "registry.users.minors"},
		{registry.KindAppointed, `{"name":"n","address":"a","languages":[]}`, appointed, "body.languages", "registry.missing"},
		{registry.KindAppointed, `{"name":"n","address":"a","email":"x","languages":["fr"]}`, appointed, "body.email", "registry.email"},
		{registry.KindAgreement, `{"parties":["p"],"data":"d","source":"s"}`, []string{"agreement_from", "2026-02-01", "agreement_to", "2026-01-31"}, "fact.agreement_to", "registry.agreement.order"},
	} {
		to := file
		if c.kind == registry.KindEnrolled {
			to = act.ID{}
		}
		_, err := h.Do(registry.Sort, to, c.kind, act.Act{Body: []byte(c.body), Facts: registertest.Facts(c.facts...)})
		e := fault.Of(err)
		if e == nil || e.Code != fault.Invalid {
			t.Errorf("%s %s: %v", c.kind, c.body, err)
			continue
		}
		switch {
		case c.field == "":
			if e.Key != c.key {
				t.Errorf("%s %s: %s, want %s", c.kind, c.body, e.Key, c.key)
			}
		case len(e.Fields) == 0 || e.Fields[0].Name != c.field || e.Fields[0].Key != c.key:
			t.Errorf("%s %s: %v, want %s %s", c.kind, c.body, e, c.field, c.key)
		}
	}
	if now := h.Acts(); now != before {
		t.Errorf("refused bodies recorded %d acts", now-before)
	}
}

// Two platforms of one name never exist, even where two officers enrol them at the same moment by a way around the form; the
// form says it in words.
func TestOneName(t *testing.T) {
	t.Parallel()
	registertest.OnBoth(t, func(t *testing.T, h *registertest.House) {
		const officers = 8
		errs := make([]error, officers)
		var all sync.WaitGroup
		for i := range officers {
			all.Go(func() {
				name := []string{"Île aux Jeux", "ILE AUX JEUX"}[i%2]
				_, errs[i] = h.Do(registry.Sort, act.ID{}, registry.KindEnrolled, act.Act{Body: []byte(`{"name":"` + name + `"}`)})
			})
		}
		all.Wait()
		good := 0
		for _, err := range errs {
			if err == nil {
				good++
			} else if fault.CodeOf(err) != fault.Unavailable {
				t.Errorf("refused with %v", err)
			}
		}
		options, err := h.Registry.Options(t.Context())
		if err != nil || good != 1 || len(options) != 1 {
			t.Fatalf("%d were enrolled, %d are listed, %v", good, len(options), err)
		}
		wrong, err := h.Registry.Prepare(t.Context(), registry.KindEnrolled, &act.Act{Body: []byte(`{"name":"île aux  jeux"}`)})
		if err != nil || len(wrong) != 1 || wrong[0].Key != "registry.name.taken" {
			t.Fatalf("%v %v", wrong, err)
		}
		wrong, err = h.Registry.Prepare(t.Context(), registry.KindEnrolled, &act.Act{Body: []byte(`{"name":"Another"}`)})
		if err != nil || len(wrong) != 0 {
			t.Fatalf("%v %v", wrong, err)
		}
		h.Acts()
	})
}

// The list says who is above the threshold by the count the law asks for, and who is represented: a representative who does not
// bind the parent company is none.
func TestStandings(t *testing.T) {
	t.Parallel()
	registertest.OnBoth(t, func(t *testing.T, h *registertest.House) {
		above, below, other := h.Platform("Above"), h.Platform("Below"), h.Platform("Other <b>way</b>")
		h.Platform("Uncounted")
		do := func(file act.ID, kind, body string, facts ...string) {
			t.Helper()
			_, err := h.Do(registry.Sort, file, kind, act.Act{Body: []byte(body), Facts: registertest.Facts(facts...)})
			if err != nil {
				t.Fatal(err)
			}
		}
		const how = `{"method":"six-month average","source":"report of the company"}`
		do(above, registry.KindMeasured, how, "users", "100001", "minors_users", "41", "metric", "weekly_visits", "age_scope", "all_ages", "measured_on", "2026-02-01")
		do(below, registry.KindMeasured, how, "users", "100000", "metric", "weekly_visits", "measured_on", "2026-02-01")
		do(other, registry.KindMeasured, how, "users", "900000", "metric", "accounts", "measured_on", "2026-02-01")
		do(other, registry.KindContested, `{"by":"the company","reasons":"accounts are not people"}`)
		const paper = `{"name":"Office of Example","address":"1 Example Street","email":"office@example.org","languages":["fr","ar"]}`
		do(above, registry.KindAppointed, paper, "binds_parent", "yes", "receives_acts", "yes")
		do(below, registry.KindAppointed, paper, "binds_parent", "no", "receives_acts", "yes")
		do(above, registry.KindAgreement, `{"parties":["A","B"],"data":"logs","source":"signed copy"}`, "agreement_from", "2026-01-01")
		rows := map[act.ID]registry.Row{}
		if err := h.Clerk.Read(t.Context(), func(tx clerk.Tx) error {
			all, err := registry.Store{}.Rows(t.Context(), tx, 0, 10)
			for _, r := range all {
				rows[r.File] = r
			}
			if len(all) == 4 && (all[0].File != other || all[1].File != above || all[2].File != below || all[3].Measured) {
				t.Error("the list is in another order than users have it")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(rows) != 4 || !rows[above].Represented || rows[below].Represented || rows[other].Contest.IsZero() || *rows[above].Minors != 41 {
			t.Fatalf("%+v", rows)
		}
		for _, s := range []registertest.Scenario{
			{Name: "list in French", Target: "/platforms", Status: 200, Has: []string{"Above", "100\u202f001", "Au-dessus du seuil", "Au seuil ou en dessous", "Compté autrement", "On ne sait pas", "Représentée", "contesté", "Other &lt;b&gt;way"}, HasNot: []string{"<b>way", "Office of Example"}},
			{Name: "list in Arabic", Target: "/platforms", Language: "ar", Status: 200, Has: []string{`dir="rtl"`, "فوق العتبة", "Above"}},
			{Name: "list in English", Target: "/platforms", Language: "en", Status: 200, Has: []string{"4 platforms"}},
			{Name: "one", Target: "/platforms/" + above.String(), Status: 200, Has: []string{"<h1><bdi>Above</bdi></h1>", "six-month average", "Office of Example", "office@example.org", "dont 41 mineurs", "sans terme fixé", "signed copy", "<bdi>Français</bdi><br><bdi>العربية</bdi>"}},
			{Name: "one with a weak representative", Target: "/platforms/" + below.String(), Status: 200, Has: []string{"Personne pour recevoir les actes", "cela ne suffit pas"}},
			{Name: "one contested", Target: "/platforms/" + other.String(), Language: "en", Status: 200, Has: []string{"accounts are not people"}},
			{Name: "no identifier", Target: "/platforms/x", Status: 404, HasNot: []string{"Above"}},
			{Name: "another file", Target: "/platforms/" + h.Register.String(), Status: 404},
			{Name: "wrong method", Method: "POST", Target: "/platforms", Status: 405},
		} {
			s.Play(t, h.Site)
		}
		do(above, registry.KindEnded, `{"reasons":"the office closed"}`)
		registertest.Scenario{Name: "ended", Target: "/platforms/" + above.String(), Status: 200, Has: []string{"Personne pour recevoir les actes"}, HasNot: []string{"Office of Example"}}.Play(t, h.Site)
	})
}

// Names are told of platforms and of nothing else.
func TestNames(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	a, b := h.Platform("Zeta"), h.Platform("alpha")
	names, err := h.Registry.Names(t.Context(), []act.ID{a, h.Register})
	if err != nil || len(names) != 1 || names[a] != "Zeta" {
		t.Fatalf("%v %v", names, err)
	}
	picks, err := h.Registry.Choices(t.Context(), act.ID{}, act.ID{})
	if err != nil || len(picks) != 2 || picks[0].Name != "alpha" || picks[0].Value != b.String() {
		t.Fatalf("%v %v", picks, err)
	}
	none, err := h.Registry.Enrolment(t.Context(), h.Register)
	if err != nil || !none.IsZero() {
		t.Fatalf("%s %v", none, err)
	}
	for _, s := range registry.Kinds() {
		if len(registry.Asks(s.Kind)) == 0 {
			t.Errorf("nothing is asked for the body of %s", s.Kind)
		}
		for _, f := range registry.Fills(s.Kind) {
			if !slices.ContainsFunc(s.Facts, func(x act.FactSchema) bool { return x.Name == f }) {
				t.Errorf("%s has no fact %s", s.Kind, f)
			}
		}
	}
}
