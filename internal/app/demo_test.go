package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sanad/internal/act"
	"sanad/internal/app/story"
	"sanad/internal/archive/store"
	"sanad/packs"
)

// shortStory is a copy of the demonstration's pack with a story that ends early.
func shortStory(t *testing.T, ends string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "demo")
	own, err := packs.Open(demoPack)
	if err == nil {
		err = os.CopyFS(folder, own)
	}
	var told fs.FS
	if err == nil {
		told, err = packs.Story(demoPack)
	}
	if err == nil {
		err = os.RemoveAll(filepath.Join(folder, "story"))
	}
	if err == nil {
		err = os.CopyFS(filepath.Join(folder, "story"), told)
	}
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "story", "notices.yaml")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	short := strings.Replace(string(b), "ends: 2026-10-31T17:00:00Z", "ends: "+ends, 1)
	if short == string(b) {
		t.Fatal("the story's end is written otherwise than this test expects")
	}
	// As many notices a day as in the whole story.
	short = regexp.MustCompile(`count: (\d+)`).ReplaceAllStringFunc(short, func(c string) string {
		n, _ := strconv.Atoi(strings.TrimPrefix(c, "count: "))
		return fmt.Sprintf("count: %d", max(1, n/15))
	})
	err = os.WriteFile(name, []byte(short), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// demoRun runs the command as a person would, and returns what it printed and its exit code.
func demoRun(ctx context.Context, t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = Main{}.Run(ctx, append([]string{"demo"}, args...), Env{
		Stdout: &o, Stderr: &e, Getenv: func(string) string { return "" }, Now: time.Now, Dice: newSeeded("chance"),
	})
	return o.String(), e.String(), code
}

func demoSummary(t *testing.T, args ...string) Summary {
	t.Helper()
	out, errs, code := demoRun(t.Context(), t, append(args, "--headless", "--json")...)
	var s Summary
	err := json.Unmarshal([]byte(out), &s)
	if err != nil || code != ExitGood {
		t.Fatalf("exit %d, %v: %s", code, err, errs)
	}
	return s
}

// The same seed tells the same story and makes the same log, whatever keeps it; another seed another.
func TestDemoSameSeed(t *testing.T) {
	t.Parallel()
	folder := shortStory(t, "2024-12-20T17:00:00Z")
	first := demoSummary(t, "--pack", folder, "--data", t.TempDir(), "--seed", "7")
	if first.Acts < 300 || first.Cases < 5 || first.Notices < 60 || first.Alerts != 3 || !first.Fictional {
		t.Fatalf("little was played: %+v", first)
	}
	other := demoSummary(t, "--pack", folder, "--data", t.TempDir(), "--seed", "8")
	if other.Checkpoint == first.Checkpoint {
		t.Fatal("another seed gave the same log")
	}
	onBoth(t, func(t *testing.T, url string) {
		args := []string{"--pack", folder, "--data", t.TempDir(), "--seed", "7"}
		if url != "" {
			args = append(args, "--db", url)
		}
		if diff := cmp.Diff(first, demoSummary(t, args...)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// A folder that lies here by chance under the pack's name, such as one with data, is not the pack: its story is not looked for there.
func TestDemoBesideFolderOfItsName(t *testing.T) {
	here := t.TempDir()
	t.Chdir(here)
	env := Env{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }, Now: time.Now, Dice: newSeeded("chance")}
	for range 2 { // the second time on the folder that the first one made
		d, err := openDemo(t.Context(), &Config{Pack: demoPack, Data: demoPack}, env, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = d.shut()
		if err != nil {
			t.Fatal(err)
		}
	}
	err := os.Mkdir("starter", 0o700)
	if err != nil {
		t.Fatal(err)
	}
	found := (&Config{Pack: "starter"}).CheckLaw()
	if len(found) != 0 {
		t.Fatalf("a pack of the program beside a folder of its name: %v", found)
	}
	found = (&Config{Pack: "nosuch"}).CheckLaw()
	if len(found) != 1 || !strings.Contains(found[0].What, `no pack "nosuch"`) {
		t.Fatalf("a pack that is nowhere: %v", found)
	}
}

// tired ends a context once the story has gone on for a while: as a person who stops the program.
type tired struct {
	context.Context
	asked, most int
}

func (c *tired) Err() error {
	c.asked++
	if c.asked > c.most {
		return context.Canceled
	}
	return c.Context.Err()
}

// A story that was interrupted is taken up from what the log holds, and ends as if nobody had stopped it.
func TestDemoResumes(t *testing.T) {
	t.Parallel()
	folder, data := shortStory(t, "2024-12-20T17:00:00Z"), t.TempDir()
	whole := demoSummary(t, "--pack", folder, "--data", t.TempDir(), "--seed", "3")
	stops := 0
	for most := 150; ; most += 150 {
		_, errs, code := demoRun(&tired{Context: t.Context(), most: most}, t, "--pack", folder, "--data", data, "--seed", "3", "--headless")
		if code == ExitGood {
			break
		}
		if !strings.Contains(errs, context.Canceled.Error()) {
			t.Fatalf("exit %d: %s", code, errs)
		}
		stops++
	}
	if stops < 2 {
		t.Fatalf("the story was stopped %d times", stops)
	}
	again := demoSummary(t, "--pack", folder, "--data", data, "--seed", "3")
	whole.Checkpoint, again.Checkpoint = Checkpointed{}, Checkpointed{} // other dice, other identifiers
	if diff := cmp.Diff(whole, again); diff != "" {
		t.Fatal(diff)
	}
	_, errs, code := demoRun(t.Context(), t, "--pack", folder, "--data", data, "--seed", "4", "--headless")
	if code != ExitCant || !strings.Contains(errs, "--seed 3") {
		t.Fatalf("another seed on this folder: exit %d, %s", code, errs)
	}
	unnamed := demoSummary(t, "--pack", folder, "--data", data)
	unnamed.Checkpoint = Checkpointed{}
	if diff := cmp.Diff(whole, unnamed); diff != "" {
		t.Fatalf("the folder's own seed: %s", diff)
	}
}

// Fictional law and law that is meant have each their own command and their own folders.
func TestDemoAndServeKeepApart(t *testing.T) {
	t.Parallel()
	serve := func(args ...string) (string, int) {
		var o, e bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // where it starts, it stops
		defer cancel()
		code := Main{}.Run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--ops", "127.0.0.1:0"}, args...), Env{
			Stdout: &o, Stderr: &e, Getenv: func(string) string { return "" }, Now: time.Now, Dice: newSeeded("serve"),
		})
		return e.String(), code
	}
	errs, code := serve("--pack", demoPack, "--data", t.TempDir())
	if code == ExitGood || !strings.Contains(errs, "fictional") {
		t.Errorf("serve took the fictional pack: exit %d, %s", code, errs)
	}
	_, errs, code = demoRun(t.Context(), t, "--pack", "xx", "--data", t.TempDir(), "--headless")
	if code == ExitGood || !strings.Contains(errs, "story") {
		t.Errorf("demo took a pack without a story: exit %d, %s", code, errs)
	}
	folder, played := shortStory(t, "2024-11-01T20:00:00Z"), t.TempDir()
	demoSummary(t, "--pack", folder, "--data", played)
	errs, code = serve("--pack", realPack, "--data", played)
	if code == ExitGood || !strings.Contains(errs, "proves nothing") {
		t.Errorf("serve took a demonstration's folder: exit %d, %s", code, errs)
	}
	meant := t.TempDir()
	c := newClock()
	h, err := build(t.Context(), plan{folder: meant, pack: realPack, legal: c.now, process: c.now, dice: newSeeded("meant"), log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.shut(); err != nil {
		t.Fatal(err)
	}
	_, errs, code = demoRun(t.Context(), t, "--pack", folder, "--data", meant, "--headless")
	if code == ExitGood || !strings.Contains(errs, "is meant") {
		t.Errorf("demo took a server's folder: exit %d, %s", code, errs)
	}
	var o, e bytes.Buffer
	code = Main{}.Run(t.Context(), []string{"verify", played}, Env{Stdout: &o, Stderr: &e, Getenv: func(string) string { return "" }})
	if code != ExitGood || !strings.Contains(o.String(), "proves nothing") {
		t.Errorf("verify of a demonstration: exit %d, %s%s", code, o.String(), e.String())
	}
}

// toldOf is testdata/demo.yaml.
type toldOf struct {
	Measures map[string]int64 `yaml:"measures"`
	Courses  []string         `yaml:"courses"`
}

func readDemo(t *testing.T) *toldOf {
	t.Helper()
	told := readPlays[toldOf](t, "demo.yaml")
	if len(told.Measures) < 7 || len(told.Courses) < 3 {
		t.Fatalf("little is told: %+v", told)
	}
	return told
}

// The whole story, as it is shown: two years, what the issue of law makes of them, and what was refused on the way.
func TestDemoWhole(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("short: it plays two years")
	}
	data := t.TempDir()
	s := demoSummary(t, "--data", data)
	if s.Notices != 1500 || s.Cases < 350 || s.Cases > 450 || s.Requests.Served < 150 || s.Requests.Overdue == 0 || s.RegisterEntries < 10 {
		t.Errorf("%+v", s)
	}
	for rung, want := range readDemo(t).Measures {
		if s.Measures[rung] != want {
			t.Errorf("%d measures of rung %s, want %d", s.Measures[rung], rung, want)
		}
	}
	block := false
	for _, r := range s.Refused {
		block = block || strings.Contains(r.Step, "block")
	}
	if !block {
		t.Error("no technical block was refused")
	}
	// Somebody who opens the queue finds an authority at work: what nobody met is days old, not what a course forgot.
	env := Env{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }, Now: time.Now, Dice: newSeeded("whole")}
	d, err := openDemo(t.Context(), &Config{Pack: demoPack, Data: data}, env, nil)
	if err != nil {
		t.Fatal(err)
	}
	var forgotten int
	err = d.db.Read(t.Context(), func(tx *store.Tx) error {
		before := act.InstantOf(d.saved.Clock.AddDate(0, 0, -14))
		return tx.QueryRow(t.Context(), "SELECT COUNT(*) FROM overdue WHERE due < ?", int64(before)).Scan(&forgotten)
	})
	err = errors.Join(err, d.shut())
	if err != nil {
		t.Fatal(err)
	}
	if forgotten != 0 {
		t.Errorf("%d clocks ran out more than two weeks before the story ended, and nobody met them", forgotten)
	}
}

// Every matter of the story goes another way: at least 25 courses of cases differ in their steps.
func TestDemoTimelinesDiffer(t *testing.T) {
	t.Parallel()
	files, err := packs.Story(demoPack)
	if err != nil {
		t.Fatal(err)
	}
	script, err := story.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	seen, of := map[string]string{}, readDemo(t).Courses
	for name, beats := range script.Courses {
		if !slices.ContainsFunc(of, func(begins string) bool { return strings.HasPrefix(name, begins) }) {
			continue
		}
		var line strings.Builder
		for _, b := range beats {
			line.WriteString(b.Protocol + "/" + b.Step + " " + b.Refused + " " + b.After + fmt.Sprint(b.Start) + ";")
			if b.Facts["completeness"] != nil {
				line.WriteString(b.Facts["completeness"].(string)) //nolint:forcetypeassert // a word, or the story is wrong
			}
		}
		if twin := seen[line.String()]; twin != "" {
			t.Errorf("courses %s and %s are alike", name, twin)
		}
		seen[line.String()] = name
	}
	if len(seen) < 25 {
		t.Errorf("%d timelines of cases, want at least 25", len(seen))
	}
}

// A demonstration marks every answer as fictional; while the story plays one may look and not act; the clock's bar moves legal
// time through what a server does, and never back.
func TestDemoServes(t *testing.T) {
	t.Parallel()
	folder := shortStory(t, "2024-11-04T17:00:00Z")
	c := &Config{Pack: folder, Data: t.TempDir(), Listen: "127.0.0.1:0", Language: "fr"}
	env := Env{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }, Now: time.Now, Dice: newSeeded("chance")}
	d, err := openDemo(t.Context(), c, env, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.shut(); err != nil {
			t.Error(err)
		}
	})
	f, err := d.frontsOf(c, d)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		w := httptest.NewRecorder()
		f.public.ServeHTTP(w, r)
		if w.Header().Get("Sanad-Fictional") != "true" {
			t.Errorf("%s %s is not marked as fictional", method, path)
		}
		return w
	}
	if w := ask("POST", "/demo/clock", "by=day&back=/"); w.Code != 503 {
		t.Errorf("the clock moved while the story was played: %d", w.Code)
	}
	if w := ask("GET", "/", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "fictive") {
		t.Errorf("the first page: %d without its banner", w.Code)
	}
	err = d.play(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := d.clock.Now()
	for _, by := range []string{"hour", "day", "next"} {
		if w := ask("POST", "/demo/clock", "by="+by+"&back=/register"); w.Code != 303 || w.Header().Get("Location") != "/register" {
			t.Errorf("by=%s: %d to %q", by, w.Code, w.Header().Get("Location"))
		}
	}
	if d.clock.Now().Sub(before) < 25*time.Hour {
		t.Errorf("the clock went on by %s", d.clock.Now().Sub(before))
	}
	for _, bad := range []struct{ body, want string }{{"by=back&back=/", ""}, {"by=hour&back=//elsewhere.example", "/"}} {
		w := ask("POST", "/demo/clock", bad.body)
		if bad.want == "" && w.Code != 422 && w.Code != 400 || bad.want != "" && w.Header().Get("Location") != bad.want {
			t.Errorf("%s: %d to %q", bad.body, w.Code, w.Header().Get("Location"))
		}
	}
	if w := ask("GET", "/demo", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "officer") {
		t.Errorf("the door: %d", w.Code)
	}
	if w := ask("POST", "/demo/enter", "seat=nobody"); w.Code != 404 {
		t.Errorf("an unknown seat: %d", w.Code)
	}
	if w := ask("POST", "/demo/enter", "seat="+d.pack.Roles[1].Seats[0]); w.Code != 303 || w.Header().Get("Set-Cookie") == "" {
		t.Errorf("a seat: %d", w.Code)
	}
}
