package activities_test

import (
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// Whether a workflow runs must not hang on how soon the event has its turn: each case
// is tried with the change handled together with the mail, and after it.
func TestConditionsSeeTheConversationAsTheEventLeftIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	testhouse.Must(t, second(h.Store.CreateField(t.Context(), access.System(),
		conversation.Field{MailboxID: h.support.ID, Name: "Priority", Type: conversation.FieldText})))
	change := func(ch conversation.Change) func(conversation.ID) error {
		return func(id conversation.ID) error {
			return second(h.Store.ChangeConversation(t.Context(), access.System(), id, ch))
		}
	}
	status := func(s conversation.Status) func(conversation.ID) error {
		return change(conversation.Change{Status: &s})
	}
	priority := func(id conversation.ID) error {
		return change(conversation.Change{Fields: map[string]string{"Priority": "High"}})(id)
	}
	answered := func(kind conversation.MessageKind) func(conversation.ID) error {
		return func(id conversation.ID) error {
			return second(h.Store.PostMessage(t.Context(), access.System(), id, conversation.Post{Kind: kind, Body: "words"}))
		}
	}
	subject, tags := "Other", []string{"late"}
	cases := []struct {
		name   string
		row    automation.Condition
		change func(conversation.ID) error
		want   bool
	}{
		{"a field that came after", row("field.Priority", "is", "High"), priority, false},
		{"a field that was not set", row("field.Priority", "not_set", nil), priority, true},
		{"a status that came after", row("status", "is", "closed"), status(conversation.StatusClosed), false},
		{"the status that it had", row("status", "is", "active"), status(conversation.StatusClosed), true},
		{"a tag that came after", row("tags", "has_any", []any{"late"}), change(conversation.Change{Tags: &tags}), false},
		{"no tag yet", row("tags", "has_none", []any{"late"}), change(conversation.Change{Tags: &tags}), true},
		{"a subject that came after", row("subject", "is", "Other"), change(conversation.Change{Subject: &subject}), false},
		{"nobody had answered", row("message_count", "is", 1.0), answered(conversation.MessageReply), true},
		{"somebody waited", row("waiting_since", "not_longer_than", "1h"), answered(conversation.MessageReply), true},
		{"no agent had replied", row("last_agent_reply", "in_the_last", "1h"), answered(conversation.MessageReply), false},
		{"the customer had written once", row("customer_reply_count", "is", 0.0), answered(conversation.MessageCustomer), true},
		{"a note that came after", row("note_body", "contains", "words"), answered(conversation.MessageNote), false},
		{"nothing was closed yet", row("closed", "in_the_last", "1h"), status(conversation.StatusClosed), false},
	}
	for i, c := range cases {
		for _, at := range []string{"together", "apart"} {
			name := c.name + ", " + at
			// Each has a word of its own: the others look at other conversations.
			word := "w" + string(rune('a'+i)) + at
			h.workflow(automation.Definition{
				Name: name, Conditions: rows(row("new_conversation", "", nil), row("body", "contains", word), c.row),
				Actions: []automation.Action{{Do: automation.DoNote, Body: "seen"}},
			})
			id := h.mail("Hello", word)
			if at == "apart" {
				h.advance(id)
			}
			testhouse.Must(t, c.change(id))
			h.advance(id)
			if ran := len(h.did(id)) > 0; ran != c.want {
				t.Errorf("%s: it ran: %v", name, ran)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }
