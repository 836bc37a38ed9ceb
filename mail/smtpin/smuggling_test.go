package smtpin

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"
)

type brokenListener struct{ net.Listener }

func (brokenListener) Accept() (net.Conn, error) { return nil, net.ErrClosed }
func (brokenListener) Close() error              { return nil }

// sequences are what some servers take for the end of data and others do not
// (SMTP smuggling, CVE-2023-51764 and its kin).
var sequences = []string{
	"\n.\n", "\n.\r\n", "\r.\r", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\n.\r", "\r.\n", "\r\n\x00.\r\n", "\r\r\n.\r\r\n", "\r\n.\x00\r\n",
}

// framings are ways to bring the same bytes.
var framings = map[string]func(c *client, data string){
	"whole": func(c *client, data string) { c.raw(data) },
	"byte by byte": func(c *client, data string) {
		for i := range len(data) {
			c.raw(data[i : i+1])
		}
	},
	"across a 4 KiB edge": func(c *client, data string) {
		at := strings.Index(data, "MARK") + 4
		head := data[:at-4]
		c.raw(head + strings.Repeat("p", 70) + "\r\n" + strings.Repeat(strings.Repeat("p", 70)+"\r\n", (4096-len(head))/72-1))
		c.raw(data[at-4:])
	},
}

func TestSmuggledMailIsNeverSeen(t *testing.T) {
	for _, reject := range []bool{false, true} {
		for framing, send := range framings {
			for _, seq := range sequences {
				t.Run(fmt.Sprintf("reject=%v/%s/%q", reject, framing, seq), func(t *testing.T) {
					inbox := &fakeInbox{}
					r := start(t, Config{Inbox: inbox, RejectBareLineEnds: reject})
					c := dial(t, r)
					c.begin()
					send(c, "From: ann@example.com\r\n\r\nMARK"+seq+
						"MAIL FROM:<evil@example.com>\r\nRCPT TO:<support@smarticks.test>\r\nDATA\r\nsmuggled\r\n.\r\n")
					answer := c.expect("")
					c.say("QUIT", "221")

					mails := inbox.received()
					switch {
					case strings.HasPrefix(answer, "250"):
						if len(mails) != 1 {
							t.Fatalf("%d mails", len(mails))
						}
						raw := mails[0].Raw
						crlf := bytes.Count(raw, []byte("\r\n"))
						if bytes.Count(raw, []byte("\r")) != crlf || bytes.Count(raw, []byte("\n")) != crlf {
							t.Errorf("bare CR or LF in %q", raw)
						}
						if !bytes.Contains(raw, []byte("smuggled")) {
							t.Errorf("the mail was cut: %q", raw)
						}
					case strings.HasPrefix(answer, "5") && reject:
						if len(mails) != 0 {
							t.Fatalf("%d mails", len(mails))
						}
					default:
						t.Fatalf("answer %q", answer)
					}
				})
			}
		}
	}
}

func TestBDATIsNoWayAround(t *testing.T) {
	for _, seq := range sequences {
		inbox := &fakeInbox{}
		c := dial(t, start(t, Config{Inbox: inbox}))
		c.say("EHLO client.example", "250")
		c.say("MAIL FROM:<ann@example.com>", "250")
		c.say("RCPT TO:<support@smarticks.test>", "250")
		body := "From: ann@example.com\r\n\r\nMARK" + seq + "MAIL FROM:<evil@example.com>\r\n"
		c.raw(fmt.Sprintf("BDAT %d\r\n%s", len(body), body))
		c.expect("250")
		c.say("BDAT 0 LAST", "250")
		c.say("QUIT", "221")
		mails := inbox.received()
		if len(mails) != 1 || !strings.Contains(string(mails[0].Raw), "evil@example.com") {
			t.Fatalf("%q: %d mails", seq, len(mails))
		}
		crlf := bytes.Count(mails[0].Raw, []byte("\r\n"))
		if bytes.Count(mails[0].Raw, []byte("\r")) != crlf || bytes.Count(mails[0].Raw, []byte("\n")) != crlf {
			t.Errorf("%q: bare CR or LF stored", seq)
		}
	}
}

func TestPipelinedCommandsAfterTheDotAreCommands(t *testing.T) {
	inbox := &fakeInbox{}
	c := dial(t, start(t, Config{Inbox: inbox}))
	c.begin()
	c.raw(simple + ".\r\nMAIL FROM:<b@example.com>\r\nRCPT TO:<support@smarticks.test>\r\nDATA\r\n")
	for _, want := range []string{"250", "250", "250", "354"} {
		c.expect(want)
	}
	c.say(simple+".", "250")
	if n := len(inbox.received()); n != 2 {
		t.Fatalf("%d mails", n)
	}
}
