package app

import (
	"errors"
	"slices"
	"strconv"

	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// versions plays the words of a timeline that are about versions: `version PROTOCOL N` (the run at hand is under it), `migrate SEAT
// PROTOCOL N`, `stays SEAT PROTOCOL N WHY` (it can't be migrated), `another` (a new case, of which there are no runs yet).
func (o *desks) versions(n int, words []string) {
	o.t.Helper()
	if words[0] == "another" {
		o.openCase("contact")
		return
	}
	at := slices.Index(words, "xx.duty")
	version, err := strconv.Atoi(words[at+1])
	if err != nil {
		o.t.Fatalf("line %d: %v", n, err)
	}
	v := o.view("xx-head-1")
	run := o.runs[words[at]]
	if words[0] == "version" {
		var have []int
		for i := range v.Moves {
			if m := &v.Moves[i]; m.Run == run {
				have = append(have, m.Version)
			}
		}
		if len(slices.Compact(have)) != 1 || have[0] != version {
			o.t.Fatalf("line %d: the run is under %v", n, have)
		}
		return
	}
	cmd := clerk.Migrate(o.seat(words[1]), o.file, run, version, v.Seen, protocol.MigrationReasons()[0], "the law has changed")
	if words[0] == "migrate" {
		o.must(cmd)
		return
	}
	_, err = o.try(cmd)
	var r *protocol.Refusal
	if !errors.As(err, &r) || len(r.Blocks) != 1 || string(r.Blocks[0].Why) != words[4] {
		o.t.Fatalf("line %d: stays for %v", n, err)
	}
}
