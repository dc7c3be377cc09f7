package pack

import (
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/legaltime"
	"sanad/internal/law/protocol"
)

// validity is when a version of a protocol is law, and what it renames, with the places where that is said.
type validity struct {
	since           place
	from, to, known legaltime.Date
	renames         []renaming
}

type renaming struct {
	place    // of the old name
	to       place
	old, now string
}

// protocols reads a file of one protocol, or of a list of them: versions of one, most often.
func (l *loader) protocols(n *node) {
	if n.form != formList {
		l.protocol(n)
		return
	}
	if len(n.list) == 0 {
		l.add(n.place, "the list is empty", "at least one protocol")
	}
	for _, x := range n.list {
		l.protocol(x)
	}
}

// here reports whether a place is in the layer being read.
func (l *loader) here(at place) bool { return strings.HasPrefix(at.file, l.name+"/") }

// again notes a protocol of this layer, and refuses a version that it has already.
func (l *loader) again(f fields, id string, version int) bool {
	if id == "" {
		return true
	}
	if l.declared["protocol"] == nil {
		l.declared["protocol"] = map[string]place{}
	}
	for i := range l.flows {
		old := &l.flows[i]
		if old.id == id && old.version == version && l.here(old.place) {
			l.add(f.at("version"), fmt.Sprintf("version %d of protocol %s is declared twice, first in line %d of %s", version, id, old.line, old.file), "each version once")
			return true
		}
	}
	l.declared["protocol"][id] = f.at("id")
	return false
}

// validity reads when a version is in force, from when it was known, and what it calls otherwise than the version before.
func (l *loader) validity(f fields) validity {
	v := validity{since: f.at("id"), known: f.date("known_from")}
	if n := f.node.get("in_force"); n != nil {
		g := l.fields(n, "a validity", "?from", "?to")
		v.since, v.from, v.to = n.place, g.date("from"), g.date("to")
		if !v.from.IsZero() && !v.to.IsZero() && v.to < v.from {
			l.add(g.at("to"), fmt.Sprintf("the version ends on %s, before it begins on %s", v.to, v.from), "a last day that is not before the first")
		}
	}
	n := f.want("renames", formMap)
	if n == nil {
		return v
	}
	for _, k := range n.keys {
		if k.value != nil {
			v.renames = append(v.renames, renaming{k.place, k.value.place, k.key, l.code(k.value, "a new name")})
		}
	}
	return v
}

// checkVersions gives every version its validity, and holds the versions of a protocol against each other.
func (l *loader) checkVersions() {
	for i := range l.flows {
		w := &l.flows[i]
		p := l.version(w.id, w.version)
		if p == nil {
			continue
		}
		if l.pack.Calendar != nil {
			p.From, p.To, p.Known = l.pack.dayStart(w.from, 0), l.pack.dayStart(w.to, 1), l.pack.dayStart(w.known, 0)
		}
		l.checkRenames(w, p)
		for j := range l.flows {
			old := &l.flows[j]
			if old.id == w.id && old.version < w.version && layerOf(old.place) == layerOf(w.place) {
				l.checkOverlap(old, w)
			}
		}
	}
}

func layerOf(at place) string {
	layer, _, _ := strings.Cut(at.file, "/")
	return layer
}

func (l *loader) version(id string, version int) *protocol.Protocol {
	return find(l.pack.Protocols, func(p *protocol.Protocol) bool { return p.ID == id && p.Version == version })
}

// checkOverlap refuses two versions in force on one day, unless the newer one became known later: then it is what the older one
// was taken for in between.
func (l *loader) checkOverlap(old, now *flow) {
	first := max(old.from, now.from)
	apart := !old.to.IsZero() && old.to < first || !now.to.IsZero() && now.to < first
	if apart || now.known > old.known {
		return
	}
	day := "always"
	if !first.IsZero() {
		day = "on " + first.String()
	}
	l.add(now.since, fmt.Sprintf("versions %d (line %d of %s) and %d of %s are both in force %s", old.version, old.since.line, old.since.file, now.version, now.id, day),
		fmt.Sprintf("days that do not overlap, or a known_from later than that of version %d", old.version))
}

// checkRenames refuses a renaming that does not lead from a name of the version before to a new one of the same sort.
func (l *loader) checkRenames(w *flow, p *protocol.Protocol) {
	if len(w.renames) == 0 {
		return
	}
	var before *protocol.Protocol
	for i := range l.pack.Protocols {
		q := &l.pack.Protocols[i]
		if q.ID == p.ID && q.Version < p.Version && (before == nil || q.Version > before.Version) {
			before = q
		}
	}
	if before == nil {
		l.add(w.renames[0].place, fmt.Sprintf("no version of %s is before version %d", p.ID, p.Version), "renames in a later version only")
		return
	}
	p.Renames = map[string]string{}
	for i, r := range w.renames {
		was, will := sorts(before, r.old), sorts(p, r.now)
		twice := slices.ContainsFunc(w.renames[:i], func(x renaming) bool { return x.now == r.now })
		switch {
		case strings.Contains(r.old+r.now, ":"):
			l.add(r.place, fmt.Sprintf("%q or %q holds a colon", clip(r.old), clip(r.now)), "names without one")
		case len(was) == 0:
			l.add(r.place, fmt.Sprintf("version %d of %s has no step, lapse or deadline %q", before.Version, p.ID, clip(r.old)), "a name of that version")
		case len(sorts(p, r.old)) > 0:
			l.add(r.place, fmt.Sprintf("version %d of %s has %q too", p.Version, p.ID, clip(r.old)), "a name that is gone")
		case !slices.Equal(was, will) || twice || len(sorts(before, r.now)) > 0:
			l.add(r.to, fmt.Sprintf("%q is no new name for %s %q of version %d", clip(r.now), strings.Join(was, " and "), clip(r.old), before.Version),
				fmt.Sprintf("a name that version %d alone has, for the same sort of thing", p.Version))
		default:
			p.Renames[r.old] = r.now
		}
	}
}

// sorts lists what a name stands for in a protocol.
func sorts(p *protocol.Protocol, name string) []string {
	var out []string
	if p.Step(name) != nil {
		out = append(out, "step")
	}
	for i := range p.Steps {
		for _, d := range p.Steps[i].Deadlines {
			if d.Lapses == name {
				out = append(out, "lapse")
			}
			if d.Name == name {
				out = append(out, "deadline")
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// transitions makes the list that closes what a migration may say.
func (l *loader) transitions(e *protocol.Engine) {
	list := List{ID: protocol.ListTransitions, Words: []string{}}
	for i := range l.flows {
		w := &l.flows[i]
		for _, p := range e.Versions(w.id) {
			if p.Version == w.version {
				continue
			}
			for _, word := range e.Transitions(w.id, w.version, p.Version) {
				parts := strings.Count(word, ":") + 1
				if !act.IsCode(word) || parts > 3 {
					l.add(w.place, fmt.Sprintf("a procedure could not tell how it goes from version %d to %d: %s", w.version, p.Version, clip(word)), "shorter names of steps and rules, without a colon")
					return
				}
				list.Words = append(list.Words, word)
			}
		}
	}
	slices.Sort(list.Words)
	list.Words = slices.Compact(list.Words)
	l.pack.lists = append(l.pack.lists, list)
}
