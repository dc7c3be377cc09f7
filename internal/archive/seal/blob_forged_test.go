package seal

import (
	"bytes"
	"os"
	"testing"
)

// Stored bytes are compared with all of the hash that a receipt gave.
func TestCheckComparesTheWholeHash(t *testing.T) {
	t.Parallel()
	b := newBlobs(t)
	id := newID(t, "x")
	sealed := b.put(t, id, []byte("exhibit")).Sealed
	must(t, b.Check(t.Context(), id, sealed))
	for i := range sealed {
		other := sealed
		other[i] ^= 1
		wantErr(t, "another hash", b.Check(t.Context(), id, other), ErrSealBroken)
	}
}

// One content has one form: whoever holds the key can't end a blob with a chunk that holds nothing, nor go on after its last.
func TestABlobHasOneForm(t *testing.T) {
	t.Parallel()
	b := newBlobs(t)
	id := newID(t, "x")
	content := noise(chunkSize)
	b.put(t, id, content)
	raw, err := os.ReadFile(b.folder.path(id))
	must(t, err)
	head := raw[:blobHeadSize]
	aead, err := b.cipher(t.Context(), b.aud, b.key, id, [blobSaltSize]byte(head[len(blobMagic):]))
	must(t, err)
	chunk := func(i uint64, last bool, plain []byte) []byte { return aead.Seal(nil, chunkNonce(i, last), plain, nil) }
	for what, forged := range map[string][][]byte{
		"as it was":              {chunk(0, true, content)},
		"an empty last chunk":    {chunk(0, false, content), chunk(1, true, nil)},
		"two last chunks":        {chunk(0, true, content), chunk(1, true, []byte("more"))},
		"no last chunk":          {chunk(0, false, content)},
		"a number left out":      {chunk(0, false, content), chunk(2, true, []byte("more"))},
		"the first number twice": {chunk(0, false, content), chunk(0, true, []byte("more"))},
	} {
		must(t, os.WriteFile(b.folder.path(id), bytes.Join(append([][]byte{head}, forged...), nil), 0o600))
		got, err := b.read(id)
		if what == "as it was" {
			must(t, err)
			if !bytes.Equal(got, content) {
				t.Errorf("%s: %d bytes", what, len(got))
			}
			continue
		}
		wantErr(t, what, err, ErrSealBroken)
	}
}
