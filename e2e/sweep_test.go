package e2e

import (
	"context"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sealedFiles lists what lies in the folder of evidence, by its path in it.
func sealedFiles(t *testing.T, dir string) (list []string) {
	t.Helper()
	root := filepath.Join(dir, "blobs")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // it was finished, or removed, meanwhile
		}
		if err == nil && !e.IsDir() {
			path, err = filepath.Rel(root, path)
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A server killed in the middle of an upload, when one file is sealed and the next is being written, leaves bytes that no act
// names. A server that starts while they are young leaves them alone, for they could be another's; once they are old they go.
func TestKilledUploadIsSwept(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		dir := t.TempDir()
		s := serve(t, dir, db)
		key := logKey(t, dir)
		whole, done := startUpload(t, s.public)
		done()
		resp := <-whole
		if resp == nil || resp.StatusCode != http.StatusCreated {
			t.Fatalf("an upload that was finished: %+v", resp)
		}
		bound := sealedFiles(t, dir)
		if len(bound) != 4 { // two files, and a note for each
			t.Fatalf("%q", bound)
		}
		startUpload(t, s.public)
		within(t, func() bool { // until one more file is sealed, and a part of the next written
			list := sealedFiles(t, dir)
			return len(list) == len(bound)+4 && strings.Contains(strings.Join(list, " "), ".part")
		})
		s.kill()
		left := sealedFiles(t, dir)
		s = serve(t, dir, db)
		settled(t, s)
		if now := sealedFiles(t, dir); len(now) != len(left) {
			t.Fatalf("what was young is gone: %q became %q", left, now)
		}
		s.kill()
		old := time.Now().Add(-48 * time.Hour)
		for _, name := range left {
			err := os.Chtimes(filepath.Join(dir, "blobs", name), old, old)
			if err != nil {
				t.Fatal(err)
			}
		}
		s = serve(t, dir, db)
		within(t, func() bool { return len(sealedFiles(t, dir)) == 2 }) // the two that an act names
		settled(t, s)
		if !strings.Contains(s.stderr.String(), "evidence was erased that no act came to name") {
			t.Errorf("nobody was told: %s", s.stderr)
		}
		s.stop()
		verify(t, dir, db, key)
	})
}

// settled waits until a server has done what it does at its start.
func settled(t *testing.T, s *server) {
	t.Helper()
	got := mustPost(t, s.public, "is it there?")
	within(t, func() bool {
		r, err := do(client(), mustGet(t, s.public+"/api/v1/checkpoint"))
		return err == nil && r.status == http.StatusOK && got != nil
	})
}

func mustGet(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// within waits for something that is about to happen.
func within(t *testing.T, is func() bool) {
	t.Helper()
	late := time.After(30 * time.Second)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-late:
			t.Fatal("it did not happen in 30 s")
		}
	}
}

// startUpload sends a notice with one file and a half, and the rest when it is told to.
func startUpload(t *testing.T, base string) (answer <-chan *http.Response, finish func()) {
	t.Helper()
	pr, pw := io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	w := multipart.NewWriter(pw)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/notices", pr)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	got := make(chan *http.Response, 1)
	go func() {
		resp, err := client().Do(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		got <- resp
	}()
	rest := make(chan struct{})
	go func() {
		half := strings.Repeat("what they wrote ", 1<<14)
		_ = w.WriteField("situation", "contact")
		_ = w.WriteField("where", "https://x.example/u")
		for _, name := range []string{"one.txt", "two.txt"} {
			f, err := w.CreateFormFile("files", name)
			if err == nil {
				_, err = io.WriteString(f, half)
			}
			if name == "two.txt" {
				select {
				case <-rest:
				case <-ctx.Done():
				}
			}
			if err != nil {
				return // the server is gone
			}
			_, _ = io.WriteString(f, half)
		}
		_ = pw.CloseWithError(w.Close())
	}()
	return got, func() { close(rest) }
}
