package app

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// loadConfig reads flags, an environment (name and value in turn) and a file called sanad.yaml, none when empty.
func loadConfig(t *testing.T, file string, flags []string, env ...string) (*Config, string, error) {
	t.Helper()
	name := ""
	if file != "" {
		name = filepath.Join(t.TempDir(), "sanad.yaml")
		write(t, name, file)
		flags = append(flags, "--config", name)
	}
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	g := ConfigFlags(fs)
	_, err := parseFlags(fs, flags)
	if err != nil {
		t.Fatal(err)
	}
	c, err := g.Load(environment(env...))
	return c, name, err
}

func environment(pairs ...string) func(string) string {
	all := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return all[name] }
}

func write(t *testing.T, name, body string) {
	t.Helper()
	err := os.WriteFile(name, []byte(body), 0o600)
	if err != nil {
		t.Fatal(err)
	}
}

// A bare number is text where text is wanted, as it stands there.
func TestConfigNumbers(t *testing.T) {
	t.Parallel()
	c, _, err := loadConfig(t, "data_protection: 04512\npack: 1\nvariant: 2.50\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.DataProtection != "04512" || c.Pack != "1" || c.Variant != "2.50" {
		t.Errorf("%q %q %q", c.DataProtection, c.Pack, c.Variant)
	}
	c, _, err = loadConfig(t, "pack: xx\nlisten: 8080\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	if said := c.Check().Wrong().Error(); !strings.Contains(said, ":2:9: ") || !strings.Contains(said, "127.0.0.1:8080") {
		t.Errorf("a port alone: %s", said)
	}
}

// Whatever usage calls a value, a refusal says what it is with an example.
func TestKindsAreSaid(t *testing.T) {
	t.Parallel()
	for i := range settings {
		if settings[i].kind() == "" {
			t.Errorf("%s: nothing says what a %s is", settings[i].key, settings[i].arg)
		}
	}
}

func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	c, _, err := loadConfig(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{c.Listen, c.Console, c.Ops} {
		if !strings.HasPrefix(addr, "127.0.0.1:") {
			t.Errorf("a server that was told nothing listens on %s", addr)
		}
	}
	d, err := c.Database()
	if err != nil || d != "data/sanad.db" || c.Language != "fr" || c.BackedUp {
		t.Errorf("%v %v\n%s", d, err, c)
	}
}

func TestConfigPrecedence(t *testing.T) {
	t.Parallel()
	file := "pack: filed\nlisten: 127.0.0.1:1\nconsole: 127.0.0.1:2\nops: 'off'\nlanguage: ar\nbacked_up: true\ndb: file.db\ntrusted_proxy: [10.0.0.0/8, 192.0.2.1]\n"
	c, name, err := loadConfig(t, file, []string{"--pack", "flagged", "--trusted-proxy", "172.16.0.0/12", "--trusted-proxy=::1"},
		"SANAD_PACK", "environed", "SANAD_LISTEN", "127.0.0.1:3", "SANAD_DB_FILE", "/run/secret", "SANAD_BACKED_UP", "false")
	if err != nil {
		t.Fatal(err)
	}
	if c.Pack != "flagged" || c.Listen != "127.0.0.1:3" || c.Console != "127.0.0.1:2" || c.Ops != off || c.Language != "ar" || c.BackedUp {
		t.Errorf("%+v", c)
	}
	if c.DB != "" || c.DBFile != "/run/secret" {
		t.Errorf("the database of the file stands beside the one of the environment: %q %q", c.DB, c.DBFile)
	}
	if got := fmt.Sprint(c.TrustedProxy); got != "[172.16.0.0/12 ::1/128]" {
		t.Errorf("%s: a list is taken whole from the highest source", got)
	}
	for key, want := range map[string]string{"pack": "--pack", "listen": "SANAD_LISTEN", "console": name + ":3:10", "data": "default data"} {
		if got := c.at(key); got != want {
			t.Errorf("%s was given at %s, want %s", key, got, want)
		}
	}
}

// Paths in a file are counted from its folder, those of flags from where the command runs.
func TestConfigPaths(t *testing.T) {
	t.Parallel()
	c, name, err := loadConfig(t, "data: d\ntls_cert: /abs/c.pem\ntls_key: k.pem\npack: ./law\n", []string{"--db-file", "secret"})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(name)
	if c.Data != filepath.Join(dir, "d") || c.TLSCert != "/abs/c.pem" || c.TLSKey != filepath.Join(dir, "k.pem") || c.Pack != filepath.Join(dir, "law") || c.DBFile != "secret" {
		t.Errorf("%+v", c)
	}
}

