package app

import (
	"bytes"
	"image"
	"io"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
)

// A picture is seen veiled, then in full, each time by one person, after an act of theirs, and for a while.
func TestLooking(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h, logged := evidenceHouse(t, t.TempDir(), url, c)
		p := newPlayer(t, h, c)
		p.receive(yes())
		file := photo(t, 1)
		binding := p.add(file)
		x, one, two := h.exhibits, p.seat("xx-officer-1"), p.seat("xx-officer-2")

		for _, bad := range []exhibits.Reason{{}, {Code: "assess", Text: "short"}, {Code: "curious", Text: why.Text}, {Code: "assess", Text: strings.Repeat("a", 2001)}, {Code: "assess", Text: strings.Repeat("\xff", 20)}} {
			_, err := x.OpenVeiled(t.Context(), one, binding, bad)
			refusedWith(t, err, fault.Invalid, "exhibit.reason.invalid")
		}
		_, err := x.Unveil(t.Context(), one, binding, why)
		refusedWith(t, err, fault.ClosedGate, "exhibit.open_first")
		if n := bound(t, h, exhibits.KindOpened); n != 0 {
			t.Fatalf("%d openings were recorded of none", n)
		}

		veiled, err := x.OpenVeiled(t.Context(), one, binding, why)
		if err != nil {
			t.Fatal(err)
		}
		if e := p.exhibit("xx-officer-1", binding); len(e.Looks) != 1 || e.Looks[0].Act != veiled || e.Looks[0].Mandate != one || e.Looks[0].Full || e.Looks[0].Reason != "assess" {
			t.Fatalf("%+v", e)
		}
		pic, err := x.Show(t.Context(), one, veiled)
		if err != nil {
			t.Fatal(err)
		}
		img, format, err := image.Decode(bytes.NewReader(pic.Bytes))
		if _, grey := img.(*image.Gray); err != nil || !grey || format != "png" || pic.Media != "image/png" {
			t.Fatalf("%T %s %v", img, format, err)
		}
		// Another officer needs an act of their own, for either view.
		_, err = x.Show(t.Context(), two, veiled)
		refusedWith(t, err, fault.ClosedGate, "exhibit.look_over")
		_, err = x.Unveil(t.Context(), two, binding, why)
		refusedWith(t, err, fault.ClosedGate, "exhibit.open_first")

		full, err := x.Unveil(t.Context(), one, binding, why)
		if err != nil {
			t.Fatal(err)
		}
		pic, err = x.Show(t.Context(), one, full)
		if err != nil || pic.Media != "image/jpeg" || !bytes.Contains(file, []byte(plantedPlace)) || bytes.Contains(pic.Bytes, []byte(plantedPlace)) || bytes.Contains(pic.Bytes, []byte("Exif")) {
			t.Fatal("the copy says where it was taken, or is none", err)
		}
		img, _, err = image.Decode(bytes.NewReader(pic.Bytes))
		if err != nil || img.Bounds() != squares(0).Bounds() {
			t.Fatal(err)
		}
		_, err = x.Show(t.Context(), one, veiled) // a newer look of theirs stands
		refusedWith(t, err, fault.ClosedGate, "exhibit.look_over")
		_, err = x.Unveil(t.Context(), one, binding, why) // each needs its opening
		refusedWith(t, err, fault.ClosedGate, "exhibit.open_first")
		_, err = x.Show(t.Context(), one, binding) // no look at all
		refusedWith(t, err, fault.NotFound, "error.file_unknown")
		c.move(exhibits.LookFor + time.Second)
		_, err = x.Show(t.Context(), one, full)
		refusedWith(t, err, fault.ClosedGate, "exhibit.look_over")
		veiled, err = x.OpenVeiled(t.Context(), one, binding, why)
		if err != nil {
			t.Fatal(err)
		}
		c.move(exhibits.LookFor + time.Second)
		_, err = x.Unveil(t.Context(), one, binding, why)
		refusedWith(t, err, fault.ClosedGate, "exhibit.open_first")
		_, err = x.Show(t.Context(), one, veiled)
		refusedWith(t, err, fault.ClosedGate, "exhibit.look_over")

		// The reason is sealed with the act.
		o, err := h.clerk.Open(t.Context(), two, veiled)
		if err != nil || !strings.Contains(string(o.Body), why.Text) || strings.Contains(logged.String(), why.Text) {
			t.Fatal("the reason is not kept, or in the log", err)
		}
		h.sound(t)
	})
}

