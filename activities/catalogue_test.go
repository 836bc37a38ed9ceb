package activities_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// promised is the catalogue of actions as it was agreed on: each with its options.
// It is written by hand and not taken from the code, so that one that gets lost is
// missed.
var promised = map[string]string{
	"notify":  "assignee last_agent user all_users followers subject",
	"reply":   "body agent",
	"email":   "subject agent",
	"forward": "to cc bcc subject",
	"note":    "body agent",

	"set_status":  "active pending closed spam",
	"set_subject": "subject",
	"follow":      "user me assignee",
	"unfollow":    "user me",
	"set_field":   "value empty",
	"delete":      "delete",

	"delete_forever": "delete_forever",

	"snooze": "duration instant",

	"disable_auto_reply": "disable_auto_reply",

	"assign":      "user unassigned me round_robin among available",
	"move":        "mailbox",
	"add_tags":    "one many",
	"remove_tags": "one many",

	"webhook": "url method headers body event endpoint",
	"stop":    "stop",
}

// sentences are what each action says in one of its cases.
var sentences = map[string]string{
	"notify": "notify the assignee", "reply": "reply to the customer", "email": "email the customer", "forward": "forward it to expert@x.test",
	"note": "add a note", "disable_auto_reply": "disable the mailbox's automatic reply for this conversation",

	"set_status": "set the status to closed", "assign": "unassign it", "move": "move it to billing", "add_tags": `add the tag "VIP"`,
	"remove_tags": `remove the tag "VIP"`, "set_subject": `set the subject to "{%subject%} (parcel)"`,
	"follow":   "make the assignee a follower",
	"unfollow": "make the agent who runs the workflow no follower any more", "snooze": "snooze it for 2 hours",
	"delete": "delete it", "delete_forever": "delete it for ever", "set_field": `empty the field "Plan"`,

	"webhook": "call the webhook https://erp.example/refunds", "stop": "stop: no later workflow sees this event",
}

// doing is an action with one of its options, done on a conversation of its own.
type doing struct {
	option string
	action automation.Action
	// before makes the conversation what the action needs.
	before func(h *house, id conversation.ID)
	manual bool
	// state is what the action comes to.
	state automation.ActionState
	// check says what is wrong with what was done; empty: nothing.
	check func(h *house, id conversation.ID) string
}

// cast is who the actions name.
type cast struct {
	maria, noah conversation.User
	billing     conversation.Mailbox
}

