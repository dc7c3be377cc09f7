package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// limit is the longest the whole gate may take on a machine of two cores.
const limit = 20 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "gate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	// The tests run what is shipped: no cgo. A fresh clone may belong to another user than the one who tests it,
	// and Go would then refuse to stamp a binary with a version; the gate's binaries need no stamp.
	for name, value := range map[string]string{"CGO_ENABLED": "0", "GOFLAGS": strings.TrimSpace(os.Getenv("GOFLAGS") + " -buildvcs=false")} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	switch {
	case len(args) == 0:
		return gate(ctx, root)
	case args[0] == "with-postgres" && len(args) > 1:
		if err := furnish(ctx, []tool{postgres}); err != nil {
			return err
		}
		return withPostgres(ctx, func(url string) error {
			return command(ctx, root, []string{"SANAD_TEST_PG=" + url}, args[1], args[2:]...)
		})
	default:
		return errors.New("usage: gate | gate with-postgres COMMAND [ARGUMENT…]")
	}
}

// part is one thing the gate checks.
type part struct {
	name string
	do   func(context.Context) error
	must bool // without it the other parts cannot be judged
}

func gate(ctx context.Context, root string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	lint := filepath.Join(root, "bin", "golangci-lint")
	parts := []part{
		{"machine", func(ctx context.Context) error { return furnish(ctx, tools) }, true},
		{"linter", func(ctx context.Context) error {
			return command(ctx, filepath.Join(root, "tools"), nil, "go", "build", "-trimpath", "-ldflags=-s -w",
				"-o", lint, "github.com/golangci/golangci-lint/v2/cmd/golangci-lint")
		}, false},
		{"format", func(ctx context.Context) error { return command(ctx, root, nil, lint, "fmt", "--diff") }, false},
		{"vet", func(ctx context.Context) error { return command(ctx, root, nil, "go", "vet", "-tags=soak", "./...") }, false},
		{"lint", func(ctx context.Context) error {
			return errors.Join(command(ctx, root, nil, lint, "run", "./..."),
				command(ctx, filepath.Join(root, "tools"), nil, lint, "run", "./gate/..."))
		}, false},
		{"bench", func(ctx context.Context) error { return vetBench(ctx, root) }, false},
		{"gate", func(ctx context.Context) error {
			return goTest(ctx, filepath.Join(root, "tools"), nil, "./gate/...")
		}, false},
		{"test", func(ctx context.Context) error {
			return withPostgres(ctx, func(url string) error {
				return goTest(ctx, root, []string{"SANAD_TEST_PG=" + url}, "./...")
			})
		}, false},
	}
	return runParts(ctx, parts)
}

// runParts runs every part, the failing ones too, so that one run tells everything there is to mend.
func runParts(ctx context.Context, parts []part) error {
	var lines, failed []string
	begin := time.Now()
	for _, p := range parts {
		fmt.Printf("== %s\n", p.name)
		start := time.Now()
		err := p.do(ctx)
		took := fmt.Sprintf("%-8s %7.1f s", p.name, time.Since(start).Seconds())
		if err != nil {
			fmt.Printf("gate: %s: %v\n", p.name, err)
			failed = append(failed, p.name)
			took += "  FAILED"
		}
		lines = append(lines, took)
		if ctx.Err() != nil || err != nil && p.must {
			break
		}
	}
	total := time.Since(begin)
	fmt.Printf("\n%s\n%-8s %7.1f s of %.0f\n", strings.Join(lines, "\n"), "total", total.Seconds(), limit.Seconds())
	switch {
	case total >= limit:
		return fmt.Errorf("took over %v", limit)
	case ctx.Err() != nil:
		return ctx.Err()
	case failed != nil:
		return fmt.Errorf("failed: %s", strings.Join(failed, ", "))
	}
	return nil
}

// vetBench keeps the comparisons with other programs compiling; they have a module, and dependencies, of their own.
func vetBench(ctx context.Context, root string) error {
	dir := filepath.Join(root, "bench")
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	if errors.Is(err, os.ErrNotExist) {
		fmt.Println("no bench/go.mod here")
		return nil
	}
	if err != nil {
		return err
	}
	return command(ctx, dir, nil, "go", "vet", "./...")
}

// command runs a program with its output shown; when ctx ends, the program and all it started are killed.
func command(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := prepare(ctx, dir, env, name, args...)
	cmd.Stdout = os.Stdout
	err := cmd.Run()
	if err != nil {
		return fmt.Errorf("%s %s: %w", filepath.Base(name), strings.Join(args, " "), err)
	}
	return nil
}

func prepare(ctx context.Context, dir string, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

// findRoot walks up from the working directory to the top of the checkout.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		_, err := os.Stat(filepath.Join(dir, ".ci", "run"))
		if err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("run me inside the checkout: no .ci/run from here up")
		}
	}
}
