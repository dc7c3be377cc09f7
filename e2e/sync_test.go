package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A killed process can't show a missing sync: what it wrote stays with the kernel. So the server is watched by strace.
//
// What proves an acknowledgement is this order of system calls, an arrow meaning that the left one had returned before the
// right one was called:
//
//	read of the request → last write of a commit to sanad.db-wal → fsync of sanad.db-wal → write of "201"
//
// The commit meant is the first one after the request: the log rests when a request is sent, and nothing but a request
// makes it grow. A commit's last write is the page that follows a frame header naming the database's size (SQLite file
// format, 4.2: the field is zero in every other frame). Keys come first: when that commit begins, every write to
// keys.db-wal since the request must have been synced.

// call is one system call: at is where it was called and back where it returned, in lines of the trace.
type call struct {
	at, back int
	name     string
	file     string // of the descriptor it was called on
	data     string // the beginning of what was read or written
	failed   bool
}

var (
	begun   = regexp.MustCompile(`^(\d+) +(\w+)\((\d+)<(.*?)>(.*)$`)
	resumed = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>(.*)$`)
	quoted  = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	outcome = regexp.MustCompile(`\) += (-?\d+)`)
)

// parseTrace reads what strace -f -y -x wrote. Calls that another thread interrupts stand on two lines.
func parseTrace(r io.Reader) ([]*call, error) {
	var calls []*call
	pending := map[string]*call{} // by thread
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	finish := func(c *call, line int, rest string) error {
		if m := quoted.FindStringSubmatch(rest); m != nil && c.data == "" {
			data, err := unquote(m[1])
			if err != nil {
				return fmt.Errorf("line %d: %w", line, err)
			}
			c.data = data
		}
		if m := outcome.FindStringSubmatch(rest); m != nil {
			c.back, c.failed = line, strings.HasPrefix(m[1], "-")
		}
		return nil
	}
	for line := 1; scan.Scan(); line++ {
		text := scan.Text()
		if m := resumed.FindStringSubmatch(text); m != nil {
			c := pending[m[1]]
			if c == nil {
				continue // began on something that is no file
			}
			delete(pending, m[1])
			err := finish(c, line, m[3])
			if err != nil {
				return nil, err
			}
			continue
		}
		m := begun.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		const never = 1 << 60
		c := &call{at: line, back: never, name: m[2], file: m[4]}
		calls = append(calls, c)
		err := finish(c, line, m[5])
		if err != nil {
			return nil, err
		}
		if c.back == never {
			pending[m[1]] = c
		}
	}
	return calls, scan.Err()
}

// unquote reads a string as strace writes it, hexadecimal and octal escapes and C's others.
func unquote(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i == len(s) {
			return "", errors.New("a string ends with a backslash")
		}
		const plain = `nrtvf"\`
		switch {
		case s[i] == 'x' && i+2 < len(s):
			n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return "", err
			}
			b.WriteByte(byte(n))
			i += 2
		case s[i] >= '0' && s[i] <= '7':
			n, last := 0, i+2
			for ; i <= last && i < len(s) && s[i] >= '0' && s[i] <= '7'; i++ {
				n = n*8 + int(s[i]-'0')
			}
			i--
			b.WriteByte(byte(n))
		case strings.IndexByte(plain, s[i]) >= 0:
			b.WriteByte("\n\r\t\v\f\"\\"[strings.IndexByte(plain, s[i])])
		default:
			return "", fmt.Errorf("unknown escape \\%c", s[i])
		}
	}
	return b.String(), nil
}

const (
	frameHeader = 24
	walOfActs   = "/sanad.db-wal"
	walOfKeys   = "/keys.db-wal"
)

// isCommit says whether a write to a WAL is the header of a commit's last frame.
func (c *call) isCommit() bool {
	return len(c.data) == frameHeader && c.data[4:8] != "\x00\x00\x00\x00"
}

func (c *call) isWrite() bool {
	return strings.Contains(c.name, "write") || strings.HasPrefix(c.name, "send")
}
func (c *call) isSync() bool { return c.name == "fsync" || c.name == "fdatasync" }

// synced says whether a sync of the same file began after w had returned, and succeeded before line.
func synced(calls []*call, w *call, line int) bool {
	for _, c := range calls {
		if c.isSync() && !c.failed && c.file == w.file && c.at > w.back && c.back < line {
			return true
		}
	}
	return false
}

