package app

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/notice"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// abuse is one thing nobody may do to ask a platform for data, whoever they are.
type abuse struct {
	name string
	seat string
	do   func(o *desks, seat string) clerk.Command // prepares what is lawful, and returns what is not
	code fault.Code
	keys []string // of the refusal, its fields, and what blocks: each must be told
}

// asking is a request with something wrong in its facts or its names.
func asking(changes map[string]act.Value, body string) func(*desks, string) clerk.Command {
	return func(o *desks, seat string) clerk.Command {
		return o.command(seat, "xx.demand", "draw_up", altered(o.prepared(), changes), body)
	}
}

// about is a request about one name.
func about(kind, value, at string) func(*desks, string) clerk.Command {
	return func(o *desks, seat string) clerk.Command {
		type identifier struct {
			Kind  string `json:"kind"`
			Value string `json:"value"`
			At    string `json:"at,omitempty"`
		}
		body := jsonOf(o.t, map[string]any{"identifiers": []identifier{{kind, value, at}}, "reasons": "it wrote to children"})
		return o.command(seat, "xx.demand", "draw_up", o.prepared(), body)
	}
}

// sending is a dispatch of a request drawn up so, its data held.
func sending(changes map[string]act.Value) func(*desks, string) clerk.Command {
	return func(o *desks, seat string) clerk.Command {
		o.drawn(changes)
		return o.routine(seat, "xx.demand", "dispatch")
	}
}

// doing is a step of a request drawn up lawfully.
func doing(step string) func(*desks, string) clerk.Command {
	return func(o *desks, seat string) clerk.Command {
		o.drawn(nil)
		return o.routine(seat, "xx.demand", step)
	}
}

func names(n int) string {
	body := `{"identifiers":[`
	for i := range n {
		if i > 0 {
			body += ","
		}
		body += fmt.Sprintf(`{"kind":"account","value":"player_%d"}`, i)
	}
	return body + `],"reasons":"they wrote to children"}`
}

