package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Nothing that could lead to a reporter leaves the requests they make: not their address, not the addresses that proxies tell,
// not what they typed, not their code; neither in what the process says, nor in its metrics, nor in what it keeps on the disk.
func TestNoTraceOfReporters(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// Behind a proxy that is trusted, what it says of a client is the client's address to all of the program.
	s, out := started(t, nil, append(serveArgs(dir, ""), "--trusted-proxy", "127.0.0.1/32"))
	s.await(out)
	const (
		address = "198.51.100.213"
		six     = "2001:db8:77aa::5e11"
		word    = "xylophagous"
		agent   = "Mozilla/5.0 (Xylograph 9)"
	)
	asked, caller := 0, client()
	ask := func(method, target, media, body string) *reply {
		t.Helper()
		asked++
		client := []string{address, six}[asked%2]
		r, err := http.NewRequestWithContext(context.Background(), method, s.public+target, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"X-Forwarded-For": client, "X-Forwarded-Proto": "https", "X-Real-Ip": address, "Forwarded": "for=" + address, "User-Agent": agent, "Referer": "https://" + word + ".example/",
			"Content-Type": media, "Accept": "text/html", "Cookie": "language=fr; other=" + word,
		} {
			r.Header.Set(name, value)
		}
		got, err := do(caller, r)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	const form = "application/x-www-form-urlencoded"
	report := url.Values{"at": {"check"}, "danger": {"no"}, "situation": {"contact"}, "where": {word + ".example"}, "text": {word}, "minor": {"yes"}}.Encode()
	got := ask("POST", "/report", form, report)
	_, after, _ := strings.Cut(string(got.body), `name="code" value="`)
	code, _, _ := strings.Cut(after, `"`)
	if got.status != http.StatusCreated || len(code) != 16 {
		t.Fatalf("%d\n%s", got.status, got.body)
	}
	for _, x := range []struct{ method, target, media, body string }{
		{"GET", "/?q=" + word, "", ""},
		{"GET", "/follow?code=" + code, "", ""},
		{"GET", "/" + word, "", ""},
		{"GET", "/register/" + word, "", ""},
		{"POST", "/follow", form, "code=" + code},
		{"POST", "/follow", form, "code=" + word},
		{"POST", "/proof", form, "code=" + code},
		{"POST", "/report", form, report + "&" + word + "=1"},
		{"POST", "/child", form, "text=" + word + "%ff"},
		{"POST", "/api/v1/notices", "application/json", `{"` + word + `":1}`},
		{"POST", "/api/v1/notices/status", "application/json", fmt.Sprintf(`{"code":%q}`, code)},
		{"POST", "/api/v1/notices", "multipart/form-data; boundary=" + word, "--" + word + "\r\nnothing"},
		{"DELETE", "/" + word, "", ""},
	} {
		if r := ask(x.method, x.target, x.media, x.body); r.status >= 500 {
			t.Errorf("%s %s: %d", x.method, x.target, r.status)
		}
	}
	metrics := string(fetch(t, s.ops+"/metrics").body)
	if !strings.Contains(metrics, "sanad_") {
		t.Fatalf("no metrics\n%s", metrics)
	}
	health := string(fetch(t, s.ops+"/healthz").body)
	s.stop()
	said := s.stderr.String()
	if !strings.Contains(said, "POST /report") {
		t.Fatalf("nothing was logged\n%s", said)
	}
	never := []string{address, six, "2001:db8", word, "Xylograph", code, code[:4] + " " + code[4:8], "127.0.0.1:"}
	for where, text := range map[string]string{"the log": said, "the metrics": metrics, "the health page": health} {
		for _, n := range never {
			if where == "the log" && n == "127.0.0.1:" { // where the doors are
				continue
			}
			if strings.Contains(text, n) {
				t.Errorf("%s holds %q\n%s", where, n, text)
			}
		}
	}
	// On the disk, what was told is sealed, and of the code there is a keyed hash.
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, n := range never[:7] {
			if strings.Contains(string(b), n) {
				t.Errorf("%s holds %q", filepath.Base(path), n)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
