package exhibits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/picture"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// MaxSize is the largest exhibit, in bytes; MaxPublic the largest that the public may send.
const (
	MaxSize   = 512 << 20
	MaxPublic = 20 << 20
)

// About is what is said of an exhibit; it is sealed, like the exhibit itself.
type About struct {
	Name  string `json:"name"`
	Media string `json:"media"` // a code of picture.Kinds
	Size  int64  `json:"size"`
	Clear []byte `json:"clear_sha256"`
}

// Held is an exhibit that was sealed and that no act binds yet.
type Held struct {
	Size    int64
	Media   string
	Picture bool

	held     clerk.Held
	audience act.ID
	act      act.Act
}

// Take seals what r gives until its end, at most limit bytes, for those who will read the act that cmd would record if it were
// done now: the law is asked for its audience, so the command must be whole but for its body. Nothing is read where the
// command's situation takes an address only. A line that was cut, too many bytes and a picture of too many pixels leave nothing.
// What Take gives goes to Carrying as the command's Input, or to Drop.
func (x *Room) Take(ctx context.Context, cmd clerk.Command, name string, r io.Reader, limit int64) (*Held, error) {
	situation, _ := cmd.Act.Facts.Get(factSituation)
	if slices.Contains(x.Rules.AddressOnly, situation.Code()) {
		return nil, errAddressOnly()
	}
	codes, err := x.foreseen(ctx, &cmd)
	if err != nil {
		return nil, err
	}
	aud, err := x.audience(ctx, codes)
	if err != nil {
		return nil, err
	}
	return x.take(ctx, About{Name: name}, r, func(ctx context.Context, r io.Reader) (*clerk.Held, error) {
		return x.seal(ctx, aud, r, min(limit, MaxSize))
	}, aud.ID)
}

// take looks at what passes by on its way into the seal.
func (x *Room) take(ctx context.Context, about About, r io.Reader, into func(context.Context, io.Reader) (*clerk.Held, error), audience act.ID) (*Held, error) {
	w := picture.Watch(r)
	sealed, err := into(ctx, w)
	if errors.Is(err, picture.ErrTooLarge) {
		return nil, fault.Invalid.New("exhibit.picture.pixels").With("max", picture.MaxPixels/1_000_000).Because(err)
	}
	if err != nil {
		return nil, err
	}
	info := w.Info()
	h := &Held{Size: sealed.Size, Media: string(info.Kind), Picture: info.Picture, held: *sealed, audience: audience}
	if h.Size == 0 {
		return nil, x.Drop(ctx, fault.Invalid.New("exhibit.empty"), h)
	}
	about.Name, about.Media, about.Size, about.Clear = cleanName(about.Name), h.Media, h.Size, sealed.Clear[:]
	h.act, err = binding(sealed, about, h.Picture, act.ID{})
	if err != nil {
		return nil, x.Drop(ctx, err, h)
	}
	return h, nil
}

// binding is the act that binds what was sealed; withheld is what bound it before, where it was sealed again for the police.
func binding(sealed *clerk.Held, about About, isPicture bool, withheld act.ID) (act.Act, error) {
	body, err := json.Marshal(about)
	if err != nil {
		return act.Act{}, fmt.Errorf("exhibit: %w", err)
	}
	facts := map[string]act.Value{
		factBlob: act.OfID(sealed.Blob), factBlobKey: act.OfID(sealed.Key), factMedia: act.OfCode(about.Media), factPicture: act.OfBool(isPicture),
	}
	if !withheld.IsZero() {
		facts[factWithheld], facts[factExhibit] = act.OfBool(true), act.OfID(withheld)
	}
	return act.Act{Kind: KindAdded, Facts: act.NewFacts(facts), Commits: []act.Commit{{Name: commitSealed, Sum: sealed.Sealed}}, Body: body}, nil
}

// cleanName keeps of a file's name what a person can read on one line: no folders, no marks that turn it round.
func cleanName(name string) string {
	const longest = 120
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), "\\", "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.C, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return -1
		}
		return r
	}, name))
	for utf8.RuneCountInString(name) > longest {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return strings.Trim(name, "./")
}

