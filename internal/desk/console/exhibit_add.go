package console

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
)

// addData is the page on which an exhibit is added to a file.
type addData struct {
	web.Form
	File   string // address
	Href   string
	Number lang.Code
	Most   lang.Size
	Like   input // whose eyes it is for; without answers where every act of the file has the same readers
	Bad    *fault.Field
}

// exhibitsData is what a file's page says of its evidence: what there is, and where more is added.
type exhibitsData struct {
	List    []listedExhibit
	Add     string // address; "" where only an address is taken
	Address bool   // only an address is taken
}

// listedExhibit is one exhibit in a list.
type listedExhibit struct {
	exhibitEntry
	At time.Time
}

// exhibitsOf lists the evidence of a file; nil for a sort of file that holds none.
func (c *Console) exhibitsOf(words words, v *clerk.View) *exhibitsData {
	if !c.takesExhibits(v.Sort) {
		return nil
	}
	d := &exhibitsData{Address: c.addressOnly(v)}
	if !d.Address {
		d.Add = addHref(v.File)
	}
	for _, e := range exhibits.Of(v.Acts) {
		d.List = append(d.List, listedExhibit{
			exhibitEntry{exhibitHref(v.File, e.Act), mediaKey(e.Media), e.Withheld, e.Sealed, false}, words.when(e.At),
		})
	}
	return d
}

const (
	nameFile = "file"
	nameLike = "like"
)

// roomForFields is what a form with a file may weigh beside the file, in bytes.
const roomForFields = 1 << 20

// addressOnly reports whether a file is about something of which only an address is taken: nobody may put a picture of it here.
func (c *Console) addressOnly(v *clerk.View) bool {
	if c.Exhibits == nil {
		return true
	}
	return slices.ContainsFunc(v.Acts, func(a clerk.Recorded) bool {
		said, _ := a.Facts.Get(factSituation)
		return slices.Contains(c.Exhibits.Rules.AddressOnly, said.Code())
	})
}

func addHref(file act.ID) string { return fileHref(file) + "/exhibits/add" }

// takesExhibits reports whether files of a sort hold evidence.
func (c *Console) takesExhibits(sort string) bool {
	schema, known := c.Kinds.Latest(exhibits.KindAdded)
	return c.Exhibits != nil && known && slices.Contains(schema.Of, sort)
}

func (c *Console) addExhibit(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	v, err := c.view(r, who)
	if err != nil {
		return err
	}
	return c.showAdd(w, r, who, http.StatusOK, v, url.Values{}, nil)
}

func (c *Console) showAdd(w http.ResponseWriter, r *http.Request, who access.Mandate, status int, v *clerk.View, values url.Values, wrong []fault.Field) error {
	if !c.takesExhibits(v.Sort) {
		return errNoFile
	}
	if c.addressOnly(v) {
		return fault.Invalid.New("exhibit.address_only")
	}
	d := addData{
		Form: web.Form{Values: values, Errors: wrong}, File: fileHref(v.File), Href: addHref(v.File), Number: number(v.File), Most: lang.Size(exhibits.MaxSize),
	}
	d.Like = input{Field: d.Field(nameLike, "exhibit.add.like"), Shape: shapePick, form: "add"}
	words := c.words(r)
	for _, a := range readersOf(v) {
		name := words.named(a)
		d.Like.Picks = append(d.Like.Picks, web.Pick{Value: a.ID.String(), Key: name.Key, Args: name.Args})
	}
	for i := range wrong {
		if wrong[i].Name == nameFile {
			d.Bad = &wrong[i]
		}
		d.Errors[i].Name = "add-" + wrong[i].Name
	}
	return c.Show(w, r, who, status, pageAdd, d)
}

// readersOf are the newest acts of a file, one for each circle of readers: what is added is for the eyes of one of them.
func readersOf(v *clerk.View) []*clerk.Recorded {
	var out []*clerk.Recorded
	for i := range slices.Backward(v.Acts) {
		a := &v.Acts[i]
		if !slices.ContainsFunc(out, func(b *clerk.Recorded) bool { return b.Audience == a.Audience }) {
			out = append(out, a)
		}
	}
	return out
}

// exhibitAdded seals what is sent as it arrives. Nothing of it is anywhere in clear, and what was cut leaves nothing.
func (c *Console) exhibitAdded(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	v, err := c.view(r, who)
	if err != nil {
		return err
	}
	if !c.takesExhibits(v.Sort) {
		return errNoFile
	}
	if c.addressOnly(v) { // before a byte of it is read
		return fault.Invalid.New("exhibit.address_only")
	}
	var done *clerk.Done
	parts := web.Parts{Fields: []string{nameLike}, Files: []string{nameFile}, File: func(fields url.Values, name string, in io.Reader) error {
		like := c.likeOf(v, fields)
		if like.IsZero() {
			return fault.Invalid.New("file.pick").At(nameLike, "exhibit.add.like.missing", nil)
		}
		if done != nil {
			return fault.Invalid.New("file.pick").At(nameFile, "exhibit.add.one", nil)
		}
		done, err = c.Exhibits.Add(r.Context(), who.ID, v.File, like, v.Seen, exhibits.About{Name: name}, in)
		return err
	}}
	values, err := parts.Read(r)
	if done != nil { // it is bound, whatever came after it
		http.Redirect(w, r, fileHref(v.File)+"?done="+done.Acts[0].ID.String(), http.StatusSeeOther)
		return nil
	}
	if err == nil {
		return c.showAdd(w, r, who, http.StatusUnprocessableEntity, v, values, []fault.Field{{Name: nameFile, Key: "exhibit.add.missing"}})
	}
	f := fault.Of(err)
	switch {
	case f == nil || f.Code != fault.Invalid || f.Key == "web.unreadable":
		return err
	case len(f.Fields) > 0:
		return c.showAdd(w, r, who, http.StatusUnprocessableEntity, v, url.Values{}, f.Fields)
	}
	return c.showAdd(w, r, who, http.StatusUnprocessableEntity, v, url.Values{}, []fault.Field{{Name: nameFile, Key: f.Key, Args: f.Args}})
}

// likeOf is the act whose readers an exhibit is for: the one that was chosen, or any where all have the same.
func (c *Console) likeOf(v *clerk.View, fields url.Values) act.ID {
	all := readersOf(v)
	if len(all) == 1 {
		return all[0].ID
	}
	for _, a := range all {
		if a.ID.String() == fields.Get(nameLike) {
			return a.ID
		}
	}
	return act.ID{}
}
