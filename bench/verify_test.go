package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"k8s.io/klog/v2"

	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
)

// TestMain runs a verification instead of the tests where it is asked to: memory is measured in a process that does
// nothing else.
func TestMain(m *testing.M) {
	klog.LogToStderr(false) // Tessera tells every start and stop
	klog.SetOutput(io.Discard)
	path := os.Getenv("SANAD_BENCH_VERIFY")
	if path == "" {
		os.Exit(m.Run())
	}
	err := verifyOnce(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// verified is what the child process answers.
type verified struct {
	Acts       int64
	Signed     int64
	Signatures int64
	Root       string
	Seconds    float64
}

func verifyOnce(path string) error {
	profile := os.Getenv("SANAD_BENCH_PROFILE")
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close() //nolint:errcheck // a profile that is cut off is seen to be
		err = pprof.StartCPUProfile(f)
		if err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	ctx := context.Background()
	_, vkey, err := proof.KeyPair(origin, [32]byte{1})
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	start := time.Now()
	db, err := store.OpenReadOnly(ctx, path)
	if err != nil {
		return err
	}
	report, err := ledger.Verify(ctx, db, ledger.Check{Keys: []note.Verifier{verifier}})
	if err != nil {
		return errors.Join(err, db.Close())
	}
	if len(report.Problems) > 0 {
		return fmt.Errorf("a true log is said to be false: %v", report.Problems[0])
	}
	err = json.NewEncoder(os.Stdout).Encode(verified{report.Acts, report.Signed, report.Signatures, report.Root.String(), time.Since(start).Seconds()})
	return errors.Join(err, db.Close())
}

// BenchmarkVerify verifies a million acts, one in a hundred a decision that two people signed, in a process of its own.
// Wanted: 15 s and 256 MB of resident memory at most, on two cores. SANAD_BENCH_LOG keeps the log between runs.
func BenchmarkVerify(b *testing.B) {
	const acts, group = 1_000_000, 250
	path := os.Getenv("SANAD_BENCH_LOG")
	if path == "" {
		path = filepath.Join(b.TempDir(), "sanad.db")
	}
	_, err := os.Stat(path)
	if err != nil {
		db, err := openNew(b.Context(), path)
		if err != nil {
			b.Fatal(err)
		}
		each, err := build(b.Context(), db, acts, group)
		if err != nil {
			b.Fatal(err)
		}
		err = db.Close()
		if err != nil {
			b.Fatal(err)
		}
		b.Logf("%d acts of %.0f bytes each", acts, each)
	}
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), "SANAD_BENCH_VERIFY="+path, "GOMAXPROCS=2")
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		var v verified
		err = json.Unmarshal(out, &v)
		if err != nil || v.Acts != acts || v.Signed != acts || v.Signatures != acts/50 {
			b.Fatalf("%s: %v", out, err)
		}
		usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok {
			b.Fatal("this system tells no memory")
		}
		b.ReportMetric(v.Seconds, "s/verification")
		b.ReportMetric((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), "cpu-s/verification")
		b.ReportMetric(float64(usage.Maxrss)/1024, "MB-resident")
	}
}
