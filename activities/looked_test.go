package activities_test

import (
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/explain"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// richMail has header fields, a copy and files.
func richMail(in *conversation.Incoming) {
	in.To, in.Cc = []string{"support@smarticks.test", "sales@smarticks.test"}, []string{"boss@example.com"}
	in.Headers = []conversation.Header{{Name: "X-Spam-Flag", Value: "YES"}, {Name: "Subject", Value: "Hello"}}
	in.Attachments = []conversation.Attachment{{Name: "invoice.pdf", ContentType: "application/pdf", Size: 3, Content: []byte("pdf")}}
}

func TestRowsLookAtWhatTheMailHas(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, r := range map[string]automation.Condition{
		"1 header": row("header.x-spam-flag", "is", "yes"), "2 headers": row("headers", "contains", "X-Spam-Flag: yes"),
		"3 to": row("to", "is", "Sales <sales@smarticks.test>"), "4 cc": row("cc", "ends_with", "@example.com"),
		"5 file": row("attachment", "has", nil), "6 name": row("attachment_name", "is", "invoice.pdf"),
		"7 count":   row("attachment_count", "is", 1.0),
		"8 channel": row("channel", "is", "email"), "9 imported": row("imported", "is", "no"),
	} {
		h.workflow(automation.Definition{Name: name, Conditions: rows(row("customer_replied", "", nil), r),
			Actions: []automation.Action{tag(name)}})
	}
	id := h.mail("Hello", "")
	h.advance(id)
	if tags := h.Conversation(id).Tags; len(tags) > 0 {
		t.Fatalf("a plain first mail: %v", tags)
	}
	h.replyWith(id, richMail)
	h.advance(id)
	if tags := h.Conversation(id).Tags; len(tags) != 9 {
		t.Errorf("of nine rows these hold: %v", tags)
	}
}

// replyWith is a customer's answer with more than a text.
func (h *house) replyWith(id conversation.ID, change func(*conversation.Incoming)) {
	h.Helper()
	header := h.Column(`SELECT message_id_header FROM messages WHERE conversation_id = $1 AND message_id_header <> '' ORDER BY created_at
		LIMIT 1`, id)
	h.mail("Re: it", "with more", func(in *conversation.Incoming) { in.InReplyTo = header }, change)
}

func TestTimeLooksAtTheRecentMessages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	hour := row("created", "not_in_the_last", "1h")
	for name, r := range map[string]automation.Condition{
		"1 header": row("header.X-Spam-Flag", "set", nil), "2 name": row("attachment_name", "contains", "invoice"),
		"3 count": row("attachment_count", "at_least", 2.0), "4 no name": row("attachment_name", "does_not_contain", "invoice"),
		"5 to": row("to", "is", "ann@example.com"), "6 note": row("note_body", "contains", "careful"),
	} {
		h.workflow(automation.Definition{Name: name, Conditions: rows(hour, r), Actions: []automation.Action{tag(name)}})
	}
	id := h.mail("Hello", "", richMail)
	h.replyWith(id, richMail)
	_, err := h.Store.PostMessage(t.Context(), access.System(), id, conversation.Post{Kind: conversation.MessageReply, Body: "One moment"})
	testhouse.Must(t, err)
	_, err = h.Store.PostMessage(t.Context(), access.System(), id, conversation.Post{Kind: conversation.MessageNote, Body: "Be careful"})
	testhouse.Must(t, err)
	h.advance(id)
	if tags := h.Conversation(id).Tags; len(tags) > 0 {
		t.Fatalf("before the hour is over: %v", tags)
	}
	h.Later(time.Hour)
	h.advance(id)
	if tags := h.Conversation(id).Tags; len(tags) != 5 || tags[3] != "5 to" {
		t.Errorf("all but the fourth: %v", tags)
	}
}

func TestALaterWorkflowSeesTheNoteAndTheMailOfAnEarlierOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	fresh := row("new_conversation", "", nil)
	for _, d := range []automation.Definition{
		// The first row makes that notes and the last message are read before there are any.
		{Name: "early", Conditions: rows(fresh, row("note_body", "contains", "checked")), Actions: []automation.Action{tag("early")}},
		{Name: "note", Conditions: rows(fresh), Actions: []automation.Action{{Do: "note", Body: "checked it"}, {Do: "reply", Body: "Hello"}}},
		{Name: "late", Conditions: rows(fresh, row("note_body", "contains", "checked")), Actions: []automation.Action{tag("late")}},
		{Name: "on the note", Conditions: rows(row("note_added", "", nil), row("to", "is", "ann@example.com")),
			Actions: []automation.Action{tag("to-ann")}},
	} {
		h.workflow(d)
	}
	id := h.mail("Hello", "")
	h.advance(id)
	if tags := h.Conversation(id).Tags; len(tags) != 2 || tags[0] != "late" || tags[1] != "to-ann" {
		t.Errorf("tags %v", tags)
	}
}

func TestAnExplanationLooksAtTheSame(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.workflow(automation.Definition{Name: "all", Conditions: rows(
		row("header.X-Spam-Flag", "is", "yes"), row("to", "contains", "sales@"), row("attachment_count", "is", 1.0),
		row("note_body", "contains", "x"),
	), Actions: []automation.Action{tag("all")}})
	id := h.mail("Hello", "", richMail)
	h.advance(id)
	q, err := h.Store.Inquire(t.Context(), access.System(), id, r.ID)
	testhouse.Must(t, err)
	groups := explain.Explain(q).Verdict.Groups
	for i, want := range []automation.Truth{automation.True, automation.True, automation.True, automation.Unknown} {
		if groups[i].Holds != want {
			t.Errorf("%+v, want %v", groups[i].Rows[0], want)
		}
	}
}
