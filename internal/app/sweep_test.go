package app

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
)

// heldNotes lists what is held and not known to be bound.
func (h *house) heldNotes(t *testing.T) []seal.Held {
	t.Helper()
	list, err := h.blobs.Held(t.Context(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// What was sealed and never bound is erased, key and bytes, once no upload can be under way that it belongs to; what an act names
// stays, also where the list of exhibits lost it.
func TestUnboundEvidenceIsErased(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		ctx := context.Background()
		h := testHouse(t, t.TempDir(), url, newClock())
		v := newVisitor(t, h, "en")
		body, media := upload(t, "situation", "contact", "where", "https://game.example/u/7", "one.txt", "bound and listed", "two.txt", "bound and lost from the list")
		if w := call(v.h, "POST", "/api/v1/notices", media, string(body)); w.Code != http.StatusCreated {
			t.Fatal(w.Code, w.Body)
		}
		bound := h.heldNotes(t)
		if len(bound) != 2 {
			t.Fatalf("%d notes", len(bound))
		}
		var like act.ID
		err := h.db.Write(ctx, func(tx *store.Tx) error {
			var b []byte
			err := tx.QueryRow(ctx, "SELECT act FROM notice").Scan(&b)
			if err != nil {
				return err
			}
			like = act.ID(b)
			_, err = tx.Exec(ctx, "DELETE FROM exhibit WHERE id = ?", bound[0].Blob[:])
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		left, err := h.clerk.Hold(ctx, h.notice.Intake, like, strings.NewReader("bound by nothing"), 1<<10)
		if err != nil {
			t.Fatal(err)
		}
		// Too young: it may belong to an upload that is under way, here or in another process.
		n, err := h.clerk.Sweep(ctx, time.Now().Add(-time.Hour))
		if err != nil || n != 0 || len(h.heldNotes(t)) != 3 || h.blobFiles(t) != 3 {
			t.Fatalf("swept %d, %v; %d files", n, err, h.blobFiles(t))
		}
		n, err = h.clerk.Sweep(ctx, time.Now().Add(time.Hour))
		if err != nil || n != 1 || len(h.heldNotes(t)) != 0 || h.blobFiles(t) != 2 {
			t.Fatalf("swept %d, %v; %d notes, %d files", n, err, len(h.heldNotes(t)), h.blobFiles(t))
		}
		gone, err := h.keeper.Destroyed(ctx, left.Key)
		if err != nil || !gone {
			t.Fatalf("its key is there: %v", err)
		}
		for _, b := range bound {
			gone, err = h.keeper.Destroyed(ctx, b.Key)
			if err != nil || gone {
				t.Fatalf("the key of bound evidence was destroyed: %v", err)
			}
		}
		n, err = h.clerk.Sweep(ctx, time.Now().Add(time.Hour))
		if err != nil || n != 0 {
			t.Fatal(n, err)
		}
	})
}

// An erasure that was cut half way is finished by the next.
func TestErasureIsFinished(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h := testHouse(t, t.TempDir(), "", newClock())
	ok := accept(t, h, "the first")
	left, err := h.clerk.Hold(ctx, h.notice.Intake, ok.Act, strings.NewReader("bound by nothing"), 1<<10)
	if err != nil {
		t.Fatal(err)
	}
	err = h.keeper.Destroy(ctx, left.Key)
	if err != nil {
		t.Fatal(err)
	}
	// A note that was cut while it was written: nothing was sealed under it.
	name := filepath.Join(h.folder, blobsFolder, "held", ok.File.String())
	err = os.WriteFile(name, []byte("abc"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	n, err := h.clerk.Sweep(ctx, time.Now().Add(time.Hour))
	if err != nil || n != 1 || len(h.heldNotes(t)) != 0 || h.blobFiles(t) != 0 {
		t.Fatalf("swept %d, %v; %d files", n, err, h.blobFiles(t))
	}
	_, err = os.Stat(name)
	if !os.IsNotExist(err) {
		t.Fatal(err)
	}
}
