package mail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// readCase parses one of the mails of testdata/handed, with CRLF line ends.
func readCase(t *testing.T, number string) conversation.Incoming {
	t.Helper()
	names, _ := filepath.Glob("testdata/handed/" + number + "-*.eml")
	if len(names) != 1 {
		t.Fatalf("case %s: %d files", number, len(names))
	}
	raw, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	s := strings.ReplaceAll(string(raw), "\r\n", "\n")
	return Parse([]byte(strings.ReplaceAll(s, "\n", "\r\n")), Envelope{From: "ann@example.com"})
}

func TestHeadersOfHandedMails(t *testing.T) {
	for number, want := range map[string]string{
		"mail/01": "Rückfrage zu Köln",
		"mail/03": "Grüße",
		"mail/06": "Zwölf Stück",
		"mail/11": "Größe und Länge der Bestellung für M\uFFFD",
		"mail/23": "bom",
		"mail/61": "nosep",
	} {
		if in := readCase(t, number); in.Subject != want || in.FromAddress != "ann@example.com" {
			t.Errorf("case %s: subject %q from %s", number, in.Subject, in.FromAddress)
		}
	}
	if in := readCase(t, "mail/06"); in.Text != "über zwölf" {
		t.Errorf("case 06: text %q", in.Text)
	}
	if in := readCase(t, "mail/08"); in.FromName != "Jörg Müller" || in.FromAddress != "jm@example.com" {
		t.Errorf("case 08: %q <%s>", in.FromName, in.FromAddress)
	}
	if in := readCase(t, "mail/20"); in.FromName != "Mail Delivery System" || in.FromAddress != "mailer-daemon" ||
		in.Machine != conversation.MachineBounce {
		t.Errorf("case 20: %q <%s> %s", in.FromName, in.FromAddress, in.Machine)
	}
	if in := readCase(t, "mail/61"); in.Text != "Hello, this is the first paragraph.\n\nThe second paragraph." {
		t.Errorf("case 61: text %q", in.Text)
	}
}

func TestEncodedWordsAreReadAsFarAsPossible(t *testing.T) {
	const gap = "some characters of the header could not be read"
	tests := []struct{ name, value, want, gap string }{
		{"raw Latin-1 bytes in Q", "=?iso-8859-1?Q?M\xfcnchen_=FCber?=", "München über", ""},
		{"raw UTF-8 bytes in Q", "=?utf-8?Q?Stra\xc3\x9fe?=", "Straße", ""},
		{"raw bytes of KOI8-R in Q", "=?koi8-r?q?\xd0\xd2\xc9\xd7\xc5\xd4?=", "привет", ""},
		{"no padding", "=?utf-8?B?w6TDtg?=", "äö", ""},
		{"half the padding", "=?utf-8?B?R3LDvMOfZQ=?=", "Grüße", ""},
		{"too much padding", "=?utf-8?b?SGk======?= there", "Hi there", ""},
		{"a stray character in base64", "=?utf-8?b?SG .k=?=", "Hi", ""},
		{"UTF-7 in Q", "=?utf-7?Q?+AOQ-pfel_1_+-_2?=", "äpfel 1 + 2", ""},
		{"UTF-7 in B", "=?UTF-7?B?K0FPUS0=?=", "ä", ""},
		{"UTF-7 with a surrogate pair", "=?utf-7?Q?+2DzfQQ-!?=", "🍁!", ""},
		{"unknown charset, ASCII", "=?x-klingon?Q?Order_17?=", "Order 17", ""},
		{"unknown charset, more than ASCII", "=?x-klingon?Q?Order_=E4_17?=", "Order \uFFFD 17", gap},
		{"no charset", "=??Q?caf=E9?=", "café", ""},
		{"a language", "=?us-ascii*en-US?Q?Hello?=", "Hello", ""},
		{"charset by another name", "=?cp1252?Q?=80_5?= =?win-1251?Q?=EF?= =?x-sjis?B?grE=?=", "€ 5пこ", ""},
		{"a character over two B words", "=?utf-8?B?Qcw=?= =?utf-8?B?iA==?=", "A\u0308", ""},
		{"a character over two Q words", "=?utf-8?Q?f=C3?= =?utf-8?Q?=BCr?=", "für", ""},
		{"a character over a Q and a B word", "=?utf-8?Q?f=C3?=\r\n =?UTF-8?B?vHI=?=", "für", ""},
		{"GB2312 over two words", "=?gb2312?B?xOM=?= =?gb2312?B?usM=?=", "你好", ""},
		{"words with text between", "=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c", ""},
		{"spaces within a word", "=?utf-8?Q?a b c?=", "a b c", ""},
		{"not closed", "Re: =?utf-8?Q?caf=C3=A9", "Re: café", ""},
		{"closed by half", "=?utf-8?B?R3LDvMOfZQ==? x", "Grüße x", ""},
		{"in quotes", `"=?utf-8?q?caf=C3=A9?="`, `"café"`, ""},
		{"no encoded word", "a =? b ?= c =?utf-8?x?y?=", "a =? b ?= c =?utf-8?x?y?=", ""},
		{"raw UTF-8 cut within a character", "f\xc3\xbcr M\xc3", "für M\uFFFD", gap},
		{"raw UTF-8 with one broken byte", "\xc3\xa4\xff\xc3\xb6", "ä\uFFFDö", gap},
		{"raw Windows-1252", "caf\xe9 \x80", "café €", ""},
		{"raw ISO-2022-JP", "\x1b$B$3$s\x1b(B", "こん", ""},
		{"broken UTF-8 in a word", "=?utf-8?Q?a=C3?= b", "a\uFFFD b", gap},
	}
	for _, tt := range tests {
		in := Parse([]byte("From: a@b.c\r\nSubject: "+tt.value+"\r\n\r\nx"), Envelope{})
		if in.Subject != tt.want || in.Gaps.Headers != tt.gap {
			t.Errorf("%s: subject %q, gap %q", tt.name, in.Subject, in.Gaps.Headers)
		}
	}
	in := Parse([]byte("From: a@b.c\r\nSubject: \xd0\xd2\xc9\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\nx"), Envelope{})
	if in.Subject != "при" {
		t.Errorf("a raw subject in the charset of the text: %q", in.Subject)
	}
}

