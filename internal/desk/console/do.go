package console

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// do hands one step in. What can be mended comes back with what was written; a changed file, a closed gate and somebody
// else's step are answered by the edge.
func (c *Console) do(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	v, err := c.view(r, who)
	if err != nil {
		return err
	}
	words := c.words(r)
	place, err := peek(r)
	if err != nil {
		return err
	}
	ask := Asking{Mandate: who, File: v.File, Sort: v.Sort, Place: place, Step: c.stepAt(v, place), View: v}
	if m := moveAt(v, place); m != nil {
		ask.Version = m.Version
		err = c.settle(r.Context(), &ask)
		if err != nil {
			return err
		}
	}
	known := []string{nameSeen, nameProtocol, nameRun, nameStep, namePreview}
	var sh *sheet
	if ask.Step != nil {
		sh, err = c.sheetOf(ask, words, c.picker(r, who, v.File))
		if err != nil {
			return err
		}
		known = sh.names()
	}
	values, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	seen, err := seenOf(values, v)
	if err != nil {
		return err
	}
	cmd := clerk.Command{Mandate: who.ID, File: v.File, Procedure: place.Run, Protocol: place.Protocol, Step: place.Step, Seen: seen}
	if m := moveAt(v, place); m != nil && sh != nil {
		wrong, err := c.fill(r, ask, sh, values, &cmd)
		if err != nil {
			return err
		}
		back := &returned{place: place, seen: seen, values: values, wrong: sh.beside(wrong)}
		preview := values.Get(namePreview) != "" && sh.letter && m.Open
		if preview && len(wrong) == 0 {
			back.preview, back.wrong, err = c.previewOf(r.Context(), words, v, &cmd)
			if err != nil {
				return err
			}
			back.wrong = sh.beside(back.wrong)
		}
		// Only on the file as it stands is a slip in the form worth saying; else the clerk says what comes first.
		if (len(back.wrong) > 0 || preview) && m.Open && seen == v.Seen {
			status := http.StatusUnprocessableEntity
			if len(back.wrong) == 0 {
				status = http.StatusOK
			}
			return c.showFile(w, r, who, v, status, back)
		}
	}
	done, err := c.Clerk.Do(r.Context(), cmd)
	if fault.CodeOf(err) == fault.Conflict {
		return c.again(w, r, who, &returned{place: place, values: values}, words.explain(place.Protocol, err))
	}
	wrong := mendable(err)
	if wrong == nil {
		wrong = words.dates(place.Protocol, err)
	}
	if wrong != nil && sh != nil {
		return c.showFile(w, r, who, v, http.StatusUnprocessableEntity, &returned{place: place, seen: seen, values: values, wrong: sh.beside(wrong)})
	}
	if err != nil {
		return words.explain(place.Protocol, err)
	}
	http.Redirect(w, r, fileHref(v.File)+"?done="+done.Acts[0].ID.String(), http.StatusSeeOther)
	return nil
}

// mendable is what a refusal says is wrong with what was given; nil where it is not that. What was written is never lost to it.
func mendable(err error) []fault.Field {
	e := fault.Of(err)
	if e == nil || e.Code != fault.Invalid {
		return nil
	}
	if len(e.Fields) > 0 {
		return e.Fields
	}
	return []fault.Field{{Name: nameSeen, Key: e.Key, Args: e.Args}}
}

// fill reads a form into a command, and lets the desk complete it.
func (c *Console) fill(r *http.Request, ask Asking, sh *sheet, values url.Values, cmd *clerk.Command) ([]fault.Field, error) {
	if sh.letter {
		err := c.address(r.Context(), values)
		if err != nil {
			return nil, err
		}
	}
	a, wrong := sh.answers(values)
	cmd.Act = a
	if sh.letter {
		party, _ := a.Facts.Get(protocol.FactNoticeTo)
		to, _ := party.ID()
		fields, bad := letters.ReadForm(values.Get, to)
		cmd.Act.Body, cmd.Input = nil, fields
		wrong = append(wrong, bad...)
	}
	if len(wrong) > 0 || sh.form.Prepare == nil {
		return wrong, nil
	}
	input, wrong, err := sh.form.Prepare(r.Context(), ask, &cmd.Act)
	if input != nil {
		cmd.Input = input
	}
	return wrong, err
}

