package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"

	"sanad/internal/archive/store"
	"sanad/internal/law/pack"
)

// Main is the program.
type Main struct{}

// Run runs one command and returns its exit code.
func (Main) Run(ctx context.Context, args []string, env Env) int {
	return Commands{
		{"serve", "", "run the authority's server", serveFlags},
		{"demo", "", "play two years of a fictional authority, and look around in it", demoFlags},
		{"verify", "[DIR|FILE]", "check offline that a log, or a receipt, is what it claims to be", verifyFlags},
		{"key show", "", "print the log's verifier key", keyShowFlags},
		{"key rotate", "[COMPARTMENT…]", "give compartments new keys; nothing sealed is encrypted again", keyRotateFlags},
		{"deadline", "", "say when a legal deadline ends, and how that is counted, line by line", deadlineFlags},
		{"calendar check", "", "say which open deadlines would move if a pack's calendar were in force", calendarCheckFlags},
		{"config check", "", "say what is wrong with a configuration, and what it amounts to", configCheckFlags},
		{"pack lint", "NAME|FOLDER", "say what is wrong with a country pack", packLintFlags},
		{"pack new", "FOLDER", "write a small whole pack of invented law, to begin yours from", packNewFlags},
		{"pack schema", "[FILE]", "print the JSON Schema of a file of a pack, for editors", packSchemaFlags},
		{"protocol check", "[FILE…]", "explore every state of a pack's protocols, and show what could go wrong", protocolCheckFlags},
		{"protocol draw", "ID", "draw a protocol as an SVG", protocolDrawFlags},
		{"protocol explain", "FILE-ID", "say what may be done in a file now, and why not the rest", protocolExplainFlags},
		{"protocol migrate", "[FILE-ID…]", "let open procedures go on under another version of their protocol, each by an act", protocolMigrateFlags},
		{"migrate", "", "upgrade the database's schema", migrateFlags},
		{"rebuild", "[DIR]", "make what is derived from the log anew: states, timers, lists", rebuildFlags},
		{"console invite", "", "make a single-use code by which the holder of a mandate enters the console", inviteFlags},
		{"console grant", "", "give a seat that nobody holds to a person", grantFlags},
		{"console end", "", "take a mandate back for good", endFlags},
		{"console mandates", "", "list the mandates", mandatesFlags},
		{"watch read", "FILE…", "read press texts, saved as text and not as HTML: title, outlet, date, paragraphs, and what the page printed around them", watchReadFlags},
		{"version", "", "print the version", versionFlags},
	}.Dispatch(ctx, args, env)
}

// say prints an error as the last word of a command, and returns the exit code it means.
func say(env Env, command string, err error) int {
	fmt.Fprintf(env.Stderr, "sanad %s: %s\n", command, err)
	var problems Problems
	var lint pack.Problems
	if errors.As(err, &problems) && !slices.ContainsFunc(problems, func(p Problem) bool { return p.Cant }) || errors.As(err, &lint) {
		return ExitNo
	}
	return ExitCant
}

// logger writes what happens for those who run the machine: no person, no address, no content.
func logger(env Env) *slog.Logger {
	return slog.New(slog.NewTextHandler(env.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// planOf turns a configuration into what a house is built from.
func planOf(c *Config, env Env) (plan, error) {
	db, err := c.Database()
	if err != nil {
		return plan{}, err
	}
	return plan{
		folder: c.Data, url: string(db), pack: c.Pack, variant: c.Variant, backedUp: c.BackedUp, legal: env.Now, process: env.Now, dice: env.Dice, log: logger(env),
		identity: c.DataProtection != "",
	}, nil
}

func configCheckFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs)
	return func(_ context.Context, env Env, _ []string) int {
		c, err := given.Load(env.Getenv)
		if err != nil {
			return say(env, "config check", err)
		}
		found := append(c.Check(), c.CheckLaw()...)
		for _, p := range found {
			fmt.Fprintln(env.Stderr, p)
		}
		if len(found.Wrong()) > 0 {
			return ExitNo
		}
		fmt.Fprint(env.Stdout, c)
		return ExitGood
	}
}

func packLintFlags(*flag.FlagSet) Run {
	return func(_ context.Context, env Env, args []string) int {
		kinds, err := catalogue()
		if err != nil {
			return say(env, "pack lint", err)
		}
		p, err := loadPack(args[0], kinds)
		var found pack.Problems
		if errors.As(err, &found) {
			for _, x := range found {
				fmt.Fprintln(env.Stdout, x)
			}
			fmt.Fprintf(env.Stderr, "sanad pack lint: %s; nothing runs on this pack until they are mended\n", problems(len(found)))
			return ExitNo
		}
		if err != nil {
			return say(env, "pack lint", err)
		}
		fmt.Fprintf(env.Stdout, "%s: good (%d protocols, %d gates, %d texts, %d institutions)\n",
			p.Version(), len(p.Protocols), len(p.Gates), len(p.Texts), len(p.Institutions))
		return ExitGood
	}
}

func migrateFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs, "data", "db", "db_file", "backed_up")
	dry := fs.Bool("dry-run", false, "say what would be done and do nothing")
	return func(ctx context.Context, env Env, _ []string) int {
		code, err := migrate(ctx, env, given, *dry)
		if err != nil {
			return say(env, "migrate", err)
		}
		return code
	}
}

func migrate(ctx context.Context, env Env, given *Given, dry bool) (code int, err error) {
	c, err := given.Load(env.Getenv)
	if err != nil {
		return ExitCant, err
	}
	at, err := c.Database()
	if err != nil {
		return ExitCant, err
	}
	db, err := openExisting(ctx, string(at), dry)
	if err != nil {
		return ExitCant, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	all, err := migrations(db.Engine())
	if err != nil {
		return ExitCant, err
	}
	pending, err := db.Pending(ctx, all)
	if err != nil {
		return ExitCant, err
	}
	if len(pending) == 0 {
		fmt.Fprintln(env.Stdout, "up to date: nothing to do")
		return ExitGood, nil
	}
	for _, m := range pending {
		fmt.Fprintf(env.Stdout, "%04d %s %s\n", m.Number, m.Name, m.Sum[:12])
	}
	if dry {
		return ExitGood, nil
	}
	backup, err := db.Upgrade(ctx, all, c.BackedUp)
	if err != nil {
		return ExitCant, err
	}
	if backup != "" {
		fmt.Fprintf(env.Stdout, "a copy of how it was is kept in %s\n", backup)
	}
	fmt.Fprintln(env.Stdout, "done")
	return ExitGood, nil
}

// openExisting opens a database that is there, and creates none; look opens it to be read alone.
func openExisting(ctx context.Context, at string, look bool) (*store.DB, error) {
	if strings.Contains(at, "://") {
		return store.Open(ctx, at)
	}
	_, err := os.Stat(at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database %s: sanad serve begins one; or name the folder with --data", at)
	}
	if err == nil && !look {
		return store.Open(ctx, at)
	}
	return store.OpenReadOnly(ctx, at)
}

func versionFlags(*flag.FlagSet) Run {
	return func(_ context.Context, env Env, _ []string) int {
		fmt.Fprintln(env.Stdout, "sanad", version())
		return ExitGood
	}
}
