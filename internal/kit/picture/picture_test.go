package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const position = "33 58 12 N 6 51 0 W"

func TestSniff(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name    string
		head    string
		kind    Kind
		picture bool
	}{
		{"png", string(pngOf(t, quarters(2, 2))), PNG, true},
		{"jpeg", string(jpegOf(t, quarters(8, 8))), JPEG, true},
		{"gif", string(gifOf(t, 1)), GIF, true},
		{"webp", "RIFF\x10\x00\x00\x00WEBPVP8 ", Other, true},
		{"heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", Other, true},
		{"avif", "\x00\x00\x00\x18ftypavif\x00\x00\x00\x00", Other, true},
		{"tiff", "II*\x00\x08\x00\x00\x00", Other, true},
		{"film", "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00", Other, false},
		{"pdf", "%PDF-1.7\n%\xe2\xe3", PDF, false},
		{"pdf after white space", "\ufeff\n %PDF-1.7", PDF, false},
		{"text", "سلام، ça va?\n", Text, false},
		{"text cut in a letter", strings.Repeat("a", HeadSize-1) + "\xd8", Text, false},
		{"drawing of text", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>", Text, false},
		{"nothing", "", Other, false},
		{"half a letter", "abc\xd8", Other, false},
		{"program", "\x7fELF\x02\x01\x01\x00", Other, false},
		{"escape", "abc\x1b[2J", Other, false},
		{"half a mark", "\x89PNG\r\n\x1a", Other, false},
	} {
		kind, picture := Sniff([]byte(x.head))
		if kind != x.kind || picture != x.picture {
			t.Errorf("%s: %s, picture %t", x.name, kind, picture)
		}
	}
}

// Whatever pieces a file comes in, the header says the same, and what is passed on is what came.
func TestWatch(t *testing.T) {
	t.Parallel()
	turnedFile := app1(app1(jpegOf(t, quarters(30, 20)), bytes.Repeat([]byte("x"), 60_000)), exif(6))
	for _, x := range []struct {
		name string
		file []byte
		want Info
	}{
		{"png", pngOf(t, quarters(30, 20)), Info{Kind: PNG, Picture: true, Width: 30, Height: 20, Orientation: 1}},
		{"gif", gifOf(t, 3), Info{Kind: GIF, Picture: true, Width: 8, Height: 8, Orientation: 1}},
		{"jpeg", turnedFile, Info{Kind: JPEG, Picture: true, Width: 30, Height: 20, Orientation: 6}},
		{"jpeg cut", turnedFile[:40_000], Info{Kind: JPEG, Picture: true, Orientation: 6}},
		{"png cut", pngOf(t, quarters(3, 3))[:20], Info{Kind: PNG, Picture: true, Orientation: 1}},
		{"text", []byte("words"), Info{Kind: Text, Orientation: 1}},
		{"nothing", nil, Info{Kind: Other, Orientation: 1}},
	} {
		readers := map[string]io.Reader{"whole": bytes.NewReader(x.file), "bytes": iotest.OneByteReader(bytes.NewReader(x.file)), "end with data": iotest.DataErrReader(bytes.NewReader(x.file))}
		for how, r := range readers {
			w := Watch(r)
			got, err := io.ReadAll(w)
			if err != nil || !bytes.Equal(got, x.file) {
				t.Errorf("%s, %s: %d of %d bytes, %v", x.name, how, len(got), len(x.file), err)
			}
			info := w.Info()
			info.bytesPerPixel = 0
			if info != x.want {
				t.Errorf("%s, %s: %+v, want %+v", x.name, how, info, x.want)
			}
		}
	}
}

// A copy holds the pixels and nothing else.
func TestReencodeDropsMetadata(t *testing.T) {
	t.Parallel()
	const secret = "planted-name-of-a-place"
	clean := pngOf(t, quarters(40, 40))
	text := append([]byte(nil), clean[:33]...)
	text = append(text, chunk("tEXt", []byte("Comment\x00"+secret))...)
	text = append(text, chunk("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"+secret))...)
	text = append(text, chunk("eXIf", exif(6)[6:])...)
	text = append(append(text, clean[33:]...), secret...)
	photo := app1(app1(jpegOf(t, quarters(40, 40)), []byte("http://ns.adobe.com/xap/1.0/\x00"+secret)), exif(1))
	photo = append(photo, secret...)
	hidden := quarters(40, 40)
	for i := range secret {
		copy(hidden.Pix[4*i:], []byte{secret[i], secret[i], secret[i], 0})
	}
	commented := gifOf(t, 2)
	commented = bytes.Join([][]byte{commented[:len(commented)-1], {0x21, 0xfe, byte(len(secret))}, []byte(secret), {0, 0x3b}}, nil)
	for name, file := range map[string][]byte{"png": text, "jpeg": photo, "gif": commented, "png cut by transparency": pngOf(t, hidden)} {
		var out bytes.Buffer
		kind, err := Reencode(t.Context(), bytes.NewReader(file), &out)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, left := range []string{secret, position, "Exif", "tEXt", "iTXt", "eXIf", "iCCP", "adobe", "\xff\xe1"} {
			if bytes.Contains(out.Bytes(), []byte(left)) {
				t.Errorf("%s: the copy holds %q", name, left)
			}
		}
		img, format, err := image.Decode(bytes.NewReader(out.Bytes()))
		if err != nil || format != string(kind) || (name == "jpeg") != (kind == JPEG) {
			t.Errorf("%s: a %s that is %s, %v", name, kind, format, err)
			continue
		}
		if p, ok := img.(*image.NRGBA); ok && name == "png cut by transparency" {
			for i := range secret {
				if p.Pix[4*i] == secret[i] {
					t.Fatal("a colour that nobody saw is still there")
				}
			}
		}
	}
	if !bytes.Contains(photo, []byte(position)) || !bytes.Contains(text, []byte(secret)) {
		t.Fatal("nothing was planted")
	}
}

