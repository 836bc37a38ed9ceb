package automation

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// rowCase is one condition against facts: name and condition read as a sentence.
type rowCase struct {
	name   string
	row    Condition
	facts  conversation.Facts
	want   Truth
	actual string // a part of the actual value; empty: not looked at
	why    string // a part of why; empty: there must be none
}

func subject(s string) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Conversation.Subject = s }
}
func status(s conversation.Status) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Conversation.Status = s }
}
func state(s conversation.State) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Conversation.State = s }
}
func assignee(id conversation.UserID) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Conversation.AssigneeID = id }
}
func tags(names ...string) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Conversation.Tags = names }
}
func emails(addresses ...string) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Customer.Emails = addresses }
}
func message(text string) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Message = &conversation.Message{Text: text} }
}
func recent(texts ...string) func(*conversation.Facts) {
	return func(f *conversation.Facts) {
		f.Recent = nil
		for _, text := range texts {
			f.Recent = append(f.Recent, conversation.Message{Text: text})
		}
	}
}
func now(t time.Time) func(*conversation.Facts) { return func(f *conversation.Facts) { f.Now = t } }
func first(e *conversation.Event)               { e.First = true }
func from(id string) func(*conversation.Event)  { return func(e *conversation.Event) { e.From = id } }

func cond(field, op string, value any) Condition {
	return Condition{Field: field, Op: op, Value: value}
}

