package seal

import (
	"testing"

	"sanad/internal/act"
)

// Keys that were made ready are what they are when each is read by itself, and are not read again; what can't be made ready says why
// when it is used.
func TestReady(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	k := openKeeper(t, folder, "1")
	one, two := audience(t, k, "a", "police", "child"), audience(t, k, "b", "police")
	const many = mostAsked + 3 // more than one statement
	ids, others := take(t, k, one, many), take(t, k, two, 2)
	want := make([]Key, many)
	for i, id := range ids {
		link, err := k.LinkKey(t.Context(), one, id)
		must(t, err)
		want[i] = link
	}
	must(t, k.Destroy(t.Context(), others[0]))
	must(t, k.Close())

	k = openKeeper(t, folder, "2")
	unknown := act.ID{15: 1}
	must(t, k.Ready(t.Context(), append([]act.ID{unknown, others[0], others[1]}, ids...), anyUse))
	must(t, k.Ready(t.Context(), nil, anyUse))
	_, err := k.LinkKey(t.Context(), two, others[0])
	wantErr(t, "a destroyed key", err, ErrDestroyed)
	_, err = k.LinkKey(t.Context(), two, unknown)
	wantErr(t, "an unknown key", err, ErrUnknownKey)
	must(t, k.store.read.Close()) // from here on nothing is read
	for i, id := range ids {
		link, err := k.LinkKey(t.Context(), one, id)
		must(t, err)
		if link != want[i] {
			t.Fatalf("key %d is another", i)
		}
	}
	_, err = k.LinkKey(t.Context(), two, others[1])
	must(t, err)
	_, err = k.LinkKey(t.Context(), one, others[1])
	wantErr(t, "under another audience", err, ErrWrongAudience)
}

// What was made ready before something was erased is forgotten like all that is remembered.
func TestReadyForgets(t *testing.T) {
	t.Parallel()
	k := openKeeper(t, keysFolder(t), "1")
	aud := audience(t, k, "a", "police")
	ids := take(t, k, aud, 2)
	must(t, k.mem.bump())
	must(t, k.Ready(t.Context(), ids, anyUse))
	must(t, k.Destroy(t.Context(), ids[0]))
	_, err := k.LinkKey(t.Context(), aud, ids[0])
	wantErr(t, "a destroyed key", err, ErrDestroyed)
	must(t, k.Ready(t.Context(), ids, anyUse))
	_, err = k.LinkKey(t.Context(), aud, ids[0])
	wantErr(t, "a destroyed key made ready", err, ErrDestroyed)
}
