package app

import (
	"context"

	"sanad/internal/act"
	"sanad/internal/desk/console"
	"sanad/internal/desk/notice"
	"sanad/internal/desk/register"
	"sanad/internal/desk/registry"
	"sanad/internal/desk/watch"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
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
	out[protocol.KindPublished] = console.Form{
		Body: register.Asks(h.pack.Languages),
		Prepare: func(ctx context.Context, ask console.Asking, a *act.Act) (any, []fault.Field, error) {
			wrong, err := h.register.Prepare(ctx, ask.View, a)
			return nil, wrong, err
		},
	}
	return out
}

// takes reports whether a notice may be joined to a case: whether the act that took it in says that someone is coerced for that.
func (h *house) takes(kind, situation string) bool {
	law := notice.LawOf(h.pack)
	return (kind == notice.KindReceived || kind == notice.KindDanger) && law.Coerces(kind, situation)
}

// pickers list what a fact that names something may name.
func (h *house) pickers() map[string]console.Picker {
	return map[string]console.Picker{
		factPlatform:        h.registry.Choices,
		"repeats":           h.watch.Choices,
		protocol.FactAmends: h.register.Choices,
	}
}
