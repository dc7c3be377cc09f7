package console_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
)

// opened finds the file a redirect leads to.
func (h *house) opened(got reply) act.ID {
	h.t.Helper()
	text, _, _ := strings.Cut(strings.TrimPrefix(got.location, "/file/"), "?")
	id, err := act.ParseID(text)
	if err != nil {
		h.t.Fatalf("%d leads to %q\n%s\n%s", got.status, got.location, got.body, h.log)
	}
	return id
}

// openCase opens a case through the page, of a notice where one is given.
func (h *house) openCase(minor, from string) act.ID {
	h.t.Helper()
	form := url.Values{"protocol": {"xx.case"}, "step": {"open"}, "fact.situation": {"blackmail"}, "fact.minor": {minor}, "body": {"What it is about."}}
	if from != "" {
		form.Set("from", from)
	}
	return h.opened(h.ask("officer", "POST", "/new/case", form.Encode()))
}

func TestStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("judge")
	h.play([]scenario{
		{name: "an officer may open a case", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{`href="/new/case"`, "New case"}},
		{name: "a judge may not", who: "judge", method: "GET", url: "/queue", status: 200, hasNot: []string{"/new/"}},
		{name: "the form", who: "officer", method: "GET", url: "/new/case", status: 200, has: []string{
			"<h1>New case</h1>", `name="fact.situation" value="blackmail"`, `name="fact.platform"`, "Meadow", "<textarea", "Legal basis: Notice Act, article", `aria-current="page"`,
		}, hasNot: []string{`name="from"`, `name="seen"`, "This happened earlier"}},
		{name: "not for a judge", who: "judge", method: "GET", url: "/new/case", status: 404, hasNot: []string{"<textarea"}},
		{name: "nor by sending it", who: "judge", method: "POST", url: "/new/case", body: "protocol=xx.case&step=open&fact.situation=blackmail&body=x", status: 404},
		{name: "notices come in by the street door", who: "officer", method: "GET", url: "/new/notice", status: 404},
		{name: "no such thing", who: "officer", method: "GET", url: "/new/nothing", status: 404},
		{name: "a step that opens nothing", who: "officer", method: "POST", url: "/new/case", body: "protocol=xx.case&step=shut&body=x", status: 404},
		{name: "slips", who: "officer", method: "POST", url: "/new/case", body: "protocol=xx.case&step=open&fact.situation=quarrels&fact.platform=" + (act.ID{9}).String() + "&body=", status: 422, has: []string{
			"choose one of the answers offered", "Write the text of this act.", `href="#f-0-fact.platform"`,
		}},
		{name: "a field of nobody's", who: "officer", method: "POST", url: "/new/case", body: "protocol=xx.case&step=open&fact.person=x", status: 400},
	})
	file := h.openCase("no", "")
	h.play([]scenario{
		{name: "opened", who: "officer", method: "GET", url: "/file/" + file.String(), status: 200, has: []string{"Case opened", "What it is about.", "Join a notice", "Close the case"}},
		{name: "on the queue", who: "officer", method: "GET", url: "/queue?sort=case", status: 200, has: []string{file.String(), "No deadline", "Your turn"}},
	})
}

