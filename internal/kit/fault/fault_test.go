package fault

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestError(t *testing.T) {
	t.Parallel()
	base := Invalid.New("notice.invalid")
	e := base.With("max", 40).With("given", "words of a person").At("where", "notice.where.empty", nil).Because(io.EOF)
	wrapped := fmt.Errorf("receiving: %w", e)

	if CodeOf(wrapped) != Invalid || CodeOf(io.EOF) != "" || CodeOf(nil) != "" {
		t.Fatal("the code is lost or invented")
	}
	if !errors.Is(wrapped, io.EOF) {
		t.Fatal("the cause is lost")
	}
	if got, want := e.Error(), "invalid: notice.invalid where=notice.where.empty: EOF"; got != want {
		t.Fatalf("%q, want %q", got, want)
	}
	if strings.Contains(wrapped.Error(), "words of a person") {
		t.Fatal("an argument reached the log")
	}
	if base.Args != nil || base.Fields != nil || base.Err != nil {
		t.Fatal("a shared refusal was changed")
	}
}

// Two refusals made from one must not share what is appended to them.
func TestFieldsAreNotShared(t *testing.T) {
	t.Parallel()
	base := Invalid.New("k").At("a", "a.key", nil)
	one, two := base.At("b", "b.key", nil), base.At("c", "c.key", nil)
	if one.Fields[1].Name != "b" || two.Fields[1].Name != "c" {
		t.Fatalf("%v %v", one.Fields, two.Fields)
	}
}

// Whoever gathers learns of every field at once, in order; where nothing is wrong there is no error at all, not one that holds nothing.
func TestWrong(t *testing.T) {
	t.Parallel()
	var w Wrong
	if err := w.Err("k"); err != nil {
		t.Fatalf("nothing is wrong, and it is refused: %v", err)
	}
	w.At("a", "a.key", map[string]any{"max": 1})
	w.At("b", "b.key", nil)
	err := w.Err("k")
	if CodeOf(err) != Invalid || err.Error() != "invalid: k a=a.key b=b.key" || Of(err).Fields[0].Args["max"] != 1 {
		t.Fatal(err)
	}
}