// All eight ways to hold a camera: the red square, top left in the world, ends up top left.
func TestOrientation(t *testing.T) {
	t.Parallel()
	const w, h = 48, 32
	for o := 1; o <= 8; o++ {
		world := quarters(w, h)
		// What the camera stored: of each stored pixel, the upright one it belongs to.
		stored := image.NewNRGBA(world.Rect)
		sw, sh := w, h
		if o >= 5 {
			sw, sh = h, w
			stored = image.NewNRGBA(image.Rect(0, 0, sw, sh))
		}
		for y := range sh {
			for x := range sw {
				tx, ty := turned(o, x, y, sw, sh)
				stored.SetNRGBA(x, y, world.NRGBAAt(tx, ty))
			}
		}
		if o == 6 && stored.NRGBAAt(0, sh-1).R != 255 { // by its definition: the camera's left bottom is the world's left top
			t.Fatal("orientation 6 is wrong")
		}
		var out bytes.Buffer
		_, err := Reencode(t.Context(), bytes.NewReader(app1(jpegOf(t, stored), exif(uint16(o)))), &out)
		if err != nil {
			t.Fatal(o, err)
		}
		img, err := jpeg.Decode(&out)
		if err != nil || img.Bounds() != world.Rect {
			t.Fatal(o, err, img.Bounds())
		}
		for _, p := range []image.Point{{4, 4}, {w - 4, 4}, {4, h - 4}, {w - 4, h - 4}} {
			r, g, b, _ := img.At(p.X, p.Y).RGBA()
			want := world.NRGBAAt(p.X, p.Y)
			for _, d := range []int{int(r>>8) - int(want.R), int(g>>8) - int(want.G), int(b>>8) - int(want.B)} {
				if d < -40 || d > 40 {
					t.Fatalf("orientation %d: at %v %d %d %d, want %v", o, p, r>>8, g>>8, b>>8, want)
				}
			}
		}
	}
}

// A veiled copy is small and grey, and a drawing of fine lines can't be told from a flat one.
func TestVeil(t *testing.T) {
	t.Parallel()
	fine := image.NewNRGBA(image.Rect(0, 0, 800, 400))
	for y := range 400 {
		for x := range 800 {
			v := uint8(0)
			if (x/2+y/2)%2 == 0 {
				v = 255
			}
			fine.SetNRGBA(x, y, color.NRGBA{v, v, v, 255})
		}
	}
	var out bytes.Buffer
	err := Veil(t.Context(), bytes.NewReader(pngOf(t, fine)), &out)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	g, ok := img.(*image.Gray)
	if !ok || g.Bounds().Dx() != veilSide || g.Bounds().Dy() != veilSide/2 {
		t.Fatalf("%T %v", img, img.Bounds())
	}
	for _, v := range g.Pix {
		if v < 120 || v > 135 {
			t.Fatalf("a grey of %d shows what was fine", v)
		}
	}
	// What is coarse shows, or the veil would be of no use; but nowhere as a sharp edge.
	out.Reset()
	err = Veil(t.Context(), bytes.NewReader(jpegOf(t, quarters(640, 640))), &out)
	if err != nil {
		t.Fatal(err)
	}
	img, err = png.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	at := func(x, y int) int {
		r, gr, b, _ := img.At(x, y).RGBA()
		if r != gr || gr != b {
			t.Fatal("not grey")
		}
		return int(r >> 8)
	}
	if at(20, 20) > 90 || at(300, 300) < 200 {
		t.Fatalf("corners %d and %d", at(20, 20), at(300, 300))
	}
	for x := 1; x < veilSide; x++ {
		if d := at(x, 40) - at(x-1, 40); d > 12 || d < -12 {
			t.Fatalf("an edge of %d at %d", d, x)
		}
	}
}
