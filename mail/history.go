package mail

import (
	"slices"
	"strings"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// maxHistoryBytes bounds the history in a reply.
const maxHistoryBytes = 100 << 10

// History renders what was said to and by the customer as mail programs quote
// it, newest first: "On <date>, <name> wrote:", the date in the zone, and the text behind "> ".
// Notes, forwards and what third parties wrote are left out: the customer was never
// meant to see them. limit is in bytes; zero, or more than 100 KB, means 100 KB. What
// does not fit is left out, with a last line that says so.
func History(messages []conversation.Message, zone *time.Location, limit int) string {
	if limit <= 0 || limit > maxHistoryBytes {
		limit = maxHistoryBytes
	}
	said := slices.DeleteFunc(slices.Clone(messages), func(m conversation.Message) bool { return !m.Kind.WithCustomer() })
	slices.SortStableFunc(said, func(a, b conversation.Message) int { return b.CreatedAt.Compare(a.CreatedAt) })

	const more = "> [earlier text left out]\n"
	var b strings.Builder
	for i, m := range said {
		if i > 0 {
			b.WriteString("\n")
		}
		head := "On " + m.CreatedAt.In(zone).Format("Mon, 2 Jan 2006 at 15:04 MST") + ", " + writer(m) + " wrote:\n"
		if b.Len()+len(head)+len(more) > limit {
			b.WriteString(more)
			break
		}
		b.WriteString(head)
		if !quote(&b, m.Text, limit-len(more)) {
			b.WriteString(more)
			break
		}
	}
	return cutBytes(b.String(), limit)
}

func writer(m conversation.Message) string {
	if from := cutBytes(cleanLine(m.From), 200); from != "" {
		return from
	}
	return string(m.Author.Kind)
}

// quote writes text behind "> " while b is shorter than limit, and tells
// whether all of it fitted.
func quote(b *strings.Builder, text string, limit int) bool {
	for line := range strings.SplitSeq(strings.TrimRight(cleanText(text), "\n "), "\n") {
		quoted := "> " + line + "\n"
		if strings.HasPrefix(line, ">") || line == "" {
			quoted = ">" + line + "\n"
		}
		if b.Len()+len(quoted) > limit {
			return false
		}
		b.WriteString(quoted)
	}
	return true
}

// Forwarded renders a message as mail programs show what is forwarded: its
// headers, then its text. Its time is told in the zone. limit is like that of History.
func Forwarded(m conversation.Message, zone *time.Location, limit int) string {
	if limit <= 0 || limit > maxHistoryBytes {
		limit = maxHistoryBytes
	}
	var b strings.Builder
	b.WriteString("---------- Forwarded message ----------\n")
	for _, field := range []struct{ name, value string }{
		{"From", writer(m)}, {"Date", m.CreatedAt.In(zone).Format("Mon, 2 Jan 2006 at 15:04 MST")}, {"Subject", m.Subject},
		{"To", strings.Join(m.To, ", ")}, {"Cc", strings.Join(m.Cc, ", ")},
	} {
		if value := cutBytes(cleanLine(field.value), 1000); value != "" {
			b.WriteString(field.name + ": " + value + "\n")
		}
	}
	b.WriteString("\n")
	text := cleanText(m.Text)
	const more = "\n[the rest is left out]\n"
	if room := limit - b.Len() - len(more); len(text) > room {
		text = cutBytes(text, max(room, 0)) + more
	}
	b.WriteString(text)
	return b.String()
}
