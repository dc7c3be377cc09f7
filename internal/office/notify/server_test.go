package notify_test

import (
	"crypto/tls"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"sanad/internal/kit/lang"
	"sanad/internal/office/notify"
)

// A server that is broken is tried again, later each time, then given up into health; a new start tries again.
func TestBrokenServer(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.staff()
		p := newPost(t, true)
		s := h.sender(p, func(c *notify.Config) { c.After = 1000 * time.Hour })
		h.project(h.received(fileA), h.received(fileB))
		h.process.move(time.Minute)
		secret := "550 <one@authority.example> is nobody here"
		stages := []struct{ command, answer string }{
			{"greet", "cut"},
			{"greet", "554 go away"},
			{"EHLO", "cut"},
			{"STARTTLS", "454 not now"},
			{"MAIL", "451 later"},
			{"RCPT", secret},
			{"DATA", "451 later"},
			{"taken", "552 too much"},
			{"taken", "cut"},
			{"RCPT", secret},
		}
		for i, stage := range stages {
			p.fail(stage.command, stage.answer)
			h.tick(s, 0)
			h.tick(s, 0) // the other officer's
			h.tick(s, 0) // nothing: both wait
			p.fail(stage.command, "")
			must(t, wantHealth(s.Health(t.Context()), i < len(stages)-1))
			h.process.move(time.Minute<<min(i, 6) - time.Second)
			if i < len(stages)-1 && i < 6 {
				before := p.asked()
				h.tick(s, 0)
				if p.asked() != before {
					t.Errorf("after %d tries the server was asked too early", i+1)
				}
			}
			h.process.move(time.Second)
		}
		h.want("given up", "1:10:0:", "2:10:0:")
		h.process.move(100 * time.Hour)
		h.tick(s, 0)
		if got := p.letters(); len(got) != 0 {
			t.Errorf("%d mails were taken", len(got))
		}
		for _, never := range []string{"authority.example", "nobody here", "seat-1", one.String()} {
			if strings.Contains(h.log.String(), never) {
				t.Errorf("the log says %q:\n%s", never, h.log)
			}
		}
		if !strings.Contains(h.log.String(), "smtp_code=550") {
			t.Errorf("the log does not say what the server answered:\n%s", h.log)
		}
		must(t, s.Retry(t.Context()))
		h.tick(s, 2)
		must(t, s.Health(t.Context()))
		h.want("mended", "1:1:0:s", "2:1:0:s")
	})
}

type wrongHealth struct{ err error }

func (w wrongHealth) Error() string { return "health is not as it should be: " + errText(w.err) }

func errText(err error) string {
	if err == nil {
		return "good"
	}
	return err.Error()
}

// wantHealth says what is wrong with an answer of health.
func wantHealth(got error, good bool) error {
	if (got == nil) != good {
		return wrongHealth{got}
	}
	return nil
}

// A server that says nothing is left after its time, and the row is not lost.
func TestSlowServer(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.staff()
		for _, stage := range []string{"greet", "EHLO", "STARTTLS", "RCPT", "taken"} {
			p := newPost(t, true)
			s := h.sender(p, func(c *notify.Config) { c.Server.Timeout = 100 * time.Millisecond })
			p.fail(stage, "hang")
			h.exec("DELETE FROM outbox")
			h.project(h.received(fileA))
			h.process.move(time.Minute)
			h.tick(s, 0)
			h.want(stage, "1:1:0:")
		}
	})
}

// Only a server on this machine may do without encryption, and not one that was said to have it.
func TestEncryption(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.staff()
		clear, secure := newPost(t, false), newPost(t, true)
		h.project(h.received(fileA))
		h.process.move(time.Minute)
		h.tick(h.sender(clear, func(c *notify.Config) { c.Server.TLS = secure.trust }), 0)
		h.process.move(time.Hour)
		h.tick(h.sender(secure, func(c *notify.Config) { c.Server.TLS = &tls.Config{MinVersion: tls.VersionTLS12} }), 0) // trusted by nobody
		if len(secure.letters())+len(clear.letters()) > 0 || secure.clear {
			t.Error("a mail went out unprotected")
		}
		if !strings.Contains(h.log.String(), "tls_missing=true") {
			t.Errorf("the log does not say that encryption is missing:\n%s", h.log)
		}
		h.process.move(time.Hour)
		h.tick(h.sender(clear), 1)
	})
}

// A server that asks who we are is told, once the line is encrypted.
func TestSignIn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.staff()
		p := newPost(t, true)
		s := h.sender(p, func(c *notify.Config) { c.Server.User, c.Server.Password = "sanad", "pass word" })
		h.project(h.received(fileA))
		h.process.move(time.Minute)
		p.fail("AUTH", "535 no")
		h.tick(s, 0)
		p.fail("AUTH", "")
		h.process.move(time.Minute)
		h.tick(s, 1)
		got := p.letters()
		if len(got) != 1 || got[0].auth != "PLAIN "+base64.StdEncoding.EncodeToString([]byte("\x00sanad\x00pass word")) || p.clear {
			t.Errorf("%d mails, signed in %v, in clear %v", len(got), len(got) > 0 && got[0].auth != "", p.clear)
		}
		if strings.Contains(h.log.String(), "pass word") {
			t.Error("the log holds the password")
		}
	})
}

// What could write a second header, or can't be reached safely, is refused at the start, without being repeated.
func TestBadConfig(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	p := newPost(t, true)
	for name, change := range map[string]func(*notify.Config){
		"from with a header": func(c *notify.Config) { c.Server.From = "a@b.example\r\nBcc: secret@b.example" },
		"from with a name":   func(c *notify.Config) { c.Server.From = "secret <a@b.example>" },
		"no from":            func(c *notify.Config) { c.Server.From = "" },
		"address with header": func(c *notify.Config) {
			c.Seats["seat-1"] = notify.Address{Mail: "a@b.example\nBcc: secret@b.example", Lang: lang.French}
		},
		"address list": func(c *notify.Config) {
			c.Seats["seat-1"] = notify.Address{Mail: "a@b.example, secret@b.example", Lang: lang.French}
		},
		"no language":         func(c *notify.Config) { c.Seats["seat-1"] = notify.Address{Mail: "secret@b.example"} },
		"no port":             func(c *notify.Config) { c.Server.Addr = "secret.example" },
		"hello of two lines":  func(c *notify.Config) { c.Server.Hello = "a\r\nsecret" },
		"lease under timeout": func(c *notify.Config) { c.Server.Timeout = 3 * time.Minute },
		"no time to come":     func(c *notify.Config) { c.After = time.Minute },
		"user of two lines":   func(c *notify.Config) { c.Server.User = "a\nsecret" },
	} {
		cfg := h.config(p)
		change(&cfg)
		_, err := notify.New(cfg)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
