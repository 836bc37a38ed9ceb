package conversation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// AutomaticMail is an automatic mail to one recipient, as the limits count it:
// nobody reads an address or a subject from it.
type AutomaticMail struct {
	Recipient string // RecipientKey
	Subject   string // SubjectKey
	At        time.Time
}

// RecipientKey names an address by which automatic mail is counted: one for all
// ways to write it, also with a detail (AddressKeys), and no address. Helpdesks give
// each ticket an address with a detail of its own: what they acknowledge would else
// never reach a limit.
func RecipientKey(address string) string {
	keys := AddressKeys(address)
	return digest("to " + keys[len(keys)-1])
}

// NoticeKey names a user's address by which notices about machines' mail are counted.
func NoticeKey(address string) string { return digest("notice " + AddressKey(address)) }

// SubjectKey names what a subject is about: two that differ in numbers, marks of
// tickets and answers ("[Ticket 17]", "Re:"), case, punctuation or in that one
// repeats itself have the same.
func SubjectKey(subject string) string {
	return digest("about " + strings.Join(subjectWords(subject), " "))
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// maxSubject bounds how much of a subject is looked at, in bytes.
const maxSubject = 1000

// subjectWords lists the words of a subject, each once: without what is in square
// brackets, what holds a digit, and short words before a colon.
func subjectWords(subject string) []string {
	subject = strings.ToLower(subject[:min(len(subject), maxSubject)])
	var words []string
	seen := map[string]bool{}
	for part := range strings.FieldsSeq(withoutBrackets(subject)) {
		if strings.ContainsFunc(part, unicode.IsDigit) {
			continue
		}
		part = strings.ReplaceAll(part, "：", ":")
		for { // "Re:", "AW:Fwd:Hello"
			mark, rest, ok := strings.Cut(part, ":")
			if !ok || len([]rune(mark)) > maxAnswerMark {
				break
			}
			part = rest
		}
		for word := range strings.FieldsFuncSeq(part, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
			if !seen[word] {
				seen[word] = true
				words = append(words, word)
			}
		}
	}
	return words
}

// maxAnswerMark is the length of the longest word that marks an answer: Antw, Odp.
const maxAnswerMark = 5

// withoutBrackets leaves out what is in square brackets.
func withoutBrackets(s string) string {
	var out strings.Builder
	for {
		before, rest, open := strings.Cut(s, "[")
		out.WriteString(before)
		_, after, closed := strings.Cut(rest, "]")
		if !open || !closed {
			out.WriteString(" " + rest)
			return out.String()
		}
		out.WriteString(" ")
		s = after
	}
}

// MailLimit says that automatic mail may not go now, and why.
type MailLimit struct {
	Kind MailLimitKind
	// Recipient is whose limit it is, where the kind is one of a recipient.
	Recipient string
	// Reason says in words which limit was reached.
	Reason string
	// Opens is when the mail may go if nothing else is sent; zero: at no time.
	Opens time.Time
}

// MailLimitKind says which limit forbids a mail.
type MailLimitKind string

// The kinds.
const (
	LimitRecipient    MailLimitKind = "recipient"       // all automatic mail to one address
	LimitConversation MailLimitKind = "conversation"    // automatic mail to the customer about one conversation
	LimitReplies      MailLimitKind = "replies"         // a workflow's own (replies_per_hour)
	LimitNotices      MailLimitKind = "machine_notices" // notices to one user about machines' mail
)

// RecipientLimit reports whether the recipients may get the planned mails now, beside
// those that they got within a day, and if not, which limit says so: the one that
// holds longest.
func (l Limits) RecipientLimit(planned, got []AutomaticMail, now time.Time) (MailLimit, bool) {
	l = l.OrDefault()
	var found MailLimit
	over := false
	for i, m := range planned {
		for _, w := range []struct {
			setting, about string
			most           int
			in             time.Duration
			alike          bool
		}{
			{"mails_per_recipient", "", l.Recipient, RecipientWindow, false},
			{"mails_per_recipient_and_subject", " with this subject", l.RecipientSubject, RecipientWindow, true},
			{"mails_per_recipient_and_day", "", l.RecipientDay, RecipientDay, false},
		} {
			counts := func(o AutomaticMail) bool { return o.Recipient == m.Recipient && (!w.alike || o.Subject == m.Subject) }
			if slices.ContainsFunc(planned[:i], counts) {
				continue // looked at with the first of them
			}
			n := 0
			for _, o := range planned[i:] {
				if counts(o) {
					n++
				}
			}
			opens, full := Room(times(got, counts), n, w.most, w.in, now)
			if !full || over && !later(opens, found.Opens) {
				continue
			}
			over = true
			found = MailLimit{Kind: LimitRecipient, Recipient: m.Recipient, Opens: opens, Reason: fmt.Sprintf(
				"automatic mail%s to one address has reached its limit of %d within %d hours (%s)", w.about, w.most, int(w.in.Hours()), w.setting)}
		}
	}
	return found, over
}

// later reports whether a opens later than b; the zero time is at no time.
func later(a, b time.Time) bool { return !b.IsZero() && (a.IsZero() || a.After(b)) }

// times are those of the mails that count.
func times(mails []AutomaticMail, counts func(AutomaticMail) bool) []time.Time {
	var out []time.Time
	for _, m := range mails {
		if counts(m) {
			out = append(out, m.At)
		}
	}
	return out
}

// Room reports whether n more fit into a window that holds most, beside those at the
// instants, in any order. If not, opens is when they will; zero: at no time.
func Room(at []time.Time, n, most int, in time.Duration, now time.Time) (opens time.Time, full bool) {
	if n > most {
		return time.Time{}, true
	}
	since := now.Add(-in)
	var within []time.Time
	for _, t := range at {
		if t.After(since) {
			within = append(within, t)
		}
	}
	if len(within)+n <= most {
		return time.Time{}, false
	}
	if n == 0 {
		return time.Time{}, false
	}
	slices.SortFunc(within, func(a, b time.Time) int { return b.Compare(a) })
	return within[most-n].Add(in), true
}
