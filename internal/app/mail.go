package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"sanad/internal/kit/lang"
	"sanad/internal/office/notify"
)

// mailFile is how mails leave, and who is told: a file of its own, for it holds addresses of people.
type mailFile struct {
	Server       string            `yaml:"server"`        // host:port
	From         string            `yaml:"from"`          // bare address
	User         string            `yaml:"user"`          // left out where the server asks for none
	PasswordFile string            `yaml:"password_file"` // counted from the folder of this file
	Hello        string            `yaml:"hello"`         // the name the server is greeted with
	UnreadHours  int               `yaml:"unread_hours"`  // after which the next mandate is told; 24 where left out
	Seats        map[string]seatTo `yaml:"seats"`
	Heads        map[string]string `yaml:"heads"` // by institution, the seat that is told last
}

// seatTo is where the holder of a seat is told, and in which language.
type seatTo struct {
	Mail     string `yaml:"mail"`
	Language string `yaml:"language"`
}

// readMail reads the file of mails. The error says what is wrong, and never an address.
func readMail(path string) (*mailFile, string, error) {
	b, err := readSmall(path)
	if err != nil {
		return nil, "", fmt.Errorf("mail: %w", err)
	}
	var m mailFile
	err = yaml.NewDecoder(bytes.NewReader(b), yaml.Strict()).Decode(&m)
	if err != nil {
		return nil, "", fmt.Errorf("mail: %s: expected server, from, user, password_file, hello, unread_hours, seats and heads: %s", path, yaml.FormatError(err, false, false))
	}
	if m.PasswordFile == "" {
		return &m, "", nil
	}
	at := m.PasswordFile
	if !filepath.IsAbs(at) {
		at = filepath.Join(filepath.Dir(path), at)
	}
	secret, err := os.ReadFile(at)
	if err != nil {
		return nil, "", fmt.Errorf("mail: password_file: %w", err)
	}
	return &m, strings.TrimRight(string(secret), "\r\n"), nil
}

// mailer sends what waits in the outbox; nil where no mail is configured.
func (h *house) mailer(c *Config) (*notify.Sender, error) {
	if c.Mail == "" {
		return nil, nil
	}
	m, password, err := readMail(c.Mail)
	if err != nil {
		return nil, err
	}
	cfg := notify.Config{
		Read: h.clerk.Read, Write: h.clerk.Door, Messages: h.words, Process: h.process, Legal: h.legal, Log: h.log, Heads: m.Heads,
		Server: notify.Server{Addr: m.Server, From: m.From, User: m.User, Password: password, Hello: m.Hello},
		After:  time.Duration(m.UnreadHours) * time.Hour, Seats: map[string]notify.Address{},
	}
	var wrong []error
	known := func(seat string) bool {
		for _, r := range h.pack.Roles {
			if slices.Contains(r.Seats, seat) {
				return true
			}
		}
		return false
	}
	for seat, to := range m.Seats {
		l, ok := lang.Parse(to.Language)
		switch {
		case !known(seat):
			wrong = append(wrong, fmt.Errorf("mail: the pack has no seat %s", seat))
		case to.Language == "":
			l = c.Language
		case !ok:
			wrong = append(wrong, fmt.Errorf("mail: seat %s: no language %q", seat, to.Language))
		}
		cfg.Seats[seat] = notify.Address{Mail: to.Mail, Lang: l}
	}
	for _, seat := range m.Heads {
		if !known(seat) {
			wrong = append(wrong, fmt.Errorf("mail: the pack has no seat %s", seat))
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return notify.New(cfg)
}

// mail runs a sender, where there is one, until ctx ends.
func mail(ctx context.Context, s *notify.Sender) error {
	if s == nil {
		return nil
	}
	return s.Run(ctx)
}
