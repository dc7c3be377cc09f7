package app

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"sanad/internal/kit/lang"
)

// Config is how one installation runs. A setting comes from a flag, else from the environment (SANAD_ and its key in
// capitals), else from the file, else it keeps its default. The zero value of every field is safe: nothing outside
// the machine can reach a server that was told nothing.
type Config struct {
	Data         string // folder of blobs and keys, and of the embedded database
	DB           DSN    // of PostgreSQL, or a file of SQLite; "" is sanad.db in Data
	DBFile       string // a file that holds DB, so that a password stands on no command line
	Pack         string // a pack's name, or a folder
	Variant      string // the pack's governance variant a new log is founded under; "" is its first
	Listen       string // the public listener; "off" for none
	Console      string // the officers' listener; "off" for none
	Ops          string // health and metrics; "off" for none
	Site         string // host under which the public reaches the listener, as receipts print it; "" is what each visitor asked for
	TLSCert      string // PEM file of the public and console listeners' certificate and its chain
	TLSKey       string // PEM file of its key
	TrustedProxy []netip.Prefix
	Language     lang.Lang // for readers who ask for none we speak
	Mail         string    // file of the mail server and of whom to tell; "" sends none
	// DataProtection is the number under which the handling of personal data was notified. Without it reporters stay unnamed.
	DataProtection string
	BackedUp       bool // the operator says a copy of the PostgreSQL database was made before an upgrade

	where map[string]string // setting → where it was given; one that is not there kept its default
}

// off is the address of a listener that is not wanted.
const off = "off"

// Problem is one thing wrong with a configuration.
type Problem struct {
	Where   string // file:line:column, an environment variable, a flag, or default
	What    string
	Do      string // what to do about it
	Warning bool   // it works, and is not wise
	Cant    bool   // it is no answer of no, but none at all: a file that can't be read, a flag that says nothing
}

// String is one line for a person.
func (p Problem) String() string {
	word := ""
	if p.Warning {
		word = "warning: "
	}
	return fmt.Sprintf("%s: %s%s: %s", p.Where, word, p.What, p.Do)
}

// Problems is everything wrong with a configuration, one a line. As an error it says no more than Problem does, and
// never a password.
type Problems []Problem

// Error joins the lines.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return strings.Join(lines, "\n")
}

// Wrong returns the problems that keep the program from starting, without the warnings.
func (p Problems) Wrong() Problems {
	return slices.DeleteFunc(slices.Clone(p), func(x Problem) bool { return x.Warning })
}

// setting is one thing that can be set. One table serves file, environment, flags and their documentation.
type setting struct {
	key   string
	flag  string // "" where there is none
	arg   string // what its value is called in usage; "" for a switch
	help  string
	list  bool // a list in the file, several flags, words apart by commas in the environment
	path  bool // a path, which in a file is counted from the file's own folder
	apply func(c *Config, values []string) error
	undo  func(c *Config) // forgets the same thing given another way, further down
}

