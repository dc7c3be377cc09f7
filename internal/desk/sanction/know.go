package sanction

import (
	"errors"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Alerts is what some alerts show of how often a platform was told.
type Alerts struct {
	Alerts  int // distinct stories that were public
	Sources int // distinct ones that told a story first
	Days    int // between the first and the last, at the least
}

// Count counts the alerts that a command cites, as the files hold them that the clerk opened, which are tied to a platform and were
// public by an instant. Another desk's is handed in.
type Count func(cited []clerk.Opened, platform act.ID, until act.Instant) (Alerts, error)

// know decides what a platform is said to have known: what the alerts cited show and no more. They are counted here and not where
// somebody typed or a page filled in a number: three alerts of one day never lasted sixty. Whoever says less may; what nobody says is
// filled in.
func (l *Law) know(s *protocol.State, cmd *clerk.Command, now act.Instant) ([]act.Act, error) {
	if l.Count == nil {
		return nil, errors.New("nobody counts alerts")
	}
	shown := Alerts{}
	if platform := l.accused(s, cmd.Procedure); !platform.IsZero() {
		until := now
		if cmd.Act.Effective != 0 {
			until = cmd.Act.Effective
		}
		var err error
		shown, err = l.Count(cmd.Cited, platform, until)
		if err != nil {
			return nil, err
		}
	}
	w := &wrong{}
	all := map[string]act.Value{}
	for _, f := range cmd.Act.Facts {
		all[f.Name] = f.Value
	}
	number := func(name string, most int, key string) int64 {
		v, said := all[name]
		switch {
		case !said:
			v = act.OfInt(int64(most))
			all[name] = v
		case v.Type() != act.Int || v.Int() < 0:
			w.At(name, "sanction.knowledge.number", nil)
		case v.Int() > int64(most):
			w.At(name, key, map[string]any{"count": most})
		}
		return v.Int()
	}
	alerts := number(factAlerts, shown.Alerts, "sanction.knowledge.cites")
	sources := number(factSources, shown.Sources, "sanction.knowledge.told")
	days := number(factDays, shown.Days, "sanction.knowledge.lasted")
	if sources > alerts || alerts > 0 && sources == 0 {
		w.At(factSources, "sanction.knowledge.sources", nil)
	}
	if alerts < 2 && days > 0 {
		w.At(factDays, "sanction.knowledge.days", nil)
	}
	out, err := w.decided(cmd, KindKnowledge)
	if err != nil {
		return nil, err
	}
	out[0].Facts = act.NewFacts(all)
	return out, nil
}

// accused is the platform that a procedure is against: as it said itself, else as the file said last. Zero where nobody said.
func (l *Law) accused(s *protocol.State, run act.ID) act.ID {
	var found *protocol.Fact
	for i := range s.Facts {
		f := &s.Facts[i]
		if f.Name != factPlatform {
			continue
		}
		own := f.Run == run
		switch {
		case found == nil, own && found.Run != run, own == (found.Run == run) && f.Seq > found.Seq:
			found = f
		}
	}
	if found == nil {
		return act.ID{}
	}
	id, _ := found.Value.ID()
	return id
}
