package console_test

import (
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
)

// scenario is one request and what its answer must and must not hold.
type scenario struct {
	name, who, method, url, body string
	header                       []string
	status                       int
	to                           string // where a redirect leads, to the end of its path
	has, hasNot                  []string
}

func (h *house) play(all []scenario) {
	h.t.Helper()
	for _, s := range all {
		got := h.ask(s.who, s.method, s.url, s.body, s.header...)
		if got.status != s.status {
			h.t.Errorf("%s: status %d, want %d\n%s\n%s", s.name, got.status, s.status, got.body, h.log)
			continue
		}
		if !strings.HasPrefix(got.location, s.to) || s.to == "" && got.location != "" {
			h.t.Errorf("%s: leads to %q, want %q", s.name, got.location, s.to)
		}
		for _, want := range s.has {
			if !strings.Contains(got.body, want) {
				h.t.Errorf("%s: does not hold %q\n%s", s.name, want, got.body)
			}
		}
		for _, bad := range s.hasNot {
			if strings.Contains(got.body, bad) {
				h.t.Errorf("%s: holds %q\n%s", s.name, bad, got.body)
			}
		}
		if cache := got.header.Get("Cache-Control"); cache != "no-store" {
			h.t.Errorf("%s: Cache-Control %q", s.name, cache)
		}
	}
}

func code(c string) string { return url.Values{"code": {c}}.Encode() }

func TestDoor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	once, late, other := h.invite("officer", time.Hour), h.invite("officer", time.Minute), h.invite("officer", time.Hour)
	h.process.move(2 * time.Minute)
	refused := []string{"This code is not valid, or was already used.", `href="#f-code"`}
	h.play([]scenario{
		{name: "the door", method: "GET", url: "/sign-in", status: 200, has: []string{"<h1>Enter the console</h1>", `name="code"`, `autocomplete="one-time-code"`}, hasNot: []string{"You need to enter"}},
		{name: "nobody at the queue", method: "GET", url: "/queue", status: 303, to: "/sign-in?because=required"},
		{name: "nobody at a file", method: "GET", url: "/file/aaaaaaaaaaaaaaaaaaaaaaaaaa", status: 303, to: "/sign-in?because=required"},
		{name: "nobody does anything", method: "POST", url: "/file/aaaaaaaaaaaaaaaaaaaaaaaaaa/do", status: 303, to: "/sign-in?because=required"},
		{name: "why", method: "GET", url: "/sign-in?because=required", status: 200, has: []string{"You need to enter before you can see this page."}},
		{name: "a reason that is none", method: "GET", url: "/sign-in?because=%3Cscript%3E", status: 200, hasNot: []string{"<script>", "role=\"status\""}},
		{name: "wrong code", method: "POST", url: "/sign-in", body: code("AAAAA-BBBBB-CCCCC-DDDDD"), status: 422, has: refused, hasNot: []string{"AAAAA"}},
		{name: "no code", method: "POST", url: "/sign-in", body: code(""), status: 422, has: refused},
		{name: "late code", method: "POST", url: "/sign-in", body: code(late), status: 422, has: refused},
		{name: "good code", method: "POST", url: "/sign-in", body: code(strings.ToLower(once)), status: 303, to: "/queue"},
		{name: "the same code again", method: "POST", url: "/sign-in", body: code(once), status: 422, has: refused},
		{name: "another site", method: "POST", url: "/sign-in", body: code(other), header: []string{"Sec-Fetch-Site", "cross-site"}, status: 403, has: []string{"came from another site"}},
		{name: "a field too many", method: "POST", url: "/sign-in", body: code(other) + "&x=1", status: 400, has: []string{"The field"}},
		{name: "a session that never was", who: "", method: "GET", url: "/queue", header: []string{"Cookie", "session=abc"}, status: 303, to: "/sign-in?because=ended"},
		{name: "refused codes were not used up", method: "POST", url: "/sign-in", body: code(other), status: 303, to: "/queue"},
	})
}

