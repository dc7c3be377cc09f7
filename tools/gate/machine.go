package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tool is a program the tests need, the Debian package that brings it, and how to see that it is there.
type tool struct {
	name, deb, why string
	found          func() bool
}

var (
	postgres = tool{"initdb", "postgresql", "the second database", func() bool { return pgBin("initdb") != "" }}

	tools = []tool{
		postgres,
		{"strace", "strace", "the test that an acknowledgement never precedes its sync", onPath("strace")},
		{"chromium", "chromium", "the pages, walked as people walk them", onPath("chromium")},
		{"python3", "python3", "the second verifier of the log's format", onPath("python3")},
	}
)

func onPath(name string) func() bool {
	return func() bool {
		_, err := exec.LookPath(name)
		return err == nil
	}
}

// furnish installs what is missing where it may (root on Debian) and otherwise says what is missing.
func furnish(ctx context.Context, want []tool) error {
	lacking := missing(want)
	if len(lacking) == 0 {
		fmt.Println("nothing is missing")
		return nil
	}
	_, err := os.Stat("/etc/debian_version")
	if err != nil || os.Geteuid() != 0 {
		return fmt.Errorf("install what is missing, then run again (only root on Debian gets it by itself):\n%s", describe(lacking))
	}
	fmt.Printf("installing:\n%s\n", describe(lacking))
	debs := make([]string, 0, len(lacking))
	for _, t := range lacking {
		debs = append(debs, t.deb)
	}
	quiet := []string{"DEBIAN_FRONTEND=noninteractive"}
	err = command(ctx, "/", quiet, "apt-get", "-q", "update")
	if err != nil {
		return err
	}
	err = command(ctx, "/", quiet, "apt-get", append([]string{"-q", "-y", "install", "--no-install-recommends"}, debs...)...)
	if err != nil {
		return err
	}
	lacking = missing(want)
	if len(lacking) > 0 {
		return fmt.Errorf("installed, and still not found:\n%s", describe(lacking))
	}
	return nil
}

func missing(want []tool) []tool {
	var lacking []tool
	for _, t := range want {
		if !t.found() {
			lacking = append(lacking, t)
		}
	}
	return lacking
}

func describe(lacking []tool) string {
	lines := make([]string, 0, len(lacking))
	for _, t := range lacking {
		lines = append(lines, fmt.Sprintf("  %s, for %s (Debian package %s)", t.name, t.why, t.deb))
	}
	return strings.Join(lines, "\n")
}

// pgBin returns where a PostgreSQL server program is, "" when it is nowhere: Debian keeps them out of PATH.
func pgBin(name string) string {
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name) // the pattern is a constant and well formed
	if len(found) == 0 {
		return ""
	}
	return found[len(found)-1]
}
