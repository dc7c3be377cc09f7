package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"math"
	"runtime"
	"testing"
	"testing/iotest"
)

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
