package activities_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/mail"
)

// once lets a workflow with the actions run on a new conversation, and returns
// it with what became of the actions.
func (h *house) once(subject string, actions ...automation.Action) (conversation.ID, []string) {
	h.Helper()
	h.workflow(automation.Definition{Name: "it", Conditions: rows(row("new_conversation", "", nil)), Actions: actions})
	id := h.mail(subject, "The text", func(in *conversation.Incoming) {
		in.Attachments = []conversation.Attachment{{Name: "rechnung.pdf", ContentType: "application/pdf", Size: 4, Content: []byte("%PDF")}}
		in.Cc = []string{"cc@example.com"}
	})
	h.advance(id)
	return id, strings.Fields(h.did(id)[0])[2:]
}

func TestSetSubjectFillsInVariablesOnOneLine(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, did := h.once("Kettle", automation.Action{Do: automation.DoSetSubject, Subject: "[{%conversation.number%}]\n{%subject%}"},
		automation.Action{Do: automation.DoSetSubject, Subject: "{%subject%}"})
	if got := h.Conversation(id).Subject; got != "[1] Kettle" || !slices.Equal(did, []string{"set_subject=done", "set_subject=unchanged"}) {
		t.Errorf("%q, %v", got, did)
	}
}

func TestADeletedConversationIsSeenByWorkflowsWithARowOnStateOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "a", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: automation.DoDelete}, {Do: automation.DoDelete}}})
	h.workflow(automation.Definition{Name: "b", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{tag("never")}})
	h.workflow(automation.Definition{Name: "c", Conditions: rows(row("state", "is", "deleted")), Actions: []automation.Action{tag("gone")}})
	id := h.mail("Hello", "")
	h.advance(id)
	h.wants(id, "a done delete=done delete=unchanged", "c done add_tags=done")
}

func TestForwardShowsTheMessageAndTakesItsFilesAlong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, did := h.once("Invoice 7", automation.Action{
		Do: automation.DoForward, To: []string{"books@example.com", "Support@smarticks.test"}, Cc: []string{"boss@example.com"},
		Bcc: []string{"hidden@example.com"}, Body: "For {%subject%}",
	})
	d := h.deliveries(id)
	if len(d) != 1 || d[0].Kind != delivery.KindForward || !slices.Equal(did, []string{"forward=queued"}) {
		t.Fatalf("%+v, %v", d, did)
	}
	taken, err := h.Store.Take(t.Context(), d[0].ID, 1e9)
	testhouse.Must(t, err)
	raw, err := mail.Compose(*taken.Delivery.Mail)
	testhouse.Must(t, err)
	parsed := mail.Parse(raw, mail.Envelope{})
	for _, want := range []string{"For Invoice 7", "---------- Forwarded message ----------", "From: ann@example.com", "Subject: Invoice 7",
		"Cc: cc@example.com", "The text"} {
		if !strings.Contains(parsed.Text, want) {
			t.Errorf("%q is not in\n%s", want, parsed.Text)
		}
	}
	if parsed.Subject != "Fwd: Invoice 7" || !slices.Equal(parsed.To, []string{"books@example.com"}) || len(parsed.InReplyTo) > 0 {
		t.Errorf("%q to %q, %q", parsed.Subject, parsed.To, parsed.InReplyTo)
	}
	if len(parsed.Attachments) != 1 || parsed.Attachments[0].Name != "rechnung.pdf" || string(parsed.Attachments[0].Content) != "%PDF" {
		t.Errorf("files: %+v", parsed.Attachments)
	}
	if strings.Contains(string(raw), "hidden@example.com") ||
		!slices.Contains(mail.EnvelopeRecipients(*taken.Delivery.Mail), "hidden@example.com") {
		t.Error("the hidden recipient is not only in the envelope")
	}
	again, err := mail.Compose(*taken.Delivery.Mail)
	testhouse.Must(t, err)
	if string(again) != string(raw) {
		t.Error("the same mail gives other bytes")
	}
}

func TestForwardToOurselvesAndOfABounceIsSkipped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, did := h.once("Hello", automation.Action{Do: automation.DoForward, To: []string{"support@smarticks.test"}, Body: "x"})
	if !slices.Equal(did, []string{"forward=skipped"}) {
		t.Errorf("%v", did)
	}
	other := h.mail("Undeliverable", "", func(in *conversation.Incoming) {
		in.Machine, in.FromAddress = conversation.MachineBounce, "mailer-daemon@example.com"
	})
	h.advance(other)
	h.wants(other, "it done forward=skipped")
}

