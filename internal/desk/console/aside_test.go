package console

import (
	"fmt"
	"testing"

	"sanad/internal/act"
	"sanad/internal/kit/web"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// What no condition of the procedure asks for is folded away where it is much, never what one asks for or the law wants said.
func TestUnaskedIsFolded(t *testing.T) {
	t.Parallel()
	engine, err := protocol.New(&protocol.Law{
		Version: "t", Time: struct{ protocol.Time }{}, Gates: []gate.Gate{{ID: "G", Test: gate.Condition{ID: "one", Op: gate.Known, Fact: "f0"}}},
		Protocols: []protocol.Protocol{{ID: "p", Version: 1, Steps: []protocol.Step{{ID: "ponder"}, {ID: "decide", Gates: []string{"G"}}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ facts, aside int }{{mostUnasked + 2, 0}, {mostUnasked + 3, mostUnasked + 1}} {
		s := &sheet{questions: []question{{Field: web.Field{Name: "body"}}}}
		for i := range c.facts { // f0 is asked for, f1 is required
			f := &act.FactSchema{Name: fmt.Sprint("f", i), Required: i == 1}
			s.add(question{Field: web.Field{Name: factPrefix + f.Name, Optional: !f.Required}, shape: shapeField, fact: f})
		}
		s.setAside(engine, Asking{Place: protocol.Place{Protocol: "p", Step: "ponder"}, Version: 1})
		s.add(question{Field: web.Field{Name: "letter.note.fr", Optional: true}, more: true})
		var m openMove
		s.inputs(&m, nil, nil)
		now, aside := m.Inputs, m.Aside
		if len(m.More) != 1 || m.More[0].Name != "letter.note.fr" {
			t.Errorf("what few letters need is not folded away: %v", m.More)
		}
		if len(aside) != c.aside || len(now)+len(aside) != c.facts+1 || now[1].Name != "fact.f0" || now[2].Name != "fact.f1" {
			t.Errorf("of %d facts %d are folded away: %v", c.facts, len(aside), now)
		}
	}
	if typed([]input{{}}) || !typed([]input{{}, {Field: web.Field{Options: []web.Option{{Checked: true}}}}}) {
		t.Error("a box that was checked is folded away, or one that was not stands open")
	}
}