func doings(c cast) []doing {
	notify := func(to ...string) automation.Action {
		return automation.Action{Do: "notify", To: to, Body: "look at {%subject%}"}
	}
	mailTo := func(u ...conversation.User) func(*house, conversation.ID) string {
		return func(h *house, id conversation.ID) string {
			got, want := recipients(h, id), []string{}
			for _, u := range u {
				want = append(want, u.Email)
			}
			return differ(got, want)
		}
	}
	customerMail := func(words ...string) func(*house, conversation.ID) string {
		return func(h *house, id conversation.ID) string {
			out := h.deliveries(id)
			if len(out) != 1 || out[0].Mail == nil || !slices.Equal(out[0].Mail.To, []string{"ann@example.com"}) {
				return fmt.Sprintf("deliveries %+v", out)
			}
			return lacks(out[0].Mail.Subject+"\n"+out[0].Mail.Text, words...)
		}
	}
	webhook := func(words ...string) func(*house, conversation.ID) string {
		return func(h *house, id conversation.ID) string {
			out := h.deliveries(id)
			if len(out) != 1 || out[0].Webhook == nil {
				return fmt.Sprintf("deliveries %+v", out)
			}
			return lacks(fmt.Sprintf("%s %s %v %s", out[0].Webhook.Method, out[0].Webhook.URL, out[0].Webhook.Headers, out[0].Webhook.Body),
				words...)
		}
	}
	conv := func(say func(conversation.Conversation) string, want string) func(*house, conversation.ID) string {
		return func(h *house, id conversation.ID) string {
			if got := say(h.Conversation(id)); got != want {
				return fmt.Sprintf("%q, want %q", got, want)
			}
			return ""
		}
	}
	status := func(c conversation.Conversation) string { return string(c.Status) }
	assignee := func(c conversation.Conversation) string { return string(c.AssigneeID) }
	mailbox := func(c conversation.Conversation) string { return string(c.MailboxID) }
	tagsOf := func(c conversation.Conversation) string { return strings.Join(c.Tags, " ") }
	given := func(ch conversation.Change) func(*house, conversation.ID) {
		return func(h *house, id conversation.ID) {
			_, err := h.Store.ChangeConversation(h.Context(), access.System(), id, ch)
			testhouse.Must(h, err)
		}
	}
	toMaria := given(conversation.Change{AssigneeID: &c.maria.ID})
	pending, lateVIP := conversation.StatusPending, []string{"late", "vip", "x"}
	replied := func(h *house, id conversation.ID) {
		_, err := h.Store.PostMessage(h.Context(), access.Caller{User: c.maria}, id,
			conversation.Post{Kind: conversation.MessageReply, Body: "we are on it"})
		testhouse.Must(h, err)
	}
	note := func(want string) func(*house, conversation.ID) string {
		return func(h *house, id conversation.ID) string {
			return differ(h.Column(`SELECT body_text FROM messages WHERE kind = 'note' AND conversation_id = $1`, id), []string{want})
		}
	}
	url := automation.Action{Do: "webhook", URL: "https://erp.example/refunds"}
	with := func(a automation.Action, change func(*automation.Action)) automation.Action { change(&a); return a }

	follows := func(u conversation.User) func(*house, conversation.ID) {
		return func(h *house, id conversation.ID) {
			_, err := h.Store.ChangeConversation(h.Context(), access.System(), id, conversation.Change{Followers: &[]conversation.UserID{u.ID}})
			testhouse.Must(h, err)
		}
	}
	forward := automation.Action{Do: "forward", To: []string{"expert@x.test"}, Body: "please look"}
	to := func(words ...string) func(*house, conversation.ID) string {
		return func(h *house, id conversation.ID) string {
			out := h.deliveries(id)
			if len(out) != 1 || out[0].Mail == nil {
				return fmt.Sprintf("deliveries %+v", out)
			}
			return lacks(fmt.Sprintf("%+v", *out[0].Mail), words...)
		}
	}
	followers := func(c conversation.Conversation) string { return strings.Trim(fmt.Sprint(c.Followers), "[]") }
	plan := func(c conversation.Conversation) string { return c.FieldValue("Plan") }
	assignTo := func(to string) automation.Action { return automation.Action{Do: "assign", To: []string{to}} }
	assigned := func(h *house, id conversation.ID) string {
		return lacks(fmt.Sprintf("[%s] [%s]", c.maria.ID, c.noah.ID), "["+assignee(h.Conversation(id))+"]")
	}

	return []doing{
		{option: "assignee", action: notify("assignee"), before: toMaria, state: "queued", check: mailTo(c.maria)},
		{option: "last_agent", action: notify("last_agent"), before: replied, state: "queued", check: func(h *house, id conversation.ID) string {
			return lacks(fmt.Sprint(recipients(h, id)), c.maria.Email)
		}},
		{option: "user", action: notify(string(c.noah.ID)), state: "queued", check: mailTo(c.noah)},
		{option: "all_users", action: notify("all_users"), state: "queued", check: mailTo(c.maria, c.noah)},
		{option: "subject", action: with(notify("assignee"), func(a *automation.Action) { a.Subject = "Overdue" }), before: toMaria,
			state: "queued", check: mailTo(c.maria)},
		{option: "body", action: automation.Action{Do: "reply", Body: "Hello {%customer.firstName%}"}, state: "queued",
			check: customerMail("Re: ", "Hello Ann", "> my parcel")},
		{option: "subject", action: automation.Action{Do: "email", Subject: "News", Body: "Hello"}, state: "queued",
			check: customerMail("News", "Hello")},
		{option: "body", action: automation.Action{Do: "note", Body: "from {%mailbox.name%}"}, state: "done", check: note("from support")},
		{option: "agent", action: automation.Action{Do: "reply", Body: "I am {%user.fullName%}", As: "agent"}, manual: true, state: "queued",
			check: customerMail("I am " + c.maria.Name)},
		{option: "agent", action: automation.Action{Do: "email", Subject: "By {%user.fullName%}", Body: "Hello", As: "agent"}, manual: true,
			state: "queued", check: customerMail("By " + c.maria.Name)},
		{option: "agent", action: automation.Action{Do: "note", Body: "by {%user.fullName%}", As: "agent"}, manual: true, state: "done",
			check: note("by " + c.maria.Name)},

		{option: "followers", action: notify("followers"), before: follows(c.maria), state: "queued", check: mailTo(c.maria)},
		{option: "to", action: forward, state: "queued", check: to("expert@x.test")},
		{option: "cc", action: with(forward, func(a *automation.Action) { a.Cc = []string{"cc@x.test"} }), state: "queued",
			check: to("expert@x.test", "cc@x.test")},
		{option: "bcc", action: with(forward, func(a *automation.Action) { a.Bcc = []string{"bcc@x.test"} }), state: "queued",
			check: to("expert@x.test", "bcc@x.test")},
		{option: "subject", action: with(forward, func(a *automation.Action) { a.Subject = "A parcel" }), state: "queued",
			check: to("expert@x.test", "A parcel")},

		{option: "subject", action: automation.Action{Do: "set_subject", Subject: "{%subject%} (parcel)"}, state: "done",
			check: func(h *house, id conversation.ID) string {
				return lacks(h.Conversation(id).Subject, "case", " (parcel)")
			}},
		{option: "user", action: automation.Action{Do: "follow", User: string(c.noah.ID)}, state: "done",
			check: conv(followers, string(c.noah.ID))},
		{option: "assignee", action: automation.Action{Do: "follow", User: "assignee"}, before: toMaria, state: "done",
			check: conv(followers, string(c.maria.ID))},
		{option: "me", action: automation.Action{Do: "follow", User: "me"}, manual: true, state: "done",
			check: conv(followers, string(c.maria.ID))},
		{option: "user", action: automation.Action{Do: "unfollow", User: string(c.maria.ID)}, before: follows(c.maria), state: "done",
			check: conv(followers, "")},
		{option: "me", action: automation.Action{Do: "unfollow", User: "me"}, before: follows(c.maria), manual: true, state: "done",
			check: conv(followers, "")},
		{option: "value", action: automation.Action{Do: "set_field", Field: "Plan", Value: "paid by {%customer.firstName%}"}, state: "done",
			check: conv(plan, "paid by Ann")},
		{option: "empty", action: automation.Action{Do: "set_field", Field: "Plan"},
			before: given(conversation.Change{Fields: map[string]string{"Plan": "free"}}), state: "done", check: conv(plan, "")},
		{option: "duration", action: automation.Action{Do: "snooze", Until: "2h"}, state: "done",
			check: func(h *house, id conversation.ID) string {
				c := h.Conversation(id)
				return differ([]string{c.SnoozedUntil.Sub(c.UpdatedAt).String()}, []string{"2h0m0s"})
			}},
		{option: "instant", action: automation.Action{Do: "snooze", Until: "2100-01-02T03:04:05Z"}, state: "done",
			check: conv(func(c conversation.Conversation) string {
				return c.SnoozedUntil.UTC().Format(time.RFC3339)
			}, "2100-01-02T03:04:05Z")},
		{option: "disable_auto_reply", action: automation.Action{Do: "disable_auto_reply"}, state: "done",
			check: conv(func(c conversation.Conversation) string { return string(c.AutoReply) }, "disabled")},
		{option: "delete_forever", action: automation.Action{Do: "delete_forever"}, state: "done",
			check: func(h *house, id conversation.ID) string {
				return differ(h.Column(`SELECT state FROM conversations WHERE id = $1 AND erased_at IS NOT NULL`, id), []string{"deleted"})
			}},
		{option: "delete", action: automation.Action{Do: "delete"}, state: "done",
			check: conv(func(c conversation.Conversation) string { return string(c.State) }, "deleted")},
		{option: "round_robin", action: assignTo("round_robin"), state: "done", check: assigned},
		{option: "among", action: with(assignTo("round_robin"), func(a *automation.Action) { a.Among = []string{string(c.noah.ID)} }),
			state: "done", check: conv(assignee, string(c.noah.ID))},
		{option: "available", action: with(assignTo(string(c.maria.ID)), func(a *automation.Action) { a.OnlyIfAvailable = true }),
			state: "done", check: conv(assignee, string(c.maria.ID))},

		{option: "active", action: automation.Action{Do: "set_status", Status: "active"}, before: given(conversation.Change{Status: &pending}),
			state: "done", check: conv(status, "active")},
		{option: "pending", action: automation.Action{Do: "set_status", Status: "pending"}, state: "done", check: conv(status, "pending")},
		{option: "closed", action: automation.Action{Do: "set_status", Status: "closed"}, state: "done", check: conv(status, "closed")},
		{option: "spam", action: automation.Action{Do: "set_status", Status: "spam"}, state: "done", check: conv(status, "spam")},
		{option: "user", action: automation.Action{Do: "assign", To: []string{string(c.noah.ID)}}, state: "done",
			check: conv(assignee, string(c.noah.ID))},
		{option: "unassigned", action: automation.Action{Do: "assign", To: []string{"unassigned"}}, before: toMaria, state: "done",
			check: conv(assignee, "")},
		{option: "me", action: automation.Action{Do: "assign", To: []string{"me"}}, manual: true, state: "done",
			check: conv(assignee, string(c.maria.ID))},
		{option: "mailbox", action: automation.Action{Do: "move", Mailbox: string(c.billing.ID)}, state: "done",
			check: conv(mailbox, string(c.billing.ID))},
		{option: "one", action: automation.Action{Do: "add_tags", Tags: []string{"VIP"}}, state: "done", check: conv(tagsOf, "vip")},
		{option: "many", action: automation.Action{Do: "add_tags", Tags: []string{"b", "a"}}, state: "done", check: conv(tagsOf, "a b")},
		{option: "one", action: automation.Action{Do: "remove_tags", Tags: []string{"VIP"}},
			before: given(conversation.Change{Tags: &lateVIP}), state: "done", check: conv(tagsOf, "late x")},
		{option: "many", action: automation.Action{Do: "remove_tags", Tags: []string{"vip", "late"}},
			before: given(conversation.Change{Tags: &lateVIP}), state: "done", check: conv(tagsOf, "x")},

		{option: "url", action: url, state: "queued", check: webhook("https://erp.example/refunds")},
		{option: "method", action: with(url, func(a *automation.Action) { a.Method = "PUT" }), state: "queued", check: webhook("PUT ")},
		{option: "headers", action: with(url, func(a *automation.Action) { a.Headers = map[string]string{"X-Team": "north"} }),
			state: "queued", check: webhook("north")},
		{option: "body", action: with(url, func(a *automation.Action) { a.JSON = map[string]any{"who": "{%customer.email%}"} }),
			state: "queued", check: webhook(`"who":"ann@example.com"`)},
		{option: "event", action: with(url, func(a *automation.Action) { a.Event = "refund.asked" }), state: "queued",
			check: webhook("refund.asked")},
		{option: "endpoint", action: automation.Action{Do: "webhook", Endpoint: "erp", Event: "refund.asked"},
			before: func(h *house, _ conversation.ID) {
				h.endpoint("erp", h.support.ID)
			}, state: "queued", check: func(h *house, id conversation.ID) string {
				out := h.deliveries(id)
				if len(out) != 1 || out[0].Webhook == nil || out[0].Webhook.EndpointName != "erp" {
					return fmt.Sprintf("deliveries %+v", out)
				}
				return lacks(out[0].Webhook.Event, "refund.asked")
			}},
		{option: "stop", action: automation.Action{Do: "stop"}, state: "done"},
	}
}

