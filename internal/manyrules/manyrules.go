// Package manyrules makes mailboxes with many workflows, and mail for them, for
// measurements: what admins of a large helpdesk write. Most rows name words of their
// own, few of which a message has. The same numbers make the same workflows.
package manyrules

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// syllables make words that look like those of a trade: product names, places.
var syllables = []string{
	"ba", "re", "tor", "mi", "len", "sa", "qu", "or", "dan", "fi", "ka", "lo", "ven", "tu", "pra", "ster",
	"gol", "ni", "xa", "be", "rum", "chi", "do", "wel", "ja", "per", "so", "hu", "gra", "ti", "mon", "el",
}

// common are words that a letter has, and now and then a row too.
var common = strings.Fields(`the order was delivered yesterday but one of items is broken please tell me how I can get my money back because
	we need it before end week thank you for help our team has tried to reach support by phone without success invoice number payment account
	password login subscription shipping address change cancel contract renewal warranty replacement refund customs delay
	parcel tracking office`)

// Word is the i-th word.
func Word(i int) string {
	var b strings.Builder
	for range 3 {
		b.WriteString(syllables[i%len(syllables)])
		i = i/len(syllables) + i%7
	}
	fmt.Fprintf(&b, "%s", syllables[i%len(syllables)])
	return b.String()
}

// words is how many words there are to draw from.
const words = 4000

// Definitions returns n workflows of four rows: all of which must hold, or two
// and one of two, or one of two and one of two. Of seven kinds of row each is as
// frequent; with patterns one kind is a regular expression on the body, one in six
// of them without any literal, else a part of the body.
func Definitions(n int, patterns bool) []automation.Definition {
	r := rand.New(rand.NewPCG(7, 11))
	list := make([]automation.Definition, n)
	for i := range list {
		d := automation.Definition{
			Name: fmt.Sprintf("Workflow %d", i), Type: automation.TypeAutomatic, MaxRuns: 1,
			Actions: []automation.Action{{Do: automation.DoAddTags, Tags: []string{Word(i)}}},
		}
		rows := make([]automation.Condition, 4)
		for j := range rows {
			rows[j] = row(r, patterns)
		}
		switch i % 3 {
		case 0:
			d.Conditions = groups(rows[:1], rows[1:2], rows[2:3], rows[3:])
		case 1:
			d.Conditions = groups(rows[:1], rows[1:2], rows[2:])
		default:
			d.Conditions = groups(rows[:2], rows[2:])
		}
		list[i] = d
	}
	return list
}

func groups(list ...[]automation.Condition) []automation.Group {
	out := make([]automation.Group, len(list))
	for i, rows := range list {
		out[i].Any = rows
	}
	return out
}

// row draws one row.
func row(r *rand.Rand, patterns bool) automation.Condition {
	word := Word(r.IntN(words))
	switch r.IntN(7) {
	case 0:
		return automation.Condition{Field: "subject", Op: "contains", Value: word}
	case 1:
		return automation.Condition{Field: "body", Op: "contains", Value: word}
	case 2:
		return automation.Condition{Field: "customer_email", Op: "ends_with", Value: "@" + word + ".example"}
	case 3:
		return automation.Condition{Field: "tags", Op: "has_any", Value: []any{word, Word(r.IntN(words))}}
	case 4:
		return automation.Condition{Field: "tags", Op: "has_none", Value: []any{word}}
	case 5:
		status := conversation.Statuses[r.IntN(len(conversation.Statuses))]
		return automation.Condition{Field: "status", Op: "is", Value: string(status)}
	default:
		if !patterns {
			return automation.Condition{Field: "body", Op: "contains", Value: word + " " + common[r.IntN(len(common))]}
		}
		return automation.Condition{Field: "body", Op: "matches", Value: pattern(r, word)}
	}
}

// pattern draws a regular expression as admins write them.
func pattern(r *rand.Rand, word string) string {
	switch r.IntN(6) {
	case 0:
		return fmt.Sprintf(`\b\d{%d}-\d{%d}-\d{%d}\b`, 2+r.IntN(4), 2+r.IntN(4), 2+r.IntN(4))
	case 1:
		return fmt.Sprintf(`\b%s(s|ed|ing)?\b`, word)
	case 2:
		return fmt.Sprintf(`%s\s*(#|no\.?|number)?\s*\d{4,}`, word)
	case 3:
		return fmt.Sprintf(`(%s|%s)\b.{0,40}\b(not|never|wrong)\b`, word, Word(r.IntN(words)))
	case 4:
		return fmt.Sprintf(`(?m)^\s*%s\b`, word)
	default:
		return fmt.Sprintf(`%s\s+%s`, word, common[r.IntN(len(common))])
	}
}

// Facts are those of the i-th new mail, whose text has so many bytes.
func Facts(i, bytes int) conversation.Facts {
	r := rand.New(rand.NewPCG(uint64(i), 5))
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	c := conversation.Conversation{
		ID: "c1", MailboxID: "m1", Status: conversation.StatusActive, State: conversation.StatePublished,
		Subject: Text(r, 60), Tags: []string{Word(r.IntN(words)), Word(r.IntN(words)), "vip", "newsletter"},
		CreatedAt: now, WaitingSince: now, LastCustomerReplyAt: now,
	}
	return conversation.Facts{
		Now: now, Conversation: c, Mailbox: conversation.Mailbox{ID: "m1"},
		Customer: conversation.Customer{Emails: []string{"ann@" + Word(r.IntN(words)) + ".example"}},
		Event:    &conversation.Event{Seq: 1, Kind: conversation.KindCustomerMessage, MailboxID: "m1", First: true},
		Message:  &conversation.Message{Kind: conversation.MessageCustomer, Text: Text(r, bytes)},
	}
}

// Text is a letter of so many bytes: common words, and one in forty of those
// that rows name.
func Text(r *rand.Rand, bytes int) string {
	var b strings.Builder
	for b.Len() < bytes {
		switch r.IntN(40) {
		case 0:
			b.WriteString(Word(r.IntN(words)))
		case 1:
			fmt.Fprintf(&b, "%d.\n", r.IntN(100_000))
		default:
			b.WriteString(common[r.IntN(len(common))])
		}
		b.WriteByte(' ')
	}
	return b.String()[:bytes]
}

// Hostile returns n workflows whose patterns cost as much as a pattern may: no
// literal that a text could lack, and nearly as many steps as are taken.
func Hostile(n int) []automation.Definition {
	list := make([]automation.Definition, n)
	for i := range list {
		list[i] = automation.Definition{
			Name: fmt.Sprintf("Hostile %d", i), Type: automation.TypeAutomatic, MaxRuns: 1, Actions: []automation.Action{{Do: automation.DoStop}},
			Conditions: groups([]automation.Condition{{Field: "body", Op: "matches",
				Value: fmt.Sprintf(`(\w+\s+){20,%d}[0-%d]{2}_`, 40+i%30, 1+i%9)}}),
		}
	}
	return list
}
