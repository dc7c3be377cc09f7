package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/transparency-dev/formats/log"
	tproof "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/act"
)

// Opening is what lets the holder of a receipt prove an act's content: everything a leaf commits to, with the
// salts. It travels as the extra data of a C2SP tlog-proof.
type Opening struct {
	V          int    `json:"v"` // 1
	Envelope   []byte `json:"envelope"`
	Salt       []byte `json:"salt"`
	BodySum    []byte `json:"body_sum"`
	SealedSum  []byte `json:"sealed_sum"`
	Body       []byte `json:"body,omitempty"`      // in clear, absent when the holder may not have it
	BodySalt   []byte `json:"body_salt,omitempty"` // with Body
	ThreadKey  []byte `json:"thread_key"`
	PreviousAt []byte `json:"previous"` // hash of the thread's previous leaf; zeros for the first
}

// Checked is what a verified receipt proves.
type Checked struct {
	Envelope *act.Envelope
	Body     []byte // nil when the receipt doesn't open it
	Index    int64
	Size     int64 // of the checkpoint
	Root     tlog.Hash
	Origin   string
}

// ErrForged means that a proof is well formed and false.
var ErrForged = errors.New("the proof does not hold")

// Receipt writes a C2SP tlog-proof of the act at index under a signed checkpoint.
func Receipt(o Opening, index int64, path tlog.RecordProof, checkpoint []byte) ([]byte, error) {
	if index < 0 {
		return nil, fmt.Errorf("receipt: index %d", index)
	}
	extra, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	p := tproof.TLogProof{Index: uint64(index), Checkpoint: checkpoint, ExtraData: extra}
	for _, h := range path {
		p.Hashes = append(p.Hashes, h)
	}
	return p.Marshal(), nil
}

// CheckReceipt verifies a receipt offline with the log's verifier key. A receipt that can't be read is an error
// of its own; one that is false wraps ErrForged.
func CheckReceipt(receipt []byte, verifier note.Verifier) (*Checked, error) {
	var p tproof.TLogProof
	if err := p.Unmarshal(receipt); err != nil {
		return nil, fmt.Errorf("this is not a receipt: %w", err)
	}
	var o Opening
	dec := json.NewDecoder(bytes.NewReader(p.ExtraData))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return nil, fmt.Errorf("this receipt opens nothing that this version reads: %w", err)
	}
	leaf, env, err := o.leaf(verifier.Name())
	if err != nil {
		return nil, err
	}
	cp, _, _, err := log.ParseCheckpoint(p.Checkpoint, verifier.Name(), verifier)
	if err != nil {
		return nil, fmt.Errorf("%w: the checkpoint is not signed by %s: %w", ErrForged, verifier.Name(), err)
	}
	if cp.Size > act.MaxInt || p.Index >= cp.Size || len(cp.Hash) != tlog.HashSize {
		return nil, fmt.Errorf("%w: index %d is outside a log of %d", ErrForged, p.Index, cp.Size)
	}
	index, size := int64(p.Index), int64(cp.Size) //nolint:gosec // both are at most MaxInt here
	path := make(tlog.RecordProof, len(p.Hashes))
	for i, h := range p.Hashes {
		path[i] = h
	}
	root := tlog.Hash(cp.Hash)
	if err := tlog.CheckRecord(path, size, root, index, tlog.Hash(leaf.Hash())); err != nil {
		return nil, fmt.Errorf("%w: the act is not in the log at %d: %w", ErrForged, index, err)
	}
	return &Checked{Envelope: env, Body: o.Body, Index: index, Size: size, Root: root, Origin: cp.Origin}, nil
}

// leaf rebuilds the leaf an opening claims, having checked everything that the opening itself can show.
func (o *Opening) leaf(origin string) (*Leaf, *act.Envelope, error) {
	if o.V != 1 {
		return nil, nil, fmt.Errorf("this receipt has form %d, this version reads form 1", o.V)
	}
	var salt, bodySum, sealed, key, prev Sum
	for _, f := range []struct {
		name string
		from []byte
		to   *Sum
	}{{"salt", o.Salt, &salt}, {"body_sum", o.BodySum, &bodySum}, {"sealed_sum", o.SealedSum, &sealed}, {"thread_key", o.ThreadKey, &key}, {"previous", o.PreviousAt, &prev}} {
		if len(f.from) != len(f.to) {
			return nil, nil, fmt.Errorf("this receipt's %s has %d bytes, not %d", f.name, len(f.from), len(f.to))
		}
		copy(f.to[:], f.from)
	}
	env, err := act.Decode(o.Envelope)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrForged, err)
	}
	if env.Pos == 0 != (prev == Sum{}) {
		return nil, nil, fmt.Errorf("%w: position %d and the previous leaf disagree", ErrForged, env.Pos)
	}
	if o.Body != nil || o.BodySalt != nil {
		if len(o.BodySalt) != sha256.Size || BodySum(Sum(o.BodySalt), o.Body) != bodySum {
			return nil, nil, fmt.Errorf("%w: the body is not the one that was recorded", ErrForged)
		}
	}
	return &Leaf{Origin: origin, Envelope: EnvelopeSum(salt, o.Envelope), Body: bodySum, Sealed: sealed, Link: LinkSum(key, prev)}, env, nil
}
