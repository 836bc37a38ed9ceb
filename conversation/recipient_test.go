package conversation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

func TestOneAddressIsOneRecipientHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"ann@example.com", "ANN@Example.COM", " ann@example.com "},
		{"kontakt@bücher.example", "Kontakt@BÜCHER.example", "kontakt@xn--bcher-kva.example"},
	} {
		for _, a := range same {
			if conversation.RecipientKey(a) != conversation.RecipientKey(same[0]) {
				t.Errorf("%q is another recipient than %q", a, same[0])
			}
		}
	}
	if conversation.RecipientKey("ann@example.com") == conversation.RecipientKey("bob@example.com") {
		t.Error("two addresses are one recipient")
	}
	if key := conversation.RecipientKey("ann@example.com"); strings.Contains(key, "ann") || key == conversation.NoticeKey("ann@example.com") {
		t.Errorf("the key %q tells the address, or is that of notices", key)
	}
}

func TestSubjectsThatDifferInNumbersAndMarksAreOne(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{ // two helpdesks that acknowledge each other
			"Re: [Ticket 286607] We have received your request",
			"Re: [Ticket 286608] We have received your request - Re: [Ticket 286607] We have received your request",
			"RE: Fwd: [#99] we have received your request (4711)",
			"We have received your request",
		},
		{"Out of office", "AW: WG: Out of office", "Antw: out of office!", "SV:Re:Fwd: Out of Office (2026-11-24)"},
		{"A7F-22K1: your order", "your order", "Odp: your order 12345"},
		{"回复：你好", "回复: 你好", "你好"},
		{"", "12345", "Re: 17", "[ACME-1]"},
	} {
		for _, s := range same {
			if conversation.SubjectKey(s) != conversation.SubjectKey(same[0]) {
				t.Errorf("%q is about something else than %q", s, same[0])
			}
		}
	}
	for _, differ := range [][2]string{{"Your order", "Your invoice"}, {"Hello", ""}, {"Invoice: late", "Reminder: gone"}, {"你好", "您好"}} {
		if conversation.SubjectKey(differ[0]) == conversation.SubjectKey(differ[1]) {
			t.Errorf("%q and %q are about the same", differ[0], differ[1])
		}
	}
	conversation.SubjectKey(strings.Repeat("[", 1<<20) + strings.Repeat("a:", 1<<20)) // is bounded
}

// The window of a recipient is compared with counting.
func TestRecipientsHaveWindows(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	limits := conversation.Limits{Recipient: 3, RecipientSubject: 2, RecipientDay: 5}
	mail := func(to, about string, ago time.Duration) conversation.AutomaticMail {
		return conversation.AutomaticMail{Recipient: to, Subject: about, At: now.Add(-ago)}
	}
	several := func(n int, to string, every time.Duration) (out []conversation.AutomaticMail) {
		for i := range n {
			out = append(out, mail(to, fmt.Sprint(i), time.Duration(i+1)*every))
		}
		return out
	}
	for name, c := range map[string]struct {
		got, planned []conversation.AutomaticMail
		setting      string // empty: they may go
		opens        time.Duration
	}{
		"nothing went":              {nil, several(1, "a", 0), "", 0},
		"three in three hours":      {several(3, "a", time.Minute), several(1, "a", 0), "mails_per_recipient", 3*time.Hour - 3*time.Minute},
		"three, one just out of it": {several(3, "a", time.Hour), several(1, "a", 0), "", 0},
		"to others":                 {several(9, "b", time.Minute), several(1, "a", 0), "", 0},
		"two with the subject": {[]conversation.AutomaticMail{mail("a", "s", time.Minute), mail("a", "s", time.Hour)},
			[]conversation.AutomaticMail{mail("a", "s", 0)}, "mails_per_recipient_and_subject", 2 * time.Hour},
		"two, and another subject": {[]conversation.AutomaticMail{mail("a", "s", time.Minute), mail("a", "s", time.Hour)},
			[]conversation.AutomaticMail{mail("a", "t", 0)}, "", 0},
		"five in a day": {several(5, "a", 4*time.Hour), several(1, "a", 0), "mails_per_recipient_and_day", 4 * time.Hour},
		"two of one run, room for one": {several(2, "a", time.Minute), []conversation.AutomaticMail{mail("a", "x", 0), mail("a", "y", 0)},
			"mails_per_recipient", 3*time.Hour - 2*time.Minute},
		"more of one run than ever go": {nil, []conversation.AutomaticMail{mail("a", "s", 0), mail("a", "s", 0), mail("a", "s", 0)},
			"mails_per_recipient_and_subject", 0},
		"the one that holds longest": {append(several(3, "a", time.Minute), several(5, "b", 4*time.Hour)...),
			[]conversation.AutomaticMail{mail("a", "x", 0), mail("b", "x", 0)}, "mails_per_recipient_and_day", 4 * time.Hour},
		"one of two recipients is enough": {several(3, "b", time.Minute), []conversation.AutomaticMail{mail("a", "x", 0), mail("b", "x", 0)},
			"mails_per_recipient", 3*time.Hour - 3*time.Minute},
	} {
		l, over := limits.RecipientLimit(c.planned, c.got, now)
		if over != (c.setting != "") || over && !strings.HasSuffix(l.Reason, "("+c.setting+")") {
			t.Errorf("%s: %v %q, want %q", name, over, l.Reason, c.setting)
			continue
		}
		if want := now.Add(c.opens); c.opens > 0 && !l.Opens.Equal(want) || over && c.opens == 0 && !l.Opens.IsZero() {
			t.Errorf("%s: opens at %v, want %v", name, l.Opens, want)
		}
		if !over || l.Opens.IsZero() {
			continue
		}
		// A nanosecond before it opens they may not go, and then they may.
		if _, over := limits.RecipientLimit(c.planned, c.got, l.Opens.Add(-1)); !over {
			t.Errorf("%s: it opens earlier", name)
		}
		if l, over := limits.RecipientLimit(c.planned, c.got, l.Opens); over {
			t.Errorf("%s: it does not open: %s", name, l.Reason)
		}
	}
	if !slices.IsSortedFunc(conversation.MailWindows, func(a, b conversation.MailWindow) int { return int(a.In - b.In) }) {
		t.Error("the widest mail window is not the last")
	}
}
