package mail

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// filesOf tells the files of a mail as conditions see them; those that the text shows
// stand in brackets.
func filesOf(in conversation.Incoming) string {
	var files []string
	for _, a := range in.Attachments {
		s := fmt.Sprintf("%s %s %d", a.Name, a.ContentType, a.Size)
		if a.Inline {
			s = "[" + s + "]"
		}
		files = append(files, s)
	}
	return strings.Join(files, ", ")
}

func TestPartsOfHandedMails(t *testing.T) {
	tests := []struct{ number, text, files string }{
		{"mail/12", "See the file.", "Rechnung März.pdf application/pdf 5"},
		{"mail/17", "See the file.", "Old order.eml message/rfc822 45"},
		{"mail/19", "See the file.", "hello.txt application/octet-stream 6"},
		{"mail/64", "Look:", "[screen.png image/png 8]"},
		{"eml/16", "Are you open on Sunday?\n\nEva Lind, Firm Ltd\n[cid:image001.png@01DC321B.4994650]", "[image001.png image/png 70]"},
		{"eml/17", "Please cancel contract C-17 at the end of the month.\nHanne Moe", ""},
	}
	for _, tt := range tests {
		in := readCase(t, tt.number)
		if in.Text != tt.text || filesOf(in) != tt.files || in.Gaps != (conversation.Gaps{}) {
			t.Errorf("case %s: text %q, files %s, gaps %v", tt.number, in.Text, filesOf(in), in.Gaps)
		}
	}
	if in := readCase(t, "mail/19"); string(in.Attachments[0].Content) != "Hello\n" {
		t.Errorf("case mail/19: %q", in.Attachments[0].Content)
	}
	if in := readCase(t, "mail/64"); in.Attachments[0].ContentID != "p1@x" {
		t.Errorf("case mail/64: content id %q", in.Attachments[0].ContentID)
	}
}

// mixed is a mail of the parts, each a header, a blank line and a body.
func mixed(kind string, parts ...string) string {
	return "From: ann@example.com\nSubject: s\nContent-Type: " + kind + "; boundary=B\n\n--B\n" + strings.Join(parts, "\n--B\n") + "\n--B--\n"
}

func TestPicturesThatTheHTMLShowsAreNoFiles(t *testing.T) {
	const html = "Content-Type: text/html\n\n"
	png := func(id, rest string) string {
		return "Content-Type: image/png\nContent-ID: <" + id + ">\n" + rest + "\n\nx"
	}
	tests := []struct{ name, mail, files string }{
		{"shown by src", mixed("multipart/related", html+`<img src="cid:a@x">`, png("a@x", "Content-Disposition: inline; filename=a.png")),
			"[a.png image/png 1]"},
		{"shown although it says attachment", mixed("multipart/related", html+`<img src="cid:a@x">`,
			png("a@x", "Content-Disposition: attachment; filename=a.png")), "[a.png image/png 1]"},
		{"shown without a disposition", mixed("multipart/mixed", html+`<IMG SRC=CID:A@x>`, png("a@X", "X: y")), "[attachment-1.png image/png 1]"},
		{"shown as a background", mixed("multipart/related", html+`<td background='cid:a@x'>`, png("a@x", "X: y")),
			"[attachment-1.png image/png 1]"},
		{"shown by a style", mixed("multipart/related", html+`<div style="background:url(cid:a@x)">`, png("a@x", "X: y")),
			"[attachment-1.png image/png 1]"},
		{"shown by a style sheet", mixed("multipart/related", html+`<style>p{background:url('cid:a@x')}</style>`, png("a@x", "X: y")),
			"[attachment-1.png image/png 1]"},
		{"escaped reference", mixed("multipart/related", html+`<img src="cid:a%40x">`, png("a@x", "X: y")), "[attachment-1.png image/png 1]"},
		{"entity in the reference", mixed("multipart/related", html+`<img src="cid:a&#64;x">`, png("a@x", "X: y")),
			"[attachment-1.png image/png 1]"},
		{"picture before the text", mixed("multipart/related", png("a@x", "X: y"), html+`<img src="cid:a@x">`), "[attachment-1.png image/png 1]"},
		{"octet stream with a picture's name", mixed("multipart/related", html+`<img src="cid:a@x">`,
			"Content-Type: application/octet-stream; name=a.JPG\nContent-ID: <a@x>\n\nx"), "[a.JPG application/octet-stream 1]"},
		{"marked inline, nothing refers to it", mixed("multipart/mixed", html+`<p>x</p>`,
			png("a@x", "Content-Disposition: inline; filename=a.png")), "a.png image/png 1"},
		{"another id", mixed("multipart/related", html+`<img src="cid:b@x">`, png("a@x", "X: y")), "attachment-1.png image/png 1"},
		{"no HTML", mixed("multipart/mixed", "\nSee [cid:a@x]", png("a@x", "Content-Disposition: inline")), "attachment-1.png image/png 1"},
		{"only named in the words", mixed("multipart/related", html+`<p>cid:a@x</p>`, png("a@x", "X: y")), "attachment-1.png image/png 1"},
		{"linked", mixed("multipart/related", html+`<a href="cid:a@x">x</a>`, png("a@x", "X: y")), "attachment-1.png image/png 1"},
		{"a PDF is a file", mixed("multipart/related", html+`<img src="cid:a@x">`,
			"Content-Type: application/pdf; name=a.pdf\nContent-ID: <a@x>\n\nx"), "a.pdf application/pdf 1"},
	}
	for _, tt := range tests {
		if got := filesOf(parse(tt.mail)); got != tt.files {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.files)
		}
	}
}