// A case is made of a notice, or a notice joined to one: to those the officer reads, and never of what is out of scope.
func TestMakeACase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("trainee")
	child, plain := h.receive("yes", "a child is concerned"), h.receive("no", "nobody's child")
	walled := h.openCase("yes", child.String())
	v := h.view("officer", walled)
	if len(v.Acts) != 2 || len(v.Acts[1].Cites) != 1 || v.Acts[1].Cites[0] != h.view("officer", child).Acts[0].ID {
		t.Fatalf("the case holds %d acts", len(v.Acts))
	}
	wide := h.openCase("no", "")
	at := "/file/" + plain.String()
	join := func(file act.ID) string { return url.Values{"case": {file.String()}}.Encode() }
	// What was reported stands above what may be done about it, for whoever may read it; of a case there is no such thing.
	page := h.ask("officer", "GET", at, "").body
	told, may := strings.Index(page, "What is reported"), strings.Index(page, "What may be done now")
	if told < 0 || may < told || !strings.Contains(page[told:may], "nobody&#39;s child") {
		t.Errorf("what is reported stands at %d, what may be done at %d\n%s", told, may, page)
	}
	h.play([]scenario{
		{name: "nothing is reported by a case", who: "officer", method: "GET", url: "/file/" + wide.String(), status: 200, hasNot: []string{"What is reported"}},
		{name: "what may be made of it", who: "officer", method: "GET", url: at, status: 200, has: []string{
			"Make a case of it", `href="/new/case?from=` + plain.String() + `"`, `<option value="` + wide.String() + `"`, `<option value="` + walled.String() + `"`, `label="Same situation"`,
		}},
		{name: "what it says is taken over", who: "officer", method: "GET", url: "/new/case?from=" + plain.String(), status: 200, has: []string{
			"Notice " + plain.String()[:8] + " will be joined", `name="from" value="` + plain.String(), `name="fact.situation" value="blackmail" checked`, `name="fact.minor" value="no" checked`,
		}},
		{name: "a trainee makes no case", who: "trainee", method: "GET", url: at, status: 200, hasNot: []string{"Make a case of it", wide.String()}},
		{name: "nor of what is hidden", who: "trainee", method: "GET", url: "/new/case?from=" + child.String(), status: 404, hasNot: []string{"child is concerned"}},
		{name: "of no notice", who: "officer", method: "GET", url: "/new/case?from=x", status: 404},
		{name: "of a case", who: "officer", method: "GET", url: "/new/case?from=" + wide.String(), status: 409},
		{name: "to no case", who: "officer", method: "POST", url: at + "/join", body: "case=", status: 422, has: []string{
			"Choose a case.", "nobody&#39;s child", `href="#f-join-case"`, `formaction="` + at + `/join?lang=ar"`, `form="f-join-seen"`, `id="f-join-seen"`, `name="go" value="wrong"`,
		}},
		{name: "to no case, in French", who: "officer", method: "POST", url: at + "/join?lang=fr", body: "case=&go=wrong", status: 422, has: []string{"Choisissez une affaire.", `formaction="` + at + `/join?lang=en"`}},
		{name: "to a case, in Arabic, not yet", who: "officer", method: "POST", url: at + "/join?lang=ar", body: join(wide) + "&go=on", status: 200, has: []string{
			`dir="rtl"`, `<option value="` + wide.String() + `" selected>`,
		}, hasNot: []string{`class="field bad"`}},
		{name: "to no case, in English again", who: "officer", method: "POST", url: at + "/join?lang=en", body: "case=&go=wrong", status: 422, has: []string{"Choose a case."}},
		{name: "to a notice", who: "officer", method: "POST", url: at + "/join", body: join(child), status: 409},
		{name: "by who may not", who: "trainee", method: "POST", url: at + "/join", body: join(wide), status: 403},
		{name: "what some readers of the case may not read", who: "officer", method: "POST", url: "/file/" + child.String() + "/join", body: join(wide), status: 422, has: []string{"cannot be read by all who may read this one"}},
		{name: "joined", who: "officer", method: "POST", url: at + "/join", body: join(wide), status: 303, to: "/file/" + wide.String()},
	})
	// From the case: what is joined already is not offered again.
	h.play([]scenario{{name: "notices to join", who: "officer", method: "GET", url: "/file/" + wide.String(), status: 200, has: []string{
		`<option value="` + h.view("officer", child).Acts[0].ID.String(),
	}, hasNot: []string{`<option value="` + h.view("officer", plain).Acts[0].ID.String()}}})
	form := h.form("officer", walled, "join")
	h.play([]scenario{
		{name: "nothing cited", who: "officer", method: "POST", url: "/file/" + walled.String() + "/do", body: form, status: 422, has: []string{"Choose what this act cites."}},
		{name: "what was not offered", who: "officer", method: "POST", url: "/file/" + walled.String() + "/do", body: form + "&cite=" + (act.ID{7}).String(), status: 422, has: []string{"Choose from what is offered."}},
		{name: "cited", who: "officer", method: "POST", url: "/file/" + walled.String() + "/do", body: form + "&cite=" + h.view("officer", plain).Acts[0].ID.String(), status: 303, to: "/file/" + walled.String()},
	})
	// What a case was made of opens from it, and a notice says in which cases it is: to those who read them.
	link := func(file act.ID) string { return `<a href="/file/` + file.String() + `">` }
	h.play([]scenario{
		{name: "the case's notice", who: "officer", method: "GET", url: "/file/" + wide.String(), status: 200, has: []string{"Cites:", link(plain)}, hasNot: []string{link(child), "Joined to:"}},
		{name: "the notice's cases", who: "officer", method: "GET", url: at, status: 200, has: []string{"Joined to:", link(wide), link(walled)}},
		{name: "what is hidden is not named", who: "trainee", method: "GET", url: at, status: 200, has: []string{"Joined to:", link(wide)}, hasNot: []string{walled.String(), "</a> · "}},
	})
	// What was found since to be out of scope is offered no more.
	turned := h.receive("no", "a quarrel, on a second look")
	offered := `<option value="` + h.view("officer", turned).Acts[0].ID.String()
	h.play([]scenario{{name: "before it is assessed", who: "officer", method: "GET", url: "/file/" + wide.String(), status: 200, has: []string{offered}}})
	h.perform("officer", turned, "acknowledge")
	h.perform("officer", turned, "assess", "fact.situation", "quarrel", "body", "They quarrelled.")
	h.play([]scenario{{name: "after it", who: "officer", method: "GET", url: "/file/" + wide.String(), status: 200, hasNot: []string{offered}}})
	// What is out of scope opens nothing and joins nothing.
	quarrel := h.receiveAbout("quarrel")
	h.play([]scenario{
		{name: "a quarrel", who: "officer", method: "GET", url: "/file/" + quarrel.String(), status: 200, has: []string{"No case can be made of this matter"}, hasNot: []string{"Make a case of it", "/join"}},
		{name: "by its address", who: "officer", method: "GET", url: "/new/case?from=" + quarrel.String(), status: 409, has: []string{"No case can be made of this matter"}},
		{name: "by sending it", who: "officer", method: "POST", url: "/new/case", body: "protocol=xx.case&step=open&fact.situation=blackmail&body=x&from=" + quarrel.String(), status: 409},
		{name: "joined by force", who: "officer", method: "POST", url: "/file/" + quarrel.String() + "/join", body: join(wide), status: 409},
	})
}

