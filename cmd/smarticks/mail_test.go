package main

import (
	"bufio"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/cmd/smarticks/app"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/pgtest"
)

// Each setting of the mail receiver whose limit a few lines reach is in force: it
// answers so, and with the defaults it does not.
func TestTheMailReceiverHasItsSettings(t *testing.T) {
	t.Parallel()
	p, err := app.Open(t.Context(), app.Config{Database: app.Database{URL: pgtest.New(t), Conns: 4}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if _, err := p.Store.CreateMailbox(t.Context(), access.System(),
		conversation.Mailbox{Name: "Support", Email: "support@x.example", TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	// answers are the greeting and those to the lines, beside a connection that is open;
	// to an empty line, what comes by itself.
	answers := func(set app.Mail, lines ...string) (codes []string) {
		l, err := app.Listen(t.Context(), "127.0.0.1:0", "")
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- p.RunMail(t.Context(), set, l) }()
		t.Cleanup(func() {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
		dial := func() (net.Conn, *bufio.Reader) {
			var d net.Dialer
			conn, err := d.DialContext(t.Context(), "tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			return conn, bufio.NewReader(conn)
		}
		read := func(r *bufio.Reader) string {
			for {
				line, err := r.ReadString('\n')
				if err != nil || len(line) < 4 {
					return "closed"
				}
				if line[3] != '-' {
					return line[:3]
				}
			}
		}
		_, first := dial()
		read(first)
		conn, r := dial()
		codes = append(codes, read(r))
		for _, line := range lines {
			if line != "" {
				if _, err := conn.Write([]byte(line + "\r\n")); err != nil {
					t.Fatal(err)
				}
			}
			codes = append(codes, read(r))
		}
		return codes
	}
	hello, from := "EHLO x.example", "MAIL FROM:<a@x.example>"
	for _, c := range []struct {
		name  string
		set   app.Mail
		lines []string
		want  string // with the setting
		other string // with the defaults; empty: nothing comes
	}{
		{"connections of one address", app.Mail{PerAddress: 1}, nil, "421", "220"},
		{"refused recipients", app.Mail{Refused: 1}, []string{hello, from, "RCPT TO:<b@x.example>", "RCPT TO:<c@x.example>"},
			"220 250 250 550 421", "220 250 250 550 550"},
		{"commands", app.Mail{Commands: 2}, []string{hello, "NOOP", "NOOP"}, "220 250 250 421", "220 250 250 250"},
		{"length of a command", app.Mail{CommandBytes: 600}, []string{hello, "NOOP " + strings.Repeat("x", 1000)}, "220 250 500", "220 250 250"},
		{"age of a session", app.Mail{SessionLife: time.Nanosecond}, []string{""}, "220 421", ""},
		{"a mailbox for the postmaster", app.Mail{Postmaster: "nobody@x.example"}, []string{hello, from, "RCPT TO:<postmaster>"},
			"220 250 250 550", "220 250 250 250"},
	} {
		if got := strings.Join(answers(c.set, c.lines...), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if c.other == "" {
			continue
		}
		if got := strings.Join(answers(app.Mail{}, c.lines...), " "); got != c.other {
			t.Errorf("%s by the defaults: %s, want %s", c.name, got, c.other)
		}
	}
}