func TestFilesAreNamed(t *testing.T) {
	tests := []struct{ name, part, want string }{
		{"a mail by its subject", "Content-Type: message/rfc822\n\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nx", "Grüße.eml"},
		{"a mail whose subject has a slash", "Content-Type: message/rfc822\n\nSubject: A/B \\ C\n\nx", "A-B - C.eml"},
		{"a mail that has a name", "Content-Type: message/rfc822; name=x.eml\n\nSubject: s\n\nx", "x.eml"},
		{"a mail without a subject", "Content-Type: message/rfc822\n\nFrom: a@b.c\n\nx", "attachment-1.eml"},
		{"a mail in base64", "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" +
			base64.StdEncoding.EncodeToString([]byte("Subject: in\n\nx")), "in.eml"},
		{"a mail with a long subject", "Content-Type: message/rfc822\n\nSubject: " + strings.Repeat("ä", 300) + "\n\nx",
			strings.Repeat("ä", 98) + ".eml"},
		{"a picture", "Content-Type: image/jpeg\n\nx", "attachment-1.jpg"},
		{"a PDF", "Content-Type: application/pdf\nContent-Disposition: attachment\n\nx", "attachment-1.pdf"},
		{"a text", "Content-Disposition: attachment\n\nx", "attachment-1.txt"},
		{"an unknown kind", "Content-Type: application/x-y\n\nx", "attachment-1"},
		{"a calendar", "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR", "attachment-1.ics"},
		{"a calendar with a name", "Content-Type: text/calendar; name=meeting\n\nBEGIN:VCALENDAR", "meeting.ics"},
		{"a calendar with its name", "Content-Type: application/ics; name=Invite.ICS\n\nBEGIN:VCALENDAR", "Invite.ICS"},
		{"a signature", "Content-Type: application/pkcs7-signature\n\nx", "attachment-1.p7s"},
	}
	for _, tt := range tests {
		in := parse(mixed("multipart/mixed", "\nhello", tt.part))
		if len(in.Attachments) != 1 || in.Attachments[0].Name != tt.want || in.Text != "hello" {
			t.Errorf("%s: %s, text %q", tt.name, filesOf(in), in.Text)
		}
	}
}

