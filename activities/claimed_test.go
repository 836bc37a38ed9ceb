package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// claims makes a mail one whose writer nothing shows to be who it says to answer, with
// a canary in everything that a writer may choose but the address.
func claims(in *conversation.Incoming) {
	in.FromName, in.Subject, in.Text = "Canary Buy", "CANARY: buy at http://evil.example", "CANARY: buy now"
	in.MessageIDHeader, in.References = "canary."+in.MessageIDHeader, append(in.References, "canary.before@evil.example")
	in.Sender = conversation.Sender{Name: "Mallory", Address: "mallory@evil.example", ReplyTo: []string{in.FromAddress}, Claimed: true}
}

// writesEverything are automatic mails that name all that a customer may have chosen.
func writesEverything(words string) []automation.Action {
	const all = "{%subject%} {%customer.fullName,fallback=you%} {%customer.firstName%} {%customer.lastName%} {%customer.email%} " +
		"{%customer.company%} {%field.Topic%} #{%conversation.number%}"
	return []automation.Action{
		{Do: "reply", Body: words + all}, {Do: "email", Subject: words + "{%subject%}", Body: all},
		{Do: "email", Subject: "Re: {%subject%}", Body: words + all},
	}
}

// Automatic mail to an address that is merely claimed says what we say and nothing
// that the writer chose, whatever sends it.
func TestAutomaticMailToAClaimedAddressCarriesNoStrangersWords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{Recipient: 1000, RecipientSubject: 1000, RecipientDay: 1000})
	maria := h.User("maria", h.support.ID)
	_, err := h.Store.CreateField(t.Context(), access.System(),
		conversation.Field{MailboxID: h.support.ID, Name: "Topic", Type: conversation.FieldText})
	testhouse.Must(t, err)
	h.answersByItself()
	h.workflow(automation.Definition{Name: "first", Conditions: rows(row("new_conversation", "", nil)), Actions: append(
		[]automation.Action{{Do: "set_field", Field: "Topic", Value: "{%subject%}"}}, writesEverything("first ")...)})
	h.workflow(automation.Definition{Name: "tag", Conditions: rows(automation.Condition{Field: "tag_added", Value: "go"}),
		Actions: writesEverything("by a tag ")})
	h.workflow(automation.Definition{Name: "late", Conditions: rows(row("waiting_since", "longer_than", "3h")),
		Actions: writesEverything("by time ")})
	manual := h.workflow(automation.Definition{Name: "by hand", Type: automation.TypeManual, Actions: writesEverything("by hand ")})

	id := h.mail("", "", claims)
	h.advance(id)
	h.run(id, manual.ID, maria)
	h.advance(id)
	tags := []string{"go"}
	_, err = h.Store.ChangeConversation(t.Context(), access.System(), id, conversation.Change{Tags: &tags})
	testhouse.Must(t, err)
	h.advance(id)
	h.Later(4 * time.Hour)
	h.advance(id)
	sent := h.mailTo(id, "ann@example.com")
	all := strings.Join(sent, "\n")
	for _, words := range []string{"Hello there, this is #1.", "first ", "by a tag ", "by time ", "by hand ", "Your message to support",
		" you "} {
		if !strings.Contains(all, words) {
			t.Errorf("no mail has %q: the test does not see it", words)
		}
	}
	for _, mail := range sent {
		if lower := strings.ToLower(mail); strings.Contains(lower, theirs) || strings.Contains(lower, "mallory") ||
			strings.Contains(lower, `"re: `) {
			t.Errorf("a stranger's words go out: %s", mail)
		}
	}

	// What an agent writes in their own name is theirs to judge.
	_, err = h.Store.PostMessage(t.Context(), access.Caller{User: maria}, id,
		conversation.Post{Kind: conversation.MessageReply, Body: "an agent's answer"})
	testhouse.Must(t, err)
	h.advance(id)
	if sent := h.mailTo(id, "ann@example.com"); !strings.Contains(sent[len(sent)-1], "CANARY: buy now") {
		t.Errorf("an agent's answer quotes nothing: %s", sent[len(sent)-1])
	}
}

// Once the customer has written themselves, automatic mail is as ever, but for what
// was merely claimed.
func TestWhoHasWrittenThemselvesIsAnsweredAsEver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "answer", MaxRuns: 9, RepliesPerHour: 9, Conditions: rows(row("customer_replied", "", nil)),
		Actions: []automation.Action{{Do: "reply", Body: "Hello {%customer.firstName,fallback=you%}"}}})
	proven := func(in *conversation.Incoming) { in.MessageIDHeader = "proven." + in.MessageIDHeader }
	answers := func(id conversation.ID) func(*conversation.Incoming) {
		known := h.Column(`SELECT message_id_header FROM messages WHERE conversation_id = $1 AND kind = 'customer'`, id)
		return func(in *conversation.Incoming) { in.InReplyTo = known }
	}
	last := func(id conversation.ID) string {
		t.Helper()
		h.advance(id)
		sent := h.mailTo(id, "ann@example.com")
		if len(sent) == 0 {
			t.Fatal("no mail goes out")
		}
		return sent[len(sent)-1]
	}

	id := h.mail("My order", "it never came", proven)
	h.mail("Re: My order", "where is it?", answers(id), proven)
	if got := last(id); lacks(got, "Hello Ann", "> where is it?", "> it never came", "Re: My order", "proven.") != "" {
		t.Errorf("the customer's own mail: %s", got)
	}
	// Under their own name, without a pass: by another's Reply-To it would be no answer of the customer's.
	h.mail("", "", answers(id), claims, func(in *conversation.Incoming) { in.Sender.Address = in.FromAddress })
	if got := last(id); lacks(got, "Hello you", "Your message to support") != "" || strings.Contains(strings.ToLower(got), theirs) ||
		strings.Contains(got, "never came") {
		t.Errorf("somebody claims to be the customer: %s", got)
	}
	h.mail("Re: My order", "it was not me", answers(id), proven)
	if got := last(id); lacks(got, "Hello Ann", "> it was not me", "> it never came", "Re: My order") != "" ||
		strings.Contains(strings.ToLower(got), theirs) {
		t.Errorf("the customer writes again: %s", got)
	}
}