func TestTheBodyBeginsWhereTheHeaderEnds(t *testing.T) {
	const from = "From: ann@example.com\nSubject: s\n"
	tests := []struct{ name, mail, subject, text string }{
		{"no blank line, one paragraph", from + "Hello Ann.", "s", "Hello Ann."},
		{"no blank line, two paragraphs", from + "Hello Ann.\n\nBye.", "s", "Hello Ann.\n\nBye."},
		{"no blank line, a colon within", from + "Hello Ann, please note: it broke.\n\nBye.", "s", "Hello Ann, please note: it broke.\n\nBye."},
		{"a blank line with a space", from + " \nHello Ann.\nHow are you?\n\nBye.", "s", "Hello Ann.\nHow are you?\n\nBye."},
		{"a blank line with a tab", from + "\t \nHello: this.\n\nBye.", "s", "Hello: this.\n\nBye."},
		{"a blank line with a space, no other", from + " \nHello.", "s", "Hello."},
		{"a line of spaces among fields", "From: ann@example.com\n \nSubject: s\n\nHello.", "s", "Hello."},
		{"a line of a filter among fields", "From: ann@example.com\nscanned by us\nSubject: s\n\nHello.", "s", "Hello."},
		{"two lines of a filter", from + "scanned\nby us\nX-Spam: no\n\nHello.", "s scanned by us", "Hello."},
		{"a byte order mark", "\xef\xbb\xbf" + from + "\nHello.", "s", "Hello."},
		{"a byte order mark and a blank line", "\xef\xbb\xbf\n" + from + "\nHello.", "s", "Hello."},
		{"no header at all", "Hello, you.\n\nBye.", "", "Hello, you.\n\nBye."},
	}
	for _, tt := range tests {
		in := Parse(crlf(tt.mail), Envelope{From: "ann@example.com"})
		if in.Subject != tt.subject || in.Text != tt.text || in.FromAddress != "ann@example.com" {
			t.Errorf("%s: subject %q, text %q, from %q", tt.name, in.Subject, in.Text, in.FromAddress)
		}
	}
}

