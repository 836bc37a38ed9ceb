package smtpin

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

const simple = "From: ann@example.com\r\nMessage-ID: <1@example.com>\r\nSubject: hi\r\n\r\nhello\r\n"

func TestMailIsHandedOverBefore250(t *testing.T) {
	inbox := &fakeInbox{entered: make(chan struct{}), release: make(chan struct{})}
	c := dial(t, start(t, Config{Inbox: inbox}))
	c.say("EHLO client.example", "250")
	c.say("MAIL FROM:<Ann@Example.com>", "250")
	c.say("RCPT TO:<Support+x@SMARTICKS.test>", "250")
	c.say("RCPT TO:<support+x@smarticks.test>", "250")
	c.say("RCPT TO:<nobody@smarticks.test>", "550 5.1.1")
	c.say("DATA", "354")
	c.raw(simple + "..dot\r\n.\r\n")
	<-inbox.entered
	answer := make(chan string)
	go func() { answer <- c.expect("250") }()
	select {
	case a := <-answer:
		t.Fatalf("answered %q before the mail was stored", a)
	case <-time.After(50 * time.Millisecond):
	}
	close(inbox.release)
	<-answer

	got := inbox.received()
	if len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	want := []any{"ann@example.com", []string{"support+x@smarticks.test"}, simple + ".dot\r\n", "hi", "hello\n.dot", conversation.Machine("")}
	in := got[0]
	if diff := cmp.Diff(want, []any{in.EnvelopeFrom, in.Recipients, string(in.Raw), in.Subject, in.Text, in.Machine}); diff != "" {
		t.Error(diff)
	}
	c.say("QUIT", "221")
}

func TestNullSenderAndOwnAddressAreMarked(t *testing.T) {
	inbox := &fakeInbox{}
	c := dial(t, start(t, Config{Inbox: inbox}))
	c.say("EHLO client.example", "250")
	for envelope, content := range map[string]string{"": simple,
		"Support@smarticks.test": strings.Replace(simple, "ann@example.com", "support@smarticks.test", 1)} {
		c.say("MAIL FROM:<"+envelope+">", "250")
		c.say("RCPT TO:<billing@smarticks.test>", "250")
		c.say("DATA", "354")
		c.say(content+".", "250")
	}
	got := inbox.received()
	marks := map[string]conversation.Machine{}
	for _, in := range got {
		marks[in.EnvelopeFrom] = in.Machine
	}
	if len(got) != 2 || marks[""] != conversation.MachineNullSender || marks["Support@smarticks.test"] != conversation.MachineOwn &&
		marks["support@smarticks.test"] != conversation.MachineOwn {
		t.Fatalf("%+v", marks)
	}
}

// The recipient, the envelope's sender and From are looked up once, and for each mail
// again.
func TestAMailIsLookedUpOnce(t *testing.T) {
	t.Parallel()
	inbox := &fakeInbox{}
	c := dial(t, start(t, Config{Inbox: inbox}))
	c.say("EHLO client.example", "250")
	for _, m := range []struct{ from, want string }{
		{"Ann@example.com", "support@smarticks.test Ann@example.com"},
		{"ann@EXAMPLE.com", "support@smarticks.test ann@EXAMPLE.com"},
		{"", "support@smarticks.test, ann@example.com"},
		{"bounces+7@list.example", "support@smarticks.test bounces+7@list.example, ann@example.com"},
	} {
		inbox.set(func() { inbox.lookups = nil })
		c.say("MAIL FROM:<"+m.from+">", "250")
		c.say("RCPT TO:<support@smarticks.test>", "250")
		c.say("RCPT TO:<Support@smarticks.test>", "250")
		c.say("DATA", "354")
		c.say(simple+".", "250")
		inbox.set(func() {
			if got := strings.Join(inbox.lookups, ", "); got != m.want {
				t.Errorf("from <%s>: looked up %s, want %s", m.from, got, m.want)
			}
		})
	}
}

