package app

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// What is decided is what was signed, for a decision that no desk knows: other words are refused, none means the draft's own, and
// whoever reads the decision can open the commitment that the signatures carry.
func TestDecidedIsSigned(t *testing.T) {
	t.Parallel()
	const signed = `{"text":"these words were signed"}`
	for name, x := range map[string]struct {
		body string
		ok   bool
	}{
		"nothing of its own": {"", true},
		"the words signed":   {signed, true},
		"other words":        {`{"text":"these were not"}`, false},
		"a draft of its own": {`{"salt":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","content":"aGFybWxlc3M="}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			h := testHouse(t, t.TempDir(), "", c)
			p := newPlayer(t, h, c)
			p.drafted(signed)
			p.do("xx-head-1", "sign", nil, nil)
			p.do("xx-judge-1", "sign", nil, nil)
			var body []byte
			if x.body != "" {
				body = []byte(x.body)
			}
			done, err := p.try("xx-head-1", "find", nil, body)
			if !x.ok {
				if e := fault.Of(err); e == nil || e.Code != fault.Invalid || e.Key != "error.decision_differs" {
					t.Fatalf("decided: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			o, err := h.clerk.Open(t.Context(), p.seat("xx-judge-1"), done.Acts[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			var d clerk.Draft
			err = json.Unmarshal(o.Body, &d)
			if err != nil || string(d.Content) != signed {
				t.Fatalf("the decision says %s, %v", o.Body, err)
			}
			opened := false
			for _, commit := range o.Commits {
				opened = opened || commit.Name == protocol.CommitContent && commit.Sum == proof.ContentSum(proof.Sum(d.Salt), d.Content)
			}
			if !opened {
				t.Error("the decision does not open the commitment that was signed")
			}
		})
	}
}

// Whoever signs signs in their own name, whatever their command says: nobody signs for another.
func TestSignedInOnesOwnName(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.drafted(plainBody)
	mandates := map[string]access.Mandate{}
	err := h.db.Read(t.Context(), func(tx *store.Tx) (err error) {
		for _, seat := range []string{"xx-head-1", "xx-judge-1"} {
			mandates[seat], err = h.clerk.Book.Mandate(t.Context(), tx, p.seat(seat))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	head, judge := mandates["xx-head-1"], mandates["xx-judge-1"]
	p.do("xx-head-1", "sign", map[string]act.Value{protocol.FactPerson: act.OfID(judge.Person), protocol.FactRole: act.OfCode(judge.Role)}, nil)
	acts := p.view("xx-head-1").Acts
	said := map[string]act.Value{}
	for _, f := range acts[len(acts)-1].Facts {
		said[f.Name] = f.Value
	}
	person, _ := said[protocol.FactPerson].ID()
	if role := said[protocol.FactRole]; person != head.Person || !role.Equal(act.OfCode(head.Role)) {
		t.Errorf("the head's signature is that of %v as %v", person, role)
	}
	p.refused(fault.ClosedGate, "xx-head-1", "find", nil, nil)
	p.do("xx-judge-1", "sign", nil, nil)
	p.do("xx-head-1", "find", nil, nil)
}

// A notice that was found to be outside the scope after it came in joins no case: not by its page, not by the case's, not by a command.
func TestJoinOfWhatWasFoundOutside(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	fronts, err := h.fronts(&Config{Language: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	cookie := comeIn(t, h, fronts.console, "xx-officer-1")
	p.receive(new(false))
	taken, from := p.view("xx-officer-1").Acts[0].ID, p.file
	p.do("xx-officer-1", "acknowledge", nil, nil)
	facts := p.assessment()
	facts["minor"] = act.OfBool(false)
	p.do("xx-officer-1", "assess", facts, []byte(plainBody)) // within the scope still
	officer := p.seat("xx-officer-1")
	done, err := h.clerk.Do(t.Context(), clerk.Command{
		Mandate: officer, Of: cases.Sort, Protocol: "xx.case", Step: "open",
		Act: act.Act{Facts: act.NewFacts(map[string]act.Value{"situation": act.OfCode("contact"), "minor": act.OfBool(false)}), Body: []byte(plainBody)},
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := func() int64 {
		t.Helper()
		v, err := h.clerk.View(t.Context(), officer, done.File)
		if err != nil {
			t.Fatal(err)
		}
		return v.Seen
	}
	join := func() error {
		t.Helper()
		_, err := h.clerk.Do(t.Context(), clerk.Command{
			Mandate: officer, File: done.File, Protocol: "xx.case", Procedure: done.Acts[0].Procedure.ID, Step: "join", Seen: seen(), Act: act.Act{Cites: []act.ID{taken}},
		})
		return err
	}
	facts["situation"] = act.OfCode("opinion")
	p.do("xx-officer-1", "assess", facts, []byte(plainBody))
	err = join()
	if e := fault.Of(err); e == nil || e.Code != fault.Invalid || e.Key != "case.join.outside" {
		t.Errorf("by a command: %v", err)
	}
	for page, form := range map[string]url.Values{
		"/file/" + from.String() + "/join": {"case": {done.File.String()}},
		"/file/" + done.File.String() + "/do": {
			"protocol": {"xx.case"}, "run": {done.Acts[0].Procedure.ID.String()}, "step": {"join"}, "cite": {taken.String()},
			"seen": {strconv.FormatInt(seen(), 10)},
		},
	} {
		w := askConsole(t, fronts.console, "POST", page+"?lang=en", form.Encode(), cookie)
		if w.Code != http.StatusConflict && w.Code != http.StatusUnprocessableEntity {
			t.Errorf("by %s: %d", page, w.Code)
		}
	}
	if w := askConsole(t, fronts.console, "GET", "/file/"+from.String()+"?lang=en", "", cookie); strings.Contains(w.Body.String(), "/join") {
		t.Error("its page offers a case")
	}
	p.file = from
	facts["situation"] = act.OfCode("contact")
	p.do("xx-officer-1", "assess", facts, []byte(plainBody))
	facts["situation"] = act.OfCode("opinion")
	p.unreadable("assess", facts)
	if err := join(); err != nil {
		t.Errorf("found to be within the scope after all, for all that whoever joins it may read: %v", err)
	}
}
