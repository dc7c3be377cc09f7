package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/act"
	"sanad/internal/archive/proof"
	"sanad/internal/desk/register"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
)

// dumped is the machine's word that the register was written out, with whatever facts the kind requires.
func dumped(t *testing.T, h *house, file act.ID) clerk.Command {
	t.Helper()
	s, ok := h.kinds.Latest(act.RegisterDumped)
	if !ok {
		t.Fatal("register.dumped is not declared")
	}
	facts := map[string]act.Value{}
	for _, f := range s.Facts {
		switch f.Type {
		case act.Int:
			facts[f.Name] = act.OfInt(1)
		case act.Ident:
			facts[f.Name] = act.OfID(file)
		}
	}
	return clerk.Command{
		Kind: act.RegisterDumped, File: file,
		Act: act.Act{Facts: act.NewFacts(facts), Commits: []act.Commit{{Name: register.CommitDump, Sum: [32]byte{1}}}},
	}
}

func TestRegisterDumped(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		f := newFreezing(t, t.TempDir(), url, newClock())
		done, err := f.h.clerk.Do(t.Context(), dumped(t, f.h, f.register))
		if err != nil || len(done.Acts) != 1 || !done.Acts[0].Mandate.IsZero() || len(done.Acts[0].Commits) != 1 {
			t.Fatalf("%+v %v", done, err)
		}
		if got := f.kinds(f.register); !slices.Equal(got, append(f.opened, act.RegisterDumped)) {
			t.Fatal(got)
		}
		for what, c := range map[string]struct {
			cmd  clerk.Command
			code fault.Code
		}{
			"again":                     {dumped(t, f.h, f.register), fault.Conflict},
			"of no file":                {dumped(t, f.h, act.ID{1}), fault.NotFound},
			"of a file that is hidden":  {dumped(t, f.h, f.file), fault.NotFound},
			"without what it must hold": {clerk.Command{Kind: act.RegisterDumped, File: f.register}, fault.Conflict},
		} {
			_, err := f.h.clerk.Do(t.Context(), c.cmd)
			if fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", what, err, c.code)
			}
		}
		// What is new makes room for another; twice in one commit it is still one.
		dump := dumped(t, f.h, f.register)
		empty := dump
		empty.Act = act.Act{}
		_, errs := atOnce(t, f.h, f.assess(f.frozen(true)), empty, dump, dump)
		if errs[0] != nil || fault.CodeOf(errs[1]) != fault.Invalid || errs[2] != nil || fault.CodeOf(errs[3]) != fault.Conflict {
			t.Fatal(errs)
		}
		f.sound()
	})
}

func TestOpenPublic(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		f := newFreezing(t, t.TempDir(), url, newClock())
		done, err := f.h.clerk.Do(t.Context(), f.assess(f.frozen(true), f.frozen(false)))
		if err != nil {
			t.Fatal(err)
		}
		hidden, shown, other := done.Acts[0].ID, done.Acts[1].ID, done.Acts[2].ID
		o, err := f.h.clerk.OpenPublic(t.Context(), shown)
		if err != nil || string(o.Body) != "{}" || o.Kind != register.KindFrozen || o.Seq != done.Acts[1].Seq {
			t.Fatalf("%+v %v", o, err)
		}
		for _, id := range []act.ID{hidden, {1}, {}} {
			_, err := f.h.clerk.OpenPublic(t.Context(), id)
			if fault.CodeOf(err) != fault.NotFound {
				t.Errorf("%s: %v", id, err)
			}
		}
		all, err := f.h.clerk.OpenPublicAll(t.Context(), []act.ID{other, hidden, shown, {1}, shown})
		if err != nil || len(all) != 2 || all[shown] == nil || all[other].Kind != register.KindThawed {
			t.Fatalf("%+v %v", all, err)
		}
		all, err = f.h.clerk.OpenPublicAll(t.Context(), nil)
		if err != nil || len(all) != 0 {
			t.Fatal(all, err)
		}
		// What only some may read is not public, though its thread is in the same file.
		secret := f.frozen(true)
		secret.Add = []string{"wall.z"}
		done, err = f.h.clerk.Do(t.Context(), f.assess(secret))
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.h.clerk.OpenPublic(t.Context(), done.Acts[1].ID)
		if fault.CodeOf(err) != fault.NotFound {
			t.Fatal(err)
		}
		// An erased body is said to be erased.
		err = f.h.keeper.Destroy(t.Context(), o.Key)
		if err != nil {
			t.Fatal(err)
		}
		o, err = f.h.clerk.OpenPublic(t.Context(), shown)
		if err != nil || !o.Erased || o.Body != nil {
			t.Fatalf("%+v %v", o, err)
		}
	})
}

