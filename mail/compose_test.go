package mail

import (
	"bytes"
	"io"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

func example() delivery.Mail {
	return delivery.Mail{
		FromName:      "Support",
		FromAddress:   "support@smarticks.test",
		To:            []string{"ann@example.com"},
		Cc:            []string{"cc@example.com"},
		Bcc:           []string{"secret@example.com", "ANN@example.com"},
		Subject:       "Re: refund",
		Text:          "Hello Ann,\nit is on its way.",
		MessageID:     "0190-d@smarticks.test",
		InReplyTo:     "1@example.com",
		References:    []string{"0@example.com", "1@example.com"},
		Date:          time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("", 3600)),
		AutoSubmitted: "auto-replied",
		Loop:          "run=r1",
	}
}

func compose(t *testing.T, m delivery.Mail) []byte {
	t.Helper()
	b, err := Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestComposedMailReadsBack(t *testing.T) {
	b := compose(t, example())
	for _, want := range []string{
		"Date: Mon, 23 Nov 2026 09:00:00 +0000\r\n", "Auto-Submitted: auto-replied\r\n",
		"X-Auto-Response-Suppress: All\r\n", "X-Smarticks-Loop: run=r1\r\n", "Mime-Version: 1.0\r\n",
	} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("%q is missing in\n%s", want, b)
		}
	}
	if bytes.Contains(b, []byte("secret")) {
		t.Error("Bcc is in the mail")
	}
	in := Parse(b, Envelope{From: "x@y.z"})
	got := []any{in.FromName, in.FromAddress, in.To, in.Cc, in.Subject, in.Text, in.MessageIDHeader, in.InReplyTo, in.References,
		in.Machine, in.Problem}
	want := []any{"Support", "support@smarticks.test", []string{"ann@example.com"}, []string{"cc@example.com"}, "Re: refund",
		"Hello Ann,\nit is on its way.", "0190-d@smarticks.test", []string{"1@example.com"}, []string{"0@example.com", "1@example.com"},
		conversation.MachineAutoReply, ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSameMailGivesSameBytes(t *testing.T) {
	m := example()
	m.HTML = "<p>Hello — Ann</p>"
	first := compose(t, m)
	for range 20 {
		if !bytes.Equal(first, compose(t, m)) {
			t.Fatal("the bytes differ")
		}
	}
	m.MessageID = "other@smarticks.test"
	if bytes.Equal(first, compose(t, m)) {
		t.Fatal("another mail has the same bytes")
	}
}

func TestHTMLGoesOutBesideText(t *testing.T) {
	m := example()
	m.Text, m.HTML = "", "<p>Hello – Ann</p><p>Bye</p>"
	in := Parse(compose(t, m), Envelope{})
	if in.Text != "Hello – Ann\n\nBye" || in.HTML != m.HTML || in.Problem != "" {
		t.Fatalf("%q %q %q", in.Text, in.HTML, in.Problem)
	}
}

func TestAgentsMailHasNoAutomaticMarks(t *testing.T) {
	m := example()
	m.AutoSubmitted, m.Loop = "", ""
	if in := Parse(compose(t, m), Envelope{From: "x@y.z"}); in.Machine != "" {
		t.Fatalf("machine = %q", in.Machine)
	}
	if got := EnvelopeSender(m); got != "support@smarticks.test" {
		t.Errorf("sender %q", got)
	}
	if got := EnvelopeSender(example()); got != "" {
		t.Errorf("sender of automatic mail %q", got)
	}
	want := []string{"ann@example.com", "cc@example.com", "secret@example.com"}
	if diff := cmp.Diff(want, EnvelopeRecipients(m)); diff != "" {
		t.Error(diff)
	}
}

// bad are values that a customer or a template may bring.
var bad = []string{
	"x\r\nBcc: evil@example.com", "x\nBcc: evil@example.com", "x\rBcc: evil@example.com", "x\x00y", "x\r\n\r\nbody",
	"a> SIZE=1 <b", "=?utf-8?q?=0D=0ABcc:_evil@example.com?=", "\u202egnp.exe", "x\u2028Bcc: evil@example.com",
	strings.Repeat("w", 3000), strings.Repeat("ü", 3000), strings.Repeat("two words ", 400), "\xff\xfe", `"quo\ted"`, "a, b <c@d.e>",
	"\r\n.\r\n", "\n.\n", "\r.\r", "x\r\n.\nMAIL FROM:<a@b>", "Tab\there", "=20=0D=0A", "", " ",
}

func TestNothingInjectsAHeaderOrARecipient(t *testing.T) {
	fields := map[string]func(*delivery.Mail, string){
		"subject":    func(m *delivery.Mail, s string) { m.Subject = s },
		"from name":  func(m *delivery.Mail, s string) { m.FromName = s },
		"text":       func(m *delivery.Mail, s string) { m.Text = s },
		"html":       func(m *delivery.Mail, s string) { m.HTML = s },
		"loop":       func(m *delivery.Mail, s string) { m.Loop = s },
		"reply to":   func(m *delivery.Mail, s string) { m.InReplyTo = s },
		"references": func(m *delivery.Mail, s string) { m.References = []string{"ok@x", s} },
	}
	allowed := map[string]bool{}
	for k := range readStrictly(t, compose(t, example())).Header {
		allowed[k] = true
	}
	allowed["Content-Transfer-Encoding"] = true
	for name, set := range fields {
		for _, value := range bad {
			m := example()
			set(&m, value)
			b := compose(t, m)
			checkWire(t, b)
			msg := readStrictly(t, b)
			for k, v := range msg.Header {
				if !allowed[k] || len(v) != 1 {
					t.Errorf("%s = %.40q: header %s %q", name, value, k, v)
				}
			}
			in := Parse(b, Envelope{})
			if diff := cmp.Diff([]string{"ann@example.com"}, in.To); diff != "" || in.FromAddress != "support@smarticks.test" {
				t.Errorf("%s = %.40q: to %q from %q", name, value, in.To, in.FromAddress)
			}
		}
	}
}

func TestBadAddressesAreRefused(t *testing.T) {
	more := []string{"a@b@c", "a b@c.d", "a@b c", "<a@b.c>", "a@-b.c", "a@b..c", "..@b.c", `"a b"@c.d`, "a@[127.0.0.1]", "a@b.c,d@e.f",
		"a@", "@b.c", "a", strings.Repeat("a", 65) + "@b.c", "a@" + strings.Repeat("b", 64) + ".c", "a@b.c\n", "a@b.c\x00"}
	for _, value := range append(more, bad...) {
		if err := CheckAddress(value); !errs.Is(err, errs.Invalid) || errs.Message(err) != "recipient address is invalid" {
			t.Errorf("CheckAddress(%.40q) = %v", value, err)
		}
		for _, set := range []func(*delivery.Mail){
			func(m *delivery.Mail) { m.To = append(m.To, value) },
			func(m *delivery.Mail) { m.Cc = []string{value} },
			func(m *delivery.Mail) { m.Bcc = []string{value} },
			func(m *delivery.Mail) { m.FromAddress = value },
			func(m *delivery.Mail) { m.MessageID = value },
			func(m *delivery.Mail) { m.AutoSubmitted = "x" + value },
		} {
			m := example()
			set(&m)
			if m.MessageID != example().MessageID && validID(value) && strings.Contains(value, "@") {
				continue // odd, but it can stand between brackets
			}
			if _, err := Compose(m); !errs.Is(err, errs.Invalid) {
				t.Errorf("%.40q composed: %v", value, err)
			}
		}
	}
	for _, value := range []string{"a@b.c", "a.b+tag@example.co.uk", "o'neil@x-y.example", "support@localhost", "A_B@EXAMPLE.com", "1@2.3"} {
		if err := CheckAddress(value); err != nil {
			t.Errorf("%s: %v", value, err)
		}
	}
	for _, m := range []delivery.Mail{{}, {FromAddress: "a@b.c", MessageID: "x@y", Date: time.Now()},
		{FromAddress: "a@b.c", To: []string{"a@b.c"}, MessageID: "x@y"}} {
		if _, err := Compose(m); !errs.Is(err, errs.Invalid) {
			t.Errorf("%+v composed", m)
		}
	}
}

func TestLongThreadsAreBounded(t *testing.T) {
	m := example()
	m.References = nil
	for range 300 {
		m.References = append(m.References, strings.Repeat("r", 200)+"@x")
	}
	b := compose(t, m)
	checkWire(t, b)
	if got := strings.Count(string(b), "@x>"); got != 4 { // 900 bytes
		t.Errorf("%d references", got)
	}
}

func readStrictly(t *testing.T, b []byte) *netmail.Message {
	t.Helper()
	msg, err := netmail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%v in\n%s", err, b)
	}
	if _, err := io.ReadAll(msg.Body); err != nil {
		t.Fatal(err)
	}
	return msg
}

// checkWire holds for every composed mail: CRLF only, ASCII, short lines, a
// line end at the end.
func checkWire(t *testing.T, b []byte) {
	t.Helper()
	if !bytes.HasSuffix(b, []byte("\r\n")) {
		t.Errorf("no line end at the end: %q", b[max(0, len(b)-20):])
	}
	for line := range bytes.SplitSeq(bytes.TrimSuffix(b, []byte("\r\n")), []byte("\r\n")) {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes", len(line))
		}
		for _, c := range line {
			if c == '\r' || c == '\n' || c == 0 || c > '~' {
				t.Fatalf("byte %#x in line %.80q", c, line)
			}
		}
	}
}