func abuses() []abuse {
	const envoy = "xx-envoy-1"
	gate := func(name, seat string, do func(*desks, string) clerk.Command, keys ...string) abuse {
		return abuse{name, seat, do, fault.ClosedGate, append([]string{"error.closed_gate"}, keys...)}
	}
	wrong := func(name string, do func(*desks, string) clerk.Command, keys ...string) abuse {
		return abuse{name, envoy, do, fault.Invalid, append([]string{"request.invalid"}, keys...)}
	}
	role := func(name, seat string, do func(*desks, string) clerk.Command) abuse {
		return abuse{name, seat, do, fault.Forbidden, []string{"error.role", "law.block.role"}}
	}
	none := act.Value{}
	said := func(fact string, v act.Value) map[string]act.Value { return map[string]act.Value{fact: v} }
	// What is out of scope gets no case, hence no request.
	in := func(situation string) func(*desks, string) clerk.Command {
		return func(o *desks, seat string) clerk.Command {
			cmd := o.command(seat, "xx.case", "open", map[string]act.Value{"situation": act.OfCode(situation), "minor": act.OfBool(false)}, harmless)
			cmd.File, cmd.Of, cmd.Seen, cmd.Procedure = act.ID{}, cases.Sort, 0, act.ID{}
			return cmd
		}
	}
	return []abuse{
		gate("outside any case", envoy, func(o *desks, seat string) clerk.Command {
			cmd := o.routine(seat, "xx.demand", "draw_up")
			cmd.File, cmd.Of, cmd.Seen, cmd.Procedure = act.ID{}, cases.Sort, 0, act.ID{}
			return cmd
		}, "gate.D-03.in_scope"),
		gate("in a notice instead of a case", envoy, func(o *desks, seat string) clerk.Command {
			ok, err := o.h.notice.Accept(o.t.Context(), notice.Form{Situation: "contact", Where: "https://play.example/u/7", Text: "A stranger writes.", Minor: new(false), Language: "fr"})
			if err != nil {
				o.t.Fatal(err)
			}
			o.file, o.runs = ok.File, map[string]act.ID{}
			return o.routine(seat, "xx.demand", "draw_up")
		}, "law.block.unknown"),
		gate("in the run of another case", envoy, func(o *desks, seat string) clerk.Command {
			o.drawn(nil)
			run := o.runs["xx.demand"]
			o.openCase("contact")
			o.runs["xx.demand"] = run
			return o.routine(seat, "xx.demand", "dispatch")
		}, "law.block.unknown"),
		{"for an opinion", "xx-officer-1", in("opinion"), fault.Invalid, []string{"case.scope"}},
		{"for a quarrel of words", "xx-officer-1", in("quarrel"), fault.Invalid, []string{"case.scope"}},
		wrong("for an offence off the list", asking(said("offence", act.OfCode("insult")), oneAccount), "request.offence.closed"),
		wrong("for an offence that nobody names", asking(said("offence", none), oneAccount), "request.offence.closed"),
		gate("about a journalist, without a judge", envoy, sending(said("protected", act.OfCode("journalist"))), "gate.D-09.shielded"),
		gate("about a lawyer, without a judge", envoy, sending(said("protected", act.OfCode("lawyer"))), "gate.D-09.shielded"),
		gate("about a union member, without a judge", envoy, sending(said("protected", act.OfCode("unionist"))), "gate.D-09.shielded"),
		gate("about an elected representative, without a judge", envoy, sending(said("protected", act.OfCode("elected"))), "gate.D-09.shielded"),
		gate("for what was written, without a judge", envoy, sending(said("data", act.OfCodes("messages"))), "gate.D-08.leave"),
		gate("for where a device was, without a judge", envoy, sending(said("data", act.OfCodes("place"))), "gate.D-08.leave"),
		gate("for a little of what was written among the rest", envoy, sending(said("data", act.OfCodes("subscriber", "journal", "messages"))), "gate.D-08.leave"),
		gate("with a judge's refusal", envoy, func(o *desks, seat string) clerk.Command {
			o.drawn(said("data", act.OfCodes("messages")))
			o.do("xx-arbiter-1", "xx.demand", "allow", said("leave", act.OfBool(false)), harmless)
			return o.routine(seat, "xx.demand", "dispatch")
		}, "gate.D-08.leave"),
		gate("with a judge's leave for another request", envoy, func(o *desks, seat string) clerk.Command {
			o.drawn(said("data", act.OfCodes("messages")))
			o.allowed()
			o.drawn(said("data", act.OfCodes("messages")))
			return o.routine(seat, "xx.demand", "dispatch")
		}, "gate.D-08.leave"),
		wrong("about one name more than the law allows", asking(said("identifiers", act.OfInt(4)), names(4)), "request.identifiers.many"),
		wrong("about four names said to be three", asking(said("identifiers", act.OfInt(3)), names(4)), "request.identifiers.many"),
		wrong("about two names said to be one", asking(nil, names(2)), "request.identifiers.count"),
		wrong("about nobody in particular", asking(said("identifiers", act.OfInt(0)), `{"identifiers":[],"reasons":"who knows"}`), "request.identifiers.none"),
		wrong("about all accounts that begin alike", about("account", "player_*", ""), "request.identifier.wildcard"),
		wrong("about everyone in a region", about("account", "everyone in Xanadu", ""), "request.identifier.everyone"),
		wrong("about all users", about("account", "all", ""), "request.identifier.everyone"),
		wrong("about all users, in Arabic", about("account", "جميع المستعملين", ""), "request.identifier.everyone"),
		wrong("about a thousand numbered accounts", about("account", "1000-2000", ""), "request.identifier.range"),
		wrong("about a whole site", about("account", "https://play.example/", ""), "request.identifier.account"),
		wrong("about a network", about("address", "192.0.2.0/24", "2026-03-01T10:00:00Z"), "request.identifier.range"),
		wrong("about a range of addresses", about("address", "192.0.2.1-192.0.2.99", "2026-03-01T10:00:00Z"), "request.identifier.range"),
		wrong("about whoever ever had an address", about("address", "192.0.2.7", ""), "request.identifier.address_time"),
		wrong("about who will have an address", about("address", "192.0.2.7", "2036-03-01T10:00:00Z"), "request.identifier.address_time"),
		wrong("about a whole country's telephones", about("telephone", "+1*", ""), "request.identifier.wildcard"),
		wrong("about all mailboxes of a house", about("mail", "@mail.example", ""), "request.identifier.mail"),
		wrong("about a name that hides another", about("account", "play\u202eer_7", ""), "request.identifier.text"),
		wrong("without reasons", asking(nil, `{"identifiers":[{"kind":"account","value":"player_7"}],"reasons":""}`), "request.reasons.missing"),
		{"with more in the sealed half than the law knows", envoy, asking(nil, `{"identifiers":[{"kind":"account","value":"player_7"}],"reasons":"r","also":"everything"}`), fault.Invalid, []string{"request.body"}},
		gate("without a purpose", envoy, sending(said("purpose", act.OfBool(false))), "gate.D-05.purpose"),
		gate("without the data guard's receipt", envoy, sending(said("dpa_receipt", none)), "gate.D-06.guard"),
		gate("for what is still to be written: interception", envoy, sending(said("already_held", act.OfBool(false))), "gate.D-07.held"),
		gate("in haste, without a warden's word", envoy, doing("dispatch_now"), "gate.D-13.urgent", "gate.D-13.vouched", "law.block.order"),
		gate("in haste, a warden having said no", envoy, func(o *desks, seat string) clerk.Command {
			o.drawn(said("urgent", act.OfBool(true)))
			o.do("xx-warden-1", "xx.demand", "vouch", said("urgency", act.OfBool(false)), harmless)
			return o.routine(seat, "xx.demand", "dispatch_now")
		}, "gate.D-13.vouched"),
		role("in haste, vouched for by whoever asks", envoy, doing("vouch")),
		role("allowed by whoever asks: maker and judge in one", envoy, doing("allow")),
		role("allowed by the table that only brings people together", "xx-liaison-1", doing("allow")),
		role("sent by the table that only brings people together", "xx-liaison-1", doing("dispatch")),
		role("drawn up by a judge, who would then allow it", "xx-arbiter-1", func(o *desks, seat string) clerk.Command {
			return o.routine(seat, "xx.demand", "draw_up")
		}),
		{"by a statistician, who counts and never asks", "xx-statistician-1", doing("dispatch"), fault.NotFound, []string{"error.file_unknown"}},
		gate("before the data are held", envoy, func(o *desks, seat string) clerk.Command {
			o.step(seat, "xx.demand", "draw_up")
			return o.routine(seat, "xx.demand", "dispatch")
		}, "gate.D-16.held_on", "law.block.order"),
		gate("of a platform that nobody enrolled", envoy, sending(said("platform", act.OfID(act.ID{0x77}))), "gate.D-11.delegate"),
		wrong("of no platform", asking(said("platform", none), oneAccount), "request.platform.missing"),
		wrong("of another platform than the case is about", func(o *desks, seat string) clerk.Command {
			o.step("xx-tribune-1", "xx.ladder", "accuse")
			return o.command(seat, "xx.demand", "draw_up", altered(o.prepared(), said("platform", act.OfID(act.ID{0x77}))), oneAccount)
		}, "request.platform.other"),
		wrong("holding the data of another platform than it asks", func(o *desks, seat string) clerk.Command {
			o.step(seat, "xx.demand", "draw_up")
			return o.command(seat, "xx.demand", "hold_data", altered(o.held(), said("platform", act.OfID(act.ID{0x77}))), oneAccount)
		}, "request.changed"),
		{"as of tomorrow", envoy, func(o *desks, seat string) clerk.Command {
			o.drawn(nil)
			cmd := o.routine(seat, "xx.demand", "dispatch")
			cmd.Act.Effective = act.InstantOf(o.c.now().AddDate(0, 0, 1))
			return cmd
		}, fault.Invalid, []string{"error.effective_future"}},
		{"as of last week, unproven", envoy, func(o *desks, seat string) clerk.Command {
			o.drawn(nil)
			cmd := o.routine(seat, "xx.demand", "dispatch")
			cmd.Act.Effective = act.InstantOf(o.c.now().AddDate(0, 0, -7))
			return cmd
		}, fault.Invalid, []string{"error.effective_proof"}},
		gate("in secret without an end", envoy, sending(said("confidential_until", none)), "gate.D-10.told_when"),
		wrong("in secret for ten years", func(o *desks, seat string) clerk.Command {
			return asking(said("confidential_until", act.OfDate(o.c.now().AddDate(10, 0, 0))), oneAccount)(o, seat)
		}, "request.end.long"),
		wrong("with data held for a year", func(o *desks, seat string) clerk.Command {
			o.step(seat, "xx.demand", "draw_up")
			return o.command(seat, "xx.demand", "hold_data", altered(o.held(), said("expires_on", act.OfDate(o.c.now().AddDate(1, 0, 0)))), oneAccount)
		}, "request.end.long"),
		{"in a closed case", envoy, func(o *desks, seat string) clerk.Command {
			o.step("xx-officer-1", "xx.case", "shut")
			return o.routine(seat, "xx.demand", "draw_up")
		}, fault.ClosedGate, []string{"request.case.closed"}},
		gate("twice under one request", envoy, func(o *desks, seat string) clerk.Command {
			o.drawn(nil)
			o.step(seat, "xx.demand", "dispatch")
			return o.routine(seat, "xx.demand", "dispatch")
		}, "law.block.done"),
		gate("after it was withdrawn", envoy, func(o *desks, seat string) clerk.Command {
			o.drawn(nil)
			o.step(seat, "xx.demand", "recall")
			return o.routine(seat, "xx.demand", "dispatch")
		}, "law.block.closed"),
		{"decided on an older view of the case", envoy, func(o *desks, seat string) clerk.Command {
			o.drawn(nil)
			cmd := o.routine(seat, "xx.demand", "dispatch")
			o.step("xx-arbiter-1", "xx.demand", "allow")
			return cmd
		}, fault.Conflict, []string{"file.conflict"}},
		{"in nobody's name", envoy, func(o *desks, seat string) clerk.Command {
			cmd := o.routine(seat, "xx.demand", "draw_up")
			cmd.Mandate = act.ID{0x66}
			return cmd
		}, fault.Forbidden, []string{"error.mandate"}},
	}
}

