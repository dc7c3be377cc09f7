package store

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

func TestGroup(t *testing.T) {
	t.Parallel()
	var batches []int
	g := NewGroup(8, func(in []int) []Result[int] {
		batches = append(batches, len(in))
		out := make([]Result[int], len(in))
		for i, x := range in {
			out[i].Out = x * x
			if x == 13 {
				out[i].Err = errors.New("unlucky")
			}
		}
		return out
	})
	var group sync.WaitGroup
	for i := range 200 {
		group.Go(func() {
			got, err := g.Do(context.Background(), i)
			if (err != nil) != (i == 13) || err == nil && got != i*i {
				t.Errorf("%d: %d %v", i, got, err)
			}
		})
	}
	group.Wait()
	g.Close()
	if _, err := g.Do(context.Background(), 1); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	total := 0
	for _, n := range batches {
		if n > 8 {
			t.Fatalf("a batch of %d", n)
		}
		total += n
	}
	if total != 200 {
		t.Fatalf("%d calls were run", total)
	}
}

// A list is run in its order, as many together as a batch may hold and nobody else's among them, while others still get their turn.
func TestGroupList(t *testing.T) {
	t.Parallel()
	var batches [][]int
	g := NewGroup(8, func(in []int) []Result[int] {
		batches = append(batches, slices.Clone(in))
		out := make([]Result[int], len(in))
		for i, x := range in {
			out[i].Out = -x
			if x == 13 {
				out[i].Err = errors.New("unlucky")
			}
		}
		return out
	})
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			got, err := g.Do(context.Background(), 1000+i)
			if err != nil || got != -1000-i {
				t.Errorf("%d: %d %v", i, got, err)
			}
		})
	}
	list := make([]int, 30)
	for i := range list {
		list[i] = i
	}
	got := g.DoAll(t.Context(), list)
	all.Wait()
	if len(got) != len(list) {
		t.Fatalf("%d answers", len(got))
	}
	for i, r := range got {
		if r.Out != -i || (r.Err != nil) != (i == 13) {
			t.Errorf("%d: %+v", i, r)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, r := range g.DoAll(ctx, list) {
		if !errors.Is(r.Err, context.Canceled) {
			t.Error(r.Err)
		}
	}
	g.Close()
	var order []int
	for _, b := range batches {
		if len(b) > 8 {
			t.Errorf("a batch of %d", len(b))
		}
		if b[0] < 1000 && len(order) < len(list) {
			order = append(order, b...)
			continue
		}
		if slices.ContainsFunc(b, func(x int) bool { return x < 1000 }) != (b[0] < 1000) {
			t.Errorf("a list and others in one batch: %v", b)
		}
	}
	if !slices.Equal(order, list) {
		t.Errorf("the list was run as %v", order)
	}
	left := g.DoAll(t.Context(), list)
	if len(left) != len(list) || !errors.Is(left[0].Err, ErrStopped) || !errors.Is(left[29].Err, ErrStopped) {
		t.Fatalf("%+v", left)
	}
	if got := g.DoAll(t.Context(), nil); len(got) != 0 {
		t.Fatal(got)
	}
}

// Who stops waiting gets their own error and nobody else's answer; what they handed in is run with the rest. A closed group
// answers those who wait, and whoever comes with a context that has ended is not run at all.
func TestGroupGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var batches [][]int
		gate := make(chan struct{})
		g := NewGroup(8, func(in []int) []Result[int] {
			batches = append(batches, slices.Clone(in))
			<-gate
			out := make([]Result[int], len(in))
			for i, x := range in {
				out[i].Out = -x
			}
			return out
		})
		var all sync.WaitGroup
		ask := func(ctx context.Context, x int, want error) {
			got, err := g.Do(ctx, x)
			if !errors.Is(err, want) || err == nil && got != -x {
				t.Errorf("%d: %d, %v", x, got, err)
			}
		}
		leaving, leave := context.WithCancel(t.Context())
		all.Go(func() { ask(leaving, 1, context.Canceled) })
		synctest.Wait() // it is under way
		all.Go(func() { ask(leaving, 2, context.Canceled) })
		synctest.Wait()
		for i := range 4 {
			all.Go(func() { ask(t.Context(), 3+i, nil) })
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		ask(leaving, 7, context.Canceled)
		all.Go(g.Close)
		synctest.Wait()
		ask(t.Context(), 8, ErrStopped)
		close(gate)
		all.Wait()
		if len(batches) != 2 || len(batches[0]) != 1 || len(batches[1]) != 5 || batches[1][0] != 2 {
			t.Errorf("batches %v", batches)
		}
	})
}