// Nobody gets anything without a mandate in force that reads the file, in a role that may; nor what is no picture as one.
func TestWhoMayLook(t *testing.T) {
	t.Parallel()
	c := newClock()
	h, _ := evidenceHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	file := photo(t, 2)
	binding := p.add(file)
	look, err := h.exhibits.OpenVeiled(t.Context(), p.seat("xx-officer-1"), binding, why)
	if err != nil {
		t.Fatal(err)
	}
	before := tally(t, h)
	for seat, code := range map[string]fault.Code{
		"xx-trainee-1":     fault.NotFound,  // does not read of children
		"xx-visitor-1":     fault.NotFound,  // reads what is public
		"keeper":           fault.NotFound,  // keeps the house, and reads no file
		act.ID{7}.String(): fault.NotFound,  // nobody
		"xx-intake-1":      fault.Forbidden, // reads the file, in a role that opens nothing
		"xx-judge-1":       fault.Forbidden,
	} {
		out, errs := p.everyWay(seat, binding, look)
		for way, b := range out {
			t.Errorf("%s got %d bytes by %s", seat, len(b), way)
		}
		for way, err := range errs {
			got := fault.CodeOf(err)
			closed := code == fault.Forbidden && got == fault.ClosedGate // what comes after an opening of one's own
			if got != code && !closed {
				t.Errorf("%s, %s: %v", seat, way, err)
			}
		}
		err = h.exhibits.Withhold(t.Context(), p.seat(seat), binding, "")
		if fault.CodeOf(err) != code {
			t.Errorf("%s withholds: %v", seat, err)
		}
	}
	if after := tally(t, h); after["act"] != before["act"] {
		t.Fatalf("%v became %v", before, after)
	}
	// A mandate that ended opens nothing, though the table still names what it read.
	officer := p.seat("xx-officer-1")
	c.move(seatTerm + time.Hour)
	_, err = h.exhibits.OpenVeiled(t.Context(), officer, binding, why)
	if fault.CodeOf(err) != fault.Forbidden {
		t.Fatal(err)
	}
}

// Papers are read with a reason, as a download; texts without; neither is drawn.
func TestPapers(t *testing.T) {
	t.Parallel()
	c := newClock()
	h, _ := evidenceHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	x, one := h.exhibits, p.seat("xx-officer-1")
	paper := []byte("%PDF-1.7 harmless")
	binding := p.add(paper)
	_, err := x.Open(t.Context(), one, binding)
	refusedWith(t, err, fault.ClosedGate, "exhibit.open_first")
	_, err = x.Read(t.Context(), one, binding, exhibits.Reason{})
	refusedWith(t, err, fault.Invalid, "exhibit.reason.invalid")
	d, err := x.Read(t.Context(), one, binding, why)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(d)
	if err != nil || !bytes.Equal(got, paper) || d.Close() != nil || d.Media != "application/octet-stream" || strings.Contains(d.Name, "holiday") {
		t.Fatalf("%q %+v %v", got, d, err)
	}
	if e := p.exhibit("xx-officer-1", binding); len(e.Looks) != 1 {
		t.Fatal("it was read, and nothing says so")
	}
	_, err = x.OpenVeiled(t.Context(), one, binding, why)
	refusedWith(t, err, fault.Invalid, "exhibit.not_shown")
	_, err = x.Copy(t.Context(), one, binding, exhibits.Gift{To: bureau, Reason: why})
	refusedWith(t, err, fault.Invalid, "exhibit.not_shown")
	// A picture of a kind that is not rendered goes to a court and to nobody else.
	webp := p.add([]byte("RIFF\x10\x00\x00\x00WEBPVP8 xxxxxxxx"))
	out, _ := p.everyWay("xx-officer-1", webp)
	if len(out) != 1 || !bytes.HasPrefix(out["give "+court], []byte("RIFF")) {
		t.Fatalf("%q", out)
	}
	// One that is broken can be opened, and shows nothing.
	broken := p.add(photo(t, 3)[:80])
	look, err := x.OpenVeiled(t.Context(), one, broken, why)
	if err != nil {
		t.Fatal(err)
	}
	_, err = x.Show(t.Context(), one, look)
	refusedWith(t, err, fault.Invalid, "exhibit.not_shown")
}

