package act

import "time"

// A verifier reads five identifiers and two instants of every act of a log. These readers accept exactly what ParseID
// and ParseInstant accept, and allocate nothing.

// idDigit is the value of each character of an identifier's text, notDigit for any other.
var idDigit = func() (value [256]byte) {
	for i := range value {
		value[i] = notDigit
	}
	for i, c := range []byte("abcdefghijklmnopqrstuvwxyz234567") {
		value[c] = byte(i)
	}
	return value
}()

const notDigit = 0xFF

func readID(text string) (id ID, ok bool) {
	if len(text) != idLen {
		return ID{}, false
	}
	bits, n, at := uint32(0), 0, 0
	for i := range idLen {
		d := idDigit[text[i]]
		if d == notDigit {
			return ID{}, false
		}
		bits, n = bits<<5|uint32(d), n+5
		if n >= 8 {
			n -= 8
			id[at] = byte(bits >> n)
			at++
		}
	}
	return id, bits&3 == 0 // 26 characters are two bits more than an identifier has
}

func readInstant(text string) (Instant, bool) {
	if len(text) != len(instantForm) || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != '.' || text[26] != 'Z' {
		return 0, false
	}
	var part [7]int
	from := 0
	for i, to := range [...]int{4, 7, 10, 13, 16, 19, 26} {
		for _, c := range []byte(text[from:to]) {
			if c < '0' || c > '9' {
				return 0, false
			}
			part[i] = 10*part[i] + int(c-'0')
		}
		from = to + 1
	}
	year, month, day, hour, minute, second, micro := part[0], part[1], part[2], part[3], part[4], part[5], part[6]
	if year < 1 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, micro*1000, time.UTC)
	return InstantOf(t), t.Day() == day // a day that the month does not have runs over into the next
}
