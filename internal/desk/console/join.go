package console

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// Lists of the pack by which a matter is known to be within what the law coerces anybody for, and the fact that says what a
// file is about.
const (
	listInScope   = "in_scope"
	factSituation = "situation"
	sortNotice    = "notice"
)

// mostOffered is how many files a list offers to choose from.
const mostOffered = 50

// joining is what a notice's page offers: to make a case of it, or to join it to one.
type joining struct {
	New   string // address; "" where the officer opens no case
	Href  string
	Pick  input
	Shown bool // the form stands open
}

// inScope reports whether a case may be made of a file: a notice about what the law coerces somebody for, as it came in and as
// it is seen since.
func (c *Console) inScope(v *clerk.View) bool {
	if v.Sort != sortNotice {
		return false
	}
	first, _ := v.Acts[0].Facts.Get(factSituation)
	said := first.Code()
	for _, a := range v.Acts {
		if x, ok := a.Facts.Get(factSituation); ok {
			said = x.Code()
		}
	}
	return c.coerced(first.Code()) && c.coerced(said) && (c.Takes == nil || c.Takes(v.Acts[0].Kind, first.Code()))
}

// coerced reports whether a situation is within the pack's scope; any is, where the pack draws no line.
func (c *Console) coerced(situation string) bool {
	return len(c.Pack.Words(listInScope)) == 0 || c.Pack.Has(listInScope, situation)
}

// joiner is the step by which a notice is joined to a case; nil where the country has none, or the role does not perform it.
func (c *Console) joiner(role string) *protocol.Step {
	for i := range c.Pack.Protocols {
		p := &c.Pack.Protocols[i]
		for j := range p.Steps {
			if s := &p.Steps[j]; p.Sort == cases.Sort && s.Kind == cases.KindJoined && slices.Contains(s.By, role) {
				return s
			}
		}
	}
	return nil
}

// joining says what may be made of a notice; nil for any other file, and for a matter out of scope. What is wrong with the form that
// came back, the page says on top.
func (c *Console) joining(r *http.Request, who access.Mandate, words words, v *clerk.View, back *returned, page *fileData) (*joining, error) {
	if !c.inScope(v) || c.joiner(who.Role) == nil {
		return nil, nil //nolint:nilnil // nothing to offer
	}
	out := &joining{Href: fileHref(v.File) + "/join"}
	if slices.Contains(c.startable(who.Role), cases.Sort) {
		out.New = newHref(cases.Sort) + "?" + nameFrom + "=" + v.File.String()
	}
	code := codeOf(v.Acts[0].Facts)
	picks, err := c.choose(r.Context(), who.ID, cases.Sort, code, func(act.ID, string) bool { return true }, func(file, _ act.ID) string { return file.String() }, words)
	form := web.Form{Values: url.Values{}}
	if back != nil && back.form == formJoin {
		form, out.Shown = web.Form{Values: back.values, Errors: back.wrong}, true
		page.gotBack(formJoin, back, out.Href)
	}
	out.Pick = input{Field: form.Field(nameCase, "case.choose"), Shape: shapePick, Picks: picks, form: formJoin}
	return out, err
}

const nameCase = "case"

// formJoin tells the form that joins a notice, when it comes back, from that of a step.
const formJoin = "join"

