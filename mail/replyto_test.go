package mail

import (
	"strings"
	"testing"
)

func TestTheAnswerGoesWhereReplyToSays(t *testing.T) {
	t.Parallel()
	own := func(address string) bool { return address == "support@smarticks.test" }
	for _, c := range []struct{ name, replyTo, want string }{
		{"none", "", "form@shop.example"},
		{"one", "Reply-To: Ann <ann@example.com>\r\n", "ann@example.com"},
		{"our own", "Reply-To: support@smarticks.test\r\n", "form@shop.example"},
		{"several", "Reply-To: a@example.com, b@example.com\r\n", "form@shop.example"},
		{"broken", "Reply-To: nobody\r\n", "form@shop.example"},
	} {
		raw := "From: Shop <form@shop.example>\r\n" + c.replyTo + "Subject: x\r\n\r\nHello\r\n"
		in := Parse([]byte(raw), Envelope{From: "bounce@shop.example", Own: own})
		if in.FromAddress != c.want || in.Machine != "" {
			t.Errorf("%s: from %q, machine %q, want %q", c.name, in.FromAddress, in.Machine, c.want)
		}
		if c.name == "one" && !strings.EqualFold(in.FromName, "Ann") {
			t.Errorf("name %q", in.FromName)
		}
	}
}
