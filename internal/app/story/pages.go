package story

import (
	"embed"
	"io/fs"
)

//go:embed pages/*.html
var pages embed.FS

// Pages are the pages that only a demonstration has.
func Pages() (fs.FS, error) { return fs.Sub(pages, "pages") }

// DoorData is what the demonstration's door shows: choose who you are.
type DoorData struct {
	Playing bool // the story is still under way
	Seats   []Seat
}

// Seat is a mandate one may act under.
type Seat struct {
	Seat        string
	Role        string // key of a message
	Institution string // its name, as the reader's language says it
}
