package app

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"sanad/internal/office/clerk"
)

// trips stands between a house and its PostgreSQL server and counts what the server says: how often it was waited for, and how many
// statements it carried out.
type trips struct{ waits, statements atomic.Int64 }

// between listens for a house and returns the address to give it.
func (c *trips) between(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	network, server := "tcp", u.Host
	if host := q.Get("host"); host != "" {
		network, server = "unix", filepath.Join(host, ".s.PGSQL.5432")
	}
	folder, err := os.MkdirTemp("", "pg") // the test's own folder has too long a name for a socket
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(folder, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := l.Close()
		if err == nil {
			err = os.RemoveAll(folder)
		}
		if err != nil {
			t.Error(err)
		}
	})
	go func() {
		for {
			house, err := l.Accept()
			if err != nil {
				return // closed
			}
			pg, err := net.Dial(network, server)
			if err != nil {
				t.Error(err)
				_ = house.Close()
				return
			}
			go pass(pg, house)
			go pass(house, io.TeeReader(pg, &said{of: c}))
		}
	}()
	q.Set("host", folder)
	u.Host, u.RawQuery = "", q.Encode()
	return u.String()
}

// pass hands on what is said until one side ends, and then ends the other.
func pass(to net.Conn, from io.Reader) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
}

// said reads the messages of a server: a letter, and a length that counts itself (PostgreSQL documentation, message formats).
type said struct {
	of   *trips
	head []byte
	rest int
}

// Write implements io.Writer.
func (s *said) Write(b []byte) (int, error) {
	for left := b; len(left) > 0; {
		if s.rest > 0 {
			n := min(s.rest, len(left))
			left, s.rest = left[n:], s.rest-n
			continue
		}
		const header = 5
		n := min(header-len(s.head), len(left))
		s.head, left = append(s.head, left[:n]...), left[n:]
		if len(s.head) < header {
			continue
		}
		switch s.head[0] {
		case 'Z': // ready for query
			s.of.waits.Add(1)
		case 'C': // command complete
			s.of.statements.Add(1)
		}
		s.rest, s.head = int(binary.BigEndian.Uint32(s.head[1:]))-(header-1), s.head[:0]
	}
	return len(b), nil
}

// On PostgreSQL the clerk waits for the server twice a commit, however many commands share it: when it locks the log's head, which
// goes out behind the beginning of the transaction, and for the commit, which goes out behind all rows.
func TestCommitWaitsTwice(t *testing.T) {
	t.Parallel()
	const clients, commits = 32, 5
	var c trips
	d := newBenchDesk(t, randomHouse(t, t.TempDir(), c.between(t, benchPostgres(t)), running()), clients)
	d.open(t)
	for _, what := range []struct {
		name       string
		command    func(i int) clerk.Command
		statements int64
	}{
		// begin, the head, rows of docket, notice, outbox, act, hash, head, state and timer, commit
		{"notice", func(int) clerk.Command { return d.receiving() }, 11},
		// begin, the head, docket, notice, act, hash, head, state, commit
		{"assess", d.assessing, 9},
	} {
		for _, together := range []int{1, clients} {
			waits, statements := int64(1<<32), int64(1<<32)
			for range commits { // of which the first may prepare statements, and any may meet a connection that was idle for long
				var cmds []clerk.Command
				for i := range together {
					cmds = append(cmds, what.command(i))
				}
				w, s := c.waits.Load(), c.statements.Load()
				for i, r := range d.h.clerk.DoAll(t.Context(), cmds) {
					if r.Err == nil && r.Out.File == d.files[i].id {
						r.Err = d.saw(i, r.Out, nil)
					}
					if r.Err != nil {
						t.Fatal(r.Err)
					}
				}
				waits, statements = min(waits, c.waits.Load()-w), min(statements, c.statements.Load()-s)
			}
			if waits != 2 || statements > what.statements {
				t.Errorf("%s, %d together: %d waits and %d statements, want 2 and at most %d", what.name, together, waits, statements, what.statements)
			}
		}
	}
}
