package app

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"sanad/internal/kit/lang"
	lawcheck "sanad/internal/law/check"
)

// The command says what the console says: what this mandate may do now, and what keeps the rest closed, with the gates' own words.
func TestProtocolExplain(t *testing.T) {
	t.Parallel()
	folder, c := t.TempDir(), newClock()
	h := testHouse(t, folder, "", c)
	p := newPlayer(t, h, c)
	p.receive(nil)
	file := p.file.String()
	explain := func(args ...string) (int, string, string) {
		t.Helper()
		var out, errs bytes.Buffer
		env := Env{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, Now: c.now, Dice: newSeeded("explain")}
		code := Commands{{"protocol explain", "FILE-ID", "say what is possible now", protocolExplainFlags}}.
			Dispatch(t.Context(), append([]string{"protocol", "explain", "--data", folder}, args...), env)
		return code, plainSpaces(out.String()), errs.String()
	}
	for language, want := range map[string][]string{
		"en": {"What is possible now\n- Acknowledge – by Officer", "What is not, and why", "First comes: ", "Time limits that run"},
		"fr": {"Ce qui est possible maintenant", "Ce qui ne l’est pas, et pourquoi"},
		"ar": {"ما هو ممكن الآن", "ما ليس ممكنا، ولماذا"},
	} {
		code, out, errs := explain(file, "--mandate", "xx-officer-1", "--lang", language)
		if code != ExitGood || strings.Contains(errs, "sanad protocol") {
			t.Fatalf("%s: exit %d, %s", language, code, errs)
		}
		for _, w := range append(want, "") {
			if !strings.Contains(out, w) {
				t.Errorf("%s: %q is missing in\n%s", language, w, out)
			}
		}
		for _, raw := range []string{"check.", "law.block", "step.xx", "gate.", "{"} {
			if strings.Contains(out, raw) {
				t.Errorf("%s: %q is not worded in\n%s", language, raw, out)
			}
		}
	}
	for name, x := range map[string]struct {
		args []string
		want string
	}{
		"nobody named":  {[]string{file}, "for whom?"},
		"no such seat":  {[]string{file, "--mandate", "xx-nobody-1"}, "no mandate"},
		"no id":         {[]string{"seven", "--mandate", "xx-officer-1"}, "no file's id"},
		"a hidden file": {[]string{file, "--mandate", "xx-visitor-1"}, "there is no file"},
		"no language":   {[]string{file, "--mandate", "xx-officer-1", "--lang", "tlh"}, "expected fr, ar or en"},
	} {
		code, out, errs := explain(x.args...)
		if code != ExitCant || out != "" || !strings.Contains(errs, x.want) {
			t.Errorf("%s: exit %d, %q, %q", name, code, out, errs)
		}
	}
}

// A drawing is well-formed, the same each time, mirrored in Arabic, has all steps by their names, and shows where a run stands.
func TestProtocolDraw(t *testing.T) {
	t.Parallel()
	law := lawsOf(t, realPack)[0]
	messages, err := (&house{pack: law}).messages()
	if err != nil {
		t.Fatal(err)
	}
	for i := range law.Protocols {
		x := &law.Protocols[i]
		for _, language := range []lang.Lang{lang.French, lang.Arabic, lang.English} {
			svg := drawProtocol(messages.For(language), x, nil)
			if again := drawProtocol(messages.For(language), x, nil); !bytes.Equal(svg, again) {
				t.Fatalf("%s in %s: two drawings differ", x.ID, language)
			}
			wellFormed(t, svg)
			text := string(svg)
			if n := strings.Count(text, `class="box"`); n != len(x.Steps) {
				t.Errorf("%s has %d boxes for %d steps", x.ID, n, len(x.Steps))
			}
			if strings.Contains(text, `direction="rtl"`) != (language == lang.Arabic) || !strings.Contains(text, "<desc") {
				t.Errorf("%s in %s runs the wrong way, or has no description", x.ID, language)
			}
			if strings.Contains(text, "check.draw") || strings.Contains(text, "step."+x.ID) {
				t.Errorf("%s in %s has something that is not worded", x.ID, language)
			}
		}
	}
	code, out, errs := askProtocol(t, "protocol draw", func() Command { return Command{"protocol draw", "ID", "draw", protocolDrawFlags} }, realPack+".nothing")
	if code != ExitCant || out != "" || !strings.Contains(errs, "has no protocol") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}

	code, out, errs = askProtocol(t, "protocol draw", func() Command { return Command{"protocol draw", "ID", "draw", protocolDrawFlags} }, law.Protocols[0].ID, "--lang", "ar")
	if code != ExitGood || errs != "" || !strings.HasPrefix(out, "<svg ") {
		t.Errorf("exit %d, %s", code, errs)
	}
	x := &law.Protocols[0]
	at := &lawcheck.Place{Done: map[string]bool{x.Steps[0].ID: true}, Open: map[string]bool{x.Steps[1].ID: true}}
	svg := string(drawProtocol(messages.For("en"), x, at))
	if strings.Count(svg, " done\"") != 1 || strings.Count(svg, " open\"") != 1 || !strings.Contains(svg, "Possible now") {
		t.Errorf("it does not show where the run stands:\n%s", svg)
	}
}

func wellFormed(t *testing.T, svg []byte) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
