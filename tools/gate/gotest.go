package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// goTest runs go test on the packages, shows go's own closing line of each and everything about what failed, and
// judges what was skipped. Results are never taken from go's cache, which does not see all that the tests read.
func goTest(ctx context.Context, dir string, env []string, packages ...string) error {
	cmd := prepare(ctx, dir, env, "go", append([]string{"test", "-json", "-count=1", "-shuffle=on", "-timeout=10m"}, packages...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	err = cmd.Start()
	if err != nil {
		return err
	}
	seen, err := readEvents(out, os.Stdout)
	err = errors.Join(err, cmd.Wait())
	if err != nil {
		err = fmt.Errorf("go test: %w", err)
	}
	err = errors.Join(err, seen.judge(dir, os.Getenv("CI") != ""))
	fmt.Printf("%d passed, %d failed, %d skipped\n", seen.passed, seen.failed, len(seen.skipped))
	return err
}

// event is one line of go test -json (go doc test2json).
type event struct {
	Action, Package, ImportPath, Test, Output string
}

// outcome is what a run of go test came to. Subtests count as tests.
type outcome struct {
	passed, failed int
	skipped        []skip
}

type skip struct {
	test   string // package and name
	reason string
}

// readEvents reads a run to its end, copying to w what a person wants to see of it.
func readEvents(r io.Reader, w io.Writer) (outcome, error) {
	var seen outcome
	said := map[[2]string][]string{} // by package and test, until that test is known to have passed
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 && errors.Is(err, io.EOF) {
			return seen, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return seen, err
		}
		var e event
		if json.Unmarshal(line, &e) != nil {
			fmt.Fprintf(w, "%s", line) // go itself speaking, not a test
			continue
		}
		key := [2]string{e.Package, e.Test}
		switch e.Action {
		case "build-output":
			fmt.Fprint(w, e.Output)
		case "output":
			said[key] = append(said[key], e.Output)
		case "pass", "skip", "fail":
			seen.count(e, said[key])
			if e.Test == "" {
				closePackage(w, e, said)
			} else if e.Action != "fail" {
				delete(said, key)
			}
		}
	}
}

func (o *outcome) count(e event, said []string) {
	switch {
	case e.Test == "":
	case e.Action == "pass":
		o.passed++
	case e.Action == "fail":
		o.failed++
	case e.Action == "skip":
		o.skipped = append(o.skipped, skip{e.Package + "." + e.Test, reason(said)})
	}
}

// closePackage shows go's closing line of a package, and before it, when the package failed, all that was said
// by the tests that did not pass: those that failed and those that a panic or the time limit cut off.
func closePackage(w io.Writer, e event, said map[[2]string][]string) {
	var keys [][2]string
	for key := range said {
		if key[0] == e.Package {
			keys = append(keys, key)
		}
	}
	// The package itself, whose name of a test is empty, speaks last.
	slices.SortFunc(keys, func(a, b [2]string) int {
		if (a[1] == "") != (b[1] == "") {
			return len(b[1]) - len(a[1])
		}
		return strings.Compare(a[1], b[1])
	})
	for _, key := range keys {
		for _, line := range said[key] {
			closing := key[1] == "" && (strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "? "))
			if closing || e.Action == "fail" && !strings.HasPrefix(line, "=== ") {
				fmt.Fprint(w, line)
			}
		}
		delete(said, key)
	}
}

var logged = regexp.MustCompile(`^\s+\S+\.go:\d+: (.*)\n?$`)

// reason is what t.Skip was told: the last logged line.
func reason(said []string) string {
	for _, line := range slices.Backward(said) {
		m := logged.FindStringSubmatch(line)
		if m != nil {
			return m[1]
		}
	}
	return ""
}

// judge says which skipped tests should have run. Outside CI a missing tool is only told, so that a laptop
// without it can still pass; material that is there must be used everywhere.
func (o outcome) judge(dir string, ci bool) error {
	if o.passed+o.failed+len(o.skipped) == 0 {
		return errors.New("no test ran")
	}
	var bad []error
	for _, s := range o.skipped {
		kind, what, _ := strings.Cut(s.reason, ": ")
		switch kind {
		case "absent":
			what, _, _ = strings.Cut(what, " ")
			_, err := os.Stat(filepath.Join(dir, what))
			if !filepath.IsLocal(strings.TrimPrefix(what, "../")) || !errors.Is(err, os.ErrNotExist) {
				bad = append(bad, fmt.Errorf("%s was skipped, though %s is there", s.test, what))
				continue
			}
		default:
			if ci {
				bad = append(bad, fmt.Errorf("%s was skipped, which CI does not allow: %q", s.test, s.reason))
				continue
			}
		}
		fmt.Printf("skipped %s: %s\n", s.test, s.reason)
	}
	return errors.Join(bad...)
}
