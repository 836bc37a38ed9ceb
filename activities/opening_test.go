package activities_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/store"
)

// openAs makes a conversation as the API does.
func (h *house) openAs(who access.Caller, in conversation.Opening) conversation.Record {
	h.Helper()
	in.MailboxID = h.support.ID
	if in.Type == "" {
		in.Type = conversation.TypeAPI
	}
	r, err := h.Store.OpenConversation(h.Context(), who, in)
	testhouse.Must(h, err)
	return r
}

// rebuilt compares the row with what its events make of it.
func (h *house) rebuilt(name string, id conversation.ID) {
	h.Helper()
	want := h.Conversation(id)
	var got conversation.Conversation
	testhouse.Must(h, h.Store.LookBack(h.Context(), access.System(), id, "", func(_ context.Context, p store.Past) error {
		told := p.Told()
		got, _ = conversation.AsOf(told.Now, told.Events, told.Messages, want.LastSeq)
		return nil
	}))
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(got, "HandledSeq")); d != "" {
		h.Errorf("%s (-row +of its events):\n%s", name, d)
	}
}

// TestAConversationBeginsWithWhatItIsGiven looks at the first message with workflows on
// all that a conversation can be given: none may come too late, and no change is told.
func TestAConversationBeginsWithWhatItIsGiven(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	maria := h.User("maria", h.support.ID)
	for _, f := range []conversation.Field{
		{MailboxID: h.support.ID, Name: "Priority", Label: "Priority", Type: conversation.FieldDropdown, Options: []string{"Low", "High"}},
		{MailboxID: h.support.ID, Name: "Seats", Label: "Seats", Type: conversation.FieldNumber},
	} {
		_, err := h.Store.CreateField(t.Context(), access.System(), f)
		testhouse.Must(t, err)
	}
	began := row("new_conversation", "", nil)
	for name, c := range map[string]automation.Condition{
		"field": row("field.Priority", "is", "High"), "number": row("field.Seats", "at_least", 5), "tag": row("tags", "has_any", "vip"),
		"status": row("status", "is", "pending"), "assignee": row("assignee", "is", string(maria.ID)),
	} {
		h.workflow(automation.Definition{Name: name, Conditions: rows(began, c), Actions: []automation.Action{tag("saw-" + name)}})
	}
	given := conversation.Opening{CustomerEmail: "ann@example.com", Body: "x", Tags: []string{" VIP ", "b"},
		Fields: map[string]string{"priority": "High", "Seats": "7"},
		Status: conversation.StatusPending, Assignee: "Maria@smarticks.test"}
	r := h.openAs(access.System(), given)
	if r.Status != conversation.StatusPending || r.AssigneeID != maria.ID || !slices.Equal(r.Tags, []string{"b", "vip"}) ||
		r.Fields["Priority"] != "High" || r.LastSeq != 1 {
		t.Errorf("it began as %+v", r.Conversation)
	}
	h.rebuilt("given all", r.ID)
	h.advance(r.ID)
	if got := h.Conversation(r.ID).Tags; len(got) != 7 {
		t.Errorf("workflows saw %v", got)
	}
	h.rebuilt("handled", r.ID)

	// Without any of it, none of them runs.
	bare := h.openAs(access.System(), conversation.Opening{CustomerEmail: "ann@example.com", Body: "x"})
	h.advance(bare.ID)
	if got := h.Conversation(bare.ID); len(got.Tags) > 0 || got.WaitingSince.IsZero() {
		t.Errorf("a bare one: %+v", got)
	}
	closed := h.openAs(access.System(), conversation.Opening{CustomerEmail: "ann@example.com", Body: "x", Status: conversation.StatusClosed})
	if !closed.WaitingSince.IsZero() || closed.ClosedAt.IsZero() {
		t.Errorf("one that begins closed: waits since %v, closed at %v", closed.WaitingSince, closed.ClosedAt)
	}
	h.rebuilt("closed", closed.ID)
	for path, bad := range map[string]conversation.Opening{
		"fields.Nothing":  {Fields: map[string]string{"Nothing": "x"}},
		"fields.Priority": {Fields: map[string]string{"Priority": "Medium"}},
		"assignee_id":     {Assignee: "nobody@smarticks.test"},
		"tags[1]":         {Tags: []string{"a", strings.Repeat("x", 101)}},
		"status":          {Status: "open"},
		"imported":        {CreatedAt: time.Now().Add(-time.Hour)},
	} {
		bad.MailboxID, bad.Type, bad.CustomerEmail, bad.Body = h.support.ID, conversation.TypeAPI, "ann@example.com", "x"
		if _, err := h.Store.OpenConversation(t.Context(), access.System(), bad); !strings.Contains(fmt.Sprint(err), "; "+path+": ") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestWhatAnAgentBeganIsTheirs looks at conversations that a user started, in every
// type: the customer has written nothing.
func TestWhatAnAgentBeganIsTheirs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	maria := h.User("maria", h.support.ID)
	h.workflow(automation.Definition{Name: "answer", Conditions: rows(row("waiting_since", "longer_than", "1m")),
		Actions: []automation.Action{{Do: automation.DoReply, Body: "Please wait."}}})
	h.workflow(automation.Definition{Name: "email", Conditions: rows(row("new_conversation", "", nil), row("started_by", "is", "user")),
		Actions: []automation.Action{{Do: automation.DoEmail, Subject: "Your call", Body: "Thank you."}, tag("seen")}})
	who := access.Caller{User: maria}
	for _, c := range []struct {
		kind        conversation.Type
		email, name string
		message     conversation.MessageKind
		mails       int // the agent's own and the workflow's
	}{
		{conversation.TypeEmail, "ann@example.com", "", conversation.MessageReply, 2},
		{conversation.TypePhone, "bob@example.com", "Bob", conversation.MessageNote, 1},
		{conversation.TypePhone, "", "Carl", conversation.MessageNote, 0},
		{conversation.TypeChat, "", "Dora", conversation.MessageNote, 0},
		{conversation.TypeAPI, "eve@example.com", "", conversation.MessageNote, 1},
	} {
		name := fmt.Sprintf("%s to %q", c.kind, c.email)
		r := h.openAs(who, conversation.Opening{Type: c.kind, CustomerEmail: c.email, CustomerName: c.name, CustomerPhone: "+49 30 1",
			StartedBy: conversation.ActorUser, Body: "I called."})
		h.advance(r.ID)
		if got := h.Column(`SELECT kind || ' ' || author_kind || ' ' || author_id FROM messages WHERE conversation_id = $1 ORDER BY id LIMIT
			1`, r.ID)[0]; got != string(c.message)+" user "+string(maria.ID) {
			t.Errorf("%s: the message is a %s", name, got)
		}
		got := h.Conversation(r.ID)
		if !got.WaitingSince.IsZero() || !got.LastCustomerReplyAt.IsZero() || got.CustomerReplies != 0 ||
			!slices.Equal(got.Tags, []string{"seen"}) {
			t.Errorf("%s: %+v", name, got)
		}
		if n := len(h.deliveries(r.ID)); n != c.mails {
			t.Errorf("%s: %d mails, want %d", name, n, c.mails)
		}
		if skipped := h.Column(`SELECT a.reason FROM run_actions a JOIN runs r ON r.id = a.run_id WHERE r.conversation_id = $1 AND a.state =
			'skipped'`, r.ID); (len(skipped) == 1) != (c.email == "") ||
			len(skipped) == 1 && skipped[0] != "the customer has no address" {
			t.Errorf("%s: skipped with %v", name, skipped)
		}
		h.rebuilt(name, r.ID)
	}
	h.Later(time.Hour)
	for _, id := range h.Column(`SELECT id::text FROM conversations`) {
		h.advance(conversation.ID(id))
	}
	if got := h.Column(`SELECT name FROM runs WHERE name = 'answer'`); len(got) > 0 {
		t.Errorf("somebody was held to wait: %v", got)
	}
	// Whom nobody can name, and mail to nobody.
	for _, bad := range []conversation.Opening{{Type: conversation.TypePhone}, {Type: conversation.TypeEmail, CustomerName: "Ann"}} {
		bad.MailboxID, bad.Body = h.support.ID, "x"
		if _, err := h.Store.OpenConversation(t.Context(), who, bad); err == nil {
			t.Errorf("%+v was made", bad)
		}
	}
}

// TestWhatIsBroughtOverLeavesNobodyWaiting imports conversations of long ago into a
// mailbox that answers, deletes, mails and times everything.
func TestWhatIsBroughtOverLeavesNobodyWaiting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	maria := h.User("maria", h.support.ID)
	_, err := h.Store.CreateEndpoint(t.Context(), access.System(),
		conversation.Endpoint{Name: "ERP", URL: "https://erp.example/x", Enabled: true,
			Events: []string{"conversation.created", "customer.created"}})
	testhouse.Must(t, err)
	began := row("new_conversation", "", nil)
	for name, d := range map[string]automation.Definition{
		"reply":   {Conditions: rows(began), Actions: []automation.Action{{Do: automation.DoReply, Body: "Thank you."}}},
		"delete":  {Conditions: rows(row("imported", "is", "yes")), Actions: []automation.Action{{Do: automation.DoDelete}}},
		"old":     {Conditions: rows(row("created", "not_in_the_last", "1d")), Actions: []automation.Action{tag("old")}},
		"waiting": {Conditions: rows(row("waiting_since", "longer_than", "1m")), Actions: []automation.Action{tag("late")}},
		"agent": {Conditions: rows(row("agent_replied", "", nil)),
			Actions: []automation.Action{{Do: automation.DoNotify, To: []string{"all_users"}, Body: "x"}}},
	} {
		d.Name = name
		h.workflow(d)
	}
	long := time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)
	message := func(kind conversation.MessageKind, author string, hours int) conversation.OpeningMessage {
		return conversation.OpeningMessage{Kind: kind, Author: author, Body: "words", At: long.Add(time.Duration(hours) * time.Hour)}
	}
	thread := []conversation.OpeningMessage{message("customer", "", 0), message("reply", "maria@smarticks.test", 1),
		message("note", string(maria.ID), 2),
		message("reply", "", 3), message("customer", "", 4)}
	for name, in := range map[string]conversation.Opening{
		"one message": {CustomerEmail: "a@example.com", Body: "x", CreatedAt: long},
		"open":        {CustomerEmail: "b@example.com", Messages: thread},
		"closed": {CustomerEmail: "c@example.com", Messages: thread, Status: conversation.StatusClosed,
			ClosedAt: long.Add(30 * time.Hour)},
		"pending": {CustomerEmail: "d@example.com", Messages: thread, Status: conversation.StatusPending,
			Assignee: "maria@smarticks.test", Tags: []string{"old"}},
		"spam":          {CustomerEmail: "e@example.com", Messages: thread[:1], Status: conversation.StatusSpam},
		"by an agent":   {CustomerEmail: "f@example.com", Messages: thread[1:], StartedBy: conversation.ActorUser},
		"of a call":     {CustomerName: "Gus", CustomerPhone: "+49 30 1", Type: conversation.TypePhone, Messages: thread[2:3]},
		"without times": {CustomerEmail: "h@example.com", Body: "x"},
	} {
		in.Imported = true
		r := h.openAs(access.System(), in)
		if woken := h.Column(`SELECT id FROM outbox WHERE conversation_id IS NOT NULL`); len(woken) > 0 {
			t.Errorf("%s: %d rings", name, len(woken)) // without one nobody handles it
		}
		h.Later(48 * time.Hour)
		if name != "without times" { // should somebody wake all the same
			h.advance(r.ID)
		}
		got := h.Conversation(r.ID)
		want := max(len(in.Messages), 1)
		if got.Messages != want || int(got.LastSeq) != want || got.HandledSeq != got.LastSeq || !got.WaitingSince.IsZero() ||
			got.State != conversation.StatePublished {
			t.Errorf("%s: %+v", name, got)
		}
		if name != "without times" && got.CreatedAt.Year() != 2024 {
			t.Errorf("%s: it was created at %v", name, got.CreatedAt)
		}
		if len(in.Messages) > 0 {
			if stamps := h.Column(`SELECT created_at FROM messages WHERE conversation_id = $1 ORDER BY id DESC LIMIT 1`,
				r.ID); !strings.HasPrefix(stamps[0], "2024-03-01") || got.UpdatedAt.Year() != 2024 {
				t.Errorf("%s: the last message is of %s, changed at %v", name, stamps[0], got.UpdatedAt)
			}
		}
		if in.Status != "" && got.Status != in.Status {
			t.Errorf("%s: the status is %s", name, got.Status)
		}
		h.rebuilt(name, r.ID)
	}
	for table, n := range map[string]string{"runs": "", "deliveries": "", "outbox WHERE conversation_id IS NOT NULL": "",
		"conversations WHERE next_due IS NOT NULL": ""} {
		if got := h.Column(`SELECT count(*) FROM ` + table)[0]; got != "0" {
			t.Errorf("%s%s of %s", n, got, table)
		}
	}
	if got := h.Column(`SELECT closed_at FROM conversations WHERE status = 'closed'`); len(got) != 1 ||
		!strings.HasPrefix(got[0], "2024-03-02 15:00") {
		t.Errorf("closed at %v", got)
	}
	// What happens to them from now on counts.
	id := conversation.ID(h.Column(`SELECT c.id::text FROM conversations c JOIN customers u ON u.id = c.customer_id WHERE u.emails[1] =
		'c@example.com'`)[0])
	_, err = h.Store.PostMessage(t.Context(), access.System(), id, conversation.Post{Kind: conversation.MessageCustomer, Body: "again"})
	testhouse.Must(t, err)
	if got := h.Conversation(id); got.Status != conversation.StatusActive || got.WaitingSince.IsZero() {
		t.Errorf("after an answer: %+v", got)
	}
	for path, bad := range map[string]conversation.Opening{
		"created_at":             {Body: "x", CreatedAt: time.Now().Add(48 * 24 * time.Hour)},
		"messages[0].created_at": {Messages: thread[:1], CreatedAt: long.Add(time.Hour)},
		"messages[1].created_at": {Messages: []conversation.OpeningMessage{thread[1], thread[0]}},
		"messages[0].kind":       {Messages: []conversation.OpeningMessage{message("forward", "", 0)}},
		"messages[0].author":     {Messages: []conversation.OpeningMessage{message("reply", "gone@smarticks.test", 0)}},
		"closed_at":              {Body: "x", ClosedAt: long},
		"body":                   {Body: "x", Messages: thread},
	} {
		bad.MailboxID, bad.Type, bad.CustomerEmail, bad.Imported = h.support.ID, conversation.TypeAPI, "ann@example.com", true
		if _, err := h.Store.OpenConversation(t.Context(), access.System(), bad); !strings.Contains(fmt.Sprint(err), "; "+path+": ") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
