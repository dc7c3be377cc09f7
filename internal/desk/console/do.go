package console

import (
	"errors"
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
)

// do hands one step in. What can be mended comes back with what was written; a changed file, a closed gate and somebody
// else's step are answered by the edge.
func (c *Console) do(w http.ResponseWriter, r *http.Request, who access.Mandate) error {
	v, err := c.view(r, who)
	if err != nil {
		return err
	}
	words := c.words(r)
	values, err := web.ReadForm(r, c.named(words, v)...)
	if err != nil {
		return err
	}
	place, seen, err := placeOf(values, v)
	if err != nil {
		return err
	}
	cmd := clerk.Command{Mandate: who.ID, File: v.File, Procedure: place.Run, Protocol: place.Protocol, Step: place.Step, Seen: seen}
	if m := moveAt(v, place); m != nil {
		schema, _ := c.Kinds.Latest(m.Step.Kind)
		facts, body, wrong := words.answers(schema, m.Step, values)
		// Only on the file as it stands is a slip in the form worth saying; else the clerk says what comes first.
		if len(wrong) > 0 && m.Open && seen == v.Seen {
			return c.showFile(w, r, who, v, http.StatusUnprocessableEntity, &returned{place, seen, values, wrong})
		}
		cmd.Act = act.Act{Facts: facts, Body: body}
	}
	done, err := c.Clerk.Do(r.Context(), cmd)
	if fault.CodeOf(err) == fault.Conflict {
		return c.again(w, r, who, place, values, words.explain(place.Protocol, err))
	}
	if err != nil {
		return words.explain(place.Protocol, err)
	}
	http.Redirect(w, r, fileHref(v.File)+"?done="+done.Acts[0].ID.String(), http.StatusSeeOther)
	return nil
}

// again shows a file that changed while somebody wrote, with what is new and what they wrote: they read, then decide. Where
// the step is no longer possible the edge says what changed.
func (c *Console) again(w http.ResponseWriter, r *http.Request, who access.Mandate, place protocol.Place, values url.Values, why error) error {
	v, err := c.view(r, who)
	if err != nil {
		return err
	}
	m, e := moveAt(v, place), fault.Of(why)
	if m == nil || !m.Open {
		return why
	}
	wrong := append([]fault.Field{{Name: nameSeen, Key: e.Key, Args: e.Args}}, e.Fields...)
	return c.showFile(w, r, who, v, http.StatusConflict, &returned{place, v.Seen, values, wrong})
}

// named lists every name some form of the file may send.
func (c *Console) named(words words, v *clerk.View) []string {
	out := []string{nameSeen, nameProtocol, nameRun, nameStep}
	for i := range v.Moves {
		step := v.Moves[i].Step
		schema, _ := c.Kinds.Latest(step.Kind)
		out = append(out, words.named(schema, step)...)
	}
	return out
}

// placeOf reads which step a form is for, and what of the file the person had seen.
func placeOf(values url.Values, v *clerk.View) (place protocol.Place, seen int64, err error) {
	place = protocol.Place{Protocol: values.Get(nameProtocol), Step: values.Get(nameStep)}
	unreadable := func(name string) error {
		return fault.Invalid.New("web.unreadable").At(name, "web.field.type", lang.Args{"field": lang.Code(name)})
	}
	if place.Step == "" { // without a step the clerk would take it for another sort of command
		return place, 0, unreadable(nameStep)
	}
	if run := values.Get(nameRun); run != "" {
		place.Run, err = act.ParseID(run)
		if err != nil {
			return place, 0, unreadable(nameRun)
		}
	}
	seen, err = strconv.ParseInt(values.Get(nameSeen), 10, 64)
	if err != nil || seen < 0 || seen > v.Seen { // nobody saw more than there is
		return place, 0, unreadable(nameSeen)
	}
	return place, seen, nil
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
