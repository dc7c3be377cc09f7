package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Exit codes of every command.
const (
	ExitGood  = 0 // done, or the answer is yes
	ExitNo    = 1 // the answer is no: forged, lint or configuration errors
	ExitCant  = 2 // it can't be answered, and why was said: unreadable, wrong folder, bad flags
	usageTail = "\nsanad help COMMAND shows the flags of one.\n"
)

// Env is everything outside the program that a command may touch, so that a test can hand it another one.
type Env struct {
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time
	Dice           io.Reader
}

// Command is one thing sanad does.
type Command struct {
	Name    string // one word or two: serve, config check
	Args    string // its arguments as usage shows them: DIR|FILE, [FILE], FILE…; their number is checked against it
	Summary string // one line
	// Flags declares its flags and returns what runs with them, once they are read.
	Flags func(fs *flag.FlagSet) Run
}

// Run does what a command is for, with the arguments that are no flags, and returns an exit code.
type Run func(ctx context.Context, env Env, args []string) int

// Commands are all of them, in the order in which usage shows them.
type Commands []Command

// Dispatch finds the command, reads its flags and runs it. Bad flags, a wrong number of arguments and an unknown
// command are ExitCant, with the usage on standard error; -h, --help and help are ExitGood, with it on standard output.
func (all Commands) Dispatch(ctx context.Context, args []string, env Env) int {
	if len(args) == 0 {
		all.usage(env.Stderr, "")
		return ExitCant
	}
	help := false
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		help, args = true, args[1:]
		if len(args) == 0 {
			all.usage(env.Stdout, "")
			return ExitGood
		}
	}
	cmd, rest := all.find(args)
	if cmd == nil {
		return all.unknown(args, help, env)
	}
	fs := flag.NewFlagSet(cmd.Name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	run := cmd.Flags(fs)
	if help {
		cmd.usage(env.Stdout, fs)
		return ExitGood
	}
	words, err := parseFlags(fs, rest)
	if errors.Is(err, flag.ErrHelp) {
		cmd.usage(env.Stdout, fs)
		return ExitGood
	}
	if err == nil {
		err = cmd.count(len(words))
	}
	if err != nil {
		fmt.Fprintf(env.Stderr, "sanad %s: %s\n\n", cmd.Name, err)
		cmd.usage(env.Stderr, fs)
		return ExitCant
	}
	return run(ctx, env, words)
}

// find returns the command that the first words name, the longest name first, and what follows it.
func (all Commands) find(args []string) (*Command, []string) {
	for n := min(2, len(args)); n > 0; n-- {
		name := strings.Join(args[:n], " ")
		for i := range all {
			if all[i].Name == name {
				return &all[i], args[n:]
			}
		}
	}
	return nil, nil
}

func (all Commands) unknown(args []string, help bool, env Env) int {
	var names []string
	for _, c := range all {
		if strings.HasPrefix(c.Name, args[0]+" ") {
			names = append(names, c.Name)
		}
	}
	if len(names) > 0 { // the first word of several: sanad key
		asked := help || slices.ContainsFunc(args[1:], func(s string) bool { return s == "-h" || s == "-help" || s == "--help" })
		if asked {
			all.usage(env.Stdout, args[0]+" ")
			return ExitGood
		}
		if len(args) > 1 {
			fmt.Fprintf(env.Stderr, "sanad: there is no command %q\n\n", strings.Join(args[:2], " "))
		}
		all.usage(env.Stderr, args[0]+" ")
		return ExitCant
	}
	for _, c := range all {
		names = append(names, c.Name)
	}
	fmt.Fprintf(env.Stderr, "sanad: there is no command %q: expected %s\n", args[0], nearest(args[0], names))
	return ExitCant
}

func (all Commands) usage(w io.Writer, prefix string) {
	fmt.Fprintf(w, "usage: sanad COMMAND [arguments and flags, in any order]\n\n")
	width := 0
	for _, c := range all {
		if strings.HasPrefix(c.Name, prefix) {
			width = max(width, len(c.Name))
		}
	}
	for _, c := range all {
		if strings.HasPrefix(c.Name, prefix) {
			fmt.Fprintf(w, "  %-*s  %s\n", width, c.Name, c.Summary)
		}
	}
	fmt.Fprint(w, usageTail)
}