var settings = []setting{
	{key: "data", flag: "data", arg: "DIR", help: `folder of the database, blobs and keys (default "data")`, path: true, apply: text(func(c *Config) *string { return &c.Data })},
	{key: "db", flag: "db", arg: "URL", help: "postgres://… or an SQLite file; also from SANAD_DB (default DIR/sanad.db)", apply: func(c *Config, v []string) error { c.DB = DSN(v[0]); return nil }, undo: func(c *Config) { c.DBFile = "" }},
	{key: "db_file", flag: "db-file", arg: "FILE", help: "a file that holds the URL of --db, so that no password stands on a command line", path: true, apply: text(func(c *Config) *string { return &c.DBFile }), undo: func(c *Config) { c.DB = "" }},
	{key: "pack", flag: "pack", arg: "NAME|FOLDER", help: "the country's law: a pack inside the program, or a folder (with a / in it)", apply: text(func(c *Config) *string { return &c.Pack })},
	{key: "variant", flag: "variant", arg: "NAME", help: "governance variant of the pack, which says what institution holds each seat; a log keeps the one it was founded under (default the pack's first)", apply: text(func(c *Config) *string { return &c.Variant })},
	{key: "listen", flag: "listen", arg: "ADDR", help: `public listener (default "127.0.0.1:8080"; off for none)`, apply: text(func(c *Config) *string { return &c.Listen })},
	{key: "console", flag: "console", arg: "ADDR", help: `officers' listener (default "127.0.0.1:8081"; off for none)`, apply: text(func(c *Config) *string { return &c.Console })},
	{key: "ops", flag: "ops", arg: "ADDR", help: `health and metrics (default "127.0.0.1:8082"; off for none)`, apply: text(func(c *Config) *string { return &c.Ops })},
	{key: "site", flag: "site", arg: "HOST", help: "name under which people reach the public listener: receipts print it (default what each visitor's browser asked for)", apply: site},
	{key: "tls_cert", flag: "tls-cert", arg: "FILE", help: "PEM certificate of the public and console listeners, read again when it changes", path: true, apply: text(func(c *Config) *string { return &c.TLSCert })},
	{key: "tls_key", flag: "tls-key", arg: "FILE", help: "PEM key of that certificate", path: true, apply: text(func(c *Config) *string { return &c.TLSKey })},
	{key: "trusted_proxy", flag: "trusted-proxy", arg: "NETWORK", help: "network of a proxy whose X-Forwarded-* headers are believed, as 10.0.0.0/8; may be repeated", list: true, apply: proxies},
	{key: "language", flag: "language", arg: "CODE", help: `language of readers who ask for none we speak (default "fr")`, apply: language},
	{key: "mail", flag: "mail", arg: "FILE", help: "YAML file of the mail server and of whom to tell that something is due", path: true, apply: text(func(c *Config) *string { return &c.Mail })},
	{key: "data_protection", flag: "data-protection", arg: "NUMBER", help: "number under which the handling of personal data was notified; without it nobody is asked who they are", apply: text(func(c *Config) *string { return &c.DataProtection })},
	{key: "backed_up", flag: "backed-up", help: "a copy of the PostgreSQL database was made: it may be upgraded", apply: toggle},
}

func text(field func(*Config) *string) func(*Config, []string) error {
	return func(c *Config, v []string) error { *field(c) = v[0]; return nil }
}

// site takes a host, as it stands in an address after https://, with a port where it needs one.
func site(c *Config, v []string) error {
	u, err := url.Parse("https://" + v[0])
	if err != nil || u.Host != v[0] || u.Hostname() == "" || strings.ContainsFunc(v[0], unicode.IsSpace) {
		return errors.New("a host without https://, as sanad.example.org")
	}
	c.Site = v[0]
	return nil
}

func toggle(c *Config, v []string) error {
	switch v[0] {
	case "true", "1":
		c.BackedUp = true
	case "false", "0":
		c.BackedUp = false
	default:
		return errors.New("true or false")
	}
	return nil
}

func language(c *Config, v []string) error {
	l, ok := lang.Parse(v[0])
	if !ok {
		return fmt.Errorf("one of %v", lang.All())
	}
	c.Language = l
	return nil
}

func proxies(c *Config, v []string) error {
	c.TrustedProxy = nil
	for _, s := range v {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return fmt.Errorf("networks like 10.0.0.0/8, or addresses")
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		c.TrustedProxy = append(c.TrustedProxy, p.Masked())
	}
	return nil
}

// Given are the flags of a command that runs on a configuration.
type Given struct {
	file   string
	values map[string][]string // by setting
}

// ConfigFlags declares --config and the flags of the named settings, of all of them when none is named.
func ConfigFlags(fs *flag.FlagSet, keys ...string) *Given {
	g := &Given{values: map[string][]string{}}
	fs.StringVar(&g.file, "config", "", "`FILE` of settings, in YAML; also from SANAD_CONFIG")
	for i := range settings {
		s := &settings[i]
		if s.flag == "" || len(keys) > 0 && !slices.Contains(keys, s.key) {
			continue
		}
		set := func(v string) error {
			if !s.list {
				g.values[s.key] = nil
			}
			g.values[s.key] = append(g.values[s.key], v)
			return s.apply(&Config{}, []string{v})
		}
		if s.arg == "" {
			fs.BoolFunc(s.flag, s.help, set)
		} else {
			fs.Func(s.flag, "`"+s.arg+"`: "+s.help, set)
		}
	}
	return g
}

