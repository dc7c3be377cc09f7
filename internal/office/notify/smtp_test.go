package notify_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"math/big"
	"mime"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

// post is a mail server for tests: it keeps what it is given, and breaks where it is told to.
type post struct {
	t        *testing.T
	listener net.Listener
	tls      *tls.Config // nil: it does not offer STARTTLS
	trust    *tls.Config

	mu    sync.Mutex
	got   []letter
	fails map[string]string // what it answers to a command; "hang" says nothing, "cut" hangs up
	open  map[net.Conn]bool
	seen  int           // connections
	clear bool          // something but a greeting came in clear
	hangs chan struct{} // told whenever it falls silent
}

// letter is a mail that was taken.
type letter struct {
	from, to string
	auth     string // what came with AUTH
	raw      string
	secure   bool
}

func newPost(t *testing.T, secure bool) *post {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	p := &post{t: t, listener: l, fails: map[string]string{}, open: map[net.Conn]bool{}, hangs: make(chan struct{}, 64)}
	if secure {
		p.tls, p.trust = certificate(t)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.open[conn] = true
			p.seen++
			p.mu.Unlock()
			running.Go(func() {
				p.serve(conn)
				_ = conn.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		for conn := range p.open {
			_ = conn.Close()
		}
		p.mu.Unlock()
		running.Wait()
	})
	return p
}

// certificate makes one for 127.0.0.1 that only this test trusts.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "post.test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	must(t, err)
	own, err := x509.ParseCertificate(der)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(own)
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
		&tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
}

// fail makes the server answer a command so, "" makes it well again.
func (p *post) fail(command, answer string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if answer == "" {
		delete(p.fails, command)
		return
	}
	p.fails[command] = answer
}

func (p *post) letters() []letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]letter(nil), p.got...)
}

// asked is how often somebody called.
func (p *post) asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen
}

func (p *post) serve(conn net.Conn) {
	in, out := bufio.NewReader(conn), io.Writer(conn)
	say := func(command, answer string) bool {
		p.mu.Lock()
		wrong, fails := p.fails[command]
		p.mu.Unlock()
		switch {
		case fails && wrong == "cut":
			return false
		case fails && wrong == "hang":
			p.hangs <- struct{}{}
			_, _ = io.Copy(io.Discard, in) // until somebody gives up
			return false
		case fails:
			answer = wrong
		}
		_, err := io.WriteString(out, answer+"\r\n")
		return err == nil
	}
	if !say("greet", "220 post.test") {
		return
	}
	var now letter
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, rest, _ := strings.Cut(line, " ")
		verb = strings.ToUpper(verb)
		if p.tls != nil && !now.secure && verb != "EHLO" && verb != "STARTTLS" && verb != "QUIT" {
			p.mu.Lock()
			p.clear = true
			p.mu.Unlock()
		}
		var ok bool
		switch verb {
		case "EHLO":
			answer := "250-8BITMIME\r\n250 AUTH PLAIN"
			if p.tls != nil && !now.secure {
				answer = "250-8BITMIME\r\n250 STARTTLS"
			}
			ok = say(verb, answer)
		case "AUTH":
			now.auth = rest
			ok = say(verb, "235 welcome")
		case "STARTTLS":
			ok = say(verb, "220 go")
			if ok {
				secure := tls.Server(conn, p.tls)
				in, out, now.secure = bufio.NewReader(secure), secure, true
			}
		case "MAIL":
			now.from = rest
			ok = say(verb, "250 ok")
		case "RCPT":
			now.to = rest
			ok = say(verb, "250 ok")
		case "DATA":
			ok = say(verb, "354 go")
			p.mu.Lock()
			_, refused := p.fails[verb]
			p.mu.Unlock()
			if !ok || refused {
				break
			}
			var b strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				b.WriteString(line)
			}
			now.raw = b.String()
			ok = say("taken", "250 taken")
			p.mu.Lock()
			_, refused = p.fails["taken"]
			if ok && !refused {
				p.got = append(p.got, now)
			}
			p.mu.Unlock()
		case "QUIT":
			_ = say(verb, "221 bye")
			return
		default:
			ok = say(verb, "502 no")
		}
		if !ok {
			return
		}
	}
}

// read takes a mail apart: its headers, its subject and its text.
func (l letter) read(t *testing.T) (mail.Header, string, string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(l.raw))
	must(t, err)
	subject, err := (&mime.WordDecoder{}).DecodeHeader(m.Header.Get("Subject"))
	must(t, err)
	text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.Body))
	must(t, err)
	return m.Header, subject, string(text)
}
