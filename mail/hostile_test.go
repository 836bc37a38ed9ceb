package mail

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// hostileKind makes a mail of about n bytes that costs naive parsers more than its
// length.
type hostileKind struct {
	name string
	mail func(n int) string
}

// hostileKinds are the shapes of mail whose cost the tests below hold to its length,
// and seeds of FuzzParse.
var hostileKinds = []hostileKind{
	{"header lines", inHeader("", "A: b\r\n", "\r\nhi")},
	{"continuations", inHeader("X: y\r\n", " b\r\n", "\r\nhi")},
	{"one long field", inHeader("X: ", "yyyy", "\r\n\r\nhi")},
	{"lines without a colon", inHeader("", "junk\r\n", "X-End: y\r\n\r\nhi")},
	{"lines without a colon, no end", inHeader("", "junk\r\n", "")},
	{"lines of a space", inHeader("", " \r\n", "X-End: y\r\n\r\nhi")},
	{"fields among junk", inHeader("", "junk\r\nX-A: b\r\n", "\r\nhi")},
	{"unknown fields among junk", inHeader("", "junk\r\nA: b\r\n", "\r\nhi")},
	{"encoded words", inHeader("X: ", "=?utf-8?q?a?= ", "\r\n\r\nhi")},
	{"encoded words not closed", inHeader("X: ", "=?utf-8?q?a", "\r\n\r\nhi")},
	{"encoded words that a space ends", inHeader("X: ", "=?utf-8?q?a ", "\r\n\r\nhi")},
	{"encoded words of no encoding", inHeader("X: ", "=?a?b?c?=", "\r\n\r\nhi")},
	{"beginnings of encoded words", inHeader("X: ", "=?", "\r\n\r\nhi")},
	{"encoded words of changing charsets", inHeader("X: ", "=?gbk?q?=81?= =?koi8-r?b?gQ?= ", "\r\n\r\nhi")},
	{"encoded words of long unknown charsets", inHeader("X: ", "=?"+strings.Repeat("x", 60)+"?q?=81?= ", "\r\n\r\nhi")},
	{"encoded words of UTF-7", inHeader("X: ", "=?utf-7?q?+AOQ-+?= ", "\r\n\r\nhi")},
	{"raw bytes", inHeader("X: ", "\xc3\xff", "\r\n\r\nhi")},
	{"addresses", inHeader("To: ", "a@b.c,", "\r\n\r\nhi")},
	{"quotes and brackets in addresses", inHeader("To: ", `"(<`, "\r\n\r\nhi")},
	{"nested comments in addresses", inHeader("To: ", "(", "\r\n\r\nhi")},
	{"comments in addresses", inHeader("To: ", "a(b)@c.d(e)<f(g)@h>", "\r\n\r\nhi")},
	{"escaped quotes in addresses", inHeader("To: ", `"a\"`, "\r\n\r\nhi")},
	{"source routes", inHeader("To: ", "<@a,", "\r\n\r\nhi")},
	{"groups", inHeader("To: ", "a:b@c;", "\r\n\r\nhi")},
	{"quoted local parts not closed", inHeader("To: ", `<"a"b,`, "\r\n\r\nhi")},
	{"words without an address", inHeader("From: ", "a . ", "\r\n\r\nhi")},
	{"addresses of encoded words", inHeader("To: ", "<=?utf-8?q?a=40b?=>,", "\r\n\r\nhi")},
	{"references", inHeader("References: ", "<a@b> ", "\r\n\r\nhi")},
	{"brackets in references", inHeader("References: ", "<", "\r\n\r\nhi")},
	{"authentication results", inHeader("Authentication-Results: mx.example; ", "spf=pass (a) ", "\r\n\r\nhi")},
	{"words of a mark", inHeader("Auto-Submitted: ", "(a)b,", "\r\n\r\nhi")},
	{"parameters", inHeader("Content-Type: text/plain; ", `a="b";`, "\r\n\r\nhi")},
	{"parameters without semicolons", inHeader("Content-Type: text/plain; ", `a="b"`, "\r\n\r\nhi")},
	{"parameters in sections", numbered("Content-Type: text/plain; ", "name*%d*=%%41;", "\r\n\r\nhi")},
	{"one section again and again", inHeader("Content-Type: text/plain; ", "name*1*=''%41;", "\r\n\r\nhi")},
	{"parameters with open quotes", inHeader("Content-Type: text/plain; ", `a="\";`, "\r\n\r\nhi")},
	{"comments in parameters", inHeader("Content-Type: text/plain; ", "(a", "\r\n\r\nhi")},
	{"a long boundary", func(n int) string {
		b := strings.Repeat("b", min(n/4, maxHeaderBytes/2))
		return head + "Content-Type: multipart/mixed; boundary=" + b + "\r\n\r\n" + strings.Repeat("--"+b[1:]+"\r\n", max(1, n/len(b)-1))
	}},
	{"nested parts", nestedParts(true)},
	{"nested parts, open", nestedParts(false)},
	{"nested parts with long texts", func(n int) string {
		var b strings.Builder
		b.WriteString(head)
		for i := range 45 {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
		}
		return b.String() + "\r\n" + strings.Repeat("--b\r\n", n/5)
	}},
	{"empty parts", inBody("multipart/mixed; boundary=b", "--b\r\n\r\n")},
	{"parts of junk", inBody("multipart/mixed; boundary=b", "--b\r\njunk\r\n")},
	{"lines like the boundary", inBody("multipart/mixed; boundary=bbbb", "--bbb\r\n")},
	{"longer boundaries on one line", inBody("multipart/mixed; boundary=b", "--bb")},
	{"texts", inBody("multipart/mixed; boundary=b", "--b\r\n\r\n"+strings.Repeat("word ", 200)+"\r\n")},
	{"alternatives that are stubs", inBody("multipart/alternative; boundary=b",
		"--b\r\n\r\nsee the html\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n")},
	{"texts with names", inBody("multipart/mixed; boundary=b", "--b\r\nContent-Type: text/plain; name=a\r\n\r\nhi\r\n")},
	{"mails of a digest", inBody("multipart/digest; boundary=b", "--b\r\n\r\nSubject: s\r\n\r\nhi\r\n")},
	{"mails within mails", inBody("message/rfc822", "Content-Type: message/rfc822\r\n\r\n")},
	{"reports", inBody("multipart/report; boundary=b",
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\nFinal-Recipient: rfc822; a@b\r\n\r\n")},
	{"pictures", inBody("multipart/related; boundary=b",
		"--b\r\nContent-Type: text/html\r\n\r\n<img src=cid:a>\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <a>\r\n\r\nx\r\n")},
	{"tags", inBody("text/html", "<div>")},
	{"closing tags", inBody("text/html", "</a></p>")},
	{"tags that are left out", inBody("text/html", "<font><object>")},
	{"quotations", inBody("text/html", "<blockquote>x")},
	{"an attribute without end", inBody("text/html", `<a href="xxxxxx`)},
	{"attributes", inBodyOnce("text/html", "<p ", "a=b ", ">x")},
	{"the same attribute", inBodyOnce("text/html", "<p ", `style="color:red" `, ">x")},
	{"styles", inBody("text/html", `<p style="color:red">x</p>`)},
	{"a long style", inBodyOnce("text/html", `<p style="`, "url(", `">x`)},
	{"declarations", inBodyOnce("text/html", `<p style="`, "color:red;", `">x`)},
	{"ampersands", inBody("text/html", "&")},
	{"entities", inBody("text/html", "&lt;&amp;&#60;")},
	{"long entities", inBodyOnce("text/html", "&", "aaaa", ";")},
	{"less-than signs", inBody("text/html", "< <")},
	{"comments", inBody("text/html", "<!--")},
	{"declarations of documents", inBody("text/html", "<!DOCTYPE <![CDATA[ <?xml ")},
	{"titles", inBody("text/html", "<title><textarea><style><script>")},
	{"links", inBody("text/html", `<a href="http://a.b/?c=d&amp;e=f">x</a>`)},
	{"references to pictures", inBody("text/html", `<img src="cid:a" style="url(cid:b)">`)},
	{"words", inBody("text/html", "a ")},
	{"base64", inBody("text/plain\r\nContent-Transfer-Encoding: base64", "YQ==")},
	{"junk in base64", inBody("text/plain\r\nContent-Transfer-Encoding: base64", "!?=\r\n")},
	{"quoted-printable", inBody("text/plain\r\nContent-Transfer-Encoding: quoted-printable", "=C3=A4=")},
	{"equals signs and spaces", inBody("text/plain\r\nContent-Transfer-Encoding: quoted-printable", "=    ")},
	{"beginnings of uuencoded files", inBody("text/plain", "begin 644 a\r\n")},
	{"uuencoded lines without an end", inBodyOnce("text/plain", "begin 644 a\r\n", "#86)C\r\n", "x")},
	{"uuencoded files", inBody("text/plain", "begin 644 a\r\n#86)C\r\n`\r\nend\r\n")},
	{"UTF-7", inBody("text/plain; charset=utf-7", "+AOQ-+-+")},
	{"ISO-2022-JP", inBody("text/plain; charset=iso-2022-jp", "\x1b$B$3\x1b(B")},
	{"UTF-16", inBody("text/plain; charset=utf-16", "\xd8\x00a")},
	{"control characters", inBody("text/plain", "\x00\x1b\r")},
	{"quoted lines", inBody("text/plain", "> > >\r\nx\r\n")},
	{"lines that begin quotations", inBody("text/plain", "On Monday, Ann <a@b.c> wrote:\r\n")},
	{"header blocks of quotations", inBody("text/plain", "From: a\r\nSent: b\r\nTo: c\r\nSubject: d\r\n")},
	{"lines of dashes", inBody("text/plain", "-----Original Message-----\r\n")},
	{"copies of mails in a bounce", inBody("text/plain", "------ This is a copy of the message ------\r\nMessage-ID: <a@b>\r\n\r\n")},
	{"S/MIME in pieces", container("\x04\x01a")},
	{"S/MIME of open pieces", container("\x24\x80")},
	{"S/MIME of open elements", func(n int) string { return encoded("\x30\x80" + strings.Repeat("\x30\x80", n/3)) }},
	{"Outlook's format", func(n int) string {
		return head + "Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			base64.StdEncoding.EncodeToString([]byte("\x78\x9f\x3e\x22\x00\x00"+
				strings.Repeat("\x02\x10\x80\x01\x00\x01\x00\x00\x00a\x61\x00", n/16)))
	}},
}