func TestTheTextIsFoundWhateverItIsCalled(t *testing.T) {
	const (
		plain = "Content-Type: text/plain; name=body.txt\n\nhello"
		html  = "Content-Type: text/html; name=body.html\n\n<p>hello</p>"
		pdf   = "Content-Type: application/pdf; name=a.pdf\n\nx"
		file  = "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nfile"
	)
	tests := []struct{ name, mail, text, files string }{
		{"the mail itself has a name", "From: a@b.c\nContent-Type: text/plain; name=x.txt\n\nhello", "hello", ""},
		{"the mail itself is HTML with a name", "From: a@b.c\n" + html, "hello", ""},
		{"the mail itself says that it is a file", "From: a@b.c\n" + file, "file", "a.txt text/plain 4"},
		{"the only text has a name", mixed("multipart/mixed", plain, pdf), "hello", "a.pdf application/pdf 1"},
		{"the only text comes last", mixed("multipart/mixed", pdf, plain), "hello", "a.pdf application/pdf 1"},
		{"the first of two texts with names", mixed("multipart/mixed", plain, "Content-Type: text/plain; name=b.txt\n\nb"), "hello",
			"b.txt text/plain 1"},
		{"alternatives with names", mixed("multipart/alternative", plain, html), "hello", ""},
		{"related with a name", mixed("multipart/related", html, pdf), "hello", "a.pdf application/pdf 1"},
		{"a text beside a file", mixed("multipart/mixed", "\nhi", plain), "hi", "body.txt text/plain 5"},
		{"an empty text beside a file", mixed("multipart/mixed", "\n ", plain), "", "body.txt text/plain 5"},
		{"nothing but a text file", mixed("multipart/mixed", file, pdf), "", "a.txt text/plain 4, a.pdf application/pdf 1"},
		{"an AMP form beside the others", mixed("multipart/alternative", "\nhello", "Content-Type: text/x-amp-html\n\n<html amp4email>",
			"Content-Type: text/html\n\nhello"),
			"hello", "[attachment-1 text/x-amp-html 16]"},
		{"an invitation", mixed("multipart/alternative", "\nhello", "Content-Type: text/calendar; method=REQUEST\n\nBEGIN"), "hello",
			"attachment-1.ics text/calendar 5"},
		{"markdown", mixed("multipart/mixed", "Content-Type: text/markdown\n\n*hello*"), "*hello*", ""},
		{"a digest", mixed("multipart/digest", "\nSubject: one\n\n1", "\nSubject: two\n\n2"), "",
			"one.eml message/rfc822 17, two.eml message/rfc822 17"},
		{"a digest within a list's mail", mixed("multipart/mixed", "\nTopics",
			"Content-Type: multipart/digest; boundary=D\n\n--D\n\nSubject: one\n\n1\n--D\nContent-Type: text/plain\n\nx\n--D--"),
			"Topics\n\nx", "one.eml message/rfc822 17"},
		{"a multipart without its boundary", "From: a@b.c\nContent-Type: multipart/mixed; boundary=B\n\nhello", "hello", ""},
	}
	for _, tt := range tests {
		if in := parse(tt.mail); in.Text != tt.text || filesOf(in) != tt.files {
			t.Errorf("%s: text %q, files %s", tt.name, in.Text, filesOf(in))
		}
	}
}

