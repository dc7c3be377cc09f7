package app

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
)

// Bounds of a connection. A slow phone sends a long form in two minutes and reads a page in three; a route that
// takes uploads asks for more through http.ResponseController. Nobody holds a connection for nothing.
const (
	headerTime = 10 * time.Second
	readTime   = 2 * time.Minute
	writeTime  = 3 * time.Minute
	idleTime   = time.Minute
	maxHeader  = 16 << 10
	stopTime   = 15 * time.Second
	lookEvery  = 10 * time.Second // at the files of a certificate
)

// Door is one listener and what stands behind it.
type Door struct {
	Name    string // public, console or ops: the first word of its line on standard output
	Addr    string // HOST:PORT, port 0 for any that is free; "off" for no listener
	Handler http.Handler
	People  bool // pages for people: encrypted where there is a certificate, refused in clear from other machines
}

// Listening is what all doors share.
type Listening struct {
	TLSCert, TLSKey string // "" for none
	TrustedProxy    []netip.Prefix
	Fail            web.Fail // answers a request refused at the door
	Log             *slog.Logger
	Now             func() time.Time
	Stop            time.Duration // how long requests may take to finish at the end; 0 for 15 s
}

// Listeners are open doors.
type Listeners struct {
	doors []*open
	stop  time.Duration
}

type open struct {
	name   string
	url    string
	server *http.Server
	l      net.Listener
	tls    bool
}

// Listen opens every door or none. Connections wait until Serve.
func Listen(ctx context.Context, doors []Door, o Listening) (*Listeners, error) {
	var cert *certificate
	if o.TLSCert != "" {
		var err error
		cert, err = newCertificate(o.TLSCert, o.TLSKey, o.Now, o.Log)
		if err != nil {
			return nil, err
		}
	}
	all := &Listeners{stop: o.Stop}
	if all.stop == 0 {
		all.stop = stopTime
	}
	for _, d := range doors {
		if d.Addr == off {
			continue
		}
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", d.Addr)
		if err != nil {
			all.closeAll()
			return nil, fmt.Errorf("the %s listener can't open %s: %w: stop what uses it, or name another address", d.Name, d.Addr, cause(err))
		}
		h := d.Handler
		secure := d.People && cert != nil
		if d.People {
			h = guard(h, o.TrustedProxy, o.Fail)
		}
		s := &http.Server{
			Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
			MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(faults{o.Log, d.Name}, slog.LevelWarn),
		}
		scheme := "http"
		if secure {
			scheme = "https"
			s.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: cert.get}
		}
		all.doors = append(all.doors, &open{d.Name, scheme + "://" + l.Addr().String(), s, l, secure})
	}
	return all, nil
}

// cause drops what net says twice.
func cause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// Announce writes one line for each door with the address it really has: public http://127.0.0.1:8080.
func (all *Listeners) Announce(w io.Writer) error {
	for _, d := range all.doors {
		_, err := fmt.Fprintf(w, "%s %s\n", d.name, d.url)
		if err != nil {
			return err
		}
	}
	return nil
}

// URL returns where a door listens, "" when it is off.
func (all *Listeners) URL(name string) string {
	for _, d := range all.doors {
		if d.name == name {
			return d.url
		}
	}
	return ""
}

// Serve answers until ctx is done, then takes no new connection, lets running requests finish for a while and cuts
// the rest. It returns nil after such an end; an error when a door failed by itself, the others being stopped too,
// or when requests had to be cut.
func (all *Listeners) Serve(ctx context.Context) error {
	failed := make(chan error, len(all.doors))
	for _, d := range all.doors {
		go func() {
			var err error
			if d.tls {
				err = d.server.ServeTLS(d.l, "", "")
			} else {
				err = d.server.Serve(d.l)
			}
			if !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("the %s listener stopped: %w", d.name, err)
			}
		}()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), all.stop)
	defer cancel()
	var wait sync.WaitGroup
	cut := make([]error, len(all.doors))
	for i, d := range all.doors {
		wait.Go(func() {
			if e := d.server.Shutdown(grace); e != nil {
				_ = d.server.Close()
				cut[i] = fmt.Errorf("the %s listener cut requests that took longer than %s to finish", d.name, all.stop)
			}
		})
	}
	wait.Wait()
	return errors.Join(append([]error{err}, cut...)...)
}

// closeAll closes doors that never served.
func (all *Listeners) closeAll() {
	for _, d := range all.doors {
		_ = d.l.Close()
	}
}

// errPlain refuses people's pages in clear from another machine.
var errPlain = fault.Forbidden.New("web.plain_http")

