package seal

import (
	"context"
	"encoding/binary"
	"slices"
	"sync/atomic"
	"testing"

	"sanad/internal/act"
)

// fuse is a context that burns out after its error was asked for a number of times: Rotate asks between batches.
type fuse struct {
	context.Context
	left atomic.Int64
}

func (f *fuse) Err() error {
	if f.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// editions returns under how many keys of each version of the compartment keys are wrapped, and which versions
// of it the store can still unwrap.
func editions(t testing.TB, k *Keeper, aud Audience, compartment act.ID) (wrapped map[uint32]int, alive []uint32) {
	t.Helper()
	wrapped = map[uint32]int{}
	i := slices.Index(aud.set(), compartment)
	rows, err := k.store.read.Query("SELECT wrapped FROM key WHERE audience = ?", aud.ID[:])
	must(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var w []byte
		must(t, rows.Scan(&w))
		wrapped[binary.BigEndian.Uint32(w[1+4*i:])]++
	}
	must(t, rows.Err())
	versions, err := k.store.read.Query("SELECT version FROM compartment WHERE id = ? AND wrapped <> zeroblob(length(wrapped)) ORDER BY version", compartment[:])
	must(t, err)
	defer func() { _ = versions.Close() }()
	for versions.Next() {
		var v uint32
		must(t, versions.Scan(&v))
		alive = append(alive, v)
	}
	must(t, versions.Err())
	return wrapped, alive
}

func TestRotate(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	k, other := openKeeper(t, folder, "1"), openKeeper(t, folder, "2")
	a := audience(t, k, "a", "police", "child")
	b := audience(t, k, "b", "bank")
	c := audience(t, k, "c", "child", "bank", "police")
	police := newID(t, "compartment police")
	type kept struct {
		aud    Audience
		key    act.ID
		sealed []byte
	}
	var all []kept
	for _, aud := range []Audience{a, b, c} {
		for _, key := range take(t, k, aud, 100) {
			all = append(all, kept{aud, key, sealBody(t, k, aud, key, "body")})
		}
	}
	must(t, k.Destroy(t.Context(), all[0].key))
	before := wrappedRows(t, k)
	var old []byte
	must(t, k.store.read.QueryRow("SELECT wrapped FROM compartment WHERE id = ?", police[:]).Scan(&old))

	must(t, k.Rotate(t.Context(), police))

	_, err := opens(t, k, a, all[0].key, all[0].sealed)
	wantErr(t, "a destroyed key after rotation", err, ErrDestroyed)
	for _, x := range all[1:] {
		mustOpen(t, k, x.aud, x.key, x.sealed, "body")
		mustOpen(t, other, x.aud, x.key, x.sealed, "body")
	}
	for _, aud := range []Audience{a, c} {
		wrapped, alive := editions(t, k, aud, police)
		if wrapped[1] != 0 || wrapped[2] < 99 || !slices.Equal(alive, []uint32{2}) {
			t.Errorf("wrapped %v, versions alive %v", wrapped, alive)
		}
	}
	after := wrappedRows(t, k)
	var gone [][]byte
	for id, w := range before {
		same := string(after[id]) == string(w)
		if inB := slices.ContainsFunc(all, func(x kept) bool { return x.key == id && x.aud.ID == b.ID }); inB && !same {
			t.Error("a key that does not hang on the compartment was re-wrapped")
		}
		if !same {
			gone = append(gone, w)
		}
	}
	if len(gone) < 199 {
		t.Errorf("only %d keys were re-wrapped", len(gone))
	}
	disc := onDisc(t, folder)
	if n := found(disc, append(gone, old[len(old)-64:])); n != 0 {
		t.Errorf("%d old wrappings are still on the disc", n)
	}
	wantErr(t, "an unknown compartment", k.Rotate(t.Context(), newID(t, "nowhere")), ErrUnknownCompartment)
	key := take(t, other, a, 1)[0] // its pool holds none; the new ones hang on the new version
	mustOpen(t, k, a, key, sealBody(t, other, a, key, "new"), "new")
}

func TestRotationInterruptedAnywhereResumes(t *testing.T) {
	t.Parallel()
	for burn := range int64(8) {
		folder := keysFolder(t)
		k := openKeeper(t, folder, "1")
		k.batch = 20
		aud := audience(t, k, "a", "police", "child")
		police := newID(t, "compartment police")
		keys := take(t, k, aud, 90)
		var sealed [][]byte
		for _, key := range keys {
			sealed = append(sealed, sealBody(t, k, aud, key, "body"))
		}
		f := &fuse{Context: context.WithoutCancel(t.Context())}
		f.left.Store(burn)
		// database/sql asks the context too, so where exactly it burns out varies: anywhere is right.
		err := k.Rotate(f, police)
		if err == nil && burn < 2 {
			t.Fatalf("burn %d: not interrupted", burn)
		}
		// The process is gone: nothing of it is closed. Another one works on while the rotation is half done.
		k2 := openKeeper(t, folder, "2")
		k2.batch = 7
		for i, key := range keys {
			mustOpen(t, k2, aud, key, sealed[i], "body")
		}
		fresh := take(t, k2, aud, 1)[0]
		late := sealBody(t, k2, aud, fresh, "late")
		unfinished, err := k2.Unfinished(t.Context())
		must(t, err)
		wrapped, alive := editions(t, k2, aud, police)
		if len(unfinished) == 1 && !slices.Equal(alive, []uint32{1, 2}) {
			t.Errorf("burn %d: interrupted with versions %v, keys %v", burn, alive, wrapped)
		}
		for _, id := range unfinished {
			must(t, k2.Rotate(t.Context(), id))
		}
		unfinished, err = k2.Unfinished(t.Context())
		must(t, err)
		wrapped, alive = editions(t, k2, aud, police)
		if len(unfinished) != 0 || len(wrapped) != 1 || len(alive) != 1 || wrapped[alive[0]] < 90 {
			t.Errorf("burn %d: after resuming: versions %v, keys %v, unfinished %v", burn, alive, wrapped, unfinished)
		}
		for i, key := range keys {
			mustOpen(t, k2, aud, key, sealed[i], "body")
			mustOpen(t, k, aud, key, sealed[i], "body")
		}
		mustOpen(t, k2, aud, fresh, late, "late")
		must(t, k2.Close())
	}
}

func TestRotationsOfTwoCompartmentsCross(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, keysFolder(t), "")
	k.batch = 10
	aud := audience(t, k, "a", "police", "child")
	key := take(t, k, aud, 64)[40]
	sealed := sealBody(t, k, aud, key, "body")
	police, child := newID(t, "compartment police"), newID(t, "compartment child")
	// Both begun, one half way, the other finished first.
	target, err := k.beginRotation(t.Context(), police)
	must(t, err)
	if again, err := k.beginRotation(t.Context(), police); err != nil || again != target {
		t.Errorf("begun twice: %d, %v, want %d", again, err, target)
	}
	must(t, k.Rotate(t.Context(), child))
	mustOpen(t, k, aud, key, sealed, "body")
	must(t, k.Rotate(t.Context(), police))
	for _, c := range []act.ID{police, child} {
		wrapped, alive := editions(t, k, aud, c)
		if wrapped[2] != 64 || !slices.Equal(alive, []uint32{2}) {
			t.Errorf("wrapped %v, versions alive %v", wrapped, alive)
		}
	}
	forgetAll(k)
	mustOpen(t, k, aud, key, sealed, "body")
}

func TestRotationStopsAtAKeyThatDoesNotOpen(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, keysFolder(t), "")
	aud := audience(t, k, "a", "police")
	keys := take(t, k, aud, 2)
	sealed := sealBody(t, k, aud, keys[1], "body")
	runSQL(t, k, "UPDATE key SET wrapped = CAST(substr(wrapped, 1, 60) || zeroblob(17) AS BLOB) WHERE id = ?", keys[0][:])
	wantErr(t, "rotate", k.Rotate(t.Context(), aud.Compartments[0]), ErrSealBroken)
	_, alive := editions(t, k, aud, aud.Compartments[0])
	if !slices.Equal(alive, []uint32{1, 2}) {
		t.Errorf("versions alive %v", alive)
	}
	forgetAll(k)
	mustOpen(t, k, aud, keys[1], sealed, "body")
}
