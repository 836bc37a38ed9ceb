package sinks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Mail is an SMTP server that accepts everything and writes each mail as the
// file <delivery id>.eml, the delivery id being the local part of the
// Message-ID. The same mail sent twice is one file, as a mail store that knows
// the Message-ID would have it, and two entries of Sent; another mail with that
// Message-ID becomes <delivery id>.2.eml.
type Mail struct {
	dir      string
	listener net.Listener
	server   *smtp.Server
	served   chan struct{}
	mails    journal[SentMail]

	mu     sync.Mutex
	faults []fault
}

// SentMail is a mail that the sink has written.
type SentMail struct {
	ID   string // local part of the Message-ID, as the file is named
	Copy int    // 1 for the first with this id
	From string // of the envelope
	To   []string
	File string
}

// Read answers the mail's bytes as they came.
func (m SentMail) Read() ([]byte, error) { return os.ReadFile(m.File) }

// StartMail listens on addr (host:port; port 0 means any) and writes into dir,
// which it makes.
func StartMail(addr, dir string) (*Mail, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("mail sink: %w", err)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("mail sink: %w", err)
	}
	m := &Mail{dir: dir, listener: l, served: make(chan struct{})}
	m.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &mailSession{sink: m, conn: c}, nil
	}))
	m.server.Domain = "sink.localhost"
	m.server.ReadTimeout, m.server.WriteTimeout = time.Minute, time.Minute
	m.server.EnableSMTPUTF8 = true
	m.server.ErrorLog = silentLog{}
	go func() {
		defer close(m.served)
		// It ends by Close only, with an error that says so.
		_ = m.server.Serve(l)
	}()
	return m, nil
}

// Addr is host:port of the server.
func (m *Mail) Addr() string { return m.listener.Addr().String() }

// Sent is every mail written since the start, the oldest first.
func (m *Mail) Sent() []SentMail { return m.mails.all() }

// Wait answers the mails as soon as enough says so.
//
// Errors: that of ctx, with the mails that there are.
func (m *Mail) Wait(ctx context.Context, enough func([]SentMail) bool) ([]SentMail, error) {
	return m.mails.wait(ctx, enough)
}

// Close stops the server and cuts its connections. The files stay.
func (m *Mail) Close() error {
	err := m.server.Close()
	// A server that has not begun to serve yet does not know its listener, and
	// would serve permanently.
	_ = m.listener.Close()
	<-m.served
	if errors.Is(err, smtp.ErrServerClosed) {
		return nil
	}
	return err
}

type mailSession struct {
	sink *Mail
	conn *smtp.Conn
	from string
	to   []string
}

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return s.sink.refusal(AtMail)
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.sink.refusal(AtRcpt); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.sink.refusal(AtData); err != nil {
		return err
	}
	if s.sink.take(dropUnstored) {
		return s.conn.Conn().Close()
	}
	id := fileName(messageLocalPart(b), "no-message-id")
	path, err := saveOnce(s.sink.dir, id, ".eml", b)
	if err != nil {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "the sink cannot write"}
	}
	drop := s.sink.take(dropStored)
	n := 1
	for _, earlier := range s.sink.mails.all() {
		if earlier.ID == id {
			n++
		}
	}
	s.sink.mails.add(SentMail{ID: id, Copy: n, From: s.from, To: slices.Clone(s.to), File: path})
	if drop {
		return s.conn.Conn().Close()
	}
	return nil
}

func (s *mailSession) Reset()        { s.from, s.to = "", nil }
func (s *mailSession) Logout() error { return nil }

func messageLocalPart(b []byte) string {
	msg, err := netmail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		return ""
	}
	id := strings.Trim(strings.TrimSpace(msg.Header.Get("Message-Id")), "<>")
	if at := strings.LastIndexByte(id, '@'); at >= 0 {
		return id[:at]
	}
	return id
}

// silentLog drops go-smtp's log: a sink that cuts connections on purpose would
// fill it.
type silentLog struct{}

func (silentLog) Printf(string, ...any) {}
func (silentLog) Println(...any)        {}
