package mail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/conversation"
)

// ours is what Envelope.Own says in these tests.
func ours(address string) bool {
	return address == "support@smarticks.test" || address == "support@acme.test" || address == "support@example.com"
}

// letter reads a mail of testdata/handed as it comes from the address.
func letter(t *testing.T, name string, env Envelope) conversation.Incoming {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "handed", "*", name))
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: %q, %v", name, files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	env.Own = ours
	return Parse(crlf(strings.ReplaceAll(string(raw), "\r\n", "\n")), env)
}

func TestTheAnswerGoesToThePersonBehindTheMail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, header, want string }{
		{"no Reply-To", "From: form@shop.example", "form@shop.example"},
		{"somebody else", "From: form@shop.example\nReply-To: Ann <ann@example.com>", "ann@example.com"},
		{"in capitals", "From: form@shop.example\nReply-To: Ann@Example.COM", "ann@example.com"},
		{"ours", "From: form@shop.example\nReply-To: support@smarticks.test", "form@shop.example"},
		{"several people", "From: form@shop.example\nReply-To: a@example.com, b@example.com", "form@shop.example"},
		{"one twice", "From: form@shop.example\nReply-To: a@example.com, A@example.com", "a@example.com"},
		{"somebody and us", "From: form@shop.example\nReply-To: a@example.com, support@smarticks.test", "a@example.com"},
		{"themselves and somebody", "From: bob@shop.example\nReply-To: bob@shop.example, eve@shop.example", "bob@shop.example"},
		{"no address", "From: form@shop.example\nReply-To: nobody", "form@shop.example"},
		{"one of two is no address", "From: form@shop.example\nReply-To: <nobody>, ann@example.com", "ann@example.com"},
		{"a domain in letters", "From: form@shop.example\nReply-To: ann@bücher.example", "ann@bücher.example"},
		{"their own in another form", "From: ann@xn--bcher-kva.example\nReply-To: ann@bücher.example", "ann@xn--bcher-kva.example"},
		{"from nobody in particular", "From: noreply@shop.example\nReply-To: ann@example.com", "ann@example.com"},
		{"from ourselves", "From: Form <support@smarticks.test>\nReply-To: ann@example.com", "ann@example.com"},
		{"a group in front of us", "From: \"Ann via Support\" <support@smarticks.test>\nReply-To: ann@example.com\nList-Id: " +
			"<support.smarticks.test>", "ann@example.com"},
		{"From cannot be read", "From:\nReply-To: ann@example.com", "ann@example.com"},
		{"many", "From: form@shop.example\nReply-To: " + strings.Repeat("ann@example.com, ", 20) + "ann@example.com", "form@shop.example"},
		// Mailing lists.
		{"the list by List-Id", "From: ida@dev.example\nList-Id: Developers <dev.lists.example>\nReply-To: dev@lists.example", "ida@dev.example"},
		{"the list by List-Post", "From: ida@dev.example\nList-Post: <mailto:talk@lists.example>\nReply-To: talk@lists.example",
			"ida@dev.example"},
		{"the list by Mailing-List", "From: ida@dev.example\nMailing-List: list talk@lists.example; contact " +
			"talk-owner@lists.example\nReply-To: talk@lists.example", "ida@dev.example"},
		{"the list by X-BeenThere", "From: ida@dev.example\nX-BeenThere: talk@lists.example\nReply-To: Talk <talk@lists.example>",
			"ida@dev.example"},
		{"the list by a longer List-Id", "From: ida@dev.example\nList-Id: <dev-list.lists.example>\nReply-To: dev@lists.example",
			"ida@dev.example"},
		{"the list, to whom it was sent", "From: ida@dev.example\nList-Id: <4711.lists.example>\nTo: dev@lists.example\nReply-To: " +
			"dev@lists.example", "ida@dev.example"},
		{"the writer, by a list that writes in its own name",
			"From: \"Ida via dev\" <dev@lists.example>\nList-Id: <dev.lists.example>\nReply-To: ida@dev.example", "ida@dev.example"},
		{"the writer, from the list's domain", "From: \"Ida via dev\" <dev@lists.example>\nList-Id: <dev.lists.example>\nReply-To: " +
			"ida@lists.example", "ida@lists.example"},
	} {
		in := Parse(crlf(c.header+"\nSubject: x\n\nHello\n"), Envelope{From: "bounce@shop.example", Own: ours})
		if in.FromAddress != c.want {
			t.Errorf("%s: we answer %q, want %q", c.name, in.FromAddress, c.want)
		}
	}
}

