package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
)

// selfSigned writes a certificate and its key, both named for name, valid for 127.0.0.1.
func selfSigned(t *testing.T, dir, name string) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(at.UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: at.Add(-time.Hour), NotAfter: at.Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	kder, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key")
	write(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: kder})))
	return cert, key
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func listening(log io.Writer) Listening {
	return Listening{
		Now: time.Now, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), Stop: 5 * time.Second,
		Fail: func(w http.ResponseWriter, _ *http.Request, err error) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, string(fault.CodeOf(err)))
		},
	}
}

var hello = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })

func get(t *testing.T, c *http.Client, url string) (int, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(r)
	if err != nil {
		return 0, "", err
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode, string(b), err
}

// serve runs listeners until stop is called, which returns what Serve returned.
func serve(t *testing.T, all *Listeners) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- all.Serve(ctx) }()
	t.Cleanup(cancel)
	return func() error { cancel(); return <-done }
}

func client1() *http.Client {
	return &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
}

func TestListen(t *testing.T) {
	t.Parallel()
	all, err := Listen(t.Context(), []Door{
		{"public", "127.0.0.1:0", hello, true}, {"console", off, hello, true}, {"ops", "127.0.0.1:0", hello, false},
	}, listening(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	if err := all.Announce(&lines); err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`^public (http://127\.0\.0\.1:[1-9]\d*)\nops (http://127\.0\.0\.1:[1-9]\d*)\n$`).FindStringSubmatch(lines.String())
	if m == nil || all.URL("public") != m[1] || all.URL("console") != "" {
		t.Fatalf("announced %q", lines.String())
	}
	stop := serve(t, all)
	for _, url := range m[1:] {
		if status, body, err := get(t, client1(), url); status != 200 || body != "hello" || err != nil {
			t.Errorf("%s: %d %q %v", url, status, body, err)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, _, err := get(t, client1(), m[1]); err == nil {
		t.Error("it answers after it stopped")
	}
}

// A door that can't be opened leaves none open.
func TestListenAllOrNone(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	_ = free.Close()
	_, err = Listen(t.Context(), []Door{{"public", addr, hello, true}, {"ops", taken.Addr().String(), hello, false}}, listening(io.Discard))
	if err == nil || !strings.Contains(err.Error(), "the ops listener can't open "+taken.Addr().String()) {
		t.Fatal(err)
	}
	again, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addr)
	if err != nil {
		t.Errorf("the first door stayed open: %v", err)
	} else {
		_ = again.Close()
	}
	o := listening(io.Discard)
	o.TLSCert, o.TLSKey = "/nowhere.pem", "/nowhere.key"
	if _, err := Listen(t.Context(), nil, o); err == nil {
		t.Error("a certificate that is not there was accepted")
	}
}

// A running request finishes; one that does not is cut when the time is over.
func TestStop(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		grace time.Duration
		whole bool
	}{"finishes": {10 * time.Second, true}, "is cut": {50 * time.Millisecond, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			started, release := make(chan struct{}), make(chan struct{})
			slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				close(started)
				select {
				case <-release:
				case <-r.Context().Done():
					return
				}
				_, _ = io.WriteString(w, "whole")
			})
			o := listening(io.Discard)
			o.Stop = c.grace
			all, err := Listen(t.Context(), []Door{{"public", "127.0.0.1:0", slow, true}}, o)
			if err != nil {
				t.Fatal(err)
			}
			stop := serve(t, all)
			body := make(chan string, 1)
			go func() {
				_, b, _ := get(t, client1(), all.URL("public"))
				body <- b
			}()
			<-started
			if c.whole {
				go func() { time.Sleep(50 * time.Millisecond); close(release) }()
			}
			err = stop()
			if c.whole != (err == nil) {
				t.Errorf("stopping: %v", err)
			}
			if got := <-body; (got == "whole") != c.whole {
				t.Errorf("the request got %q", got)
			}
		})
	}
}

