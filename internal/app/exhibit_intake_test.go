package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
)

// Files come before their notice: sealed for those who will read it, and bound with it in one commit.
func TestFilesWithANotice(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h, _ := evidenceHouse(t, t.TempDir(), url, c)
		for i, minor := range []bool{true, false, true} { // the audience is made by the first, found by the third
			cmd := withFiles(h, byte(i+1), "contact", minor)
			files := [][]byte{photo(t, byte(i)), pngFile(t, byte(i)), []byte("what they wrote to me")}
			var held []*exhibits.Held
			for _, f := range files {
				got, err := h.exhibits.Take(t.Context(), cmd, "../../etc/holiday.jpg", bytes.NewReader(f), exhibits.MaxPublic)
				if err != nil {
					t.Fatal(err)
				}
				held = append(held, got)
			}
			if held[0].Media != "jpeg" || !held[0].Picture || held[2].Media != "text" || held[2].Picture || held[1].Size != int64(len(files[1])) {
				t.Fatalf("%+v", held)
			}
			cmd.Input = held
			before := tally(t, h)
			done, err := h.clerk.Do(t.Context(), cmd)
			if err != nil {
				t.Fatal(err)
			}
			if after := tally(t, h); after["hash"] != before["hash"]+1 || after["act"] != before["act"]+4 || after["exhibit"] != before["exhibit"]+3 {
				t.Fatalf("%v became %v", before, after)
			}
			p := newPlayer(t, h, c)
			p.file = done.File
			for j, a := range done.Acts[1:] {
				if a.Kind != exhibits.KindAdded || a.Version != 2 || a.Audience != done.Acts[0].Audience {
					t.Fatalf("%+v", a)
				}
				about, err := h.exhibits.About(t.Context(), p.seat("xx-officer-1"), a.ID)
				sum := sha256.Sum256(files[j])
				if err != nil || about.Name != "holiday.jpg" || !bytes.Equal(about.Clear, sum[:]) {
					t.Fatalf("%+v %v", about, err)
				}
				d, err := h.exhibits.Give(t.Context(), p.seat("xx-officer-1"), a.ID, exhibits.Gift{To: court, Reason: why})
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(d)
				if err != nil || !bytes.Equal(got, files[j]) || d.Close() != nil {
					t.Fatal(err, len(got))
				}
			}
			// Where a party may be a minor, who does not read of children sees nothing of it.
			_, err = h.exhibits.About(t.Context(), p.seat("xx-trainee-1"), done.Acts[1].ID)
			if minor != (fault.CodeOf(err) == fault.NotFound) {
				t.Fatalf("minor %t: %v", minor, err)
			}
		}
		h.sound(t)
	})
}

// What was sealed for others than those who will read the notice is not bound; a notice that fails takes its files along.
func TestFilesOfARefusedNotice(t *testing.T) {
	t.Parallel()
	folder, c := t.TempDir(), newClock()
	h, _ := evidenceHouse(t, folder, "", c)
	cmd := withFiles(h, 1, "contact", false)
	held, err := h.exhibits.Take(t.Context(), cmd, "holiday.jpg", bytes.NewReader(pngFile(t, 1)), exhibits.MaxPublic)
	if err != nil {
		t.Fatal(err)
	}
	before := tally(t, h)
	other := withFiles(h, 1, "contact", true)
	other.Input = []*exhibits.Held{held}
	_, err = h.clerk.Do(t.Context(), other)
	refusedWith(t, err, fault.Invalid, "error.act_form")
	err = h.exhibits.Drop(t.Context(), err, held)
	refusedWith(t, err, fault.Invalid, "error.act_form")
	if left := blobFiles(t, folder); len(left) > 0 || tally(t, h)["act"] != before["act"] {
		t.Fatalf("left %v", left)
	}
	held, err = h.exhibits.Take(t.Context(), cmd, "holiday.jpg", bytes.NewReader(pngFile(t, 1)), exhibits.MaxPublic)
	if err == nil {
		err = h.exhibits.Drop(t.Context(), nil, held)
	}
	if left := blobFiles(t, folder); err != nil || len(left) > 0 {
		t.Fatal(left, err)
	}
	for _, input := range []any{"a word", make([]*exhibits.Held, exhibits.MostAtOnce+1)} {
		cmd.Input = input
		_, err = h.clerk.Do(t.Context(), cmd)
		refusedWith(t, err, fault.Invalid, "error.act_form")
	}
}

