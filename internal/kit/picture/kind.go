package picture

import (
	"bytes"
	"unicode/utf8"
)

// Kind is what a file is by its content, whatever it is called.
type Kind string

// The closed list of kinds. Only the first three are ever rendered.
const (
	PNG   Kind = "png"
	JPEG  Kind = "jpeg"
	GIF   Kind = "gif"
	PDF   Kind = "pdf"
	Text  Kind = "text"
	Other Kind = "other"
)

// Kinds returns the closed list.
func Kinds() []string {
	return []string{string(PNG), string(JPEG), string(GIF), string(PDF), string(Text), string(Other)}
}

// Renders reports whether pictures of this kind can be shown.
func (k Kind) Renders() bool { return k == PNG || k == JPEG || k == GIF }

// HeadSize is how many of a file's first bytes tell what it is.
const HeadSize = 512

const (
	pngMagic  = "\x89PNG\r\n\x1a\n"
	jpegMagic = "\xff\xd8\xff"
)

// Sniff tells from the first bytes of a file, HeadSize of them or all there are, what it is, and whether it is a picture.
// A picture may be of a kind that is never rendered. What it can't tell is Other.
func Sniff(head []byte) (kind Kind, isPicture bool) {
	head = head[:min(len(head), HeadSize)]
	starts := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case starts(pngMagic):
		return PNG, true
	case starts(jpegMagic):
		return JPEG, true
	case starts("GIF87a"), starts("GIF89a"):
		return GIF, true
	case otherPicture(head):
		return Other, true
	// Readers find a PDF's mark anywhere in the first kilobyte; here it counts after white space and a mark of order only.
	case bytes.HasPrefix(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte("%PDF-")):
		return PDF, false
	case isText(head):
		return Text, false
	}
	return Other, false
}

// otherPicture knows pictures that cameras and networks make and that nothing here can decode.
func otherPicture(head []byte) bool {
	at := func(i int, s string) bool { return len(head) >= i+len(s) && string(head[i:i+len(s)]) == s }
	switch {
	case at(0, "RIFF") && at(8, "WEBP"), at(0, "II*\x00"), at(0, "MM\x00*"), at(0, "8BPS"), at(0, "\x00\x00\x00\x0cJXL "),
		at(0, "\xff\x0a"), at(0, "\x00\x00\x00\x0cjP  "), at(0, "BM") && at(6, "\x00\x00\x00\x00"), at(0, "\x00\x00\x01\x00"):
		return true
	case at(4, "ftyp"):
		for _, brand := range []string{"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis"} {
			if at(8, brand) {
				return true
			}
		}
	}
	return false
}

// isText says of some first bytes that people could read them: UTF-8 without control characters, a last rune cut allowed.
func isText(head []byte) bool {
	if len(head) == 0 {
		return false
	}
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && n <= 1 {
			return len(head) == HeadSize && !utf8.FullRune(head[i:])
		}
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' || r == 0x7f {
			return false
		}
		i += n
	}
	return true
}
