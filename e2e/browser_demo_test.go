package e2e

import (
	"bufio"
	"strings"
	"testing"
)

// demonstrate plays the story to its end and then opens its doors: portal and console on one.
func demonstrate(t *testing.T) (s *server, dir string) {
	t.Helper()
	dir = t.TempDir()
	played := command(t, nil, "demo", "--data", dir, "--headless", "--json")
	out, err := played.CombinedOutput()
	if err != nil {
		t.Fatalf("the story: %v\n%s", err, out)
	}
	s = &server{t: t, cmd: command(t, nil, "demo", "--data", dir, "--listen", "127.0.0.1:0"), stderr: &heard{}, ended: make(chan struct{})}
	s.cmd.Stderr = s.stderr
	said, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	err = s.cmd.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // it may be gone already
		<-s.ended
	})
	line, err := bufio.NewReader(said).ReadString('\n')
	go func() { s.err = s.cmd.Wait(); close(s.ended) }()
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "demo ")
	if err != nil || !ok {
		t.Fatalf("the demonstration said %q, %v: %s", line, err, s.stderr)
	}
	s.public, s.console = address, address
	return s, dir
}
