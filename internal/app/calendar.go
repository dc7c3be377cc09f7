package app

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/office/clerk"
)

func calendarCheckFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs, "data", "db", "db_file", "pack", "variant")
	language := fs.String("lang", "fr", "the language of the answer: `fr|ar|en`")
	asJSON := fs.Bool("json", false, "print the answer as JSON")
	return func(ctx context.Context, env Env, _ []string) int {
		err := look(ctx, env, given, func(h *house) error {
			l, err := reportLanguage(*language)
			if err != nil {
				return err
			}
			answer, err := h.moving(ctx)
			if err != nil {
				return err
			}
			if *asJSON {
				return json.NewEncoder(env.Stdout).Encode(answer)
			}
			return h.tellMoving(env.Stdout, l, answer)
		})
		if err != nil {
			say(env, "calendar check", err)
			return ExitCant
		}
		return ExitGood
	}
}

// moveDeadlines records, once after a start, which open deadlines the pack's calendar moved. It works beside everything else,
// for it may take minutes; what a stop cuts short, or an error, the next start or the next hour does.
func (h *house) moveDeadlines(ctx context.Context) {
	for {
		n, err := h.clerk.Recompute(ctx)
		if n > 0 {
			h.log.LogAttrs(ctx, slog.LevelInfo, "open deadlines moved", slog.Int("deadlines", n), slog.String("calendar", h.pack.Calendar.Ref()))
		}
		if err == nil || ctx.Err() != nil {
			return
		}
		h.log.LogAttrs(ctx, slog.LevelError, "open deadlines could not all be computed again", slog.String("err", err.Error()))
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Hour):
		}
	}
}

// movingAnswer is what would move. Nothing is written: the server records it when it starts with that pack.
type movingAnswer struct {
	Calendar string       `json:"calendar"`
	Files    int          `json:"files"`
	Moving   []movingLine `json:"moving"`
}

// movingLine is one open deadline that would move. Instants are the first at which it is too late.
type movingLine struct {
	File     act.ID    `json:"file"`
	Protocol string    `json:"protocol"`
	Deadline string    `json:"deadline"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
}

// moving finds the open deadlines that this house's pack computes to another instant than was recorded.
func (h *house) moving(ctx context.Context) (*movingAnswer, error) {
	out := &movingAnswer{Calendar: h.pack.Calendar.Ref(), Moving: []movingLine{}}
	err := clerk.Moving(ctx, h.db, h.pack.Engine(), func(moved []clerk.Moved) error {
		for i := range moved {
			m := &moved[i]
			if i == 0 || m.File != moved[i-1].File {
				out.Files++
			}
			out.Moving = append(out.Moving, movingLine{m.File, m.Place.Protocol, m.Name, h.local(m.Was), h.local(m.Due)})
		}
		return nil
	})
	return out, err
}

func (h *house) tellMoving(to io.Writer, l lang.Lang, a *movingAnswer) error {
	messages, err := h.messages()
	if err != nil {
		return err
	}
	p := messages.For(l)
	x := checkTeller{p: p, law: h.pack}
	_, err = fmt.Fprintln(to, p.Text("calendar.check.moving", lang.Args{"count": len(a.Moving), "calendar": lang.Code(a.Calendar)}))
	for _, m := range a.Moving {
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(to, "- "+p.Text("calendar.check.line", lang.Args{
			"file": lang.Code(m.File.String()), "name": x.worded("deadline."+m.Protocol+".", m.Deadline), "from": lang.Moment(m.From), "to": lang.Moment(m.To),
		}))
	}
	return err
}
