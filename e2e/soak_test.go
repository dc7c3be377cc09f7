//go:build soak

package e2e

import (
	"testing"
	"time"
)

// Two hundred kills an engine, most of them early, where a batch is more often under way than a checkpoint.
func TestSoakKill(t *testing.T) {
	onBoth(t, func(t *testing.T, db string) { killRounds(t, db, 200, 50*time.Millisecond, 2500*time.Millisecond) })
}

func TestSoakKillFounding(t *testing.T) {
	onBoth(t, func(t *testing.T, db string) { killFounding(t, db, 200) })
}
