package mail

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/conversation"
)

// crlf turns a literal into a mail as SMTP brings it.
func crlf(s string) []byte {
	return []byte(strings.ReplaceAll(strings.TrimPrefix(s, "\n"), "\n", "\r\n"))
}

func parse(s string) conversation.Incoming {
	return Parse(crlf(s), Envelope{From: "ann@example.com", Recipients: []string{"support@smarticks.test"}})
}

func TestPlainMailIsReadWhole(t *testing.T) {
	in := parse(`
From: "Example, Ann" <Ann@Example.com>
To: Support <support@smarticks.test>, =?utf-8?q?B=C3=B6b?= <bob@example.com>
Cc: cc@example.com
Subject: =?utf-8?q?My_refund_=E2=82=AC?=
 please
Message-ID: <1@example.com>
In-Reply-To: <a@smarticks.test>
References: <z@smarticks.test>
	<a@smarticks.test>

Hello,
I want it back.
`)
	want := conversation.Incoming{
		EnvelopeFrom:    "ann@example.com",
		Recipients:      []string{"support@smarticks.test"},
		FromName:        "Example, Ann",
		FromAddress:     "ann@example.com",
		Sender:          conversation.Sender{Name: "Example, Ann", Address: "ann@example.com", Envelope: "ann@example.com"},
		To:              []string{"support@smarticks.test", "bob@example.com"},
		Cc:              []string{"cc@example.com"},
		Subject:         "My refund € please",
		Text:            "Hello,\nI want it back.",
		MessageIDHeader: "1@example.com",
		InReplyTo:       []string{"a@smarticks.test"},
		References:      []string{"z@smarticks.test", "a@smarticks.test"},
	}
	in.Raw, in.Headers = nil, nil
	if diff := cmp.Diff(want, in); diff != "" {
		t.Fatal(diff)
	}
}

