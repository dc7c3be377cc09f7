//go:build soak

package legaltime

import "testing"

func TestSoakAgreesWithNaive(t *testing.T) { property(t, 10_000_000) }