// What is refused on its way in leaves nothing: no act, no sealed bytes, no key that anything names, nothing in clear.
func TestIntakeLeavesNothing(t *testing.T) {
	folder, c := t.TempDir(), newClock()
	t.Setenv("TMPDIR", "/proc/no/such/folder") // where nobody, root neither, can make a file
	h, logged := evidenceHouse(t, folder, "", c)
	p := newPlayer(t, h, c)
	p.receive(new(false))
	v, officer := p.view("xx-officer-1"), p.seat("xx-officer-1")
	random := make([]byte, 3<<20)
	_, _ = io.ReadFull(newSeeded("noise"), random)
	file := append(photo(t, 7), random...)
	before := tally(t, h)
	for _, x := range []struct {
		name  string
		r     func() io.Reader
		limit int64
		code  fault.Code
		key   string
	}{
		{"cut in its header", func() io.Reader { return cutAfter(file, 40) }, 1 << 30, fault.Unavailable, "exhibit.not_kept"},
		{"cut in the middle", func() io.Reader { return cutAfter(file, len(file)/2) }, 1 << 30, fault.Unavailable, "exhibit.not_kept"},
		{"cut before its end", func() io.Reader { return cutAfter(file, len(file)) }, 1 << 30, fault.Unavailable, "exhibit.not_kept"},
		{"too long", func() io.Reader { return bytes.NewReader(file) }, 1 << 20, fault.Invalid, "exhibit.too_large"},
		{"empty", func() io.Reader { return strings.NewReader("") }, 1 << 20, fault.Invalid, "exhibit.empty"},
		{"of too many pixels", func() io.Reader { return io.MultiReader(bytes.NewReader(hugeHeader()), bytes.NewReader(random)) }, 1 << 30, fault.Invalid, "exhibit.picture.pixels"},
	} {
		_, err := h.exhibits.Take(t.Context(), withFiles(h, 9, "contact", false), "holiday.jpg", x.r(), x.limit)
		refusedWith(t, err, x.code, x.key)
		if x.limit < 1<<30 && x.key == "exhibit.too_large" {
			continue // Add has its own limit
		}
		_, err = h.exhibits.Add(t.Context(), officer, p.file, v.Acts[0].ID, v.Seen, exhibits.About{Name: "holiday.jpg"}, x.r())
		refusedWith(t, err, x.code, x.key)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := h.exhibits.Take(ctx, withFiles(h, 9, "contact", false), "holiday.jpg", io.MultiReader(bytes.NewReader(file), hook(cancel), bytes.NewReader(file)), 1<<30)
	if err == nil {
		t.Fatal("somebody who hung up left a file")
	}
	if left := blobFiles(t, folder); len(left) > 0 {
		t.Fatalf("left %v", left)
	}
	after := tally(t, h)
	if after["act"] != before["act"] || after["exhibit"] != 0 {
		t.Fatalf("%v became %v", before, after)
	}
	// One that is kept is nowhere in clear, and needed no file of its own on the way.
	kept := p.add(file)
	if found := holds(t, folder, random[:1000]); len(found) > 0 {
		t.Fatalf("in clear in %v", found)
	}
	if found := holds(t, folder, []byte(plantedPlace)); len(found) > 0 {
		t.Fatalf("in clear in %v", found)
	}
	if p.exhibit("xx-officer-1", kept).Media != "jpeg" {
		t.Fatal("not known for what it is")
	}
	if strings.Contains(logged.String(), "holiday") {
		t.Fatal("the log names a file")
	}
}

// hook does something when it is read, and gives nothing.
type hook func()

func (h hook) Read([]byte) (int, error) {
	h()
	return 0, io.EOF
}

// hugeHeader begins a PNG of 50 000 by 50 000 pixels.
func hugeHeader() []byte {
	ihdr := binary.BigEndian.AppendUint32([]byte("IHDR"), 50_000)
	ihdr = append(binary.BigEndian.AppendUint32(ihdr, 50_000), 1, 0, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(out, ihdr...), crc32.ChecksumIEEE(ihdr))
}

// A picture of 50 000 by 50 000 pixels in 40 kB is refused in next to no memory.
func TestHugePictureIsRefusedCheaply(t *testing.T) { //nolint:paralleltest // counts what the whole process allocates
	c := newClock()
	h, _ := evidenceHouse(t, t.TempDir(), "", c)
	cmd := withFiles(h, 1, "contact", false)
	file := append(hugeHeader(), make([]byte, 40_000)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := h.exhibits.Take(t.Context(), cmd, "a", bytes.NewReader(file), exhibits.MaxPublic)
	runtime.ReadMemStats(&after)
	refusedWith(t, err, fault.Invalid, "exhibit.picture.pixels")
	took := after.TotalAlloc - before.TotalAlloc
	t.Logf("took %d kB", took>>10)
	if took > 16<<20 {
		t.Fatalf("took %d bytes to refuse", took)
	}
}

// About some situations no file is taken, and not a byte of it is read.
func TestAddressOnly(t *testing.T) {
	t.Parallel()
	c := newClock()
	h, _ := evidenceHouse(t, t.TempDir(), "", c)
	unread := hook(func() { t.Error("a byte was asked for") })
	_, err := h.exhibits.Take(t.Context(), withFiles(h, 1, "exposure", true), "a", unread, 1<<20)
	refusedWith(t, err, fault.Invalid, "exhibit.address_only")
	done, err := h.clerk.Do(t.Context(), withFiles(h, 2, "exposure", true))
	if err != nil {
		t.Fatal(err)
	}
	p := newPlayer(t, h, c)
	_, err = h.exhibits.Add(t.Context(), p.seat("xx-officer-1"), done.File, done.Acts[0].ID, done.Acts[0].Seq+1, exhibits.About{Name: "a"}, unread)
	refusedWith(t, err, fault.Invalid, "exhibit.address_only")
	// Nor by what was sealed before the situation was said: the door itself asks.
	cmd := withFiles(h, 3, "contact", true)
	held, err := h.exhibits.Take(t.Context(), cmd, "a", bytes.NewReader(pngFile(t, 1)), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	add := p.addCommand(done.File, done.Acts[0].ID, done.Acts[0].Seq+1)
	add.Input = held
	_, err = h.clerk.Do(t.Context(), add)
	refusedWith(t, err, fault.Invalid, "exhibit.address_only")
	// And nobody binds anything but by the room.
	add.Input = nil
	_, err = h.clerk.Do(t.Context(), add)
	refusedWith(t, err, fault.Invalid, "error.act_form")
	err = h.exhibits.Drop(t.Context(), nil, held)
	if err != nil {
		t.Fatal(err)
	}
}

// Whoever hangs up once everything was sent has given it: it is bound, and what they hear is no error.
func TestAddSurvivesItsCaller(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h, _ := evidenceHouse(t, t.TempDir(), url, c)
		p := newPlayer(t, h, c)
		p.receive(yes())
		v, officer := p.view("xx-officer-1"), p.seat("xx-officer-1")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		file := pngFile(t, 3)
		err := h.db.Write(t.Context(), func(tx *store.Tx) error { // holds the clerk up
			_, err := tx.Exec(t.Context(), "UPDATE head SET access = access WHERE id = 1")
			go func() {
				_, err := h.exhibits.Add(ctx, officer, p.file, v.Acts[0].ID, v.Seen, exhibits.About{Name: "a"}, bytes.NewReader(file))
				done <- err
			}()
			for deadline := time.After(10 * time.Second); !sealed(t, h.folder); {
				select {
				case <-deadline:
					return errors.New("nothing was sealed")
				case <-time.After(5 * time.Millisecond):
				}
			}
			cancel()
			return err
		})
		if got := <-done; err != nil || got != nil {
			t.Fatal(err, got)
		}
		if list, err := h.exhibits.List(t.Context(), officer, p.file); err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
	})
}

// Evidence stays where nobody knows whether its act was recorded, and is removed where it is known that it was not.
func TestEvidenceOfAnUnknownOutcomeStays(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		why   error
		stays bool
	}{
		"refused":                      {fault.Invalid.New("error.act_form"), false},
		"the database wrote nothing":   {fault.Unavailable.New("error.unavailable"), false},
		"lost while it was committing": {fault.Unavailable.New("error.outcome_unknown").Because(errors.Join(clerk.ErrUnknown, errors.New("the line was cut"))), true},
		"nobody waited any more":       {fmt.Errorf("record: %w", context.Canceled), true},
		"nobody waited that long":      {fmt.Errorf("record: %w", context.DeadlineExceeded), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			h, _ := evidenceHouse(t, t.TempDir(), "", c)
			p := newPlayer(t, h, c)
			p.receive(yes())
			held, err := h.clerk.Hold(t.Context(), p.seat("xx-officer-1"), p.view("xx-officer-1").Acts[0].ID, strings.NewReader("evidence"), 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			err = h.clerk.Release(t.Context(), held, x.why)
			if !errors.Is(err, x.why) {
				t.Errorf("%v was answered by %v", x.why, err)
			}
			if left := blobFiles(t, h.folder); len(left) == 1 != x.stays {
				t.Errorf("%v are left", left)
			}
		})
	}
}

