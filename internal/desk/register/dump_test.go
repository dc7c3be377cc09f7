package register_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"sanad/internal/act"
	"sanad/internal/archive/proof"
	"sanad/internal/desk/register"
	"sanad/internal/desk/register/registertest"
	"sanad/internal/kit/fault"
)

// download asks for the newest dump as anybody does.
func download(t *testing.T, h *registertest.House) []byte {
	t.Helper()
	w := registertest.Scenario{Name: "dump", API: true, Target: "/register/dump", Status: 200}.Play(t, h.Site)
	if w.Header().Get("ETag") == "" || w.Header().Get("Content-Type") != "application/jsonl" {
		t.Errorf("%v", w.Header())
	}
	return w.Body.Bytes()
}

// A dump holds every entry up to its head; the log says how many, up to which act, and the file's SHA-256. Where nothing was
// entered since, none is made; the files of old ones go.
func TestDump(t *testing.T) {
	t.Parallel()
	registertest.OnBoth(t, func(t *testing.T, h *registertest.House) {
		_, err := h.Public.Dump(t.Context())
		if fault.CodeOf(err) != fault.Unavailable {
			t.Fatalf("before any checkpoint: %v", err)
		}
		platform := h.Platform("Gamo")
		publish(t, h, platform, reasons("un"), decided...)
		h.Checkpoint()
		publish(t, h, platform, reasons("deux"), decided...) // newer than the checkpoint: tomorrow's
		first, err := h.Public.Dump(t.Context())
		if err != nil || first.Entries != 1 {
			t.Fatalf("%+v %v", first, err)
		}
		h.Checkpoint()
		old := download(t, h)
		if sha256.Sum256(old) != first.Sum {
			t.Fatal("the log names another file than the one that is handed out")
		}
		o, err := h.Clerk.OpenPublic(t.Context(), first.Act)
		if err != nil || o.Kind != register.KindDumped || !o.Mandate.IsZero() || len(o.Commits) != 1 || o.Commits[0].Sum != first.Sum {
			t.Fatalf("%+v %v", o, err)
		}
		var kinds []string
		checked, err := proof.CheckDump(bytes.NewReader(old), h.Verifier, func(c *proof.Checked) error {
			kinds = append(kinds, c.Envelope.Kind)
			return nil
		})
		if err != nil || checked.Last.ID != first.Head || checked.File != h.Register || len(kinds) != 2 || kinds[1] != register.KindEntered {
			t.Fatalf("%+v %v %v", checked, kinds, err)
		}
		again, err := h.Public.Dump(t.Context())
		if err != nil || again.Number != first.Number {
			t.Fatalf("nothing new, and yet %+v %v", again, err)
		}
		for i := range 10 {
			publish(t, h, platform, reasons(string(rune('a'+i))), decided...)
			h.Checkpoint()
			d, err := h.Public.Dump(t.Context())
			if err != nil || d.Entries != int64(3+i) {
				t.Fatalf("%+v %v", d, err)
			}
			h.Checkpoint()
		}
		files, err := os.ReadDir(h.Public.Folder)
		if err != nil || len(files) != 8 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		// The older dump is the beginning of the newer, act by act: nothing that was once handed out is written anew.
		var before, now [][]byte
		collect := func(to *[][]byte) func(c *proof.Checked) error {
			return func(c *proof.Checked) error {
				b, err := act.Encode(c.Envelope)
				*to = append(*to, append(b, c.Body...))
				return err
			}
		}
		if _, err := proof.CheckDump(bytes.NewReader(old), h.Verifier, collect(&before)); err != nil {
			t.Fatal(err)
		}
		if _, err := proof.CheckDump(bytes.NewReader(download(t, h)), h.Verifier, collect(&now)); err != nil {
			t.Fatal(err)
		}
		for i := range before {
			if len(now) <= len(before) || !bytes.Equal(before[i], now[i]) {
				t.Fatalf("act %d is another in the newer dump", i)
			}
		}
		h.Acts()
	})
}

// A file that is cut off or lost is never handed out as if it were whole; half a dump is never there.
func TestDumpLost(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	publish(t, h, h.Platform("Gamo"), reasons("un"), decided...)
	h.Checkpoint()
	_, err := h.Public.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(h.Public.Folder, "*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%v %v", names, err)
	}
	if err := os.Remove(names[0]); err != nil {
		t.Fatal(err)
	}
	registertest.Scenario{Name: "lost", Target: "/register/dump", Status: 503, Has: []string{"registre"}}.Play(t, h.Site)
	h.Checkpoint()
	publish(t, h, h.Platform("Autre"), reasons("deux"), decided...)
	h.Checkpoint()
	blocked := h.Public.Folder
	h.Public.Folder = filepath.Join(blocked, "register-file")
	if err := os.WriteFile(h.Public.Folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before := h.Acts()
	if _, err := h.Public.Dump(t.Context()); err == nil {
		t.Fatal("a dump was made where no folder is")
	}
	if h.Acts() != before {
		t.Fatal("the log names a dump that was not kept")
	}
}
