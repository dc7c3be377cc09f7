package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is a running sanad.
type server struct {
	t                    testing.TB
	cmd                  *exec.Cmd
	public, console, ops string // where its doors are
	stderr               *heard
	ended                chan struct{} // closed when the process has ended
	err                  error         // how, once it has
}

// heard keeps what a process says.
type heard struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.Write(p)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.String()
}

// command prepares sanad with a clean environment, under another program where one is named (strace and its flags).
func command(t testing.TB, under []string, args ...string) *exec.Cmd {
	t.Helper()
	args = append(append(under[:len(under):len(under)], binary(t)), args...)
	cmd := exec.Command(args[0], args[1:]...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "SANAD_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	return cmd
}

// serveArgs are the arguments of a server on free ports.
func serveArgs(dir, db string) []string {
	args := []string{"serve", "--pack", "xx", "--data", dir, "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--ops", "127.0.0.1:0"}
	if db != "" {
		args = append(args, "--db", db)
	}
	return args
}

// launch starts a server and does not wait for it.
func launch(t testing.TB, dir, db string, under ...string) (*server, io.Reader) {
	t.Helper()
	return started(t, under, serveArgs(dir, db))
}

func started(t testing.TB, under, args []string) (*server, io.Reader) {
	t.Helper()
	s := &server{t: t, cmd: command(t, under, args...), stderr: &heard{}, ended: make(chan struct{})}
	s.cmd.Stderr = s.stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // strace and what it watches are killed together
	pr, pw, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stdout = pw
	err = s.cmd.Start()
	_ = pw.Close() // ours; the process has its own
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() {
		s.kill()
		_ = pr.Close()
	})
	return s, pr
}

// serve starts a server and waits until it has announced its doors.
func serve(t testing.TB, dir, db string, under ...string) *server {
	t.Helper()
	s, out := launch(t, dir, db, under...)
	s.await(out)
	return s
}

var announced = regexp.MustCompile(`^(public|console|ops) (http://127\.0\.0\.1:\d+)$`)

// await reads the three lines by which a server says where it is.
func (s *server) await(out io.Reader) {
	s.t.Helper()
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	late := time.After(30 * time.Second)
	for s.public == "" || s.console == "" || s.ops == "" {
		select {
		case line, ok := <-lines:
			m := announced.FindStringSubmatch(line)
			if !ok || m == nil {
				s.kill()
				s.t.Fatalf("serve said %q and then: %s", line, s.stderr)
			}
			*map[string]*string{"public": &s.public, "console": &s.console, "ops": &s.ops}[m[1]] = m[2]
		case <-late:
			s.kill()
			s.t.Fatalf("no doors in 30 s: %s", s.stderr)
		}
	}
}

// kill ends the process at once and waits until it is gone.
func (s *server) kill() {
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) // it may be gone already
	<-s.ended
}

// stop asks the process to end and wants it to do so well.
func (s *server) stop() {
	s.t.Helper()
	err := s.cmd.Process.Signal(syscall.SIGTERM)
	if err != nil {
		s.t.Fatal(err)
	}
	s.wait()
}

// wait waits for the end of a process that was asked to end.
func (s *server) wait() {
	s.t.Helper()
	select {
	case <-s.ended:
		if s.err != nil {
			s.t.Fatalf("stopped with %v: %s", s.err, s.stderr)
		}
	case <-time.After(30 * time.Second):
		s.kill()
		s.t.Fatalf("still running 30 s after it was asked to stop: %s", s.stderr)
	}
}