func TestAStubDoesNotHideTheHTML(t *testing.T) {
	const html = "<p>My order 4711 is broken.</p>"
	tests := []struct{ name, plain, html, want string }{
		{"see the HTML", "Please see the HTML version of this mail.", html, "My order 4711 is broken."},
		{"your program shows no HTML", "Your e-mail client does not support HTML messages!", html, "My order 4711 is broken."},
		{"in German", "Diese E-Mail ist im HTML-Format. Bitte aktivieren Sie die HTML-Ansicht.", html, "My order 4711 is broken."},
		{"in French", "Ce message est au format HTML.", html, "My order 4711 is broken."},
		{"in Japanese", "このメールはHTML形式です。", html, "My order 4711 is broken."},
		{"in the browser", "View this email in your browser: https://x.example/1", html, "My order 4711 is broken."},
		{"MIME", "This is a multi-part message in MIME format.", html, "My order 4711 is broken."},
		{"nothing one can see", "\u00a0\u200b\n ", html, "My order 4711 is broken."},
		{"a picture's place", "[cid:image001.png@01D0]\n[image: logo]", html, "My order 4711 is broken."},
		{"a person's words about HTML", "My HTML mails look bad in the browser.", "<p>My HTML mails look <b>bad</b> in the browser.</p>",
			"My HTML mails look bad in the browser."},
		{"a person's short words", "Yes.", "<p>Yes.</p><p>" + strings.Repeat("My signature. ", 50) + "</p>", "Yes."},
		{"a long text that names HTML", "HTML " + strings.Repeat("my words ", 60), html,
			strings.TrimSpace("HTML " + strings.Repeat("my words ", 60))},
		{"a stub, and HTML that says nothing", "See the HTML version.", "<p> <img src=x></p>", "See the HTML version."},
	}
	for _, tt := range tests {
		in := parse(mixed("multipart/alternative", "Content-Type: text/plain; charset=utf-8\n\n"+tt.plain, "Content-Type: text/html\n\n"+tt.html))
		if strings.TrimSpace(in.Text) != tt.want {
			t.Errorf("%s: text %q", tt.name, in.Text)
		}
	}
}

func TestUUEncodedFilesInATextAreFiles(t *testing.T) {
	const file = "begin 644 hello.txt\n&2&5L;&\\*\n`\nend\n"
	tests := []struct{ name, body, text, files string }{
		{"after the text", "See it.\n\n" + file, "See it.", "hello.txt application/octet-stream 6"},
		{"between texts", "Before.\n" + file + "After.", "Before.\nAfter.", "hello.txt application/octet-stream 6"},
		{"two files", file + "\n" + strings.Replace(file, "hello", "two", 1), "",
			"hello.txt application/octet-stream 6, two.txt application/octet-stream 6"},
		{"a name with a space and a path", strings.Replace(file, "hello.txt", `C:\a b.txt`, 1), "", "a b.txt application/octet-stream 6"},
		{"a line of spaces ends it", strings.Replace(file, "`\n", " \n", 1), "", "hello.txt application/octet-stream 6"},
		{"never closed", "begin 644 hello.txt\n&2&5L;&\\*", "begin 644 hello.txt\n&2&5L;&\\*", ""},
		{"words that begin alike", "begin 644 the day\nwith a smile and a long walk\nend",
			"begin 644 the day\nwith a smile and a long walk\nend", ""},
		{"no mode", "begin the day\nend", "begin the day\nend", ""},
	}
	for _, tt := range tests {
		if in := parse("From: a@b.c\n\n" + tt.body); in.Text != tt.text || filesOf(in) != tt.files {
			t.Errorf("%s: text %q, files %s", tt.name, in.Text, filesOf(in))
		}
	}
	in := parse(mixed("multipart/mixed", "\nhi", "Content-Type: application/octet-stream\nContent-Transfer-Encoding: uuencode\n\n"+file))
	if filesOf(in) != "hello.txt application/octet-stream 6" || string(in.Attachments[0].Content) != "Hello\n" {
		t.Errorf("a part: %s", filesOf(in))
	}
}

// der is an element of a container.
func der(tag byte, content ...string) string {
	s := strings.Join(content, "")
	switch n := len(s); {
	case n < 128:
		return string([]byte{tag, byte(n)}) + s
	case n < 1<<16:
		return string([]byte{tag, 0x82, byte(n >> 8), byte(n)}) + s
	default:
		return string([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}) + s
	}
}

// open is an element of indefinite length.
func open(tag byte, content ...string) string {
	return string([]byte{tag, 0x80}) + strings.Join(content, "") + "\x00\x00"
}

