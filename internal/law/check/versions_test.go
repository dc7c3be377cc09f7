package check

import (
	"strings"
	"testing"

	"sanad/internal/law/pack"
)

// A migration that traps is told with the way there: what was done under the one version, the migration, and that no way is left.
func TestTrapTellsItsStory(t *testing.T) {
	t.Parallel()
	files := files(t, "base")
	f := files["protocols/errand.yaml"]
	f.Data = []byte(strings.Replace(string(f.Data), "answer.recorded, by: [officer], after: {all_of: [set_out]}", "answer.recorded, by: [officer], after: {all_of: [set_out], not: [peer]}", 1))
	p, err := pack.Load(files, "base", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Pack(p, nil, "base.errand")
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) != 1 || r.Findings[0].Kind != Trap || r.Findings[0].Version != 2 || len(r.Findings[0].Variants) != 2 {
		t.Fatalf("%+v", r.Findings)
	}
	var story []string
	for _, e := range r.Findings[0].Story {
		story = append(story, e.What+" "+e.Name)
	}
	if got := strings.Join(story, ", "); got != "step set_out, step look, migration 2" {
		t.Errorf("the story is: %s", got)
	}
}
