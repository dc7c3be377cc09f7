package act

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The fast readers and the exported parsers accept the same texts and read the same from them.
func TestReadersAgreeWithParsers(t *testing.T) {
	t.Parallel()
	agree := func(t interface{ Fatalf(string, ...any) }, text string) {
		id, ok := readID(text)
		wantID, err := ParseID(text)
		if id != wantID && ok || ok != (err == nil) {
			t.Fatalf("identifier %q: %v %v, parsed %v %v", text, id, ok, wantID, err)
		}
		at, ok := readInstant(text)
		want, err := ParseInstant(text)
		if at != want && ok || ok != (err == nil) {
			t.Fatalf("instant %q: %v %v, parsed %v %v", text, at, ok, want, err)
		}
	}
	for _, text := range []string{
		"", "2026-02-28T23:59:59.999999Z", "2026-02-29T00:00:00.000000Z", "2024-02-29T00:00:00.000000Z", "0000-01-01T00:00:00.000000Z",
		"0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z", "2026-00-01T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z",
		"2026-01-00T00:00:00.000000Z", "2026-01-01T24:00:00.000000Z", "2026-01-01T00:60:00.000000Z", "2026-01-01T00:00:60.000000Z",
		"2026-01-01T00:00:00,000000Z", "2026-01-01 00:00:00.000000Z", "2026-01-01T00:00:00.00000+Z", "+026-01-01T00:00:00.000000Z",
		strings.Repeat("a", 26), strings.Repeat("7", 25) + "4", strings.Repeat("7", 25) + "5", strings.Repeat("7", 25) + "6", strings.Repeat("A", 26), strings.Repeat("a", 25) + "=",
	} {
		agree(t, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.OneOf(
			rapid.StringMatching(`[a-z2-7]{26}`), rapid.StringMatching(`[0-9]{4}-[0-3][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\.[0-9]{6}Z`),
		).Draw(t, "text"))
		if rapid.Bool().Draw(t, "spoil") {
			text[rapid.IntRange(0, len(text)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		agree(t, string(text))
	})
}