// early finds acknowledgements that left before their commit was safe, and says how many there were in all.
func early(calls []*call) (acknowledged int, wrong []string) {
	asked := map[string]*call{} // by socket, the last request
	for _, c := range calls {
		if c.name == "read" && strings.HasPrefix(c.data, "POST ") {
			asked[c.file] = c
		}
		if !c.isWrite() || !strings.HasPrefix(c.data, "HTTP/1.1 201") {
			continue
		}
		acknowledged++
		request := asked[c.file]
		delete(asked, c.file)
		if request == nil {
			wrong = append(wrong, fmt.Sprintf("line %d: 201 to no request", c.at))
			continue
		}
		if why := unsafe(calls, request, c); why != "" {
			wrong = append(wrong, fmt.Sprintf("line %d: 201 %s", c.at, why))
		}
	}
	return acknowledged, wrong
}

// unsafe says why an answer proves nothing, "" when it stands on a synced commit.
func unsafe(calls []*call, request, answer *call) string {
	var first, last *call // of the commit
	var keys []*call      // writes of keys before it
	ends := false
	for _, c := range calls {
		if c.at < request.at || !c.isWrite() {
			continue
		}
		if strings.HasSuffix(c.file, walOfKeys) && first == nil {
			keys = append(keys, c)
		}
		if !strings.HasSuffix(c.file, walOfActs) {
			continue
		}
		if first == nil {
			first = c
		}
		if ends {
			last = c
			break
		}
		ends = c.isCommit()
	}
	switch {
	case first == nil || first.at > answer.at:
		return "before anything was written"
	case last == nil || last.back > answer.at:
		return "before the whole commit was written"
	case !synced(calls, last, answer.at):
		return "before the commit was synced"
	}
	for _, k := range keys {
		if !synced(calls, k, first.at) {
			return "for an act that was written before its keys were synced"
		}
	}
	return ""
}

func TestAcknowledgedAfterSync(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("missing: strace")
	}
	dir := t.TempDir()
	to := filepath.Join(t.TempDir(), "trace")
	s := serve(t, dir, "", strace, "-f", "-y", "-x", "-s", "32", "-o", to,
		"-e", "trace=read,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,fsync,fdatasync,sync_file_range,msync")
	key := logKey(t, dir)
	const each = 8
	// A connection for each: on one that is kept, Go's server reads a request's first byte by itself.
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second}
	for i := range 2 * each {
		sending := post // answered after the checkpoint that follows its commit
		if i%2 == 0 {
			sending = fill // answered right after its commit
		}
		got, r, err := sending(t.Context(), c, s.public, fmt.Sprintf("notice %d", i))
		if err != nil || got == nil {
			t.Fatalf("%+v %v", r, err)
		}
		// A proof is given when a checkpoint covers the act. Then nothing more is to be written: the log rests.
		proves(t, c, s.public, key, got)
	}
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGTERM)
	<-s.ended
	f, err := os.Open(to)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // read only
	calls, err := parseTrace(f)
	if err != nil {
		t.Fatal(err)
	}
	n, wrong := early(calls)
	if n != 2*each {
		t.Errorf("%d acknowledgements in the trace, want %d", n, 2*each)
	}
	for _, w := range wrong {
		t.Error(w)
	}
	// The same trace without its syncs must be refused, answer by answer: the check sees what it looks at.
	for _, name := range []string{walOfActs, walOfKeys} {
		var without []*call
		for _, c := range calls {
			if !c.isSync() || !strings.HasSuffix(c.file, name) {
				without = append(without, c)
			}
		}
		_, wrong = early(without)
		if len(wrong) == 0 || name == walOfActs && len(wrong) != n {
			t.Errorf("without the syncs of %s only %d answers are wrong", name, len(wrong))
		}
	}
}

