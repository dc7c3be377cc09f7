package seal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sanad/internal/act"
)

func TestRoundTripAndReopen(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	k := openKeeper(t, folder, "1")
	aud := audience(t, k, "a", "police", "child")
	ids := take(t, k, aud, 3)
	bodies := []string{"", "x", strings.Repeat("long ", 10_000)}
	var sealed [][]byte
	for i, body := range bodies {
		sealed = append(sealed, sealBody(t, k, aud, ids[i], body))
		if len(sealed[i]) != len(body)+73 {
			t.Errorf("sealed %d bytes as %d", len(body), len(sealed[i]))
		}
		mustOpen(t, k, aud, ids[i], sealed[i], body)
	}
	link, err := k.LinkKey(t.Context(), aud, ids[0])
	must(t, err)
	secret, err := k.Derive("stems")
	must(t, err)
	name, err := k.SealName("compartment", aud.ID, []byte("Défense"))
	must(t, err)
	must(t, k.Close())
	_, err = opens(t, k, aud, ids[0], sealed[0])
	wantErr(t, "open after Close", err, ErrClosed)
	_, err = k.Derive("stems")
	wantErr(t, "derive after Close", err, ErrClosed)

	k = openKeeper(t, folder, "2")
	slices.Reverse(aud.Compartments) // the order of the set says nothing
	for i, body := range bodies {
		mustOpen(t, k, aud, ids[i], sealed[i], body)
	}
	again, err := k.LinkKey(t.Context(), aud, ids[0])
	must(t, err)
	if again != link {
		t.Error("the link changed with a restart")
	}
	secretAgain, err := k.Derive("stems")
	must(t, err)
	other, err := k.Derive("codes")
	must(t, err)
	if secret != secretAgain || secret == other {
		t.Error("a derived secret is not stable, or the same for two purposes")
	}
	text, err := k.OpenName("compartment", aud.ID, name)
	must(t, err)
	if string(text) != "Défense" {
		t.Errorf("name opened as %q", text)
	}
	_, err = k.OpenName("other", aud.ID, name)
	wantErr(t, "name for another purpose", err, ErrSealBroken)
	_, err = k.OpenName("compartment", ids[0], name)
	wantErr(t, "name of another id", err, ErrSealBroken)
	for i := range name {
		bad := bytes.Clone(name)
		bad[i] ^= 0x10
		_, err = k.OpenName("compartment", aud.ID, bad)
		wantErr(t, fmt.Sprintf("name with byte %d changed", i), err, ErrSealBroken)
	}
}

func TestEmptyAudienceIsRefusedByEveryRoute(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, keysFolder(t), "")
	aud := audience(t, k, "a", "police")
	key := take(t, k, aud, 1)[0]
	sealed := sealBody(t, k, aud, key, "x")
	folder, err := OpenFolder(t.TempDir())
	must(t, err)
	blobs := NewBlobs(k, folder)
	_, err = blobs.Put(t.Context(), aud, key, key, strings.NewReader("x"), 9)
	must(t, err)
	for name, empty := range map[string]Audience{
		"nil": {ID: aud.ID}, "zero": {}, "empty": {ID: aud.ID, Compartments: []act.ID{}},
	} {
		ctx := t.Context()
		_, err := k.Take(ctx, empty, 1)
		wantErr(t, name+" Take", err, ErrEmptyAudience)
		_, err = k.Take(ctx, empty, 0)
		wantErr(t, name+" Take none", err, ErrEmptyAudience)
		_, err = k.SealBody(ctx, empty, key, nil, [32]byte{}, nil)
		wantErr(t, name+" SealBody", err, ErrEmptyAudience)
		_, _, err = k.OpenBody(ctx, empty, key, []byte("act"), sealed)
		wantErr(t, name+" OpenBody", err, ErrEmptyAudience)
		_, err = k.LinkKey(ctx, empty, key)
		wantErr(t, name+" LinkKey", err, ErrEmptyAudience)
		_, err = blobs.Put(ctx, empty, key, newID(t, "b"), strings.NewReader("x"), 9)
		wantErr(t, name+" Put", err, ErrEmptyAudience)
		_, err = blobs.Open(ctx, empty, key, key)
		wantErr(t, name+" Open", err, ErrEmptyAudience)
	}
	for _, text := range [][]byte{nil, {}, make([]byte, 15)} {
		_, err = k.store.write.ExecContext(t.Context(), "INSERT INTO audience (id, compartments) VALUES (randomblob(16), ?)", text)
		if err == nil {
			t.Errorf("the store took an audience of %d bytes of compartments", len(text))
		}
	}
	// A store whose owner got round the CHECK still opens nothing.
	k.store.write.SetMaxOpenConns(1)
	runSQL(t, k, "PRAGMA ignore_check_constraints = 1")
	runSQL(t, k, "UPDATE audience SET compartments = x''")
	forgetAll(k)
	_, err = opens(t, k, aud, key, sealed)
	wantErr(t, "emptied in the store", err, ErrSealBroken)
	wantErr(t, "a zero compartment", k.EnsureCompartment(t.Context(), act.ID{}), errAny)
}