func TestEveryFailureHasItsAnswer(t *testing.T) {
	secret := errors.New("password=secret")
	tests := []struct {
		name       string
		set        func(f *fakeInbox)
		rcpt, data string
	}{
		{"lookup: database away", func(f *fakeInbox) { f.lookErr = errs.Wrap("x", errs.Unavailable, "away", secret) }, "451 4.3.0", ""},
		{"lookup: unknown error", func(f *fakeInbox) { f.lookErr = secret }, "451 4.3.0", ""},
		{"lookup: panic", func(f *fakeInbox) { f.panicOn = "look" }, "451 4.3.0", ""},
		{"store: database away", func(f *fakeInbox) { f.storeErr = errs.Wrap("x", errs.Unavailable, "away", secret) }, "250", "451 4.3.0"},
		{"store: unknown error", func(f *fakeInbox) { f.storeErr = secret }, "250", "451 4.3.0"},
		{"store: wrapped error", func(f *fakeInbox) { f.storeErr = fmt.Errorf("x: %w", secret) }, "250", "451 4.3.0"},
		{"store: conflict", func(f *fakeInbox) { f.storeErr = errs.New("x", errs.Conflict, "x") }, "250", "451 4.3.0"},
		{"store: mailbox gone", func(f *fakeInbox) { f.storeErr = errs.New("x", errs.NotFound, "x") }, "250", "550 5.1.1"},
		{"store: refused", func(f *fakeInbox) { f.storeErr = errs.Wrap("x", errs.Invalid, "secret", secret) }, "250", "554 5.6.0"},
		{"store: panic", func(f *fakeInbox) { f.panicOn = "store" }, "250", "451 4.3.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inbox := &fakeInbox{}
			tt.set(inbox)
			r := start(t, Config{Inbox: inbox})
			c := dial(t, r)
			c.say("EHLO client.example", "250")
			c.say("MAIL FROM:<ann@example.com>", "250")
			answers := c.say("RCPT TO:<support@smarticks.test>", tt.rcpt)
			if tt.data != "" {
				c.say("DATA", "354")
				answers += c.say(simple+".", tt.data)
			}
			if strings.Contains(answers, "secret") {
				t.Errorf("the sender learns %q", answers)
			}
			if n := len(inbox.received()); n != 0 {
				t.Errorf("%d mails stored", n)
			}
			// The same connection and the server go on.
			inbox.set(func() { inbox.lookErr, inbox.storeErr, inbox.panicOn = nil, nil, "" })
			c.say("RSET", "250")
			c.say("MAIL FROM:<ann@example.com>", "250")
			c.say("RCPT TO:<support@smarticks.test>", "250")
			c.say("DATA", "354")
			c.say(simple+".", "250")
			r.stop()
			must(t, wait(t, r.done))
			if log := r.log.String(); strings.Contains(log, "secret words") {
				t.Errorf("the log quotes the mail: %s", log)
			}
		})
	}
}

func TestLimitsOfOneMail(t *testing.T) {
	inbox := &fakeInbox{}
	r := start(t, Config{Inbox: inbox, MaxMessageBytes: 4096})
	c := dial(t, r)
	c.say("EHLO client.example", "250")
	c.say("MAIL FROM:<ann@example.com> SIZE=5000", "552 5.3.4")
	c.say("MAIL FROM:<ann@example.com>", "250")
	for i := range 100 {
		c.say(fmt.Sprintf("RCPT TO:<m%d@smarticks.test>", i), "250")
	}
	c.say("RCPT TO:<m100@smarticks.test>", "452 4.5.3")
	c.say("DATA", "354")
	c.say(simple+strings.Repeat("a line of words\r\n", 300)+".", "552 5.3.4")
	c.say("NOOP", "250")

	exact := simple + strings.Repeat("x", 4096-len(simple)-2) + "\r\n"
	c.say("MAIL FROM:<ann@example.com>", "250")
	c.say("RCPT TO:<support@smarticks.test>", "250")
	c.say("DATA", "354")
	c.say(exact[:1500]+"\r\n"+exact[1502:]+".", "250")
	if got := inbox.received(); len(got) != 1 || len(got[0].Raw) != 4096 {
		t.Fatalf("%d mails", len(got))
	}
}

func TestEndlessMailIsCutOff(t *testing.T) {
	inbox := &fakeInbox{}
	c := dial(t, start(t, Config{Inbox: inbox, MaxMessageBytes: 1 << 16}))
	c.begin()
	line := strings.Repeat("x", 998) + "\r\n"
	for range 10000 {
		if c.try(line) != nil {
			if len(inbox.received()) != 0 {
				t.Error("stored")
			}
			return // the server closed the connection
		}
	}
	t.Fatal("the server read 10 MB of a mail that may have 64 KB")
}