func TestAddressesOfAllShapesAreRead(t *testing.T) {
	tests := []struct{ value, want string }{
		{`ann@x.org`, `<ann@x.org>`},
		{`Ann (Sales, (north) \) team) <ann@x.org>`, `Ann <ann@x.org>`},
		{`ann@x.org (Ann, Sales)`, `Ann, Sales <ann@x.org>`},
		{`<ann(home)@x.org> (Ann)`, `Ann <ann@x.org>`},
		{`(just a comment) ann@x.org`, `just a comment <ann@x.org>`},
		{`ann @ x . org`, `<ann@x.org>`},
		{`Ann Example ann@x.org`, `Ann Example <ann@x.org>`},
		{`<@relay.net,@hub.net:ann@x.org>`, `<ann@x.org>`},
		{`Ann <@relay.net:ann@x.org>, bob@x.org`, `Ann <ann@x.org> <bob@x.org>`},
		{`Team: ann@x.org, Bob <bob@x.org>;`, `<ann@x.org> Bob <bob@x.org>`},
		{`Team: ann@x.org; , cat@x.org`, `<ann@x.org> <cat@x.org>`},
		{`undisclosed-recipients:;`, ``},
		{`Undisclosed recipients: ;`, ``},
		{`MAILER-DAEMON (Mail Delivery System)`, `Mail Delivery System <mailer-daemon>`},
		{`MAILER-DAEMON (Mail Delivery System, host x)`, `Mail Delivery System, host x <mailer-daemon>`},
		{`Mail Delivery System, MAILER-DAEMON`, `<mailer-daemon>`},
		{`Mail Delivery System <MAILER-DAEMON>`, `Mail Delivery System <mailer-daemon>`},
		{`MAILER-DAEMON, (Mail Delivery System)`, `<mailer-daemon>`},
		{`"john doe"@x.org`, `<"john doe"@x.org>`},
		{`John <"john, doe"@x.org>, b@x.org`, `John <"john, doe"@x.org> <b@x.org>`},
		{`<"ann"@X.org>`, `<ann@x.org>`},
		{`"Doe, John" <john@x.org>; "b@c" <b@x.org>`, `Doe, John <john@x.org> b@c <b@x.org>`},
		{`Doe, John <john@x.org>`, `John <john@x.org>`},
		{`"=?utf-8?Q?J=C3=B6rg?=" <j@x.org>`, `Jörg <j@x.org>`},
		{`=?utf-8?Q?J=C3=B6rg?= =?utf-8?Q?_M=C3=BCller?= <j@x.org>`, `Jörg Müller <j@x.org>`},
		{`=?utf-8?Q?M=C3=BCller,_J.?= <j@x.org>`, `Müller, J. <j@x.org>`},
		{`=?iso-8859-1?Q?J` + "\xf6" + `rg?= <j@x.org>`, `Jörg <j@x.org>`},
		{`j@x.org (=?utf-8?Q?J=C3=B6rg?=)`, `Jörg <j@x.org>`},
		{`kontakt@bücher.example`, `<kontakt@bücher.example>`},
		{`Info <info@xn--bcher-kva.example>`, `Info <info@xn--bcher-kva.example>`},
		{`<mailto:ann@x.org>`, `<ann@x.org>`},
		{`mailto:ann@x.org`, `<ann@x.org>`},
		{`'Ann' <ann@x.org>`, `Ann <ann@x.org>`},
		{`"'Ann'" <ann@x.org>`, `Ann <ann@x.org>`},
		{`Ann <<ann@x.org>>`, `Ann <ann@x.org>`},
		{`Ann <ann@x.org>; Bob <bob@x.org>`, `Ann <ann@x.org> Bob <bob@x.org>`},
		{`Ann <ann@x.org> Bob <bob@x.org>`, `Ann <ann@x.org> Bob <bob@x.org>`},
		{`Ann <ann@x.org, Bob <bob@x.org>`, `Ann <ann@x.org> Bob <bob@x.org>`},
		{`Ann "the boss <ann@x.org>`, `Ann the boss <ann@x.org>`},
		{`Ann (the boss <ann@x.org>`, `Ann (the boss <ann@x.org>`},
		{`ann@[192.0.2.1], b@[IPv6:2001:db8::1]`, `<ann@[192.0.2.1]> <b@[ipv6:2001:db8::1]>`},
		{`<>`, ``},
		{`,,;:,`, ``},
		{`Please write @ work`, ``},
	}
	for _, tt := range tests {
		var got []string
		for _, a := range (&reader{}).addresses([]string{tt.value}) {
			got = append(got, strings.TrimSpace(a.name+" <"+a.address+">"))
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: got %s, want %s", tt.value, s, tt.want)
		}
	}
}