func TestUglyMailIsReadAsFarAsPossible(t *testing.T) {
	const from = "From: ann@example.com\nSubject: s\n"
	alternative := from + "Content-Type: multipart/alternative; boundary=b\n\n"
	tests := []struct {
		name, mail                   string
		subject, text, html, problem string
	}{
		{"nothing at all", "", "", "", "", "the sender's address could not be read"},
		{"only a body", "\nhello", "", "hello", "", "the sender's address could not be read"},
		{"header without end", "From: ann@example.com\nSubject: s", "s", "", "", ""},
		{"no blank line before the body", from + "Hello there\nbye", "s", "Hello there\nbye", "", ""},
		{"blank line before the header", "\n\n" + from + "\nhi", "s", "hi", "", ""},
		{"mbox line", "From ann Mon\n" + from + "\nhi", "s", "hi", "", ""},
		{"folded first line", " x\n" + from + "\nhi", "s", "hi", "", "a header line could not be read"},
		{"line without colon", from + "Microsoft antispam says yes\nX-A: b\n\nhi", "s Microsoft antispam says yes", "hi", "",
			"a header line could not be read"},
		{"name with a space", "From: ann@example.com\nMy Header: x\nSubject: s\n\nhi", "s", "hi", "", "a header line could not be read"},
		{"latin-1 subject", "From: ann@example.com\nSubject: caf\xe9\n\nhi", "café", "hi", "", ""},
		{"latin-1 body, undeclared", from + "\ncaf\xe9", "s", "café", "", ""},
		{"line break inside an encoded word", "From: ann@example.com\nSubject: =?utf-8?Q?hi=0D=0ABcc:_evil@x?=\n\nhi", "hi  Bcc: evil@x", "hi",
			"", ""},
		{"NUL and controls", from + "\na\x00b\x1bc\td", "s", "abc\td", "", ""},
		{"cp1252", from + "Content-Type: text/plain; charset=windows-1252\n\n\x80 5", "s", "€ 5", "", ""},
		{"iso-2022-jp", from + "Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B$3$s\x1b(B", "s", "こん", "", ""},
		{"gb2312", from + "Content-Type: text/plain; charset=gb2312\n\n\xc4\xe3", "s", "你", "", ""},
		{"unknown charset", from + "Content-Type: text/plain; charset=x-klingon\n\nhi \xff", "s", "hi \uFFFD", "",
			"a part has an unknown character set"},
		{"broken utf-8", from + "Content-Type: text/plain; charset=utf-8\n\nhi \xff", "s", "hi \uFFFD", "", "some characters could not be read"},
		{"encoding called 8-bit", from + "Content-Transfer-Encoding: 8-bit\n\nhi", "s", "hi", "", ""},
		{"unknown encoding", from + "Content-Transfer-Encoding: x-uuencode\n\nhi", "s", "hi", "", "a part has an unknown transfer encoding"},
		{"junk in base64", from + "Content-Transfer-Encoding: base64\n\naGVs!!bG8\n*gd29ybGQ=", "s", "hello world", "", ""},
		{"base64 joined after padding", from + "Content-Transfer-Encoding: base64\n\naGk=\naGk=", "s", "hihi", "", ""},
		{"junk in quoted-printable", from + "Content-Transfer-Encoding: quoted-printable\n\n100=ZZ caf=C3=A9 a=\nb=  \nc=", "s",
			"100=ZZ café abc", "", ""},
		{"broken content type", from + "Content-Type: text/html; charset=\"utf-8; charset=utf-8;;\n\n<b>hi</b>", "s", "hi", "<b>hi</b>", ""},
		{"nonsense content type", from + "Content-Type: text\n\nhi", "s", "hi", "", ""},
		{"html only", from + "Content-Type: text/html\n\n<p>Hi<br>there</p><div>you</div><script>x</script><style>y</style>", "s",
			"Hi\nthere\n\nyou", "<p>Hi<br>there</p><div>you</div>", ""},
		{"alternative", alternative + "--b\n\nplain\n--b\nContent-Type: text/html\n\n<i>rich</i>\n--b--\n", "s", "plain", "<i>rich</i>", ""},
		{"empty alternative", alternative + "--b\n\n \n--b\nContent-Type: text/html\n\n<i>rich</i>\n--b--\n", "s", "rich", "<i>rich</i>", ""},
		{"html with a plain footer", from + "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: " +
			"text/html\n\n<i>rich</i>\n--b\n\nfooter\n--b--\n", "s", "rich\n\nfooter", "<i>rich</i>", ""},
		{"not closed", alternative + "--b\n\nplain", "s", "plain", "", "a part is not closed"},
		{"line without colon inside a part", alternative + "--b\nContent-Type: text/plain\nnonsense here\nX-A: b\n\nplain\n--b--", "s",
			"plain", "", "a header line could not be read"},
		{"no blank line inside a part", alternative + "--b\nContent-Type: text/plain\nnonsense here\n\nplain\n--b--", "s",
			"nonsense here\n\nplain", "", ""},
		{"multipart without boundary", from + "Content-Type: multipart/mixed\n\nhi", "s", "hi", "", "a multipart has no boundary"},
		{"longer boundary that begins alike", alternative + "--b\n\n--bb\nplain\n--b--", "s", "--bb\nplain", "", ""},
		{"script in html", from + "Content-Type: text/html\n\n<a href=\"javascript:x\" onclick=y>hi</a><svg onload=x>", "s", "hi", "hi", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := Parse([]byte(strings.ReplaceAll(tt.mail, "\n", "\r\n")), Envelope{From: "ann@example.com"})
			got := [4]string{in.Subject, in.Text, in.HTML, in.Problem}
			if diff := cmp.Diff([4]string{tt.subject, tt.text, tt.html, tt.problem}, got); diff != "" {
				t.Error(diff)
			}
			if in.FromAddress != "ann@example.com" {
				t.Errorf("from = %q", in.FromAddress)
			}
		})
	}
}