var textRowCases = []rowCase{
	{"a subject is a text in another case", cond("subject", "is", "REFUND please"), facts(), True, "Refund please", ""},
	{"a subject is not a part of it", cond("subject", "is", "refund"), facts(), False, "Refund please", ""},
	{"a subject is not another text", cond("subject", "is_not", "invoice"), facts(), True, "", ""},
	{"a subject is not itself: no", cond("subject", "is_not", "refund PLEASE"), facts(), False, "", ""},
	{"a subject contains a word", cond("subject", "contains", "REFUND"), facts(), True, "", ""},
	{"a subject contains a word that it has not: no", cond("subject", "contains", "refunds"), facts(), False, "", ""},
	{"a subject contains a word with a zero width space in it", cond("subject", "contains", "refund"), facts(subject("Re\u200Bfund")), True,
		"", ""},
	{"a subject contains sharp s as ss", cond("subject", "contains", "STRASSE"), facts(subject("Meine Straße")), True, "", ""},
	{"a subject does not contain a word", cond("subject", "does_not_contain", "invoice"), facts(), True, "", ""},
	{"a subject does not contain a word that it has: no", cond("subject", "does_not_contain", "PLEASE"), facts(), False, "", ""},
	{"a subject starts with a word", cond("subject", "starts_with", "refund"), facts(), True, "", ""},
	{"a subject starts with its second word: no", cond("subject", "starts_with", "please"), facts(), False, "", ""},
	{"a subject ends with a word", cond("subject", "ends_with", "PLEASE"), facts(), True, "", ""},
	{"a subject ends with its first word: no", cond("subject", "ends_with", "refund"), facts(), False, "", ""},
	{"a subject matches a pattern", cond("subject", "matches", `/^refund\s+p/`), facts(), True, "", ""},
	{"a subject matches a pattern without delimiters", cond("subject", "matches", `^refund\s+p`), facts(), True, "", ""},
	{"a subject matches a case-sensitive pattern: no", cond("subject", "matches", `(?-i)refund`), facts(), False, "", ""},
	{"a subject is set", cond("subject", "set", nil), facts(), True, "", ""},
	{"a blank subject is set: no", cond("subject", "set", nil), facts(subject(" \u200B")), False, "", ""},
	{"no subject is not set", cond("subject", "not_set", nil), facts(subject("")), True, "", "it is empty"},
	{"a subject is not set: no", cond("subject", "not_set", nil), facts(), False, "", ""},

	{"any address of the customer is meant", cond("customer_email", "is", "ANN@home.test"), facts(), True, "ann@example.com, ann@home.test",
		""},
	{"an address is a part of one: no", cond("customer_email", "is", "ann"), facts(), False, "", ""},
	{"no address is another", cond("customer_email", "is_not", "bob@example.com"), facts(), True, "", ""},
	{"one of the addresses is it, so is not: no", cond("customer_email", "is_not", "ann@home.test"), facts(), False, "", ""},
	{"an address contains a domain", cond("customer_email", "contains", "@home."), facts(), True, "", ""},
	{"no address contains a domain", cond("customer_email", "does_not_contain", "@corp."), facts(), True, "", ""},
	{"one of the addresses contains it, so does not contain: no", cond("customer_email", "does_not_contain", "home"), facts(), False, "", ""},
	{"an address starts with a name", cond("customer_email", "starts_with", "ann@h"), facts(), True, "", ""},
	{"an address ends with a domain", cond("customer_email", "ends_with", "@HOME.test"), facts(), True, "", ""},
	{"an address matches a pattern", cond("customer_email", "matches", `@home\.test$`), facts(), True, "", ""},
	{"no address contains nothing", cond("customer_email", "contains", "ann"), facts(emails()), False, "", "no address"},
	{"no address does not contain anything", cond("customer_email", "does_not_contain", "ann"), facts(emails()), True, "", "no address"},

	{"the event's message is read, not older ones", cond("body", "contains", "money"), facts(message("Thanks"), recent("money")), False,
		"Thanks", ""},
	{"the event's message contains a text", cond("body", "contains", "money BACK"), facts(message("my money\r\n  back")), True, "", ""},
	{"without a message of the event any recent one may contain it", cond("body", "contains", "money"),
		facts(recent("Thanks", "my money", "Hello")), True, "my money", "number 2"},
	{"no recent message contains it", cond("body", "does_not_contain", "invoice"), facts(recent("Thanks", "my money")), True, "", "last 2"},
	{"one recent message contains it, so does not contain: no", cond("body", "does_not_contain", "money"),
		facts(recent("Thanks", "my money")), False, "my money", "number 2"},
	{"a body matches a pattern over a line end", cond("body", "matches", `/money\s+back/i`), facts(message("MONEY\nback")), True, "", ""},
	{"a body matches at the beginning of a line with the flag m", cond("body", "matches", `/^back/m`), facts(message("money\nback")), True,
		"", ""},
	{"a body matches at the beginning of a line without it: no", cond("body", "matches", `/^back/`), facts(message("money\nback")), False,
		"", ""},
	{"a point matches a line end with the flag s", cond("body", "matches", `/money.back/s`), facts(message("money\nback")), True, "", ""},
	{"without any message a body is unknown", cond("body", "contains", "money"), facts(recent()), Unknown, "", "no customer message"},
	{"without any message it is unknown what a body does not contain", cond("body", "does_not_contain", "money"), facts(recent()), Unknown,
		"", "no customer message"},
	{"a whole body is read, not its first words", cond("body", "contains", "refund"),
		facts(message(strings.Repeat("hello ", 10_000) + "refund")), True, "refund", ""},
	{"a text of 256 KB is read to its end", cond("body", "contains", "end"),
		facts(message(strings.Repeat("x", match.MaxMatchedBytes-3) + "end")), True, "end", ""},
	{"what lies behind 256 KB is not matched", cond("body", "contains", "end"),
		facts(message(strings.Repeat("x", match.MaxMatchedBytes-2) + "end")), Unknown, "", "first 256 KB"},
	{"a character on the 256 KB mark is not cut in two", cond("body", "matches", "\uFFFD"),
		facts(message(strings.Repeat("x", match.MaxMatchedBytes-1) + "ééé")), Unknown, "", "first 256 KB"},
}