// Nobody can ask a platform for what the law does not let them ask. Each attempt is refused with a reason that a person can read,
// and leaves nothing: no act, no key, no row.
func TestAbusiveRequests(t *testing.T) {
	t.Parallel()
	all := abuses()
	if len(all) < 30 {
		t.Fatalf("only %d abuses are tried", len(all))
	}
	onBoth(t, func(t *testing.T, url string) {
		o := newDesks(t, url, "xx")
		for _, a := range all {
			t.Run(a.name, func(t *testing.T) {
				o.t = t
				o.openCase("contact")
				o.refuses(a.do(o, a.seat), a)
			})
		}
		o.t = t
		t.Run("in a storm", func(t *testing.T) {
			o.t = t
			o.openCase("contact")
			o.drawn(nil)
			o.weather(true)
			o.refuses(o.routine("xx-envoy-1", "xx.demand", "dispatch"), abuse{code: fault.ClosedGate, keys: []string{"error.closed_gate", "gate.D-12.no_storm"}})
			o.weather(false)
		})
		t.Run("of a platform without a delegate", func(t *testing.T) {
			o.t = t
			o.openCase("contact")
			o.drawn(map[string]act.Value{"platform": act.OfID(o.enrol(false))})
			o.refuses(o.routine("xx-envoy-1", "xx.demand", "dispatch"), abuse{code: fault.ClosedGate, keys: []string{"error.closed_gate", "gate.D-11.delegate"}})
		})
		t.Run("once grown stale", func(t *testing.T) {
			o.t = t
			o.openCase("contact")
			o.drawn(nil)
			o.onward(20)
			o.refuses(o.routine("xx-envoy-1", "xx.demand", "dispatch"), abuse{code: fault.ClosedGate, keys: []string{"error.closed_gate", "law.block.after"}})
		})
		t.Run("under a mandate that expired", func(t *testing.T) {
			o.t = t
			o.openCase("contact")
			o.drawn(nil)
			cmd := o.routine("xx-envoy-1", "xx.demand", "dispatch")
			o.c.move(seatTerm + time.Hour)
			o.refuses(cmd, abuse{code: fault.Forbidden, keys: []string{"error.mandate"}})
		})
		o.t = t
		o.h.checkpoint(t)
		if r := o.h.verify(t); len(r.Problems) > 0 {
			t.Fatalf("%+v", r.Problems)
		}
	})
}

