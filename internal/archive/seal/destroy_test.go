package seal

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sanad/internal/act"
)

// wrappedRows returns the bytes of every wrapped key as the store has them now, without the version bytes that
// all have in common.
func wrappedRows(t testing.TB, k *Keeper) map[act.ID][]byte {
	t.Helper()
	out := map[act.ID][]byte{}
	rows, err := k.store.read.Query("SELECT id, wrapped FROM key")
	must(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, wrapped []byte
		must(t, rows.Scan(&id, &wrapped))
		if len(wrapped) > 64 {
			out[act.ID(id)] = wrapped[len(wrapped)-64:]
		}
	}
	must(t, rows.Err())
	return out
}

// onDisc returns everything in the folder of keys, and wants to find something there.
func onDisc(t testing.TB, folder string) []byte {
	t.Helper()
	var all []byte
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	must(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		all = append(all, b...)
	}
	return all
}

// found counts how many of the pieces, none longer than 64 bytes, stand anywhere in all: each whole piece, or
// any aligned quarter of it, which a page that was half overwritten would still show.
func found(all []byte, pieces [][]byte) int {
	quarters := map[[16]byte]int{}
	for i, p := range pieces {
		for q := range 4 {
			quarters[[16]byte(p[16*q:])] = i
		}
	}
	hit := map[int]bool{}
	for i := 0; i+16 <= len(all); i++ {
		if n, ok := quarters[[16]byte(all[i:])]; ok {
			hit[n] = true
		}
	}
	return len(hit)
}

func TestDestroyErasesFromTheDisc(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	k := openKeeper(t, folder, "")
	var ids []act.ID
	for i := range 7 { // audiences of many sizes, so that rows are of many lengths and lie mixed
		names := []string{"police", "child", "bank", "defence", "case", "platform", "press"}
		aud := audience(t, k, fmt.Sprint(i), names[:i+1]...)
		for range 3 {
			ids = append(ids, take(t, k, aud, 70+10*i)...)
		}
	}
	must(t, k.Rotate(t.Context(), newID(t, "compartment police")))
	must(t, k.Rotate(t.Context(), newID(t, "compartment bank")))
	before := wrappedRows(t, k)
	var all [][]byte
	for _, w := range before {
		all = append(all, w)
	}
	if n := found(onDisc(t, folder), all); n != len(all) {
		t.Fatalf("the test sees %d of %d keys that are there", n, len(all))
	}

	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	gone := ids[:len(ids)/2]
	for part := gone; len(part) > 0; {
		n := min(len(part), 1+random.IntN(200))
		must(t, k.Destroy(t.Context(), part[:n]...))
		part = part[n:]
	}
	must(t, k.Destroy(t.Context(), gone[:5]...))

	var erased, kept [][]byte
	for _, id := range gone {
		erased = append(erased, before[id])
	}
	for _, id := range ids[len(gone):] {
		kept = append(kept, before[id])
	}
	if n := found(onDisc(t, folder), erased); n != 0 {
		t.Errorf("%d of %d destroyed keys are still on the disc", n, len(erased))
	}
	if n := found(onDisc(t, folder), kept); n != len(kept) {
		t.Errorf("%d of %d keys that nobody destroyed are there", n, len(kept))
	}
	wal, err := os.Stat(filepath.Join(folder, storeFile+"-wal"))
	must(t, err)
	if wal.Size() != 0 {
		t.Errorf("the log still has %d bytes", wal.Size())
	}
	for i, id := range ids {
		destroyed, err := k.Destroyed(t.Context(), id)
		must(t, err)
		if destroyed != (i < len(gone)) {
			t.Errorf("key %d: destroyed is %t", i, destroyed)
		}
	}
	var integrity string
	must(t, k.store.read.QueryRow("PRAGMA integrity_check").Scan(&integrity))
	if integrity != "ok" {
		t.Error(integrity)
	}
}

func TestDestroyTakesEffectEverywhereAtOnce(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	one, two := openKeeper(t, folder, "1"), openKeeper(t, folder, "2")
	aud := audience(t, one, "a", "police")
	keys := take(t, one, aud, 2)
	sealed := sealBody(t, one, aud, keys[0], "gone soon")
	other := sealBody(t, one, aud, keys[1], "stays")
	mustOpen(t, one, aud, keys[0], sealed, "gone soon")
	mustOpen(t, two, aud, keys[0], sealed, "gone soon") // and remembers the key

	must(t, one.Destroy(t.Context(), keys[0]))
	for _, k := range []*Keeper{one, two} {
		_, err := opens(t, k, aud, keys[0], sealed)
		wantErr(t, "open", err, ErrDestroyed)
		_, err = k.SealBody(t.Context(), aud, keys[0], nil, [32]byte{}, nil)
		wantErr(t, "seal", err, ErrDestroyed)
		_, err = k.LinkKey(t.Context(), aud, keys[0])
		wantErr(t, "link key", err, ErrDestroyed)
		mustOpen(t, k, aud, keys[1], other, "stays")
	}
}

