package activities_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// theirs stands in everything that a third party may choose; case does not count.
const theirs = "canary"

// thirdParty receives a mail of somebody whom we forwarded the conversation to.
func (h *house) thirdParty(id conversation.ID, change ...func(*conversation.Incoming)) {
	h.Helper()
	forwarded := h.Column(`SELECT id::text || '@smarticks.test' FROM deliveries WHERE conversation_id = $1 AND kind = 'forward' ORDER BY
		id`, id)
	var message string
	h.mail("Re: Fwd: CANARY subject", "CANARY: the whole series is faulty", func(in *conversation.Incoming) {
		in.FromName, in.FromAddress, in.EnvelopeFrom = "Canary Sales", "canary@factory.example", "canary@factory.example"
		in.Sender = conversation.Sender{Name: in.FromName, Address: in.FromAddress, Envelope: in.EnvelopeFrom}
		in.MessageIDHeader = "CANARY." + in.MessageIDHeader
		in.InReplyTo, in.References = forwarded, append(slices.Clone(forwarded), "CANARY.before@factory.example")
		for _, c := range change {
			c(in)
		}
		message = in.MessageIDHeader
	})
	_, err := h.Pool.Exec(h.Context(), `WITH m AS (UPDATE messages SET kind = 'third_party' WHERE message_id_header = $1 AND conversation_id
		= $2 RETURNING id)
		UPDATE events SET kind = 'third_party_message' WHERE message_id IN (SELECT id FROM m)`, message, id)
	testhouse.Must(h, err)
}

// mailTo are the mails of a conversation to an address, each as JSON of all that it
// is composed of.
func (h *house) mailTo(id conversation.ID, address string) []string {
	h.Helper()
	var out []string
	for _, d := range h.deliveries(id) {
		if d.Mail == nil || !slices.Contains(slices.Concat(d.Mail.To, d.Mail.Cc, d.Mail.Bcc), address) {
			continue
		}
		var raw strings.Builder
		encoder := json.NewEncoder(&raw)
		encoder.SetEscapeHTML(false)
		testhouse.Must(h, encoder.Encode(d.Mail))
		out = append(out, raw.String())
	}
	return out
}

