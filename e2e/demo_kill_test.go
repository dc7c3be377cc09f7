package e2e

import (
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// A story that was killed verifies as far as it came, remembers what it was drawn from, and is taken up again.
func TestDemoKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	play := func(more ...string) (*exec.Cmd, *heard, <-chan error) {
		t.Helper()
		cmd := command(t, nil, append([]string{"demo", "--headless", "--json", "--data", dir}, more...)...)
		said := &heard{}
		cmd.Stderr = said
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		err := cmd.Start()
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		t.Cleanup(func() { _ = cmd.Process.Kill() })
		return cmd, said, ended
	}
	// grown waits until the log has more acts, and kills who writes it.
	grown := func(than int64, cmd *exec.Cmd, said *heard, ended <-chan error) int64 {
		t.Helper()
		late := time.After(2 * time.Minute)
		for {
			code, out, _ := run(t, "verify", dir, "--json")
			n := int64(0)
			if code == 0 {
				n = count(t, open(t, dir, ""), "SELECT size FROM head")
			}
			if n > than {
				_ = cmd.Process.Kill()
				<-ended //nolint:errcheck // it was killed
				return n
			}
			select {
			case err := <-ended:
				t.Fatalf("the story ended: %v\n%s", err, said)
			case <-late:
				t.Fatalf("the story stands still at %d acts: %s\n%s", n, out, said)
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
	cmd, said, ended := play("--seed", "7")
	first := grown(400, cmd, said, ended)
	verify(t, dir, "", logKey(t, dir))
	code, _, errs := run(t, "demo", "--headless", "--data", dir, "--seed", "8")
	if code != 2 {
		t.Fatalf("another seed on this folder: exit %d, %s", code, errs)
	}
	cmd, said, ended = play() // its own seed is not asked for
	grown(first+200, cmd, said, ended)
	verify(t, dir, "", logKey(t, dir))
}
