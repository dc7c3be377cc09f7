package app

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"

	"sanad/internal/kit/fault"
)

// meddling has something done while a picture is being read: its error is asked for before every part.
type meddling struct {
	context.Context //nolint:containedctx // it is one
	once            sync.Once
	do              func()
}

func (m *meddling) Err() error {
	if drawing() {
		m.once.Do(m.do)
	}
	return m.Context.Err()
}

// drawing reports whether who asks decodes a picture.
func drawing() bool {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if strings.Contains(f.Function, "/kit/picture.") {
			return true
		}
		if !more {
			return false
		}
	}
}

// A picture that is withheld while it is being drawn for somebody is not shown to them.
func TestWithheldWhileDrawn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h, _ := evidenceHouse(t, t.TempDir(), url, c)
		p := newPlayer(t, h, c)
		p.receive(yes())
		binding := p.add(photo(t, 4))
		x, one := h.exhibits, p.seat("xx-officer-1")
		look, err := x.OpenVeiled(t.Context(), one, binding, why)
		if err != nil {
			t.Fatal(err)
		}
		shown, err := x.Show(t.Context(), one, look)
		if err != nil || len(shown.Bytes) == 0 {
			t.Fatal("it can be shown as long as it is not withheld", err)
		}
		meddled := false
		ctx := &meddling{Context: t.Context(), do: func() {
			meddled = true
			err := x.Withhold(t.Context(), one, binding, "may be a child")
			if err != nil {
				t.Error(err)
			}
		}}
		shown, err = x.Show(ctx, one, look)
		if !meddled || shown != nil {
			t.Fatalf("withheld %v, and shown %v", meddled, shown != nil)
		}
		refusedWith(t, err, fault.Forbidden, "exhibit.referred")
	})
}
