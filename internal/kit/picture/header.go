package picture

import (
	"encoding/binary"
	"errors"
	"io"
)

// What callers tell apart with errors.Is.
var (
	ErrTooLarge = errors.New("the picture has more pixels, or takes more memory, than is allowed")
	ErrBroken   = errors.New("the picture is broken")
	ErrKind     = errors.New("pictures of this kind are not rendered")
)

// The bounds of what is taken in and of what is rendered.
const (
	MaxPixels = 40_000_000 // width times height
	MaxSide   = 65_535
	MaxFile   = 64 << 20  // bytes of a file that is rendered
	MaxMemory = 256 << 20 // bytes that decoding and turning one picture may take, by its header
	MaxScans  = 100       // passes over the pixels of one progressive JPEG: cameras make about ten
)

// Info is what a file's header says.
type Info struct {
	Kind          Kind
	Picture       bool // of whatever kind
	Width, Height int  // 0 where the header did not come to it, or nothing here can read it
	// Orientation is Exif's: 1 is upright, 2 to 8 are turned or mirrored.
	Orientation int

	bytesPerPixel float64 // that decoding takes, about
}

// Pixels is width times height.
func (i *Info) Pixels() int64 { return int64(i.Width) * int64(i.Height) }

// check refuses what its header shows to be too much.
func (i *Info) check() error {
	if i.Width > MaxSide || i.Height > MaxSide || i.Pixels() > MaxPixels {
		return ErrTooLarge
	}
	return nil
}

// Watcher reads a file on its way elsewhere and looks at its header. It keeps at most 64 KiB, and decodes nothing.
type Watcher struct {
	r    io.Reader
	head []byte
	seen bool // head is full, or the file is shorter
	h    header
	err  error
}

// Watch passes on what r gives. Once the header shows a picture beyond MaxPixels or MaxSide every Read fails with ErrTooLarge;
// what was passed on until then is no whole file.
func Watch(r io.Reader) *Watcher {
	return &Watcher{r: r, head: make([]byte, 0, HeadSize)}
}

// Read implements io.Reader.
func (w *Watcher) Read(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.r.Read(p)
	w.look(p[:n])
	if err == io.EOF {
		w.begin()
	}
	if w.h.err != nil {
		w.err = w.h.err
		return 0, w.err
	}
	return n, err
}

func (w *Watcher) look(p []byte) {
	if !w.seen {
		n := min(len(p), HeadSize-len(w.head))
		w.head = append(w.head, p[:n]...)
		p = p[n:]
		if len(w.head) < HeadSize {
			return
		}
		w.begin()
	}
	w.h.feed(p)
}

// begin tells the kind and hands the first bytes on, once.
func (w *Watcher) begin() {
	if w.seen {
		return
	}
	w.seen = true
	w.h.start(w.head)
	w.h.feed(w.head)
}

// Info says what was seen. It is whole when the file was read to its end.
func (w *Watcher) Info() Info {
	w.begin()
	return w.h.info
}

// header finds size and orientation in a stream of bytes. It gathers need bytes, hands them to step, which says what is
// next; skip bytes are passed over first. A nil step is at its end.
type header struct {
	info Info
	buf  []byte
	need int
	skip int
	step func([]byte)
	err  error
}

func (h *header) start(head []byte) {
	h.info.Kind, h.info.Picture = Sniff(head)
	h.info.Orientation = 1
	switch h.info.Kind {
	case PNG:
		h.next(0, len(pngMagic)+8+17, h.png)
	case GIF:
		h.next(0, 13, h.gif)
	case JPEG:
		h.next(2, 4, h.marker)
	}
}

func (h *header) next(skip, need int, step func([]byte)) {
	h.skip, h.need, h.step, h.buf = skip, need, step, h.buf[:0]
}

func (h *header) feed(p []byte) {
	for h.step != nil && len(p) > 0 {
		n := min(len(p), h.skip)
		h.skip -= n
		p = p[n:]
		if h.skip > 0 {
			return
		}
		n = min(len(p), h.need-len(h.buf))
		h.buf = append(h.buf, p[:n]...)
		p = p[n:]
		if len(h.buf) < h.need {
			return
		}
		step := h.step
		h.step = nil
		step(h.buf)
	}
}

func (h *header) size(width, height uint32, bytesPerPixel float64) {
	h.info.bytesPerPixel = bytesPerPixel
	if width > MaxSide || height > MaxSide {
		h.err = ErrTooLarge
		return
	}
	h.info.Width, h.info.Height = int(width), int(height)
	h.err = h.info.check()
}

// png reads the first chunk (PNG, third edition, 11.2.1): the kind, width, height, depth, colour and interlace.
func (h *header) png(b []byte) {
	b = b[len(pngMagic):]
	if binary.BigEndian.Uint32(b) != 13 || string(b[4:8]) != "IHDR" {
		return
	}
	b = b[8:]
	depth, colour, interlaced := b[8], b[9], b[12] != 0
	bytes := 4.0
	if colour == 0 || colour == 3 { // grey, or a palette
		bytes = 1
	}
	if depth == 16 {
		bytes = 8
	}
	if interlaced { // each pass is a picture of its own first
		bytes *= 2
	}
	h.size(binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:]), bytes)
}

// gif reads the logical screen (GIF89a, 18), which no frame may leave.
func (h *header) gif(b []byte) {
	h.size(uint32(binary.LittleEndian.Uint16(b[6:])), uint32(binary.LittleEndian.Uint16(b[8:])), 1)
}

// marker reads a JPEG's marker and length (ITU-T T.81, B.1.1), b being four bytes. Bytes that should not be there are passed
// over as Go's decoder passes over them.
func (h *header) marker(b []byte) {
	again := func(used int) { // what is not used yet stays
		left := append([]byte(nil), b[used:4]...)
		h.next(0, 4, h.marker)
		h.buf = append(h.buf, left...)
	}
	length := int(binary.BigEndian.Uint16(b[2:]))
	switch m := b[1]; {
	case b[0] != 0xff, m == 0xff:
		again(1)
	case m == 0 || m == 1 || m >= 0xd0 && m <= 0xd8: // no marker, or one that stands alone
		again(2)
	case m == 0xd9 || m == 0xda || length < 2: // the end, or pixels, before any size: nothing here is to be decoded
	case m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc:
		if length < 2+6 || length > 2+6+3*4 {
			return
		}
		progressive := m == 0xc2
		h.next(0, length-2, func(b []byte) { h.frame(b, progressive) })
	case m == 0xe1 && length > 2:
		h.next(0, length-2, func(b []byte) {
			o := orientation(b)
			if o != 0 {
				h.info.Orientation = o
			}
			h.next(0, 4, h.marker)
		})
	default:
		h.next(length-2, 4, h.marker)
	}
}

// frame reads a JPEG's size and components (T.81, B.2.2).
func (h *header) frame(b []byte, progressive bool) {
	n := int(b[5])
	if len(b) < 6+3*n || n == 0 {
		return
	}
	most, sum := 1, 0
	for i := range n {
		hv := int(b[6+3*i+1]>>4) * int(b[6+3*i+1]&15)
		most, sum = max(most, hv), sum+hv
	}
	bytes := float64(sum) / float64(most)
	if progressive { // keeps every coefficient in four bytes until the last pass
		bytes *= 5
	}
	if n == 4 {
		bytes += 4
	}
	h.size(uint32(binary.BigEndian.Uint16(b[3:])), uint32(binary.BigEndian.Uint16(b[1:])), bytes)
}