// Load puts flags, environment, file and defaults together. The error is Problems: all of them at once.
func (g *Given) Load(getenv func(string) string) (*Config, error) {
	c := &Config{
		Data: "data", Listen: "127.0.0.1:8080", Console: "127.0.0.1:8081", Ops: "127.0.0.1:8082", Language: lang.French,
		where: map[string]string{},
	}
	var wrong Problems
	file, from := g.file, "--config"
	if file == "" {
		file, from = getenv("SANAD_CONFIG"), "SANAD_CONFIG"
	}
	if file != "" {
		wrong = append(wrong, c.read(file, from)...)
	}
	env := map[string]given{}
	for i := range settings {
		s := &settings[i]
		name := "SANAD_" + strings.ToUpper(s.key)
		v := getenv(name)
		if v == "" {
			continue
		}
		values := []string{v}
		if s.list {
			values = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
		}
		env[s.key] = given{name, values}
	}
	wrong = append(wrong, c.layer(env)...)
	flags := map[string]given{}
	for i := range settings {
		if v := g.values[settings[i].key]; v != nil {
			flags[settings[i].key] = given{"--" + settings[i].flag, v}
		}
	}
	for _, p := range c.layer(flags) {
		p.Cant = true
		wrong = append(wrong, p)
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return c, nil
}

// given is the value of a setting with the place it was given at.
type given struct {
	where  string
	values []string
}

// layer applies the settings one source gives, over those further down.
func (c *Config) layer(all map[string]given) Problems {
	var wrong Problems
	for i := range settings {
		if _, ok := all[settings[i].key]; ok && settings[i].undo != nil {
			settings[i].undo(c)
		}
	}
	for i := range settings {
		s := &settings[i]
		v, ok := all[s.key]
		if !ok {
			continue
		}
		if len(v.values) == 0 || !s.list && v.values[0] == "" {
			wrong = append(wrong, Problem{Where: v.where, What: s.key + " is empty", Do: "give " + s.kind() + ", or leave it out"})
			continue
		}
		err := s.apply(c, v.values)
		if err != nil {
			wrong = append(wrong, Problem{Where: v.where, What: fmt.Sprintf("%s can't be %q", s.key, strings.Join(v.values, " ")), Do: "expected " + err.Error()})
			continue
		}
		c.where[s.key] = v.where
	}
	return wrong
}

// kinds say what a value is, with an example, by what usage calls it.
var kinds = map[string]string{
	"":            "true or false",
	"DIR":         "a folder, as /var/lib/sanad",
	"URL":         "an address, as postgres://sanad@db.example/sanad, or an SQLite file",
	"FILE":        "a file, as /etc/sanad/mail",
	"NAME|FOLDER": "the name of a pack, as xx, or its folder, as /etc/sanad/xx",
	"NAME":        "a name, as office",
	"ADDR":        "an address HOST:PORT, as 127.0.0.1:8080, or off",
	"NETWORK":     "a network, as 10.0.0.0/8",
	"CODE":        "the code of a language, as fr",
	"HOST":        "a host, as sanad.example.org",
	"NUMBER":      `text, as "D-123/2026"`,
}

func (s *setting) kind() string { return kinds[s.arg] }

func keysOfSettings() []string {
	keys := make([]string, len(settings))
	for i := range settings {
		keys[i] = settings[i].key
	}
	return keys
}

// String lists the settings as they are, without a password: what sanad config check prints.
func (c *Config) String() string {
	var b strings.Builder
	line := func(key string, value any) { fmt.Fprintf(&b, "%s: %v  # %s\n", key, value, c.at(key)) }
	line("data", c.Data)
	if c.DBFile != "" {
		line("db_file", c.DBFile)
	} else if c.DB != "" {
		line("db", c.DB)
	}
	line("pack", c.Pack)
	if c.Variant != "" {
		line("variant", c.Variant)
	}
	line("listen", c.Listen)
	line("console", c.Console)
	line("ops", c.Ops)
	if c.Site != "" {
		line("site", c.Site)
	}
	if c.Mail != "" {
		line("mail", c.Mail)
	}
	if c.DataProtection != "" {
		line("data_protection", c.DataProtection)
	}
	if c.TLSCert != "" {
		line("tls_cert", c.TLSCert)
		line("tls_key", c.TLSKey)
	}
	if len(c.TrustedProxy) > 0 {
		line("trusted_proxy", c.TrustedProxy)
	}
	line("language", c.Language)
	line("backed_up", c.BackedUp)
	return b.String()
}