// A third party's words, ids, name and address are in no mail that goes to the
// customer, whoever writes it and whenever.
func TestAThirdPartysWordsNeverReachTheCustomer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{Recipient: 1000, RecipientSubject: 1000, RecipientDay: 1000})
	maria := h.User("maria", h.support.ID)
	_, err := h.Store.ChangeMailbox(t.Context(), access.System(), h.support.ID, conversation.MailboxChange{
		AutoReply: &conversation.AutoReply{Enabled: true, Subject: "We have it: {%subject%}", Body: "Thank you, {%customer.fullName%}"},
	})
	testhouse.Must(t, err)
	everything := "{%subject%} {%customer.email%} {%customer.fullName%} {%customer.company%} {%conversation.number%} " +
		"{%assignee.fullName%} {%user.fullName%}"
	answers := func(words string) []automation.Action {
		return []automation.Action{
			{Do: "reply", Body: words + everything}, {Do: "email", Subject: words + everything, Body: everything},
			{Do: "forward", To: []string{"canary@factory.example"}, Body: words},
		}
	}
	h.workflow(automation.Definition{Name: "first", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		{Do: "forward", To: []string{"canary@factory.example"}, Body: "is it known?"},
	}})
	h.workflow(automation.Definition{Name: "note", Conditions: rows(row("note_added", "", nil)), MaxRuns: 9, Actions: answers("by a note ")})
	h.workflow(automation.Definition{Name: "again", Conditions: rows(row("customer_replied", "", nil)), MaxRuns: 9,
		Actions: answers("by an answer ")})
	h.workflow(automation.Definition{Name: "tag", Conditions: rows(automation.Condition{Field: "tag_added", Value: "told"}),
		Actions: answers("by a tag ")})
	h.workflow(automation.Definition{Name: "late", Conditions: rows(row("waiting_since", "longer_than", "3h")), Actions: answers("by time ")})
	manual := h.workflow(automation.Definition{Name: "by hand", Type: automation.TypeManual, Actions: answers("by hand ")})
	signed := h.workflow(automation.Definition{Name: "as agent", Type: automation.TypeManual,
		Actions: []automation.Action{{Do: "reply", Body: "signed " + everything, As: "agent"}}})

	id := h.mail("My pump", "it leaks", func(in *conversation.Incoming) { in.MessageIDHeader = "pump@example.com" })
	h.advance(id)
	h.thirdParty(id)
	h.advance(id)
	who := access.Caller{User: maria}
	post := func(kind conversation.MessageKind, body string) {
		t.Helper()
		_, err := h.Store.PostMessage(t.Context(), who, id, conversation.Post{Kind: kind, Body: body})
		testhouse.Must(t, err)
		h.advance(id)
	}
	post(conversation.MessageReply, "an agent's answer")
	post(conversation.MessageNote, "CANARY: a note for us")
	h.thirdParty(id, func(in *conversation.Incoming) { in.Machine = conversation.MachineBounce })
	h.run(id, manual.ID, maria)
	h.run(id, signed.ID, maria)
	h.advance(id)
	h.mail("Re: My pump", "any news?", func(in *conversation.Incoming) { in.InReplyTo = []string{"pump@example.com"} })
	h.advance(id)
	h.thirdParty(id)
	tags := []string{"told"}
	_, err = h.Store.ChangeConversation(t.Context(), who, id, conversation.Change{Tags: &tags})
	testhouse.Must(t, err)
	h.advance(id)
	h.Later(4 * time.Hour)
	h.advance(id)
	post(conversation.MessageReply, "the last answer")

	sent := h.mailTo(id, "ann@example.com")
	all := strings.Join(sent, "\n")
	for _, words := range []string{"We have it: ", "an agent's answer", "by a note ", "by hand ", "signed ", "by an answer ", "by a tag ",
		"by time ", "the last answer"} {
		if !strings.Contains(all, words) {
			t.Errorf("no mail has %q: the test does not see it", words)
		}
	}
	for _, mail := range sent {
		if strings.Contains(strings.ToLower(mail), theirs) {
			t.Errorf("a third party's words reach the customer: %s", mail)
		}
	}
	for _, d := range h.deliveries(id) {
		if d.Kind == "forward" && strings.Contains(strings.ToLower(d.Mail.Text), theirs+":") {
			t.Errorf("a third party's words are forwarded: %s", d.Mail.Text)
		}
	}
}

// Answers belong to the newest mail of the customer's, and to our own newest where
// the customer wrote none.
func TestAnAnswerTakesItsIDsFromTheCustomer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	maria := access.Caller{User: h.User("maria", h.support.ID)}
	h.workflow(automation.Definition{Name: "first", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		{Do: "forward", To: []string{"canary@factory.example"}, Body: "look"}, {Do: "email", Subject: "We look", Body: "soon"},
	}})
	id := h.mail("My pump", "it leaks", func(in *conversation.Incoming) {
		in.MessageIDHeader, in.References = "pump@example.com", []string{"before@example.com"}
	})
	h.advance(id)
	h.thirdParty(id)
	h.advance(id)
	answer := func() []string {
		t.Helper()
		m, err := h.Store.PostMessage(t.Context(), maria, id, conversation.Post{Kind: conversation.MessageReply, Body: "hello"})
		testhouse.Must(t, err)
		h.advance(id)
		return h.Column(`SELECT unnest(ARRAY[payload -> 'mail' ->> 'in_reply_to', payload -> 'mail' ->> 'references']) FROM deliveries
			WHERE conversation_id = $1 AND seq = (SELECT seq FROM events WHERE message_id = $2)`, id, m.ID)
	}
	if got, want := answer(), []string{"pump@example.com", `["before@example.com", "pump@example.com"]`}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	_, err := h.Pool.Exec(t.Context(), `DELETE FROM messages WHERE conversation_id = $1 AND kind = 'customer'`, id)
	testhouse.Must(t, err)
	own := h.Column(`SELECT id::text || '@smarticks.test' FROM deliveries WHERE conversation_id = $1 AND kind = 'email'`, id)
	if got := answer(); got[0] != own[0] {
		t.Errorf("%q, want %q", got, own)
	}
}
