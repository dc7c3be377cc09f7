package register_test

import (
	"testing"

	"sanad/internal/desk/register/registertest"
)

func TestHouse(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	p := h.Platform("Gamo")
	t.Log(p, h.Acts())
}
