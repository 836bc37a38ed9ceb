package activities_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// tracks says whether the mailbox tracks views, and gives the installation an
// address.
func (h *house) tracks(on bool) {
	h.Helper()
	url := "https://desk.example/"
	_, err := h.Store.ChangeSettings(h.Context(), access.System(), conversation.SettingsChange{BaseURL: &url})
	testhouse.Must(h, err)
	_, err = h.Store.ChangeMailbox(h.Context(), access.System(), h.support.ID, conversation.MailboxChange{TrackViews: &on})
	testhouse.Must(h, err)
}

// mails are the mails of a conversation.
func (h *house) mails(id conversation.ID) []delivery.Mail {
	h.Helper()
	var out []delivery.Mail
	for _, d := range h.deliveries(id) {
		if d.Mail != nil {
			out = append(out, *d.Mail)
		}
	}
	return out
}

var image = regexp.MustCompile(`<img src="https://desk\.example/v1/viewed/([A-Za-z0-9_-]+)\.gif"`)

func TestMailsToTheCustomerCarryAMarkAndAViewIsAnEventThatRowsListenTo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.tracks(true)
	agent := h.User("bob", h.support.ID)
	h.workflow(automation.Definition{Name: "answer", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		{Do: automation.DoReply, Body: "<b>Hello</b> {%customer.fullName%}"}, {Do: automation.DoEmail, Subject: "s", Body: "e"},
		{Do: automation.DoNotify, To: []string{string(agent.ID)}, Body: "n"},
	}})
	h.workflow(automation.Definition{Name: "seen", Conditions: rows(row("customer_viewed", "is", "yes")),
		Actions: []automation.Action{tag("seen")}})
	h.workflow(automation.Definition{Name: "sad", Conditions: rows(row("rating", "is", "not_good")), Actions: []automation.Action{tag("sad")}})
	id := h.mail("Hello", "text")
	h.advance(id)
	_, err := h.Store.PostMessage(t.Context(), access.Caller{User: agent}, id,
		conversation.Post{Kind: conversation.MessageReply, Body: "An agent <writes>"})
	testhouse.Must(t, err)
	h.advance(id)
	mails := h.mails(id)
	if len(mails) != 4 {
		t.Fatalf("%d mails", len(mails))
	}
	marks := map[string]bool{}
	for _, m := range mails {
		found := image.FindStringSubmatch(m.HTML)
		if m.To[0] == agent.Email {
			if m.HTML != "" {
				t.Errorf("a mail to our own user carries a mark: %s", m.HTML)
			}
			continue
		}
		if found == nil {
			t.Fatalf("no mark in %s", m.HTML)
		}
		marks[found[1]] = true
		if strings.Contains(m.HTML, "<b>") || strings.Contains(m.HTML, "<writes>") {
			t.Errorf("the text is not escaped: %s", m.HTML)
		}
	}
	if len(marks) != 3 {
		t.Errorf("%d different marks, want one for each mail to the customer", len(marks))
	}
	last := image.FindStringSubmatch(mails[len(mails)-1].HTML)[1]
	testhouse.Must(t, h.Store.Viewed(t.Context(), last))
	testhouse.Must(t, h.Store.Viewed(t.Context(), last))
	h.advance(id)
	_, err = h.Store.RateConversation(t.Context(), access.System(), id, conversation.RatingNotGood, "slow")
	testhouse.Must(t, err)
	h.advance(id)
	h.wants(id, "answer done reply=queued email=queued notify=queued", "seen done add_tags=done", "sad done add_tags=done")
}

func TestWithoutTrackingMailsAreTextAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "answer", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		{Do: automation.DoReply, Body: "Hello"},
	}})
	h.workflow(automation.Definition{Name: "unseen", Conditions: rows(row("customer_viewed", "is", "no")),
		Actions: []automation.Action{tag("unseen")}})
	id := h.mail("Hello", "text")
	h.advance(id)
	if m := h.mails(id); len(m) != 1 || m[0].HTML != "" {
		t.Errorf("%+v", m)
	}
	h.wants(id, "answer done reply=queued")
}

func TestTheWorkflowUsersAddressIsASettingOfTheMailboxOrOfAll(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "sign", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		{Do: automation.DoNote, Body: "{%user.fullName%} <{%user.email%}>"},
	}})
	note := func() string {
		t.Helper()
		id := h.mail("Hello", "text")
		h.advance(id)
		return h.Column(`SELECT body_text FROM messages WHERE conversation_id = $1 AND kind = 'note'`, id)[0]
	}
	if got := note(); got != "Workflow <support@smarticks.test>" {
		t.Errorf("by default: %s", got)
	}
	all, own := "all@smarticks.test", "own@smarticks.test"
	_, err := h.Store.ChangeSettings(t.Context(), access.System(), conversation.SettingsChange{WorkflowUserEmail: &all})
	testhouse.Must(t, err)
	if got := note(); got != "Workflow <all@smarticks.test>" {
		t.Errorf("of the installation: %s", got)
	}
	_, err = h.Store.ChangeMailbox(t.Context(), access.System(), h.support.ID, conversation.MailboxChange{WorkflowUserEmail: &own})
	testhouse.Must(t, err)
	if got := note(); got != "Workflow <own@smarticks.test>" {
		t.Errorf("of the mailbox: %s", got)
	}
}