const head = "From: ann@example.com\r\nSubject: s\r\n"

// repeated is enough of piece for n bytes.
func repeated(piece string, n int) string { return strings.Repeat(piece, n/len(piece)+1) }

// inHeader makes mails that have much of something in their header.
func inHeader(before, piece, after string) func(int) string {
	return func(n int) string { return head + before + repeated(piece, n) + after }
}

func numbered(before, format, after string) func(int) string {
	return func(n int) string {
		var b strings.Builder
		b.WriteString(head + before)
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String() + after
	}
}

// inBody makes mails of a type that have much of something in their body.
func inBody(kind, piece string) func(int) string { return inBodyOnce(kind, "", piece, "") }

func inBodyOnce(kind, before, piece, after string) func(int) string {
	return func(n int) string {
		return head + "Content-Type: " + kind + "\r\n\r\n" + before + repeated(piece, n) + after
	}
}

func nestedParts(closed bool) func(int) string {
	return func(n int) string {
		var b strings.Builder
		b.WriteString(head)
		levels := n / 60
		for i := range levels {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
		}
		b.WriteString("\r\nhello\r\n")
		for i := levels - 1; closed && i >= 0; i-- {
			fmt.Fprintf(&b, "--b%d--\r\n", i)
		}
		return b.String()
	}
}

