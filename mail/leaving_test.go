package mail

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

// lines returns a composed mail's header lines.
func headerLines(t *testing.T, m delivery.Mail) []string {
	t.Helper()
	head, _, _ := strings.Cut(string(compose(t, m)), "\r\n\r\n")
	return strings.Split(head, "\r\n")
}

func TestReferencesAreBoundedInBytes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ ids, length int }{{60, 95}, {2, 400}, {3, 400}, {2, 490}, {1000, 12}, {50, 17}, {9, 95}} {
		m := example()
		m.References = nil
		for i := range c.ids {
			m.References = append(m.References, fmt.Sprintf("%0*d@e", c.length-2, i))
		}
		refs := Parse(compose(t, m), Envelope{From: "x@y.z"}).References
		size := 0
		for _, id := range refs {
			size += len(id) + 3
		}
		first, last := m.References[0], m.References[c.ids-1]
		if len(refs) == 0 || refs[len(refs)-1] != last || size > 901 || len(refs) > 1 && refs[0] != first || len(refs) == 1 && c.length < 490 {
			t.Errorf("%d ids of %d bytes: %d stay, %d bytes", c.ids, c.length, len(refs), size)
		}
		if room := size + c.length + 3; len(refs) < c.ids && room <= 900 {
			t.Errorf("%d ids of %d bytes: there was room for more than %d", c.ids, c.length, len(refs))
		}
	}
}

func TestHeaderLinesAreFolded(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*delivery.Mail){
		"subject":         func(m *delivery.Mail) { m.Subject = strings.Repeat("word ", 60) },
		"umlauts":         func(m *delivery.Mail) { m.Subject = strings.Repeat("Rückfrage zu Köln ", 20) },
		"one long umlaut": func(m *delivery.Mail) { m.Subject = strings.Repeat("ü", 300) },
		"Japanese":        func(m *delivery.Mail) { m.Subject = strings.Repeat("注文について", 30) },
		"looks encoded":   func(m *delivery.Mail) { m.Subject = "=?utf-8?q?hi?= " + strings.Repeat("word ", 40) },
		"name":            func(m *delivery.Mail) { m.FromName = strings.Repeat("Jörg ", 30) },
		"plain name":      func(m *delivery.Mail) { m.FromName = strings.Repeat("Support ", 20) },
		"many recipients": func(m *delivery.Mail) {
			m.To = slicesOf("ann%d@example.com", 40)
			m.Cc = slicesOf("bob%d@example.com", 40)
		},
		"references": func(m *delivery.Mail) { m.References = slicesOf("some-longer-id-%d@mail.example.com", 40) },
		"a file's name": func(m *delivery.Mail) {
			m.Files = []conversation.Attachment{{Name: strings.Repeat("Übersicht ", 25) + ".pdf"}}
		},
	} {
		m := example()
		set(&m)
		for _, line := range headerLines(t, m) {
			limit := 78
			if strings.Contains(line, "=?") {
				limit = 76
			}
			if len(line) > limit || strings.TrimSpace(line) == "" {
				t.Errorf("%s: a line of %d bytes: %q", name, len(line), line)
			}
		}
		in := Parse(compose(t, m), Envelope{From: "x@y.z"})
		if got, want := in.Subject, strings.TrimSpace(m.Subject); got != want {
			t.Errorf("%s: subject %q, want %q", name, got, want)
		}
		if got, want := in.FromName, strings.TrimSpace(cutBytes(m.FromName, 200)); got != want {
			t.Errorf("%s: name %q, want %q", name, got, want)
		}
		if len(in.To) != len(m.To) || len(in.Cc) != len(m.Cc) {
			t.Errorf("%s: to %d, cc %d", name, len(in.To), len(in.Cc))
		}
	}
}

func slicesOf(format string, n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(format, i))
	}
	return out
}

func TestFileNamesGoOutAsRFC2231WantsThem(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/handed/mail/68-forward-of-a-file-with-umlaut.eml")
	if err != nil {
		t.Fatal(err)
	}
	handed := Parse(crlf(strings.ReplaceAll(string(raw), "\r\n", "\n")), Envelope{From: "x@y.z"})
	if len(handed.Attachments) != 1 {
		t.Fatalf("%d files in the handed mail", len(handed.Attachments))
	}
	for _, name := range []string{
		handed.Attachments[0].Name, "a.pdf", "Rechnung März.pdf", "注文書.xlsx", "a b.txt", "100%.txt", "it's.txt", "a;b.txt", "a=b.txt",
		"naïve (1).doc",
		strings.Repeat("ü", 90) + ".pdf", strings.Repeat("long name ", 15) + ".txt",
	} {
		m := example()
		m.Files = []conversation.Attachment{{Name: name, ContentType: "application/pdf", Content: []byte("x")}}
		b := string(compose(t, m))
		_, part, _ := strings.Cut(b, "Content-Disposition:")
		field, _, _ := strings.Cut(part, "\r\n\r\n")
		if strings.Contains(field, "=?") && !strings.Contains(name, "=?") || !isASCII(strings.ReplaceAll(field, "\r\n", "")) {
			t.Errorf("%q goes out as %q", name, field)
		}
		if !isASCII(name) && !strings.Contains(field, "*=utf-8''") {
			t.Errorf("%q goes out as %q", name, field)
		}
		in := Parse([]byte(b), Envelope{From: "x@y.z"})
		if len(in.Attachments) != 1 || in.Attachments[0].Name != attachmentName(name, 1) {
			t.Errorf("%q reads back as %q", name, in.Attachments[0].Name)
		}
	}
}

