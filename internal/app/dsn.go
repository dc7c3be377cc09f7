package app

import (
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// DSN names a database. It may hold a password, which it shows to nobody: only string(dsn) has it.
type DSN string

var passwordWord = regexp.MustCompile(`(?i)((?:password|passwd|pwd)\s*=\s*)('[^']*'|[^\s&]*)`)

// String returns the name without its password.
func (d DSN) String() string {
	s := string(d)
	if strings.Contains(s, "://") {
		u, err := url.Parse(s)
		if err != nil {
			return "(a database address that cannot be read)" // nor shown: it may be all password
		}
		if _, has := u.User.Password(); has {
			u.User = url.UserPassword(u.User.Username(), "xxxxx")
		}
		s = u.String()
	}
	return passwordWord.ReplaceAllString(s, "${1}xxxxx")
}

// GoString keeps %#v from showing what String hides.
func (d DSN) GoString() string { return fmt.Sprintf("%q", d.String()) }

// LogValue keeps a log from showing what String hides.
func (d DSN) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalText keeps JSON and YAML from showing what String hides.
func (d DSN) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// hasPassword reports whether String hides something.
func (d DSN) hasPassword() bool { return d.String() != string(d) }

// Database returns the database to open: DB, what DBFile holds, or sanad.db in Data. Its error shows no content of
// the file.
func (c *Config) Database() (DSN, error) {
	switch {
	case c.DBFile != "":
		b, err := os.ReadFile(c.DBFile)
		if err != nil {
			return "", fmt.Errorf("%s: the file of the database's URL can't be read: let the user that runs sanad read it", c.DBFile)
		}
		d := DSN(strings.TrimSpace(string(b)))
		if d == "" || strings.ContainsAny(string(d), "\r\n") {
			return "", fmt.Errorf("%s: expected the database's URL on one line and nothing else", c.DBFile)
		}
		return d, nil
	case c.DB != "":
		return c.DB, nil
	}
	return DSN(filepath.Join(c.Data, "sanad.db")), nil
}
