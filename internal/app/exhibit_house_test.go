package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/desk/notice"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
	"sanad/packs"
)

// Words that the tests of exhibits add to a copy of the invented country.
const (
	vault     = "vault" // a compartment of the police
	vaultSeat = "xx-custodian-1"
	porter    = "xx-porter-1" // reads what the custodian reads, and takes nothing out of the vault
	court     = "xx-court"
	bureau    = "xx-office"
)

// vaultPack is a copy of xx in which the police have a compartment, and a role that reads it.
func vaultPack(t *testing.T) string {
	t.Helper()
	files, err := packs.Open("xx")
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "xx")
	err = os.CopyFS(folder, files)
	if err != nil {
		t.Fatal(err)
	}
	more := map[string]string{
		"compartments.yaml": "  - {id: vault, secrecy: child}\n",
		"roles.yaml": "  - {id: custodian, held_by: xx-office, reads: [handling, child, vault], seats: [xx-custodian-1]}\n" +
			"  - {id: porter, held_by: xx-office, reads: [handling, child, vault], seats: [xx-porter-1]}\n",
		"policies.cedar": vaultPolicies,
	}
	for _, l := range []string{"en", "fr", "ar"} {
		words := map[string]string{"en": "Vault", "fr": "Coffre", "ar": "خزنة"}[l]
		more["messages/"+l+".yaml"] = "compartment.vault: " + words + " 1\nrole.custodian: " + words + " 2\nrole.porter: " + words + " 3\n"
	}
	for name, text := range more {
		at := filepath.Join(folder, name)
		b, err := os.ReadFile(at)
		if err == nil {
			err = os.Chmod(at, 0o600)
		}
		if err == nil {
			err = os.WriteFile(at, append(append(bytes.TrimRight(b, "\n"), '\n'), text...), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// vaultPolicies stand beside those of the invented country: officers give out what they open, and what is in the vault is the
// custodian's.
const vaultPolicies = `
@id("vault.both")
permit (principal, action in [Action::"open", Action::"export"], resource)
when { principal in [Role::"officer", Role::"head", Role::"custodian", Role::"porter"] };
@id("vault.others")
forbid (principal, action in [Action::"open", Action::"export"], resource)
when { resource.compartments.contains(Compartment::"vault") }
unless { principal in Role::"custodian" };
`

var vaultRules = exhibits.Rules{Police: vault, Courts: []string{court}, AddressOnly: []string{"exposure"}}

// evidenceHouse is a house with rules about exhibits, in a folder, and what it logged.
func evidenceHouse(t *testing.T, folder, url string, c *clock) (*house, *bytes.Buffer) {
	t.Helper()
	var logged bytes.Buffer
	h, err := build(t.Context(), plan{
		folder: folder, url: url, pack: vaultPack(t), serve: true, legal: c.now, process: c.now, dice: newSeeded("evidence"),
		log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := h.shut()
		if err != nil {
			t.Error(err)
		}
	})
	withRules(h)
	return h, &logged
}

func withRules(h *house) {
	h.exhibits.Rules = vaultRules
	maps.Copy(h.clerk.Deciders, vaultRules.Deciders())
	h.clerk.Deciders[notice.KindReceived] = exhibits.Carrying(notice.KindReceived)
}

// squares is a picture of two coloured halves, which no two calls with another seed share.
func squares(seed uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 64, 48))
	for y := range 48 {
		for x := range 64 {
			c := color.NRGBA{R: seed, G: 40, B: 200, A: 255}
			if x < 32 {
				c = color.NRGBA{R: 220, G: seed, B: 30, A: 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func pngFile(t *testing.T, seed uint8) []byte {
	t.Helper()
	var b bytes.Buffer
	err := png.Encode(&b, squares(seed))
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const plantedPlace = "33 deg 58 min N planted"

// photo is a JPEG that says where it was taken.
func photo(t *testing.T, seed uint8) []byte {
	t.Helper()
	var b bytes.Buffer
	err := jpeg.Encode(&b, squares(seed), nil)
	if err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00" + plantedPlace
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2))
	return bytes.Join([][]byte{b.Bytes()[:2], segment, []byte(exif), b.Bytes()[2:]}, nil)
}

var why = exhibits.Reason{Code: "assess", Text: "to see what the notice is about"}

// add gives a file to an officer's notice and returns the act that binds it.
func (p *player) add(file []byte) act.ID {
	p.t.Helper()
	v := p.view("xx-officer-1")
	done, err := p.h.exhibits.Add(p.t.Context(), p.seat("xx-officer-1"), p.file, v.Acts[0].ID, v.Seen, exhibits.About{Name: "holiday.jpg"}, bytes.NewReader(file))
	if err != nil {
		p.t.Fatal(err)
	}
	return done.Acts[0].ID
}

// addCommand is a bare exhibit.added.
func (p *player) addCommand(file, like act.ID, seen int64) clerk.Command {
	p.t.Helper()
	return clerk.Command{Mandate: p.seat("xx-officer-1"), File: file, Kind: exhibits.KindAdded, Seen: seen, Like: like}
}

// bind is a bare exhibit.added of the first version, which binds what is held.
func (p *player) bind(like act.ID, seen int64, held *clerk.Held) clerk.Command {
	p.t.Helper()
	cmd := p.addCommand(p.file, like, seen)
	cmd.Act = act.Act{
		Version: 1, Facts: act.NewFacts(map[string]act.Value{"blob": act.OfID(held.Blob), "blob_key": act.OfID(held.Key)}),
		Commits: []act.Commit{{Name: "sealed", Sum: held.Sealed}}, Body: []byte(`{"name":"a","media":"text/plain","size":1}`),
	}
	return cmd
}

// exhibit is one of the file as a seat sees it; nil where it sees none.
func (p *player) exhibit(seat string, binding act.ID) *exhibits.Exhibit {
	p.t.Helper()
	for _, e := range exhibits.Of(p.view(seat).Acts) {
		if e.Act == binding {
			return &e
		}
	}
	return nil
}

// everyWay tries all there is to get the bytes of an exhibit out, with looks that were good once, and returns what came out by
// the name of the way.
func (p *player) everyWay(seat string, binding act.ID, looks ...act.ID) (out map[string][]byte, errs map[string]error) {
	p.t.Helper()
	x, ctx, who := p.h.exhibits, p.t.Context(), p.seat(seat)
	out, errs = map[string][]byte{}, map[string]error{}
	drawn := func(name string, r *exhibits.Rendered, err error) {
		errs[name] = err
		if r != nil {
			out[name] = r.Bytes
		}
	}
	read := func(name string, r io.ReadCloser, err error) {
		errs[name] = err
		if err != nil {
			return
		}
		b, rerr := io.ReadAll(r)
		errs[name] = errors.Join(rerr, r.Close())
		out[name] = b
	}
	for _, to := range []string{court, bureau} {
		d, err := x.Give(ctx, who, binding, exhibits.Gift{To: to, Reason: why})
		if d == nil {
			read("give "+to, nil, err)
		} else {
			read("give "+to, d, err)
		}
	}
	r, err := x.Copy(ctx, who, binding, exhibits.Gift{To: bureau, Reason: why})
	drawn("copy", r, err)
	d, err := x.Read(ctx, who, binding, why)
	if d == nil {
		read("read", nil, err)
	} else {
		read("read", d, err)
	}
	in, err := x.Open(ctx, who, binding)
	read("open", in, err)
	look, err := x.OpenVeiled(ctx, who, binding, why)
	errs["open veiled"] = err
	if err == nil {
		looks = append(looks, look)
	}
	look, err = x.Unveil(ctx, who, binding, why)
	errs["unveil"] = err
	if err == nil {
		looks = append(looks, look)
	}
	for i, look := range looks {
		r, err := x.Show(ctx, who, look)
		drawn("show "+string(rune('1'+i)), r, err)
	}
	return out, errs
}

// holds searches everything on the disc and every column of bytes for some bytes in clear.
func holds(t *testing.T, root string, clear []byte) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, clear) {
			found = append(found, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// cutAfter gives n bytes and then the line breaks.
func cutAfter(file []byte, n int) io.Reader {
	return io.MultiReader(bytes.NewReader(file[:n]), brokenReader{})
}

// bound counts the acts of a kind in the whole log.
func bound(t *testing.T, h *house, kind string) (n int) {
	t.Helper()
	err := h.db.Read(context.Background(), func(tx *store.Tx) error {
		return tx.QueryRow(context.Background(), "SELECT count(*) FROM act WHERE kind = ?", kind).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// withFiles is a notice as the street door would send it, without its files.
func withFiles(h *house, code byte, situation string, minor bool) clerk.Command {
	cmd := newNotice(h, code)
	cmd.Act.Facts = act.NewFacts(map[string]act.Value{"situation": act.OfCode(situation), "minor": act.OfBool(minor)})
	return cmd
}

// refusedWith wants a refusal of a code, by a message, that tells nothing of a file's name.
func refusedWith(t *testing.T, err error, code fault.Code, key string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Code != code || f.Key != key {
		t.Fatalf("%v, want %s: %s", err, code, key)
	}
	if strings.Contains(err.Error(), "holiday") {
		t.Fatalf("an error names a file: %v", err)
	}
}