// A form follows from the kind's schema and from what its desk says: pickers, named parts of a body, facts the desk fills in.
func TestForms(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("head")
	file := h.openCase("no", "")
	h.legal.move(2 * time.Hour)
	h.enter("officer")
	at := "/file/" + file.String()
	h.play([]scenario{{name: "the form", who: "officer", method: "GET", url: at, status: 200, has: []string{
		`<select id="f-`, `name="fact.platform"`, `value="` + meadow.String() + `"`, "مرج الألعاب", `name="body.reasons.fr"`, `name="body.identifiers"`, `type="number"`,
		`name="fact.seen_at" type="datetime-local"`, `name="effective" type="datetime-local"`, `name="shown"`, "This happened earlier",
	}, hasNot: []string{`name="fact.obligation"`}}})
	good := []string{"fact.platform", longest.String(), "body.reasons.fr", "parce que", "body.identifiers", "one\r\n\r\n two ", "body.failures", "3", "fact.seen_at", "2026-03-01T10:30"}
	with := func(more ...string) string {
		return h.form("officer", file, "begin", append(good[:len(good):len(good)], more...)...)
	}
	shown := h.view("officer", file).Acts[0].ID.String()
	h.play([]scenario{
		{name: "nothing filled in", who: "officer", method: "POST", url: at + "/do", body: h.form("officer", file, "begin"), status: 422, has: []string{"Platform: give an answer.", "Text: fill in this field.", "Case: fill in this field."}},
		{name: "slips", who: "officer", method: "POST", url: at + "/do", body: with("fact.platform", shown, "body.failures", "many", "body.identifiers", strings.Repeat("x", 41), "fact.seen_at", "yesterday"), status: 422, has: []string{
			"choose one of the answers offered", "Write a whole number, in digits.", "40 characters at most", "write a date like", "parce que", "yesterday",
		}},
		{name: "fewer than none", who: "officer", method: "POST", url: at + "/do", body: with("fact.identifiers", "-3", "body.failures", "-1"), status: 422, has: []string{
			"write zero or more.", `value="-3"`, "Write a whole number, in digits.", `value="-1"`,
		}},
		{name: "what its desk refuses", who: "officer", method: "POST", url: at + "/do", body: with("body.identifiers", "forbidden"), status: 422, has: []string{"Write a whole number, in digits.", "forbidden</textarea>"}},
		{name: "earlier, shown by nothing", who: "officer", method: "POST", url: at + "/do", body: with("effective", "2026-03-02T10:00"), status: 422, has: []string{"Choose the act that shows this date.", `value="2026-03-02T10:00"`}},
		{name: "shown, and no date", who: "officer", method: "POST", url: at + "/do", body: with("shown", shown), status: 422, has: []string{"Give the date and the time"}},
		{name: "before the file began", who: "officer", method: "POST", url: at + "/do", body: with("effective", "2026-03-02T08:59", "shown", shown), status: 422, has: []string{"The file began only on", `value="2026-03-02T08:59"`}},
		{name: "in the future", who: "officer", method: "POST", url: at + "/do", body: with("effective", "2036-03-02T08:00", "shown", shown), status: 422, has: []string{"The effective date is in the future."}},
		{name: "shown by what was there before", who: "officer", method: "POST", url: at + "/do", body: with("effective", "2026-03-02T10:00", "shown", shown), status: 422, has: []string{"That act was recorded before the date you give", "parce que"}},
		{name: "done", who: "officer", method: "POST", url: at + "/do", body: with("effective", "2026-03-02T09:00", "shown", shown), status: 303, to: at},
	})
	v := h.view("officer", file)
	last := v.Acts[len(v.Acts)-1]
	for name, want := range map[string]act.Value{"platform": act.OfID(longest), "obligation": act.OfCode("answer"), "seen_at": act.OfInstant(act.InstantOf(h.local(2026, 3, 1, 10, 30)))} {
		if got, _ := last.Facts.Get(name); !got.Equal(want) {
			t.Errorf("fact %s is %s, want %s", name, got, want)
		}
	}
	if want := act.InstantOf(h.local(2026, 3, 2, 9, 0)); last.Effective != want || last.Shown.String() != shown {
		t.Errorf("effective %s, shown by %s", last.Effective, last.Shown)
	}
	o, err := h.clerk.Open(t.Context(), h.mandates["officer"], last.ID)
	must(t, err)
	var body struct {
		Reasons     map[string]string
		Identifiers []string
		Failures    int
	}
	must(t, json.Unmarshal(o.Body, &body))
	if body.Reasons["fr"] != "parce que" || strings.Join(body.Identifiers, "|") != "one|two" || body.Failures != 3 {
		t.Errorf("%s", o.Body)
	}
	h.play([]scenario{
		{name: "as it is read", who: "officer", method: "GET", url: at, status: 200, has: []string{"parce que", "one<br>two</p>", longName, "reasons.fr", "Effective"}, hasNot: []string{"2026-03-02 08:00:00"}},
		{name: "whose it is", who: "officer", method: "GET", url: "/queue?sort=case", status: 200, has: []string{longName}},
	})
}