func TestContainersAreOpenedAsFarAsTheyCanBe(t *testing.T) {
	const (
		text   = "Content-Type: text/plain; charset=utf-8\r\n\r\nCancel it, bitte schön.\r\n"
		data   = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
		signed = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
		sealed = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"
		packed = "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"
		encr   = "the mail is encrypted"
		unread = "a signed or encrypted part could not be read"
	)
	container := func(octets string) string {
		return der(0x30, signed, der(0xa0, der(0x30, "\x02\x01\x01", der(0x31), der(0x30, data, der(0xa0, octets)), "certificates")))
	}
	nested := "From: x@y.z\r\nContent-Type: multipart/mixed; boundary=N\r\n\r\n--N\r\n\r\nCancel it, bitte " +
		"sch\xc3\xb6n.\r\n--N\r\nContent-Type: application/pdf\r\n\r\nx\r\n--N--\r\n"
	tests := []struct{ name, kind, content, text, files, gap string }{
		{"signed", "application/pkcs7-mime; smime-type=signed-data", container(der(0x04, text)), "Cancel it, bitte schön.", "", ""},
		{"signed, no smime-type", "application/x-pkcs7-mime", container(der(0x04, text)), "Cancel it, bitte schön.", "", ""},
		{"signed, as bytes with a name", "application/octet-stream; name=smime.p7m", container(der(0x04, text)), "Cancel it, bitte schön.", "",
			""},
		{"signed, in pieces", "application/pkcs7-mime", container(der(0x24, der(0x04, text[:50]), der(0x04, text[50:]))),
			"Cancel it, bitte schön.", "", ""},
		{"signed, of indefinite length", "application/pkcs7-mime",
			open(0x30, signed, open(0xa0, open(0x30, "\x02\x01\x01", open(0x31, open(0x30, "\x05\x00")),
				open(0x30, data, open(0xa0, open(0x24, der(0x04, text[:9]), der(0x04, text[9:])))), "rest"))), "Cancel it, bitte schön.", "", ""},
		{"signed, with parts", "application/pkcs7-mime", container(der(0x04, nested)), "Cancel it, bitte schön.",
			"attachment-1.pdf application/pdf 1", ""},
		{"signed twice", "application/pkcs7-mime", container(der(0x04,
			"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
				base64.StdEncoding.EncodeToString([]byte(container(der(0x04, text)))))), "Cancel it, bitte schön.", "", ""},
		{"certificates only", "application/pkcs7-mime; smime-type=certs-only",
			der(0x30, signed, der(0xa0, der(0x30, "\x02\x01\x01", der(0x31), der(0x30, data), "c"))), "",
			"attachment-1.p7m application/pkcs7-mime 36", ""},
		{"encrypted", "application/pkcs7-mime; smime-type=enveloped-data", der(0x30, sealed, der(0xa0, "x")), "",
			"attachment-1.p7m application/pkcs7-mime 16", encr},
		{"compressed", "application/pkcs7-mime", der(0x30, packed, der(0xa0, "x")), "", "attachment-1.p7m application/pkcs7-mime 18",
			"a part is compressed in a way that is not read"},
		{"no container", "application/pkcs7-mime", "hello", "", "attachment-1.p7m application/pkcs7-mime 5", unread},
		{"cut off", "application/pkcs7-mime", container(der(0x04, text))[:30], "", "attachment-1.p7m application/pkcs7-mime 30", unread},
		{"nothing", "application/pkcs7-mime", "", "", "attachment-1.p7m application/pkcs7-mime 0", unread},
	}
	for _, tt := range tests {
		in := Parse([]byte("From: a@b.c\r\nContent-Type: "+tt.kind+"\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
			base64.StdEncoding.EncodeToString([]byte(tt.content))), Envelope{})
		if in.Text != tt.text || filesOf(in) != tt.files || in.Gaps.Text != tt.gap || in.Gaps.Files != tt.gap {
			t.Errorf("%s: text %q, files %s, gaps %+v", tt.name, in.Text, filesOf(in), in.Gaps)
		}
	}
}