func TestCookie(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got := h.ask("", "POST", "/sign-in", code(h.invite("officer", time.Hour)))
	set := got.header.Get("Set-Cookie")
	for _, want := range []string{"session=", "; Path=/", "; HttpOnly", "; SameSite=Strict"} {
		if !strings.Contains(set, want) {
			t.Errorf("cookie %q lacks %q", set, want)
		}
	}
	if strings.Contains(set, "Max-Age") || strings.Contains(set, "Expires") {
		t.Errorf("cookie %q outlives the browser", set)
	}
	// Encrypted, it is bound to this host, and read under the name it was given.
	r := h.secure("POST", "/sign-in", code(h.invite("officer", time.Hour)), "")
	set = r.header.Get("Set-Cookie")
	if !strings.HasPrefix(set, "__Host-session=") || !strings.Contains(set, "; Secure") {
		t.Errorf("cookie %q", set)
	}
	cookie, _, _ := strings.Cut(set, ";")
	if r = h.secure("GET", "/queue", "", cookie); r.status != 200 {
		t.Errorf("the queue answers %d to %q", r.status, cookie)
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("head")
	ended := scenario{who: "officer", method: "GET", url: "/queue", status: 303, to: "/sign-in?because=ended"}
	h.play([]scenario{{name: "inside", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{"You are acting as: Officer", `action="/sign-out"`}}})

	h.process.move(8*time.Hour - time.Second)
	h.play([]scenario{
		{name: "still inside", who: "officer", method: "GET", url: "/queue", status: 200},
		{name: "out from another site", who: "officer", method: "POST", url: "/sign-out", header: []string{"Sec-Fetch-Site", "cross-site"}, status: 403},
		{name: "out", who: "head", method: "POST", url: "/sign-out", status: 303, to: "/sign-in?because=out"},
		{name: "out again", who: "head", method: "POST", url: "/sign-out", status: 303, to: "/sign-in?because=out"},
		{name: "left", who: "head", method: "GET", url: "/queue", status: 303, to: "/sign-in?because=ended"},
	})
	h.process.move(time.Second)
	ended.name = "eight hours are over"
	h.play([]scenario{ended})

	// A session is worth nothing once the mandate is out of force in legal time, and neither is a code.
	h.enter("officer")
	unused := h.invite("officer", time.Hour)
	h.legal.move(120 * 24 * time.Hour)
	ended.name = "the mandate is over"
	h.play([]scenario{ended, {name: "a code of that mandate", method: "POST", url: "/sign-in", body: code(unused), status: 422, has: []string{"This code is not valid"}}})

	// Coming in anew closes the session that was there.
	h = newHouse(t)
	h.enter("officer")
	old := h.cookies["officer"]
	got := h.ask("officer", "POST", "/sign-in", code(h.invite("officer", time.Hour)))
	if got.cookie == "" || got.cookie == old {
		t.Fatalf("no new session: %q", got.cookie)
	}
	h.play([]scenario{ended})
}

func TestQueue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("trainee")
	h.play([]scenario{{name: "empty", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{"Nothing is waiting."}, hasNot: []string{"<table"}}})
	first := h.receive("yes", "one")
	h.legal.move(26 * time.Hour)
	second := h.receive("no", "two")
	rows := func(role string) string {
		return h.ask(role, "GET", "/queue", "").body
	}
	body := rows("officer")
	one, two := strings.Index(body, first.String()), strings.Index(body, second.String())
	if one < 0 || two < one {
		t.Errorf("the file whose clock runs out first is not on top: %d, %d\n%s", one, two, body)
	}
	h.play([]scenario{
		{name: "two", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{
			"2 files are waiting", "days left", "Tuesday 10 March 2026 at", "Acknowledge", "Officer", "Five working days to acknowledge a notice", "Notice Act, article", "Notice received", "Blackmail with images", "Your turn", `<progress max="100"`,
		}, hasNot: []string{"overdue", "More of the list", "Back to the top"}},
		{name: "what a trainee may not read is not there", who: "trainee", method: "GET", url: "/queue", status: 200, has: []string{second.String(), "1 file is waiting"}, hasNot: []string{first.String(), "Your turn"}},
		{name: "places that are none", who: "officer", method: "GET", url: "/queue?after=c-x-y&sort=nothing", status: 200, has: []string{first.String()}},
		{name: "in French", who: "officer", method: "GET", url: "/queue?lang=fr", status: 200, has: []string{`<html lang="fr" dir="ltr">`, "À faire", "Accuser réception"}},
		{name: "in Arabic", who: "officer", method: "GET", url: "/queue?lang=ar", status: 200, has: []string{`<html lang="ar" dir="rtl">`, "ما ينبغي إنجازه"}},
		{name: "one sort", who: "officer", method: "GET", url: "/queue?sort=case", status: 200, has: []string{"Nothing is waiting."}, hasNot: []string{first.String()}},
		{name: "one's own", who: "officer", method: "GET", url: "/queue?mine=1", status: 200, has: []string{first.String(), second.String(), "Your turn"}},
		{name: "nobody's but others'", who: "trainee", method: "GET", url: "/queue?mine=1", status: 200, has: []string{"Nothing is waiting."}},
		{name: "the first page leads here", who: "officer", method: "GET", url: "/", status: 303, to: "/queue"},
	})
	h.legal.move(7 * 24 * time.Hour) // the second has an hour of its fifth day left
	h.play([]scenario{{name: "late", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{"overdue", `class="left late"`, "Your turn"}}})
	// Recorded or not, what ran out stays on top until it is done.
	_, err := h.clerk.Tick(t.Context())
	must(t, err)
	h.play([]scenario{{name: "late, and recorded", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{first.String(), "overdue", "Acknowledge", "Five working days"}}})
	h.perform("officer", first, "acknowledge")
	h.perform("officer", second, "acknowledge")
	h.play([]scenario{{name: "done, if late", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{first.String(), second.String(), "No deadline"}, hasNot: []string{"overdue"}}})
	h.perform("officer", second, "close", "fact.outcome", "unfounded", "body", "nothing more")
	h.play([]scenario{{name: "closed", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{first.String()}, hasNot: []string{second.String()}}})
}

