package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
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
