package app

import (
	"cmp"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// line is a connection to PostgreSQL that counts statements, and how often the server is waited for, and breaks when told to.
type line struct {
	url        string // of the database, through the line
	network    string
	server     string
	statements atomic.Int64
	waits      atomic.Int64
	cut        atomic.Int32
}

// Where a line breaks, once: before the next COMMIT reaches the server, or before its answer comes back.
const (
	cutCommit = int32(1)
	cutAnswer = int32(2)
)

func newLine(t *testing.T, address string) *line {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	l := &line{network: "tcp", server: u.Host}
	if folder := q.Get("host"); strings.HasPrefix(folder, "/") { // a socket in a folder, as the gate's server has
		port := q.Get("port")
		if port == "" {
			port = cmp.Or(u.Port(), "5432")
		}
		l.network, l.server = "unix", filepath.Join(folder, ".s.PGSQL."+port)
		q.Del("host")
		q.Del("port")
	}
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = at.Close() })
	u.Host = at.Addr().String()
	q.Set("sslmode", "disable") // messages are read on the way
	u.RawQuery = q.Encode()
	l.url = u.String()
	go func() {
		for {
			client, err := at.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial(l.network, l.server)
			if err != nil {
				_ = client.Close()
				continue
			}
			var deaf atomic.Bool
			go func() {
				_, _ = io.Copy(answers{client, &deaf}, server)
				_ = client.Close()
			}()
			go func() {
				l.forward(server, client, &deaf)
				_ = server.Close()
			}()
		}
	}()
	return l
}

// answers passes on what a server says until somebody goes deaf.
type answers struct {
	net.Conn
	deaf *atomic.Bool
}

func (a answers) Write(b []byte) (int, error) {
	if a.deaf.Load() {
		return 0, net.ErrClosed
	}
	return a.Conn.Write(b)
}

// forward passes messages on to the server: a letter but in the first, four bytes of length, and so many bytes less four.
func (l *line) forward(server io.Writer, client io.Reader, deaf *atomic.Bool) {
	for head := 4; ; head = 5 {
		message := make([]byte, head)
		_, err := io.ReadFull(client, message)
		if err != nil {
			return
		}
		rest := make([]byte, binary.BigEndian.Uint32(message[head-4:])-4)
		_, err = io.ReadFull(client, rest)
		if err != nil {
			return
		}
		letter := byte(0)
		if head == 5 {
			letter = message[0]
		}
		ping := strings.HasPrefix(string(rest), "-- ping") // the driver's own, of a connection that rested
		if letter == 'E' || letter == 'Q' && !ping {       // execute what was prepared, or a query in one go
			l.statements.Add(1)
		}
		if letter == 'S' || letter == 'Q' && !ping { // sync, behind what was executed
			l.waits.Add(1)
		}
		text := strings.ToLower(string(rest))
		if letter == 'Q' && strings.HasPrefix(text, "commit") || letter == 'P' && strings.HasPrefix(text, "\x00commit\x00") {
			switch l.cut.Swap(0) {
			case cutCommit:
				return
			case cutAnswer:
				deaf.Store(true)
			}
		}
		_, err = server.Write(slices.Concat(message, rest))
		if err != nil {
			return
		}
	}
}