func TestAddressListsAreReadTolerantly(t *testing.T) {
	tests := []struct {
		value, name, address string
	}{
		{`Ann <ann@x.org>`, "Ann", "ann@x.org"},
		{`ann@x.org (Ann)`, "Ann", "ann@x.org"},
		{`=?utf-8?q?Doe=2C_Ann?= <ann@x.org>`, "Doe, Ann", "ann@x.org"},
		{`=?utf-8?q?evil=40x=2Eorg=2C?= <ann@x.org>`, "evil@x.org,", "ann@x.org"},
		{`Ann [Sales] <ann@x.org>`, "Ann [Sales]", "ann@x.org"},
		{`Ann @ Work <ann@x.org>`, "Ann @ Work", "ann@x.org"},
		{"J\xf6rg <j@x.org>", "Jörg", "j@x.org"},
		{`<ann@x.org`, "", "ann@x.org"},
		{`MAILER-DAEMON`, "", "mailer-daemon"},
		{`<MAILER-DAEMON>`, "", "mailer-daemon"},
		{`Some Body`, "", "env@x.org"},
		{`undisclosed-recipients:;`, "", "env@x.org"},
		{``, "", "env@x.org"},
	}
	for _, tt := range tests {
		in := Parse([]byte("From: "+tt.value+"\r\n\r\n"), Envelope{From: "Env@x.org"})
		if in.FromName != tt.name || in.FromAddress != tt.address {
			t.Errorf("From: %s: got %q <%s>", tt.value, in.FromName, in.FromAddress)
		}
	}
}

