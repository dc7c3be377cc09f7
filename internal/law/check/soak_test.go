//go:build soak

package check

import (
	"testing"
	"time"
)

// Other random protocols each time than the gate's.
func TestSoakCheckerAgrees(t *testing.T) {
	t.Parallel()
	agree(t, uint64(time.Now().UnixNano()), 12_000)
}

func TestSoakCheckerAgreesOnMigrations(t *testing.T) {
	t.Parallel()
	agreeOnMigrations(t, uint64(time.Now().UnixNano()), 12_000)
}