// A queue of many pages holds every file once, whatever its pages.
func TestQueuePages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	all := map[string]int{}
	for i := range 90 {
		file := h.receive("no", "a notice")
		all[file.String()] = 0
		if i%3 == 0 {
			h.perform("officer", file, "acknowledge") // it waits without a clock
		}
		h.legal.move(time.Second)
	}
	pages, url := 0, "/queue"
	for url != "" {
		body := h.ask("officer", "GET", url, "").body
		pages++
		for file := range all {
			all[file] += strings.Count(body, `href="/file/`+file+`"`)
		}
		_, rest, more := strings.Cut(body, `href="/queue?after=`)
		url = ""
		if more {
			at, _, _ := strings.Cut(rest, `"`)
			url = "/queue?after=" + at
		}
	}
	if pages != 3 {
		t.Errorf("%d pages", pages)
	}
	for file, n := range all {
		if n != 1 {
			t.Errorf("file %s stands %d times", file, n)
		}
	}
}

// One deadline changed in a copy of the pack moves the date on the queue and on the page of the file, and nothing else is told
// to anybody.
func TestDeadlineIsThePacks(t *testing.T) {
	t.Parallel()
	copied := filepath.Join(t.TempDir(), "xx")
	must(t, os.CopyFS(copied, os.DirFS("testdata/xx")))
	rules := filepath.Join(copied, "rules.yaml")
	b, err := os.ReadFile(rules)
	must(t, err)
	changed := strings.Replace(string(b), "{id: acknowledge, count: 5,", "{id: acknowledge, count: 2,", 1)
	if changed == string(b) {
		t.Fatal("the rule is not there")
	}
	must(t, os.WriteFile(rules, []byte(changed), 0o600))
	for law, want := range map[fs.FS]struct{ due, not string }{
		os.DirFS("testdata/xx"): {"Tuesday 10 March 2026 at", "Thursday 5 March 2026 at"},
		os.DirFS(copied):        {"Thursday 5 March 2026 at", "Tuesday 10 March 2026 at"},
	} {
		h := newHouseUnder(t, "", law)
		h.enter("officer")
		file := h.receive("no", "a notice")
		for _, url := range []string{"/queue", "/file/" + file.String()} {
			h.play([]scenario{{name: url, who: "officer", method: "GET", url: url, status: 200, has: []string{want.due}, hasNot: []string{want.not}}})
		}
		h.play([]scenario{{name: "why", who: "officer", method: "GET", url: "/file/" + file.String(), status: 200, has: []string{
			"How this deadline is computed", `<ol class="trace">`, "Calendar applied:", "Starting point:", "Notice Act, article 2",
		}}})
	}
}

func TestHiddenFileIsNoFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("trainee")
	hidden := h.receive("", "canary of a hidden file")
	open := h.receive("no", "what the trainee may read")
	var nothing act.ID
	nothing[3] = 7
	if got := h.ask("trainee", "GET", "/file/"+open.String(), ""); got.status != 200 || !strings.Contains(got.body, "what the trainee may read") {
		t.Fatalf("the open file: %d\n%s", got.status, got.body)
	}
	good := h.form("trainee", open, "acknowledge")
	for _, c := range []struct{ method, path, body string }{{"GET", "", ""}, {"POST", "/do", good}, {"POST", "/do", ""}} {
		unknown := h.ask("trainee", c.method, "/file/"+nothing.String()+c.path, c.body)
		if unknown.status != 404 || !strings.Contains(unknown.body, "This file does not exist, or is not open to you.") {
			t.Fatalf("unknown: %d\n%s", unknown.status, unknown.body)
		}
		for name, at := range map[string]string{"hidden": hidden.String(), "no identifier": "x", "upper case": strings.ToUpper(open.String())} {
			got := h.ask("trainee", c.method, "/file/"+at+c.path, c.body)
			if got.status != unknown.status || got.body != unknown.body {
				t.Errorf("%s %s: %d is another answer than for a file that does not exist\n%s", c.method, name, got.status, got.body)
			}
		}
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("head")
	file := h.receive("yes", `{"situation":"blackmail","platform":"منصة <b>x</b>","where":"","text":"first\nline\n\n\"><script>alert(1)</script>","language":"ar"}`)
	at := "/file/" + file.String()
	h.play([]scenario{
		{name: "as it came in", who: "officer", method: "GET", url: at, status: 200, has: []string{
			"<h1>Notice " + file.String()[:8] + "</h1>", "Notice received", "Blackmail with images", "A minor is involved", "Intake desk",
			"Acknowledgement", "days left", "Whose turn: Officer", "Five working days", "Legal basis: Notice Act, article", `<progress max="100"`,
			`name="seen" value="1"`, `name="protocol" value="xx.notice"`, `name="step" value="acknowledge"`, "Do: Acknowledge",
			"Assess", "First comes: Acknowledge or Not acknowledged in time.", // blocked, and why
			`<p dir="auto">first<br>line</p>`, `<p dir="auto">&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</p>`, "منصة &lt;b&gt;x&lt;/b&gt;",
		}, hasNot: []string{"<script", "<b>x", "Where it can be seen", `value="receive"`}},
		{name: "for somebody else to do", who: "head", method: "GET", url: at, status: 200, has: []string{"Nothing may be done on this file now.", "This step belongs to: Officer."}, hasNot: []string{"<textarea"}},
		{name: "in Arabic", who: "officer", method: "GET", url: at + "?lang=ar", status: 200, has: []string{`dir="rtl"`, "تلقي التبليغ"}},
		{name: "in French", who: "officer", method: "GET", url: at + "?lang=fr", status: 200, has: []string{"Signalement reçu", "Chantage"}},
		{name: "in Tamazight, as far as it is worded", who: "officer", method: "GET", url: at + "?lang=zgh", status: 200, has: []string{`<html lang="zgh"`}},
	})
	h.perform("officer", file, "acknowledge")
	h.play([]scenario{{name: "the form of an assessment", who: "officer", method: "GET", url: at, status: 200, has: []string{
		`name="fact.reasons" value="yes"`, `name="fact.reasons" value="unknown"`, `name="fact.aim" value="minors"`, "Protection of minors",
		`type="checkbox" name="fact.checks.minimal"`, `name="fact.tried" type="number"`, `name="fact.observed_on" type="date"`, "<textarea",
		"Legality", "must be verified and in force now", "Notice acknowledged",
	}, hasNot: []string{`name="fact.raw"`}}})
	// Ids of a page are its own, whatever the number of forms.
	ids := map[string]bool{}
	for part := range strings.SplitSeq(h.ask("officer", "GET", at, "").body, ` id="`) {
		id, _, _ := strings.Cut(part, `"`)
		if ids[id] {
			t.Errorf("id %q stands twice", id)
		}
		ids[id] = true
	}
}