// Everything wrong with a file is said at once, with its place and what was expected.
func TestConfigRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, want string }{
		"unknown key":   {"pack: xx\nlissten: :80\n", ":2:1: there is no setting \"lissten\": expected listen"},
		"stranger key":  {"colour: red\n", ":1:1: there is no setting \"colour\": expected one of data, db, db_file"},
		"twice":         {"pack: xx\nops: 'off'\npack: yy\n", ":3:1: "},
		"another type":  {"pack: xx\nlisten: [a, b]\n", ":2:9: listen is of another type: expected an address HOST:PORT, as 127.0.0.1:8080, or off"},
		"no switch":     {"backed_up: perhaps\n", ":1:12: backed_up is of another type: expected true or false"},
		"empty":         {"pack: \"\"\n", ":1:7: pack is empty"},
		"null":          {"pack:\n", "pack is empty: give the name of a pack, as xx, or its folder, as /etc/sanad/xx, or leave it out"},
		"a switch":      {"data_protection: true\n", ":1:18: data_protection is of another type: expected text, as \"D-123/2026\""},
		"a number":      {"backed_up: 7\n", ":1:12: backed_up is of another type: expected true or false"},
		"a null list":   {"trusted_proxy:\n", "trusted_proxy is empty: give a network, as 10.0.0.0/8"},
		"language":      {"language: xx\n", "expected one of [fr ar en zgh]"},
		"network":       {"trusted_proxy: [10.0.0.0/8, here]\n", "expected networks like 10.0.0.0/8"},
		"no network":    {"trusted_proxy: []\n", "trusted_proxy is empty"},
		"no mapping":    {"- a\n", ":1:1: the file is no single mapping"},
		"no YAML":       {"a: [\n", "sanad.yaml:"},
		"two documents": {"pack: xx\n---\npack: yy\n", "no single mapping"},
		"too large":     {"pack: xx # " + strings.Repeat("x", maxConfig), "the file is too large"},
		"whole address": {"site: https://sanad.example.org/\n", "expected a host without https://, as sanad.example.org"},
		"port alone":    {"site: \":8080\"\n", "expected a host without https://"},
		"alias":         {"pack: &a xx\nlisten: *a\n", ":2:9: listen is of another type"},
	} {
		_, _, err := loadConfig(t, c.file, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	_, _, err := loadConfig(t, "lissten: x\nlanguage: xx\ncolour: red\n", nil, "SANAD_BACKED_UP", "maybe")
	var all Problems
	if !errors.As(err, &all) || len(all) != 4 {
		t.Errorf("%d problems, want 4: %v", len(all), err)
	}
	_, _, err = loadConfig(t, "", nil, "SANAD_CONFIG", "/nowhere/sanad.yaml")
	if err == nil || !strings.Contains(err.Error(), "SANAD_CONFIG: there is no file /nowhere/sanad.yaml") {
		t.Error(err)
	}
	if _, _, err := loadConfig(t, "# nothing set\n", nil); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}

func TestConfigCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	write(t, plain, "no folder")
	twoLines := filepath.Join(dir, "two")
	write(t, twoLines, "postgres://a\npostgres://b\n")
	cert, key := selfSigned(t, dir, "a")
	for name, c := range map[string]struct {
		flags []string
		want  string // "" when all is well; a warning starts with ~
	}{
		"good":                     {nil, ""},
		"no pack":                  {[]string{"--pack", ""}, "no pack is named"},
		"pack folder":              {[]string{"--pack", "./nowhere"}, "there is no folder ./nowhere"},
		"data is a file":           {[]string{"--data", plain}, "is no folder"},
		"data without a parent":    {[]string{"--data", "/nowhere/at/all"}, "the folder above"},
		"public in clear":          {[]string{"--listen", ":8080"}, ":8080 can be reached from other machines without encryption"},
		"console in clear":         {[]string{"--console", "192.0.2.1:8081"}, "without encryption"},
		"public behind a proxy":    {[]string{"--listen", ":8080", "--trusted-proxy", "10.0.0.0/8", "--site", "sanad.example.org"}, ""},
		"public encrypted":         {[]string{"--listen", ":8443", "--tls-cert", cert, "--tls-key", key, "--site", "sanad.example.org:8443"}, ""},
		"public without a name":    {[]string{"--listen", ":8080", "--trusted-proxy", "10.0.0.0/8"}, "~receipts will name this server as"},
		"console elsewhere":        {[]string{"--console", "[::]:8443", "--tls-cert", cert, "--tls-key", key}, "~the console can be reached"},
		"ops elsewhere":            {[]string{"--ops", "0.0.0.0:9"}, "~health and metrics can be read"},
		"everyone is a proxy":      {[]string{"--trusted-proxy", "0.0.0.0/0"}, "anyone could claim any address"},
		"no address":               {[]string{"--listen", "8080"}, `"8080" is no address`},
		"no port":                  {[]string{"--listen", "127.0.0.1:http"}, "is no address"},
		"large port":               {[]string{"--listen", "127.0.0.1:99999"}, "is no address"},
		"same address":             {[]string{"--console", "127.0.0.1:8080"}, "the same address as listen"},
		"any two free ports":       {[]string{"--listen", "127.0.0.1:0", "--console", "127.0.0.1:0"}, ""},
		"ipv6":                     {[]string{"--listen", "[::1]:8080"}, ""},
		"every door closed":        {[]string{"--listen", off, "--console", off, "--ops", off}, "every listener is off"},
		"one of two TLS files":     {[]string{"--tls-cert", cert}, "only one of tls_cert and tls_key"},
		"certificate without key":  {[]string{"--tls-cert", cert, "--tls-key", cert}, "can't be used"},
		"another database":         {[]string{"--db", "mysql://x/y"}, "no database speaks mysql"},
		"database without address": {[]string{"--db", "postgres://"}, "the database's address is empty"},
		"unreadable address":       {[]string{"--db", "postgres://u:secret%@h/d"}, "can't be read"},
		"password in the open":     {[]string{"--db", "postgres://u:secret@h/d"}, "~a password stands on the command line"},
		"both databases":           {[]string{"--db", "a.db", "--db-file", "b"}, "db and db_file are both given"},
		"no database file":         {[]string{"--db-file", "/nowhere"}, "can't be read"},
		"database file of two":     {[]string{"--db-file", twoLines}, "on one line and nothing else"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags := append([]string{"--data", dir, "--pack", "xx"}, c.flags...)
			if name == "no pack" {
				flags = []string{"--data", dir}
			}
			conf, _, err := loadConfig(t, "", flags)
			if err != nil {
				t.Fatal(err)
			}
			all := conf.Check()
			want, warning := strings.CutPrefix(c.want, "~")
			switch {
			case c.want == "" && len(all) > 0, c.want != "" && !strings.Contains(all.Error(), want):
				t.Errorf("%v, want %q", all, c.want)
			case warning != (len(all) > 0 && len(all.Wrong()) == 0):
				t.Errorf("what is unwise and what is wrong were mixed up: %v", all)
			}
			if s := all.Error() + conf.String() + fmt.Sprintf("%+v %#v", conf, conf); strings.Contains(s, "secret") {
				t.Errorf("the password is shown: %s", s)
			}
		})
	}
}