// previewOf writes a letter as it would be sent now, and sends nothing.
func (c *Console) previewOf(ctx context.Context, words words, v *clerk.View, cmd *clerk.Command) (*letters.Page, []fault.Field, error) {
	fields, _ := cmd.Input.(*letters.Fields)
	asked, err := c.Clerk.Resting(ctx, cmd)
	if err != nil {
		return nil, nil, words.explain(cmd.Protocol, err)
	}
	terms, err := c.Letters.TermsOf(asked.Rests)
	if err != nil {
		return nil, nil, err
	}
	sent, err := c.Letters.Render(v.File, fields, asked.Grant, terms, v.At)
	if e := fault.Of(err); e != nil && len(e.Fields) > 0 {
		return nil, e.Fields, nil
	}
	if err != nil {
		return nil, nil, err
	}
	page := sent.Page(number(v.File), "", words.lang, true)
	return &page, nil, nil
}

// again shows a file that changed while somebody wrote, with what is new and what they wrote: they read, then decide. Where
// what they wrote it for is no longer possible the edge says what changed.
func (c *Console) again(w http.ResponseWriter, r *http.Request, who access.Mandate, back *returned, why error) error {
	v, err := c.view(r, who)
	if err != nil {
		return err
	}
	m := moveAt(v, back.place)
	still := m != nil && m.Open
	if back.form == formMigrate {
		still = migratable(who, v, back.values)
	}
	if !still {
		return why
	}
	e := fault.Of(why)
	back.seen, back.wrong = v.Seen, append([]fault.Field{{Name: nameSeen, Key: e.Key, Args: e.Args}}, e.Fields...)
	return c.showFile(w, r, who, v, http.StatusConflict, back)
}

// peek reads from a form which step it is for, and leaves the form to be read.
func peek(r *http.Request) (protocol.Place, error) {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
	if err != nil {
		_, err = web.ReadForm(r) // it says what is wrong with what was cut, or too large
		return protocol.Place{}, err
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		_, err = web.ReadForm(r)
		return protocol.Place{}, err
	}
	return placeOf(values)
}

// failing ends what could be read as it ended.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

// placeOf reads which step a form is for.
func placeOf(values url.Values) (place protocol.Place, err error) {
	place = protocol.Place{Protocol: values.Get(nameProtocol), Step: values.Get(nameStep)}
	if place.Step == "" { // without a step the clerk would take it for another sort of command
		return place, unreadable(nameStep)
	}
	if run := values.Get(nameRun); run != "" {
		place.Run, err = act.ParseID(run)
		if err != nil {
			return place, unreadable(nameRun)
		}
	}
	return place, nil
}

// seenOf reads what of the file the person had seen.
func seenOf(values url.Values, v *clerk.View) (int64, error) {
	seen, err := strconv.ParseInt(values.Get(nameSeen), 10, 64)
	if err != nil || seen < 0 || seen > v.Seen { // nobody saw more than there is
		return 0, unreadable(nameSeen)
	}
	return seen, nil
}

func unreadable(name string) error {
	return fault.Invalid.New("web.unreadable").At(name, "web.field.type", lang.Args{"field": lang.Code(name)})
}

// stepAt finds a step in the law under which its run goes on, and one that is not possible in any version, to read its form; nil
// where the law has none.
func (c *Console) stepAt(v *clerk.View, place protocol.Place) *protocol.Step {
	if m := moveAt(v, place); m != nil {
		return m.Step
	}
	return c.Pack.Engine().Find(place.Protocol, place.Step)
}

func moveAt(v *clerk.View, place protocol.Place) *protocol.Move {
	for i := range v.Moves {
		if v.Moves[i].Place == place {
			return &v.Moves[i]
		}
	}
	return nil
}

// explain adds to a refusal everything that blocks the step, worded, and to a conflict the kinds of act that are new.
func (w words) explain(protocolID string, err error) error {
	e := fault.Of(err)
	if e == nil {
		return err
	}
	var refusal *protocol.Refusal
	if errors.As(err, &refusal) {
		for i := range refusal.Blocks {
			m := w.block(protocolID, &refusal.Blocks[i])
			e = e.At(nameStep, m.Key, m.Args)
		}
	}
	var changed clerk.Changed
	if errors.As(err, &changed) {
		for _, kind := range changed {
			e = e.At(nameSeen, "kind."+kind, nil)
		}
	}
	return e
}
