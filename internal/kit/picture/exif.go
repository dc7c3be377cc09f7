package picture

import (
	"bytes"
	"encoding/binary"
)

// orientation finds how a camera was held in an Exif segment (Exif 2.32, 4.6.4, tag 0x0112); 0 where it does not say. It
// reads the first directory and follows nothing, so that no chain of offsets leads anywhere.
func orientation(segment []byte) int {
	tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00"))
	if !ok || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
	default:
		return 0
	}
	at := int64(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > int64(len(tiff)) {
		return 0
	}
	entries := int(order.Uint16(tiff[at:]))
	rest := tiff[at+2:]
	const size, tag, short = 12, 0x0112, 3
	for i := 0; i < entries && len(rest) >= size; i++ {
		if order.Uint16(rest) == tag && order.Uint16(rest[2:]) == short {
			o := int(order.Uint16(rest[8:]))
			if o >= 1 && o <= 8 {
				return o
			}
			return 0
		}
		rest = rest[size:]
	}
	return 0
}
