package check

import (
	"sanad/internal/law/pack"
	"sanad/packs"
	"testing"
	"time"
)

func TestTmp(t *testing.T) {
	for _, id := range []string{"xx", "ma"} {
		f, err := packs.Open(id)
		if err != nil {
			t.Fatal(err)
		}
		p, err := pack.Load(f, id, packs.Open, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		s := time.Now()
		r, err := Pack(p, nil)
		t.Log(id, time.Since(s), err)
		if r != nil {
			for _, e := range r.Findings {
				t.Logf("%s %s %s %v because=%s", e.Kind, e.Protocol, e.Step, e.Variants, e.Because)
				for _, s := range e.Story {
					t.Logf("      %s %s %v", s.What, s.Name, s.Says)
				}
			}
		}
	}
}
