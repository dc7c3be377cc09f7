package protocol

import (
	"maps"
	"slices"
	"testing"
)

// What comes before a step in any case is what it waits for and what that waits for; of several ways, what they share.
func TestBefore(t *testing.T) {
	t.Parallel()
	after := func(all, any []string) After { return After{All: all, Any: any} }
	p := &Protocol{Steps: []Step{
		{ID: "open"},
		{ID: "decide", After: after([]string{"open"}, nil), Deadlines: []Deadline{{Name: "end", Lapses: "ended", Starts: []string{"rest"}}}},
		{ID: "prolong", After: after([]string{"decide"}, nil)},
		{ID: "appeal", After: after([]string{"decide"}, nil), Deadlines: []Deadline{{Name: "rest", Lapses: "rested"}}},
		{ID: "appeal_prolonged", After: after([]string{"prolong"}, nil)},
		{ID: "halt", After: after(nil, []string{"appeal", "appeal_prolonged"})},
		{ID: "go_on", After: after([]string{"halt", "open"}, nil)},
		{ID: "free", After: after(nil, []string{"decide", "again"})},
		{ID: "again", After: after([]string{"free"}, nil)},
		{ID: "release", After: after(nil, []string{"free", "ended"})},
		{ID: "rest_over", After: after([]string{"rested"}, nil)},
		{ID: "never", After: after([]string{"nothing"}, nil)},
	}}
	before := p.Before()
	for step, want := range map[string][]string{
		"open":      nil,
		"prolong":   {"decide", "open"},
		"halt":      {"decide", "open"},
		"go_on":     {"decide", "halt", "open"},
		"free":      {"decide", "open"},
		"again":     {"decide", "free", "open"},
		"release":   {"decide", "open"},
		"ended":     {"decide", "open"},
		"rest_over": {"decide", "open", "rested"},
		"never":     nil,
	} {
		if got := slices.Sorted(maps.Keys(before[step])); !slices.Equal(got, want) {
			t.Errorf("before %s comes %v, want %v", step, got, want)
		}
	}
}
