package proof

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	tproof "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Stated is what a checkpoint says, whoever signed it.
type Stated struct {
	Origin string
	Size   int64 // acts it covers, at least one
	Root   tlog.Hash
}

// ReadStated reads a checkpoint of three lines: its note, or the one inside a receipt or a dump. Whether a signature on it is good
// it doesn't ask. The error says why the text is no checkpoint.
func ReadStated(text []byte) (*Stated, error) {
	signed := CheckpointIn(text)
	s, err := readStated(signed)
	if err != nil {
		return nil, err
	}
	_, err = note.Open(signed, note.VerifierList())
	var unverified *note.UnverifiedNoteError
	if err != nil && !errors.As(err, &unverified) {
		return nil, fmt.Errorf("the checkpoint can't be read: %w", err)
	}
	return s, nil
}

func readStated(signed []byte) (*Stated, error) {
	end := bytes.LastIndex(signed, []byte("\n\n"))
	if end < 0 {
		return nil, errors.New("the checkpoint can't be read: it has no signature")
	}
	lines := strings.Split(string(signed[:end]), "\n")
	if len(lines) != 3 {
		return nil, fmt.Errorf("the checkpoint has %d lines, not three", len(lines))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 1 || strconv.FormatInt(size, 10) != lines[1] {
		return nil, fmt.Errorf("the checkpoint states no size: %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil || root.String() != lines[2] {
		return nil, errors.New("the checkpoint states no root")
	}
	return &Stated{Origin: lines[0], Size: size, Root: root}, nil
}

// checkpointOf reads a checkpoint of three lines, then checks the log's signature on it.
func checkpointOf(signed []byte, verifier note.Verifier) (*Stated, error) {
	s, err := readStated(signed)
	if err != nil {
		return nil, err
	}
	_, err = note.Open(signed, note.VerifierList(verifier))
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &unverified) && s.Origin != verifier.Name():
		return nil, anotherLog(s)
	case errors.As(err, &unverified):
		return nil, fmt.Errorf("%w: the checkpoint is not signed by %s", ErrForged, verifier.Name())
	case errors.As(err, &invalid):
		return nil, fmt.Errorf("%w: the checkpoint's signature by %s is false", ErrForged, verifier.Name())
	case err != nil:
		return nil, fmt.Errorf("the checkpoint can't be read: %w", err)
	case s.Origin != verifier.Name():
		return nil, anotherLog(s)
	case strings.Count(string(signed), "\n\u2014 "+verifier.Name()+" ") > 1:
		return nil, fmt.Errorf("%w: the checkpoint is signed twice under one key", ErrForged)
	}
	return s, nil
}

func anotherLog(s *Stated) error {
	return fmt.Errorf("%w: the checkpoint is of another log, %q", ErrForged, s.Origin)
}

// CheckpointIn returns the checkpoint inside a receipt, or in the head of a dump, of which it needs no more than the first line; of
// anything else, the text itself. It judges nothing.
func CheckpointIn(text []byte) []byte {
	if bytes.HasPrefix(text, []byte(DumpMark)) {
		var head dumpHead
		line, _, _ := bytes.Cut(text, []byte("\n"))
		if json.Unmarshal(line, &head) == nil {
			return []byte(head.Checkpoint)
		}
	}
	var p tproof.TLogProof
	if p.Unmarshal(text) != nil {
		return text
	}
	return p.Checkpoint
}