var conversationRowCases = []rowCase{
	{"a status is that status", cond("status", "is", "active"), facts(), True, "active", ""},
	{"a status is another: no", cond("status", "is", "closed"), facts(), False, "active", ""},
	{"a status is not another", cond("status", "is_not", "closed"), facts(), True, "", ""},
	{"a status is not itself: no", cond("status", "is_not", "active"), facts(), False, "", ""},
	{"a state is deleted", cond("state", "is", "deleted"), facts(state(conversation.StateDeleted)), True, "deleted", ""},
	{"a state is not deleted", cond("state", "is_not", "deleted"), facts(), True, "published", ""},
	{"the assignee is a user", cond("assignee", "is", "u1"), facts(assignee("u1")), True, "u1", ""},
	{"the assignee is another user: no", cond("assignee", "is", "u1"), facts(assignee("u2")), False, "u2", ""},
	{"nobody is a user: no", cond("assignee", "is", "u1"), facts(), False, "unassigned", ""},
	{"nobody is not a user", cond("assignee", "is_not", "u1"), facts(), True, "unassigned", ""},
	{"nobody is assigned", cond("assignee", "is", "unassigned"), facts(), True, "unassigned", ""},
	{"somebody is assigned, so unassigned: no", cond("assignee", "is", "unassigned"), facts(assignee("u1")), False, "u1", ""},
	{"somebody is assigned", cond("assignee", "is_not", "unassigned"), facts(assignee("u1")), True, "", ""},
	{"nobody is assigned, so somebody: no", cond("assignee", "is_not", "unassigned"), facts(), False, "", ""},
	{"it has any of two tags", cond("tags", "has_any", []any{"refund", "VIP"}), facts(tags("late", "vip")), True, "late, vip", ""},
	{"it has any of two tags: no", cond("tags", "has_any", []any{"refund", "vip"}), facts(tags("late")), False, "", ""},
	{"a single tag needs no list", cond("tags", "has_any", "vip"), facts(), True, "", ""},
	{"a tag is its whole name", cond("tags", "has_any", "vi"), facts(), False, "", ""},
	{"it has all tags", cond("tags", "has_all", []any{"late", "vip"}), facts(tags("late", "other", "vip")), True, "", ""},
	{"it has one of all tags: no", cond("tags", "has_all", []any{"late", "vip"}), facts(tags("vip")), False, "", ""},
	{"it has none of the tags", cond("tags", "has_none", []any{"late", "refund"}), facts(), True, "", ""},
	{"it has one of them, so none: no", cond("tags", "has_none", []any{"late", "vip"}), facts(), False, "", ""},
	{"a part of one tag matches", cond("tags", "matches", "/^V.P$/"), facts(tags("late", "vip")), True, "late, vip", ""},
	{"tags match one by one", cond("tags", "matches", "late.*vip"), facts(tags("late", "vip")), False, "", ""},
	{"no tag matches nothing", cond("tags", "matches", "."), facts(tags()), False, "no tags", ""},
	{"without tags it has none", cond("tags", "has_none", "vip"), facts(tags()), True, "no tags", ""},
	{"without tags it has any: no", cond("tags", "has_any", "vip"), facts(tags()), False, "no tags", ""},
}

func rating(r conversation.Rating) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Conversation.Rating = r }
}

// wroteBack is a message to the customer, of a mailbox that tracks views.
func wroteBack(f *conversation.Facts) { f.Conversation.LastReplyID, f.Mailbox.TrackViews = "r1", true }
func viewed(f *conversation.Facts)    { f.Conversation.LastReplyViewedAt = t0 }
func untracked(f *conversation.Facts) { f.Mailbox.TrackViews = false }

var outsideRowCases = []rowCase{
	{"the rating is great", cond("rating", "is", "great"), facts(rating("great")), True, "great", ""},
	{"the rating is another: no", cond("rating", "is", "great"), facts(rating("okay")), False, "okay", ""},
	{"the rating is not great", cond("rating", "is_not", "great"), facts(rating("not_good")), True, "not_good", ""},
	{"the rating is not itself: no", cond("rating", "is_not", "great"), facts(rating("great")), False, "great", ""},
	{"without a rating it is unknown what it is", cond("rating", "is", "great"), facts(), Unknown, "", "not rated"},
	{"without a rating it is unknown what it is not", cond("rating", "is_not", "great"), facts(), Unknown, "", "not rated"},
	{"it is rated", cond("rating", "rated", nil), facts(rating("okay")), True, "okay", ""},
	{"it is rated: no", cond("rating", "rated", nil), facts(), False, "not rated", ""},
	{"it is not rated", cond("rating", "not_rated", nil), facts(), True, "not rated", ""},
	{"it is not rated: no", cond("rating", "not_rated", nil), facts(rating("okay")), False, "okay", ""},
	{"the customer viewed the last reply", cond("customer_viewed", "is", "yes"), facts(wroteBack, viewed), True, "viewed", ""},
	{"the customer viewed the last reply: no", cond("customer_viewed", "is", "yes"), facts(wroteBack), False, "not viewed", ""},
	{"the customer did not view it", cond("customer_viewed", "is", "no"), facts(wroteBack), True, "not viewed", ""},
	{"the customer did not view it: no", cond("customer_viewed", "is", "no"), facts(wroteBack, viewed), False, "viewed", ""},
	{"nothing was written, so it is unknown", cond("customer_viewed", "is", "no"), facts(), Unknown, "", "nothing was written"},
	{"without tracking it is unknown", cond("customer_viewed", "is", "no"), facts(wroteBack, untracked), Unknown, "", "does not track"},
	{"what was seen stays seen when tracking ends", cond("customer_viewed", "is", "yes"), facts(wroteBack, viewed, untracked), True,
		"viewed", ""},
}

