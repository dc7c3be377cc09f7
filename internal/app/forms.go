package app

import (
	"context"
	"slices"

	"sanad/internal/act"
	"sanad/internal/desk/console"
	"sanad/internal/desk/notice"
	"sanad/internal/desk/register"
	"sanad/internal/desk/registry"
	"sanad/internal/desk/request"
	"sanad/internal/desk/sanction"
	"sanad/internal/desk/watch"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// forms are what the desks say about how their acts are filled in.
func (h *house) forms() map[string]console.Form {
	out := map[string]console.Form{}
	for _, s := range registry.Kinds() {
		out[s.Kind] = console.Form{
			Body: registry.Asks(s.Kind), Fills: registry.Fills(s.Kind),
			Prepare: func(ctx context.Context, _ console.Asking, a *act.Act) (any, []fault.Field, error) {
				wrong, err := h.registry.Prepare(ctx, s.Kind, a)
				return nil, wrong, err
			},
		}
	}
	for _, s := range watch.Kinds() {
		out[s.Kind] = console.Form{
			Body: watch.Asks(s.Kind),
			Prepare: func(ctx context.Context, _ console.Asking, a *act.Act) (any, []fault.Field, error) {
				wrong, err := h.watch.Prepare(ctx, s.Kind, a)
				return nil, wrong, err
			},
		}
	}
	imported := out[watch.KindImported]
	imported.Away = "/watch"
	out[watch.KindImported] = imported
	out[protocol.KindPublished] = console.Form{For: h.entryForm}
	if scope := h.pack.Words("in_scope"); scope != nil { // what no case may be opened on is not offered
		out[cases.KindOpened] = console.Form{Words: map[string][]string{"situation": scope}}
	}
	h.requestForms(out)
	h.measureForms(out)
	return out
}

// entryForm asks what an entry says: that it stands in one of the ways that its procedure carries. The day of one that tells a measure
// is that of what happened to it, which nobody types.
func (h *house) entryForm(ask console.Asking) console.Form {
	form := console.Form{Body: register.Asks(h.pack.Languages)}
	if ask.Asked != nil {
		form.Words = map[string][]string{protocol.FactState: h.told(ask.Asked, ask.View.At).States}
	}
	if p := h.pack.Engine().Protocol(ask.Place.Protocol, ask.Version); p != nil && slices.ContainsFunc(p.Steps, func(s protocol.Step) bool { return s.Kind == sanction.KindDecided }) {
		form.Fills = []string{protocol.FactDecidedOn}
	}
	return form
}

// requestForms are those of orders to keep data and of requests.
func (h *house) requestForms(out map[string]console.Form) {
	out[request.KindReported] = console.Form{Fills: request.Fills(request.KindReported)}
	for _, s := range request.Kinds() {
		if request.Asks(s.Kind) == nil {
			continue
		}
		out[s.Kind] = console.Form{
			Body: request.Asks(s.Kind), Fills: request.Fills(s.Kind),
			Prepare: func(_ context.Context, ask console.Asking, a *act.Act) (any, []fault.Field, error) {
				return nil, h.asks.Prepare(s.Kind, a, ask.View.At), nil
			},
		}
	}
}

// measureForms are those of the ladder: what is drafted and signed, what is decided over it, and what follows a measure.
func (h *house) measureForms(out map[string]console.Form) {
	out[protocol.KindDrafted] = console.Form{For: h.draftForm}
	out[sanction.KindDecided] = console.Form{For: h.decisionForm}
	out[sanction.KindRenewed] = console.Form{For: h.decisionForm}
	out[sanction.KindWeighed] = console.Form{Fills: h.ladder.Unweighed()}
	out[sanction.KindKnowledge] = console.Form{
		Fills: []string{"alerts", "alert_sources", "alert_days"},
		Prepare: func(ctx context.Context, ask console.Asking, a *act.Act) (any, []fault.Field, error) {
			wrong, err := h.known(ctx, ask.View, a)
			return nil, wrong, err
		},
	}
	out[sanction.KindOpened] = console.Form{
		Fills: []string{"failures"},
		Prepare: func(ctx context.Context, ask console.Asking, a *act.Act) (any, []fault.Field, error) {
			return nil, nil, h.unanswered(ctx, ask.Mandate.ID, a)
		},
	}
	for _, kind := range []string{sanction.KindPaid, sanction.KindExecuted, sanction.KindLifted, sanction.KindAppealed, sanction.KindAppealRuled} {
		out[kind] = console.Form{For: h.followForm}
	}
}

// draftForm is that of a measure's content where the step drafts one; else a draft is one text.
func (h *house) draftForm(ask console.Asking) console.Form {
	at := sanction.Place{Protocol: ask.Place.Protocol, Version: ask.Version, Step: ask.Place.Step}
	rungs := h.ladder.Drafted(at)
	if ask.View != nil && !h.ladder.Renews(at) {
		rungs = slices.DeleteFunc(rungs, func(rung string) bool {
			return slices.ContainsFunc(ask.View.Acts, func(a clerk.Recorded) bool {
				return a.Procedure != nil && a.Procedure.ID == ask.Place.Run && a.Procedure.Step == rung
			})
		})
	}
	if len(rungs) == 0 {
		return console.Form{}
	}
	form := console.Form{
		Body: h.ladder.Asks(at, rungs), Options: map[string][]web.Option{},
		Prepare: func(_ context.Context, ask console.Asking, a *act.Act) (any, []fault.Field, error) {
			wrong, err := h.ladder.PrepareDraft(at, rungs, a, ask.View.At)
			return nil, wrong, err
		},
	}
	for _, rung := range rungs {
		form.Options["rung"] = append(form.Options["rung"], web.Option{Value: rung, Key: "list.rungs." + rung})
	}
	return form
}

// decisionForm asks nothing: what was signed is what is decided.
func (h *house) decisionForm(ask console.Asking) console.Form {
	return console.Form{
		Body: []web.Ask{}, Fills: sanction.Carried(),
		Prepare: func(ctx context.Context, _ console.Asking, a *act.Act) (any, []fault.Field, error) {
			missing := []fault.Field{{Name: "body", Key: "sanction.undrafted"}}
			if ask.View == nil || ask.Step.Signatures == nil {
				return nil, missing, nil
			}
			for _, drafted := range slices.Backward(ask.View.Acts) {
				p := drafted.Procedure
				if drafted.Kind != protocol.KindDrafted || p == nil || p.ID != ask.Place.Run || p.Step != ask.Step.Signatures.Draft {
					continue
				}
				o, err := h.clerk.Open(ctx, ask.Mandate.ID, drafted.ID)
				if err != nil {
					return nil, nil, err
				}
				if o.Erased {
					return nil, missing, nil
				}
				return nil, nil, h.ladder.Carry(o.Body, a)
			}
			return nil, missing, nil
		},
	}
}

// known cites the alerts tied to the platform that a case is about. What they show is counted where they are decided upon.
func (h *house) known(ctx context.Context, v *clerk.View, a *act.Act) ([]fault.Field, error) {
	platform := console.PlatformOf(v)
	if platform.IsZero() {
		return []fault.Field{{Name: "body", Key: "sanction.platform.missing"}}, nil
	}
	k, err := h.watch.Knowledge(ctx, platform, v.At)
	if err != nil {
		return nil, err
	}
	a.Cites = k.Acts
	return nil, nil
}

// unanswered cites the failures of the platform that a procedure is opened against, those that whoever opens it was told of. How many
// count is said where the opening is decided.
func (h *house) unanswered(ctx context.Context, mandate act.ID, a *act.Act) error {
	said, _ := a.Facts.Get(factPlatform)
	platform, is := said.ID()
	if !is {
		return nil
	}
	return h.clerk.Read(ctx, func(tx clerk.Tx) (err error) {
		a.Cites, err = request.Store{Law: h.asks}.Reports(ctx, tx, mandate, platform)
		return err
	})
}

// followForm asks which measure an act is about, where there are several; where there is one the desk knows.
func (h *house) followForm(ask console.Asking) console.Form {
	if ask.View == nil {
		return console.Form{}
	}
	form := console.Form{}
	if ask.Step.Kind == sanction.KindAppealRuled { // what stands after it nobody types
		at := sanction.Place{Protocol: ask.Place.Protocol, Version: ask.Version, Step: ask.Place.Step}
		form.Fills, form.Words = []string{protocol.FactRung}, map[string][]string{"appeal": h.ladder.Rulings(at)}
	}
	about := h.ladder.About(ask.View, ask.Place.Run, ask.Step)
	if len(about) < 2 {
		return form
	}
	form.CiteKey = "panels.measure"
	form.Cite = func(context.Context, act.ID, act.ID) ([]web.Pick, error) {
		var out []web.Pick
		for _, a := range slices.Backward(about) {
			out = append(out, web.Pick{Value: a.ID.String(), Key: "panels.measure.pick", Args: lang.Args{
				"rung": lang.Key("list.rungs." + a.Procedure.Step), "date": lang.Day(a.Effective.Time().In(h.zone())),
			}})
		}
		return out, nil
	}
	return form
}

// takes reports whether a notice may be joined to a case: whether the act that took it in says that someone is coerced for that.
func (h *house) takes(kind, situation string) bool {
	law := notice.LawOf(h.pack, act.InstantOf(h.legal()))
	return (kind == notice.KindReceived || kind == notice.KindDanger) && law.Coerces(kind, situation)
}

// pickedSorts say what sort of file a fact names, where an officer may find none yet and somebody has to begin one.
func pickedSorts() map[string]string {
	return map[string]string{factPlatform: registry.Sort, protocol.FactNoticeTo: registry.Sort}
}

// pickers list what a fact that names something may name.
func (h *house) pickers() map[string]console.Picker {
	return map[string]console.Picker{
		factPlatform:        h.registry.Choices,
		"repeats":           h.watch.Choices,
		protocol.FactAmends: h.register.Choices,
		// On whom a decision is served is a platform.
		protocol.FactNoticeTo: h.registry.Choices,
	}
}