// A password is shown by nothing a value can be printed with.
func TestDSN(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"postgres://u:secret@h/d":                "postgres://u:xxxxx@h/d",
		"postgres://u@h/d":                       "postgres://u@h/d",
		"postgres://h/d?user=u&password=secret":  "postgres://h/d?user=u&password=xxxxx",
		"host=h password=secret user=u":          "host=h password=xxxxx user=u",
		"host=h password='a secret' user=u":      "host=h password=xxxxx user=u",
		"postgres://u:secret%@h/d":               "(a database address that cannot be read)",
		"data/sanad.db":                          "data/sanad.db",
		"postgres://u:se:secret@h/d?sslmode=off": "postgres://u:xxxxx@h/d?sslmode=off",
	} {
		d := DSN(in)
		if d.String() != want {
			t.Errorf("%q, want %q", d.String(), want)
		}
		if d.hasPassword() != strings.Contains(in, "secret") {
			t.Errorf("%s: has a password: %v", want, d.hasPassword())
		}
		b, err := json.Marshal(struct{ D DSN }{d})
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", slog.Any("d", d))
		shown := fmt.Sprintf("%v %s %q %+v %#v ", d, d, d, d, struct{ D DSN }{d}) + string(b) + log.String()
		if strings.Contains(shown, "secret") {
			t.Errorf("shown: %s", shown)
		}
	}
}

// A mistake on the command line never repeats a value, which may be a password.
func TestFlagsDoNotRepeatSecrets(t *testing.T) {
	t.Parallel()
	fs := flag.NewFlagSet("x", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	ConfigFlags(fs)
	_, err := parseFlags(fs, []string{"--language", "secret"})
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "--language: expected one of") {
		t.Error(err)
	}
}