// refuses tries what is not lawful, and wants it refused so, with nothing left of it.
func (o *desks) refuses(cmd clerk.Command, a abuse) {
	o.t.Helper()
	before := o.everything()
	_, err := o.h.clerk.Do(o.t.Context(), cmd)
	told := toldBy(err)
	if fault.CodeOf(err) != a.code || !slices.Equal(told, slices.Sorted(slices.Values(a.keys))) {
		o.t.Fatalf("refused as %s for %v, want %s for %v (%v)", fault.CodeOf(err), told, a.code, a.keys, err)
	}
	if after := o.everything(); !maps.Equal(before, after) {
		o.t.Fatalf("it left something: before %v, after %v", before, after)
	}
	messages, err := o.h.messages()
	if err != nil {
		o.t.Fatal(err)
	}
	for _, l := range []lang.Lang{lang.French, lang.Arabic, lang.English} {
		for _, key := range told {
			if !messages.For(l).Has(key) {
				o.t.Errorf("%s is not worded in %s", key, l)
			}
		}
	}
}

// toldBy lists the keys of everything a refusal tells, sorted.
func toldBy(err error) []string {
	e := fault.Of(err)
	if e == nil {
		return nil
	}
	out := []string{e.Key}
	for _, f := range e.Fields {
		out = append(out, f.Key)
	}
	var r *protocol.Refusal
	if errors.As(err, &r) {
		for _, b := range r.Blocks {
			out = append(out, b.Key)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// everything counts what a command can leave behind: rows of every table, acts of the log, keys.
func (o *desks) everything() map[string]int64 {
	o.t.Helper()
	out := map[string]int64{}
	err := o.h.clerk.Read(o.t.Context(), func(tx clerk.Tx) error {
		for _, table := range []string{
			"act", "hash", "state", "timer", "audience", "audience_part", "may", "compartment", "exhibit", "notice", "request", "measure", "docket", "entry", "outbox", "platform", "alert",
		} {
			var n int64
			err := tx.QueryRow(o.t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n)
			if err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			out[table] = n
		}
		var n int64
		err := tx.QueryRow(o.t.Context(), "SELECT size FROM head").Scan(&n)
		out["size of the log"] = n
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	keys, err := sql.Open("sqlite", "file:"+filepath.Join(o.h.folder, keysFolder, "keys.db")+"?mode=ro")
	if err != nil {
		o.t.Fatal(err)
	}
	defer keys.Close() //nolint:errcheck // it was only read
	var n int64
	err = keys.QueryRowContext(o.t.Context(), "SELECT COUNT(*) FROM key").Scan(&n)
	if err != nil {
		o.t.Fatal(err)
	}
	out["keys"] = n
	return out
}
