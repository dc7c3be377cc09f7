package exhibits

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/text"
	"sanad/internal/office/clerk"
)

// Room takes exhibits in and gives them out.
type Room struct {
	Clerk *clerk.Clerk
	Rules Rules

	drawing sync.Mutex // one picture is decoded at a time: two could take twice picture.MaxMemory
}

// Add seals what r gives until its end and binds it to a file, for the eyes of those who read the act like. seen is what
// the person had seen of the file. A reader cut short, or one with more than MaxSize, leaves nothing. Once everything is sealed
// it is bound even where the caller stopped waiting.
func (x *Room) Add(ctx context.Context, mandate, file, like act.ID, seen int64, about About, r io.Reader) (*clerk.Done, error) {
	v, err := x.Clerk.View(ctx, mandate, file)
	if err != nil {
		return nil, err
	}
	for _, a := range v.Acts {
		situation, _ := a.Facts.Get(factSituation)
		if slices.Contains(x.Rules.AddressOnly, situation.Code()) {
			return nil, errAddressOnly()
		}
	}
	held, err := x.take(ctx, about, r, func(ctx context.Context, r io.Reader) (*clerk.Held, error) {
		return x.Clerk.Hold(ctx, mandate, like, r, MaxSize)
	}, act.ID{})
	if err != nil {
		return nil, err
	}
	done, err := x.Clerk.Do(context.WithoutCancel(ctx), clerk.Command{
		Mandate: mandate, File: file, Kind: KindAdded, Seen: seen, Like: like, Act: held.act, Input: held,
	})
	if err != nil {
		return nil, x.Drop(ctx, err, held)
	}
	return done, nil
}

// Exhibit is what the acts of a file tell of one piece of evidence.
type Exhibit struct {
	Act      act.ID // that binds it
	File     act.ID
	By       act.ID // the mandate that added it
	At       act.Instant
	Media    string // a code of picture.Kinds; empty where the act is of the first version, which does not say
	Picture  bool
	Withheld bool   // it may show a child: only that it exists and was referred may be told
	Sealed   bool   // the original of a withheld one, as the police compartment holds it
	Original act.ID // of a sealed one: the act that bound it before
	Looks    []Look
	Given    []Given

	audience, blob, key act.ID
}

// Look is one time that somebody saw an exhibit.
type Look struct {
	Act     act.ID
	Mandate act.ID
	At      act.Instant
	Full    bool // unveiled
	Reason  string
}

// Given is one time that an exhibit left the house.
type Given struct {
	Act      act.ID
	At       act.Instant
	To       string
	Original bool
}

// Renders reports whether it can be shown at all: a picture of a kind that is rendered, not withheld. An act of the first version
// does not say what it binds; its bytes do when they are asked for.
func (e *Exhibit) Renders() bool {
	return !e.Withheld && !e.Sealed && (e.Media == "png" || e.Media == "jpeg" || e.Media == "gif" || e.Media == "")
}

// Of lists the exhibits that some acts of one file bind, in the order of the log, with what became of each as far as these acts tell.
func Of(acts []clerk.Recorded) []Exhibit {
	var out []Exhibit
	find := func(a clerk.Recorded) *Exhibit {
		id := ident(a, factExhibit)
		i := slices.IndexFunc(out, func(e Exhibit) bool { return e.Act == id })
		if i < 0 {
			return &Exhibit{}
		}
		return &out[i]
	}
	for _, a := range acts {
		switch a.Kind {
		case KindAdded:
			out = append(out, exhibitOf(a))
		case KindOpened, KindUnveiled:
			e := find(a)
			e.Looks = append(e.Looks, Look{a.ID, a.Mandate, a.Recorded, a.Kind == KindUnveiled, code(a, factReason)})
		case KindWithheld:
			find(a).Withheld = true
		case KindGiven:
			e := find(a)
			e.Given = append(e.Given, Given{a.ID, a.Recorded, code(a, factTo), code(a, factForm) == FormOriginal})
		}
	}
	return out
}

func exhibitOf(a clerk.Recorded) Exhibit {
	isPicture, _ := a.Facts.Get(factPicture)
	withheld, _ := a.Facts.Get(factWithheld)
	return Exhibit{
		Act: a.ID, File: a.File, By: a.Mandate, At: a.Recorded, Media: code(a, factMedia), Picture: isPicture.Bool(), Sealed: withheld.Bool(),
		Original: ident(a, factExhibit), audience: a.Audience, blob: ident(a, factBlob), key: ident(a, factBlobKey),
	}
}