// guard settles who asks and how before anyone looks: only what a trusted proxy says of the client is believed, and
// its headers go no further. A request in clear passes from the machine itself, or from a trusted proxy that
// received it encrypted; a proxy that does not say so is taken at its worst. Inside, RemoteAddr is the client's.
func guard(next http.Handler, trusted []netip.Prefix, fail web.Fail) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer := peerOf(r.RemoteAddr)
		proxied := contains(trusted, peer)
		proto := r.Header.Get("X-Forwarded-Proto")
		chain := r.Header.Values("X-Forwarded-For")
		r = r.WithContext(r.Context())
		r.Header = r.Header.Clone()
		for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Real-Ip"} {
			r.Header.Del(name)
		}
		if proxied {
			r.RemoteAddr = client(peer, chain, trusted).String()
			if strings.EqualFold(proto, "https") {
				r = web.WithSecure(r)
			}
		}
		if !web.Secure(r) && (proxied || !peer.IsLoopback()) {
			fail(w, r, errPlain)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func peerOf(remote string) netip.Addr {
	p, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return p.Addr().Unmap().WithZone("")
}

func contains(nets []netip.Prefix, a netip.Addr) bool {
	for _, n := range nets {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// client walks a chain of proxies from the nearest: the first address that is not one of ours is the client's.
// What stands before it was written by the client. An entry that is no address ends the walk.
func client(peer netip.Addr, chain []string, trusted []netip.Prefix) netip.Addr {
	hops := strings.Split(strings.Join(chain, ","), ",")
	for i := len(hops) - 1; i >= 0 && contains(trusted, peer); i-- {
		hop, err := netip.ParseAddr(strings.Trim(strings.TrimSpace(hops[i]), "[]"))
		if err != nil {
			break
		}
		peer = hop.Unmap().WithZone("")
	}
	return peer
}

// certificate is read again when its files change, so that a renewal needs no restart. While new files are wrong or
// half written the old certificate stays.
type certificate struct {
	certFile, keyFile string
	now               func() time.Time
	log               *slog.Logger

	mu     sync.Mutex
	cert   *tls.Certificate
	sum    [32]byte // of both files, as they were used
	failed string   // why they were last refused, so that it is said once
	looked time.Time
}

func newCertificate(certFile, keyFile string, now func() time.Time, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, now: now, log: log}
	cert, sum, err := c.read()
	if err != nil {
		return nil, fmt.Errorf("the certificate %s and the key %s can't be used: %w", certFile, keyFile, err)
	}
	c.cert, c.sum = cert, sum
	if now != nil {
		c.looked = now()
	}
	return c, nil
}

// read compares by content: two files written within one tick of the disk's clock would look alike by date and size.
func (c *certificate) read() (*tls.Certificate, [32]byte, error) {
	certPEM, err := os.ReadFile(c.certFile)
	if err != nil {
		return nil, [32]byte{}, err
	}
	keyPEM, err := os.ReadFile(c.keyFile)
	if err != nil {
		return nil, [32]byte{}, err
	}
	sum := sha256.Sum256(slices.Concat(certPEM, []byte{0}, keyPEM))
	if sum == c.sum {
		return c.cert, sum, nil
	}
	cert, err := tls.X509KeyPair(certPEM, keyPEM)
	return &cert, sum, err
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.looked).Abs() >= lookEvery {
		c.looked = now
		c.again()
	}
	return c.cert, nil
}

func (c *certificate) again() {
	cert, sum, err := c.read()
	switch {
	case err != nil && err.Error() != c.failed:
		c.failed = err.Error()
		c.log.LogAttrs(context.Background(), slog.LevelWarn, "the new certificate can't be used, the old one stays", slog.String("err", err.Error()))
	case err == nil && sum != c.sum:
		c.cert, c.sum = cert, sum
		c.log.LogAttrs(context.Background(), slog.LevelInfo, "the certificate was read again")
	}
}

// faults takes the lines of net/http's own log, which name network addresses, and logs of each only its kind.
type faults struct {
	log  *slog.Logger
	door string
}

func (f faults) Enabled(context.Context, slog.Level) bool { return true }
func (f faults) WithAttrs([]slog.Attr) slog.Handler       { return f }
func (f faults) WithGroup(string) slog.Handler            { return f }

func (f faults) Handle(ctx context.Context, r slog.Record) error {
	level, kind := slog.LevelWarn, "other"
	for _, k := range []struct {
		level      slog.Level
		mark, kind string
	}{
		{slog.LevelDebug, "TLS handshake", "handshake"},
		{slog.LevelError, "Accept error", "accept"},
		{slog.LevelError, "panic serving", "panic"},
		{slog.LevelDebug, "superfluous", "twice"},
	} {
		if strings.Contains(r.Message, k.mark) {
			level, kind = k.level, k.kind
			break
		}
	}
	f.log.LogAttrs(ctx, level, "connection fault", slog.String("door", f.door), slog.String("kind", kind))
	return nil
}
