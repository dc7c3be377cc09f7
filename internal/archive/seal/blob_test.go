package seal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"sanad/internal/act"
)

// bench is what one test works on: blobs, an audience and a key.
type bench struct {
	*Blobs
	k      *Keeper
	folder *Folder
	aud    Audience
	key    act.ID
}

func newBlobs(t testing.TB) bench {
	t.Helper()
	k := openKeeper(t, keysFolder(t), "blobs")
	folder, err := OpenFolder(filepath.Join(t.TempDir(), "blobs"))
	must(t, err)
	aud := audience(t, k, "a", "police", "child")
	return bench{NewBlobs(k, folder), k, folder, aud, take(t, k, aud, 1)[0]}
}

func (b bench) put(t testing.TB, id act.ID, content []byte) Receipt {
	t.Helper()
	receipt, err := b.Put(t.Context(), b.aud, b.key, id, bytes.NewReader(content), int64(len(content))+1)
	must(t, err)
	return receipt
}

// read returns what a reader gave before its end or error.
func (b bench) read(id act.ID) ([]byte, error) {
	r, err := b.Open(context.Background(), b.aud, b.key, id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	return io.ReadAll(r)
}

func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{5}).Read(b)
	return b
}

// left returns every file in the blob folder.
func (b bench) left(t testing.TB) (files []string) {
	t.Helper()
	must(t, filepath.WalkDir(b.folder.root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	}))
	return files
}

func TestBlobRoundTripsAroundChunkBorders(t *testing.T) {
	t.Parallel()
	b := newBlobs(t)
	dice := seeded("blob ids")
	rapid.Check(t, func(rt *rapid.T) {
		chunks := rapid.IntRange(0, 3).Draw(rt, "chunks")
		size := max(0, chunks*chunkSize+rapid.IntRange(-2, 2).Draw(rt, "around"))
		if rapid.Bool().Draw(rt, "anywhere") {
			size = rapid.IntRange(0, 4*chunkSize).Draw(rt, "size")
		}
		content := noise(size)
		id, err := act.NewID(dice)
		must(t, err)
		var in io.Reader = bytes.NewReader(content)
		switch rapid.IntRange(0, 2).Draw(rt, "reader") {
		case 1:
			in = iotest.HalfReader(in)
		case 2:
			in = iotest.DataErrReader(in)
		}
		receipt, err := b.Put(t.Context(), b.aud, b.key, id, in, int64(max(size, 1)))
		if err != nil {
			rt.Fatal(err)
		}
		if receipt.Size != int64(size) || receipt.Clear != sha256.Sum256(content) {
			rt.Fatalf("receipt of %d bytes says %d, or another hash", size, receipt.Size)
		}
		raw, err := os.ReadFile(b.folder.path(id))
		must(t, err)
		if want := blobHeadSize + size + max(1, (size+chunkSize-1)/chunkSize)*chunkOverhead; len(raw) != want {
			rt.Fatalf("%d bytes were sealed as %d, want %d", size, len(raw), want)
		}
		if receipt.Sealed != sha256.Sum256(raw) {
			rt.Fatal("receipt has another hash than the stored bytes")
		}
		got, err := b.read(id)
		if err != nil || !bytes.Equal(got, content) {
			rt.Fatalf("%d bytes came back as %d, error %v", size, len(got), err)
		}
		must(t, b.Check(t.Context(), id, receipt.Sealed))
		must(t, b.Remove(t.Context(), id))
	})
}

// A reader behaves as io.Reader must, also with reads of odd sizes.
func TestBlobReaderIsAReader(t *testing.T) {
	t.Parallel()
	b := newBlobs(t)
	for _, size := range []int{0, 1, chunkSize, 2*chunkSize + 100} {
		id := newID(t, fmt.Sprint(size))
		content := noise(size)
		b.put(t, id, content)
		r, err := b.Open(t.Context(), b.aud, b.key, id)
		must(t, err)
		must(t, iotest.TestReader(r, content))
		must(t, r.Close())
		_, err = r.Read(make([]byte, 1))
		wantErr(t, "read after Close", err, ErrClosed)
	}
}

func TestEveryChangedByteOfABlobIsFound(t *testing.T) {
	t.Parallel()
	b := newBlobs(t)
	id := newID(t, "x")
	content := noise(100)
	receipt := b.put(t, id, content)
	path := b.folder.path(id)
	raw, err := os.ReadFile(path)
	must(t, err)
	try := func(what string, bad []byte) {
		t.Helper()
		must(t, os.WriteFile(path, bad, 0o600))
		got, err := b.read(id)
		wantErr(t, what, err, ErrSealBroken)
		if len(got) != 0 {
			t.Errorf("%s: %d unverified bytes came out", what, len(got))
		}
		wantErr(t, what+", without key", b.Check(t.Context(), id, receipt.Sealed), ErrSealBroken)
	}
	for i := range raw {
		for _, flip := range []byte{0x01, 0x80} {
			bad := bytes.Clone(raw)
			bad[i] ^= flip
			try(fmt.Sprintf("byte %d changed", i), bad)
		}
		try(fmt.Sprintf("cut to %d bytes", i), raw[:i])
	}
	try("a byte added", append(bytes.Clone(raw), 0))
}