// Drop removes what was taken and is bound by nothing, and returns why; nil where there is no error to give back. Where nobody
// knows whether the act was recorded it stays.
func (x *Room) Drop(ctx context.Context, why error, held ...*Held) error {
	for _, h := range held {
		why = x.Clerk.Release(ctx, &h.held, why)
	}
	return why
}

// foreseen asks the law under which compartments an act will be read that opens a file.
func (x *Room) foreseen(ctx context.Context, cmd *clerk.Command) (codes []string, err error) {
	if !cmd.File.IsZero() || cmd.Step == "" {
		return nil, errInput("files are taken before the act that opens a file; to one that is there they are added")
	}
	err = x.Clerk.DB.Read(ctx, func(tx *store.Tx) error {
		who, err := x.Clerk.Book.Mandate(ctx, tx, cmd.Mandate)
		if err != nil {
			return err
		}
		q := protocol.Question{
			State: &protocol.State{}, Sort: cmd.Of, Now: act.InstantOf(x.Clerk.Clock()), Effective: cmd.Act.Effective,
			Mandate: who.ID, Person: who.Person, Roles: []string{who.Role}, Reads: x.Clerk.Book.Reads, Proposed: cmd.Act.Facts,
			Audience: func(c []string) act.ID {
				codes = append(slices.Clone(c), cmd.Act.Add...)
				return act.ID{}
			},
		}
		_, err = x.Clerk.Engine.Allow(q, protocol.Place{Protocol: cmd.Protocol, Step: cmd.Step})
		var blocked *protocol.Refusal
		if codes != nil && errors.As(err, &blocked) { // whether it may be done, the clerk says when it is
			return nil
		}
		return err
	})
	switch {
	case errors.Is(err, access.ErrUnknownMandate):
		return nil, fault.Forbidden.New("error.mandate").Because(err)
	case err != nil:
		return nil, fault.ClosedGate.New("error.closed_gate").Because(err)
	}
	return codes, nil
}

// audience finds the audience of a set of compartments, or makes it, in a transaction of its own: what is sealed before its act
// needs one to be sealed for. An audience nobody uses harms nobody, and no answer about one that was not there is remembered.
func (x *Room) audience(ctx context.Context, codes []string) (aud seal.Audience, err error) {
	err = x.Clerk.DB.Read(ctx, func(tx *store.Tx) error {
		id, err := x.Clerk.Book.Lookup(ctx, tx, codes)
		if err != nil {
			return err
		}
		var there int
		err = tx.QueryRow(ctx, "SELECT count(*) FROM audience WHERE id = ?", id[:]).Scan(&there)
		if err != nil || there == 0 {
			return err
		}
		aud, err = x.Clerk.Book.Audience(ctx, tx, id)
		return err
	})
	if err != nil || !aud.ID.IsZero() {
		return aud, wrap("find who may read an exhibit", err)
	}
	err = x.Clerk.Door(ctx, func(tx clerk.Tx) error {
		var err error
		aud, _, err = x.Clerk.Book.Intern(ctx, tx, codes)
		return err
	})
	return aud, wrap("make who may read an exhibit", err)
}

// seal seals what r gives under a key of its own. Nothing is left where it fails.
func (x *Room) seal(ctx context.Context, aud seal.Audience, r io.Reader, limit int64) (*clerk.Held, error) {
	var h clerk.Held
	var err error
	h.Blob, err = act.NewID(x.Clerk.Dice)
	if err != nil {
		return nil, err
	}
	keys, err := x.Clerk.Keeper.Take(ctx, aud, 1)
	if err != nil {
		return nil, fmt.Errorf("take a key: %w", err)
	}
	h.Key = keys[0]
	h.Receipt, err = x.Clerk.Blobs.Put(ctx, aud, h.Key, h.Blob, r, limit)
	switch {
	case errors.Is(err, seal.ErrTooLarge):
		return nil, fault.Invalid.New("exhibit.too_large").With("max", limit).Because(err)
	case err != nil:
		return nil, fault.Unavailable.New("exhibit.not_kept").Because(err)
	}
	return &h, nil
}

func wrap(what string, err error) error {
	if err == nil || fault.CodeOf(err) != "" {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}
