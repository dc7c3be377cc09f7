// Package app is the top of the house: it reads the configuration, builds every room, joins the desks, starts the
// listeners and the timers, and runs the commands. It holds wiring and nothing else: no rule, no decision, no page of
// its own but the console's frame. It alone reads the clock and draws randomness, and hands both down.
package app
