package smtpout

import (
	"strings"
	"testing"
)

func TestTheNameThatARelayGivesAMailIsReadFromItsAnswer(t *testing.T) {
	const ses = "0102019abcdef012-11112222-3333-4444-5555-666677778888-000000"
	for answer, want := range map[string]string{
		"Ok " + ses: ses,
		"Ok: " + ses + "@eu-west-1.amazonses.example.com":                  ses,
		"OK <" + ses + "@mail.example>":                                    ses,
		"Message accepted, id=x, \"" + ses + "\"; bye":                     ses,
		"Requested mail action okay, completed: id=1N7aVZ-1kHq8P3b0z-00Xy": "id=1N7aVZ-1kHq8P3b0z-00Xy",
		"Ok: queued as 4F2A91C3D":                                          "", // anybody can guess so short a name
		"OK":                                                               "",
		"":                                                                 "",
		"thankyouforyourmailwhichwehavetaken":                              "", // a word and no name
		"Ok " + strings.Repeat("a1", 101):                                  "",
		"Ok " + strings.Repeat("x ", 2000) + ses:                           "",
		"Ok 0102019abcdef012\x0011112222333344445555":                      "",
	} {
		if got := relayID(answer); got != want {
			t.Errorf("%.80q names %q, want %q", answer, got, want)
		}
	}
}
