package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/text"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// versionsData is what a file's page says of the law its procedures are under: those whose version is lost, for everyone, and
// where the others could go on, for who may decide that.
type versionsData struct {
	Lost []said
	May  []migrationData
}

// migrationData is one procedure with another version it could go on under.
type migrationData struct {
	At      string // tells forms of a page apart
	Title   said
	Href    string
	Seen    int64
	Run     string
	To      int
	Open    bool
	Shown   bool
	Reasons []said // what keeps it where it is
	Reason  input
	Text    input
}

// formMigrate tells the form of a migration, when it comes back, from that of a step.
const formMigrate = "migrate"

// versions gathers what the page says; nil where there is nothing to say. What is wrong with the form that came back, the page says
// on top.
func (w words) versions(who access.Mandate, v *clerk.View, back *returned, page *fileData) *versionsData {
	out := &versionsData{}
	for _, l := range v.Lost {
		out.Lost = append(out.Lost, said{"file.version.lost", lang.Args{"protocol": w.protocol(l.Protocol), "version": l.Version}})
	}
	for i := range v.Migrations {
		m := &v.Migrations[i]
		if !slices.Contains(m.Roles, who.Role) {
			continue
		}
		form := web.Form{Values: url.Values{}}
		d := migrationData{
			At: formMigrate + strconv.Itoa(i), Title: said{"file.migrate.title", lang.Args{"version": m.To, "protocol": w.protocol(m.Protocol)}}, Href: fileHref(v.File) + "/migrate",
			Seen: v.Seen, Run: m.Run.String(), To: m.To, Open: m.Open,
		}
		for j := range m.Blocks {
			d.Reasons = append(d.Reasons, w.block(m.Protocol, &m.Blocks[j]))
		}
		if back != nil && back.form == formMigrate && back.values.Get(nameRun) == d.Run && back.values.Get(nameTo) == strconv.Itoa(d.To) {
			form.Values, form.Errors, d.Shown, d.Seen = back.values, back.wrong, true, back.seen
			page.gotBack(d.At, back, d.Href)
		}
		d.Reason = input{Field: form.Field(nameReason, "file.migrate.reason"), Shape: shapeChoice, form: d.At}
		for _, why := range protocol.MigrationReasons() {
			d.Reason.Options = append(d.Reason.Options, web.Option{Value: why, Key: "fact.reason." + why, Checked: why == form.Values.Get(nameReason)})
		}
		d.Text = input{Field: form.Field(nameText, "file.migrate.text"), Shape: shapeArea, form: d.At}
		out.May = append(out.May, d)
	}
	if len(out.Lost)+len(out.May) == 0 {
		return nil
	}
	return out
}

// protocol names a procedure; its id where the pack words it no more.
func (w words) protocol(id string) any {
	if key := "protocol." + id; w.p == nil || w.p.Has(key) {
		return lang.Key(key)
	}
	return lang.Code(id)
}

// migrate puts a procedure under another version. What is missing comes back with what was written, and so does a file that changed
// meanwhile.
func (c *Console) migrate(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	v, err := c.view(r, who)
	if err != nil {
		return err
	}
	values, err := web.ReadForm(r, nameSeen, nameRun, nameTo, nameReason, nameText, nameGo)
	if err != nil {
		return err
	}
	seen, err := seenOf(values, v)
	if err != nil {
		return err
	}
	run, err := act.ParseID(values.Get(nameRun))
	if err != nil {
		return unreadable(nameRun)
	}
	to, err := strconv.Atoi(values.Get(nameTo))
	if err != nil {
		return unreadable(nameTo)
	}
	back := &returned{form: formMigrate, seen: seen, values: values}
	if values.Get(nameGo) != goOn {
		back.wrong = missing(values)
	}
	if values.Has(nameGo) || len(back.wrong) > 0 {
		return c.showFile(w, r, who, v, statusOf(back), back)
	}
	done, err := c.Clerk.Do(r.Context(), clerk.Migrate(who.ID, v.File, run, to, seen, values.Get(nameReason), strings.TrimSpace(values.Get(nameText))))
	if err != nil {
		id := ""
		for i := range v.Migrations {
			if v.Migrations[i].Run == run {
				id = v.Migrations[i].Protocol
			}
		}
		err = c.words(r).explain(id, err)
		if fault.CodeOf(err) == fault.Conflict {
			return c.again(w, r, who, back, err)
		}
		return err
	}
	http.Redirect(w, r, fileHref(v.File)+"?done="+done.Acts[0].ID.String(), http.StatusSeeOther)
	return nil
}

// migratable reports whether the form of a migration stands on a file's page.
func migratable(who access.Mandate, v *clerk.View, values url.Values) bool {
	return slices.ContainsFunc(v.Migrations, func(m protocol.Migration) bool {
		return m.Open && slices.Contains(m.Roles, who.Role) && values.Get(nameRun) == m.Run.String() && values.Get(nameTo) == strconv.Itoa(m.To)
	})
}

// missing says which of ground and reasons a migration lacks.
func missing(values url.Values) (wrong []fault.Field) {
	if !slices.Contains(protocol.MigrationReasons(), values.Get(nameReason)) {
		wrong = append(wrong, fault.Field{Name: nameReason, Key: "file.migrate.reason.missing"})
	}
	if text.Empty(values.Get(nameText)) {
		wrong = append(wrong, fault.Field{Name: nameText, Key: "file.migrate.text.missing"})
	}
	return wrong
}