// container makes mails of a signed container whose content is made of the piece.
func container(piece string) func(int) string {
	return func(n int) string {
		return encoded(open(0x30, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", open(0xa0, open(0x30, "\x02\x01\x01", der(0x31),
			open(0x30, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", open(0xa0, open(0x24, repeated(piece, n*3/4))))))))
	}
}

func encoded(content string) string {
	return head + "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString([]byte(content))
}

// cost is what parsing a mail takes: bytes that were looked at, and allocated.
func cost(t *testing.T, raw []byte) (in conversation.Incoming, steps, allocated int) {
	t.Helper()
	var r reader
	allocated = int(allocatedBytes(func() { in = r.parse(raw, Envelope{From: "ann@example.com"}) }))
	if in.Problem == unreadable {
		t.Error("the parser panicked")
	}
	return in, r.steps, allocated
}

// TestTheCostOfAMailGrowsWithItsLength doubles each kind of hostile mail: what is
// looked at and allocated must double at most.
func TestTheCostOfAMailGrowsWithItsLength(t *testing.T) {
	const n = 30_000
	for _, kind := range hostileKinds {
		t.Run(kind.name, func(t *testing.T) {
			cost(t, []byte(kind.mail(1000))) // what is made once
			one, two := []byte(kind.mail(n)), []byte(kind.mail(2*n))
			_, steps1, bytes1 := cost(t, one)
			in, steps2, bytes2 := cost(t, two)
			if steps2 > 5*steps1/2+2*n || bytes2 > 5*bytes1/2+10*n {
				t.Errorf("%d bytes cost %d steps, %d bytes; %d cost %d, %d", len(one), steps1, bytes1, len(two), steps2, bytes2)
			}
			if steps2 > 110*len(two) || bytes2 > 80*len(two) {
				t.Errorf("%d bytes cost %d steps, %d bytes", len(two), steps2, bytes2)
			}
			checkSane(t, in)
		})
	}
}

// TestAMailOfFullSizeTakesLittleMemory holds all that is allocated while the longest
// mails are read, garbage included, to little more than their length.
func TestAMailOfFullSizeTakesLittleMemory(t *testing.T) {
	const size, limit = 24 << 20, 56 << 20
	kinds := map[string]func(int) string{
		"a file in base64": inBody("application/pdf\r\nContent-Transfer-Encoding: base64", strings.Repeat("QUFB", 19)+"\r\n"),
		"a file as it is":  inBody("application/pdf", "bytes\r\n"),
		"a mail in a mail": inBody("message/rfc822\r\n\r\nSubject: s\r\n", "bytes\r\n"),
	}
	for _, kind := range hostileKinds {
		switch kind.name {
		case "styles", "uuencoded files", "S/MIME in pieces", "nested parts with long texts":
			kinds[kind.name] = kind.mail
		}
	}
	for name, mail := range kinds {
		raw := []byte(mail(size))
		in, steps, allocated := cost(t, raw)
		if allocated > limit || steps > (maxScans+3)*len(raw) {
			t.Errorf("%s: %d bytes cost %d MB and %d steps for each byte", name, len(raw), allocated>>20, steps/len(raw))
		}
		if in.Subject != "s" {
			t.Errorf("%s: the subject is lost", name)
		}
	}
}