func (c *Command) usage(w io.Writer, fs *flag.FlagSet) {
	line := "usage: sanad " + c.Name
	if c.Args != "" {
		line += " " + c.Args
	}
	flags := 0
	fs.VisitAll(func(*flag.Flag) { flags++ })
	if flags > 0 {
		line += " [flags]"
	}
	fmt.Fprintf(w, "%s\n\n%s\n", line, c.Summary)
	if flags > 0 {
		fmt.Fprintln(w)
	}
	fs.VisitAll(func(f *flag.Flag) {
		value, help := flag.UnquoteUsage(f)
		help = strings.TrimPrefix(help, value+": ") // what it is called stands beside the flag
		if value != "" {
			value = " " + value
		}
		fmt.Fprintf(w, "  --%s%s\n        %s\n", f.Name, value, strings.TrimSpace(help))
	})
}

// count compares a number of arguments with Args: a word is one, [word] may be left out, word… is any number.
func (c *Command) count(n int) error {
	least, most := 0, 0
	for _, w := range strings.Fields(c.Args) {
		optional := strings.HasPrefix(w, "[")
		if !optional {
			least++
		}
		most++
		if strings.Contains(w, "…") {
			most = int(^uint(0) >> 1)
		}
	}
	switch {
	case n < least && n == 0:
		return fmt.Errorf("it needs %s", c.Args)
	case n < least:
		return fmt.Errorf("%d arguments, it needs %s", n, c.Args)
	case n > most && most == 0:
		return errors.New("it takes no arguments, only flags")
	case n > most:
		return fmt.Errorf("%d arguments, it takes %s", n, c.Args)
	}
	return nil
}

// parseFlags reads flags wherever they stand among the arguments, up to a -- that is no flag's value, and returns
// the arguments.
func parseFlags(fs *flag.FlagSet, args []string) ([]string, error) {
	var words, flags []string
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		if a == "--" {
			words = append(words, args...)
			break
		}
		if len(a) < 2 || a[0] != '-' {
			words = append(words, a)
			continue
		}
		flags = append(flags, a)
		name, _, inside := strings.Cut(strings.TrimPrefix(a[1:], "-"), "=")
		f := fs.Lookup(name)
		if f == nil || inside || isSwitch(f) || len(args) == 0 {
			continue // with nothing behind it, the standard parser says what is missing
		}
		flags = append(flags, args[0])
		args = args[1:]
	}
	err := fs.Parse(flags)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		return nil, plainer(fs, err)
	}
	return words, err
}

func isSwitch(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// wanted says what a flag of the standard parser takes, which itself says no more than that it could not.
func wanted(f *flag.Flag) string {
	if known, ok := f.Value.(flag.Getter); ok {
		switch known.Get().(type) {
		case int, int64, uint, uint64:
			return "a whole number, as 7"
		}
	}
	name, _ := flag.UnquoteUsage(f)
	return name
}

// plainer says a mistake as this program writes flags, with two dashes. The value is left out: it may be a secret.
func plainer(fs *flag.FlagSet, err error) error {
	s := err.Error()
	if name, ok := strings.CutPrefix(s, "flag provided but not defined: -"); ok {
		return fmt.Errorf("there is no flag --%s", strings.TrimPrefix(name, "-"))
	}
	if name, ok := strings.CutPrefix(s, "flag needs an argument: -"); ok {
		return fmt.Errorf("--%s needs a value", strings.TrimPrefix(name, "-"))
	}
	for _, mark := range []string{" for flag -", " for -"} {
		if _, rest, ok := strings.Cut(s, mark); ok && strings.HasPrefix(s, "invalid ") {
			name, why, _ := strings.Cut(rest, ": ")
			if f := fs.Lookup(name); (why == "parse error" || why == "value out of range") && f != nil {
				why = wanted(f)
				if isSwitch(f) {
					why = "true or false"
				}
			}
			return fmt.Errorf("--%s: expected %s", name, why)
		}
	}
	return err
}

// Strings is a flag that may be repeated.
type Strings []string

// String joins the values.
func (s *Strings) String() string { return strings.Join(*s, ",") }

// Set adds one.
func (s *Strings) Set(v string) error {
	if v == "" {
		return errors.New("a value that is not empty")
	}
	*s = append(*s, v)
	return nil
}

// nearest names the word that was probably meant, or all of them.
func nearest(given string, words []string) string {
	best, distance := "", 3
	for _, w := range words {
		if d := edits(given, w); d < distance {
			best, distance = w, d
		}
	}
	if best != "" {
		return best
	}
	return "one of " + strings.Join(words, ", ")
}

// edits counts the letters to add, drop or change to make b of a.
func edits(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0]++
		for j := range len(b) {
			change := last
			if a[i] != b[j] {
				change++
			}
			last = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