// List lists the exhibits of a file that a mandate may read of.
func (x *Room) List(ctx context.Context, mandate, file act.ID) ([]Exhibit, error) {
	v, err := x.Clerk.View(ctx, mandate, file)
	if err != nil {
		return nil, err
	}
	return Of(v.Acts), nil
}

// About says what is known of an exhibit, to who may read of it. Of a withheld one nothing is said: its name may tell, and its
// sum finds the picture.
func (x *Room) About(ctx context.Context, mandate, binding act.ID) (About, error) {
	e, _, err := x.find(ctx, mandate, binding)
	if err != nil {
		return About{}, err
	}
	if e.Withheld {
		return About{}, errReferred()
	}
	return x.about(ctx, mandate, binding)
}

func (x *Room) about(ctx context.Context, mandate, binding act.ID) (about About, err error) {
	o, err := x.Clerk.Open(ctx, mandate, binding)
	if err != nil {
		return about, err
	}
	if o.Erased {
		return about, errErased()
	}
	err = json.Unmarshal(o.Body, &about)
	return about, wrap("exhibit", err)
}

// find reads an exhibit for a mandate in force that may read the act which binds it, as the file stands now.
func (x *Room) find(ctx context.Context, mandate, binding act.ID) (*Exhibit, *clerk.View, error) {
	o, err := x.Clerk.Open(ctx, mandate, binding)
	if err != nil {
		return nil, nil, err
	}
	v, err := x.Clerk.View(ctx, mandate, o.File)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range Of(v.Acts) {
		if e.Act == binding {
			return &e, v, nil
		}
	}
	return nil, nil, fault.NotFound.New("error.file_unknown")
}

// record tells what is done with an exhibit, for those who may read of it, before it is done. It refuses where anything has come
// to the file since v.
func (x *Room) record(ctx context.Context, mandate act.ID, e *Exhibit, v *clerk.View, kind, text string, facts map[string]act.Value) (act.ID, error) {
	a, err := telling(kind, e, text, facts)
	if err != nil {
		return act.ID{}, err
	}
	done, err := x.Clerk.Do(ctx, clerk.Command{
		Mandate: mandate, File: e.File, Kind: kind, Seen: v.Seen, Like: e.Act, Act: a, Input: &told{[]act.Act{a}},
	})
	if err != nil {
		return act.ID{}, err
	}
	return done.Acts[0].ID, nil
}

// telling is an act about an exhibit, with what a person wrote.
func telling(kind string, e *Exhibit, text string, facts map[string]act.Value) (act.Act, error) {
	body, err := json.Marshal(struct {
		Text string `json:"text"`
	}{text})
	if err != nil {
		return act.Act{}, fmt.Errorf("exhibit: %w", err)
	}
	facts[factExhibit] = act.OfID(e.Act)
	return act.Act{Kind: kind, Facts: act.NewFacts(facts), Body: body}, nil
}

// Reason is why somebody opens an exhibit or gives it out: a code of Reasons, and their own words, which are sealed.
type Reason struct {
	Code string
	Text string
}

// Bounds of a reason, in characters.
const (
	leastReason = 10
	mostReason  = 2000
)

func (r *Reason) check() error {
	e, ok := fault.Invalid.New("exhibit.reason.invalid"), true
	if !slices.Contains(Reasons(), r.Code) {
		e, ok = e.At("reason", "exhibit.reason.choose", nil), false
	}
	n := utf8.RuneCountInString(strings.TrimSpace(r.Text))
	if n < leastReason || n > mostReason || text.Empty(r.Text) || text.HasControl(r.Text) || !utf8.ValidString(r.Text) {
		e, ok = e.At("text", "exhibit.reason.write", map[string]any{"min": leastReason, "max": mostReason}), false
	}
	if ok {
		return nil
	}
	return e
}

func errReferred() error { return fault.Forbidden.New("exhibit.referred") }
func errErased() error   { return fault.NotFound.New("exhibit.erased") }

func ident(a clerk.Recorded, name string) act.ID {
	v, _ := a.Facts.Get(name)
	id, _ := v.ID()
	return id
}

func code(a clerk.Recorded, name string) string {
	v, _ := a.Facts.Get(name)
	return v.Code()
}
