//go:build shots

package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// maxShot is the most a picture of the documentation may weigh, in bytes.
const maxShot = 150_000

// The pictures of the documentation, taken of the story as it is played: `make screenshots`.
func TestShots(t *testing.T) {
	in := chromium(t)
	s, _ := demonstrate(t)
	sights := sightsOf(t, s)
	saw := func(name string) sight {
		i := slices.IndexFunc(sights, func(x sight) bool { return x.name == name })
		if i < 0 {
			t.Fatalf("nobody sees %s", name)
		}
		return sights[i]
	}
	take := func(name string, look screen, at sight, whole bool, ready func(*tab)) {
		t.Helper()
		b := newTab(in, t, nil, look, s.public)
		b.enterDemo(s, at.seat)
		b.visit(200, s.public+at.path)
		if ready != nil {
			ready(b)
		}
		shot := fewColours(t, b.picture(whole))
		if len(shot) > maxShot {
			t.Errorf("%s has %d bytes", name, len(shot))
		}
		err := os.WriteFile(filepath.Join("..", "docs", "img", name), shot, 0o644)
		if err != nil {
			t.Fatal(err)
		}
	}
	entry := sight{path: eval[string](func() *tab {
		b := newTab(in, t, nil, desk.in("fr"), s.public)
		b.visit(200, s.public+"/register")
		return b
	}(), `document.querySelectorAll('main table a[href^="/register/"]')[1].getAttribute("href")`)}
	take("portal-ar.png", phone.in("ar"), sight{path: "/"}, true, nil)
	take("receipt-ar.png", phone.in("ar"), sight{path: "/"}, true, reportAnything)
	take("child-fr.png", phone.in("fr").inDark(), sight{path: "/child"}, false, nil)
	take("queue-fr.png", desk.in("fr"), saw(sawQueue), false, nil)
	take("case-fr.png", desk.in("fr"), saw(sawClock), false, nil)
	take("ladder-fr.png", desk.in("fr"), saw(sawLadder), false, func(b *tab) {
		b.do(chromedp.ScrollIntoView(chromedp.CSS(`figure.ladder`)))
	})
	take("entry-ar.png", phone.in("ar"), entry, true, nil)
	take("entry-fr.png", desk.in("fr"), entry, false, nil)
	take("clock-fr.png", screen{width: 1280, height: 360}.in("fr"), saw(sawQueue), false, nil)
}

// reportAnything leads from the first question to a receipt.
func reportAnything(b *tab) {
	b.t.Helper()
	first := func(selector string) {
		b.t.Helper()
		b.do(chromedp.Click(chromedp.CSS(selector)))
	}
	b.touch(`input[name=danger][value=no]`)
	b.press(200, onward)
	first(`input[name=situation]`)
	b.press(200, onward)
	b.write(`#f-platform`, "لعبة الواحة")
	b.press(200, onward)
	b.write(`#f-text`, "حساب يكتب إلى الأطفال كل ليلة.")
	b.press(200, onward)
	b.touch(`input[name=minor][value=yes]`)
	b.press(200, onward)
	b.press(201, `#f-send`)
}

// fewColours writes a picture with the colours that fill most of it, which a page of text hardly exceeds.
func fewColours(t *testing.T, in []byte) []byte {
	t.Helper()
	from, err := png.Decode(bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	count := map[color.RGBA]int{}
	at := func(x, y int) color.RGBA {
		r, g, b, _ := from.At(x, y).RGBA() // a page has no holes
		return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}
	}
	box := from.Bounds()
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	all := make([]color.RGBA, 0, len(count))
	for c := range count {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return int(a.R)<<16 + int(a.G)<<8 + int(a.B) - int(b.R)<<16 - int(b.G)<<8 - int(b.B)
	})
	palette := make(color.Palette, 0, 64)
	for _, c := range all[:min(64, len(all))] {
		palette = append(palette, c)
	}
	to := image.NewPaletted(box, palette)
	nearest := map[color.RGBA]uint8{}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			c := at(x, y)
			i, known := nearest[c]
			if !known {
				i = uint8(palette.Index(c))
				nearest[c] = i
			}
			to.SetColorIndex(x, y, i)
		}
	}
	var out bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	err = e.Encode(&out, to)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