// A trace as it must be, line by line. {name} stands before a line that a case below moves or drops.
const goodTrace = `
100 read(9<socket:[1]>, "POST / HTTP/1.1\r\nHost: 127.0.0.1"..., 4096) = 209
100 pwrite64(7</d/keys/keys.db-wal>, "\x00\x00\x00\x0d\x00\x00\x00\x0d\xce\x11\x62\xd0\x29\xe2\x5c\xa0\x58\xfb\x37\x81\xce\x7e\xed\x1a", 24, 144232) = 24
100 pwrite64(7</d/keys/keys.db-wal>, "\x0d\x00"..., 4096, 144256) = 4096
{keys synced}100 fsync(7</d/keys/keys.db-wal>) = 0
101 pwrite64(5</d/sanad.db-wal>, "\x00\x00\x00\x01\x00\x00\x00\x00\x4d\x77\x26\xa6\x73\xb5\xb0\x98\x1d\x68\x58\x70\x89\xfb\x31\xc5", 24, 210152) = 24
101 pwrite64(5</d/sanad.db-wal>, "\x53\x51\x4c\x69\x74\x65"..., 4096, 210176) = 4096
{middle}101 pwrite64(5</d/sanad.db-wal>, "\x00\x00\x00\x23\x00\x00\x00\x23\x4d\x77\x26\xa6\x73\xb5\xb0\x98\x81\x0e\x5c\x79\x9d\xb8\x2d\x77", 24, 276072 <unfinished ...>
102 read(11</etc/localtime>, "", 4096) = 0
101 <... pwrite64 resumed>) = 24
{page}101 pwrite64(5</d/sanad.db-wal>, "\x0d\x00"..., 4096, 276096) = 4096
{sync begins}101 fsync(5</d/sanad.db-wal> <unfinished ...>
102 write(2</dev/null>, "another thread", 14) = 14
{sync ends}101 <... fsync resumed>) = 0
{answer}103 write(9<socket:[1]>, "HTTP/1.1 201 Created\r\nCache-Cont"..., 2784) = 2784
103 pwrite64(5</d/sanad.db-wal>, "\x00\x00\x00\x0b\x00\x00\x00\x23\x4d\x77\x26\xa6\x73\xb5\xb0\x98\xe4\x49\x4f\x52\x08\xf2\x9d\x9a", 24, 280192) = 24
103 pwrite64(5</d/sanad.db-wal>, "\x0d\x00"..., 4096, 280216) = 4096
103 fsync(5</d/sanad.db-wal>) = 0
{end}104 read(9<socket:[1]>, "", 4096) = 0
`

// The check itself is checked: each of these traces shows an acknowledgement that came too early.
func TestEarlyIsSeen(t *testing.T) {
	t.Parallel()
	moved := func(what, where string) func([]string) []string {
		return func(lines []string) []string {
			i := slices.IndexFunc(lines, func(s string) bool { return strings.HasPrefix(s, "{"+what+"}") })
			line := lines[i]
			lines = slices.Delete(lines, i, i+1)
			if where == "" {
				return lines
			}
			to := slices.IndexFunc(lines, func(s string) bool { return strings.HasPrefix(s, "{"+where+"}") })
			return slices.Insert(lines, to, line)
		}
	}
	for name, c := range map[string]struct {
		change func([]string) []string
		want   string
	}{
		"good":                               {func(l []string) []string { return l }, ""},
		"answer before the sync":             {moved("answer", "sync begins"), "before the commit was synced"},
		"answer while the sync is under way": {moved("answer", "sync ends"), "before the commit was synced"},
		"sync before the last page":          {func(l []string) []string { return moved("sync ends", "page")(moved("sync begins", "page")(l)) }, "before the commit was synced"},
		"sync of the first pages only":       {func(l []string) []string { return moved("sync ends", "middle")(moved("sync begins", "middle")(l)) }, "before the commit was synced"},
		"no answer from the sync":            {moved("sync ends", ""), "before the commit was synced"},
		"sync that fails": {func(l []string) []string {
			for i := range l {
				if strings.HasPrefix(l[i], "{sync ends}") {
					l[i] = "101 <... fsync resumed>) = -1 EIO (Input/output error)"
				}
			}
			return l
		}, "before the commit was synced"},
		"answer amid the commit":        {moved("answer", "page"), "before the whole commit was written"},
		"answer before anything":        {moved("answer", "keys synced"), "before anything was written"},
		"keys never synced":             {moved("keys synced", ""), "before its keys were synced"},
		"keys synced after their act":   {moved("keys synced", "sync begins"), "before its keys were synced"},
		"sync of the keys, not the log": {func(l []string) []string { return moved("sync ends", "")(moved("sync begins", "")(l)) }, "before the commit was synced"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := c.change(strings.Split(strings.TrimSpace(goodTrace), "\n"))
			for i, l := range lines {
				if strings.HasPrefix(l, "{") {
					_, lines[i], _ = strings.Cut(l, "}")
				}
			}
			calls, err := parseTrace(strings.NewReader(strings.Join(lines, "\n")))
			if err != nil {
				t.Fatal(err)
			}
			n, wrong := early(calls)
			if n != 1 || (len(wrong) == 0) != (c.want == "") || len(wrong) > 0 && !strings.Contains(wrong[0], c.want) {
				t.Errorf("%d acknowledgements, wrong: %q, want %q", n, wrong, c.want)
			}
		})
	}
}
