package smtpin

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// ends are last lines whose CR stands before another CR, as some programs write that
// add a CR to lines which have one.
var ends = []string{"x\r\r\n.\r\n", "x\r\r\r\n.\r\n", "\r\r\n.\r\n", "x\r\r\n\r\n.\r\n", "x\r\r\n\r\r\n.\r\n", "x \r\r\n..\r\r\n.\r\n"}

func TestDataEndsAlsoAfterALineThatEndsWithTwoCRs(t *testing.T) {
	t.Parallel()
	for framing, send := range framings {
		for _, end := range ends {
			for _, reject := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%q/%v", framing, end, reject), func(t *testing.T) {
					t.Parallel()
					inbox := &fakeInbox{}
					c := dial(t, start(t, Config{Inbox: inbox, RejectBareLineEnds: reject}))
					c.begin()
					send(c, "From: ann@example.com\r\n\r\nMARK"+end)
					if reject {
						c.expect("550 5.6.11")
					} else {
						c.expect("250")
					}
					c.say("NOOP", "250") // what follows is a command again
					if n := len(inbox.received()); (n == 1) == reject {
						t.Fatalf("%d mails", n)
					}
				})
			}
		}
	}
}

func TestTheHandedMailWhoseLastLineEndsWithTwoCRsIsReceived(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/44-last-line-ends-cr-cr-lf.eml")
	must(t, err)
	inbox := &fakeInbox{}
	c := dial(t, start(t, Config{Inbox: inbox}))
	c.begin()
	c.raw(strings.TrimSuffix(string(raw), "\r\n") + "\r\n.\r\n")
	c.expect("250")
	if len(inbox.received()) != 1 {
		t.Fatal("not received")
	}
}

func TestOneAddressHoldsSoManyConnectionsOnly(t *testing.T) {
	t.Parallel()
	r := start(t, Config{Inbox: &fakeInbox{}, MaxConnectionsPerAddress: 2})
	first, second := dial(t, r), dial(t, r)
	dialFor(t, r, "421 4.7.0")
	second.say("NOOP", "250")
	first.say("QUIT", "221")
	// Its place is free as soon as the server has closed it.
	for {
		c := connect(t, r)
		code, _, err := c.ReadResponse(-1)
		c.hangUp()
		if code == 220 {
			return
		}
		if code != 421 {
			t.Fatal(code, err)
		}
	}
}

func TestGuessesOfRecipientsEnd(t *testing.T) {
	t.Parallel()
	inbox := &fakeInbox{}
	c := dial(t, start(t, Config{Inbox: inbox, MaxRefusedRecipients: 3}))
	c.say("EHLO client.example", "250")
	c.say("MAIL FROM:<ann@example.com>", "250")
	var all strings.Builder
	for i := range 60 { // all at once
		fmt.Fprintf(&all, "RCPT TO:<nobody%d@smarticks.test>\r\n", i)
	}
	c.raw(all.String())
	for range 3 {
		c.expect("550 5.1.1")
	}
	for range 57 {
		c.expect("421 4.7.0")
	}
	c.ended()
	if n := len(inbox.lookups); n != 4 {
		t.Errorf("%d look-ups, want 4", n)
	}
}

func TestAConnectionHasSoManyCommands(t *testing.T) {
	t.Parallel()
	for name, command := range map[string]string{"noop": "NOOP", "rset": "RSET", "vrfy": "VRFY ann", "unknown": "HELP", "greeting": "EHLO x"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, start(t, Config{Inbox: &fakeInbox{}, MaxCommands: 10}))
			for range 10 {
				c.say(command, "")
			}
			c.say(command, "421 4.7.0")
			c.ended()
		})
	}
}

