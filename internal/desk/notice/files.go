package notice

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
)

// Files takes in what comes with a notice, before the notice: each file is sealed as it arrives, for those who will read the
// act the command would record, and all are bound by that command. exhibits.Room is one.
type Files interface {
	Take(ctx context.Context, cmd clerk.Command, name string, r io.Reader, limit int64) (*exhibits.Held, error)
	Drop(ctx context.Context, why error, held ...*exhibits.Held) error
}

// What may come with a notice.
const (
	maxFiles   = 5
	maxFile    = 10 << 20
	maxUpload  = maxFiles*maxFile + 1<<20
	uploadTime = 10 * time.Minute
)

// keyFileTooLarge is what exhibits says of a file that is larger than it was told to take.
const keyFileTooLarge = "exhibit.too_large"

// fileFields are the names under which files may be sent.
var fileFields = []string{"files", "file"}

// paper is a notice on its way in: checked, with its code, and with the files that were sealed for it.
type paper struct {
	form *Form
	code string
	cmd  clerk.Command
	held []*exhibits.Held
}

// open checks a form and draws its code: with a token, always the same one.
func (d *Desk) open(f *Form, token string) (*paper, error) {
	err := d.check(f)
	if err != nil {
		return nil, err
	}
	p := &paper{form: f}
	if token == "" {
		p.code, err = DrawCode(d.Dice)
	} else {
		p.code, err = d.codeOnce(f, token)
	}
	if err != nil {
		return nil, err
	}
	p.cmd, err = d.command(f, p.code)
	return p, err
}

// take seals one file for a notice.
func (d *Desk) take(ctx context.Context, p *paper, name string, r io.Reader) error {
	refuse := func(key string, args lang.Args) error {
		return fault.Invalid.New("notice.invalid").At("files", key, args)
	}
	switch {
	case d.Law.AddressAlone(p.form.Situation):
		return refuse("notice.files.address", nil)
	case d.Files == nil:
		return refuse("notice.files.closed", nil)
	case len(p.held) == maxFiles:
		return refuse("notice.files.many", lang.Args{"max": maxFiles})
	}
	held, err := d.Files.Take(ctx, p.cmd, name, r, maxFile)
	if e := fault.Of(err); e != nil && e.Code == fault.Invalid && len(e.Fields) == 0 {
		if e.Key == keyFileTooLarge {
			return refuse("notice.files.large", lang.Args{"max": lang.Size(maxFile)}) // in the unit in which the page says it
		}
		return fault.Invalid.New("notice.invalid").At("files", e.Key, e.Args).Because(err)
	}
	if err != nil {
		return err
	}
	p.held = append(p.held, held)
	return nil
}

// drop removes what was sealed for a notice that is not recorded, and returns why it is not.
func (d *Desk) drop(ctx context.Context, p *paper, why error) error {
	if p == nil || len(p.held) == 0 {
		return why
	}
	return d.Files.Drop(ctx, why, p.held...)
}

// receive reads a form with files to its end. The notice is recorded when all of it was read and sealed: of an upload that was
// cut, or of which one part is refused, nothing stays. form makes the notice of its fields.
func (f *Front) receive(r *http.Request, names []string, form func(url.Values) (*Form, string, error)) (said url.Values, ok *Accepted, err error) {
	d, ctx := f.Desk, r.Context()
	var p *paper
	begin := func(fields url.Values) error {
		said = fields
		about, token, err := form(fields)
		if err == nil {
			p, err = d.open(about, token)
		}
		if err == nil {
			ok, err = d.again(ctx, p)
		}
		return err
	}
	parts := web.Parts{Fields: names, Files: fileFields, File: func(fields url.Values, name string, file io.Reader) error {
		if p == nil {
			err := f.spend(r, uploadsAnHour)
			if err == nil {
				err = begin(fields)
			}
			if err != nil {
				return err
			}
		}
		if ok != nil {
			return nil // sent a second time: it is there with its files
		}
		return d.take(ctx, p, name, file)
	}}
	fields, err := parts.Read(r)
	if err == nil && p == nil {
		err = begin(fields)
	}
	if err == nil && ok == nil {
		err = f.spend(r, noticesAnHour)
	}
	switch {
	case err != nil:
		return said, nil, d.drop(ctx, p, err)
	case ok != nil:
		return said, ok, nil
	}
	ok, err = d.record(ctx, p)
	return said, ok, err
}

// sentWithFiles takes the last page of a report, with what was chosen there.
func (f *Front) sentWithFiles(w http.ResponseWriter, r *http.Request) error {
	said, ok, err := f.receive(r, slices.Concat(answers, steers), func(said url.Values) (*Form, string, error) {
		for _, p := range walk {
			if p.shown(f, said) && len(f.wrong(p.name, said)) > 0 {
				return nil, "", errUnfinished
			}
		}
		form := f.form(said)
		form.Language = string(web.PrinterOf(r.Context()).Lang())
		return form, said.Get("token"), nil
	})
	switch e, mendable := fields(err); {
	case err == nil:
		return f.receipt(w, r, http.StatusCreated, pageReceipt, ok)
	case err == errUnfinished: //nolint:errorlint // it is returned as it is
		return f.send(w, r, said) // shows the page where something is missing
	case mendable && said != nil:
		return f.show(w, r, http.StatusUnprocessableEntity, pageCheck, said, e.Fields)
	case said != nil:
		return f.unsent(w, r, said, err)
	}
	return err
}

// errUnfinished says that a page of a report lacks an answer.
var errUnfinished = fault.Invalid.New("notice.invalid")

// apiFields are the fields of a notice that comes with files: each by itself, or all as JSON in one called notice.
var apiFields = []string{"notice", "situation", "platform", "where", "text", "minor", "language", "danger", "contact"}

// apiParts takes a notice with files from a program.
func (f *Front) apiParts(r *http.Request) (*Accepted, error) {
	_, ok, err := f.receive(r, apiFields, func(said url.Values) (*Form, string, error) {
		form := &Form{}
		if said.Has("notice") {
			if len(said) > 1 {
				return nil, "", fault.Invalid.New("web.unreadable").At("notice", "web.field.twice", lang.Args{"field": lang.Code("notice")})
			}
			r2 := r.WithContext(r.Context())
			r2.Body = io.NopCloser(strings.NewReader(said.Get("notice")))
			return form, "", web.ReadJSON(r2, form)
		}
		*form = Form{
			Situation: said.Get("situation"), Platform: said.Get("platform"), Where: said.Get("where"), Text: said.Get("text"),
			Language: said.Get("language"), Contact: said.Get("contact"),
		}
		minor, err := boolean(said, "minor")
		if err != nil {
			return nil, "", err
		}
		danger, err := boolean(said, "danger")
		if err != nil {
			return nil, "", err
		}
		form.Minor, form.Danger = minor, danger != nil && *danger
		return form, "", nil
	})
	return ok, err
}

// boolean reads true or false, as JSON writes them; nil where nothing was said.
func boolean(said url.Values, name string) (*bool, error) {
	switch said.Get(name) {
	case "", "null":
		return nil, nil //nolint:nilnil // nothing was said, and that is an answer
	case "true":
		return new(true), nil
	case "false":
		return new(false), nil
	}
	return nil, fault.Invalid.New("web.unreadable").At(name, "web.field.type", lang.Args{"field": lang.Code(name)})
}
