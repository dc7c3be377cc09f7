// Package exhibits takes evidence into custody: the bytes are sealed as they stream in, and an act binds what was
// sealed to a file, so that anyone can later tell that nothing was exchanged. It must not look into an exhibit, render
// it, or keep it in clear anywhere, for however short a time.
package exhibits

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// Names of the act that binds an exhibit. The verifier of the log knows them too.
const (
	KindAdded    = "exhibit.added"
	factBlob     = "blob"
	factBlobKey  = "blob_key"
	commitSealed = "sealed"
)

// MaxSize is the largest exhibit, in bytes.
const MaxSize = 512 << 20

// Kinds declares the acts of exhibits, for the sorts of file that may have some.
func Kinds(sorts ...string) []act.Schema {
	return []act.Schema{{
		Kind: KindAdded, Version: 1, Of: sorts, Purpose: "kind.exhibit.added", Basis: "protocol", Retention: "procedure", Body: true,
		Facts:   []act.FactSchema{{Name: factBlob, Type: act.Ident, Required: true}, {Name: factBlobKey, Type: act.Ident, Required: true}},
		Commits: []string{commitSealed},
	}}
}

// Plain says that whoever reads a file may add to it: adding hides and changes nothing.
func Plain() map[string]clerk.Plain { return map[string]clerk.Plain{KindAdded: {}} }

// Room takes exhibits in and gives them out.
type Room struct {
	Clerk *clerk.Clerk
}

// About is what is said of an exhibit; it is sealed, like the exhibit itself.
type About struct {
	Name  string `json:"name"`
	Media string `json:"media"`
	Size  int64  `json:"size"`
	Clear []byte `json:"clear_sha256"`
}

// Add seals what r gives until its end and binds it to a file, for the eyes of those who read the act like. seen is what
// the person had seen of the file. A reader cut short, or one with more than MaxSize, leaves nothing.
func (x *Room) Add(ctx context.Context, mandate, file, like act.ID, seen int64, about About, r io.Reader) (*clerk.Done, error) {
	held, err := x.Clerk.Hold(ctx, mandate, like, r, MaxSize)
	if err != nil {
		return nil, err
	}
	about.Size, about.Clear = held.Size, held.Clear[:]
	body, err := json.Marshal(about)
	if err != nil {
		return nil, fmt.Errorf("exhibit: %w", err)
	}
	done, err := x.Clerk.Do(ctx, clerk.Command{
		Mandate: mandate, File: file, Kind: KindAdded, Seen: seen, Like: like,
		Act: act.Act{
			Facts:   act.NewFacts(map[string]act.Value{factBlob: act.OfID(held.Blob), factBlobKey: act.OfID(held.Key)}),
			Commits: []act.Commit{{Name: commitSealed, Sum: held.Sealed}}, Body: body,
		},
	})
	if err != nil {
		return nil, x.Clerk.Release(ctx, held, err)
	}
	return done, nil
}

// Store keeps the list of exhibits in step with the log.
type Store struct{}

// Project implements clerk.Projector.
func (Store) Project(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) error {
	for _, a := range acts {
		if a.Kind != KindAdded {
			continue
		}
		blob, key := ident(a, factBlob), ident(a, factBlobKey)
		var sealed []byte
		for _, c := range a.Commits {
			if c.Name == commitSealed {
				sealed = c.Sum[:]
			}
		}
		_, err := tx.Exec(ctx, "INSERT INTO exhibit (id, file, audience, key, sealed) VALUES (?, ?, ?, ?, ?)", blob[:], a.File[:], a.Audience[:], key[:], sealed)
		if err != nil {
			return fmt.Errorf("exhibit: %w", err)
		}
	}
	return nil
}

func ident(a clerk.Recorded, name string) act.ID {
	v, _ := a.Facts.Get(name)
	id, _ := v.ID()
	return id
}

// Open gives an exhibit out to a mandate that reads the act which binds it. What it reads is verified chunk by chunk: bytes
// that were changed are never given out.
func (x *Room) Open(ctx context.Context, mandate, binding act.ID) (io.ReadCloser, error) {
	o, err := x.Clerk.Open(ctx, mandate, binding)
	if err != nil {
		return nil, err
	}
	return x.Clerk.Stream(ctx, o.Audience, ident(o.Recorded, factBlobKey), ident(o.Recorded, factBlob))
}