// choose lists open files of a sort that a mandate reads: those about the same first, then the newest.
func (c *Console) choose(ctx context.Context, mandate act.ID, sort, code string, keep func(first act.ID, code string) bool, value func(file, first act.ID) string, words words) ([]web.Pick, error) {
	var all []offeredFile
	err := c.Clerk.Read(ctx, func(tx clerk.Tx) error {
		_, audiences, err := readsOf(ctx, tx, mandate)
		if err == nil {
			all, err = newest(ctx, tx, audiences, sort)
		}
		if err == nil && sort == sortNotice {
			all, err = c.stillCoerced(ctx, tx, audiences, all)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(f offeredFile) bool { return !keep(f.first, f.code) })
	slices.SortFunc(all, func(a, b offeredFile) int {
		if x, y := a.code == code, b.code == code; x != y {
			return int(flag(y) - flag(x))
		}
		return int(max(-1, min(1, b.since-a.since)))
	})
	all = all[:min(len(all), mostOffered)]
	var platforms []act.ID
	for _, f := range all {
		if !f.platform.IsZero() && !slices.Contains(platforms, f.platform) {
			platforms = append(platforms, f.platform)
		}
	}
	names, err := c.names(ctx, mandate, platforms)
	if err != nil {
		return nil, err
	}
	var out []web.Pick
	for _, f := range all {
		p := web.Pick{Value: value(f.file, f.first), Key: "case.pick", Args: lang.Args{
			"number": number(f.file), "about": aboutArg(words, f.code), "date": lang.Day(words.when(f.since)),
		}}
		if name := names[f.platform.String()]; name != "" {
			p.Key, p.Args["platform"] = "case.pick.platform", name
		}
		if f.code == code {
			p.Group = "case.group.same"
		} else {
			p.Group = "case.group.other"
		}
		out = append(out, p)
	}
	return out, nil
}

// stillCoerced leaves out the notices that were found, since they came in, to be about something out of scope, as far as some
// audiences are told: a case would refuse them.
func (c *Console) stillCoerced(ctx context.Context, tx clerk.Tx, audiences []act.ID, all []offeredFile) ([]offeredFile, error) {
	if len(c.Pack.Words(listInScope)) == 0 || len(all) == 0 {
		return all, nil
	}
	files := make([]act.ID, len(all))
	for i := range all {
		files[i] = all[i].file
	}
	states, err := statesOf(ctx, tx, files)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(f offeredFile) bool { return !c.coerced(situationNow(states[f.file], audiences, f.code)) }), nil
}

// situationNow is what a file was said to be about last, to some audiences; first, where nothing else was.
func situationNow(s *protocol.State, audiences []act.ID, first string) string {
	if s == nil {
		return first
	}
	newest := int64(-1)
	for i := range s.Facts {
		f := &s.Facts[i]
		if f.Name == factSituation && f.Seq > newest && slices.Contains(audiences, s.Threads[f.Thread].Audience) {
			first, newest = f.Value.Code(), f.Seq
		}
	}
	return first
}

// offeredFile is an open file that a list offers.
type offeredFile struct {
	file, first, platform act.ID
	code                  string
	since                 act.Instant
}

// newest lists the open files of a sort in which something happened last, those some audiences see.
func newest(ctx context.Context, tx clerk.Tx, audiences []act.ID, sort string) ([]offeredFile, error) {
	var out []offeredFile
	for _, audience := range audiences {
		err := each(ctx, tx, "SELECT file, act, platform, code, since FROM docket WHERE audience = ? AND sort = ? AND open = 1 ORDER BY since DESC, file DESC LIMIT ?",
			[]any{audience[:], sort, 2 * mostOffered}, func(rows *sql.Rows) error {
				var file, first, platform []byte
				var f offeredFile
				err := rows.Scan(&file, &first, &platform, &f.code, &f.since)
				if err != nil {
					return err
				}
				f.file, f.first = act.ID(file), act.ID(first)
				if len(platform) == len(act.ID{}) {
					f.platform = act.ID(platform)
				}
				out = append(out, f)
				return nil
			})
		if err != nil {
			return nil, fmt.Errorf("docket: %w", err)
		}
	}
	return out, nil
}

// citeNotices offers the notices a case may be joined by: open ones in scope that the officer reads, not joined to this case yet.
func (c *Console) citeNotices(words words, v *clerk.View) Picker {
	return func(ctx context.Context, mandate, _ act.ID) ([]web.Pick, error) {
		var joined []act.ID
		code := ""
		if v != nil {
			for _, a := range v.Acts {
				if a.Kind == cases.KindJoined {
					joined = append(joined, a.Cites...)
				}
			}
			code = codeOf(v.Acts[0].Facts)
		}
		keep := func(first act.ID, code string) bool { return !slices.Contains(joined, first) && c.coerced(code) }
		return c.choose(ctx, mandate, sortNotice, code, keep, func(_, first act.ID) string { return first.String() }, words)
	}
}

// join joins the notice of the address to the case of the form.
func (c *Console) join(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	words := c.words(r)
	values, err := web.ReadForm(r, nameCase, nameGo)
	if err != nil {
		return err
	}
	v, err := c.notice(r, who, r.PathValue("id"))
	if err != nil {
		return err
	}
	to, err := act.ParseID(values.Get(nameCase))
	back := &returned{form: formJoin, values: values}
	if err != nil && values.Get(nameGo) != goOn {
		back.wrong = []fault.Field{{Name: nameCase, Key: "case.choose.missing"}}
	}
	if values.Has(nameGo) || len(back.wrong) > 0 {
		return c.showFile(w, r, who, v, statusOf(back), back)
	}
	err = c.joinTo(r, who, to, v)
	if err != nil {
		return words.explain("", err)
	}
	http.Redirect(w, r, fileHref(to), http.StatusSeeOther) //nolint:gosec // G710: an identifier that was read as one, on this site
	return nil
}

// joinTo does the step of a case that joins a notice to it.
func (c *Console) joinTo(r *http.Request, who access.Mandate, to act.ID, notice *clerk.View) error {
	v, err := c.Clerk.View(r.Context(), who.ID, to)
	if err != nil {
		return err
	}
	for i := range v.Moves {
		m := &v.Moves[i]
		if m.Step.Kind != cases.KindJoined {
			continue
		}
		_, err = c.Clerk.Do(r.Context(), clerk.Command{
			Mandate: who.ID, File: to, Procedure: m.Run, Protocol: m.Protocol, Step: m.Place.Step, Seen: v.Seen, Act: act.Act{Cites: []act.ID{notice.Acts[0].ID}},
		})
		return err
	}
	return fault.ClosedGate.New("case.join.closed")
}
