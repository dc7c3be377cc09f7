package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/request"
	"sanad/internal/desk/sanction"
	"sanad/internal/kit/fault"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// lasting are days that a measure, an order or a silence may last; as many accounts are named, up to thirty.
var lasting = []int{1, 4, 6, 8, 11, 16, 21, 28, 29, 45, 80, 90, 92, 120, 190, 370}

// drafts are what comes of drafting each rung, for some days.
func drafts(t *testing.T, p *pack.Pack) (out []string) {
	t.Helper()
	law, err := sanction.LawOf(p, contentSum)
	if err != nil {
		t.Fatal(err)
	}
	now := act.InstantOf(askedAt)
	for days := range 800 {
		gone, err := law.Bygone(askedAt.AddDate(0, 0, -days), now)
		out = append(out, fmt.Sprint(days, gone, err))
	}
	for i := range p.Protocols {
		for j := range p.Protocols[i].Steps {
			at := sanction.Place{Protocol: p.Protocols[i].ID, Step: p.Protocols[i].Steps[j].ID}
			for _, rung := range law.Drafted(at) {
				for _, days := range lasting {
					body := fmt.Sprintf(`{"rung":%q,"reasons":"because","expires_on":%q,"targets":["play.example"]}`, rung, askedAt.AddDate(0, 0, days).Format(time.DateOnly))
					a := act.Act{Body: []byte(body)}
					wrong, err := law.PrepareDraft(at, []string{rung}, &a, now)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, fmt.Sprint(rung, days, string(a.Body), wrong))
				}
			}
		}
	}
	return out
}

// requests are what the desk says to orders to keep data and to requests for them: about how many, and until when.
func requests(t *testing.T, p *pack.Pack) (out []string) {
	t.Helper()
	law, err := request.LawOf(p)
	if err != nil {
		t.Fatal(err)
	}
	state := &protocol.State{}
	for i := range p.Protocols {
		for j := range p.Protocols[i].Steps {
			if s := &p.Protocols[i].Steps[j]; s.Kind == "case.opened" {
				state.Procedures = append(state.Procedures, protocol.Run{ID: act.ID{9}, Protocol: p.Protocols[i].ID, Version: p.Protocols[i].Version, Events: []protocol.Event{{Step: s.ID}}})
			}
		}
	}
	for kind, decide := range law.Deciders() {
		if kind != request.KindPrepared && kind != request.KindPreserved {
			continue
		}
		for _, n := range lasting {
			names := make([]map[string]string, min(n, 30))
			for i := range names {
				names[i] = map[string]string{"kind": "account", "value": fmt.Sprintf("name-%d", i)}
			}
			body, err := json.Marshal(map[string]any{"identifiers": names, "reasons": "because"})
			if err != nil {
				t.Fatal(err)
			}
			day := act.OfDate(askedAt.AddDate(0, 0, n).Truncate(24 * time.Hour))
			cmd := &clerk.Command{Act: act.Act{Body: body, Facts: act.NewFacts(map[string]act.Value{
				"identifiers": act.OfInt(int64(len(names))), "expires_on": day, "confidential_until": day,
			})}}
			_, err = decide(state, cmd, act.InstantOf(askedAt))
			var said []string
			if f := fault.Of(err); f != nil {
				for _, field := range f.Fields {
					said = append(said, fmt.Sprint(field.Name, field.Key, field.Args))
				}
				said = append(said, f.Key)
			}
			slices.Sort(said)
			out = append(out, kind+fmt.Sprint(n, said))
		}
	}
	slices.Sort(out)
	return out
}
