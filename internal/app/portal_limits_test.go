package app

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Whoever begins uploads again and again is asked to wait, though not one of them became a notice.
func TestUploadsBegunAreCounted(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	v := newVisitor(t, h, "en")
	body, media := upload(t, "situation", "contact", "where", "https://game.example/u/7", "text", "told", "minor", "false", "language", "en", "one.txt", "the beginning of a file")
	cut := string(body[:bytes.Index(body, []byte("beginning"))])
	begun := 0
	for begun < 100 {
		w := call(v.h, "POST", "/api/v1/notices", media, cut)
		if w.Code == http.StatusTooManyRequests {
			if w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"key":"web.too_many"`) {
				t.Fatal(w.Header(), w.Body)
			}
			break
		}
		if w.Code != http.StatusBadRequest {
			t.Fatal(w.Code, w.Body)
		}
		begun++
	}
	if begun != 60 {
		t.Fatalf("%d uploads were begun", begun)
	}
	c.move(time.Hour)
	if w := call(v.h, "POST", "/api/v1/notices", media, string(body)); w.Code != http.StatusCreated {
		t.Fatal(w.Code, w.Body)
	}
	if n := len(blobFiles(t, h.folder)); n != 1 {
		t.Fatalf("%d blobs are left, one was sent whole", n)
	}
}

// No two houses hash codes alike.
func TestEveryHouseHasItsKeyOfCodes(t *testing.T) {
	t.Parallel()
	one, other := benchHouse(t, "sqlite"), benchHouse(t, "sqlite") // of true dice
	if one.notice.CodeKey == [32]byte{} || one.notice.CodeKey == other.notice.CodeKey {
		t.Fatal("the key of codes is no secret")
	}
}
