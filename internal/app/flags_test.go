package app

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"strings"
	"testing"
)

func sample() Commands {
	say := func(name string) func(fs *flag.FlagSet) Run {
		return func(fs *flag.FlagSet) Run {
			var keys Strings
			asJSON := fs.Bool("json", false, "print JSON")
			n := fs.Int("n", 1, "a `NUMBER`")
			fs.Var(&keys, "key", "`VKEY`, may be repeated")
			return func(_ context.Context, env Env, args []string) int {
				fmt.Fprintf(env.Stdout, "%s %q json=%v n=%d keys=%q", name, args, *asJSON, *n, []string(keys))
				return ExitNo
			}
		}
	}
	return Commands{
		{"verify", "DIR|FILE", "Check a log", say("verify")},
		{"serve", "", "Serve", say("serve")},
		{"read", "FILE…", "Read files", say("read")},
		{"key show", "[NAME]", "Show a key", say("key show")},
		{"key destroy", "NAME WHY", "Destroy a key", say("key destroy")},
	}
}

func TestDispatch(t *testing.T) {
	t.Parallel()
	for line, c := range map[string]struct {
		code     int
		out, err string // what each holds; "" for nothing at all
	}{
		"verify d --json --key a --key b":   {1, `verify ["d"] json=true n=1 keys=["a" "b"]`, ""},
		"verify --json d -key=a":            {1, `verify ["d"] json=true n=1 keys=["a"]`, ""},
		"verify --key -- d":                 {1, `verify ["d"] json=false n=1 keys=["--"]`, ""},
		"verify --json -- --key":            {1, `verify ["--key"] json=true n=1 keys=[]`, ""},
		"verify -":                          {1, `verify ["-"]`, ""},
		"verify --json=false d":             {1, `json=false`, ""},
		"read a --n 3 b -- -c --":           {1, `read ["a" "b" "-c" "--"] json=false n=3`, ""},
		"key show":                          {1, `key show []`, ""},
		"key show x --n=7":                  {1, `key show ["x"] json=false n=7`, ""},
		"key destroy a b":                   {1, `key destroy ["a" "b"]`, ""},
		"":                                  {2, "", "usage: sanad COMMAND"},
		"verify":                            {2, "", "sanad verify: it needs DIR|FILE\n\nusage: sanad verify DIR|FILE [flags]"},
		"verify a b":                        {2, "", "2 arguments, it takes DIR|FILE"},
		"serve a":                           {2, "", "it takes no arguments, only flags"},
		"key destroy a":                     {2, "", "1 arguments, it needs NAME WHY"},
		"read":                              {2, "", "it needs FILE…"},
		"verify d --jsn":                    {2, "", "there is no flag --jsn\n\nusage: sanad verify"},
		"verify d --key":                    {2, "", "--key needs a value"},
		"verify d --n x":                    {2, "", "--n: expected a whole number, as 7"},
		"verify d --n 1e99":                 {2, "", "--n: expected a whole number, as 7"},
		"verify d --n 99999999999999999999": {2, "", "--n: expected a whole number, as 7"},
		"verify d --key=":                   {2, "", "--key: expected a value that is not empty"},
		"verify d --json=x":                 {2, "", "--json: expected true or false"},
		"verfy d":                           {2, "", `there is no command "verfy": expected verify`},
		"nonsense":                          {2, "", "expected one of verify, serve, read, key show, key destroy"},
		"key":                               {2, "", "key destroy  Destroy a key"},
		"key sho":                           {2, "", `there is no command "key sho"`},
		"--help":                            {0, "verify       Check a log", ""},
		"help":                              {0, "sanad help COMMAND shows the flags", ""},
		"help verify":                       {0, "  --key VKEY\n        VKEY, may be repeated", ""},
		"verify -h":                         {0, "usage: sanad verify DIR|FILE [flags]\n\nCheck a log", ""},
		"verify --nope --help":              {2, "", "there is no flag --nope"},
		"verify d --json --help":            {0, "usage: sanad verify", ""},
		"key show --help":                   {0, "usage: sanad key show [NAME] [flags]", ""},
		"key --help":                        {0, "key show     Show a key", ""},
		"help key":                          {0, "key show     Show a key", ""},
		"--version":                         {2, "", "there is no command"},
	} {
		var out, errs bytes.Buffer
		code := sample().Dispatch(context.Background(), strings.Fields(line), Env{Stdout: &out, Stderr: &errs})
		if code != c.code || !strings.Contains(out.String(), c.out) || !strings.Contains(errs.String(), c.err) ||
			c.out == "" && out.Len() > 0 || c.err == "" && errs.Len() > 0 {
			t.Errorf("sanad %s: %d\nout: %s\nerr: %s\nwant %d %q %q", line, code, out.String(), errs.String(), c.code, c.out, c.err)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	words := []string{"listen", "console", "ops"}
	for given, want := range map[string]string{"lisen": "listen", "conosle": "console", "ops": "ops", "x": "one of listen, console, ops", strings.Repeat("x", 1000): "one of listen, console, ops"} {
		if got := nearest(given, words); got != want {
			t.Errorf("%.10s: %s, want %s", given, got, want)
		}
	}
}