// A reply belongs to the thread and quotes it, an email begins again.
func TestReplyIsThreadedAndEmailIsNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, _ := h.once("Kettle", automation.Action{Do: automation.DoReply, Body: "Hello"},
		automation.Action{Do: automation.DoEmail, Subject: "Apropos", Body: "News"})
	var mails []conversation.Incoming
	for _, d := range h.deliveries(id) {
		raw, err := mail.Compose(*d.Mail)
		testhouse.Must(t, err)
		mails = append(mails, mail.Parse(raw, mail.Envelope{}))
	}
	header := h.Column(`SELECT message_id_header FROM messages WHERE conversation_id = $1 AND kind = 'customer'`, id)
	reply, email := mails[0], mails[1]
	if !slices.Equal(reply.InReplyTo, header) || !slices.Equal(reply.References, header) || !strings.Contains(reply.Text, "> The text") ||
		reply.Subject != "Re: Kettle" {
		t.Errorf("the reply: %q %q %q\n%s", reply.Subject, reply.InReplyTo, reply.References, reply.Text)
	}
	if len(email.InReplyTo) > 0 || len(email.References) != 1 || !strings.Contains(email.References[0], ".begun@") ||
		strings.Contains(email.Text, "The text") || email.Subject != "Apropos" {
		t.Errorf("the email: %q %q %q\n%s", email.Subject, email.InReplyTo, email.References, email.Text)
	}
}

func TestFollowersAreMadeOnceAndNotified(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob, eve := h.User("bob", h.support.ID), h.User("eve")
	follow := func(do string, u conversation.User) automation.Action {
		return automation.Action{Do: do, User: string(u.ID)}
	}
	id, did := h.once("Hello", follow(automation.DoFollow, bob), follow(automation.DoFollow, bob), follow(automation.DoFollow, eve),
		automation.Action{Do: automation.DoFollow, User: "assignee"},
		automation.Action{Do: automation.DoNotify, To: []string{"followers"}, Body: "x"},
		follow(automation.DoUnfollow, bob), follow(automation.DoUnfollow, bob))
	if want := []string{"follow=done", "follow=unchanged", "follow=failed", "follow=skipped", "notify=queued", "unfollow=done",
		"unfollow=unchanged"}; !slices.Equal(did, want) {
		t.Errorf("%v", did)
	}
	if mails := h.mails(id); len(mails) != 1 || mails[0].To[0] != bob.Email {
		t.Errorf("%+v", mails)
	}
	if c := h.Conversation(id); len(c.Followers) > 0 {
		t.Errorf("followers %v", c.Followers)
	}
	to := []conversation.UserID{bob.ID}
	r, err := h.Store.ChangeConversation(t.Context(), access.System(), id, conversation.Change{Followers: &to})
	testhouse.Must(t, err)
	if !slices.Equal(r.Followers, to) {
		t.Errorf("followers %v", r.Followers)
	}
}

// Conversations that come at once are handed out evenly, and who is not there is
// passed over.
func TestRoundRobinIsExactUnderConcurrency(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	available := false
	var there []conversation.User
	for _, name := range []string{"a", "b", "c", "away"} {
		u := h.User(name, h.support.ID)
		if name == "away" {
			_, err := h.Store.ChangeUser(t.Context(), access.System(), u.ID, conversation.UserChange{Available: &available})
			testhouse.Must(t, err)
			continue
		}
		there = append(there, u)
	}
	h.workflow(automation.Definition{Name: "turn", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: automation.DoAssign, To: []string{"round_robin"}, OnlyIfAvailable: true}}})
	const n = 31
	ids := make([]conversation.ID, n)
	for i := range ids {
		ids[i] = h.mail(fmt.Sprint("Hello ", i), "")
	}
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() { h.advance(id) })
	}
	all.Wait()
	counts := map[conversation.UserID]int{}
	for _, id := range ids {
		counts[h.Conversation(id).AssigneeID]++
	}
	for _, u := range there {
		if got := counts[u.ID]; got < n/3 || got > n/3+1 {
			t.Errorf("%s got %d of %d: %v", u.Name, got, n, counts)
		}
	}
}

func TestAssignOnlyIfAvailable(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	bob := h.User("bob", h.support.ID)
	available := false
	_, err := h.Store.ChangeUser(t.Context(), access.System(), bob.ID, conversation.UserChange{Available: &available})
	testhouse.Must(t, err)
	assign := func(to string, only bool, among ...string) automation.Action {
		return automation.Action{Do: automation.DoAssign, To: []string{to}, OnlyIfAvailable: only, Among: among}
	}
	id, did := h.once("Hello", assign(string(bob.ID), true), assign("round_robin", true), assign("round_robin", true, string(bob.ID)),
		assign("round_robin", false, string(bob.ID)))
	if want := []string{"assign=skipped", "assign=skipped", "assign=skipped", "assign=done"}; !slices.Equal(did, want) ||
		h.Conversation(id).AssigneeID != bob.ID {
		t.Errorf("%v, %s", did, h.Conversation(id).AssigneeID)
	}
}
