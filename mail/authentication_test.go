package mail

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

func TestOnlyTrustedServersProveWhoWrote(t *testing.T) {
	t.Parallel()
	const (
		pass = conversation.AuthenticationPass
		fail = conversation.AuthenticationFail
		none = conversation.AuthenticationNone
	)
	tests := []struct {
		header string
		want   conversation.Authentication
	}{
		{"Subject: nothing", ""},
		{"Authentication-Results: other.example; dmarc=pass header.from=bank.example", ""},
		{"Authentication-Results: mx.us; dmarc=pass header.from=bank.example", pass},
		{"authentication-results: MX.US 1; dmarc=PASS (p=reject) header.from=bank.example", pass},
		{"Authentication-Results: \"mx.us\"; dmarc = pass header.from = bank.example", pass},
		{"Authentication-Results: mx.us (dmarc=fail; (nested)) ; dmarc=pass", pass},
		{"Authentication-Results: mx.us; dmarc/1=pass", pass},
		{"Authentication-Results: mx.us;\n dkim=none;\n\tdmarc=pass header.from=bank.example", pass},
		{"Authentication-Results: mx.us; none", none},
		{"Authentication-Results: mx.us", none},
		{"Authentication-Results: mx.us; dmarc=fail header.from=bank.example; spf=pass smtp.mailfrom=bank.example", fail},
		{"Authentication-Results: mx.us; dmarc=pass header.from=evil.example", none},
		// Without a result of DMARC.
		{"Authentication-Results: mx.us; spf=pass smtp.mailfrom=bank.example", pass},
		{"Authentication-Results: mx.us; spf=pass smtp.mailfrom=bounce@mail.bank.example", pass},
		{"Authentication-Results: mx.us; spf=pass smtp.mailfrom=evil.example", none},
		{"Authentication-Results: mx.us; spf=pass smtp.helo=bank.example", none},
		{"Authentication-Results: mx.us; spf=softfail smtp.mailfrom=bank.example", fail},
		{"Authentication-Results: mx.us; dkim=pass header.d=bank.example", pass},
		{"Authentication-Results: mx.us; dkim=pass header.i=@news.bank.example header.s=k1", pass},
		{"Authentication-Results: mx.us; dkim=pass header.d=evil.example; dkim=pass header.d=bank.example", pass},
		{"Authentication-Results: mx.us; dkim=pass header.d=evil.example", none},
		{"Authentication-Results: mx.us; dkim=fail header.d=bank.example", fail},
		{"Authentication-Results: mx.us; dkim=pass reason=\"header.d=bank.example\"", none},
		{"Authentication-Results: mx.us; dkim=pass (header.d=bank.example)", none},
		{"Authentication-Results: mx.us; dmarc=none header.from=bank.example; dkim=pass header.d=bank.example", pass},
		{"Authentication-Results: mx.us; iprev=pass policy.iprev=192.0.2.1; auth=pass smtp.auth=ann", none},
		{"Authentication-Results: mx.us; dkim=pass header.d=example", none}, // the whole of a public suffix
		// The topmost count.
		{"Authentication-Results: mx.us; dmarc=fail\nAuthentication-Results: mx.us; dmarc=pass", fail},
		{"Authentication-Results: mx.us; spf=none\nAuthentication-Results: mx.us; dmarc=pass", pass},
		{"Authentication-Results: mx.us; spf=none\nReceived: from evil.example\nAuthentication-Results: mx.us; dmarc=pass", none},
		{"Authentication-Results: mx.us; spf=none\nAuthentication-Results: evil.example; x=y\nAuthentication-Results: mx.us; dmarc=pass", none},
		{"Authentication-Results: evil.example; dmarc=pass\nAuthentication-Results: mx.us; dmarc=fail", fail},
		{"Received: from in.us by store.us\nAuthentication-Results: mx.us; dmarc=pass", pass},
		{"Authentication-Results: =?utf-8?q?mx.us?=; dmarc=pass", ""},
	}
	for _, tt := range tests {
		in := Parse(crlf(tt.header+"\nFrom: Bank <info@bank.example>\n\nHello\n"),
			Envelope{From: "x@evil.example", AuthservIDs: []string{"mx.us"}})
		if got := in.Sender.Authentication; got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.header, got, tt.want)
		}
		if got := Parse(crlf(tt.header+"\nFrom: info@bank.example\n\nHello\n"), Envelope{}).Sender.Authentication; got != "" {
			t.Errorf("%q: %q although nobody is trusted", tt.header, got)
		}
	}
}

func TestOfManyResultsTheFirstAreRead(t *testing.T) {
	t.Parallel()
	if _, results := authResults("mx.us" + strings.Repeat("; dkim=pass header.d=a.b", 8_000)); len(results) != maxAuthResults {
		t.Errorf("%d results", len(results))
	}
	for _, value := range []string{strings.Repeat("(", 200_000), strings.Repeat(" ", 200_000) + "=", "\"" + strings.Repeat("\\", 200_001)} {
		if server, results := authResults(value); len(results) != 0 || server != strings.TrimSpace(value) && len(server) > 100_001 {
			t.Errorf("%.10q: %d results of %.10q", value, len(results), server)
		}
	}
}
