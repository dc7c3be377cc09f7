package house

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// listedRoom is a line of the list of rooms: four spaces deeper than the folder internal, a path, and what it is for.
var listedRoom = regexp.MustCompile(`(?m)^      ([a-z]+(?:/[a-z]+)*)/ +(.*)$`)

// Every room under internal stands in docs/architecture.md with what it is for, and every room that stands there is built. A line
// may name several neighbours in its words, as that of the tools does; a part of a room, and what only tests use, needs no line.
func TestArchitectureListsEveryRoom(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join(root, "docs/architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(b), "    internal/\n")
	list, _, _ = strings.Cut(list, "\n    packs/")
	var listed []string
	for _, m := range listedRoom.FindAllStringSubmatch(list, -1) {
		tools, _, several := strings.Cut(m[2], ": ")
		if m[1] != "kit" || !several {
			listed = append(listed, m[1])
			continue
		}
		for _, tool := range strings.Split(tools, ", ") {
			listed = append(listed, m[1]+"/"+tool)
		}
	}
	var built []string
	for _, r := range rooms(t) {
		place, inside := strings.CutPrefix(r.path(), "internal/")
		if inside && !forTests(place) {
			built = append(built, place)
		}
	}
	if len(built) < 20 {
		t.Fatalf("only %d rooms were found", len(built))
	}
	for _, room := range built {
		if !slices.ContainsFunc(listed, func(l string) bool { return within(room, l) }) {
			t.Errorf("docs/architecture.md does not list internal/%s", room)
		}
	}
	for i, l := range listed {
		if slices.Contains(listed[:i], l) {
			t.Errorf("docs/architecture.md lists internal/%s twice", l)
		}
		if !slices.Contains(built, l) {
			t.Errorf("docs/architecture.md lists internal/%s, which is not built", l)
		}
	}
}
