package notice

import (
	"crypto/sha256"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// draw makes a code; a source that never gives a usable byte is left to rapid's own limit.
func draw(t *rapid.T) string {
	seed := sha256.Sum256(rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "seed"))
	code, err := DrawCode(strings.NewReader(strings.Repeat(string(seed[:]), 64)))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestCodeRoundTrip(t *testing.T) {
	t.Parallel()
	arabic := strings.NewReplacer("0", "٠", "1", "١", "2", "٢", "3", "٣", "4", "٤", "5", "٥", "6", "٦", "7", "٧", "8", "٨", "9", "٩")
	rapid.Check(t, func(t *rapid.T) {
		code := draw(t)
		for _, typed := range []string{code, Groups(code), arabic.Replace(Groups(code)), " " + strings.ReplaceAll(Groups(code), " ", "-") + "\u00a0"} {
			got, err := ReadCode(typed)
			if err != nil || got != code {
				t.Fatalf("%q read as %q, %v", typed, got, err)
			}
		}
	})
}

// One wrong digit, and two neighbours exchanged (but 09 and 90, which Luhn's rule can't tell), are noticed.
func TestCodeNoticesSlips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := []byte(draw(t))
		i := rapid.IntRange(0, len(code)-1).Draw(t, "at")
		wrong := append([]byte(nil), code...)
		wrong[i] = '0' + (code[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if _, err := ReadCode(string(wrong)); err == nil {
			t.Fatalf("%s was taken for %s", wrong, code)
		}
		if i == 0 || code[i] == code[i-1] || code[i]+code[i-1] == '0'+'9' && (code[i] == '0' || code[i] == '9') {
			return
		}
		swapped := append([]byte(nil), code...)
		swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
		if _, err := ReadCode(string(swapped)); err == nil {
			t.Fatalf("%s was taken for %s", swapped, code)
		}
	})
}

func TestCodeRefused(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"", "1", strings.Repeat("1", 16), strings.Repeat("0", 17), "4891 5262 4694 414x", strings.Repeat(" ", 200) + "4891526246944142", "4891526246944142\n4891526246944142"} {
		if code, err := ReadCode(typed); err == nil {
			t.Errorf("%q was read as %s", typed, code)
		}
	}
}
