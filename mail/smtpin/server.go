package smtpin

import (
	"context"
	"errors"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"

	"github.com/smarticks/smarticks/errs"
)

// Run receives mail until ctx is done, then stops accepting connections and new
// mails, lets those whose content is under way finish for ShutdownGrace, and
// returns nil. It returns an error only when the listener breaks.
func Run(ctx context.Context, cfg Config) error {
	cfg = cfg.withDefaults()
	// Calls of the Inbox outlive ctx: a mail that is nearly in is finished.
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()

	l := newListener(cfg, netutil.LimitListener(cfg.Listener, cfg.MaxConnections))
	s := newServer(cfg, work)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()

	select {
	case err := <-served:
		l.closeAll()
		return errs.Wrap("smtpin.Run", errs.Internal, "the SMTP listener broke", err)
	case <-ctx.Done():
	}
	l.drain()
	grace, cancel := context.WithTimeout(work, cfg.ShutdownGrace)
	defer cancel()
	if err := s.Shutdown(grace); errors.Is(err, context.DeadlineExceeded) {
		cfg.Logger.Warn("mail receiver closed with mails under way")
		l.closeAll()
	}
	l.Close() // Serve may have come after Shutdown
	if err := <-served; err != nil {
		return errs.Wrap("smtpin.Run", errs.Internal, "the SMTP listener broke", err)
	}
	return nil
}

func newServer(cfg Config, work context.Context) *smtp.Server {
	mem := newMemory(cfg)
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		nc, ok := c.Conn().(*conn)
		if !ok {
			return nil, errUnavailable // TLS is not offered, so this cannot be
		}
		return &session{cfg: cfg, work: work, conn: nc, memory: mem}, nil
	}))
	s.Domain = cfg.Domain
	s.MaxRecipients = cfg.MaxRecipients
	// go-smtp refuses a mail of exactly its limit.
	s.MaxMessageBytes = cfg.MaxMessageBytes + 1
	// Mails with lines longer than the standard's 1,000 bytes are common, and
	// go-smtp has one limit for commands and content; conn has one for commands.
	s.MaxLineLength = int(cfg.MaxMessageBytes)
	s.ReadTimeout = cfg.CommandTimeout
	s.WriteTimeout = time.Minute
	s.EnableSMTPUTF8 = true
	s.ErrorLog = errorLog{cfg.Logger}
	return s
}