// "This may be a child": from that act on nothing draws it, and only the police's compartment takes the original to a court.
func TestWithheldIsNeverSeenAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		folder, c := t.TempDir(), newClock()
		h, logged := evidenceHouse(t, folder, url, c)
		p := newPlayer(t, h, c)
		p.receive(yes())
		file := photo(t, 4)
		binding := p.add(file)
		x, one := h.exhibits, p.seat("xx-officer-1")
		veiled, err := x.OpenVeiled(t.Context(), one, binding, why)
		if err != nil {
			t.Fatal(err)
		}
		full, err := x.Unveil(t.Context(), one, binding, why)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = x.Show(t.Context(), one, full); err != nil {
			t.Fatal(err)
		}
		err = x.Withhold(t.Context(), one, binding, "may be a child")
		if err != nil {
			t.Fatal(err)
		}
		refusedWith(t, x.Withhold(t.Context(), one, binding, ""), fault.Forbidden, "exhibit.referred")

		// Everyone who read of it sees that it is there and was referred, and not a word more.
		for _, seat := range []string{"xx-officer-1", "xx-officer-2", "xx-head-1", vaultSeat} {
			e := p.exhibit(seat, binding)
			if e == nil || !e.Withheld || e.Renders() {
				t.Fatalf("%s sees %+v", seat, e)
			}
			_, err = x.About(t.Context(), p.seat(seat), binding)
			refusedWith(t, err, fault.Forbidden, "exhibit.referred")
			out, errs := p.everyWay(seat, binding, veiled, full)
			if len(out) > 0 {
				t.Fatalf("%s got something by %v", seat, out)
			}
			for way, err := range errs {
				if err == nil {
					t.Errorf("%s: %s is not refused", seat, way)
				}
			}
		}
		// Not even who can open every seal can open the old one.
		gone, err := h.keeper.Destroyed(t.Context(), oldKey(t, h, binding))
		if err != nil || !gone {
			t.Fatal("the old key is still there", err)
		}

		// The police see the sealed original; it is never drawn for them either.
		var sealed *exhibits.Exhibit
		for _, e := range exhibits.Of(p.view(vaultSeat).Acts) {
			if e.Sealed {
				sealed = &e
			}
		}
		if sealed == nil || sealed.Original != binding || sealed.Media != "jpeg" || !sealed.Picture {
			t.Fatalf("%+v", sealed)
		}
		for _, seat := range []string{"xx-officer-1", "xx-head-1", "xx-judge-1", "xx-intake-1"} {
			if p.exhibit(seat, sealed.Act) != nil {
				t.Fatalf("%s sees the police's seal", seat)
			}
			out, _ := p.everyWay(seat, sealed.Act, veiled, full)
			if len(out) > 0 {
				t.Fatalf("%s got something by %v", seat, out)
			}
		}
		out, _ := p.everyWay(vaultSeat, sealed.Act)
		if len(out) != 1 || !bytes.Equal(out["give "+court], file) {
			t.Fatalf("the custodian got %d things", len(out))
		}
		if e := p.exhibit(vaultSeat, sealed.Act); len(e.Given) != 1 || e.Given[0].To != court || !e.Given[0].Original {
			t.Fatalf("%+v", e)
		}
		// In another role the compartment is not enough.
		if p.exhibit(porter, sealed.Act) == nil {
			t.Fatal("the porter does not read of it, and proves nothing")
		}
		_, err = x.Give(t.Context(), p.seat(porter), sealed.Act, exhibits.Gift{To: court, Reason: why})
		refusedWith(t, err, fault.Forbidden, "exhibit.referred")
		if out, _ := p.everyWay(porter, sealed.Act, veiled, full); len(out) > 0 {
			t.Fatalf("the porter got %d things", len(out))
		}

		if strings.Contains(logged.String(), "holiday") || strings.Contains(logged.String(), "may be a child") {
			t.Fatal("the log tells")
		}
		h.sound(t)
		var states []int64
		err = h.db.Read(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.Query(t.Context(), "SELECT withheld FROM exhibit WHERE picture = 1 AND media = 'jpeg' ORDER BY withheld")
			if err != nil {
				return err
			}
			defer rows.Close() //nolint:errcheck // the test's own
			for rows.Next() {
				var n int64
				err = rows.Scan(&n)
				if err != nil {
					return err
				}
				states = append(states, n)
			}
			return rows.Err()
		})
		if err != nil || len(states) != 2 || states[0] != 1 || states[1] != 2 {
			t.Fatal(states, err)
		}
	})
}

