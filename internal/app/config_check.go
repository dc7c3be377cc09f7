package app

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"sanad/packs"
)

// Check returns everything wrong with the configuration, and what is unwise about it, as far as can be seen without
// opening the database or a port.
func (c *Config) Check() Problems {
	var all Problems
	add := func(key, what, do string, warning bool) {
		all = append(all, Problem{Where: c.at(key), What: what, Do: do, Warning: warning})
	}
	info, err := os.Stat(c.Data)
	switch {
	case err == nil && !info.IsDir():
		add("data", c.Data+" is no folder", "name a folder for the database, blobs and keys", false)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		add("data", c.Data+" can't be opened", "let the user that runs sanad use it", false)
	case err != nil:
		parent, err := os.Stat(filepath.Dir(filepath.Clean(c.Data)))
		if err != nil || !parent.IsDir() {
			add("data", "the folder above "+c.Data+" is not there", "create it", false)
		}
	}
	c.checkDatabase(add)
	switch {
	case c.Pack == "":
		add("pack", "no pack is named", "name the country's law, for example pack: xx, an invented one", false)
	case strings.ContainsRune(c.Pack, '/'):
		info, err := os.Stat(c.Pack)
		if err != nil || !info.IsDir() {
			add("pack", "there is no folder "+c.Pack, "name a pack's folder, or a pack inside the program without a /", false)
		}
	}
	if c.Mail != "" {
		_, _, err := readMail(c.Mail)
		if err != nil {
			add("mail", err.Error(), "mend the file; docs/deploy.md shows one", false)
		}
	}
	c.checkTLS(add)
	c.checkListeners(add)
	return all
}

// CheckLaw returns what is wrong with the pack that is named and its governance variant. A server says the same when it opens them.
func (c *Config) CheckLaw() Problems {
	if c.Pack == "" {
		return nil // Check says so
	}
	_, err := openPack(c.Pack)
	if err != nil && strings.ContainsRune(c.Pack, '/') {
		return nil // likewise
	}
	if err != nil {
		return Problems{{Where: c.at("pack"), What: fmt.Sprintf("there is no pack %q", c.Pack), Do: "name one of " + strings.Join(packs.Names(), ", ") + ", or a folder, with a / in it"}}
	}
	if c.Variant == "" {
		return nil
	}
	kinds, err := catalogue()
	if err != nil {
		return Problems{{Where: c.at("variant"), What: err.Error(), Do: "use another build of the program"}}
	}
	p, err := loadPack(c.Pack, kinds)
	if err != nil {
		return Problems{{Where: c.at("pack"), What: "the pack has mistakes", Do: "sanad pack lint " + c.Pack + " lists them"}}
	}
	what, do := lacksVariant(p, c.Variant)
	if what == "" {
		return nil
	}
	return Problems{{Where: c.at("variant"), What: what, Do: do}}
}

func (c *Config) at(key string) string {
	if w := c.where[key]; w != "" {
		return w
	}
	return "default " + key
}

func (c *Config) checkDatabase(add func(key, what, do string, warning bool)) {
	if c.DB != "" && c.DBFile != "" {
		add("db", "db and db_file are both given", "keep one", false)
		return
	}
	d, err := c.Database()
	if err != nil {
		add("db_file", err.Error(), "mend the file", false)
		return
	}
	key := "db"
	if c.DBFile != "" {
		key = "db_file"
	}
	scheme, rest, isURL := strings.Cut(string(d), "://")
	switch {
	case isURL && scheme != "postgres" && scheme != "postgresql":
		add(key, "no database speaks "+scheme, "use postgres://user@host/name, or the path of an SQLite file", false)
	case isURL && (rest == "" || rest[0] == '?'):
		add(key, "the database's address is empty", "use postgres://user@host/name", false)
	case isURL:
		_, err := url.Parse(string(d))
		if err != nil {
			add(key, "the database's address can't be read", "use postgres://user@host/name, with % for signs in the password", false)
		}
	}
	if c.where["db"] == "--db" && d.hasPassword() {
		add("db", "a password stands on the command line, where everyone on the machine reads it", "use db_file or SANAD_DB", true)
	}
}

func (c *Config) checkTLS(add func(key, what, do string, warning bool)) {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		key := "tls_cert"
		if c.TLSCert == "" {
			key = "tls_key"
		}
		add(key, "only one of tls_cert and tls_key is given", "give both, or neither", false)
		return
	}
	if c.TLSCert == "" {
		return
	}
	_, err := newCertificate(c.TLSCert, c.TLSKey, nil, nil)
	if err != nil {
		add("tls_cert", err.Error(), "give a PEM certificate with its chain, and its key", false)
	}
}

func (c *Config) checkListeners(add func(key, what, do string, warning bool)) {
	seen := map[string]string{}
	doors := []struct {
		key, addr string
		people    bool
	}{{"listen", c.Listen, true}, {"console", c.Console, true}, {"ops", c.Ops, false}}
	for _, d := range doors {
		if d.addr == off {
			continue
		}
		host, port, err := net.SplitHostPort(d.addr)
		if err != nil || !isPort(port) {
			add(d.key, fmt.Sprintf("%q is no address", d.addr), "use HOST:PORT, as 127.0.0.1:8080 or :8443, or off", false)
			continue
		}
		if other := seen[d.addr]; other != "" && port != "0" {
			add(d.key, "the same address as "+other, "give each listener its own", false)
		}
		seen[d.addr] = d.key
		if isLoopback(host) {
			continue
		}
		switch {
		case !d.people:
			add(d.key, "health and metrics can be read from other machines", "keep ops on 127.0.0.1 unless the network is closed", true)
		case c.TLSCert == "" && len(c.TrustedProxy) == 0:
			add(d.key, d.addr+" can be reached from other machines without encryption", "give tls_cert and tls_key, or trusted_proxy, or use 127.0.0.1", false)
		case d.key == "console":
			add(d.key, "the console can be reached from other machines", "keep it on a closed network", true)
		}
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err == nil && !isLoopback(host) && c.Site == "" {
		add("site", "receipts will name this server as each visitor's browser or the proxy calls it", "give the host that people type, as sanad.example.org", true)
	}
	if c.Listen == off && c.Console == off && c.Ops == off {
		add("listen", "every listener is off", "open at least one", false)
	}
	for _, p := range c.TrustedProxy {
		if p.Bits() == 0 {
			add("trusted_proxy", p.String()+" is everyone: anyone could claim any address", "name the proxy's own network", false)
		}
	}
}

func isPort(s string) bool {
	n, err := net.LookupPort("tcp", s)
	return err == nil && n >= 0 && s != "" && strings.Trim(s, "0123456789") == ""
}

// isLoopback reports whether only the machine itself reaches a host. An empty host is every interface.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
