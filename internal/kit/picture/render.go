package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
)

// quality of a copy as JPEG, of 100: nothing that matters is lost, and no file grows much.
const quality = 90

// Reencode writes a copy that has the pixels of a picture, upright, and nothing else: no Exif, position, profile, comment or
// trailing byte. A JPEG gives a JPEG; a PNG, and the first frame of a GIF, give a PNG. It writes nothing unless the whole
// picture could be read. Errors: ErrKind, ErrTooLarge, ErrBroken, those of r, w and ctx.
func Reencode(ctx context.Context, r io.Reader, w io.Writer) (Kind, error) {
	img, info, err := decode(ctx, r)
	if err != nil {
		return "", err
	}
	img = upright(img, info.Orientation)
	if info.Kind != JPEG {
		blank(img)
		e := png.Encoder{CompressionLevel: png.BestSpeed}
		err = e.Encode(&cancellable{ctx: ctx, w: w}, img)
		return PNG, wrap("write a copy", err)
	}
	switch img.(type) {
	case *image.Gray, *image.YCbCr, *image.RGBA:
	default:
		img = toRGBA(img)
	}
	err = jpeg.Encode(&cancellable{ctx: ctx, w: w}, img, &jpeg.Options{Quality: quality})
	return JPEG, wrap("write a copy", err)
}

// decode reads a whole picture within the bounds.
func decode(ctx context.Context, r io.Reader) (img image.Image, info Info, err error) {
	file, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	defer clear(file)
	if err != nil {
		return nil, info, wrap("read a picture", err)
	}
	if len(file) > MaxFile {
		return nil, info, ErrTooLarge
	}
	info, err = inspect(file)
	if err != nil {
		return nil, info, err
	}
	// A decoder that panics on what a stranger sent says that it is broken; nothing of its value is told.
	defer func() {
		if recover() != nil {
			img, err = nil, ErrBroken
		}
	}()
	in := &cancellable{ctx: ctx, r: bytes.NewReader(file)}
	switch info.Kind {
	case PNG:
		img, err = png.Decode(in)
	case JPEG:
		img, err = jpeg.Decode(in)
	case GIF:
		img, err = gif.Decode(in)
	}
	if ctx.Err() != nil {
		return nil, info, wrap("read a picture", ctx.Err())
	}
	// What the decoders say may quote the file.
	if err != nil || img == nil || img.Bounds().Empty() {
		return nil, info, ErrBroken
	}
	return img, info, nil
}

// inspect reads the header of a whole file, twice and by two readers: a picture on whose size they differ is made to deceive
// one of them.
func inspect(file []byte) (info Info, err error) {
	w := Watch(bytes.NewReader(file))
	_, err = io.Copy(io.Discard, w)
	info = w.Info()
	if err != nil {
		return info, err
	}
	if !info.Kind.Renders() {
		return info, ErrKind
	}
	var says image.Config
	switch info.Kind {
	case PNG:
		says, err = png.DecodeConfig(bytes.NewReader(file))
	case JPEG:
		says, err = jpeg.DecodeConfig(bytes.NewReader(file))
	case GIF:
		says, err = gif.DecodeConfig(bytes.NewReader(file))
	}
	if err != nil || says.Width != info.Width || says.Height != info.Height || info.Pixels() == 0 {
		return info, ErrBroken
	}
	bytesPerPixel := info.bytesPerPixel
	if info.Orientation != 1 {
		bytesPerPixel += 4 // the turned copy
	}
	if bytesPerPixel*float64(info.Pixels()) > MaxMemory || info.Kind == JPEG && scans(file) > MaxScans {
		return info, ErrTooLarge
	}
	return info, nil
}

// scans counts a JPEG's passes over its pixels, up to its end: each may take a few bytes and a look at every pixel.
func scans(file []byte) int {
	n := 0
	for p := file[2:]; len(p) >= 4; {
		m := p[1]
		switch {
		case p[0] != 0xff, m == 0xff:
			p = p[1:]
		case m == 0 || m == 1 || m >= 0xd0 && m <= 0xd8: // between pixels a byte 0xff is followed by 0
			p = p[2:]
		case m == 0xd9:
			return n
		default:
			if m == 0xda {
				n++
			}
			length := 2 + int(binary.BigEndian.Uint16(p[2:]))
			p = p[min(len(p), max(2, length)):]
		}
	}
	return n
}

// upright applies an Exif orientation: what the camera turned is turned back.
func upright(img image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return img
	}
	src, ok := img.(*image.RGBA)
	if !ok {
		src = nil
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	row := image.NewRGBA(image.Rect(0, 0, w, 1))
	for y := range h {
		line := row.Pix
		if src != nil {
			at := src.PixOffset(b.Min.X, b.Min.Y+y)
			line = src.Pix[at : at+4*w]
		} else {
			draw.Draw(row, row.Rect, img, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
		}
		for x := range w {
			tx, ty := turned(orientation, x, y, w, h)
			copy(out.Pix[out.PixOffset(tx, ty):][:4], line[4*x:4*x+4])
		}
	}
	return out
}

// turned is where a pixel belongs in the upright picture.
func turned(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}

// blank takes the colour from pixels nobody sees: a picture that was cut by making parts transparent still has them.
func blank(img image.Image) {
	switch m := img.(type) {
	case *image.NRGBA:
		for p := m.Pix; len(p) >= 4; p = p[4:] {
			if p[3] == 0 {
				clear(p[:4])
			}
		}
	case *image.NRGBA64:
		for p := m.Pix; len(p) >= 8; p = p[8:] {
			if p[6] == 0 && p[7] == 0 {
				clear(p[:8])
			}
		}
	}
}

func toRGBA(img image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

func wrap(what string, err error) error {
	if err == nil || errors.Is(err, ErrTooLarge) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// cancellable stops reading or writing when ctx is done.
type cancellable struct {
	ctx context.Context //nolint:containedctx // lives within one call
	r   io.Reader
	w   io.Writer
}

func (c *cancellable) Read(p []byte) (int, error) {
	err := c.ctx.Err()
	if err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

func (c *cancellable) Write(p []byte) (int, error) {
	err := c.ctx.Err()
	if err != nil {
		return 0, err
	}
	return c.w.Write(p)
}