func TestEveryCompartmentIsNeeded(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	k := openKeeper(t, folder, "1")
	aud := audience(t, k, "a", "police", "child", "bank")
	key := take(t, k, aud, 1)[0]
	sealed := sealBody(t, k, aud, key, "secret")

	for i := range aud.Compartments {
		less := Audience{aud.ID, slices.Delete(slices.Clone(aud.Compartments), i, i+1)}
		_, err := opens(t, k, less, key, sealed)
		wantErr(t, "one compartment left out", err, ErrWrongAudience)
		_, err = k.Take(t.Context(), less, 1)
		wantErr(t, "take with one left out", err, ErrWrongAudience)

		// A key service that withholds one compartment withholds everything.
		root, err := OpenRoot(folder, seeded("r"))
		must(t, err)
		without, err := Open(t.Context(), folder, withholding{root, aud.Compartments[i]}, seeded("w"))
		must(t, err)
		_, err = opens(t, without, aud, key, sealed)
		wantErr(t, "one compartment's key withheld", err, errWithheld)
		must(t, without.Close())
	}

	// Each of the keys goes into the audience's: with another one in its place nothing opens.
	for _, c := range aud.Compartments {
		another, err := k.newEdition(t.Context(), edition{c, 1})
		must(t, err)
		var right []byte
		must(t, k.store.read.QueryRow("SELECT wrapped FROM compartment WHERE id = ?", c[:]).Scan(&right))
		runSQL(t, k, "UPDATE compartment SET wrapped = ? WHERE id = ?", another, c[:])
		forgetAll(k)
		_, err = opens(t, k, aud, key, sealed)
		wantErr(t, "another compartment key in the place of one", err, ErrSealBroken)
		runSQL(t, k, "UPDATE compartment SET wrapped = ? WHERE id = ?", right, c[:])
		forgetAll(k)
		mustOpen(t, k, aud, key, sealed, "secret")
	}

	// And so does a store in which one was cut out of the set: no "or" can be written into it.
	runSQL(t, k, "UPDATE audience SET compartments = substr(compartments, 1, 32)")
	forgetAll(k)
	_, err := opens(t, k, aud, key, sealed)
	wantErr(t, "set shortened in the store", err, ErrSealBroken)
	runSQL(t, k, "UPDATE key SET wrapped = CAST(substr(wrapped, 1, 9) || substr(wrapped, 14) AS BLOB)")
	_, err = opens(t, k, aud, key, sealed)
	wantErr(t, "set and versions shortened in the store", err, ErrSealBroken)
}

func TestWrongAudienceKeyBinding(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, keysFolder(t), "")
	a := audience(t, k, "a", "police")
	b := audience(t, k, "b", "police", "bank")
	keyA, keyB := take(t, k, a, 2), take(t, k, b, 1)
	sealed := sealBody(t, k, a, keyA[0], "secret")

	_, err := opens(t, k, b, keyA[0], sealed)
	wantErr(t, "another audience", err, ErrWrongAudience)
	_, err = opens(t, k, Audience{b.ID, a.Compartments}, keyA[0], sealed)
	wantErr(t, "another audience's name", err, ErrWrongAudience)
	_, err = opens(t, k, a, keyA[1], sealed)
	wantErr(t, "another key of the audience", err, ErrSealBroken)
	_, err = opens(t, k, b, keyB[0], sealed)
	wantErr(t, "a key of another audience", err, ErrSealBroken)
	_, _, err = k.OpenBody(t.Context(), a, keyA[0], []byte("acu"), sealed)
	wantErr(t, "another binding", err, ErrSealBroken)
	_, err = opens(t, k, a, newID(t, "nowhere"), sealed)
	wantErr(t, "an unknown key", err, ErrUnknownKey)
	_, err = opens(t, k, a, act.ID{}, sealed)
	wantErr(t, "no key", err, ErrUnknownKey)
	_, err = k.Take(t.Context(), Audience{newID(t, "c"), []act.ID{newID(t, "never ensured")}}, 1)
	wantErr(t, "a compartment without a key", err, ErrUnknownCompartment)
	_, err = k.Take(t.Context(), Audience{a.ID, b.Compartments}, 1)
	wantErr(t, "an audience with other compartments", err, ErrWrongAudience)

	for i := range sealed {
		for _, flip := range []byte{0x01, 0x80} {
			bad := bytes.Clone(sealed)
			bad[i] ^= flip
			_, err = opens(t, k, a, keyA[0], bad)
			wantErr(t, fmt.Sprintf("byte %d changed", i), err, ErrSealBroken)
		}
		_, err = opens(t, k, a, keyA[0], sealed[:i])
		wantErr(t, fmt.Sprintf("cut to %d bytes", i), err, ErrSealBroken)
	}

	// A wrapped key put in another's place in the store opens nothing.
	runSQL(t, k, "UPDATE key SET wrapped = (SELECT wrapped FROM key WHERE id = ?2) WHERE id = ?1", keyA[0][:], keyA[1][:])
	forgetAll(k)
	_, err = opens(t, k, a, keyA[0], sealed)
	wantErr(t, "a key exchanged in the store", err, ErrSealBroken)
	_, err = k.LinkKey(t.Context(), a, keyA[0])
	wantErr(t, "link key of a key exchanged in the store", err, ErrSealBroken)
}

