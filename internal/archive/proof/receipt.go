package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

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
	Leaf     Sum // its leaf's hash
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

// maxReceipt is the largest receipt that is read, in bytes.
const maxReceipt = 1 << 20

// CheckReceipt verifies a receipt offline with the log's verifier key. A receipt that can't be read is an error
// of its own, found before anything is judged; one that is false wraps ErrForged.
func CheckReceipt(receipt []byte, verifier note.Verifier) (*Checked, error) {
	p, o, err := parseReceipt(receipt)
	if err != nil {
		return nil, err
	}
	signed, err := checkpointOf(p.Checkpoint, verifier)
	if err != nil && !errors.Is(err, ErrForged) {
		return nil, err
	}
	leaf, env, lerr := o.leaf(verifier.Name())
	if lerr != nil {
		return nil, lerr
	}
	if err != nil {
		return nil, err
	}
	if p.Index >= uint64(signed.Size) {
		return nil, fmt.Errorf("%w: index %d is outside a log of %d", ErrForged, p.Index, signed.Size)
	}
	index := int64(p.Index)
	path := make(tlog.RecordProof, len(p.Hashes))
	for i, h := range p.Hashes {
		path[i] = h
	}
	err = tlog.CheckRecord(path, signed.Size, signed.Root, index, tlog.Hash(leaf.Hash()))
	if err != nil {
		return nil, fmt.Errorf("%w: the act is not in the log at %d: %w", ErrForged, index, err)
	}
	return &Checked{Envelope: env, Body: o.Body, Index: index, Size: signed.Size, Root: signed.Root, Origin: verifier.Name(), Leaf: leaf.Hash()}, nil
}

// CheckReceiptAgainst is CheckReceipt of a receipt whose checkpoint must agree with checkpoints that somebody kept, each in its note,
// in a receipt or in a dump. Where one contradicts it, or is no word of this log, the error wraps ErrForged. One for another number
// of acts neither confirms nor contradicts what a receipt says, so it is an error of its own, as is one that can't be read.
func CheckReceiptAgainst(receipt []byte, verifier note.Verifier, kept [][]byte) (*Checked, error) {
	for i, text := range kept {
		_, err := ReadStated(text)
		if err != nil {
			return nil, fmt.Errorf("kept checkpoint %d: %w", i+1, err)
		}
	}
	c, err := CheckReceipt(receipt, verifier)
	if err != nil {
		return nil, err
	}
	var apart error // said only where nothing is false
	for i, text := range kept {
		s, err := checkpointOf(CheckpointIn(text), verifier)
		switch {
		case err != nil:
			return nil, fmt.Errorf("kept checkpoint %d: %w", i+1, err)
		case s.Size != c.Size:
			apart = errors.Join(apart, fmt.Errorf("kept checkpoint %d is of %d acts and the receipt's of %d: one receipt alone can't say whether they agree; the log's data folder can", i+1, s.Size, c.Size))
		case s.Root != c.Root:
			return nil, fmt.Errorf("%w: its checkpoint and kept checkpoint %d state two roots for %d acts: whoever signed both has told two stories", ErrForged, i+1, c.Size)
		}
	}
	if apart != nil {
		return nil, apart
	}
	return c, nil
}

// parseReceipt accepts one text for one receipt: what it reads, written again, is what it was given.
func parseReceipt(receipt []byte) (*tproof.TLogProof, *Opening, error) {
	if len(receipt) > maxReceipt {
		return nil, nil, fmt.Errorf("this is not a receipt: it has %d bytes, at most %d", len(receipt), maxReceipt)
	}
	var p tproof.TLogProof
	err := p.Unmarshal(receipt)
	if err != nil {
		return nil, nil, fmt.Errorf("this is not a receipt: %w", err)
	}
	if !bytes.Equal(p.Marshal(), receipt) {
		return nil, nil, errors.New("this is not a receipt as one is written: a line or its base64 differs")
	}
	var o Opening
	err = json.Unmarshal(p.ExtraData, &o)
	if err != nil {
		return nil, nil, fmt.Errorf("this receipt opens nothing that this version reads: %w", err)
	}
	again, err := json.Marshal(o)
	if err != nil || o.V != 1 || !bytes.Equal(again, p.ExtraData) {
		return nil, nil, errors.New("this receipt opens nothing that this version reads: use a newer version to check it")
	}
	err = o.check()
	if err != nil {
		return nil, nil, fmt.Errorf("this receipt can't be read: %w", err)
	}
	return &p, &o, nil
}

// check says what can't be read of an opening.
func (o *Opening) check() error {
	if o.V != 1 {
		return errors.New("it opens nothing that this version reads: use a newer one to check it")
	}
	if o.Envelope == nil { // an empty one is read, and found false
		return errors.New("it has no envelope")
	}
	for _, f := range [...]struct {
		name string
		from []byte
	}{{"salt", o.Salt}, {"body_sum", o.BodySum}, {"sealed_sum", o.SealedSum}, {"thread_key", o.ThreadKey}, {"previous", o.PreviousAt}} {
		if len(f.from) != sha256.Size {
			return fmt.Errorf("its %s has %d bytes, not %d", f.name, len(f.from), sha256.Size)
		}
	}
	if o.BodySalt != nil && len(o.BodySalt) != sha256.Size || o.BodySalt == nil && o.Body != nil {
		return errors.New("it opens a body without its salt")
	}
	return nil
}

// leaf rebuilds the leaf an opening claims, having checked everything that the opening itself can show.
func (o *Opening) leaf(origin string) (*Leaf, *act.Envelope, error) {
	env, err := act.Decode(o.Envelope)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrForged, err)
	}
	salt, bodySum, sealed, key, prev := Sum(o.Salt), Sum(o.BodySum), Sum(o.SealedSum), Sum(o.ThreadKey), Sum(o.PreviousAt)
	if env.Pos == 0 != (prev == Sum{}) {
		return nil, nil, fmt.Errorf("%w: position %d and the previous leaf disagree", ErrForged, env.Pos)
	}
	if bodiless := env.Key.IsZero(); bodiless != (bodySum == Sum{}) || bodiless && sealed != sha256.Sum256(nil) {
		return nil, nil, fmt.Errorf("%w: the envelope and the leaf disagree on whether there is a body", ErrForged)
	}
	if o.BodySalt != nil && BodySum(Sum(o.BodySalt), o.Body) != bodySum {
		return nil, nil, fmt.Errorf("%w: the body is not the one that was recorded", ErrForged)
	}
	return &Leaf{Origin: origin, Envelope: EnvelopeSum(salt, o.Envelope), Body: bodySum, Sealed: sealed, Link: LinkSum(key, prev)}, env, nil
}
