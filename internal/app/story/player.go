package story

import (
	"container/heap"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Report is a notice as somebody gives it at the street door.
type Report struct {
	Situation, Platform, Where, Text, Language string
	Minor                                      *bool
	Danger                                     bool
}

// World is the house in which a story is played.
type World struct {
	Clock    *Clock
	Do       func(context.Context, clerk.Command) (*clerk.Done, error)
	Report   func(context.Context, Report) (clerk.Recorded, error) // returns the act that took it in
	Tick     func(context.Context) (int, error)
	NextDue  func(context.Context) (act.Instant, error) // when the next clock runs out; 0 when none runs
	Upkeep   func(context.Context) error                // retention and the register's dump
	Seats    func(ctx context.Context, role string) ([]act.ID, error)
	Letter   func(role string, typed map[string]string) (any, error)       // the typed fields of a letter
	Body     func(ctx context.Context, mandate, id act.ID) ([]byte, error) // what an act says
	Import   func(ctx context.Context, mandate act.ID, source, situation, page string) (clerk.Recorded, error)
	Recorded func(ctx context.Context, from int64, n int) ([]clerk.Recorded, error) // acts of the log, in order
	Kinds    *act.Catalogue
	Engine   *protocol.Engine
	Register act.ID
	Loc      *time.Location
}

// Refusal is a step that the story tried and a gate refused.
type Refusal struct {
	Procedure string `json:"procedure"`
	Step      string `json:"step"`
	Gate      string `json:"gate"`
	Why       string `json:"why"`
}

// Player plays one script in one world.
type Player struct {
	World
	Script  *Script
	Seed    uint64
	Refused []Refusal

	tasks tasks
	names map[string]ref // of the whole story
	seats map[string][]act.ID
	count uint64
	past  past
}

// ref is what a name stands for.
type ref struct {
	file, act act.ID
	runs      map[string]act.ID // of the course that named it
}

// thread is one course under way.
type thread struct {
	n      uint64
	course string
	beats  []Beat
	next   int
	file   *act.ID // shared by the courses that go on in one file
	runs   map[string]act.ID
	names  map[string]ref
	with   map[string]string
	dice   *rand.Rand
}

// task is a beat, or a notice, that waits for its time.
type task struct {
	at     time.Time
	n      uint64
	thread *thread
	stream *Stream
}

type tasks []task

func (t tasks) Len() int { return len(t) }

func (t tasks) Less(i, j int) bool {
	return t[i].at.Before(t[j].at) || t[i].at.Equal(t[j].at) && t[i].n < t[j].n
}

func (t tasks) Swap(i, j int) { t[i], t[j] = t[j], t[i] }

func (t *tasks) Push(x any) { *t = append(*t, x.(task)) } //nolint:forcetypeassert // heap gives back what it was given

func (t *tasks) Pop() any {
	old := *t
	x := old[len(old)-1]
	*t = old[:len(old)-1]
	return x
}

// upkeepEvery is how often the house cleans up in the story.
const upkeepEvery = 30 * 24 * time.Hour

// Play plays the story to its end, or until ctx ends. Where the log holds its beginning, that is recalled first.
func (p *Player) Play(ctx context.Context) error {
	p.names, p.seats = map[string]ref{}, map[string][]act.ID{}
	err := p.past.begin(ctx, p.Recorded)
	if err != nil {
		return err
	}
	p.names["register"] = ref{file: p.Register}
	p.schedule()
	upkeep := p.Script.Starts.Add(upkeepEvery)
	for p.tasks.Len() > 0 {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		t := heap.Pop(&p.tasks).(task) //nolint:forcetypeassert // nothing else is in the heap
		if t.at.After(p.Script.Ends) {
			continue
		}
		for t.at.After(upkeep) {
			err = p.until(ctx, upkeep, true)
			if err != nil {
				return err
			}
			upkeep = upkeep.Add(upkeepEvery)
		}
		err = p.until(ctx, t.at, false)
		if err != nil {
			return err
		}
		err = p.perform(ctx, t)
		if err != nil {
			return err
		}
	}
	return p.until(ctx, p.Script.Ends, true)
}

// schedule puts everything that has a time of its own on the calendar.
func (p *Player) schedule() {
	for i := range p.Script.Events {
		e := &p.Script.Events[i]
		p.begin(e.At, e.Course, e.With, nil)
	}
	length := p.Script.Ends.Sub(p.Script.Starts)
	for i := range p.Script.Notices {
		s := &p.Script.Notices[i]
		dice := rand.New(rand.NewPCG(p.Seed, uint64(i)<<32|1)) //nolint:gosec // a story, not a secret
		for range s.Count {
			at := p.Script.Starts.Add(time.Duration(dice.Int64N(int64(length)))).Truncate(time.Second)
			p.count++
			heap.Push(&p.tasks, task{at: at, n: p.count, stream: s})
		}
	}
}

// begin starts a course at a time.
func (p *Player) begin(at time.Time, course string, with map[string]string, parent *thread) *thread {
	p.count++
	t := &thread{
		n: p.count, course: course, beats: p.Script.Courses[course], file: new(act.ID), runs: map[string]act.ID{}, names: map[string]ref{}, with: maps.Clone(with),
		dice: rand.New(rand.NewPCG(p.Seed, p.count)), //nolint:gosec // a story, not a secret
	}
	if t.with == nil {
		t.with = map[string]string{}
	}
	if parent != nil {
		maps.Copy(t.names, parent.names)
		for k, v := range parent.with {
			if _, own := t.with[k]; !own {
				t.with[k] = v
			}
		}
	}
	p.wait(t, at)
	return t
}

// follow starts a course out of another one.
func (p *Player) follow(at time.Time, th *thread, b *Beat) {
	with := map[string]string{}
	for _, k := range slices.Sorted(maps.Keys(b.With)) { // in order: words are drawn on the way
		with[k] = p.words(th, b.With[k])
	}
	next := p.begin(at, pick(th.dice, b.Start), with, th)
	if b.Keep {
		next.file, next.runs, next.names = th.file, th.runs, th.names
	}
}

// wait puts a course's next beat on the calendar.
func (p *Player) wait(t *thread, from time.Time) {
	for t.next < len(t.beats) {
		b := &t.beats[t.next]
		after, _ := span(b.After) // checked when the script was read
		spread, _ := span(b.Spread)
		if spread > 0 {
			after += time.Duration(t.dice.Int64N(int64(spread))).Truncate(time.Second)
		}
		from = from.Add(after)
		if b.Maybe > 0 && t.dice.Float64() >= b.Maybe {
			t.next++
			continue
		}
		p.count++
		heap.Push(&p.tasks, task{at: from, n: p.count, thread: t})
		return
	}
}

// until lets time pass: clocks that run out on the way lapse at their own time.
func (p *Player) until(ctx context.Context, at time.Time, upkeep bool) error {
	var err error
	if !p.past.open() {
		err = p.Pass(ctx, at)
	} else {
		p.Clock.Forward(at)
		err = p.past.machines(ctx)
	}
	if err != nil || p.past.open() || !upkeep {
		return err
	}
	return p.Upkeep(ctx)
}

// Pass moves the clock to an instant. Clocks of the law that run out on the way lapse at their own time, as they would have
// while a server ran.
func (w *World) Pass(ctx context.Context, to time.Time) error {
	for {
		due, err := w.NextDue(ctx)
		if err != nil {
			return err
		}
		if due == 0 || due > act.InstantOf(to) {
			break
		}
		w.Clock.Forward(due.Time())
		n, err := w.Tick(ctx)
		if err != nil {
			return err
		}
		if n == 0 {
			break // a clock that moved: its timer is set anew, and asked again at the end
		}
	}
	w.Clock.Forward(to)
	_, err := w.Tick(ctx)
	return err
}
