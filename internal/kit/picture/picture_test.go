package picture

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// quarters is a picture of four coloured squares: red, green, blue and yellow.
func quarters(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{A: 255}
			switch right, low := x >= w/2, y >= h/2; {
			case !right && !low:
				c.R = 255
			case right && !low:
				c.G = 255
			case !right && low:
				c.B = 255
			default:
				c.R, c.G = 255, 255
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	err := png.Encode(&b, img)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB, frames int) []byte {
	t.Helper()
	palette := color.Palette{color.Black, color.White, color.RGBA{R: 255, A: 255}}
	g := &gif.GIF{}
	for range frames {
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, 8, 8), palette))
		g.Delay = append(g.Delay, 0)
	}
	var b bytes.Buffer
	err := gif.EncodeAll(&b, g)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func chunk(kind string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// pngHeader is a PNG up to its pixels.
func pngHeader(w, h uint32, depth, colour byte) []byte {
	ihdr := binary.BigEndian.AppendUint32(nil, w)
	ihdr = append(binary.BigEndian.AppendUint32(ihdr, h), depth, colour, 0, 0, 0)
	return append([]byte(pngMagic), chunk("IHDR", ihdr)...)
}

// zeros is a PNG of one black bit a pixel, as small as it gets.
func zeros(t testing.TB, w, h, lines int) []byte {
	t.Helper()
	var z bytes.Buffer
	zw, err := zlib.NewWriterLevel(&z, zlib.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 1+(w+7)/8)
	for range lines {
		_, err = zw.Write(line)
		if err != nil {
			t.Fatal(err)
		}
	}
	err = zw.Close()
	if err != nil {
		t.Fatal(err)
	}
	return append(append(pngHeader(uint32(w), uint32(h), 1, 0), chunk("IDAT", z.Bytes())...), chunk("IEND", nil)...)
}

// app1 puts a segment behind a JPEG's first marker.
func app1(file, payload []byte) []byte {
	seg := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(payload)+2))
	return bytes.Join([][]byte{file[:2], seg, payload, file[2:]}, nil)
}

const position = "33 58 12 N 6 51 0 W"

// exif says how the camera was held, and where, in an ASCII tag of its position directory.
func exif(o uint16) []byte {
	order := binary.BigEndian
	b := append([]byte("Exif\x00\x00MM\x00*"), 0, 0, 0, 8)
	b = order.AppendUint16(b, 2)
	entry := func(tag, kind uint16, count, value uint32) {
		b = order.AppendUint16(order.AppendUint16(b, tag), kind)
		b = order.AppendUint32(order.AppendUint32(b, count), value)
	}
	entry(0x0112, 3, 1, uint32(o)<<16)
	entry(0x8825, 4, 1, 38)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, 1)
	entry(0x001d, 2, uint32(len(position)), 56)
	b = order.AppendUint32(b, 0)
	return append(b, position...)
}

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

