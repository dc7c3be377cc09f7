package seal

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"testing"

	"sanad/internal/act"
)

func benchKeeper(b *testing.B) (*Keeper, Audience, act.ID) {
	b.Helper()
	k, err := Open(b.Context(), keysFolder(b), nil, rand.Reader)
	must(b, err)
	b.Cleanup(func() { _ = k.Close() })
	aud := audience(b, k, "a", "police", "child")
	return k, aud, take(b, k, aud, 1)[0]
}

var bodySizes = []int{64, 512, 4096, 65536}

func BenchmarkSealBody(b *testing.B) {
	k, aud, key := benchKeeper(b)
	for _, size := range bodySizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			body := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				_, err := k.SealBody(b.Context(), aud, key, key[:], [32]byte{}, body)
				must(b, err)
			}
		})
	}
}

func BenchmarkOpenBody(b *testing.B) {
	k, aud, key := benchKeeper(b)
	for _, size := range bodySizes {
		sealed, err := k.SealBody(b.Context(), aud, key, key[:], [32]byte{}, make([]byte, size))
		must(b, err)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				_, _, err := k.OpenBody(b.Context(), aud, key, key[:], sealed)
				must(b, err)
			}
		})
		b.Run(fmt.Sprint(size, "/bare"), func(b *testing.B) { // the cipher alone, to compare with
			aead, err := (&Key{1}).cipher()
			must(b, err)
			piece := aead.Seal(make([]byte, nonceSize), make([]byte, nonceSize), make([]byte, saltSize+size), key[:])
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				_, err := aead.Open(nil, piece[:nonceSize], piece[nonceSize:], key[:])
				must(b, err)
			}
		})
		b.Run(fmt.Sprint(size, "/forgotten"), func(b *testing.B) {
			for b.Loop() {
				forgetAll(k)
				_, _, err := k.OpenBody(b.Context(), aud, key, key[:], sealed)
				must(b, err)
			}
		})
	}
}

func BenchmarkTake(b *testing.B) {
	k, aud, _ := benchKeeper(b)
	b.ReportAllocs()
	for b.Loop() {
		take(b, k, aud, 1)
	}
}

func BenchmarkDestroy(b *testing.B) {
	k, aud, _ := benchKeeper(b)
	for b.Loop() {
		must(b, k.Destroy(b.Context(), take(b, k, aud, 1)...))
	}
}

func BenchmarkBlob(b *testing.B) {
	k, aud, key := benchKeeper(b)
	folder, err := OpenFolder(b.TempDir())
	must(b, err)
	blobs := NewBlobs(k, folder)
	content := make([]byte, 8<<20)
	put := func(id act.ID) {
		_, err = blobs.Put(b.Context(), aud, key, id, bytes.NewReader(content), int64(len(content)))
		must(b, err)
	}
	b.Run("Put", func(b *testing.B) {
		b.SetBytes(int64(len(content)))
		for b.Loop() {
			put(key)
			must(b, blobs.Remove(b.Context(), key))
		}
	})
	put(key)
	b.Run("Open", func(b *testing.B) {
		b.SetBytes(int64(len(content)))
		for b.Loop() {
			r, err := blobs.Open(b.Context(), aud, key, key)
			must(b, err)
			_, err = io.Copy(io.Discard, r)
			must(b, err)
			must(b, r.Close())
		}
	})
}