func TestDo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("head")
	h.enter("judge")
	file := h.receive("yes", "a notice")
	at := "/file/" + file.String()
	stale := h.form("officer", file, "acknowledge")
	h.play([]scenario{
		{name: "another site", who: "officer", method: "POST", url: at + "/do", body: stale, header: []string{"Sec-Fetch-Site", "cross-site"}, status: 403},
		{name: "another site, an old browser", who: "officer", method: "POST", url: at + "/do", body: stale, header: []string{"Sec-Fetch-Site", "", "Origin", "https://evil.test"}, status: 403},
		{name: "somebody else's step", who: "head", method: "POST", url: at + "/do", body: stale, status: 403, has: []string{"This step is for somebody else to do.", "This step belongs to: Officer."}},
		{name: "a step that is none", who: "officer", method: "POST", url: at + "/do", body: strings.Replace(stale, "step=acknowledge", "step=vanish", 1), status: 409},
		{name: "no step", who: "officer", method: "POST", url: at + "/do", body: strings.Replace(stale, "step=acknowledge", "step=", 1), status: 400},
		{name: "no run that is one", who: "officer", method: "POST", url: at + "/do", body: strings.Replace(stale, "run=", "run=x", 1), status: 400},
		{name: "seen what is not there", who: "officer", method: "POST", url: at + "/do", body: strings.Replace(stale, "seen=1", "seen=99", 1), status: 400},
		{name: "too early", who: "officer", method: "POST", url: at + "/do", body: h.form("officer", file, "assess", "body", "x"), status: 409, has: []string{"The following is still missing:", "First comes:"}},
	})
	if n := len(h.view("officer", file).Acts); n != 1 {
		t.Fatalf("refused steps left %d acts", n)
	}
	h.play([]scenario{
		{name: "acknowledge", who: "officer", method: "POST", url: at + "/do", body: stale, status: 303, to: at + "?done="},
		{name: "the same form again", who: "officer", method: "POST", url: at + "/do", body: stale, status: 409, has: []string{"The file has changed: 1 new act since you read it.", "Notice acknowledged"}},
	})
	h.play([]scenario{
		{name: "slips", who: "officer", method: "POST", url: at + "/do", status: 422, body: h.form("officer", file, "assess", "fact.tried", "many", "fact.observed_on", "2026-02-30", "fact.aim", "fame", "fact.scope", "item", "fact.checks.minimal", "yes", "body", " "), has: []string{
			"Lighter steps tried: write a whole number, in digits.", "Day of the facts: write a date like", "Aim pursued: choose one of the answers offered.", "Write the text of this act.",
			`value="many"`, `name="fact.scope" value="item" checked`, `name="fact.checks.minimal" value="yes" checked`, `aria-invalid="true"`, "<details open>",
		}},
		{name: "an unknown field", who: "officer", method: "POST", url: at + "/do", body: h.form("officer", file, "assess", "fact.person", "x"), status: 400},
		{name: "assess", who: "officer", method: "POST", url: at + "/do", status: 303, to: at, body: h.form("officer", file, "assess",
			"fact.minor", "unknown", "fact.aim", "minors", "fact.tried", "2", "fact.observed_on", "2026-03-01", "fact.checks.minimal", "yes", "fact.checks.purpose", "yes", "fact.reasons", "yes", "fact.raw_export", "no",
			"body", "قرأت الإشعار <i>twice</i>\r\nsecond line")},
	})
	v := h.view("officer", file)
	last := v.Acts[len(v.Acts)-1]
	for name, want := range map[string]act.Value{
		"aim": act.OfCode("minors"), "tried": act.OfInt(2), "observed_on": act.OfDate(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)),
		"checks": act.OfCodes("minimal", "purpose"), "reasons": act.OfBool(true), "raw_export": act.OfBool(false),
	} {
		if got, _ := last.Facts.Get(name); !got.Equal(want) {
			t.Errorf("fact %s is %s, want %s", name, got, want)
		}
	}
	if _, said := last.Facts.Get("minor"); said || len(last.Facts) != 6 {
		t.Errorf("facts nobody stated: %v", last.Facts)
	}
	h.play([]scenario{{name: "what was done", who: "officer", method: "GET", url: at + "?done=" + last.ID.String(), status: 200, has: []string{
		"Recorded: Assess.", `<p dir="auto">قرأت الإشعار &lt;i&gt;twice&lt;/i&gt;<br>second line</p>`, "1 March 2026", "Only what is needed was collected and The purpose is written down",
	}, hasNot: []string{"<i>twice"}}})

	// The whole way of a draft: its text is shown to those who sign, without the salt of its commitment.
	h.perform("officer", file, "draft", "body", "We find a breach.")
	h.play([]scenario{
		{name: "an empty draft", who: "officer", method: "POST", url: at + "/do", body: h.form("officer", file, "draft"), status: 422, has: []string{"Write the text of this act."}},
		{name: "the draft", who: "judge", method: "GET", url: at, status: 200, has: []string{"Draft fixed", "We find a breach.", `name="step" value="sign"`, "Signatures: 0 of 2.", "This is the very text you sign (act no. "}, hasNot: []string{"salt", `name="fact.role"`, `name="fact.person"`}},
	})
	h.perform("judge", file, "sign")
	h.perform("head", file, "sign")
	h.play([]scenario{
		{name: "signed already", who: "head", method: "POST", url: at + "/do", body: h.form("head", file, "sign"), status: 409, has: []string{"You have already signed this draft."}},
		{name: "gates stay closed", who: "head", method: "POST", url: at + "/do", body: h.form("head", file, "find", "body", "found"), status: 409, has: []string{"The party must have been heard"}, hasNot: []string{"Signatures:"}},
	})
	h.perform("officer", file, "close", "fact.outcome", "unfounded", "body", "nothing more")
	h.play([]scenario{{name: "closed", who: "officer", method: "GET", url: at, status: 200, has: []string{"This file is closed.", "Nothing was found", "No deadline is running."}, hasNot: []string{"<textarea"}}})
}

