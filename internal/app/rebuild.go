package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"

	"sanad/internal/archive/store"
	"sanad/internal/office/clerk"
	"sanad/internal/office/notify"
	"sanad/internal/office/parties"
)

// Tables that follow from the log's envelopes alone, and can be made anew from them.
var derivedTables = []string{
	"state", "timer", "version", "kept", "notice", "exhibit", "docket", "overdue", "platform", "alert", "alert_platform", "request", "measure", "entry", "register", "dump",
}

// Tables that do not: the log itself; who may read what, whose names are random or sealed; doors and the outbox, which hold what
// happened beside the log.
var keptTables = []string{
	"head", "act", "hash", "checkpoint", "migration",
	"audience", "audience_part", "compartment", "mandate", "mandate_part", "may", "policies",
	"invite", "session", "outbox",
}

func rebuildFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs, "data", "db", "db_file", "pack", "variant")
	dry := fs.Bool("dry-run", false, "say what would be done and do nothing")
	return func(ctx context.Context, env Env, args []string) int {
		if len(args) > 0 {
			given.values["data"] = args[:1]
		}
		err := rebuild(ctx, env, given, *dry)
		if err != nil {
			return say(env, "rebuild", err)
		}
		return ExitGood
	}
}

// rebuild makes what is derived from the log anew, while nobody serves the folder.
func rebuild(ctx context.Context, env Env, given *Given, dry bool) (err error) {
	p, err := begun(env, given)
	if err == nil && dry {
		err = p.visit(env)
	}
	if err != nil {
		return err
	}
	p.serve, p.bare = true, true // it wants the folder for itself, and desks read what may be damaged
	h, err := build(ctx, p.plan)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.shut()) }()
	if h.db.Engine() == store.Postgres { // a folder is locked; a database that others may serve from elsewhere is not
		fmt.Fprintln(env.Stdout, "servers of this database may go on, and whatever would be recorded waits until this is done; start them again afterwards, for they remember files as they were")
	}
	all, err := h.rebuild(ctx, dry)
	if err != nil {
		return err
	}
	verb := "rebuilt"
	if dry {
		verb = "would be rebuilt"
	}
	for _, r := range all {
		switch {
		case r.New == 0 && r.Gone == 0:
			fmt.Fprintf(env.Stdout, "%s: %d rows, all as they were\n", r.Table, r.Rows)
		default:
			fmt.Fprintf(env.Stdout, "%s: %d rows, %d of them new, %d gone\n", r.Table, r.Rows, r.New, r.Gone)
		}
	}
	fmt.Fprintf(env.Stdout, "%s from %d acts in %d commits\n", verb, all[0].Acts, all[0].Commits)
	return nil
}

// rebuild replays the log into everything derived from it.
func (h *house) rebuild(ctx context.Context, dry bool) ([]clerk.Rebuilt, error) {
	follow := slices.DeleteFunc(h.projectors(), func(p clerk.Projector) bool {
		switch p.(type) {
		case parties.Projector, notify.Projector, *notify.Projector:
			return true
		}
		return false
	})
	return h.clerk.Rebuild(ctx, derivedTables, follow, dry)
}
