package web

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
)

// lone reports whether a JSON value escapes half a surrogate pair: it stands for no character, as bytes that are no UTF-8 do.
func lone(b string) bool {
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		i++
		r, ok := escaped(b[min(i, len(b)):])
		if !ok || !utf16.IsSurrogate(r) {
			continue
		}
		i += len("uXXXX")
		second, ok := rune(0), false
		if i < len(b) && b[i] == '\\' {
			second, ok = escaped(b[i+1:])
		}
		if !ok || utf16.DecodeRune(r, second) == '\uFFFD' {
			return true
		}
		i += len("uXXXX") // the loop steps over the rest
	}
	return false
}

// escaped reads uXXXX.
func escaped(b string) (rune, bool) {
	if len(b) < len("uXXXX") || b[0] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(b[1:5], 16, 16)
	return rune(n), err == nil
}

// twice returns a key that an object says more than once, "" where none does. Keys are alike as the decoder takes them to be: it
// does not tell large letters from small. The value is one the decoder has read into a type, so that the keys of an object are
// few.
func twice(b string) string {
	d := json.NewDecoder(strings.NewReader(b))
	var open [][]string // the keys of each object around; nil for a list
	key := false        // a key comes next
	for {
		t, err := d.Token()
		if err != nil {
			return "" // the decoder says what is wrong
		}
		if text, is := t.(string); is && key {
			at := &open[len(open)-1]
			for _, k := range *at {
				if strings.EqualFold(k, text) {
					return k
				}
			}
			*at, key = append(*at, text), false
			continue
		}
		switch t {
		case json.Delim('{'):
			open = append(open, []string{})
		case json.Delim('['):
			open = append(open, nil)
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
		key = len(open) > 0 && open[len(open)-1] != nil
	}
}