// Refusing what is too large costs next to no memory, by whichever way it comes.
func TestTooLargeIsCheap(t *testing.T) { //nolint:paralleltest // counts what the whole process allocates
	const side = 50_000
	bomb := zeros(t, side, side, 6400)
	if len(bomb) < 35_000 || len(bomb) > 50_000 {
		t.Fatalf("the file has %d bytes, 40 kB were meant", len(bomb))
	}
	wide := jpegOf(t, quarters(16, 16))
	at := bytes.Index(wide, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(wide[at+5:], 65_000)
	binary.BigEndian.PutUint16(wide[at+7:], 65_000)
	screen := gifOf(t, 1)
	binary.LittleEndian.PutUint16(screen[6:], 65_000)
	binary.LittleEndian.PutUint16(screen[8:], 65_000)
	for name, file := range map[string][]byte{
		"png": bomb, "jpeg": wide, "gif": screen,
		"png of the largest side": pngHeader(math.MaxInt32, 1, 8, 6),
		"png beyond any number":   pngHeader(math.MaxUint32, math.MaxUint32, 16, 6),
		"png just beyond":         pngHeader(8000, 5001, 8, 2),
		"too deep for memory":     append(pngHeader(8000, 5000, 16, 6), chunk("IDAT", nil)...),
	} {
		for how, f := range map[string]func(io.Reader) error{
			"reencode": func(r io.Reader) error {
				_, err := Reencode(t.Context(), r, io.Discard)
				return err
			},
			"veil": func(r io.Reader) error { return Veil(t.Context(), r, io.Discard) },
			"watch": func(r io.Reader) error {
				_, err := io.Copy(io.Discard, Watch(r))
				if name == "too deep for memory" && err == nil {
					return ErrTooLarge // it may be kept, and can't be rendered
				}
				return err
			},
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := f(bytes.NewReader(file))
			runtime.ReadMemStats(&after)
			took := after.TotalAlloc - before.TotalAlloc
			if !errors.Is(err, ErrTooLarge) {
				t.Errorf("%s, %s: %v", name, how, err)
			}
			if took > 4<<20 {
				t.Errorf("%s, %s: took %d bytes of memory to refuse", name, how, took)
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

func TestBroken(t *testing.T) {
	t.Parallel()
	photo, drawing := jpegOf(t, quarters(64, 64)), pngOf(t, quarters(64, 64))
	huge := append(append([]byte(nil), drawing[:33]...), 0x7f, 0xff, 0xff, 0xff, 't', 'E', 'X', 't', 'x')
	// Two sizes in one file: the first reader sees one, the decoder may see the other.
	at := bytes.Index(photo, []byte{0xff, 0xc0})
	twice := append(append(append([]byte(nil), photo[:at]...), photo[at:at+19]...), photo[at:]...)
	passes := append([]byte(nil), photo[:len(photo)-2]...)
	scan := bytes.Index(photo, []byte{0xff, 0xda})
	for range MaxScans {
		passes = append(passes, photo[scan:scan+14]...)
	}
	for _, x := range []struct {
		name string
		file []byte
		want error
	}{
		{"nothing", nil, ErrKind},
		{"text", []byte("hello"), ErrKind},
		{"webp", []byte("RIFF\x10\x00\x00\x00WEBPVP8 "), ErrKind},
		{"pdf", []byte("%PDF-1.7"), ErrKind},
		{"png cut in its pixels", drawing[:len(drawing)/2], ErrBroken},
		{"png cut in its header", drawing[:20], ErrBroken},
		{"jpeg cut", photo[:scan+20], ErrBroken},
		{"jpeg of two marks", []byte("\xff\xd8\xff\xd9"), ErrBroken},
		{"jpeg of two sizes", twice, ErrBroken},
		{"jpeg of a hundred passes", passes, ErrTooLarge},
		{"a chunk of two gigabytes", huge, ErrBroken},
		{"png with a wrong sum", bytes.Replace(drawing, []byte("IEND\xae"), []byte("IEND\xaf"), 1), ErrBroken},
		{"png of no pixels", append(pngHeader(0, 5, 8, 2), chunk("IEND", nil)...), ErrBroken},
		{"pixels are missing", zeros(t, 4000, 4000, 3), ErrBroken},
		{"gif cut", gifOf(t, 1)[:20], ErrBroken},
		{"too long", append(append([]byte(nil), drawing...), make([]byte, MaxFile)...), ErrTooLarge},
	} {
		var out bytes.Buffer
		_, err := Reencode(t.Context(), bytes.NewReader(x.file), &out)
		if !errors.Is(err, x.want) || out.Len() > 0 {
			t.Errorf("%s: %v, %d bytes were written", x.name, err, out.Len())
		}
		err = Veil(t.Context(), bytes.NewReader(x.file), &out)
		if !errors.Is(err, x.want) || out.Len() > 0 {
			t.Errorf("%s, veiled: %v, %d bytes were written", x.name, err, out.Len())
		}
	}
	// A film of a thousand frames costs what its first one does.
	var out bytes.Buffer
	_, err := Reencode(t.Context(), bytes.NewReader(gifOf(t, 1000)), &out)
	if err != nil || out.Len() > 500 {
		t.Fatal(err, out.Len())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Reencode(ctx, bytes.NewReader(drawing), io.Discard)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	cut := errors.New("the line was cut")
	_, err = Reencode(t.Context(), io.MultiReader(bytes.NewReader(drawing[:50]), iotest.ErrReader(cut)), io.Discard)
	if !errors.Is(err, cut) {
		t.Fatal(err)
	}
}

// Exif that leads nowhere, in circles or beyond the end says nothing.
func TestHostileExif(t *testing.T) {
	t.Parallel()
	good := exif(6)
	if orientation(good) != 6 {
		t.Fatal("a good one is not read")
	}
	for i := range good {
		_ = orientation(good[:i]) // no panic
		bad := append([]byte(nil), good...)
		bad[i] ^= 0xff
		if o := orientation(bad); o < 0 || o > 8 {
			t.Errorf("byte %d changed: %d", i, o)
		}
	}
	for _, offset := range []uint32{0, 7, 1 << 31, math.MaxUint32, uint32(len(good))} {
		bad := append([]byte(nil), good...)
		binary.BigEndian.PutUint32(bad[10:], offset)
		if o := orientation(bad); o != 0 {
			t.Errorf("offset %d: %d", offset, o)
		}
	}
}

func FuzzHeader(f *testing.F) {
	for _, seed := range [][]byte{pngOf(f, quarters(4, 4)), app1(jpegOf(f, quarters(8, 8)), exif(3)), gifOf(f, 2), []byte("%PDF-1.7"), []byte("words"), pngHeader(50_000, 50_000, 1, 0)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		w := Watch(bytes.NewReader(file))
		got, err := io.ReadAll(w)
		info := w.Info()
		switch {
		case err == nil && !bytes.Equal(got, file):
			t.Fatal("what was passed on is not what came")
		case err != nil && !errors.Is(err, ErrTooLarge):
			t.Fatal(err)
		case err == nil && info.Pixels() > MaxPixels:
			t.Fatalf("%+v was let in", info)
		}
		one := Watch(iotest.OneByteReader(bytes.NewReader(file)))
		_, oneErr := io.Copy(io.Discard, one)
		if one.Info() != info || (err == nil) != (oneErr == nil) {
			t.Fatalf("%+v %v, byte by byte %+v %v", info, err, one.Info(), oneErr)
		}
	})
}

func FuzzRender(f *testing.F) {
	for _, seed := range [][]byte{pngOf(f, quarters(4, 4)), app1(jpegOf(f, quarters(8, 8)), exif(3)), gifOf(f, 2), zeros(f, 9, 9, 9)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		info, err := inspect(file)
		if err == nil && info.Pixels() > 1<<20 {
			return // takes its time, within the bounds
		}
		var out bytes.Buffer
		kind, err := Reencode(t.Context(), bytes.NewReader(file), &out)
		if err != nil {
			if out.Len() > 0 || !errors.Is(err, ErrBroken) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrKind) {
				t.Fatal(err, out.Len())
			}
			return
		}
		_, format, err := image.DecodeConfig(bytes.NewReader(out.Bytes()))
		if err != nil || format != string(kind) {
			t.Fatal(format, err)
		}
		var veiled bytes.Buffer
		err = Veil(t.Context(), bytes.NewReader(file), &veiled)
		if err != nil {
			t.Fatal(err)
		}
	})
}
