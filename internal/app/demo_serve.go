package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"sanad/internal/app/story"
	"sanad/internal/desk/console"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
)

// serve opens portal and console on one listener at once, and plays the story beside them.
func (d *demo) serve(ctx context.Context, c *Config, env Env) error {
	fronts, err := d.frontsOf(c, d)
	if err != nil {
		return err
	}
	health := d.health()
	doors, err := Listen(ctx, []Door{{Name: "demo", Addr: c.Listen, Handler: fronts.public, People: true}},
		Listening{Fail: fronts.fail, Log: d.log, Now: d.process})
	if err != nil {
		return err
	}
	err = doors.Announce(env.Stdout)
	if err != nil {
		return err
	}
	stop, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	var played error
	work.Go(func() { d.keepTime(stop, health) })
	work.Go(func() {
		played = d.play(ctx)
		if played == nil {
			played = d.dump(ctx)
		}
		if played != nil && ctx.Err() == nil {
			d.log.LogAttrs(ctx, slog.LevelError, "the story stopped", slog.String("err", played.Error()))
		}
	})
	err = doors.Serve(ctx)
	cancel()
	work.Wait()
	if errors.Is(played, context.Canceled) {
		played = nil // taken up again at the next start
	}
	return errors.Join(err, played, d.sign(context.WithoutCancel(ctx)))
}

// demoPath is where one chooses who one is.
const demoPath = "/demo"

// routes adds the demonstration's own doors. No other command mounts them.
func (d *demo) routes(mux *http.ServeMux, edge *web.Edge, desk *console.Console) {
	desk.Door = demoPath
	mux.Handle("GET "+demoPath, edge.Handle(func(w http.ResponseWriter, r *http.Request) error {
		data := story.DoorData{Playing: !d.played.Load()}
		for _, role := range d.pack.Roles {
			for _, seat := range role.Seats {
				data.Seats = append(data.Seats, story.Seat{Seat: seat, Role: "role." + role.ID, Institution: d.institution(r, role.Institution(d.governance))})
			}
		}
		return edge.Pages.Render(w, r, http.StatusOK, "demo/door", web.View{Data: data})
	}))
	mux.Handle("POST /demo/enter", edge.Handle(func(w http.ResponseWriter, r *http.Request) error {
		values, err := web.ReadForm(r, "seat")
		if err != nil {
			return err
		}
		id, err := d.mandateOfSeat(r.Context(), values.Get("seat"))
		if err != nil {
			return fault.NotFound.New("demo.seat.unknown")
		}
		return desk.Enter(w, r, id)
	}))
	mux.Handle("POST "+web.ClockPath, edge.Handle(d.moveClock))
}

// institution is what an institution is called in the language of a request, its id where the pack does not name it.
func (d *demo) institution(r *http.Request, id string) string {
	i := d.pack.Institution(id)
	if p := web.PrinterOf(r.Context()); i != nil && p != nil && i.Name[string(p.Lang())] != "" {
		return i.Name[string(p.Lang())]
	}
	if i != nil && len(d.pack.Languages) > 0 && i.Name[d.pack.Languages[0]] != "" {
		return i.Name[d.pack.Languages[0]]
	}
	return id
}

// moveClock moves legal time on, through what a server does as time passes.
func (d *demo) moveClock(w http.ResponseWriter, r *http.Request) error {
	values, err := web.ReadForm(r, "by", "back")
	if err != nil {
		return err
	}
	d.moving.Lock()
	defer d.moving.Unlock()
	ctx := r.Context()
	to := d.clock.Now()
	switch values.Get("by") {
	case "hour":
		to = to.Add(time.Hour)
	case "day":
		to = to.AddDate(0, 0, 1)
	case "next":
		due, err := d.nextDue(ctx)
		if err != nil {
			return err
		}
		if due != 0 {
			to = due.Time()
		}
	default:
		return fault.Invalid.New("demo.clock.by")
	}
	err = d.world.Pass(ctx, to)
	if err != nil {
		return err
	}
	err = d.upkeep(ctx)
	if err != nil {
		return err
	}
	err = errors.Join(d.keep(), d.dump(ctx))
	if err != nil {
		return err
	}
	back := values.Get("back")
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n") {
		back = "/"
	}
	http.Redirect(w, r, back, http.StatusSeeOther) //nolint:gosec // a path of this server: checked above
	return nil
}

// dump writes the register's file anew: a server does so once a day, and here a day passes at a click.
func (d *demo) dump(ctx context.Context) error {
	err := d.sign(ctx)
	if err != nil {
		return err
	}
	_, err = d.register.Dump(ctx)
	return errors.Join(err, d.sign(ctx))
}

// bar is the clock on top of every page, once the story has been played.
func (d *demo) bar(r *http.Request) *web.Bar {
	b := &web.Bar{Now: d.clock.Now().In(d.zone())}
	if !d.played.Load() {
		return b
	}
	due, err := d.nextDue(r.Context())
	if err == nil && due != 0 {
		at := due.Time().In(d.zone())
		b.Next = &at
	}
	return b
}

// whilePlaying lets people look around, and write nothing, until the story has ended: it is taken up from what the log holds.
func (d *demo) whilePlaying(edge *web.Edge, next http.Handler) http.Handler {
	free := []string{"/demo/enter", "/sign-out", "/follow", "/proof", "/api/v1/notices/status"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && !d.played.Load() {
			for _, p := range free {
				if r.URL.Path == p {
					next.ServeHTTP(w, r)
					return
				}
			}
			edge.Fail(w, r, fault.Unavailable.New("demo.playing"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// upkeep is what a server does every hour and every day.
func (d *demo) upkeep(ctx context.Context) error {
	_, err := d.clerk.Expire(ctx)
	return err
}