func TestStaleFormWithSlips(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	file := h.receive("yes", "a notice")
	h.perform("officer", file, "acknowledge")
	stale := h.form("officer", file, "assess", "fact.tried", "many")
	h.perform("officer", file, "assess", "body", "first")
	h.play([]scenario{{name: "what changed comes before slips", who: "officer", method: "POST", url: "/file/" + file.String() + "/do", body: stale, status: http.StatusConflict, has: []string{"1 new act"}}})
}

func TestErasedBody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	file := h.receive("yes", "a body that will be gone")
	must(t, h.keeper.Destroy(t.Context(), h.view("officer", file).Acts[0].Key))
	h.play([]scenario{{name: "erased", who: "officer", method: "GET", url: "/file/" + file.String(), status: 200, has: []string{"The content was erased as the law requires.", "Blackmail with images"}, hasNot: []string{"will be gone"}}})
}

func TestLongTimeline(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	file := h.receive("yes", "the very first")
	h.perform("officer", file, "acknowledge")
	for range 40 {
		h.perform("officer", file, "assess", "body", "again")
	}
	at := "/file/" + file.String()
	h.play([]scenario{
		{name: "newest", who: "officer", method: "GET", url: at, status: 200, has: []string{at + "?skip=30", "Earlier acts"}, hasNot: []string{"the very first", "Later acts"}},
		{name: "oldest", who: "officer", method: "GET", url: at + "?skip=30", status: 200, has: []string{"the very first", "Later acts"}, hasNot: []string{"Earlier acts"}},
	})
}

// Lapses are a machine's, and said to be.
func TestLapse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	file := h.receive("yes", "a notice")
	h.legal.move(10 * 24 * time.Hour)
	n, err := h.clerk.Tick(t.Context())
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	h.play([]scenario{{name: "lapsed", who: "officer", method: "GET", url: "/file/" + file.String(), status: 200, has: []string{"Deadline lapsed", "Not acknowledged in time", "Automatically", "Effective on"}}})
}

// Who wrote while the file changed loses no word: the file comes back as it is now, with what is new and what they wrote.
func TestConflictKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	file := h.receive("no", "a notice")
	h.perform("officer", file, "acknowledge")
	stale := h.form("officer", file, "assess", "body", "an hour of careful words", "fact.tried", "3")
	h.perform("officer", file, "assess", "body", "somebody was faster")
	h.play([]scenario{
		{name: "stale", who: "officer", method: "POST", url: "/file/" + file.String() + "/do", body: stale, status: 409, has: []string{
			"an hour of careful words", `value="3"`, "The file has changed", "Notice assessed",
		}},
		{
			name: "and sent again", who: "officer", method: "POST", url: "/file/" + file.String() + "/do",
			body: h.form("officer", file, "assess", "body", "an hour of careful words"), status: 303, to: "/file/" + file.String() + "?done=",
		},
	})
}