// Nobody records what becomes of an exhibit by another way than the room's.
func TestWithholdingIsTheRoomsAlone(t *testing.T) {
	t.Parallel()
	c := newClock()
	h, _ := evidenceHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	binding := p.add(photo(t, 5))
	for _, kind := range []string{exhibits.KindOpened, exhibits.KindUnveiled, exhibits.KindWithheld, exhibits.KindGiven} {
		_, err := h.clerk.Do(t.Context(), clerk.Command{
			Mandate: p.seat("xx-officer-1"), File: p.file, Kind: kind, Seen: p.view("xx-officer-1").Seen, Like: binding,
			Act: act.Act{Facts: act.NewFacts(map[string]act.Value{"exhibit": act.OfID(binding), "reason": act.OfCode("assess")}), Body: []byte(plainBody)},
		})
		refusedWith(t, err, fault.Invalid, "error.act_form")
	}
	// Where the pack names no compartment of the police nothing is pretended.
	h.exhibits.Rules.Police = ""
	refusedWith(t, h.exhibits.Withhold(t.Context(), p.seat("xx-officer-1"), binding, ""), fault.Unavailable, "exhibit.no_police")
	h.exhibits.Rules.Police = vault
	// Two officers, two openings: neither ends the other's.
	one, err := h.exhibits.OpenVeiled(t.Context(), p.seat("xx-officer-1"), binding, why)
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.exhibits.OpenVeiled(t.Context(), p.seat("xx-officer-2"), binding, why)
	if err != nil {
		t.Fatal(err)
	}
	for seat, look := range map[string]act.ID{"xx-officer-1": one, "xx-officer-2": two} {
		if _, err := h.exhibits.Show(t.Context(), p.seat(seat), look); err != nil {
			t.Fatal(seat, err)
		}
	}
}

// A crash between the act and the deed, or an older copy of the keys, leaves the old key: it is destroyed when the house opens.
func TestWithheldKeysAreDestroyedAgain(t *testing.T) {
	t.Parallel()
	c := newClock()
	h, _ := evidenceHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	binding := p.add(photo(t, 6))
	key := oldKey(t, h, binding)
	err := h.db.Write(t.Context(), func(tx *store.Tx) error { // as it stands when the act is committed and the key is not gone
		_, err := tx.Exec(t.Context(), "UPDATE exhibit SET withheld = 1 WHERE key = ?", key[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err = h.exhibits.Finish(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		gone, err := h.keeper.Destroyed(t.Context(), key)
		if err != nil || !gone {
			t.Fatal("the key is still there", err)
		}
	}
	refusedWith(t, func() error {
		_, err := h.exhibits.Give(t.Context(), p.seat("xx-officer-1"), binding, exhibits.Gift{To: court, Reason: why})
		return err
	}(), fault.NotFound, "exhibit.erased")
}

// oldKey is the key of what an act binds.
func oldKey(t *testing.T, h *house, binding act.ID) (key act.ID) {
	t.Helper()
	err := h.db.Read(t.Context(), func(tx *store.Tx) error {
		var b []byte
		err := tx.QueryRow(t.Context(), "SELECT key FROM exhibit WHERE act = ?", binding[:]).Scan(&b)
		key = act.ID(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return key
}
