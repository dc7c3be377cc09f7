package console

import (
	"io"
	"net/http"
	"net/url"
	"slices"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
)

// exhibitEntry is what a timeline tells of a piece of evidence: never a picture of it, however small.
type exhibitEntry struct {
	Href     string
	Media    string // key; "" where it is not known
	Withheld bool   // that it was referred is all there is to say
	Sealed   bool
	Listed   bool // its page is led to from the list of the file's exhibits
}

// exhibitData is what the page of one exhibit shows.
type exhibitData struct {
	web.Form
	File     string // address
	Number   lang.Code
	Href     string
	Media    string // key
	Name     string
	Size     lang.Size
	Sum      lang.Code
	Withheld bool
	Sealed   bool
	Picture  bool   // it is opened on this page, not handed out
	Opens    bool   // who looks may open it
	Look     string // address of the picture, while one's own look lasts
	Full     bool
	Looks    []lookData
	Why      input // of opening it, and of seeing it in full
	Text     input
	May      input // what one may add to a referral
	Given    []givenData
	Gifts    []giftData // the ways in which who looks may give it out
	kept     kept
}

// lookData is one time that somebody saw it.
type lookData struct {
	At   said
	Role string // key
	Why  string // key
	Full bool
}

const (
	nameReason = "reason"
	nameText   = "text"
)

// What is done with an exhibit, as its address says it.
const (
	doOpen     = "open"
	doUnveil   = "unveil"
	doWithhold = "withhold"
	doRead     = "read"
	doCopy     = "copy"
	doGive     = "give"
)

// exhibitEntries tells, by the act that binds it, what a timeline may show of each exhibit.
func (c *Console) exhibitEntries(v *clerk.View) map[act.ID]*exhibitEntry {
	out := map[act.ID]*exhibitEntry{}
	if c.Exhibits == nil {
		return out
	}
	for _, e := range exhibits.Of(v.Acts) {
		out[e.Act] = &exhibitEntry{Href: exhibitHref(v.File, e.Act), Media: mediaKey(e.Media), Withheld: e.Withheld, Sealed: e.Sealed, Listed: c.takesExhibits(v.Sort)}
	}
	return out
}

func exhibitHref(file, binding act.ID) string {
	return fileHref(file) + "/exhibit/" + binding.String()
}

func mediaKey(media string) string {
	if media == "" {
		return ""
	}
	return "exhibit.media." + media
}

// exhibitOf finds the exhibit of the address among what the mandate may read of the file; like one that is not there, else.
func (c *Console) exhibitOf(r *http.Request, who access.Mandate) (*clerk.View, *exhibits.Exhibit, error) {
	v, err := c.view(r, who)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range exhibits.Of(v.Acts) {
		if e.Act.String() == r.PathValue("act") {
			return v, &e, nil
		}
	}
	return nil, nil, errNoFile
}

func (c *Console) exhibit(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	v, e, err := c.exhibitOf(r, who)
	if err != nil {
		return err
	}
	return c.showExhibit(w, r, who, http.StatusOK, v, e, &sentBack{})
}

// sentBack is what came with a form about an exhibit that must be mended.
type sentBack struct {
	what   string // the form
	values url.Values
	wrong  []fault.Field
}

// of is what came back of a form that stands under an id; nothing of any other.
func (b *sentBack) of(whats ...string) (url.Values, []fault.Field) {
	if slices.Contains(whats, b.what) {
		return b.values, b.wrong
	}
	return url.Values{}, nil
}

func (c *Console) showExhibit(w http.ResponseWriter, r *http.Request, who access.Mandate, status int, v *clerk.View, e *exhibits.Exhibit, back *sentBack) error {
	words := c.words(r)
	d := exhibitData{
		File: fileHref(v.File), Number: number(v.File), Href: exhibitHref(v.File, e.Act), Media: mediaKey(e.Media),
		Withheld: e.Withheld, Sealed: e.Sealed, Picture: e.Picture || e.Renders(),
	}
	d.kept = back.again(d.Href)
	at := formWhy
	if back.what == doCopy || back.what == doGive {
		at = back.what
	}
	for _, f := range back.wrong {
		d.Errors = append(d.Errors, fault.Field{Name: at + "-" + f.Name, Key: f.Key, Args: f.Args})
	}
	if !e.Withheld && !e.Sealed {
		about, err := c.Exhibits.About(r.Context(), who.ID, e.Act)
		if err != nil {
			return err
		}
		d.Name, d.Size, d.Sum = about.Name, lang.Size(about.Size), lang.Code(hexed(about.Clear))
	}
	roles, err := c.rolesOf(r, v.Acts)
	if err != nil {
		return err
	}
	for _, l := range e.Looks {
		d.Looks = append(d.Looks, lookData{
			At: said{"file.value", lang.Args{"value": lang.Moment(words.when(l.At))}}, Role: roles[l.Mandate], Why: "exhibit.reason." + l.Reason, Full: l.Full,
		})
		if l.Mandate == who.ID && !e.Withheld && v.At <= l.At.Add(exhibits.LookFor) {
			d.Look, d.Full = "/look/"+l.Act.String(), l.Full
		} else if l.Mandate == who.ID {
			d.Look = ""
		}
	}
	values, wrong := back.of(doOpen, doUnveil, doRead)
	d.Why, d.Text = reasons(formWhy, values, wrong)
	values, wrong = back.of(doWithhold)
	d.May = input{Field: web.Form{Values: values, Errors: wrong}.May(nameText, "exhibit.may"), Shape: shapeArea, form: "may"}
	d.Opens, err = c.Exhibits.May(r.Context(), who.ID, access.ToOpen, e)
	if err != nil {
		return err
	}
	d.Given = words.given(e)
	d.Gifts, err = c.gifts(r.Context(), words, who, e, back)
	if err != nil {
		return err
	}
	return c.Show(w, r, who, status, pageExhibit, d)
}