// A command is bounded, content is not: its lines may be of any length.
func TestACommandHasFourKilobytes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	for name, raw := range map[string]string{
		"unfinished": long, "finished": "NOOP " + long + "\r\n", "a recipient": "RCPT TO:<" + long + "@smarticks.test>\r\n",
		"after a BDAT that is none": "BDAT 1000000 LAST too\r\n" + long, "after a BDAT of words": "BDAT many\r\n" + long,
		"after DATA that is refused": "DATA\r\n" + long,
		"after a chunk that is over": "BDAT 3\r\nabc" + long,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inbox := &fakeInbox{}
			r := start(t, Config{Inbox: inbox})
			c := dial(t, r)
			_ = c.try(raw)
			for {
				code, text, err := c.ReadResponse(-1)
				if code == 0 {
					t.Fatal(err)
				}
				if answer := fmt.Sprint(code, " ", text); strings.HasPrefix(answer, "500 5.5.6") {
					return
				}
			}
		})
	}
	for name, bring := range map[string]func(c *client, mail string){
		"DATA": func(c *client, mail string) { c.say("DATA", "354"); c.say(mail+"\r\n.", "250") },
		"BDAT": func(c *client, mail string) {
			c.raw(fmt.Sprintf("BDAT %d LAST\r\n%s", len(mail), mail))
			c.expect("250")
		},
		"BDAT in two": func(c *client, mail string) {
			c.raw(fmt.Sprintf("BDAT 5000\r\n%s", mail[:5000]))
			c.expect("250")
			c.raw(fmt.Sprintf("BDAT %d LAST\r\n%s", len(mail)-5000, mail[5000:]))
			c.expect("250")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inbox := &fakeInbox{}
			c := dial(t, start(t, Config{Inbox: inbox}))
			for range 2 {
				c.say("EHLO client.example", "250")
				c.say("MAIL FROM:<ann@example.com>", "250")
				c.say("RCPT TO:<support@smarticks.test>", "250")
				bring(c, "From: ann@example.com\r\n\r\n"+long)
			}
			if n := len(inbox.received()); n != 2 {
				t.Errorf("%d mails", n)
			}
		})
	}
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	r := start(t, Config{Inbox: &fakeInbox{}, SessionLife: time.Nanosecond})
	c := connect(t, r)
	c.expect("220")
	c.expect("421")
	c.ended()
}

func TestChunksAreBoundedInTimeTogether(t *testing.T) {
	t.Parallel()
	// On a busy machine the time may be over before the first chunk is read.
	for timeout := 50 * time.Millisecond; ; timeout *= 4 {
		inbox := &fakeInbox{}
		c := dial(t, start(t, Config{Inbox: inbox, DataTimeout: timeout}))
		c.say("EHLO client.example", "250")
		c.say("MAIL FROM:<ann@example.com>", "250")
		c.say("RCPT TO:<support@smarticks.test>", "250")
		c.raw("BDAT 3\r\nabc")
		read := !strings.HasPrefix(c.expect(""), "421")
		if read {
			c.expect("421") // long before the time for a command
		}
		if len(inbox.received()) != 0 {
			t.Error("stored")
		}
		if read {
			return
		}
		if timeout > time.Minute {
			t.Fatal("no chunk is read in time")
		}
	}
}

func TestAPostmasterWithoutADomainHasAMailbox(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"RCPT TO:<postmaster>", "RCPT TO:<Postmaster>", "rcpt to:<POSTMASTER>",
		"RCPT TO:<postmaster@mx.example>"} {
		for _, mailbox := range []struct{ set, first, want string }{
			{"", "", "550 5.1.1 No such"}, {"", "Support@smarticks.test", "250"}, {"Support@smarticks.test", "nobody@smarticks.test", "250"},
			{"nobody@smarticks.test", "support@smarticks.test", "550 5.1.1 No such"},
		} {
			want := mailbox.want
			t.Run(command+"/"+mailbox.set+"/"+mailbox.first, func(t *testing.T) {
				t.Parallel()
				inbox := &fakeInbox{}
				c := dial(t, start(t, Config{Inbox: inbox, Domain: "MX.example", Postmaster: mailbox.set,
					FirstMailbox: func(context.Context) (string, error) {
						return mailbox.first, nil
					}}))
				c.say("EHLO client.example", "250")
				c.say("MAIL FROM:<ann@example.com>", "250")
				for i := range len(command) { // byte by byte
					c.raw(command[i : i+1])
				}
				c.say("", want)
				if want != "250" {
					return
				}
				c.say("DATA", "354")
				c.say(simple+".", "250")
				if got := inbox.received(); len(got) != 1 || got[0].Recipients[0] != "support@smarticks.test" {
					t.Errorf("%+v", got)
				}
			})
		}
	}
}

func dialFor(t *testing.T, r *receiver, prefix string) {
	t.Helper()
	c := connect(t, r)
	c.expect(prefix)
	c.ended()
}

// ended waits until the server has closed the connection.
func (c *client) ended() {
	c.t.Helper()
	if line, err := c.ReadLine(); err == nil {
		c.t.Errorf("it goes on: %q", line)
	}
}