func TestChunksCutMovedRepeatedAddedAreFound(t *testing.T) {
	t.Parallel()
	b := newBlobs(t)
	const sealedChunk = chunkSize + chunkOverhead
	id, twin := newID(t, "x"), newID(t, "twin")
	for _, tail := range []int{0, 1, chunkSize - 1} { // with a full last chunk, and with shorter ones
		content := noise(3*chunkSize + tail)
		receipt := b.put(t, id, content)
		b.put(t, twin, content)
		path := b.folder.path(id)
		raw, err := os.ReadFile(path)
		must(t, err)
		other, err := os.ReadFile(b.folder.path(twin))
		must(t, err)
		head, body := raw[:blobHeadSize], raw[blobHeadSize:]
		c := func(i int) []byte { return body[i*sealedChunk : min(len(body), (i+1)*sealedChunk)] }
		join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
		rest := body[3*sealedChunk:]
		for what, bad := range map[string][]byte{
			"last chunk cut":          raw[:len(raw)-len(rest)-sealedChunk*b2i(len(rest) == 0)],
			"two chunks cut":          join(head, c(0)),
			"all chunks cut":          head,
			"chunks exchanged":        join(head, c(1), c(0), c(2), rest),
			"chunk repeated":          join(head, c(0), c(0), c(1), c(2), rest),
			"chunk left out":          join(head, c(0), c(2), rest),
			"chunk added":             join(raw, c(0)),
			"last chunk added again":  join(raw, raw[len(raw)-max(len(rest), 17):]),
			"zeros added":             join(raw, make([]byte, sealedChunk)),
			"an empty chunk added":    join(raw, make([]byte, chunkOverhead)),
			"chunk of a twin":         join(head, c(0), other[blobHeadSize+sealedChunk:blobHeadSize+2*sealedChunk], c(2), rest),
			"the twin's bytes":        other,
			"the twin's header":       join(other[:blobHeadSize], body),
			"cut within a chunk":      raw[:len(raw)-sealedChunk/2],
			"a later byte changed":    flip(raw, len(raw)-1),
			"a byte of chunk changed": flip(raw, blobHeadSize+2*sealedChunk+5),
		} {
			must(t, os.WriteFile(path, bad, 0o600))
			got, err := b.read(id)
			wantErr(t, what, err, ErrSealBroken)
			if !bytes.HasPrefix(content, got) || len(got)%chunkSize != 0 || len(got) == len(content) {
				t.Errorf("%s (tail %d): %d bytes came out that are not whole, verified chunks from the beginning", what, tail, len(got))
			}
			wantErr(t, what, b.Check(t.Context(), id, receipt.Sealed), ErrSealBroken)
		}
		must(t, b.Remove(t.Context(), id))
		must(t, b.Remove(t.Context(), twin))
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func flip(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 1
	return b
}

func TestBlobOpensForItsAudienceKeyAndIdentifierOnly(t *testing.T) {
	t.Parallel()
	b := newBlobs(t)
	id := newID(t, "x")
	b.put(t, id, []byte("exhibit"))
	other := audience(t, b.k, "b", "police")
	otherKey := take(t, b.k, b.aud, 1)[0]
	_, err := b.Open(t.Context(), other, b.key, id)
	wantErr(t, "another audience", err, ErrWrongAudience)
	_, err = b.Open(t.Context(), b.aud, otherKey, id)
	wantErr(t, "another key", err, ErrSealBroken)
	_, err = b.Open(t.Context(), b.aud, b.key, newID(t, "none"))
	wantErr(t, "no blob", err, ErrNoBlob)
	wantErr(t, "check of no blob", b.Check(t.Context(), newID(t, "none"), [32]byte{}), ErrNoBlob)
	moved := newID(t, "moved")
	must(t, b.folder.shelve(filepath.Dir(b.folder.path(moved))))
	must(t, os.Rename(b.folder.path(id), b.folder.path(moved)))
	_, err = b.read(moved)
	wantErr(t, "under another name", err, ErrSealBroken)
	must(t, os.Rename(b.folder.path(moved), b.folder.path(id)))
	got, err := b.read(id)
	must(t, err)
	if string(got) != "exhibit" {
		t.Errorf("read %q", got)
	}
	must(t, b.k.Destroy(t.Context(), b.key))
	_, err = b.read(id)
	wantErr(t, "destroyed", err, ErrDestroyed)
}

func TestRefusedPutLeavesNothing(t *testing.T) {
	t.Parallel()
	b := newBlobs(t)
	cut := errors.New("line went dead")
	cancelled, cancel := context.WithCancel(t.Context())
	some := noise(2*chunkSize + 10)
	reader := func() io.Reader { return bytes.NewReader(some) }
	for _, c := range []struct {
		name  string
		ctx   context.Context
		in    io.Reader
		limit int64
		want  error
	}{
		{"one byte too many", t.Context(), reader(), int64(len(some)) - 1, ErrTooLarge},
		{"far too many", t.Context(), io.MultiReader(reader(), neverEnding{}), 3 * chunkSize, ErrTooLarge},
		{"one byte allowed", t.Context(), reader(), 1, ErrTooLarge},
		{"cut at once", t.Context(), iotest.ErrReader(cut), 9 << 20, cut},
		{"cut within a chunk", t.Context(), io.MultiReader(reader(), iotest.ErrReader(cut)), 9 << 20, cut},
		{"cut at a border", t.Context(), io.MultiReader(bytes.NewReader(some[:chunkSize]), iotest.ErrReader(cut)), 9 << 20, cut},
		{"cut as multipart says it", t.Context(), io.MultiReader(reader(), iotest.ErrReader(io.ErrUnexpectedEOF)), 9 << 20, io.ErrUnexpectedEOF},
		{"reader that gives nothing", t.Context(), idle{}, 9, io.ErrNoProgress},
		{"cancelled on the way", cancelled, io.MultiReader(bytes.NewReader(some), doing(cancel), reader()), 9 << 20, context.Canceled},
		{"no limit given", t.Context(), reader(), 0, errAny},
	} {
		_, err := b.Put(c.ctx, b.aud, b.key, newID(t, c.name), c.in, c.limit)
		wantErr(t, c.name, err, c.want)
		if left := b.left(t); len(left) != 0 {
			t.Errorf("%s: left %v", c.name, left)
		}
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = b.Put(t.Context(), b.aud, b.key, newID(t, "panic"), io.MultiReader(reader(), doing(func() { panic("aborted") })), 9<<20)
	}()
	if left := b.left(t); len(left) != 0 {
		t.Errorf("panic: left %v", left)
	}
}

type neverEnding struct{}

func (neverEnding) Read(b []byte) (int, error) { return len(b), nil }

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// doing is a reader without content that does something when it is read.
type doing func()

func (d doing) Read([]byte) (int, error) { d(); return 0, io.EOF }

func TestBlobIsWrittenOnce(t *testing.T) {
	t.Parallel()
	b := newBlobs(t)
	id := newID(t, "x")
	var wg sync.WaitGroup
	results := make([]error, 8)
	for i := range results {
		wg.Go(func() {
			_, results[i] = b.Put(t.Context(), b.aud, b.key, id, strings.NewReader(fmt.Sprint("writer ", i)), 99)
		})
	}
	wg.Wait()
	winner := -1
	for i, err := range results {
		if err == nil && winner < 0 {
			winner = i
			continue
		}
		wantErr(t, "a second writer", err, ErrBlobExists)
	}
	got, err := b.read(id)
	must(t, err)
	if string(got) != fmt.Sprint("writer ", winner) {
		t.Errorf("winner %d, content %q", winner, got)
	}
	if left := b.left(t); len(left) != 2 { // it, and the note that it is held
		t.Errorf("left %v", left)
	}
}

func TestSweepTakesOldRemainsOnly(t *testing.T) {
	t.Parallel()
	b := newBlobs(t)
	id := newID(t, "x")
	b.put(t, id, []byte("kept"))
	for _, name := range []string{"dead", "writing"} {
		up, err := b.folder.Create(t.Context(), newID(t, name))
		must(t, err)
		_, err = up.Write([]byte("sealed"))
		must(t, err)
	}
	hour := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	must(t, os.Chtimes(b.folder.path(id), hour, hour))
	must(t, os.Chtimes(b.folder.path(newID(t, "dead"))+partSuffix, hour, hour))
	must(t, os.Chtimes(b.folder.path(newID(t, "writing"))+partSuffix, hour.Add(time.Hour), hour.Add(time.Hour)))
	n, err := b.folder.Sweep(t.Context(), hour.Add(time.Minute))
	must(t, err)
	if left := b.left(t); n != 1 || len(left) != 3 {
		t.Errorf("swept %d, left %v", n, left)
	}
	_, err = b.read(id)
	must(t, err)
}

// While a blob is being written its folder, and no other, holds it, sealed.
func TestNothingInClearWhileWriting(t *testing.T) {
	// Not parallel: it sets TMPDIR for the process.
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "there is no such folder"))
	b := newBlobs(t)
	canary := []byte("the canary sang at noon")
	looked := false
	look := doing(func() {
		for _, path := range b.left(t) {
			raw, err := os.ReadFile(path)
			must(t, err)
			if bytes.Contains(raw, canary) {
				t.Errorf("clear text in %s", path)
			}
			looked = looked || len(raw) > 2*chunkSize && strings.HasSuffix(path, partSuffix)
		}
	})
	content := bytes.Repeat(canary, 10_000)
	_, err := b.Put(t.Context(), b.aud, b.key, newID(t, "x"), io.MultiReader(bytes.NewReader(content), look), 1<<20)
	must(t, err)
	if !looked {
		t.Error("the test looked at nothing")
	}
	look()
}
