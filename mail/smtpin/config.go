package smtpin

import (
	"context"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// Inbox is where mail goes.
type Inbox interface {
	// HasMailboxes tells, of each of the addresses, whether it is one of our
	// mailboxes.
	HasMailboxes(ctx context.Context, addresses ...string) ([]bool, error)
	// Receive stores a mail. When it returns nil the mail is durable. A mail that
	// it has already is not an error.
	Receive(ctx context.Context, in conversation.Incoming) error
}

// Config says how to receive. Inbox and Listener must be set.
type Config struct {
	// Listener is served and closed by Run.
	Listener net.Listener
	Inbox    Inbox
	// AuthservIDs names the servers whose Authentication-Results count; nil: none. It
	// is asked for each mail, after HasMailboxes took its recipients.
	AuthservIDs func() []string
	// Domain is the name in the greeting. Empty means localhost.
	Domain string
	// MaxMessageBytes bounds a mail. Zero means 25 MB (26,214,400 bytes).
	MaxMessageBytes int64
	// MaxRecipients bounds the recipients of a mail. Zero means 100.
	MaxRecipients int
	// MaxConnections bounds the connections served at a time; more of them wait.
	// Zero means 200.
	MaxConnections int
	// MaxConnectionsPerAddress bounds those of one IPv4 address, or one /64 of IPv6; one
	// more is answered 421. Zero means 50.
	MaxConnectionsPerAddress int
	// MaxRefusedRecipients is how many unknown recipients one connection may name before
	// it is answered 421 and closed. Zero means 50.
	MaxRefusedRecipients int
	// MaxCommands bounds the commands of one connection, MaxCommandBytes each of them.
	// Zero means 10,000, and 4 KiB.
	MaxCommands, MaxCommandBytes int
	// SessionLife is how old a connection may get; a mail under way is finished. Zero
	// means 1 h.
	SessionLife time.Duration
	// MaxBytesInFlight bounds the content of large mails (more than 256 KiB) over all
	// connections, and once more what is made of it on its way to the Inbox; it is
	// raised to three times MaxMessageBytes if it is less. Zero means 100 MB.
	MaxBytesInFlight int64
	// MemoryPatience is how long a mail waits for its turn before it is answered 452
	// 4.3.1. Zero means 1 min.
	MemoryPatience time.Duration
	// ParseConcurrency is how many mails are parsed at once. Zero means as many as
	// there are processors.
	ParseConcurrency int
	// Postmaster is the address of the mailbox that gets what is sent to <postmaster>
	// without a domain, which every receiver must take (RFC 5321 4.5.1). Empty: the one
	// that FirstMailbox returns.
	Postmaster string
	// FirstMailbox returns the address of the mailbox that was made first, empty where
	// there is none. Nil: there is none.
	FirstMailbox func(ctx context.Context) (string, error)
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
	setDefault(&c.MaxConnectionsPerAddress, 50)
	setDefault(&c.MaxRefusedRecipients, 50)
	setDefault(&c.MaxCommands, 10_000)
	setDefault(&c.MaxCommandBytes, 4<<10)
	setDefault(&c.SessionLife, time.Hour)
	setDefault(&c.MaxBytesInFlight, 100<<20)
	setDefault(&c.MemoryPatience, time.Minute)
	setDefault(&c.ParseConcurrency, runtime.GOMAXPROCS(0))
	setDefault(&c.CommandTimeout, 5*time.Minute)
	setDefault(&c.DataTimeout, 10*time.Minute)
	setDefault(&c.StoreTimeout, 30*time.Second)
	setDefault(&c.ShutdownGrace, 30*time.Second)
	if c.Domain == "" {
		c.Domain = "localhost"
	}
	c.Postmaster = strings.ToLower(c.Postmaster)
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
