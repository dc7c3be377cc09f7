package story

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Script is a story as it is written: when it begins and ends, what happens at a given time, which notices come in, and
// how each matter goes on.
type Script struct {
	Starts  time.Time         `yaml:"starts"`
	Ends    time.Time         `yaml:"ends"`
	Events  []Event           `yaml:"events"`
	Notices []Stream          `yaml:"notices"`
	Courses map[string][]Beat `yaml:"courses"`
	Words   map[string]Words  `yaml:"words"` // {name} in a text is replaced by one of these
}

// Event starts a course at a given time.
type Event struct {
	At     time.Time         `yaml:"at"`
	Course string            `yaml:"course"`
	With   map[string]string `yaml:"with"` // words for the course's texts and references
}

// Words are what a name in a text may stand for.
type Words []string

// Stream is a kind of notice that comes in, spread over the whole story.
type Stream struct {
	Situation string              `yaml:"situation"`
	Count     int                 `yaml:"count"`
	Danger    bool                `yaml:"danger"`
	Minor     map[string]int      `yaml:"minor"` // weights of yes, no and unsaid
	Languages map[string]int      `yaml:"languages"`
	Platforms []string            `yaml:"platforms"` // as reporters write them
	Where     []string            `yaml:"where"`
	Text      map[string][]string `yaml:"text"`
	Courses   map[string]int      `yaml:"courses"` // weights
}

// Beat is one thing that happens in a course.
type Beat struct {
	After  string  `yaml:"after"`  // time since the beat before: 90m, 5h, 3d, 2w
	Spread string  `yaml:"spread"` // up to so much more, drawn
	Maybe  float64 `yaml:"maybe"`  // with this probability only; else the course goes on with the next beat

	Start map[string]int    `yaml:"start"` // starts one of these courses beside this one, by weight
	Keep  bool              `yaml:"keep"`  // the course started goes on in the same file
	With  map[string]string `yaml:"with"`  // words for the course started

	By       string `yaml:"by"`   // role
	Seat     int    `yaml:"seat"` // which of its seats, from 1; 0: one that stays the same in the course
	Of       string `yaml:"of"`   // sort of the file that the beat opens
	Protocol string `yaml:"protocol"`
	Run      string `yaml:"run"` // name of the run, where a course leads several of one protocol
	Step     string `yaml:"step"`
	In       string `yaml:"in"` // name of the file, where it is not the course's own

	Facts     map[string]any    `yaml:"facts"`
	Text      string            `yaml:"text"`
	TextOf    string            `yaml:"text_of"` // the same words as in the act of this name
	Body      map[string]any    `yaml:"body"`
	Letter    map[string]string `yaml:"letter"`
	Cites     []string          `yaml:"cites"`
	Page      string            `yaml:"page"`      // a press text that the watch desk imports, instead of a step's act
	Shown     string            `yaml:"shown"`     // the act that proves when it happened
	Effective string            `yaml:"effective"` // so long before it is recorded

	As      string `yaml:"as"`      // its name within the course; with a slash, in the whole story
	Refused string `yaml:"refused"` // the gate that must refuse it
}

// Read reads the story beside a pack: every YAML file of the folder adds to it. An error names the file and the place.
func Read(files fs.FS) (*Script, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("the pack has no story: expected YAML files in its folder story")
	}
	out := &Script{Courses: map[string][]Beat{}, Words: map[string]Words{}}
	for _, name := range names {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		var s Script
		err = yaml.NewDecoder(bytes.NewReader(b), yaml.Strict()).Decode(&s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if !s.Starts.IsZero() {
			out.Starts, out.Ends = s.Starts, s.Ends
		}
		out.Events = append(out.Events, s.Events...)
		out.Notices = append(out.Notices, s.Notices...)
		for id, c := range s.Courses {
			if out.Courses[id] != nil {
				return nil, fmt.Errorf("%s: course %s is told twice", name, id)
			}
			out.Courses[id] = c
		}
		for id, w := range s.Words {
			out.Words[id] = w
		}
	}
	return out, out.check()
}

// check finds what would stop the story half way.
func (s *Script) check() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if !s.Starts.Before(s.Ends) {
		bad("the story ends before it starts")
	}
	for i, e := range s.Events {
		if s.Courses[e.Course] == nil {
			bad("event %d starts course %s, which is not told", i+1, e.Course)
		}
	}
	for _, n := range s.Notices {
		if len(n.Languages) == 0 || n.Count < 1 {
			bad("notices about %s: a count and languages are needed", n.Situation)
		}
		for l := range n.Languages {
			if len(n.Text[l]) == 0 {
				bad("notices about %s have no text in %s", n.Situation, l)
			}
		}
		for c := range n.Courses {
			if s.Courses[c] == nil {
				bad("notices about %s go on with course %s, which is not told", n.Situation, c)
			}
		}
	}
	for id, beats := range s.Courses {
		for i := range beats {
			err := s.checkBeat(&beats[i])
			if err != nil {
				bad("course %s, beat %d: %w", id, i+1, err)
			}
		}
	}
	return errors.Join(wrong...)
}

func (s *Script) checkBeat(b *Beat) error {
	for _, d := range []string{b.After, b.Spread, b.Effective} {
		_, err := span(d)
		if err != nil {
			return err
		}
	}
	for c := range b.Start {
		if s.Courses[c] == nil {
			return fmt.Errorf("it starts course %s, which is not told", c)
		}
	}
	what := 0
	for _, is := range []bool{len(b.Start) > 0, b.Step != "", b.Page != ""} {
		if is {
			what++
		}
	}
	if what != 1 {
		return errors.New("expected one of a step, a page to import, and courses to start")
	}
	if b.Step != "" && b.Protocol == "" {
		return fmt.Errorf("step %s: expected its protocol", b.Step)
	}
	if len(b.Start) == 0 && b.By == "" {
		return errors.New("expected who does it")
	}
	return nil
}

// units of a span of time.
var units = map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

// span reads 90m, 5h, 3d, 2w, or several in a row. Nothing is no time.
func span(text string) (time.Duration, error) {
	var out time.Duration
	for rest := text; rest != ""; {
		i := strings.IndexAny(rest, "mhdw")
		if i < 1 {
			return 0, fmt.Errorf("%q is no length of time: expected for instance 90m, 5h, 3d or 2w", text)
		}
		n, err := strconv.Atoi(rest[:i])
		if err != nil || n < 0 {
			return 0, fmt.Errorf("%q is no length of time: expected for instance 90m, 5h, 3d or 2w", text)
		}
		out += time.Duration(n) * units[rest[i]]
		rest = rest[i+1:]
	}
	return out, nil
}

// sorted returns the keys of weights in order, so that the same draw finds the same one.
func sorted(weights map[string]int) []string {
	out := make([]string, 0, len(weights))
	for k := range weights {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
