package console_test

import (
	"net/http"
	"net/url"
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
	refused := []string{"This code is not valid, or was already used.", `href="#f-code"`, `href="/sign-in?lang=ar"`}
	h.play([]scenario{
		{name: "the door", method: "GET", url: "/sign-in", status: 200, has: []string{"<h1>Enter the console</h1>", `name="code"`, `autocomplete="one-time-code"`}, hasNot: []string{"You need to enter"}},
		{name: "nobody at the queue", method: "GET", url: "/queue", status: 303, to: "/sign-in?because=required"},
		{name: "nobody at a file", method: "GET", url: "/file/aaaaaaaaaaaaaaaaaaaaaaaaaa", status: 303, to: "/sign-in?because=required"},
		{name: "nobody does anything", method: "POST", url: "/file/aaaaaaaaaaaaaaaaaaaaaaaaaa/do", status: 401, has: []string{"Your session has ended."}},
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

// What is done in a thread somebody may not read changes nothing they see: neither the queue nor the page of the file.
func TestHiddenThreadIsSilent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("trainee")
	file := h.receive("no", "what the trainee may read")
	h.perform("officer", file, "acknowledge")
	see := func() [2]string {
		return [2]string{h.ask("trainee", "GET", "/queue", "").body, h.ask("trainee", "GET", "/file/"+file.String(), "").body}
	}
	before := see()
	if !strings.Contains(before[0], file.String()) || !strings.Contains(before[1], "what the trainee may read") {
		t.Fatal(before)
	}
	h.perform("officer", file, "assess", "fact.minor", "yes", "fact.situation", "contact", "body", "canary of a hidden thread")
	if after := see(); after != before {
		t.Errorf("a hidden act shows\n%s\n%s", after[0], after[1])
	}
	h.play([]scenario{{name: "who may read it does", who: "officer", method: "GET", url: "/file/" + file.String(), status: 200, has: []string{"canary of a hidden thread"}}})
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
			"Assess", "First comes: Acknowledge or not acknowledged in time.", // blocked, and why
			`<p dir="auto">first<br>line</p>`, `<p dir="auto">&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</p>`, "منصة &lt;b&gt;x&lt;/b&gt;",
		}, hasNot: []string{"<script", "<b>x", "Where it can be seen", `value="receive"`}},
		{name: "for somebody else to do", who: "head", method: "GET", url: at, status: 200, has: []string{"Nothing may be done on this file now.", "This step belongs to: Officer."}, hasNot: []string{"<textarea"}},
		{name: "in Arabic", who: "officer", method: "GET", url: at + "?lang=ar", status: 200, has: []string{`dir="rtl"`, "تلقي التبليغ"}},
		{name: "in French", who: "officer", method: "GET", url: at + "?lang=fr", status: 200, has: []string{"Signalement reçu", "Chantage"}},
		{name: "in Tamazight, as far as it is worded", who: "officer", method: "GET", url: at + "?lang=zgh", status: 200, has: []string{`<html lang="zgh"`}},
	})
	dated := "/file/" + h.receive("no", `{"date":"2026-03","expires_on":"2026-03-04","text":"2026-03-05","sketch":"0:AJ7r","identifiers":[{"kind":"address","value":"192.0.2.7","at":"2026-01-02T15:04:05+01:00"}]}`).String()
	h.play([]scenario{
		{name: "dates of a document", who: "officer", method: "GET", url: dated, status: 200, has: []string{
			">March 2026<", ">4 March 2026<", ">2026-03-05<", "192.0.2.7 · internet address · in use on 2 January 2026 at \u206815:04:05 UTC&#43;01:00\u2069",
		}, hasNot: []string{"AJ7r"}},
		{name: "in Arabic", who: "officer", method: "GET", url: dated + "?lang=ar", status: 200, has: []string{"مارس 2026", "مستعمل في 2 يناير 2026"}},
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
	// Who signs signs now: nothing asks of an earlier time, and what nothing asks is not taken.
	h.play([]scenario{{
		name: "signed before it was read", who: "judge", method: "POST", url: at + "/do", status: 400, has: []string{"effective"},
		body: h.form("judge", file, "sign", "effective", "2026-03-02T08:00", "shown", h.view("judge", file).Acts[0].ID.String()),
	}})
	if n := len(h.view("judge", file).Acts); n != 4 {
		t.Errorf("the file holds %d acts", n)
	}
	h.perform("judge", file, "sign")
	h.perform("head", file, "sign")
	h.play([]scenario{
		{name: "signed already", who: "head", method: "POST", url: at + "/do", body: h.form("head", file, "sign"), status: 409, has: []string{"You have already signed this draft."}},
		{name: "gates stay closed", who: "head", method: "POST", url: at + "/do", body: h.form("head", file, "find"), status: 409, has: []string{"The party must have been heard"}, hasNot: []string{"Signatures:"}},
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
		{name: "newest", who: "officer", method: "GET", url: at, status: 200, has: []string{at + "?skip=30", "Earlier acts", "What is reported", "the very first"}, hasNot: []string{"<h3>Notice received</h3>", "Later acts"}},
		{name: "oldest", who: "officer", method: "GET", url: at + "?skip=30", status: 200, has: []string{"<h3>Notice received</h3>", "the very first", "Later acts"}, hasNot: []string{"Earlier acts"}},
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