func TestAttachmentsAreNamedSafely(t *testing.T) {
	tests := []struct{ name, want string }{
		{"report.pdf", "report.pdf"},
		{"../../etc/passwd", "passwd"},
		{`C:\temp\x.doc`, "x.doc"},
		{"..", "attachment-1"},
		{"", "attachment-1"},
		{"a\x00b\r\n.txt", "ab.txt"},
		{"gpj.\u202eexe", "gpj.exe"},
		{strings.Repeat("ä", 5000) + ".pdf", strings.Repeat("ä", 98) + ".pdf"},
	}
	for _, tt := range tests {
		if got := attachmentName(tt.name, 1); got != tt.want {
			t.Errorf("attachmentName(%.40q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAttachmentsKeepTheirContent(t *testing.T) {
	in := parse(`
From: ann@example.com
Content-Type: multipart/mixed; boundary=b

--b

see file
--b
Content-Type: application/pdf; name="old.pdf"
Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.pdf
Content-Transfer-Encoding: base64

aGVsbG8=
--b
Content-Type: text/plain
Content-Disposition: attachment; filename="=?utf-8?q?n=C3=B6te.txt?="

note
--b
Content-Type: message/rfc822

Subject: inner

x
--b--
`)
	want := []conversation.Attachment{
		{Name: "café.pdf", ContentType: "application/pdf", Size: 5, Content: []byte("hello")},
		{Name: "nöte.txt", ContentType: "text/plain", Size: 4, Content: []byte("note")},
		{Name: "inner.eml", ContentType: "message/rfc822", Size: 19, Content: []byte("Subject: inner\r\n\r\nx")},
	}
	if diff := cmp.Diff(want, in.Attachments); diff != "" {
		t.Fatal(diff)
	}
	if in.Text != "see file" {
		t.Fatalf("text = %q", in.Text)
	}
}

func TestBounceRefersToTheReturnedMail(t *testing.T) {
	in := Parse(crlf(`
From: MAILER-DAEMON
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It did not work.
--b
Content-Type: message/delivery-status

Status: 5.1.1
--b
Content-Type: message/rfc822

Message-ID: <d1@smarticks.test>

x
--b--
`), Envelope{})
	if in.Machine != conversation.MachineBounce || len(in.References) != 1 || in.References[0] != "d1@smarticks.test" {
		t.Fatalf("machine %q, references %q", in.Machine, in.References)
	}
}

func TestMissingMessageIDIsTheSameForTheSameBytes(t *testing.T) {
	a, b, c := parse("From: a@b.c\n\nx"), parse("From: a@b.c\n\nx"), parse("From: a@b.c\n\ny")
	if a.MessageIDHeader != b.MessageIDHeader || a.MessageIDHeader == c.MessageIDHeader {
		t.Fatal(a.MessageIDHeader, b.MessageIDHeader, c.MessageIDHeader)
	}
	if !strings.HasSuffix(a.MessageIDHeader, "@missing.invalid") {
		t.Fatal(a.MessageIDHeader)
	}
}

func TestIDsAreReadTolerantly(t *testing.T) {
	many := ""
	for i := range 300 {
		many += fmt.Sprintf("<%d@x> ", i)
	}
	tests := []struct {
		value string
		want  []string
	}{
		{"<a@x> <b@x> <a@x>", []string{"a@x", "b@x"}},
		{"a@x, b@x", []string{"a@x", "b@x"}},
		{"Your message of Monday <a@x>", []string{"a@x"}},
		{"<a@x", []string{"a@x"}},
		{"<a @x>", []string{"a@x"}},
		{"<><\x00>", nil},
		{"<" + strings.Repeat("x", 600) + ">", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, messageIDs([]string{tt.value})); diff != "" {
			t.Errorf("%.60q: %s", tt.value, diff)
		}
	}
	got := messageIDs([]string{many})
	if len(got) != 100 || got[99] != "299@x" {
		t.Errorf("of 300 ids %d stay, the last %q", len(got), got[len(got)-1])
	}
}

func TestLimitsAreNamed(t *testing.T) {
	const of = "From: ann@example.com\r\n"
	tests := map[string]string{
		nestedParts(true)(5000): "nested deeper than 50",
		inBody("multipart/mixed; boundary=b", "--b\r\n\r\n")(20_000): "more than 1,000 parts",
		inHeader("", "A: b\r\n", "\r\nhi")(300_000):                  "longer than 256 KB",
		of + "\r\n" + strings.Repeat("x", 10<<20):                    "longer than 1 MB",
		of + "X: " + strings.Repeat("y", 1<<20) + "\r\n\r\nhi":       "longer than 256 KB",
		of + "To: " + strings.Repeat("a@b.c,", 600) + "\r\n\r\nhi":   "more than 500 addresses",
	}
	for raw, want := range tests {
		if in := Parse([]byte(raw), Envelope{}); !strings.Contains(in.Problem, want) {
			t.Errorf("%.60q: problem %q, want %q", raw, in.Problem, want)
		}
	}
	if in := Parse([]byte(nestedParts(true)(49*60)), Envelope{}); in.Problem != "" || in.Text != "hello" {
		t.Errorf("49 levels: %q, %q", in.Problem, in.Text)
	}
}

// checkSane holds for every mail whatever.
func checkSane(t *testing.T, in conversation.Incoming) {
	t.Helper()
	lines := append([]string{in.EnvelopeFrom, in.FromName, in.FromAddress, in.Subject, in.MessageIDHeader, in.Problem}, in.To...)
	lines = append(append(append(lines, in.Cc...), in.InReplyTo...), in.References...)
	for _, h := range in.Headers {
		lines = append(lines, h.Name, h.Value)
	}
	for _, a := range in.Attachments {
		lines = append(lines, a.Name, a.ContentType)
		if strings.ContainsAny(a.Name, `/\`) || a.Name == "" || int64(len(a.Content)) != a.Size {
			t.Errorf("attachment %q of %d bytes", a.Name, a.Size)
		}
	}
	for _, s := range lines {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r\n\x1b") {
			t.Errorf("not clean: %q", s)
		}
	}
	for _, s := range []string{in.Text, in.HTML} {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r\x1b") {
			t.Errorf("not clean: %.100q", s)
		}
	}
	if len(in.Text) > maxTextBytes || len(in.HTML) > maxTextBytes || utf8.RuneCountInString(in.Subject) > maxSubject {
		t.Errorf("text has %d bytes, HTML %d, subject %d", len(in.Text), len(in.HTML), len(in.Subject))
	}
	if in.MessageIDHeader == "" || !validID(in.MessageIDHeader) {
		t.Errorf("message id %q", in.MessageIDHeader)
	}
	if len(in.Attachments) > maxParts || len(in.References) > maxIDs || len(in.To) > maxAddresses {
		t.Error("a limit does not hold")
	}
}
