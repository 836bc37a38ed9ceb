package activities_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// newMails is a workflow that answers each new conversation.
func newMails(actions ...automation.Action) automation.Definition {
	return automation.Definition{Name: "answer", Conditions: rows(row("new_conversation", "", nil)), Actions: actions}
}

var answer = automation.Action{Do: "reply", Body: "We got it"}

// from makes a mail somebody else's.
func from(address string) func(*conversation.Incoming) {
	return func(in *conversation.Incoming) { in.FromAddress, in.EnvelopeFrom = address, address }
}

// automatic counts the automatic mails to an address.
func (h *house) automatic(address string) int {
	h.Helper()
	return len(h.Column(`SELECT id FROM deliveries WHERE kind <> 'notify' AND payload -> 'mail' -> 'to' ? $1`, address))
}

// subjects differ in their words.
func subjectOf(i int) string {
	return strings.Repeat(string(rune('a'+i%26)), 1+i/26) + " question"
}

// What answers everything without saying that it is a machine: each of its mails
// begins a conversation.
func TestARobotThatAnswersEverythingGetsTenMails(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(h *house){
		"by a workflow": func(h *house) { h.workflow(newMails(answer, tag("seen"))) },
		"by an email action": func(h *house) {
			h.workflow(newMails(automation.Action{Do: "email", Subject: "{%subject%}", Body: "Hello"}))
		},
		"by the mailbox": func(h *house) { h.answersByItself() },
		"by both": func(h *house) {
			h.answersByItself()
			h.workflow(newMails(answer))
		},
		"in two mailboxes": func(h *house) {
			sales := h.Mailbox("sales@smarticks.test")
			h.workflow(newMails(answer))
			h.Workflow(sales.ID, automation.ModeOn, newMails(answer))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.admin("root")
			set(h)
			for i := range 16 {
				to := func(in *conversation.Incoming) {
					if name == "in two mailboxes" && i%2 == 1 {
						in.Recipients = []string{"sales@smarticks.test"}
					}
				}
				h.advance(h.mail(subjectOf(i), "Thank you for your message", from("robot@elsewhere.example"), to))
				h.Later(time.Second)
			}
			if n := h.automatic("robot@elsewhere.example"); n != 10 {
				t.Errorf("%d mails to the robot, want 10", n)
			}
			if told := h.told(); len(told) != 1 || !strings.Contains(told[0], "limit of 10 within 3 hours (mails_per_recipient)") {
				t.Errorf("admins were told %q, want once", told)
			}
			h.advance(h.mail("My parcel", "Where is it?"))
			if n := h.automatic("ann@example.com"); n == 0 {
				t.Error("somebody else is not answered any more")
			}
			h.Later(3 * time.Hour)
			h.advance(h.mail("Again", "", from("robot@elsewhere.example")))
			if n := h.automatic("robot@elsewhere.example"); n < 11 {
				t.Error("nothing goes when the window has opened")
			}
		})
	}
}

// Two helpdesks that acknowledge each other, with a new ticket each time.
func TestAHelpdeskThatAcknowledgesGetsTwoMails(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(h *house){
		"by a workflow":  func(h *house) { h.workflow(newMails(answer)) },
		"by the mailbox": func(h *house) { h.answersByItself() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.admin("root")
			set(h)
			last := "Hello"
			var id conversation.ID
			for i := range 12 {
				subject := fmt.Sprintf("[Ticket %d] We have received your request", 286607+i)
				if i > 0 {
					subject += " - Re: " + last
				}
				last = subject
				id = h.mail(subject, "Thank you. We will be in touch.", from("help@vendor.example.net"))
				h.advance(id)
			}
			if n := h.automatic("help@vendor.example.net"); n != 2 {
				t.Errorf("%d mails to the helpdesk, want 2", n)
			}
			if told := h.told(); len(told) != 1 || !strings.Contains(told[0], "mails_per_recipient_and_subject") {
				t.Errorf("admins were told %q, want once", told)
			}
			if name == "by the mailbox" {
				if c := h.Conversation(id); c.AutoReply != conversation.AutoReplyLimited || h.events(id) != "customer_message auto_reply_limited" {
					t.Errorf("auto reply %q, events %s", c.AutoReply, h.events(id))
				}
			}
			h.advance(h.mail("My parcel", "Where is it?"))
			if n := h.automatic("ann@example.com"); n != 1 {
				t.Errorf("somebody else got %d mails, want 1", n)
			}
		})
	}
}

