package story

import (
	"sync"
	"time"
)

// Clock is legal time as the story has it: it stands still between beats, and never goes back.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the story's instant, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Forward moves the clock to an instant; one in the past leaves it where it is.
func (c *Clock) Forward(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.After(c.now) {
		c.now = to.UTC()
	}
}