var eventRowCases = []rowCase{
	{"a first message is a new conversation", cond("new_conversation", "", nil), facts(event(conversation.KindCustomerMessage, first)),
		True, "a new conversation began", ""},
	{"a first message by an agent is a new conversation too", cond("new_conversation", "", nil),
		facts(event(conversation.KindAgentReply, first)), True, "", ""},
	{"a reply is a new conversation: no", cond("new_conversation", "", nil), facts(event(conversation.KindCustomerMessage)), False,
		"the customer replied", ""},
	{"time is a new conversation: no", cond("new_conversation", "", nil), facts(), False, "no event", ""},
	{"a customer's reply is one", cond("customer_replied", "", nil), facts(event(conversation.KindCustomerMessage)), True, "", ""},
	{"a first message is a customer's reply: no", cond("customer_replied", "", nil), facts(event(conversation.KindCustomerMessage, first)),
		False, "", ""},
	{"an agent's reply is one", cond("agent_replied", "", nil), facts(event(conversation.KindAgentReply)), True, "", ""},
	{"a workflow's message is an agent's reply: no", cond("agent_replied", "", nil), facts(event(conversation.KindWorkflowMessage)), False,
		"a workflow wrote to the customer", ""},
	{"a customer's reply is an agent's: no", cond("agent_replied", "", nil), facts(event(conversation.KindCustomerMessage)), False, "", ""},
	{"a note is one", cond("note_added", "", nil), facts(event(conversation.KindNoteAdded)), True, "", ""},
	{"a tag is a note: no", cond("note_added", "", nil), facts(event(conversation.KindTagsChanged)), False, "the tags changed", ""},
	{"a move is one", cond("moved_here", "", nil), facts(event(conversation.KindMoved, from("m2"))), True, "", ""},
	{"a move from the mailbox that is named in from", Condition{Field: "moved_here", From: "m2"},
		facts(event(conversation.KindMoved, from("m2"))), True, "", ""},
	{"a move from the mailbox that is named as value", cond("moved_here", "", "m2"), facts(event(conversation.KindMoved, from("m2"))), True,
		"", ""},
	{"a move from another mailbox: no", Condition{Field: "moved_here", From: "m2"}, facts(event(conversation.KindMoved, from("m3"))), False,
		"", ""},
	{"a status change is a move: no", cond("moved_here", "", nil), facts(event(conversation.KindStatusChanged, from("m2"))), False,
		"the status changed", ""},
}