func TestOneAddressHasOneWindowWhateverIsSent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{Recipient: 4, RecipientSubject: 100})
	forward := automation.Action{Do: "forward", To: []string{"Ann@Example.com"}, Cc: []string{h.support.Email}, Body: "look"}
	h.workflow(automation.Definition{Name: "forward", Conditions: rows(row("subject", "contains", "forward")),
		Actions: []automation.Action{forward}})
	h.workflow(automation.Definition{Name: "answer", Conditions: rows(row("subject", "contains", "answer")),
		Actions: []automation.Action{answer}})
	h.advance(h.mail("answer one", ""))
	h.advance(h.mail("forward two", "", from("bob@example.com")))
	h.answersByItself()
	h.advance(h.mail("three", ""))
	h.Later(2 * time.Hour)
	h.advance(h.mail("forward four", "", from("carl@example.com")))
	over := h.mail("forward five", "", from("dora@example.com"))
	h.advance(over)
	h.wants(over, "forward limited")
	h.Later(61 * time.Minute) // the first three left the window
	open := h.mail("forward six", "", from("emil@example.com"))
	h.advance(open)
	h.wants(open, "forward done forward=queued")
	if n := len(h.Column(`SELECT 1 FROM automatic_mails WHERE recipient = $1`, conversation.RecipientKey(h.support.Email))); n != 0 {
		t.Errorf("our own address is counted %d times", n)
	}
}

func TestARunThatIsLimitedDoesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	h.limits(conversation.Limits{Recipient: 1})
	h.endpoint("ops", "", "workflow.run_limited", "workflow.run_finished")
	h.workflow(newMails(tag("seen"), automation.Action{Do: "set_status", Status: "pending"},
		automation.Action{Do: "webhook", URL: "https://erp.example/x"},
		answer, automation.Action{Do: "stop"}))
	later := newMails(tag("later"))
	later.Name = "later"
	h.workflow(later)
	first := h.mail("One", "")
	h.advance(first)
	id := h.mail("Two", "")
	h.advance(id)
	h.wants(id, "answer limited", "later done add_tags=done")
	if c := h.Conversation(id); !slices.Equal(c.Tags, []string{"later"}) || c.Status != conversation.StatusActive {
		t.Errorf("tags %v, status %s: something of the run was done", c.Tags, c.Status)
	}
	if got := h.Column(`SELECT payload -> 'webhook' ->> 'event' FROM deliveries WHERE kind = 'webhook' AND conversation_id = $1 ORDER BY
		id`, id); !slices.Equal(got, []string{"workflow.run_limited", "workflow.run_finished"}) {
		t.Errorf("told %q", got)
	}
	for range 2 { // the same event is not tried again
		_, err := h.Store.ChangeConversation(t.Context(), access.System(), id, conversation.Change{Tags: &[]string{"more"}})
		testhouse.Must(t, err)
		h.Later(4 * time.Hour)
		h.advance(id)
	}
	h.wants(id, "answer limited", "later done add_tags=done")
}

func TestARunThatIsLimitedDoesNotCountAgainstMaxRuns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{Recipient: 1})
	d := everyReply("answers", answer)
	d.MaxRuns = 1
	h.workflow(d)
	h.workflow(newMails(automation.Action{Do: "email", Subject: "Welcome", Body: "Hello"}))
	id := h.mail("One", "")
	h.advance(id)
	h.reply(id, id)
	h.advance(id)
	h.Later(3 * time.Hour)
	h.reply(id, id)
	h.advance(id)
	h.wants(id, "answer done email=queued", "answers limited", "answers done reply=queued")
}