// The ladder says of every measure what everyone may know: decided, possible, or what it lacks.
func TestLadder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, who := range []string{"officer", "head", "judge"} {
		h.enter(who)
	}
	file := h.openCase("no", "")
	at := "/file/" + file.String()
	h.perform("officer", file, "begin", "fact.platform", meadow.String(), "body.reasons.fr", "parce que", "body.identifiers", "one")
	h.play([]scenario{{name: "at its foot", who: "judge", method: "GET", url: at, status: 200, has: []string{
		`<svg class="ladder-picture"`, `class="rung shut"`, "Put on formal notice", "The same facts as a table", "First comes: Not complied with in time", "Signatures: 0 of 2.",
	}, hasNot: []string{"rung done", "rung open"}}})
	h.perform("officer", file, "draft", "body", "You are to answer.")
	h.perform("head", file, "sign")
	h.perform("judge", file, "sign")
	h.play([]scenario{
		{name: "possible, whoever looks", who: "judge", method: "GET", url: at, status: 200, has: []string{`class="rung open"`, "possible now"}},
		{name: "what the decision carries", who: "head", method: "GET", url: at, status: 200, has: []string{"The decision carries this text, unchanged", "You are to answer."}},
	})
	if got := h.ask("head", "POST", at+"/do", h.form("head", file, "caution", "body", "other words")); got.status != 400 {
		t.Errorf("a decision was given words of its own: %d", got.status)
	}
	h.perform("head", file, "caution")
	{
		v := h.view("head", file)
		o, err := h.clerk.Open(t.Context(), h.mandates["head"], v.Acts[len(v.Acts)-1].ID)
		must(t, err)
		var d struct{ Content []byte }
		must(t, json.Unmarshal(o.Body, &d))
		if string(d.Content) != "You are to answer." {
			t.Errorf("the decision says %q", o.Body)
		}
	}
	picture := func(who, lang string) string {
		body := h.ask(who, "GET", at+"?lang="+lang, "").body
		_, rest, _ := strings.Cut(body, `<svg class="ladder-picture"`)
		svg, _, _ := strings.Cut(rest, "</svg>")
		return svg
	}
	one := picture("head", "en")
	if !strings.Contains(one, `class="rung done"`) || one != picture("judge", "en") || one != picture("officer", "en") {
		t.Errorf("not everyone sees the same ladder:\n%s", one)
	}
	if ar := picture("head", "ar"); !strings.Contains(ar, `x1="342"`) || strings.Contains(ar, `x1="18"`) || strings.Contains(one, `x1="342"`) {
		t.Errorf("it is not mirrored:\n%s", ar)
	}
	h.legal.move(60 * 24 * time.Hour)
	_, err := h.clerk.Tick(t.Context())
	must(t, err)
	h.play([]scenario{{name: "what ran out is what to do next", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{file.String(), "overdue", "Settle", "Your turn"}}})
	h.perform("head", file, "free", "body", "lifted")
	h.play([]scenario{{name: "lifted", who: "officer", method: "GET", url: at, status: 200, has: []string{`class="rung lifted"`, "lifted ·"}}})
	h.perform("officer", file, "settle", "body", "settled")
	h.play([]scenario{{name: "settled late", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{file.String()}, hasNot: []string{"overdue"}}})
}
