package e2e

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sanad/internal/app"
)

// scratch holds what all tests share: the built binary and the folders that scripts copy. It goes when they have run.
var scratch string

type suite struct{ m *testing.M }

func (s suite) Run() int {
	var err error
	scratch, err = os.MkdirTemp("", "sanad-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // a folder of the temporary ones
	return s.m.Run()
}

// Scripts run this test binary under the name sanad; every other test runs the real one.
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){"sanad": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := app.Main{}.Run(ctx, os.Args[1:], app.Env{Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: time.Now, Dice: rand.Reader})
		stop()
		os.Exit(code)
	}})
}

// built is the binary as it is shipped: no cgo, stripped.
var built = sync.OnceValues(func() (string, error) {
	to := filepath.Join(scratch, "sanad")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-ldflags", "-s -w", "-o", to, "sanad/cmd/sanad")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return to, nil
})

func binary(t testing.TB) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