func TestSeededDiceGiveTheSameKeys(t *testing.T) {
	t.Parallel()
	run := func() (out []byte) {
		folder := keysFolder(t)
		k := openKeeper(t, folder, "")
		aud := audience(t, k, "a", "police", "bank")
		pub := audience(t, k, "pub", "public")
		for _, n := range []int{1, 3, 40, 0, 200} {
			for _, id := range append(take(t, k, aud, n), take(t, k, pub, 2)...) {
				out = append(out, id[:]...)
			}
		}
		key := take(t, k, aud, 1)[0]
		out = append(out, sealBody(t, k, aud, key, "same")...)
		must(t, k.Rotate(t.Context(), aud.Compartments[0]))
		secret, err := k.Derive("x")
		must(t, err)
		out = append(out, secret[:]...)
		blobs, err := OpenFolder(filepath.Join(folder, "blobs"))
		must(t, err)
		receipt, err := NewBlobs(k, blobs).Put(t.Context(), aud, key, key, strings.NewReader("picture"), 99)
		must(t, err)
		out = append(out, receipt.Sealed[:]...)
		root, err := os.ReadFile(filepath.Join(folder, rootFile))
		must(t, err)
		rows, err := k.store.read.Query("SELECT wrapped FROM key ORDER BY seq")
		must(t, err)
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var wrapped []byte
			must(t, rows.Scan(&wrapped))
			out = append(out, wrapped...)
		}
		must(t, rows.Err())
		return append(out, root...)
	}
	if !bytes.Equal(run(), run()) {
		t.Error("two runs on the same dice differ")
	}
}

func TestTakeCommitsSeldomAndKeepsBlanksAcrossFailure(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, keysFolder(t), "")
	aud := audience(t, k, "a", "police")
	count := func() (n int) {
		if next := k.pools[aud.ID].next; next != nil {
			<-next.ended
		}
		must(t, k.store.read.QueryRow("SELECT count(*) FROM key").Scan(&n))
		return n
	}
	for _, step := range []struct{ take, rows int }{{1, 32}, {31, 32}, {1, 96}, {63, 96}, {1, 224}, {95, 224}, {1, 480}, {1000, 1480}, {37, 1480}, {1, 3480}, {1749, 3480}, {1, 5528}} {
		take(t, k, aud, step.take)
		if count() != step.rows {
			t.Fatalf("after taking %d there are %d keys, want %d", step.take, count(), step.rows)
		}
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := k.Take(done, aud, 5000)
	wantErr(t, "a cancelled refill", err, context.Canceled)
	if got := len(take(t, k, aud, 3)); got != 3 {
		t.Errorf("took %d", got)
	}
	_, err = k.Take(t.Context(), aud, -1)
	wantErr(t, "a negative number", err, errAny)
}

func TestKeysAreNeverPrinted(t *testing.T) {
	t.Parallel()
	var key Key
	copy(key[:], "\x41\x42\x43\x44 forty-two secret bytes ...")
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%c", "%U"} {
		fmt.Fprintf(&out, verb+" "+verb+"\n", key, &key)
		fmt.Fprintf(&out, verb+"\n", struct{ K Key }{key})
	}
	text, err := json.Marshal(map[string]any{"k": key, "m": material{link: key}})
	must(t, err)
	out.Write(text)
	slog.New(slog.NewTextHandler(&out, nil)).Info("key", slog.Any("key", key), slog.Any("ptr", &key), slog.Any("in", struct{ K Key }{key}))
	slog.New(slog.NewJSONHandler(&out, nil)).Info("key", slog.Any("key", key), slog.Any("in", struct{ K Key }{key}))
	for _, leak := range []string{"ABCD", "41424344", "4142434", "65 66 67", "QUJDR", "0x41", "101 102", "U+0041", "A B C"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("printed %q:\n%s", leak, out.String())
		}
	}
	if !strings.Contains(out.String(), redacted) {
		t.Error("nothing was printed at all")
	}
}

func TestDeadDice(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), keysFolder(t), nil, zeros{})
	wantErr(t, "dice of zeros", err, ErrDice)
	_, err = Open(t.Context(), keysFolder(t), nil, strings.NewReader("short"))
	wantErr(t, "dice that end", err, io.ErrUnexpectedEOF)
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
