package check

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"

	"sanad/internal/law/pack"
)

// mutant breaks the good pack in one way.
type mutant struct {
	Name   string
	Breaks string
	Change []struct{ File, Step, Find, Put string }
	Finds  []string
	Load   string
	// Unplayed are the findings whose timeline can't be played to its end, as kind, protocol, step and why, and what keeps it.
	Unplayed map[string]string
	On, Of   string // the embedded pack it breaks, and the protocol that is walked; "" for the good pack, and all of it
}

// files reads the good pack, with the kinds of act that only mutants emit worded like everything else.
func files(t testing.TB, folder string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	root := filepath.Join("testdata", folder)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, rerr := filepath.Rel(root, path)
		if err != nil || rerr != nil {
			return err
		}
		out[filepath.ToSlash(name)] = &fstest.MapFile{Data: b}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// apply makes a mutant's changes. Each must find its text exactly once, or the mutant is not what it says.
func (m *mutant) apply(t testing.TB, pack fstest.MapFS) {
	t.Helper()
	for _, c := range m.Change {
		f := pack[c.File]
		if f == nil {
			t.Fatalf("the good pack has no file %s", c.File)
		}
		text := string(f.Data)
		from, to := 0, len(text)
		if c.Step != "" {
			from = strings.Index(text, "id: "+c.Step+"\n")
			if from < 0 {
				from = strings.Index(text, "id: "+c.Step+",")
			}
			if from < 0 {
				t.Fatalf("%s has no step %s", c.File, c.Step)
			}
			for _, next := range []string{"\n  - id: ", "\n  - {id: "} {
				if i := strings.Index(text[from:], next); i >= 0 {
					to = min(to, from+i+1)
				}
			}
		}
		part := text[from:to]
		if n := strings.Count(part, c.Find); n != 1 {
			t.Fatalf("%q occurs %d times in %s %s", c.Find, n, c.File, c.Step)
		}
		f.Data = []byte(text[:from] + strings.Replace(part, c.Find, c.Put, 1) + text[to:])
	}
}

func readMutants(t *testing.T, file string) []mutant {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []mutant
	err = yaml.UnmarshalWithOptions(b, &out, yaml.Strict())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func told(r *Report) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, string(f.Kind)+" "+f.Protocol+" "+f.Step+" "+f.Because)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// The good pack has nothing wrong with it, under any variant.
func TestGoodPackHasNoFindings(t *testing.T) {
	t.Parallel()
	p, err := pack.Load(files(t, "base"), "base", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Pack(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) > 0 {
		t.Errorf("findings in a good pack:\n%s", strings.Join(told(r), "\n"))
	}
}

// Every mutant is caught by what it breaks and by nothing else, and every gate and invariant is broken by some.
func TestMutants(t *testing.T) {
	t.Parallel()
	mutants := readMutants(t, "testdata/mutants.yaml")
	if len(mutants) < 40 {
		t.Errorf("%d mutants, at least 40 are wanted", len(mutants))
	}
	broken := map[string]int{}
	for i := range mutants {
		broken[mutants[i].Breaks]++
	}
	for n := 1; n <= 20; n++ {
		if key := "G-" + two(n); broken[key] == 0 {
			t.Errorf("no mutant breaks %s", key)
		}
	}
	for n := 1; n <= 13; n++ {
		if key := "I-" + strings.TrimPrefix(two(n), "0"); broken[key] == 0 {
			t.Errorf("no mutant breaks %s", key)
		}
	}
	for i := range mutants {
		m := &mutants[i]
		t.Run(strings.ReplaceAll(m.Name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			m.play(t)
		})
	}
}

func two(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }

func (m *mutant) play(t *testing.T) { m.in(t, files(t, "base"), "base", nil) }

// in plays a mutant in the files of a pack.
func (m *mutant) in(t *testing.T, broken fstest.MapFS, id string, parents pack.Parents, only ...string) {
	t.Helper()
	m.apply(t, broken)
	p, err := pack.Load(broken, id, parents, nil)
	if m.Load != "" {
		if err == nil || !strings.Contains(err.Error(), m.Load) {
			t.Fatalf("the pack loads with %v, want %q", err, m.Load)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := Pack(p, nil, only...)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(m.Finds))
	if got := told(r); !slices.Equal(got, want) {
		t.Errorf("found\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	for i := range r.Findings {
		m.timeline(t, p, &r.Findings[i])
	}
}

// timeline plays what a finding tells again. What is told without a story comes from no state that could be played to; and one that
// can't be played is listed with what keeps it.
func (m *mutant) timeline(t *testing.T, p *pack.Pack, f *Finding) {
	t.Helper()
	if f.Story == nil {
		return
	}
	name := told(&Report{Findings: []Finding{*f}})[0]
	if f.Timeline == nil || f.Timeline.Stopped != m.Unplayed[name] {
		t.Errorf("%s: the timeline is %+v, stopped should be %q", name, f.Timeline, m.Unplayed[name])
		return
	}
	if f.Timeline.Stopped != "" {
		return
	}
	if f.Kind != Unreachable && len(f.Timeline.Lacks) == 0 {
		t.Errorf("%s: nothing is told to be wrong at its end", name)
	}
	replayed(t, p, f)
}
