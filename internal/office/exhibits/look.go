package exhibits

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/picture"
	"sanad/internal/office/access"
)

// LookFor is how long after its act a look may be drawn, and an opened picture be unveiled.
const LookFor = 15 * time.Minute

// Rendered is a picture as it is shown or given to others than a court. It has no metadata.
type Rendered struct {
	Media string // image/png or image/jpeg
	Bytes []byte
}

// OpenVeiled records that a person opens a picture and why, and returns the act under which Show gives it, blurred and grey. It is
// theirs alone: whoever else wants to see it opens it themselves.
func (x *Room) OpenVeiled(ctx context.Context, mandate, binding act.ID, why Reason) (act.ID, error) {
	e, v, err := x.find(ctx, mandate, binding)
	if err != nil {
		return act.ID{}, err
	}
	err = errors.Join(showable(e), why.check())
	if err != nil {
		return act.ID{}, err
	}
	return x.record(ctx, mandate, e, v, KindOpened, why.Text, map[string]act.Value{factReason: act.OfCode(why.Code)})
}

// Unveil records that the person who opened a picture goes on to see it in full, and returns the act under which Show gives it,
// re-encoded. Each time needs an opening of their own before it.
func (x *Room) Unveil(ctx context.Context, mandate, binding act.ID, why Reason) (act.ID, error) {
	e, v, err := x.find(ctx, mandate, binding)
	if err != nil {
		return act.ID{}, err
	}
	err = errors.Join(showable(e), why.check())
	if err != nil {
		return act.ID{}, err
	}
	last := e.last(mandate)
	if last == nil || last.Full || x.over(last) {
		return act.ID{}, fault.ClosedGate.New("exhibit.open_first")
	}
	return x.record(ctx, mandate, e, v, KindUnveiled, why.Text, map[string]act.Value{factReason: act.OfCode(why.Code)})
}

// Show draws what a look was recorded for: for the mandate that recorded it, while it is that mandate's last one of the exhibit and
// LookFor has not passed, and never once it is withheld.
func (x *Room) Show(ctx context.Context, mandate, look act.ID) (*Rendered, error) {
	o, err := x.Clerk.Open(ctx, mandate, look)
	if err != nil {
		return nil, err
	}
	if o.Kind != KindOpened && o.Kind != KindUnveiled {
		return nil, fault.NotFound.New("error.file_unknown")
	}
	binding := ident(o.Recorded, factExhibit)
	e, _, err := x.find(ctx, mandate, binding)
	if err != nil {
		return nil, err
	}
	err = showable(e)
	if err != nil {
		return nil, err
	}
	last := e.last(mandate)
	if last == nil || last.Act != look || x.over(last) {
		return nil, fault.ClosedGate.New("exhibit.look_over")
	}
	return x.draw(ctx, mandate, access.ToOpen, e, last.Full)
}

// last is the newest look of a mandate, nil where it had none.
func (e *Exhibit) last(mandate act.ID) *Look {
	for i := len(e.Looks) - 1; i >= 0; i-- {
		if e.Looks[i].Mandate == mandate {
			return &e.Looks[i]
		}
	}
	return nil
}

func (x *Room) over(l *Look) bool { return act.InstantOf(x.Clerk.Clock()) > l.At.Add(LookFor) }

// showable refuses what is withheld, whatever else is asked, and what is not rendered.
func showable(e *Exhibit) error {
	err := withheld(e)
	if err == nil && !e.Renders() {
		err = fault.Invalid.New("exhibit.not_shown")
	}
	return err
}

// draw decodes a picture, one at a time, and asks again, when that is done, whether it was withheld meanwhile.
func (x *Room) draw(ctx context.Context, mandate act.ID, do access.Action, e *Exhibit, full bool) (*Rendered, error) {
	x.drawing.Lock()
	defer x.drawing.Unlock()
	in, err := x.stream(ctx, mandate, do, e)
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // a reader, read to its end or given up
	var out bytes.Buffer
	kind := picture.PNG
	if full {
		kind, err = picture.Reencode(ctx, in, &out)
	} else {
		err = picture.Veil(ctx, in, &out)
	}
	switch {
	case errors.Is(err, seal.ErrDestroyed):
		return nil, errErased()
	case errors.Is(err, picture.ErrKind) || errors.Is(err, picture.ErrBroken) || errors.Is(err, picture.ErrTooLarge):
		return nil, fault.Invalid.New("exhibit.not_shown").Because(err)
	case err != nil:
		return nil, wrap("draw an exhibit", err)
	}
	now, _, err := x.find(ctx, mandate, e.Act)
	if err == nil {
		err = showable(now)
	}
	if err != nil {
		return nil, err
	}
	return &Rendered{Media: "image/" + string(kind), Bytes: out.Bytes()}, nil
}

