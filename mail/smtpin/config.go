package smtpin

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// Inbox is where mail goes.
type Inbox interface {
	// HasMailbox tells whether an address, in lower case, is one of our
	// mailboxes.
	HasMailbox(ctx context.Context, address string) (bool, error)
	// Receive stores a mail. When it returns nil the mail is durable. A mail that
	// it has already is not an error.
	Receive(ctx context.Context, in conversation.Incoming) error
}

// Config says how to receive. Inbox and Listener must be set.
type Config struct {
	// Listener is served and closed by Run.
	Listener net.Listener
	Inbox    Inbox
	// Domain is the name in the greeting. Empty means localhost.
	Domain string
	// MaxMessageBytes bounds a mail. Zero means 25 MB (26,214,400 bytes).
	MaxMessageBytes int64
	// MaxRecipients bounds the recipients of a mail. Zero means 100.
	MaxRecipients int
	// MaxConnections bounds the connections served at a time; more of them wait.
	// Zero means 200.
	MaxConnections int
	// RejectBareLineEnds answers 550 5.6.11 to a mail with a CR or LF that stands
	// alone. By default a lone LF becomes a line end and a lone CR a space.
	RejectBareLineEnds bool
	// CommandTimeout is how long a connection may be silent. Zero means 5 min.
	CommandTimeout time.Duration
	// DataTimeout is how long the content of one mail may take. Zero means 10 min.
	DataTimeout time.Duration
	// StoreTimeout is how long one call of the Inbox may take. Zero means 30 s.
	StoreTimeout time.Duration
	// ShutdownGrace is how long mails under way may take after Run's context is
	// done. Zero means 30 s.
	ShutdownGrace time.Duration
	// Logger gets what ops should know. Nil means slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	setDefault(&c.MaxMessageBytes, 25<<20)
	setDefault(&c.MaxRecipients, 100)
	setDefault(&c.MaxConnections, 200)
	setDefault(&c.CommandTimeout, 5*time.Minute)
	setDefault(&c.DataTimeout, 10*time.Minute)
	setDefault(&c.StoreTimeout, 30*time.Second)
	setDefault(&c.ShutdownGrace, 30*time.Second)
	if c.Domain == "" {
		c.Domain = "localhost"
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

func setDefault[T int | int64 | time.Duration](v *T, fallback T) {
	if *v <= 0 {
		*v = fallback
	}
}