func TestFilesThatDoNotFitAreNamed(t *testing.T) {
	t.Parallel()
	big := make([]byte, 10<<20)
	for name, c := range map[string]struct {
		files       []conversation.Attachment
		sent, named []string
	}{
		"the second of three": {[]conversation.Attachment{{Name: "a.tif", Content: big}, {Name: "b.tif", Content: big},
			{Name: "c.txt", Content: []byte("12345")}}, []string{"a.tif", "c.txt"}, []string{"b.tif (10.0 MB)"}},
		"all fit":   {[]conversation.Attachment{{Name: "a.tif", Content: big}}, []string{"a.tif"}, nil},
		"none fits": {[]conversation.Attachment{{Name: "a.tif", Content: make([]byte, 19<<20)}}, nil, []string{"a.tif (19.0 MB)"}},
	} {
		m := example()
		m.Files = c.files
		in := Parse(compose(t, m), Envelope{From: "x@y.z"})
		var sent []string
		for _, f := range in.Attachments {
			sent = append(sent, f.Name)
		}
		if strings.Join(sent, " ") != strings.Join(c.sent, " ") || strings.Contains(in.Text, "Not attached") != (c.named != nil) {
			t.Errorf("%s: sent %q, text %q", name, sent, in.Text)
		}
		for _, n := range c.named {
			if !strings.Contains(in.Text, n) {
				t.Errorf("%s: %q is not named in %q", name, n, in.Text)
			}
		}
	}
}

func TestAddressesGoOutInTheFormThatMailKnows(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"ann@example.com": "ann@example.com", "info@bücher.example": "info@xn--bcher-kva.example",
		"kontakt@BÜCHER.example": "kontakt@xn--bcher-kva.example",
		"a@почта.example":        "a@xn--80a1acny.example", "a@日本語.example": "a@xn--wgv71a119e.example",
		"a@xn--bcher-kva.example": "a@xn--bcher-kva.example",
		"a..b@docomo.ne.jp":       `"a..b"@docomo.ne.jp`, "ab.@docomo.ne.jp": `"ab."@docomo.ne.jp`, ".ab@ezweb.ne.jp": `".ab"@ezweb.ne.jp`,
		`"a..b"@docomo.ne.jp`: `"a..b"@docomo.ne.jp`, `"ab"@example.com`: "ab@example.com",
	} {
		m := example()
		m.To, m.Cc, m.Bcc = []string{addr}, nil, nil
		if err := CheckAddress(addr); err != nil {
			t.Errorf("%s: %v", addr, err)
			continue
		}
		if got := EnvelopeRecipients(m); len(got) != 1 || got[0] != want {
			t.Errorf("%s: sent to %q, want %q", addr, got, want)
		}
		if b := string(compose(t, m)); !strings.Contains(b, "\r\nTo: "+want+"\r\n") {
			t.Errorf("%s: %q is not in\n%s", addr, want, b)
		}
	}
	for _, addr := range []string{"müller@example.com", "пётр@example.com", "用户@example.com", "josé@bücher.example"} {
		if err := CheckAddress(addr); !errs.Is(err, errs.Invalid) || !strings.Contains(errs.Message(err), "in front of the @") {
			t.Errorf("%s: %v", addr, err)
		}
	}
	for _, addr := range []string{"", "ann", "@example.com", "ann@", "..@example.com", "a b@example.com", `"a b"@example.com`,
		`"a\"b"@example.com`, "a\r\nb@example.com", "a@b@example.com",
		"a<b@example.com", "a,b@example.com", "a@-x.example", "a@x..example", "a@x\r\n.example", "a@" + strings.Repeat("ü", 300) + ".example",
		strings.Repeat("a", 65) + "@example.com"} {
		if CheckAddress(addr) == nil {
			t.Errorf("%q passes", addr)
		}
	}
	m := example()
	m.To, m.Cc, m.Bcc = []string{"info@bücher.example"}, []string{"INFO@xn--bcher-kva.example"}, nil
	if got := EnvelopeRecipients(m); len(got) != 1 {
		t.Errorf("one mailbox in two forms: %q", got)
	}
}

func TestTheSenderOfAutomaticMailIsASetting(t *testing.T) {
	t.Parallel()
	m := example()
	m.AutomaticSender = "bounces@smarticks.test"
	if got := EnvelopeSender(m); got != "bounces@smarticks.test" {
		t.Errorf("automatic mail from %q", got)
	}
	m.AutoSubmitted = ""
	if got := EnvelopeSender(m); got != "support@smarticks.test" {
		t.Errorf("an agent's mail from %q", got)
	}
}

func TestTimesAreTheMailboxs(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	m := conversation.Message{Kind: conversation.MessageCustomer, From: "ann@example.com", Text: "x",
		CreatedAt: time.Date(2026, 11, 23, 23, 5, 0, 0, time.UTC)}
	if got := History([]conversation.Message{m}, berlin, 0); !strings.HasPrefix(got,
		"On Tue, 24 Nov 2026 at 00:05 CET, ann@example.com wrote:\n") {
		t.Errorf("%q", got)
	}
	if got := Forwarded(m, berlin, 0); !strings.Contains(got, "\nDate: Tue, 24 Nov 2026 at 00:05 CET\n") {
		t.Errorf("%q", got)
	}
}
