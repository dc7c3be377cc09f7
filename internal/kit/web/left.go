package web

import "time"

// Left is a running deadline as a page shows it, with the partial left: the time left in words, the instant, and a
// thin bar of how much of it has gone.
type Left struct {
	Start, Due, Now time.Time
}

// Remaining is the time left, negative once it is late.
func (l Left) Remaining() time.Duration { return l.Due.Sub(l.Now) }

// Gone is how much of the time has passed, from 0 to 100.
func (l Left) Gone() int {
	whole := l.Due.Sub(l.Start)
	if whole <= 0 || !l.Now.Before(l.Due) {
		return 100
	}
	return max(0, int(100*(float64(l.Now.Sub(l.Start))/float64(whole))))
}

// Level is late after the deadline, soon in its last quarter, calm before. Colour follows it; words say it too.
func (l Left) Level() string {
	switch {
	case l.Remaining() <= 0:
		return "late"
	case l.Gone() >= 75:
		return "soon"
	}
	return "calm"
}
