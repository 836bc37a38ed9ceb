package activities_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// Each word that stands for people does what it says in each action that takes it,
// for a workflow by hand, which knows all of them; its workflow is still on.
func TestEveryWordForPeopleDoesWhatItSays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	maria, noah, lea := h.User("maria", h.support.ID), h.User("noah", h.support.ID), h.User("lea", h.support.ID)
	h.User("outside")
	id := h.mail("Hello", "")
	_, err := h.Store.PostMessage(t.Context(), access.Caller{User: lea}, id, conversation.Post{Kind: conversation.MessageReply, Body: "on it"})
	testhouse.Must(t, err)
	_, err = h.Store.ChangeConversation(t.Context(), access.System(), id,
		conversation.Change{AssigneeID: &noah.ID, Followers: &[]conversation.UserID{maria.ID, lea.ID}})
	testhouse.Must(t, err)
	h.advance(id)

	everybody := []string{maria.Email, noah.Email, lea.Email}
	told := map[string][]string{
		automation.ToAssignee: {noah.Email}, automation.ToLastAgent: {lea.Email}, automation.ToFollowers: {maria.Email, lea.Email},
		automation.ToAllUsers: everybody,
	}
	want := map[string]string{ // what the action comes to, when it is done in this order
		"assign unassigned": "done", "assign round_robin": "done", "assign me": "unchanged",
		"follow me": "unchanged", "follow assignee": "unchanged", "unfollow me": "done", "unfollow assignee": "unchanged",
	}
	words := 0
	for _, do := range automation.ActionNames() {
		for _, word := range automation.PersonWords(do) {
			words++
			name := do + " " + word
			a := automation.Action{Do: do, To: []string{word}}
			switch do {
			case automation.DoNotify:
				a.Body, want[name] = "news", "queued"
			case automation.DoFollow, automation.DoUnfollow:
				a.To, a.User = nil, word
			}
			r := h.workflow(automation.Definition{Name: name, Type: automation.TypeManual, Actions: []automation.Action{a}})
			before := len(recipients(h, id))
			h.run(id, r.ID, maria)
			h.advance(id)
			if got := h.did(id); got[len(got)-1] != name+" done "+do+"="+want[name] {
				t.Errorf("%s: %q, want %q", name, got[len(got)-1], want[name])
			}
			if wrong := differ(slices.Clone(recipients(h, id)[before:]), slices.Clone(told[word])); do == automation.DoNotify && wrong != "" {
				t.Errorf("%s: %s", name, wrong)
			}
			if mode := h.Column(`SELECT mode || ' ' || off_reason FROM definitions WHERE id = $1`, r.ID); mode[0] != "on " {
				t.Errorf("%s: the workflow is %s", name, mode[0])
			}
		}
	}
	if words < 11 {
		t.Errorf("%d words for people", words)
	}
}

// Who does not see the mailbox gets none of its mail, whatever made them part of the
// conversation.
func TestWhoDoesNotSeeTheMailboxIsNotNotified(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	in, out, admin := h.User("in", h.support.ID), h.User("out"), h.User("boss")
	_, err := h.Pool.Exec(t.Context(), `UPDATE users SET role = 'admin' WHERE id = $1`, admin.ID)
	testhouse.Must(t, err)
	body := automation.Action{Do: "notify", Body: "news"}
	to := func(words ...string) automation.Action { a := body; a.To = words; return a }
	for i, c := range []struct {
		action automation.Action
		want   string
		reason string
		told   []string
	}{
		{to("assignee"), "skipped", "nobody of those to notify sees the mailbox", nil},
		{to("last_agent"), "skipped", "nobody of those to notify sees the mailbox", nil},
		{to("followers"), "queued", "who does not see the mailbox is left out", []string{in.Email, admin.Email}},
		{to(string(out.ID)), "skipped", "nobody of those to notify sees the mailbox", nil},
		{to(string(out.ID), string(in.ID)), "queued", "who does not see the mailbox is left out", []string{in.Email}},
		{to(string(admin.ID)), "queued", "", []string{admin.Email}},
		{to("all_users"), "queued", "", []string{in.Email}},
	} {
		subject := fmt.Sprintf("case %d.", i)
		id := h.mail(subject, "")
		// As a membership leaves it behind that was taken away by the database alone.
		_, err := h.Pool.Exec(t.Context(), `UPDATE conversations SET assignee_id = $2, followers = ARRAY[$2, $3, $4]::uuid[] WHERE id = $1`,
			id, out.ID, in.ID, admin.ID)
		testhouse.Must(t, err)
		_, err = h.Store.PostMessage(t.Context(), access.System(), id, conversation.Post{Kind: conversation.MessageReply, Body: "on it"})
		testhouse.Must(t, err)
		_, err = h.Pool.Exec(t.Context(), `UPDATE messages SET author_kind = 'user', author_id = $2 WHERE conversation_id = $1 AND kind =
			'reply'`, id, out.ID)
		testhouse.Must(t, err)
		r := h.workflow(automation.Definition{Name: subject, ApplyToEarlier: true,
			Conditions: rows(row("subject", "is", subject), row("agent_replied", "", nil)), Actions: []automation.Action{c.action}})
		h.advance(id)
		got := h.Column(`SELECT a.state || ': ' || a.reason FROM run_actions a JOIN runs r ON r.id = a.run_id WHERE r.conversation_id = $1`, id)
		if want := []string{c.want + ": " + c.reason}; !slices.Equal(got, want) {
			t.Errorf("%v: %q, want %q", c.action.To, got, want)
		}
		told := h.Column(`SELECT payload -> 'mail' -> 'to' ->> 0 FROM deliveries WHERE conversation_id = $1 AND kind = 'notify'`, id)
		if wrong := differ(told, c.told); wrong != "" {
			t.Errorf("%v: %s", c.action.To, wrong)
		}
		if mode := h.Column(`SELECT mode FROM definitions WHERE id = $1`, r.ID); mode[0] != "on" {
			t.Errorf("%v: the workflow is %s", c.action.To, mode[0])
		}
	}
}

