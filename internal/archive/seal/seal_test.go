package seal

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"sanad/internal/act"
)

// seeded returns dice that roll the same for the same seed.
func seeded(seed string) io.Reader { return newDice(rand.NewChaCha8(sha256.Sum256([]byte(seed)))) }

func openKeeper(t testing.TB, folder, seed string) *Keeper {
	t.Helper()
	k, err := Open(t.Context(), folder, nil, seeded(t.Name()+seed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k
}

func newID(t testing.TB, seed string) act.ID {
	t.Helper()
	id, err := act.NewID(seeded("id " + seed))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// audience returns an audience of compartments that have keys.
func audience(t testing.TB, k *Keeper, name string, compartments ...string) Audience {
	t.Helper()
	aud := Audience{ID: newID(t, "audience "+name)}
	for _, c := range compartments {
		id := newID(t, "compartment "+c)
		must(t, k.EnsureCompartment(t.Context(), id))
		aud.Compartments = append(aud.Compartments, id)
	}
	return aud
}

func take(t testing.TB, k *Keeper, aud Audience, n int) []act.ID {
	t.Helper()
	ids, err := k.Take(t.Context(), aud, n)
	must(t, err)
	return ids
}

func sealBody(t testing.TB, k *Keeper, aud Audience, key act.ID, body string) []byte {
	t.Helper()
	sealed, err := k.SealBody(t.Context(), aud, key, []byte("act"), [32]byte{1, 2, 3}, []byte(body))
	must(t, err)
	return sealed
}

// opens reports the body, or the error, of opening what sealBody sealed.
func opens(t testing.TB, k *Keeper, aud Audience, key act.ID, sealed []byte) (string, error) {
	t.Helper()
	salt, body, err := k.OpenBody(t.Context(), aud, key, []byte("act"), sealed)
	if err == nil && salt != [32]byte{1, 2, 3} {
		t.Errorf("salt came back as %x", salt)
	}
	return string(body), err
}

func mustOpen(t testing.TB, k *Keeper, aud Audience, key act.ID, sealed []byte, want string) {
	t.Helper()
	got, err := opens(t, k, aud, key, sealed)
	must(t, err)
	if got != want {
		t.Fatalf("opened %q, want %q", got, want)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if err == nil || !errors.Is(want, errAny) && !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %v", what, err, want)
	}
}

// forgetAll makes the next use of every key read the store.
func forgetAll(k *Keeper) {
	k.mem.mu.Lock()
	defer k.mem.mu.Unlock()
	k.mem.forget()
}

func runSQL(t testing.TB, k *Keeper, query string, args ...any) {
	t.Helper()
	_, err := k.store.write.ExecContext(context.Background(), query, args...)
	must(t, err)
}

func keysFolder(t testing.TB) string { return filepath.Join(t.TempDir(), "keys") }
