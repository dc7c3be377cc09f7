package app

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/pack"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
	"sanad/internal/office/exhibits"
)

// Who opens evidence and who gives it out, under the policies of each pack that has a file in testdata/policies: every role asks
// by the door, for evidence of every audience that the pack's protocols and its police have. What comes of it is the file, word for
// word: a jurist reads it. Where it is empty -update writes it.
func TestWhoOpensAndGives(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/policies/*.txt")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		id := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			h := houseUnder(t, id, newClock())
			d := newDoor(t, h)
			var out strings.Builder
			for _, codes := range audiencesOf(h.pack) {
				d.report(&out, codes)
				d.referral(&out, codes)
			}
			want, err := os.ReadFile(file)
			if err == nil && len(want) == 0 && *update {
				want = []byte(out.String())
				err = os.WriteFile(file, want, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != string(want) {
				t.Errorf("%s says otherwise:\n%s", file, got)
			}
		})
	}
}

// audiencesOf lists the audiences of a pack's steps, with and without what joins them where in doubt, and each with the police's.
func audiencesOf(p *pack.Pack) (out [][]string) {
	add := func(codes ...string) {
		slices.Sort(codes)
		codes = slices.Compact(codes)
		if !slices.ContainsFunc(out, func(x []string) bool { return slices.Equal(x, codes) }) {
			out = append(out, codes)
		}
	}
	for i := range p.Protocols {
		for j := range p.Protocols[i].Steps {
			a := &p.Protocols[i].Steps[j].Audience
			for _, more := range [][]string{nil, p.Words("exhibit_police")} {
				add(slices.Concat(a.Compartments, more)...)
				with := slices.Concat(a.Compartments, more)
				for _, x := range a.Add {
					with = append(with, x.Compartment)
				}
				add(with...)
			}
		}
	}
	slices.SortFunc(out, slices.Compare)
	return out
}

// door is where every role of a pack asks.
type door struct {
	t     *testing.T
	h     *house
	roles []string
	seats map[string]act.ID // by role
	to    string            // an institution that gets copies
	court string            // one that gets originals; "" where the pack names none
}

func newDoor(t *testing.T, h *house) *door {
	t.Helper()
	d := &door{t: t, h: h, seats: map[string]act.ID{}, to: h.pack.Words("institutions")[0]}
	if courts := h.pack.Words("exhibit_courts"); len(courts) > 0 {
		d.court = courts[0]
	}
	for _, r := range h.pack.Roles {
		id, err := h.mandateOfSeat(t.Context(), r.Seats[0])
		if err != nil {
			t.Fatal(err)
		}
		d.roles, d.seats[r.ID] = append(d.roles, r.ID), id
	}
	h.clerk.Plain[cases.KindOpened] = clerk.Plain{} // a file for any audience, without the steps that lead there
	return d
}

// put opens a case for an audience and adds a picture to it; false where no role reads it.
func (d *door) put(codes []string) (binding act.ID, ok bool) {
	d.t.Helper()
	ctx := d.t.Context()
	done, err := d.h.clerk.Do(ctx, clerk.Command{
		Mandate: d.seats[d.roles[0]], Of: cases.Sort, Kind: cases.KindOpened,
		Act: act.Act{Add: codes, Facts: act.NewFacts(map[string]act.Value{"situation": act.OfCode(d.h.pack.Words("in_scope")[0])}), Body: []byte(plainBody)},
	})
	if err != nil {
		d.t.Fatal(codes, err)
	}
	for _, role := range d.roles {
		v, err := d.h.clerk.View(ctx, d.seats[role], done.File)
		if fault.CodeOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			d.t.Fatal(role, codes, err)
		}
		added, err := d.h.exhibits.Add(ctx, d.seats[role], done.File, v.Acts[0].ID, v.Seen, exhibits.About{Name: "a.png"}, bytes.NewReader(pngFile(d.t, 7)))
		if err != nil {
			d.t.Fatal(role, codes, err)
		}
		return added.Acts[0].ID, true
	}
	return act.ID{}, false
}

// Ways to do something with evidence.
var doorWays = []string{"reads", "opens", "gives a copy", "gives the original", "refers"}

// ask tries one way in a role's name. A referral is asked last of all and by one role: after it there is nothing left to ask.
func (d *door) ask(way, role string, binding act.ID) bool {
	d.t.Helper()
	x, ctx, who := d.h.exhibits, d.t.Context(), d.seats[role]
	var err error
	switch way {
	case "reads":
		_, err = x.About(ctx, who, binding)
	case "opens":
		_, err = x.OpenVeiled(ctx, who, binding, why)
	case "gives a copy":
		_, err = x.Copy(ctx, who, binding, exhibits.Gift{To: d.to, Reason: why})
	case "gives the original":
		var got *exhibits.Download
		got, err = x.Give(ctx, who, binding, exhibits.Gift{To: d.court, Reason: why})
		if err == nil {
			_, err = io.Copy(io.Discard, got)
			_ = got.Close() // a reader
		}
	case "refers":
		err = x.Withhold(ctx, who, binding, "")
	}
	if code := fault.CodeOf(err); err != nil && code != fault.Forbidden && code != fault.NotFound && code != fault.Unavailable {
		d.t.Fatalf("%s %s: %v", role, way, err)
	}
	return err == nil
}

// who lists the roles that may go a way.
func (d *door) who(way string, binding act.ID) string {
	d.t.Helper()
	var may []string
	for _, role := range d.roles {
		if d.ask(way, role, binding) {
			may = append(may, role)
		}
	}
	if len(may) == 0 {
		return "nobody"
	}
	return strings.Join(may, ", ")
}

func (d *door) report(out *strings.Builder, codes []string) {
	d.t.Helper()
	fmt.Fprintf(out, "[%s]\n", strings.Join(codes, " + "))
	binding, ok := d.put(codes)
	if !ok {
		out.WriteString("no role reads it\n\n")
		return
	}
	for _, way := range doorWays[:4] {
		fmt.Fprintf(out, "%s: %s\n", way, d.who(way, binding))
	}
	out.WriteByte('\n')
}

// referral tells who may refer evidence to the police, and what becomes of it then.
func (d *door) referral(out *strings.Builder, codes []string) {
	d.t.Helper()
	var may []string
	var referred act.ID
	binding, ok := d.put(codes)
	for _, role := range d.roles {
		if !ok || !d.ask("refers", role, binding) {
			continue
		}
		may, referred = append(may, role), binding
		binding, ok = d.put(codes)
	}
	if len(may) == 0 {
		return
	}
	fmt.Fprintf(out, "[%s, referred]\nrefers: %s\n", strings.Join(codes, " + "), strings.Join(may, ", "))
	for _, way := range doorWays[1:] {
		fmt.Fprintf(out, "%s afterwards: %s\n", way, d.who(way, referred))
	}
	sealed := d.sealedOf(referred)
	if sealed.IsZero() {
		out.WriteString("as it is sealed for the police: no role reads it\n\n")
		return
	}
	for _, way := range doorWays[1:] {
		fmt.Fprintf(out, "%s, as it is sealed for the police: %s\n", way, d.who(way, sealed))
	}
	out.WriteByte('\n')
}

// sealedOf finds what an exhibit was sealed to, as whoever reads of it sees it; zero where no role does.
func (d *door) sealedOf(binding act.ID) act.ID {
	d.t.Helper()
	for _, role := range d.roles {
		o, err := d.h.clerk.Open(d.t.Context(), d.seats[role], binding)
		if err != nil {
			continue
		}
		list, err := d.h.exhibits.List(d.t.Context(), d.seats[role], o.File)
		if err != nil {
			d.t.Fatal(err)
		}
		for _, e := range list {
			if e.Sealed && e.Original == binding {
				return e.Act
			}
		}
	}
	return act.ID{}
}