// run runs a command to its end.
func run(t testing.TB, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := command(t, nil, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Start()
	if err != nil {
		t.Fatal(err)
	}
	// A server that should have refused would run for ever.
	late := time.AfterFunc(60*time.Second, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// must runs a command that has to succeed and returns what it printed.
func must(t testing.TB, args ...string) string {
	t.Helper()
	code, out, errs := run(t, args...)
	if code != 0 {
		t.Fatalf("sanad %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// verdict is what sanad verify --json prints.
type verdict struct {
	OK       bool   `json:"ok"`
	Acts     int64  `json:"acts"`
	Root     string `json:"root"`
	Word     string `json:"word"`
	Signed   int64  `json:"signed"`
	Problems []struct {
		Seq  int64  `json:"seq"`
		What string `json:"what"`
	} `json:"problems"`
}

// verify wants a folder to be good under a key.
func verify(t testing.TB, dir, db, key string, more ...string) verdict {
	t.Helper()
	args := append([]string{"verify", dir, "--json", "--key", key}, more...)
	if db != "" {
		args = append(args, "--db", db)
	}
	code, out, errs := run(t, args...)
	var v verdict
	err := json.Unmarshal([]byte(out), &v)
	if code != 0 || err != nil || !v.OK || len(v.Problems) > 0 || v.Acts == 0 {
		t.Fatalf("verify: exit %d, %v\n%s%s", code, err, out, errs)
	}
	return v
}

// logKey is the verifier key of a folder.
func logKey(t testing.TB, dir string) string {
	t.Helper()
	return strings.TrimSpace(must(t, "key", "show", "--data", dir))
}

// client asks servers. Each user of one has its own, so that none waits for another's connection.
func client() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}, Timeout: 30 * time.Second}
}

// reply is an answer, read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// send posts and reads the whole answer. An error means that there was none.
func send(ctx context.Context, c *http.Client, url, kind string, body []byte, language string) (*reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", kind)
	if language != "" {
		req.Header.Set("Accept-Language", language)
	}
	return do(c, req)
}

func do(c *http.Client, req *http.Request) (*reply, error) {
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(resp.Body)
	err = errors.Join(err, resp.Body.Close())
	if err != nil {
		return nil, err
	}
	return &reply{resp.StatusCode, resp.Header, b}, nil
}

func fetch(t testing.TB, url string) *reply {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r, err := do(client(), req)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// receipt is what the sender of a notice was given, with what they had written.
type receipt struct {
	Code  string `json:"code"`
	Proof string `json:"proof"`
	text  string
}

func noticeJSON(text string) []byte {
	b, err := json.Marshal(map[string]any{
		"situation": "contact", "platform": "p", "where": "https://x.example/u", "text": text, "minor": true, "language": "fr",
	})
	if err != nil {
		panic(err) // strings and a boolean
	}
	return b
}

// post sends a notice as a program does. The receipt is nil when it was refused, whatever reply says.
func post(ctx context.Context, c *http.Client, base, text string) (*receipt, *reply, error) {
	r, err := send(ctx, c, base+"/api/v1/notices", "application/json", noticeJSON(text), "")
	if err != nil || r.status != http.StatusCreated {
		return nil, r, err
	}
	got := receipt{text: text}
	err = json.Unmarshal(r.body, &got)
	if err == nil && got.Code == "" {
		err = errors.New("an answer without a code")
	}
	return &got, r, err
}

var codeInPage = regexp.MustCompile(`name="code" value="(\d{16})"`)

// fill sends a notice as a browser does: the answer is a page, and waits for no checkpoint.
func fill(ctx context.Context, c *http.Client, base, text string) (*receipt, *reply, error) {
	form := url.Values{"at": {"check"}, "danger": {"no"}, "situation": {"contact"}, "where": {"https://x.example/u"}, "text": {text}, "minor": {"yes"}}
	r, err := send(ctx, c, base+"/report", "application/x-www-form-urlencoded", []byte(form.Encode()), "")
	if err != nil || r.status != http.StatusCreated {
		return nil, r, err
	}
	m := codeInPage.FindSubmatch(r.body)
	if m == nil {
		return nil, r, errors.New("a page of a receipt without a code")
	}
	return &receipt{Code: string(m[1]), text: text}, r, nil
}

// mustPost sends a notice that has to be taken, with its proof.
func mustPost(t testing.TB, base, text string) *receipt {
	t.Helper()
	got, r, err := post(context.Background(), client(), base, text)
	if err != nil {
		t.Fatal(err)
	}
	if got == nil || got.Proof == "" {
		t.Fatalf("posting: %d %s", r.status, r.body)
	}
	return got
}

// follows asks where a notice stands and reports an error when the server doesn't know its code.
func follows(c *http.Client, base string, got *receipt) error {
	r, err := send(context.Background(), c, base+"/api/v1/notices/status", "application/json", fmt.Appendf(nil, `{"code":%q}`, got.Code), "")
	if err != nil {
		return err
	}
	var s struct{ Stage string }
	err = json.Unmarshal(r.body, &s)
	if r.status != http.StatusOK || err != nil || s.Stage != "received" {
		return fmt.Errorf("the acknowledged code %s: %d %s", got.Code, r.status, r.body)
	}
	return nil
}