// A door that fails by itself stops the others: no half of a server stays behind.
func TestOneDoorFails(t *testing.T) {
	t.Parallel()
	all, err := Listen(t.Context(), []Door{{"public", "127.0.0.1:0", hello, true}, {"ops", "127.0.0.1:0", hello, false}}, listening(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- all.Serve(context.Background()) }()
	_ = all.doors[1].l.Close()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "the ops listener stopped") {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the public door still waits")
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := listening(io.Discard)
	log := &lockedBuffer{}
	o.Log = listening(log).Log
	o.TLSCert, o.TLSKey = selfSigned(t, dir, "first")
	cert2, key2 := selfSigned(t, dir, "second")
	pool := x509.NewCertPool()
	for _, name := range []string{o.TLSCert, cert2} {
		b, err := os.ReadFile(name)
		if err != nil || !pool.AppendCertsFromPEM(b) {
			t.Fatal(name, err)
		}
	}
	var mu sync.Mutex
	at := time.Now()
	o.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return at }
	later := func() { mu.Lock(); defer mu.Unlock(); at = at.Add(lookEvery) }
	secure := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if web.Secure(r) {
			_, _ = io.WriteString(w, "secure")
		}
	})
	all, err := Listen(t.Context(), []Door{{"public", "127.0.0.1:0", secure, true}, {"ops", "127.0.0.1:0", hello, false}}, o)
	if err != nil {
		t.Fatal(err)
	}
	stop := serve(t, all)
	defer func() { _ = stop() }()
	url := all.URL("public")
	if !strings.HasPrefix(url, "https://") || !strings.HasPrefix(all.URL("ops"), "http://") {
		t.Fatalf("%s %s", url, all.URL("ops"))
	}
	// name connects and says whose certificate was shown.
	name := func(most uint16) (string, error) {
		d := tls.Dialer{Config: &tls.Config{RootCAs: pool, MaxVersion: most, MinVersion: tls.VersionTLS10}} //nolint:gosec // G402: the client of a test that sees 1.1 refused
		conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "https://"))
		if err != nil {
			return "", err
		}
		defer func() { _ = conn.Close() }()
		return conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Subject.CommonName, nil //nolint:forcetypeassert // tls.Dialer says so
	}
	if got, err := name(0); got != "first" || err != nil {
		t.Fatalf("%s %v", got, err)
	}
	if _, err := name(tls.VersionTLS11); err == nil {
		t.Error("TLS 1.1 was accepted")
	}
	c := client1()
	c.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	if _, body, err := get(t, c, url); body != "secure" || err != nil {
		t.Errorf("%q %v", body, err)
	}
	// New files half written: the old certificate stays. Whole: the new one is shown, without a restart.
	move(t, cert2, o.TLSCert)
	later()
	if got, _ := name(0); got != "first" {
		t.Errorf("half written: %q", got)
	}
	move(t, key2, o.TLSKey)
	later()
	if got, _ := name(0); got != "second" {
		t.Errorf("renewed: %q", got)
	}
	if !strings.Contains(log.String(), "the old one stays") || !strings.Contains(log.String(), "was read again") {
		t.Errorf("log: %s", log.String())
	}
}

func move(t *testing.T, from, to string) {
	t.Helper()
	err := os.Rename(from, to)
	if err != nil {
		t.Fatal(err)
	}
}

// What net/http logs by itself names addresses; what we log of it does not.
func TestFaultsNameNoAddress(t *testing.T) {
	t.Parallel()
	log := &lockedBuffer{}
	o := listening(log)
	o.TLSCert, o.TLSKey = selfSigned(t, t.TempDir(), "a")
	all, err := Listen(t.Context(), []Door{{"public", "127.0.0.1:0", hello, true}}, o)
	if err != nil {
		t.Fatal(err)
	}
	stop := serve(t, all)
	_, _, _ = get(t, client1(), strings.Replace(all.URL("public"), "https", "http", 1))
	if err := stop(); err != nil {
		t.Error(err)
	}
	got := log.String()
	if !strings.Contains(got, `door=public kind=handshake`) || strings.Contains(got, "127.0.0.1") {
		t.Errorf("log: %s", got)
	}
}