// The register written out is checked with nothing but the log's key; whoever changes it, leaves something out or turns it round is
// found out, by the command too.
func TestThreadWrittenOut(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		f := newFreezing(t, t.TempDir(), url, newClock())
		clk := f.h.clerk
		_, err := clk.Thread(t.Context(), f.register)
		if fault.CodeOf(err) != fault.Unavailable {
			t.Fatalf("without a checkpoint: %v", err)
		}
		for i := range 5 {
			_, err := clk.Do(t.Context(), f.assess(f.frozen(i%2 == 0)))
			if err != nil {
				t.Fatal(err)
			}
			_, err = clk.Do(t.Context(), newNotice(f.h, byte(i)))
			if err != nil {
				t.Fatal(err)
			}
		}
		walled := f.frozen(true)
		walled.Add = []string{"wall.z"}
		_, err = clk.Do(t.Context(), f.assess(walled)) // in the file, not in its public thread
		if err != nil {
			t.Fatal(err)
		}
		f.h.checkpoint(t)
		_, err = clk.Do(t.Context(), f.assess(f.frozen(false))) // after the checkpoint
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []act.ID{f.file, {1}, {}} {
			_, err := clk.Thread(t.Context(), file)
			if fault.CodeOf(err) != fault.NotFound {
				t.Errorf("%s: %v", file, err)
			}
		}
		d, err := clk.Thread(t.Context(), f.register)
		all := 5 + len(f.opened)
		if err != nil || len(d.Acts) != all {
			t.Fatalf("%+v %v", d, err)
		}
		verifier, err := note.NewVerifier(f.h.key.vkey)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		_, err = d.WriteTo(&text)
		if err != nil {
			t.Fatal(err)
		}
		again, err := clk.Thread(t.Context(), f.register)
		var same bytes.Buffer
		if err != nil {
			t.Fatal(err)
		}
		_, err = again.WriteTo(&same)
		if err != nil || !bytes.Equal(text.Bytes(), same.Bytes()) {
			t.Fatal("the same thread was written in another way", err)
		}
		bodies := 0
		got, err := proof.CheckDump(&same, verifier, func(c *proof.Checked) error {
			if c.Body != nil {
				bodies++
			}
			return nil
		})
		if err != nil || got.Acts != int64(all) || bodies != 5 || got.File != f.register || got.Of != register.Sort {
			t.Fatalf("%+v, %d bodies, %v", got, bodies, err)
		}
		lines := strings.SplitAfter(text.String(), "\n")
		left := strings.Join(slices.Delete(slices.Clone(lines), 3, 4), "")
		turned := slices.Clone(lines)
		turned[3], turned[4] = turned[4], turned[3]
		changed := *d
		changed.Acts = slices.Clone(d.Acts)
		changed.Acts[2].Opening.Body = []byte(`{"another":true}`)
		var rewritten bytes.Buffer
		_, err = changed.WriteTo(&rewritten)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			text string
			code int
		}{
			"good":     {text.String(), ExitGood},
			"left out": {left, ExitNo},
			"turned":   {strings.Join(turned, ""), ExitNo},
			"changed":  {rewritten.String(), ExitNo},
			"cut":      {text.String()[:text.Len()-9], ExitCant},
		} {
			file := filepath.Join(t.TempDir(), "register.jsonl")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			var out, errs bytes.Buffer
			env := Env{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }}
			code := Main{}.Run(t.Context(), []string{"verify", "--json", "--key", f.h.key.vkey, file}, env)
			if code != c.code {
				t.Errorf("%s: exit %d, want %d: %s%s", name, code, c.code, &out, &errs)
				continue
			}
			if code == ExitCant {
				continue
			}
			var v verdict
			err := json.Unmarshal(out.Bytes(), &v)
			if err != nil || v.OK != (code == ExitGood) || v.OK && (v.Acts != got.Size || v.Root != got.Root.String() || !strings.Contains(v.Word, fmt.Sprintf("%d acts", all))) {
				t.Errorf("%s: %+v %v", name, v, err)
			}
		}
	})
}