func TestTheHandedMailsAreAnsweredToTheirWriters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, address, name, from string }{
		{"01-contact-form-noreply.eml", "mira.olsen@example.net", "Mira Olsen", "noreply@shop.example.com"},
		{"03-contact-form-precedence-junk.eml", "lena.vogt@example.org", "Lena Vogt", "www@booking.example.com"},
		{"04-exchange-x-auto-response-suppress.eml", "per.dahl@corp.example.com", "Per Dahl", "per.dahl@corp.example.com"},
		{"33-contact-form-from-noreply.eml", "carl@customer.example", "Carl Customer", "noreply@acme-web.example"},
		{"36-list-with-reply-to-itself.eml", "ida@dev.example", "Ida", "ida@dev.example"},
	} {
		in := letter(t, c.file, Envelope{From: "bounce@example.net"})
		if got := [3]string{in.FromAddress, in.FromName, in.Sender.Address}; got != [3]string{c.address, c.name, c.from} {
			t.Errorf("%s: %q", c.file, got)
		}
	}
}

func TestTheFactsAboutTheSenderAreKeptApart(t *testing.T) {
	t.Parallel()
	in := Parse(crlf("From: Shop <Form@shop.example>\nReply-To: Ann <ann@example.com>\n\nHello\n"), Envelope{From: "Bounce@shop.example"})
	want := conversation.Sender{
		Name: "Shop", Address: "form@shop.example", ReplyTo: []string{"ann@example.com"}, Envelope: "bounce@shop.example", Claimed: true,
	}
	if diff := cmp.Diff(want, in.Sender); diff != "" {
		t.Error(diff)
	}
}

func TestWhoIsMerelyClaimed(t *testing.T) {
	t.Parallel()
	const pass = "Authentication-Results: mx.us; dmarc=pass header.from=shop.example\n"
	trusted := []string{"mx.us"}
	for _, c := range []struct {
		name, mail string
		trusted    []string
		want       bool
	}{
		{"From, nobody is trusted", "From: a@shop.example\n", nil, false},
		{"From, whatever a server says that nobody trusts", "From: a@shop.example\nAuthentication-Results: mx.us; dmarc=fail\n", nil, false},
		{"Reply-To of the same domain", "From: a@shop.example\nReply-To: b@SHOP.example\n", nil, false},
		{"Reply-To of the same domain in letters", "From: a@xn--bcher-kva.example\nReply-To: b@bücher.example\n", nil, false},
		{"Reply-To of another domain", "From: a@shop.example\nReply-To: b@example.com\n", nil, true},
		{"Reply-To of another domain that does not count", "From: a@shop.example\nReply-To: b@example.com, c@example.com\n", nil, false},
		{"a pass", pass + "From: a@shop.example\n", trusted, false},
		{"no word of the trusted server", "From: a@shop.example\n", trusted, true},
		{"a failure", "Authentication-Results: mx.us; dmarc=fail\nFrom: a@shop.example\n", trusted, true},
		{"a pass, but Reply-To of another domain", pass + "From: a@shop.example\nReply-To: b@example.com\n", trusted, true},
	} {
		if got := Parse(crlf(c.mail+"\nHello\n"), Envelope{From: "x@shop.example", AuthservIDs: c.trusted}).Sender.Claimed; got != c.want {
			t.Errorf("%s: claimed %v, want %v", c.name, got, c.want)
		}
	}
}
