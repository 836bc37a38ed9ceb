package smtpin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// patience is how long a test waits for what must come, on a machine however slow.
const patience = 5 * time.Minute

// fakeInbox keeps mails in memory and fails as told.
type fakeInbox struct {
	mu       sync.Mutex
	mails    []conversation.Incoming
	lookups  []string
	lookErr  error         // of HasMailboxes
	storeErr error         // of Receive
	panicOn  string        // "look" or "store"
	entered  chan struct{} // closed by the first Receive, when set
	release  chan struct{} // what Receive waits for, when set
}

func (f *fakeInbox) HasMailboxes(_ context.Context, addresses ...string) ([]bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lookups = append(f.lookups, strings.Join(addresses, " "))
	if f.panicOn == "look" {
		panic("secret words")
	}
	ours := make([]bool, len(addresses))
	for i, a := range addresses {
		ours[i] = strings.HasSuffix(a, "@smarticks.test") && !strings.HasPrefix(a, "nobody")
	}
	return ours, f.lookErr
}

func (f *fakeInbox) Receive(ctx context.Context, in conversation.Incoming) error {
	if f.entered != nil {
		close(f.entered)
		<-f.release
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.panicOn == "store" {
		panic("secret words")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.storeErr != nil {
		return f.storeErr
	}
	f.mails = append(f.mails, in)
	return nil
}

func (f *fakeInbox) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeInbox) received() []conversation.Incoming {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]conversation.Incoming(nil), f.mails...)
}

// receiver is a running Run.
type receiver struct {
	addr string
	log  *strings.Builder
	stop context.CancelFunc
	done chan error
}

func start(t *testing.T, cfg Config) *receiver {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &receiver{addr: l.Addr().String(), log: &strings.Builder{}, stop: cancel, done: make(chan error, 1)}
	cfg.Listener = l
	cfg.Logger = slog.New(slog.NewJSONHandler(&lockedWriter{w: r.log}, nil))
	go func() { r.done <- Run(ctx, cfg) }()
	t.Cleanup(func() {
		cancel()
		if err := wait(t, r.done); err != nil {
			t.Error(err)
		}
	})
	return r
}

func wait(t *testing.T, done chan error) error {
	t.Helper()
	select {
	case err := <-done:
		done <- err // for who waits next
		return err
	case <-time.After(patience):
		t.Fatal("Run does not end")
		return nil
	}
}

type lockedWriter struct {
	mu sync.Mutex
	w  *strings.Builder
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// client speaks SMTP line by line.
type client struct {
	*textproto.Conn
	t *testing.T
}

func dial(t *testing.T, r *receiver) *client {
	t.Helper()
	c := connect(t, r)
	c.expect("220")
	return c
}

// connect opens a connection and waits for nothing.
func connect(t *testing.T, r *receiver) *client {
	t.Helper()
	nc, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	must(t, nc.SetDeadline(time.Now().Add(patience)))
	c := &client{textproto.NewConn(nc), t}
	t.Cleanup(c.hangUp)
	return c
}

// expect reads an answer and checks how it begins.
func (c *client) expect(prefix string) string {
	c.t.Helper()
	code, text, err := c.ReadResponse(-1)
	if err != nil && code == 0 {
		c.t.Fatalf("waiting for %s: %v", prefix, err)
	}
	answer := fmt.Sprintf("%d %s", code, text)
	if !strings.HasPrefix(answer, prefix) {
		c.t.Fatalf("answer %q, want %s", answer, prefix)
	}
	return answer
}

// say sends a line and checks how the answer begins.
func (c *client) say(line, prefix string) string {
	c.t.Helper()
	c.raw(line + "\r\n")
	return c.expect(prefix)
}

func (c *client) raw(s string) {
	c.t.Helper()
	if err := c.try(s); err != nil {
		c.t.Fatal(err)
	}
}

// try sends and reports whether that worked.
func (c *client) try(s string) error {
	_, err := c.W.WriteString(s)
	return errors.Join(err, c.W.Flush())
}

func (c *client) hangUp() { _ = c.Close() }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// begin goes as far as 354.
func (c *client) begin() {
	c.t.Helper()
	c.say("EHLO client.example", "250")
	c.say("MAIL FROM:<ann@example.com>", "250")
	c.say("RCPT TO:<support@smarticks.test>", "250")
	c.say("DATA", "354")
}