// May reports whether the policies let a mandate do something with an exhibit, now: for pages, which offer nothing that would be
// refused.
func (x *Room) May(ctx context.Context, mandate act.ID, do access.Action, e *Exhibit) (bool, error) {
	return x.Clerk.Allows(ctx, mandate, do, e.audience)
}

// stream opens the sealed bytes of an exhibit for what a mandate is about to do with them.
func (x *Room) stream(ctx context.Context, mandate act.ID, do access.Action, e *Exhibit) (io.ReadCloser, error) {
	r, err := x.Clerk.Stream(ctx, mandate, do, e.audience, e.key, e.blob)
	if errors.Is(err, seal.ErrDestroyed) {
		return nil, errErased()
	}
	return r, wrap("open an exhibit", err)
}

// Download is bytes that leave the house as they came in: under a name of ours and a media type that nothing shows by itself.
type Download struct {
	io.ReadCloser
	Name  string
	Media string
}

func download(e *Exhibit, r io.ReadCloser) *Download {
	return &Download{ReadCloser: r, Name: "exhibit-" + e.Act.String() + ".bin", Media: "application/octet-stream"}
}

// Read records that a person opens an exhibit that is no picture, and why, and then gives its bytes. Pictures, of whatever kind,
// are refused here.
func (x *Room) Read(ctx context.Context, mandate, binding act.ID, why Reason) (*Download, error) {
	e, v, err := x.find(ctx, mandate, binding)
	if err != nil {
		return nil, err
	}
	err = why.check()
	if err != nil {
		return nil, err
	}
	in, err := x.paper(ctx, mandate, access.ToOpen, e)
	if err != nil {
		return nil, err
	}
	_, err = x.record(ctx, mandate, e, v, KindOpened, why.Text, map[string]act.Value{factReason: act.OfCode(why.Code)})
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return download(e, in), nil
}

// Open gives out a text to a mandate that may read the act which binds it. Anything else is opened with a reason. What it reads is
// verified chunk by chunk: bytes that were changed are never given out.
func (x *Room) Open(ctx context.Context, mandate, binding act.ID) (io.ReadCloser, error) {
	e, _, err := x.find(ctx, mandate, binding)
	if err != nil {
		return nil, err
	}
	if e.Media != string(picture.Text) && e.Media != "" {
		return nil, errors.Join(withheld(e), fault.ClosedGate.New("exhibit.open_first"))
	}
	return x.paper(ctx, mandate, access.ToRead, e, picture.Text)
}

// paper opens the bytes of what is no picture, by what the first of them say, too: of one of the kinds, where any are given.
func (x *Room) paper(ctx context.Context, mandate act.ID, do access.Action, e *Exhibit, only ...picture.Kind) (io.ReadCloser, error) {
	err := withheld(e)
	if err != nil {
		return nil, err
	}
	in, err := x.stream(ctx, mandate, do, e)
	if err != nil {
		return nil, err
	}
	head := make([]byte, picture.HeadSize)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.Join(wrap("open an exhibit", err), in.Close())
	}
	kind, isPicture := picture.Sniff(head[:n])
	if e.Picture || isPicture || len(only) > 0 && only[0] != kind {
		return nil, errors.Join(fault.ClosedGate.New("exhibit.open_first"), in.Close())
	}
	return &rest{Reader: io.MultiReader(bytes.NewReader(head[:n]), in), Closer: in}, nil
}

// rest is a reader of which the beginning was looked at.
type rest struct {
	io.Reader
	io.Closer
}

// withheld refuses what is withheld.
func withheld(e *Exhibit) error {
	if e.Withheld || e.Sealed {
		return errReferred()
	}
	return nil
}