var dateRowCases = []rowCase{
	{"an hour is not longer than an hour and a second", cond("waiting_since", "longer_than", "3601s"), facts(), False,
		"2026-11-23 08:00:00 UTC, 1h0m0s ago", ""},
	{"an hour is longer than an hour: the instant belongs to it", cond("waiting_since", "longer_than", "1h"), facts(), True, "", ""},
	{"a microsecond less is not", cond("waiting_since", "longer_than", "1h"), facts(now(t0.Add(-time.Microsecond))), False, "", ""},
	{"23.5 hours are not 24", cond("waiting_since", "longer_than", "24h"), facts(now(t0.Add(22*time.Hour + 30*time.Minute))), False,
		"23h30m0s ago", ""},
	{"a day is 24 hours", cond("waiting_since", "longer_than", "1d"), facts(now(t0.Add(23 * time.Hour))), True, "", ""},
	{"not longer than two hours", cond("waiting_since", "not_longer_than", "2h"), facts(), True, "", ""},
	{"not longer than an hour, after an hour: no", cond("waiting_since", "not_longer_than", "60m"), facts(), False, "", ""},
	{"nobody waits when we wrote last", cond("waiting_since", "longer_than", "1h"),
		facts(func(f *conversation.Facts) { f.Conversation.WaitingSince = time.Time{} }), Unknown, "", "we wrote last"},
	{"nobody waits when we wrote last, not even for a short time", cond("waiting_since", "not_longer_than", "1h"),
		facts(func(f *conversation.Facts) { f.Conversation.WaitingSince = time.Time{} }), Unknown, "", "we wrote last"},
	{"nobody waits in a closed conversation", cond("waiting_since", "longer_than", "1h"), facts(status(conversation.StatusClosed)), Unknown,
		"", "closed"},
	{"nobody waits in spam", cond("waiting_since", "longer_than", "1h"), facts(status(conversation.StatusSpam)), Unknown, "", "spam"},
	{"a pending conversation may have somebody waiting", cond("waiting_since", "longer_than", "1h"),
		facts(status(conversation.StatusPending)), True, "", ""},
	{"created in the last two hours", cond("created", "in_the_last", "2h"), facts(), True, "1h0m0s ago", ""},
	{"created in the last hour, after an hour: no", cond("created", "in_the_last", "1h"), facts(), False, "", ""},
	{"not created in the last hour, after an hour", cond("created", "not_in_the_last", "1h"), facts(), True, "", ""},
	{"not created in the last two hours: no", cond("created", "not_in_the_last", "2h"), facts(), False, "", ""},
	{"what is to come is unknown", cond("created", "in_the_last", "2h"), facts(now(t0.Add(-2 * time.Hour))), Unknown, "", "still to come"},
	{"the customer wrote in the last two hours", cond("last_customer_reply", "in_the_last", "2h"), facts(), True, "", ""},
	{"the customer has not written in the last half hour", cond("last_customer_reply", "not_in_the_last", "30m"), facts(), True, "", ""},
	{"no agent has replied, so it is unknown when", cond("last_agent_reply", "not_in_the_last", "72h"), facts(), Unknown, "",
		"no agent has replied yet"},
	{"an agent replied in the last minute", cond("last_agent_reply", "in_the_last", "1m"),
		facts(func(f *conversation.Facts) { f.Conversation.LastAgentReplyAt = t0 }), True, "0s ago", ""},
	{"no agent replied in the last minute", cond("last_agent_reply", "not_in_the_last", "1m"),
		facts(func(f *conversation.Facts) { f.Conversation.LastAgentReplyAt = t0.Add(-time.Minute) }), True, "", ""},
}

func allRowCases() []rowCase {
	var all []rowCase
	for _, list := range [][]rowCase{
		textRowCases, bodyRowCases, senderRowCases, reopenedRowCases, customerRowCases, conversationRowCases, countRowCases, messageRowCases,
		outsideRowCases,
		eventRowCases, changedRowCases, dateRowCases, calendarRowCases, folderRowCases,
	} {
		all = append(all, list...)
	}
	return all
}

func TestRows(t *testing.T) {
	t.Parallel()
	for _, c := range allRowCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := compiled(t, definition(c.row)).Evaluate(c.facts)
			got := v.Groups[0].Rows[0]
			if v.Holds != c.want || got.Holds != c.want {
				t.Errorf("%s: %v, want %v (actual %q, %s)", got.Sentence, got.Holds, c.want, got.Actual, got.Why)
			}
			if !strings.Contains(got.Actual, c.actual) || len([]rune(got.Actual)) > actualLength {
				t.Errorf("actual value %q, want %q in it", got.Actual, c.actual)
			}
			if !strings.Contains(got.Why, c.why) || c.why == "" && got.Why != "" {
				t.Errorf("why %q, want %q", got.Why, c.why)
			}
		})
	}
}

func TestEveryFieldAndOperatorHasACase(t *testing.T) {
	t.Parallel()
	for _, f := range allFields() {
		for _, o := range f.ops {
			found := tested(f.name) != nil
			for _, c := range allRowCases() {
				found = found || familiar(c.row.Field) == f.name && c.row.Op == o.name
			}
			if !found {
				t.Errorf("%s %s has no case: give the condition an entry in conditions_test.go", f.name, o.name)
			}
		}
	}
}

// allFields is the catalogue with an example of each family.
func allFields() []field {
	all := append([]field(nil), fields...)
	for _, f := range families {
		if f.prefix == fieldPrefix {
			continue // each type of custom field has its own operators: TestRowsOnCustomFields
		}
		all = append(all, *member(f.example))
	}
	return all
}

// familiar returns the example of the family that a name is of, else the name.
func familiar(name string) string {
	if f, _ := findFamily(name); f != nil {
		return f.example
	}
	return name
}