func TestLoopsAreRefused(t *testing.T) {
	inbox := &fakeInbox{}
	c := dial(t, start(t, Config{Inbox: inbox}))
	c.say("EHLO client.example", "250")
	for _, tt := range []struct{ header, answer string }{
		{strings.Repeat("Received: from a by b\r\n", 50), "250"},
		{strings.Repeat("received: from a by b\r\n", 51), "554 5.4.6"},
		{strings.Repeat("X-Smarticks-Loop: r1\r\n", 2), "250"},
		{strings.Repeat("X-SMARTICKS-Loop: r1\r\n", 3), "554 5.4.6"},
	} {
		c.say("MAIL FROM:<ann@example.com>", "250")
		c.say("RCPT TO:<support@smarticks.test>", "250")
		c.say("DATA", "354")
		c.say(tt.header+simple+".", tt.answer)
	}
	if n := len(inbox.received()); n != 2 {
		t.Fatalf("%d mails", n)
	}
}

func TestBadAddressesNeverReachTheInbox(t *testing.T) {
	inbox := &fakeInbox{}
	c := dial(t, start(t, Config{Inbox: inbox}))
	c.say("EHLO client.example", "250")
	c.say("MAIL FROM:<a\x01b@example.com>", "5")
	c.say("MAIL FROM:<\xff@example.com>", "5")
	c.say("MAIL FROM:<ann@example.com>", "250")
	c.say("RCPT TO:<a\x00b@smarticks.test>", "5")
	c.say("RCPT TO:<\xff@smarticks.test>", "5")
	if len(inbox.lookups) != 0 {
		t.Fatalf("looked up %q", inbox.lookups)
	}
}

func TestMailThatDidNotArriveWholeIsNotStored(t *testing.T) {
	inbox := &fakeInbox{}
	r := start(t, Config{Inbox: inbox})
	for _, sent := range []string{"", simple, simple + ".", simple + ".\r", simple + "\r\n"} {
		c := dial(t, r)
		c.begin()
		c.raw(sent)
		c.hangUp()
	}
	bdat := dial(t, r)
	bdat.say("EHLO client.example", "250")
	bdat.say("MAIL FROM:<ann@example.com>", "250")
	bdat.say("RCPT TO:<support@smarticks.test>", "250")
	bdat.raw("BDAT 10\r\n0123456789")
	bdat.expect("250")
	bdat.say("RSET", "250")
	bdat.hangUp()

	r.stop()
	must(t, wait(t, r.done))
	if n := len(inbox.received()); n != 0 {
		t.Fatalf("%d mails stored", n)
	}
}

func TestSlowContentEndsAtTheTimeout(t *testing.T) {
	inbox := &fakeInbox{}
	c := dial(t, start(t, Config{Inbox: inbox, DataTimeout: 100 * time.Millisecond}))
	c.begin()
	c.raw("Subject: slow\r\n")
	c.expect("4")
	if len(inbox.received()) != 0 {
		t.Fatal("stored")
	}
}

func TestShutdownFinishesTheMailUnderWay(t *testing.T) {
	inbox := &fakeInbox{entered: make(chan struct{}), release: make(chan struct{})}
	r := start(t, Config{Inbox: inbox})
	idle, chosen, inData, storing := dial(t, r), dial(t, r), dial(t, r), dial(t, r)
	chosen.say("EHLO client.example", "250")
	chosen.say("MAIL FROM:<ann@example.com>", "250")
	chosen.say("RCPT TO:<support@smarticks.test>", "250")
	inData.begin()
	inData.raw("From: half@example.com\r\n")
	storing.begin()
	storing.raw(simple + ".\r\n")
	<-inbox.entered
	inbox.entered = nil
	r.stop()

	idle.expect("421")
	chosen.expect("421")
	close(inbox.release)
	storing.expect("250")
	storing.expect("421")
	inData.raw("\r\nrest\r\n.\r\n")
	inData.expect("250")
	if err := wait(t, r.done); err != nil {
		t.Fatal(err)
	}
	if n := len(inbox.received()); n != 2 {
		t.Fatalf("%d mails", n)
	}
}

func TestShutdownDoesNotWaitForever(t *testing.T) {
	inbox := &fakeInbox{}
	r := start(t, Config{Inbox: inbox, ShutdownGrace: 50 * time.Millisecond})
	c := dial(t, r)
	c.begin()
	c.raw("Subject: never ends\r\n")
	r.stop()
	must(t, wait(t, r.done))
	if len(inbox.received()) != 0 {
		t.Fatal("stored")
	}
}

func TestRunReportsABrokenListener(t *testing.T) {
	r := &receiver{done: make(chan error, 1)}
	l := brokenListener{}
	go func() { r.done <- Run(t.Context(), Config{Listener: l, Inbox: &fakeInbox{}}) }()
	if err := wait(t, r.done); err == nil {
		t.Fatal("no error")
	}
}