// sealed reports whether a blob stands in a folder, whole: until then it is written beside its place.
func sealed(t *testing.T, folder string) bool {
	t.Helper()
	return slices.ContainsFunc(blobFiles(t, folder), func(path string) bool { return filepath.Ext(path) == "" })
}

// An act of the first version binds what it always bound, and its bytes say what they are.
func TestFirstVersionStaysValid(t *testing.T) {
	t.Parallel()
	c := newClock()
	h, _ := evidenceHouse(t, t.TempDir(), "", c)
	delete(h.clerk.Deciders, exhibits.KindAdded)
	p := newPlayer(t, h, c)
	p.receive(yes())
	officer := p.seat("xx-officer-1")
	old := func(file []byte) act.ID {
		v := p.view("xx-officer-1")
		held, err := h.clerk.Hold(t.Context(), officer, v.Acts[0].ID, bytes.NewReader(file), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		done, err := h.clerk.Do(t.Context(), p.bind(v.Acts[0].ID, v.Seen, held))
		if err != nil {
			t.Fatal(err)
		}
		return done.Acts[0].ID
	}
	text, picture := old([]byte("old evidence")), old(photo(t, 1))
	r, err := h.exhibits.Open(t.Context(), officer, text)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil || string(b) != "old evidence" || r.Close() != nil {
		t.Fatalf("%q %v", b, err)
	}
	_, err = h.exhibits.Open(t.Context(), officer, picture)
	refusedWith(t, err, fault.ClosedGate, "exhibit.open_first")
	_, err = h.exhibits.Read(t.Context(), officer, picture, why)
	refusedWith(t, err, fault.ClosedGate, "exhibit.open_first")
	look, err := h.exhibits.OpenVeiled(t.Context(), officer, picture, why)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.exhibits.Show(t.Context(), officer, look)
	if err != nil {
		t.Fatal(err)
	}
	withRules(h)
	err = h.exhibits.Withhold(t.Context(), officer, picture, "")
	if !errors.Is(err, seal.ErrSealBroken) { // its body, made up above, has no sum of these bytes
		t.Fatal(err)
	}
}