// What was read before an erasure may not be remembered after it.
func TestKeyReadBeforeAnErasureIsNotKeptAfterIt(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, keysFolder(t), "")
	aud := audience(t, k, "a", "police")
	key := take(t, k, aud, 1)[0]
	sealed := sealBody(t, k, aud, key, "x")
	forgetAll(k)
	_, epoch, ok, err := recall(k.mem, &k.mem.keys, key)
	must(t, err)
	if ok {
		t.Fatal("remembered")
	}
	slow, err := k.load(t.Context(), key, anyUse) // a slow reader has the key …
	must(t, err)
	must(t, k.Destroy(t.Context(), key)) // … while it is destroyed, and others have already seen that …
	_, err = opens(t, k, aud, key, sealed)
	wantErr(t, "open", err, ErrDestroyed)
	keep(k.mem, &k.mem.keys, key, slow, epoch)
	_, err = opens(t, k, aud, key, sealed) // … and must not bring it back.
	wantErr(t, "open", err, ErrDestroyed)
}

// While somebody reads an older state the log cannot be cut: the key is refused already, and Destroy says that
// its bytes are not gone yet.
func TestDestroySaysWhenTheLogIsStillRead(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	k, reader := openKeeper(t, folder, "1"), openKeeper(t, folder, "2")
	aud := audience(t, k, "a", "police")
	key := take(t, k, aud, 1)[0]
	sealed := sealBody(t, k, aud, key, "x")
	wrapped := wrappedRows(t, k)[key]
	runSQL(t, k, "PRAGMA busy_timeout = 20")
	tx, err := reader.store.read.BeginTx(t.Context(), nil)
	must(t, err)
	var n int
	must(t, tx.QueryRow("SELECT count(*) FROM key").Scan(&n))

	wantErr(t, "destroy while read", k.Destroy(t.Context(), key), ErrStillRead)
	_, err = opens(t, k, aud, key, sealed)
	wantErr(t, "open", err, ErrDestroyed)
	must(t, tx.Rollback())
	must(t, k.Destroy(t.Context(), key))
	if found(onDisc(t, folder), [][]byte{wrapped}) != 0 {
		t.Error("the key is still on the disc")
	}
}

func TestRestoredOldStoreIsToldAgain(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	k := openKeeper(t, folder, "1")
	aud := audience(t, k, "a", "police")
	first := take(t, k, aud, 1)[0]
	sealed := sealBody(t, k, aud, first, "old")
	must(t, k.Close())
	backup, err := os.ReadFile(filepath.Join(folder, storeFile))
	must(t, err)

	k = openKeeper(t, folder, "2")
	second := take(t, k, aud, 1)[0] // after the backup
	must(t, k.Destroy(t.Context(), first, second))
	must(t, k.Close())

	must(t, os.WriteFile(filepath.Join(folder, storeFile), backup, 0o600))
	k = openKeeper(t, folder, "3")
	mustOpen(t, k, aud, first, sealed, "old") // the backup brought it back
	_, err = opens(t, k, aud, second, sealed)
	wantErr(t, "a key the backup never had", err, ErrUnknownKey)
	for range 2 {
		must(t, k.Destroy(t.Context(), first, second))
		for _, id := range []act.ID{first, second} {
			_, err = opens(t, k, aud, id, sealed)
			wantErr(t, "told again", err, ErrDestroyed)
		}
	}
	wantErr(t, "an empty identifier", k.Destroy(t.Context(), first, act.ID{}), errAny)
	must(t, k.Destroy(t.Context()))
}

func TestNoNameNoContentInTheStore(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	k := openKeeper(t, folder, "")
	aud := audience(t, k, "a", "police")
	const canary = "the canary sang at noon"
	key := take(t, k, aud, 1)[0]
	sealed := sealBody(t, k, aud, key, canary)
	name, err := k.SealName(canary, key, []byte(canary))
	must(t, err)
	if bytes.Contains(append(append(onDisc(t, folder), sealed...), name...), []byte("canary")) {
		t.Error("clear text on the disc")
	}
	_, _, err = k.OpenBody(t.Context(), aud, key, []byte("wrong"), sealed)
	if err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("error tells the content: %v", err)
	}
}
