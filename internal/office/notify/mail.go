package notify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
)

// Server is how mail leaves the house.
type Server struct {
	Addr     string // host:port
	From     string // bare address
	User     string // "" where the server asks for none
	Password string
	Hello    string        // the name we greet with; "localhost" where empty
	TLS      *tls.Config   // whom to trust; nil trusts what the machine trusts. Given, it makes TLS needed even on this machine
	Timeout  time.Duration // for one mail, from the first connection; 30 s where zero
}

var errNoTLS = errors.New("the mail server does not encrypt (STARTTLS), and it is not on this machine: use one that does")

func (s *Server) check() error {
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil || host == "" || port == "" || !oneLine(s.Addr) {
		return errors.New("the address of the mail server: expected host:port")
	}
	err = bare(s.From)
	if err != nil {
		return fmt.Errorf("the sender of mails: %w", err)
	}
	if !oneLine(s.Hello) || strings.ContainsAny(s.Hello, " ") || !oneLine(s.User) {
		return errors.New("the name we greet the mail server with, or the user, holds what it can't")
	}
	return nil
}

// local reports whether a host is this machine by name; who answered must be, too.
func local(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// mail tells one person. When it returns nil the server has taken the mail.
func (s *Sender) mail(ctx context.Context, id act.ID, to Address) error {
	return s.Server.send(ctx, to.Mail, message(s.Messages.For(to.Lang), &s.Server, to, id, s.Process()))
}

// send hands one mail to the server.
func (s *Server) send(ctx context.Context, to string, text []byte) error {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return err
	}
	defer conn.Close()                                          //nolint:errcheck // Quit has closed it, or we give it up
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // whatever waits for the server then ends
	defer stop()
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	hello := s.Hello
	if hello == "" {
		hello = "localhost"
	}
	err = c.Hello(hello)
	if err != nil {
		return err
	}
	err = s.encrypt(c, conn, host)
	if err == nil && s.User != "" {
		err = c.Auth(smtp.PlainAuth("", s.User, s.Password, host))
	}
	if err == nil {
		err = c.Mail(s.From)
	}
	if err == nil {
		err = c.Rcpt(to)
	}
	if err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	if err == nil {
		err = w.Close() // the server has taken it
	}
	if err != nil {
		return err
	}
	_ = c.Quit() // what it says to a good-bye changes nothing
	return nil
}

// encrypt turns TLS on. Only a server on this machine may do without.
func (s *Server) encrypt(c *smtp.Client, conn net.Conn, host string) error {
	far, _ := conn.RemoteAddr().(*net.TCPAddr)
	here := local(host) && far != nil && far.IP.IsLoopback()
	if here && s.TLS == nil {
		return nil
	}
	offered, _ := c.Extension("STARTTLS")
	if !offered {
		return errNoTLS
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.TLS != nil {
		cfg = s.TLS.Clone()
	}
	if cfg.ServerName == "" {
		cfg.ServerName = host
	}
	return c.StartTLS(cfg)
}

// message writes the mail: that something is due, and nothing of what.
func message(p *lang.Printer, s *Server, to Address, id act.ID, now time.Time) []byte {
	from := mail.Address{Name: p.Text("app.name", nil), Address: s.From}
	_, domain, _ := strings.Cut(s.From, "@")
	sum := sha256.Sum256(id[:]) // the same row has the same identifier: a mail that went out twice is shown once
	h := textproto.MIMEHeader{}
	h.Set("From", from.String())
	h.Set("To", (&mail.Address{Address: to.Mail}).String())
	h.Set("Subject", mime.BEncoding.Encode("utf-8", p.Text("notify.subject", nil)))
	h.Set("Date", now.UTC().Format(time.RFC1123Z))
	h.Set("Message-Id", fmt.Sprintf("<%x@%s>", sum[:16], domain))
	h.Set("Mime-Version", "1.0")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Transfer-Encoding", "base64")
	h.Set("Content-Language", string(p.Lang()))
	h.Set("Auto-Submitted", "auto-generated")
	var b bytes.Buffer
	for _, name := range []string{
		"From", "To", "Subject", "Date", "Message-Id", "Mime-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Language", "Auto-Submitted",
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", name, h.Get(name))
	}
	b.WriteString("\r\n")
	text := p.Text("notify.due", nil) + "\r\n\r\n" + p.Text("notify.open", nil) + "\r\n\r\n" + p.Text("notify.next", nil) + "\r\n"
	const width = 76
	for enc := base64.StdEncoding.EncodeToString([]byte(text)); enc != ""; {
		n := min(width, len(enc))
		b.WriteString(enc[:n] + "\r\n")
		enc = enc[n:]
	}
	return b.Bytes()
}