// lacks says which of the words are not in the text.
func lacks(text string, words ...string) string {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return fmt.Sprintf("%q is not in %q", w, text)
		}
	}
	return ""
}

func differ(got, want []string) string {
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Sprintf("%q, want %q", got, want)
	}
	return ""
}

// recipients are those of all mails of a conversation.
func recipients(h *house, id conversation.ID) []string {
	var to []string
	for _, d := range h.deliveries(id) {
		if d.Mail != nil {
			to = append(to, d.Mail.To...)
		}
	}
	return to
}

func TestEveryPromisedActionIsDone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{Recipient: 1000, RecipientSubject: 1000, RecipientDay: 1000})
	billing := h.Mailbox("billing@smarticks.test")
	c := cast{maria: h.User("maria", h.support.ID, billing.ID), noah: h.User("noah", h.support.ID), billing: billing}
	_, err := h.Store.CreateField(t.Context(), access.System(),
		conversation.Field{MailboxID: h.support.ID, Name: "Plan", Type: conversation.FieldText})
	testhouse.Must(t, err)
	names := automation.Names(func(_, id string) string {
		return map[string]string{string(billing.ID): "billing"}[id]
	})
	covered, says := map[string][]string{}, map[string][]string{}
	for i, d := range doings(c) {
		says[d.action.Do] = append(says[d.action.Do], d.action.Sentence(names))
		name := d.action.Do + " " + d.option
		covered[d.action.Do] = append(covered[d.action.Do], d.option)
		subject := fmt.Sprintf("case %d.", i)
		id := h.mail(subject, "my parcel")
		if d.before != nil {
			d.before(h, id)
		}
		definition := automation.Definition{Name: name, ApplyToEarlier: true, Actions: []automation.Action{d.action}}
		var w automation.Workflow
		if d.manual {
			definition.Type = automation.TypeManual
			w = h.workflow(definition)
			h.run(id, w.ID, c.maria)
		} else {
			definition.Conditions = rows(row("subject", "is", subject))
			w = h.workflow(definition)
		}
		h.advance(id)
		now, err := h.Store.Definition(t.Context(), access.System(), w.ID)
		testhouse.Must(t, err)
		if now.Mode != automation.ModeOn || now.OffReason != "" {
			t.Errorf("%s: the run left its workflow %s: %s", name, now.Mode, now.OffReason)
		}
		if got := h.did(id); len(got) != 1 || got[0] != fmt.Sprintf("%s done %s=%s", name, d.action.Do, d.state) {
			t.Errorf("%s: %q, want %s", name, got, d.state)
		} else if d.check != nil {
			if wrong := d.check(h, id); wrong != "" {
				t.Errorf("%s: %s", name, wrong)
			}
		}
	}
	for do, options := range promised {
		for _, option := range strings.Fields(options) {
			if !slices.Contains(covered[do], option) {
				t.Errorf("%s %s is promised and has no case", do, option)
			}
		}
	}
	for _, do := range automation.ActionNames() {
		if promised[do] == "" {
			t.Errorf("%s is in the code and not in the catalogue: give it its options and cases in this file", do)
		}
		if !slices.Contains(says[do], sentences[do]) {
			t.Errorf("%s says %q: give it the sentence of one of its cases in this file, not %q", do, says[do], sentences[do])
		}
	}
}

// run asks for a manual run.
func (h *house) run(id conversation.ID, workflow automation.DefinitionID, agent conversation.User) {
	h.Helper()
	_, err := h.Store.AskRun(h.Context(), access.Caller{User: agent}, id, automation.Ask{DefinitionID: workflow, Confirmed: true})
	testhouse.Must(h, err)
}
