package strict

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
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

// twice returns a key that an object says more than once. Keys are alike as the decoder takes them to be: it does not tell large
// letters from small.
func twice(b string) (string, bool) {
	d := json.NewDecoder(strings.NewReader(b))
	var open []map[string]string // the keys of each object around, as they stand there; nil for a list
	key := false                 // a key comes next
	for {
		t, err := d.Token()
		if err != nil {
			return "", false // the decoder says what is wrong
		}
		if text, is := t.(string); is && key {
			at, same := open[len(open)-1], alike(text)
			if first, said := at[same]; said {
				return first, true
			}
			at[same], key = text, false
			continue
		}
		switch t {
		case json.Delim('{'):
			open = append(open, map[string]string{})
		case json.Delim('['):
			open = append(open, nil)
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
			if len(open) == 0 {
				return "", false
			}
		}
		key = len(open) > 0 && open[len(open)-1] != nil
	}
}

// alike is the same for two keys exactly when strings.EqualFold takes them for one.
func alike(key string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, key)
}