func TestWhatCannotBeReadIsAGap(t *testing.T) {
	tests := []struct {
		name, mail string
		want       conversation.Gaps
	}{
		{"nothing is missing", mixed("multipart/mixed", "\nhello"), conversation.Gaps{}},
		{"PGP/MIME", mixed("multipart/encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1",
			"Content-Type: application/octet-stream; name=encrypted.asc\n\nx"),
			conversation.Gaps{Text: "the mail is encrypted", Files: "the mail is encrypted"}},
		{"PGP in the text", "From: a@b.c\n\n-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----",
			conversation.Gaps{Text: "the text is encrypted"}},
		{"a piece of a mail", "From: a@b.c\nContent-Type: message/partial; id=x; number=1; total=2\n\nx",
			conversation.Gaps{Text: "the mail is one piece of a longer one", Files: "the mail is one piece of a longer one"}},
		{"a part elsewhere", mixed("multipart/mixed",
			"Content-Type: message/external-body; access-type=URL; URL=\"http://x.example/\"\n\nContent-Type: text/plain\n\n"),
			conversation.Gaps{Text: "a part is kept elsewhere", Files: "a part is kept elsewhere"}},
		{"winmail.dat", mixed("multipart/mixed", "\nhello", "Content-Type: application/ms-tnef; name=winmail.dat\n\nx"),
			conversation.Gaps{Text: "a part is in Outlook's own format (winmail.dat), which is not read",
				Files: "a part is in Outlook's own format (winmail.dat), which is not read"}},
		{"an unknown transfer encoding", "From: a@b.c\nContent-Transfer-Encoding: x-rot13\n\nx",
			conversation.Gaps{Text: "a part has an unknown transfer encoding"}},
		{"an unknown charset", "From: a@b.c\nContent-Type: text/plain; charset=x-klingon\n\n\xff",
			conversation.Gaps{Text: "a part has an unknown character set"}},
		{"broken UTF-8", "From: a@b.c\nContent-Type: text/plain; charset=utf-8\n\n\xff",
			conversation.Gaps{Text: "some characters could not be read"}},
		{"a long text", "From: a@b.c\n\n" + strings.Repeat("word ", maxTextBytes/4),
			conversation.Gaps{Text: "the text is longer than 1 MB and was cut"}},
		{"many parts", mixed("multipart/mixed", strings.Split(strings.Repeat("\n,", maxParts+5)+"\n", ",")...),
			conversation.Gaps{Text: "there are more than 1,000 parts; the others are in the raw mail only",
				Files: "there are more than 1,000 parts; the others are in the raw mail only"}},
		{"deep parts", strings.ReplaceAll(nestedParts(true)(5000), "\r", ""),
			conversation.Gaps{Text: "parts are nested deeper than 50; those below are in the raw mail only",
				Files: "parts are nested deeper than 50; those below are in the raw mail only"}},
		{"a long header", "From: a@b.c\nX: " + strings.Repeat("x", maxHeaderBytes) + "\n\nx",
			conversation.Gaps{Headers: "the header is longer than 256 KB and was cut"}},
		{"many fields", "From: a@b.c\n" + strings.Repeat("X: y\n", maxHeaders) + "\nx",
			conversation.Gaps{Headers: "there are more than 1,000 header lines"}},
		{"a long subject", "From: a@b.c\nSubject: " + strings.Repeat("x", maxSubject+1) + "\n\nx",
			conversation.Gaps{Headers: "the subject is longer than 1,000 characters and was cut"}},
	}
	for _, tt := range tests {
		in := parse(tt.mail)
		if in.Gaps != tt.want {
			t.Errorf("%s: %+v", tt.name, in.Gaps)
		}
		for _, gap := range []string{tt.want.Text, tt.want.Headers, tt.want.Files} {
			if !strings.Contains(in.Problem, gap) {
				t.Errorf("%s: the problem is %q", tt.name, in.Problem)
			}
		}
		if silent := in.Text == "" && tt.want.Text != ""; silent != strings.Contains(in.Problem, "there is no readable text") {
			t.Errorf("%s: text %.20q, problem %q", tt.name, in.Text, in.Problem)
		}
	}
}
