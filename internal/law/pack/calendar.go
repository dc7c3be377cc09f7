package pack

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sanad/internal/law/legaltime"
)

// readCalendar reads the calendar; that of an overlay takes the place of its parent's as a whole.
func (l *loader) readCalendar(n *node) {
	f := l.fields(n, "a calendar", "id", "version", "zone", "?basis", "?scopes", "covers", "weeks", "?fixed", "?dated", "?hours")
	spec := legaltime.CalendarSpec{ID: f.code("id"), Version: f.code("version"), Zone: f.text("zone"), Basis: l.textCode(f), Scopes: f.codes("scopes")}
	if c := f.node.get("covers"); c != nil {
		g := l.fields(c, "a period", "from", "to")
		spec.Covers = legaltime.Covers{From: g.date("from"), To: g.date("to")}
	}
	sources := map[string][]string{}
	for _, n := range f.list("weeks") {
		g := l.fields(n, "a week", "off", "?from", "?to", "?scopes", "?basis")
		spec.Weeks = append(spec.Weeks, legaltime.Week{Off: g.codes("off"), From: g.date("from"), To: g.date("to"), Scopes: g.codes("scopes"), Basis: l.textCode(g)})
	}
	for _, n := range f.list("fixed") {
		g := l.fields(n, "a fixed holiday", "id", "?name", "day", "?from", "?to", "?scopes", "?basis", "source")
		h := legaltime.Fixed{ID: g.code("id"), Name: g.code("name"), Day: g.text("day"), From: g.num("from", 1, 9999), To: g.num("to", 1, 9999), Scopes: g.codes("scopes"), Basis: l.textCode(g)}
		l.require(g.at("id"), "holiday."+named(h.Name, h.ID))
		sources[h.ID] = g.lines("source")
		spec.Fixed = append(spec.Fixed, h)
	}
	for _, n := range f.list("dated") {
		g := l.fields(n, "a dated holiday", "id", "?name", "date", "?days", "status", "?margin", "?scopes", "?basis", "source")
		h := legaltime.Dated{
			ID: g.code("id"), Name: g.code("name"), Date: g.date("date"), Days: g.num("days", 1, 14), Status: legaltime.Status(g.word("status", "estimated", "announced")),
			Margin: g.num("margin", 0, 3), Scopes: g.codes("scopes"), Basis: l.textCode(g),
		}
		l.require(g.at("id"), "holiday."+named(h.Name, h.ID))
		sources[h.ID] = g.lines("source")
		spec.Dated = append(spec.Dated, h)
	}
	for _, n := range f.list("hours") {
		g := l.fields(n, "opening hours", "id", "?name", "open", "close", "?from", "?to", "?status", "?scopes", "?basis")
		spec.Hours = append(spec.Hours, legaltime.Opening{
			ID: g.code("id"), Name: g.code("name"), Open: g.text("open"), Close: g.text("close"), From: g.date("from"), To: g.date("to"),
			Status: legaltime.Status(g.word("status", "estimated", "announced")), Scopes: g.codes("scopes"), Basis: l.textCode(g),
		})
	}
	calendar, err := legaltime.NewCalendar(spec)
	if err != nil {
		var bad *legaltime.SpecError
		at, what := n.place, err.Error()
		if errors.As(err, &bad) {
			at, what = n.follow(bad.Path), bad.Text
		}
		l.add(at, what, "a calendar that can be computed with")
		l.broken = true
		return
	}
	l.pack.Calendar, l.pack.HolidaySources = calendar, sources
}

func named(name, id string) string {
	if name != "" {
		return name
	}
	return id
}

// textCode reads the id of the legal text on which an entry of the calendar rests.
func (l *loader) textCode(f fields) string { return f.ref("basis", "text") }

// follow returns the place a path like $.dated[3].date leads to, as far as it can be followed.
func (n *node) follow(path string) place {
	here := n
	for _, part := range strings.FieldsFunc(strings.TrimPrefix(path, "$"), func(c rune) bool { return c == '.' || c == '[' }) {
		var next *node
		if digits, ok := strings.CutSuffix(part, "]"); ok {
			i, err := strconv.Atoi(digits)
			if err == nil && i >= 0 && i < len(here.list) {
				next = here.list[i]
			}
		} else {
			next = here.get(part)
		}
		if next == nil {
			break
		}
		here = next
	}
	return here.place
}

// fieldAt returns the place of the field a rule's error names.
func (l *loader) fieldAt(n *node, err error) place {
	var bad *legaltime.Error
	if errors.As(err, &bad) && bad.Field != "" {
		return n.follow("$." + bad.Field)
	}
	return n.place
}

// invalid reports whether a rule can never be computed, as against having no answer for one start.
func invalid(err error) bool {
	var bad *legaltime.Error
	return errors.As(err, &bad) && !bad.NoAnswer()
}

// checkRules asks every rule of the pack whether the calendar can compute it, when a parent's rules stand over a
// calendar of their child.
func (l *loader) checkRules() {
	if l.pack.Calendar == nil {
		l.add(place{file: l.pack.ID + "/calendar.yaml"}, "the pack has no calendar", "a file calendar.yaml, here or in a parent")
		return
	}
	for i := range l.pack.Rules {
		r := &l.pack.Rules[i]
		if r.Check() != nil {
			continue // told already
		}
		_, err := legaltime.Compute(r.Rule, 0, nil, l.pack.Calendar)
		if invalid(err) {
			l.add(l.declared["rule"][r.ID], fmt.Sprintf("rule %s: %v", r.ID, err), "a rule the calendar can compute")
		}
	}
}
