package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A run as go test -json tells it: a build that broke, a test that passed, one that failed, one cut off by a
// panic, and skips of every sort.
const told = `{"ImportPath":"x/broken","Action":"build-output","Output":"broken.go:3:1: syntax error\n"}
{"ImportPath":"x/broken","Action":"build-fail"}
{"Action":"start","Package":"x/good"}
{"Action":"run","Package":"x/good","Test":"TestQuiet"}
{"Action":"output","Package":"x/good","Test":"TestQuiet","Output":"    a_test.go:1: chatter\n"}
{"Action":"pass","Package":"x/good","Test":"TestQuiet"}
{"Action":"output","Package":"x/good","Test":"TestTool","Output":"    a_test.go:9: before\n"}
{"Action":"output","Package":"x/good","Test":"TestTool","Output":"    pg.go:12: missing: strace\n"}
{"Action":"output","Package":"x/good","Test":"TestTool","Output":"--- SKIP: TestTool (0.00s)\n"}
{"Action":"skip","Package":"x/good","Test":"TestTool"}
{"Action":"output","Package":"x/good","Output":"PASS\n"}
{"Action":"output","Package":"x/good","Output":"ok  \tx/good\t0.1s\n"}
{"Action":"pass","Package":"x/good"}
{"Action":"output","Package":"x/bad","Test":"TestWrong","Output":"=== CONT  TestWrong\n"}
{"Action":"output","Package":"x/bad","Test":"TestWrong","Output":"    b_test.go:2: wrong\n"}
{"Action":"fail","Package":"x/bad","Test":"TestWrong"}
{"Action":"output","Package":"x/bad","Test":"TestCut","Output":"panic: cut off\n"}
{"Action":"output","Package":"x/bad","Output":"FAIL\tx/bad\t0.1s\n"}
{"Action":"fail","Package":"x/bad"}
{"Action":"output","Package":"x/none","Output":"?   \tx/none\t[no test files]\n"}
{"Action":"skip","Package":"x/none"}
go: a line that is not JSON
`

func TestReadEvents(t *testing.T) {
	t.Parallel()
	var shown strings.Builder
	seen, err := readEvents(strings.NewReader(told), &shown)
	if err != nil {
		t.Fatal(err)
	}
	if seen.passed != 1 || seen.failed != 1 || len(seen.skipped) != 1 {
		t.Errorf("counted %+v", seen)
	}
	if want := (skip{"x/good.TestTool", "missing: strace"}); len(seen.skipped) == 0 || seen.skipped[0] != want {
		t.Errorf("skipped %v, want %v", seen.skipped, want)
	}
	want := "broken.go:3:1: syntax error\nok  \tx/good\t0.1s\npanic: cut off\n    b_test.go:2: wrong\nFAIL\tx/bad\t0.1s\n" +
		"?   \tx/none\t[no test files]\ngo: a line that is not JSON\n"
	if shown.String() != want {
		t.Errorf("showed:\n%s\nwant:\n%s", shown.String(), want)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir := filepath.Join(top, "main")
	err := os.MkdirAll(filepath.Join(top, "shared", "here"), 0o700)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason    string
		here, ci  bool // passes outside CI, and in it
		seenTests int
	}{
		{"missing: strace", true, false, 1},
		{"", true, false, 1},
		{"not today", true, false, 1},
		{"absent: ../shared/gone", true, true, 1},
		{"absent: ../shared/gone (the press seeds)", true, true, 1},
		{"absent: ../shared/here", false, false, 1},
		{"absent: /nowhere", false, false, 1},
	} {
		o := outcome{passed: c.seenTests, skipped: []skip{{"x.Test", c.reason}}}
		for ci, want := range map[bool]bool{false: c.here, true: c.ci} {
			err := o.judge(dir, ci)
			if (err == nil) != want {
				t.Errorf("%q, ci %v: %v", c.reason, ci, err)
			}
		}
	}
	if (outcome{}).judge(dir, false) == nil {
		t.Error("a run without a test passed")
	}
}
