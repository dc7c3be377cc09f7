package app

import (
	"testing"

	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
)

// Acts are written while later commands of their commit are decided. One that is refused takes back what it made, and nothing of
// those before it.
func TestRefusedAmongMany(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		const rounds, each = 4, 20
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		p := newPlayer(t, h, c)
		p.receive(yes())
		p.do("xx-officer-1", "acknowledge", nil, nil)
		walled := func(seat, step, code string) clerk.Command {
			cmd := p.command(seat, step, p.assessment(), []byte(plainBody))
			cmd.Act.Add = []string{code}
			return cmd
		}
		var cmds []clerk.Command
		refused := map[int]bool{}
		for i := range rounds {
			for j := range each {
				cmds = append(cmds, newNotice(h, byte(i*each+j)))
			}
			refused[len(cmds)] = true
			cmds = append(cmds, walled("xx-head-1", "find", "wall."+string(rune('a'+i)))) // a compartment that nobody had
		}
		cmds = append(cmds, walled("xx-officer-1", "assess", "wall.z"))
		before := tally(t, h)
		for i, r := range h.clerk.DoAll(t.Context(), cmds) {
			if refused[i] && fault.CodeOf(r.Err) != fault.ClosedGate || !refused[i] && r.Err != nil {
				t.Errorf("command %d: %v", i, r.Err)
			}
		}
		after := tally(t, h)
		for table, more := range map[string]int{"hash": 1, "act": rounds*each + 1, "state": rounds * each, "notice": rounds * each, "compartment": 1, "audience": 1} {
			if after[table] != before[table]+more {
				t.Errorf("%s: %d rows became %d, want %d more", table, before[table], after[table], more)
			}
		}
		h.sound(t)
	})
}