// Conversations of one customer that are handled at the same moment.
func TestTheWindowOfARecipientIsExactUnderConcurrency(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	h.limits(conversation.Limits{Recipient: 5, RecipientSubject: 100})
	both := newMails(answer, automation.Action{Do: "forward", To: []string{"factory@example.com"}, Body: "look"})
	back := newMails(automation.Action{Do: "forward", To: []string{"factory@example.com"}, Body: "look"}, answer)
	back.Name = "back"
	h.workflow(both)
	sales := h.Mailbox("sales@smarticks.test")
	h.Workflow(sales.ID, automation.ModeOn, back)
	ids := make(chan conversation.ID, 24)
	for i := range cap(ids) {
		to := func(in *conversation.Incoming) {
			if i%2 == 1 {
				in.Recipients = []string{sales.Email}
			}
		}
		ids <- h.mail(subjectOf(i), "", to)
	}
	close(ids)
	var all sync.WaitGroup
	for range 4 {
		acts := h.another()
		all.Go(func() {
			for id := range ids {
				if _, err := acts.Advance(context.WithoutCancel(t.Context()), activities.AdvanceInput{ConversationID: string(id)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if ann, factory := h.automatic("ann@example.com"), h.automatic("factory@example.com"); ann != 5 || factory != 5 {
		t.Errorf("%d mails to ann and %d to the factory, want 5 each", ann, factory)
	}
	if told := h.told(); len(told) > 2 || len(told) == 0 {
		t.Errorf("admins were told %d times, want once for an address", len(told))
	}
}

func TestAnAgentWhoRunsAWorkflowIsNotLimited(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{Recipient: 1, RecipientSubject: 1})
	maria := h.User("maria", h.support.ID)
	w := h.workflow(automation.Definition{Name: "by hand", Type: automation.TypeManual, Actions: []automation.Action{answer}})
	id := h.mail("One", "")
	for range 3 {
		h.run(id, w.ID, maria)
		h.advance(id)
	}
	if n := h.automatic("ann@example.com"); n != 3 {
		t.Errorf("%d mails, want 3", n)
	}
}

// Whoever makes up senders does not flood the admins with notices.
func TestAdminsAreNotFloodedWithNotices(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	h.limits(conversation.Limits{Recipient: 1})
	h.answersByItself()
	for i := range 14 {
		for n := range 2 {
			h.advance(h.mail(subjectOf(n), "", from(fmt.Sprintf("forged%d@example.com", i))))
		}
	}
	if told := h.told(); len(told) != 10 {
		t.Errorf("admins were told %d times within an hour, want 10", len(told))
	}
}

// Notices to agents that come back, each as a bounce that is noticed.
func TestNoticesAboutMachinesAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var agents []string
	for _, name := range []string{"ada", "ben", "cem", "dan", "eve"} {
		agents = append(agents, string(h.User(name, h.support.ID).ID))
	}
	h.workflow(newMails(automation.Action{Do: "notify", To: agents, Body: "look"}, tag("seen")))
	bounce := func(in *conversation.Incoming) { in.Machine = conversation.MachineBounce }
	var id conversation.ID
	for i := range 13 {
		id = h.mail(subjectOf(i), "", from("mailer-daemon@example.com"), bounce)
		h.advance(id)
	}
	notices := func() int { return len(h.Column(`SELECT id FROM deliveries WHERE kind = 'notify'`)) }
	if n := notices(); n != 50 {
		t.Errorf("%d notices about bounces to five agents, want 10 to each", n)
	}
	h.wants(id, "answer done notify=skipped add_tags=done")
	h.advance(h.mail("A person", ""))
	if n := notices(); n != 55 {
		t.Errorf("%d notices, want 55: a person's mail is told", n)
	}
	h.Later(61 * time.Minute)
	h.advance(h.mail("later", "", bounce))
	if n := notices(); n != 60 {
		t.Errorf("%d notices an hour later, want 60", n)
	}
}