// formWhy is the id of the form in which somebody says why they look.
const formWhy = "why"

// reasons are the fields in which somebody says why.
func reasons(form string, values url.Values, wrong []fault.Field) (why, text input) {
	f := web.Form{Values: values, Errors: wrong}
	why = input{Field: f.Field(nameReason, "exhibit.why"), Shape: shapeChoice, form: form}
	for _, code := range exhibits.Reasons() {
		why.Options = append(why.Options, web.Option{Value: code, Key: "exhibit.reason." + code, Checked: values.Get(nameReason) == code})
	}
	return why, input{Field: f.Field(nameText, "exhibit.words"), Shape: shapeArea, form: form}
}

// again is how a form about an exhibit survives another language.
func (b *sentBack) again(href string) kept {
	if b.what == "" {
		return kept{}
	}
	return kept{form: "about-" + b.what, at: goOn, to: href + "/" + b.what}
}

// lookedAt shows an exhibit's page in another language, with what was written there: nothing is done with the exhibit.
func (c *Console) lookedAt(w http.ResponseWriter, r *http.Request, who access.Mandate, v *clerk.View, e *exhibits.Exhibit, back *sentBack) error {
	if !slices.Contains([]string{doOpen, doUnveil, doRead, doWithhold, doCopy, doGive}, back.what) {
		return errNoFile
	}
	return c.showExhibit(w, r, who, http.StatusOK, v, e, back)
}

// withExhibit does one thing with an exhibit, and leads back to its page, or hands it out.
func (c *Console) withExhibit(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	values, err := web.ReadForm(r, nameReason, nameText, nameTo, nameGo)
	if err != nil {
		return err
	}
	v, e, err := c.exhibitOf(r, who)
	if err != nil {
		return err
	}
	why := exhibits.Reason{Code: values.Get(nameReason), Text: values.Get(nameText)}
	ctx, what := r.Context(), r.PathValue("what")
	if values.Has(nameGo) {
		return c.lookedAt(w, r, who, v, e, &sentBack{what: what, values: values})
	}
	if what == doCopy || what == doGive {
		if f := c.misdirected(what, values.Get(nameTo)); f != nil {
			return c.showExhibit(w, r, who, http.StatusUnprocessableEntity, v, e, &sentBack{what, values, []fault.Field{*f}})
		}
	}
	switch what {
	case doOpen:
		_, err = c.Exhibits.OpenVeiled(ctx, who.ID, e.Act, why)
	case doUnveil:
		_, err = c.Exhibits.Unveil(ctx, who.ID, e.Act, why)
	case doWithhold:
		err = c.Exhibits.Withhold(ctx, who.ID, e.Act, why.Text)
	case doRead:
		var d *exhibits.Download
		d, err = c.Exhibits.Read(ctx, who.ID, e.Act, why)
		if err == nil {
			return hand(w, d)
		}
	case doCopy:
		var pic *exhibits.Rendered
		pic, err = c.Exhibits.Copy(ctx, who.ID, e.Act, exhibits.Gift{To: values.Get(nameTo), Reason: why})
		if err == nil {
			return handCopy(w, e, pic)
		}
	case doGive:
		var d *exhibits.Download
		d, err = c.Exhibits.Give(ctx, who.ID, e.Act, exhibits.Gift{To: values.Get(nameTo), Reason: why})
		if err == nil {
			return hand(w, d)
		}
	default:
		return errNoFile
	}
	if f := fault.Of(err); f != nil && f.Code == fault.Invalid && len(f.Fields) > 0 {
		return c.showExhibit(w, r, who, http.StatusUnprocessableEntity, v, e, &sentBack{what, values, f.Fields})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, exhibitHref(v.File, e.Act), http.StatusSeeOther)
	return nil
}

// hand gives bytes to be kept, never to be shown by the browser.
func hand(w http.ResponseWriter, d *exhibits.Download) error {
	defer d.Close() //nolint:errcheck // nothing was written to it
	w.Header().Set("Content-Type", d.Media)
	w.Header().Set("Content-Disposition", `attachment; filename="`+d.Name+`"`)
	_, _ = io.Copy(w, d) // the answer has begun: what was cut short is seen to be
	return nil
}

// look gives the picture somebody opened, to them, for a while.
func (c *Console) look(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	id, err := act.ParseID(r.PathValue("act"))
	if err != nil {
		return errNoFile
	}
	pic, err := c.Exhibits.Show(r.Context(), who.ID, id)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", pic.Media)
	_, _ = w.Write(pic.Bytes) //nolint:gosec // G705: a picture this house drew, under its own media type
	return nil
}
