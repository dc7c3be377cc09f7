package seal

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"sanad/internal/act"
)

// The formats never change: this opens a body and a blob from the files alone, with every constant written out,
// sharing no code with the package. Where it fails, what is sealed today could not be opened tomorrow.
func TestFormatsAreWhatTheyWere(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	k := openKeeper(t, folder, "")
	aud := audience(t, k, "a", "police", "child")
	must(t, k.Rotate(t.Context(), newID(t, "compartment child")))
	id := take(t, k, aud, 1)[0]
	sealed := sealBody(t, k, aud, id, "the body")
	link, err := k.LinkKey(t.Context(), aud, id)
	must(t, err)
	blobFolder, err := OpenFolder(filepath.Join(folder, "blobs"))
	must(t, err)
	blobID := newID(t, "blob")
	_, err = NewBlobs(k, blobFolder).Put(t.Context(), aud, id, blobID, strings.NewReader("the exhibit"), 99)
	must(t, err)

	openX := func(key, piece, ad []byte) []byte {
		t.Helper()
		aead, err := chacha20poly1305.NewX(key)
		must(t, err)
		out, err := aead.Open(nil, piece[:24], piece[24:], ad)
		must(t, err)
		return out
	}
	expand := func(key []byte, purpose string) []byte {
		t.Helper()
		out, err := hkdf.Expand(sha256.New, key, purpose, 32)
		must(t, err)
		return out
	}
	text := func(b []byte) string { return string(b) }

	root, err := os.ReadFile(filepath.Join(folder, "root.key"))
	must(t, err)
	set := slices.Clone(aud.Compartments)
	slices.SortFunc(set, func(a, b act.ID) int { return bytes.Compare(a[:], b[:]) })
	var keyWrapped []byte
	must(t, k.store.read.QueryRow("SELECT wrapped FROM key WHERE id = ?", id[:]).Scan(&keyWrapped))
	info, secret := "sanad/seal/kek/v1"+text(aud.ID[:]), []byte{}
	for i, c := range set {
		version := keyWrapped[1+4*i : 5+4*i]
		var wrapped []byte
		must(t, k.store.read.QueryRow("SELECT wrapped FROM compartment WHERE id = ? AND version = ?", c[:], binary.BigEndian.Uint32(version)).Scan(&wrapped))
		secret = append(secret, openX(root, wrapped[1:], []byte("sanad/seal/root/v1sanad/seal/compartment/v1"+text(c[:])+text(version)))...)
		info += text(c[:]) + text(version)
	}
	kek, err := hkdf.Key(sha256.New, secret, nil, info, 32)
	must(t, err)
	key := openX(kek, keyWrapped[9:], []byte("sanad/seal/key/v1"+text(aud.ID[:])+text(id[:])))

	salted := openX(expand(key, "sanad/seal/body/v1"), sealed[1:], []byte("sanad/seal/body/v1"+text(aud.ID[:])+text(id[:])+"act"))
	if got := text(salted[32:]); got != "the body" || salted[2] != 3 {
		t.Errorf("body by hand: %q", got)
	}
	if !bytes.Equal(expand(key, "sanad/seal/link/v1"), link[:]) {
		t.Error("link key by hand differs")
	}
	raw, err := os.ReadFile(filepath.Join(folder, "blobs", blobID.String()[:2], blobID.String()))
	must(t, err)
	purpose := "sanad/seal/blob/v1" + text(aud.ID[:]) + text(id[:]) + text(blobID[:]) + text(raw[8:40])
	aead, err := chacha20poly1305.New(expand(expand(key, "sanad/seal/blob/v1"), purpose))
	must(t, err)
	exhibit, err := aead.Open(nil, []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, raw[40:], nil)
	must(t, err)
	if text(exhibit) != "the exhibit" || text(raw[:8]) != "sanadbl\x01" {
		t.Errorf("exhibit by hand: %q", exhibit)
	}
}

// A derived key is what crypto/hkdf makes of it, for a purpose of any length.
func TestDerivedKeys(t *testing.T) {
	t.Parallel()
	key := Key(bytes.Repeat([]byte{7, 0, 255, 90}, keySize/4))
	for _, n := range []int{0, 1, len(bodyPurpose), 55, 64, 127, 128, 129, 1000} {
		purpose := strings.Repeat("p", n)
		want, err := hkdf.Expand(sha256.New, key[:], purpose, keySize)
		must(t, err)
		if got := key.derive(purpose); !bytes.Equal(got[:], want) {
			t.Errorf("a purpose of %d bytes gives another key than HKDF", n)
		}
	}
}
