//go:build soak

package legaltime

import "testing"

func TestAgreesWithNaiveForLong(t *testing.T) { property(t, 10_000_000) }