// Who loses a mailbox, or whom a move leaves behind, is taken off the conversations
// there, each with its event.
func TestWhoLosesAMailboxIsTakenOffItsConversations(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	billing := h.Mailbox("billing@smarticks.test")
	maria, noah := h.User("maria", h.support.ID, billing.ID), h.User("noah", h.support.ID, billing.ID)
	_, err := h.Store.CreateUser(t.Context(), access.System(),
		conversation.User{Name: "Boss", Email: "boss@smarticks.test", Role: conversation.RoleAdmin})
	testhouse.Must(t, err)
	given := func(subject string) conversation.ID {
		id := h.mail(subject, "")
		_, err := h.Store.ChangeConversation(t.Context(), access.System(), id, conversation.Change{
			AssigneeID: &maria.ID, Followers: &[]conversation.UserID{maria.ID, noah.ID},
		})
		testhouse.Must(t, err)
		return id
	}
	people := func(id conversation.ID) string {
		c := h.Conversation(id)
		return fmt.Sprint(c.AssigneeID, c.Followers)
	}
	here, there := given("stays"), given("moves")
	_, err = h.Store.ChangeConversation(t.Context(), access.System(), there, conversation.Change{MailboxID: &billing.ID})
	testhouse.Must(t, err)
	if got := people(there); got != fmt.Sprint(maria.ID, []conversation.UserID{maria.ID, noah.ID}) {
		t.Errorf("a move to a mailbox that they see: %s", got)
	}
	change := func(u conversation.User, mailboxes ...conversation.MailboxID) {
		t.Helper()
		_, err := h.Store.ChangeUser(t.Context(), access.System(), u.ID, conversation.UserChange{Mailboxes: &mailboxes})
		testhouse.Must(t, err)
	}
	change(maria, billing.ID)
	if got := people(here); got != fmt.Sprint("", []conversation.UserID{noah.ID}) {
		t.Errorf("in the mailbox that maria left: %s", got)
	}
	if got := people(there); got != fmt.Sprint(maria.ID, []conversation.UserID{maria.ID, noah.ID}) {
		t.Errorf("in the mailbox that maria kept: %s", got)
	}
	kinds := h.Column(`SELECT kind FROM events WHERE conversation_id = $1 ORDER BY seq DESC LIMIT 2`, here)
	if !slices.Equal(kinds, []string{"followers_changed", "assignee_changed"}) {
		t.Errorf("events %q", kinds)
	}

	// A workflow's move, and one by the API.
	h.workflow(automation.Definition{Name: "move", Conditions: rows(row("subject", "is", "go"), row("tag_added", "", "go")),
		Actions: []automation.Action{{Do: "move", Mailbox: string(billing.ID)}}})
	change(maria, h.support.ID)
	change(noah, h.support.ID, billing.ID)
	byWorkflow, byAPI := given("go"), given("by the API")
	tags := []string{"go"}
	_, err = h.Store.ChangeConversation(t.Context(), access.System(), byWorkflow, conversation.Change{Tags: &tags})
	testhouse.Must(t, err)
	h.advance(byWorkflow)
	_, err = h.Store.ChangeConversation(t.Context(), access.System(), byAPI, conversation.Change{MailboxID: &billing.ID})
	testhouse.Must(t, err)
	for _, id := range []conversation.ID{byWorkflow, byAPI} {
		if c := h.Conversation(id); c.MailboxID != billing.ID || people(id) != fmt.Sprint("", []conversation.UserID{noah.ID}) {
			t.Errorf("moved to %s: %s", c.MailboxID, people(id))
		}
	}
	testhouse.Must(t, h.Store.DeleteUser(t.Context(), access.System(), noah.ID))
	if got := people(byAPI); got != fmt.Sprint("", []conversation.UserID{}) {
		t.Errorf("after noah was deleted: %s", got)
	}

	// Nobody follows what they do not see.
	outside := h.User("outside")
	_, err = h.Store.ChangeConversation(t.Context(), access.System(), byAPI,
		conversation.Change{Followers: &[]conversation.UserID{maria.ID, outside.ID}})
	if err == nil || len(errs.Problems(err)) != 2 || errs.Problems(err)[0].Path != "follower_ids[0]" ||
		errs.Problems(err)[1].Path != "follower_ids[1]" {
		t.Errorf("followers who are no members: %v", err)
	}
}
