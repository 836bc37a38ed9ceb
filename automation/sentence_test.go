package automation

import (
	"reflect"
	"strings"
	"testing"
)

func TestRowsInWords(t *testing.T) {
	t.Parallel()
	names := Names(func(kind, id string) string {
		return map[string]string{"user u1": "Ann", "mailbox m2": "Billing"}[kind+" "+id]
	})
	cases := []struct {
		row  Condition
		want string
	}{
		{cond("folder", "in", "Open"), `it is in the folder "Open"`},
		{cond("folder", "not_in", "Open"), `it is not in the folder "Open"`},
		{cond("created", "before", "2026-03-01"), `it was created before 2026-03-01`},
		{cond("created", "after", "2026-03-01T09:00:00Z"), `it was created after 2026-03-01T09:00:00Z`},
		{cond("last_status_change", "in_the_last", "1h"), `the status changed in the last hour`},
		{cond("last_status_change", "not_in_the_last", "4bh"), `the status has not changed in the last 4 business hours`},
		{cond("closed", "in_the_last", "1bd"), `it was closed in the last business day`},
		{cond("closed", "not_in_the_last", "3d"), `it was not closed in the last 3 days`},
		{cond("business_hours", "is", "inside"), `now is inside business hours`},
		{cond("day_of_week", "is", "monday"), `the day is Monday`},
		{cond("day_of_week", "is_not", []any{"saturday", "sunday"}), `the day is not Saturday or Sunday`},
		{cond("time_of_day", "between", "09:00-17:30"), `the time of the day is between 09:00 and 17:30`},
		{cond("time_of_day", "not_between", "22:00-06:00"), `the time of the day is not between 22:00 and 06:00`},
		{cond("subject", "is", "Refund"), `the subject is "Refund"`},
		{cond("subject", "is_not", "Refund"), `the subject is not "Refund"`},
		{cond("subject", "contains", "refund"), `the subject contains "refund"`},
		{cond("subject", "does_not_contain", "a\nb"), `the subject does not contain "a b"`},
		{cond("subject", "starts_with", "Re"), `the subject starts with "Re"`},
		{cond("subject", "ends_with", "!"), `the subject ends with "!"`},
		{cond("subject", "matches", "^re"), `the subject matches /^re/`},
		{cond("subject", "set", nil), `the subject is set`},
		{cond("subject", "not_set", nil), `the subject is not set`},
		{cond("body", "contains", strings.Repeat("x", 100)), `the body contains "` + strings.Repeat("x", 59) + `…"`},
		{cond("body", "does_not_contain", "x"), `the body does not contain "x"`},
		{cond("body", "matches", `/money\s+back/i`), `the body matches /money\s+back/i`},
		{cond("customer_email", "is", "a@b.example"), `the customer's email is "a@b.example"`},
		{cond("customer_email", "is_not", "a@b.example"), `the customer's email is not "a@b.example"`},
		{cond("customer_email", "contains", "b"), `the customer's email contains "b"`},
		{cond("customer_email", "does_not_contain", "b"), `the customer's email does not contain "b"`},
		{cond("customer_email", "starts_with", "b"), `the customer's email starts with "b"`},
		{cond("customer_email", "ends_with", "b"), `the customer's email ends with "b"`},
		{cond("customer_email", "matches", "b"), `the customer's email matches /b/`},
		{cond("customer_name", "is", "Ann"), `the customer's name is "Ann"`},
		{cond("customer_name", "is_not", "Ann"), `the customer's name is not "Ann"`},
		{cond("customer_name", "contains", "Ann"), `the customer's name contains "Ann"`},
		{cond("customer_name", "does_not_contain", "Ann"), `the customer's name does not contain "Ann"`},
		{cond("customer_name", "starts_with", "Ann"), `the customer's name starts with "Ann"`},
		{cond("customer_name", "ends_with", "Ann"), `the customer's name ends with "Ann"`},
		{cond("customer_name", "matches", "Ann"), `the customer's name matches /Ann/`},
		{cond("customer_name", "set", nil), `the customer's name is set`},
		{cond("customer_name", "not_set", nil), `the customer's name is not set`},
		{cond("customer_company", "is", "Acme"), `the customer's company is "Acme"`},
		{cond("customer_company", "is_not", "Acme"), `the customer's company is not "Acme"`},
		{cond("customer_company", "contains", "Acme"), `the customer's company contains "Acme"`},
		{cond("customer_company", "does_not_contain", "Acme"), `the customer's company does not contain "Acme"`},
		{cond("customer_company", "starts_with", "Acme"), `the customer's company starts with "Acme"`},
		{cond("customer_company", "ends_with", "Acme"), `the customer's company ends with "Acme"`},
		{cond("customer_company", "matches", "Acme"), `the customer's company matches /Acme/`},
		{cond("customer_company", "set", nil), `the customer's company is set`},
		{cond("customer_company", "not_set", nil), `the customer's company is not set`},
		{cond("customer_phone", "is", "110"), `the customer's phone number is "110"`},
		{cond("customer_phone", "is_not", "110"), `the customer's phone number is not "110"`},
		{cond("customer_phone", "contains", "110"), `the customer's phone number contains "110"`},
		{cond("customer_phone", "does_not_contain", "110"), `the customer's phone number does not contain "110"`},
		{cond("customer_phone", "starts_with", "110"), `the customer's phone number starts with "110"`},
		{cond("customer_phone", "ends_with", "110"), `the customer's phone number ends with "110"`},
		{cond("customer_phone", "matches", "110"), `the customer's phone number matches /110/`},
		{cond("customer_phone", "set", nil), `the customer's phone number is set`},
		{cond("customer_phone", "not_set", nil), `the customer's phone number is not set`},
		{cond("to", "is", "x"), `the recipient (To) is "x"`},
		{cond("to", "is_not", "x"), `the recipient (To) is not "x"`},
		{cond("to", "contains", "x"), `the recipient (To) contains "x"`},
		{cond("to", "does_not_contain", "x"), `the recipient (To) does not contain "x"`},
		{cond("to", "starts_with", "x"), `the recipient (To) starts with "x"`},
		{cond("to", "ends_with", "x"), `the recipient (To) ends with "x"`},
		{cond("to", "matches", "x"), `the recipient (To) matches /x/`},
		{cond("cc", "is", "x"), `the recipient of a copy (Cc) is "x"`},
		{cond("cc", "is_not", "x"), `the recipient of a copy (Cc) is not "x"`},
		{cond("cc", "contains", "x"), `the recipient of a copy (Cc) contains "x"`},
		{cond("cc", "does_not_contain", "x"), `the recipient of a copy (Cc) does not contain "x"`},
		{cond("cc", "starts_with", "x"), `the recipient of a copy (Cc) starts with "x"`},
		{cond("cc", "ends_with", "x"), `the recipient of a copy (Cc) ends with "x"`},
		{cond("cc", "matches", "x"), `the recipient of a copy (Cc) matches /x/`},
		{cond("attachment_name", "is", "x"), `the name of an attachment is "x"`},
		{cond("attachment_name", "is_not", "x"), `the name of an attachment is not "x"`},
		{cond("attachment_name", "contains", "x"), `the name of an attachment contains "x"`},
		{cond("attachment_name", "does_not_contain", "x"), `the name of an attachment does not contain "x"`},
		{cond("attachment_name", "starts_with", "x"), `the name of an attachment starts with "x"`},
		{cond("attachment_name", "ends_with", "x"), `the name of an attachment ends with "x"`},
		{cond("attachment_name", "matches", "x"), `the name of an attachment matches /x/`},
		{cond("header.X-Flag", "is", "x"), `the header X-Flag is "x"`},
		{cond("header.X-Flag", "is_not", "x"), `the header X-Flag is not "x"`},
		{cond("header.X-Flag", "contains", "x"), `the header X-Flag contains "x"`},
		{cond("header.X-Flag", "does_not_contain", "x"), `the header X-Flag does not contain "x"`},
		{cond("header.X-Flag", "starts_with", "x"), `the header X-Flag starts with "x"`},
		{cond("header.X-Flag", "ends_with", "x"), `the header X-Flag ends with "x"`},
		{cond("header.X-Flag", "matches", "x"), `the header X-Flag matches /x/`},
		{cond("attachment_count", "is", 2.0), `the number of attachments is 2`},
		{cond("attachment_count", "is_not", 2.0), `the number of attachments is not 2`},
		{cond("attachment_count", "greater_than", 2.0), `the number of attachments is greater than 2`},
		{cond("attachment_count", "less_than", 2.0), `the number of attachments is less than 2`},
		{cond("attachment_count", "at_least", 2.0), `the number of attachments is at least 2`},
		{cond("attachment_count", "at_most", 2.0), `the number of attachments is at most 2`},
		{cond("header.X-Flag", "set", nil), `the header X-Flag is set`},
		{cond("header.X-Flag", "not_set", nil), `the header X-Flag is not set`},
		{cond("headers", "contains", "x"), `a header contains "x"`},
		{cond("headers", "does_not_contain", "x"), `no header contains "x"`},
		{cond("headers", "matches", "x"), `a header matches /x/`},
		{cond("note_body", "contains", "x"), `the note contains "x"`},
		{cond("note_body", "does_not_contain", "x"), `the note does not contain "x"`},
		{cond("note_body", "matches", "x"), `the note matches /x/`},
		{cond("attachment", "has", nil), `it has an attachment`},
		{cond("attachment", "has_not", nil), `it has no attachment`},
		{cond("sender", "is", "x"), `the sender is "x"`},
		{cond("sender", "is_not", "x"), `the sender is not "x"`},
		{cond("sender", "contains", "x"), `the sender contains "x"`},
		{cond("sender", "does_not_contain", "x"), `the sender does not contain "x"`},
		{cond("sender", "starts_with", "x"), `the sender starts with "x"`},
		{cond("sender", "ends_with", "x"), `the sender ends with "x"`},
		{cond("sender", "matches", "x"), `the sender matches /x/`},
		{cond("reply_to", "is", "x"), `the address for answers (Reply-To) is "x"`},
		{cond("reply_to", "is_not", "x"), `the address for answers (Reply-To) is not "x"`},
		{cond("reply_to", "contains", "x"), `the address for answers (Reply-To) contains "x"`},
		{cond("reply_to", "does_not_contain", "x"), `the address for answers (Reply-To) does not contain "x"`},
		{cond("reply_to", "starts_with", "x"), `the address for answers (Reply-To) starts with "x"`},
		{cond("reply_to", "ends_with", "x"), `the address for answers (Reply-To) ends with "x"`},
		{cond("reply_to", "matches", "x"), `the address for answers (Reply-To) matches /x/`},
		{cond("body_with_history", "contains", "x"), `the body with what it quotes contains "x"`},
		{cond("body_with_history", "does_not_contain", "x"), `the body with what it quotes does not contain "x"`},
		{cond("body_with_history", "matches", "x"), `the body with what it quotes matches /x/`},
		{cond("authentication", "is", "pass"), `the check of the sender is pass`},
		{cond("authentication", "is_not", "pass"), `the check of the sender is not pass`},
		{cond("sender_is_claimed", "is", "yes"), `the sender is merely claimed`},
		{cond("sender_is_claimed", "is", "no"), `the sender is not merely claimed`},
		{cond("third_party_replied", "", nil), `a third party wrote`},
		{cond("customer_reopened", "", nil), `the customer answered what was closed`},
		{cond("customer_reopened", "", "3d"), `the customer answered what was closed for longer than 3 days`},
		{cond("channel", "is", "portal"), `the channel is portal`},
		{cond("channel", "is_not", "email"), `the channel is not email`},
		{cond("imported", "is", "yes"), `it was imported`},
		{cond("imported", "is", "no"), `it was not imported`},
		{cond("type", "is", "email"), `the type is email`},
		{cond("type", "is_not", "email"), `the type is not email`},
		{cond("is_bounce", "is", "yes"), `the mail is a bounce`},
		{cond("is_bounce", "is", "no"), `the mail is no bounce`},
		{cond("is_auto_reply", "is", "yes"), `the mail is an automatic reply`},
		{cond("is_auto_reply", "is", "no"), `the mail is no automatic reply`},
		{cond("started_by", "is", "api"), `it was started by the API`},
		{cond("started_by", "is_not", "customer"), `it was not started by the customer`},
		{cond("status", "is", "active"), `the status is active`},
		{cond("status", "is_not", "closed"), `the status is not closed`},
		{cond("state", "is", "deleted"), `the state is deleted`},
		{cond("state", "is_not", "deleted"), `the state is not deleted`},
		{cond("assignee", "is", "u1"), `the assignee is Ann`},
		{cond("assignee", "is_not", "u9"), `the assignee is not u9`},
		{cond("assignee", "is", Unassigned), `nobody is assigned`},
		{cond("assignee", "is_not", Unassigned), `somebody is assigned`},
		{cond("tags", "has_any", "a"), `it has the tag "a"`},
		{cond("tags", "has_any", []any{"a", "b"}), `it has any of the tags "a", "b"`},
		{cond("tags", "has_all", []any{"a", "b"}), `it has all of the tags "a", "b"`},
		{cond("tags", "matches", "/^vip/i"), `one of its tags matches /^vip/i`},
		{cond("tags", "has_none", []any{"a"}), `it does not have the tag "a"`},
		{cond("tags", "has_none", []any{"a", "b"}), `it has none of the tags "a", "b"`},
		{cond("rating", "is", "great"), `the rating is great`},
		{cond("rating", "is_not", "not_good"), `the rating is not "not good"`},
		{cond("rating", "rated", nil), `the customer has rated it`},
		{cond("rating", "not_rated", nil), `the customer has not rated it`},
		{cond("customer_viewed", "is", "yes"), `the customer has viewed the last reply`},
		{cond("customer_viewed", "is", "no"), `the customer has not viewed the last reply`},
		{cond("new_conversation", "", nil), `a new conversation began`},
		{cond("customer_replied", "", nil), `the customer replied`},
		{cond("agent_replied", "", nil), `an agent replied`},
		{cond("note_added", "", nil), `a note was added`},
		{cond("moved_here", "", nil), `it was moved here`},
		{cond("moved_here", "", "m2"), `it was moved here from Billing`},
		{Condition{Field: "moved_here", From: "m2"}, `it was moved here from Billing`},
		{cond("user_action", "", nil), `a user did something`},
		{cond("user_action", "", "u1"), `Ann did something`},
		{cond("status_changed", "", nil), `the status changed`},
		{Condition{Field: "status_changed", From: "active", To: "closed"}, `the status changed from active to closed`},
		{Condition{Field: "assignee_changed", From: "u1", To: Unassigned}, `the assignee changed from Ann to nobody`},
		{cond("tag_added", "", nil), `a tag was added`},
		{cond("tag_added", "", "vip"), `the tag "vip" was added`},
		{cond("tag_removed", "", nil), `a tag was removed`},
		{cond("field_changed", "", nil), `a field changed`},
		{Condition{Field: "field_changed", Value: "Plan", To: "paid"}, `the field "Plan" changed to "paid"`},
		{cond("waiting_since", "longer_than", "24h"), `the customer has waited longer than 24 hours`},
		{cond("waiting_since", "not_longer_than", "1d"), `the customer has not waited longer than 1 day`},
		{cond("last_customer_reply", "in_the_last", "30m"), `the customer wrote in the last 30 minutes`},
		{cond("last_customer_reply", "not_in_the_last", "90s"), `the customer has not written in the last 90 seconds`},
		{cond("last_agent_reply", "in_the_last", "1h"), `an agent replied in the last hour`},
		{cond("last_agent_reply", "not_in_the_last", "72h"), `no agent has replied in the last 72 hours`},
		{cond("created", "in_the_last", "3d"), `it was created in the last 3 days`},
		{cond("created", "not_in_the_last", "3d"), `it was not created in the last 3 days`},
	}
	said := map[string]bool{}
	for _, c := range cases {
		said[familiar(c.row.Field)+" "+c.row.Op] = true
		if got := c.row.Sentence(names); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
		compiled(t, definition(c.row))
	}
	for _, f := range allFields() {
		for _, o := range f.ops {
			if tested(f.name) == nil && !said[f.name+" "+o.name] {
				t.Errorf("%s %s has no sentence: give the condition an entry in conditions_test.go", f.name, o.name)
			}
		}
	}
	for _, c := range []struct {
		row  Condition
		want string
	}{
		{cond("weather", "is", "fine"), `weather is "fine"`},
		{cond("started_by", "is", "robot"), `it was started by "robot"`},
		{cond("subject", "is", 7.0), `the subject is 7`},
		{cond("tags", "has_any", []any{1.0}), `it has the tag ""`},
		{cond("created", "in_the_last", "soon"), `it was created in the last "soon"`},
		{cond("created", "in_the_last", true), `it was created in the last true`},
		{cond("weather", "in", []any{"a", 1.0, true}), `weather in "a", 1, true`},
	} {
		if got := c.row.Sentence(nil); got != c.want {
			t.Errorf("of a wrong condition: %q, want %q", got, c.want)
		}
	}
}

func TestActionsInWords(t *testing.T) {
	t.Parallel()
	names := Names(func(kind, id string) string {
		return map[string]string{"user u1": "Ann", "mailbox m2": "Billing"}[kind+" "+id]
	})
	cases := []struct {
		action Action
		want   string
	}{
		{Action{Do: DoAddTags, Tags: []string{"refund"}}, `add the tag "refund"`},
		{Action{Do: DoAddTags, Tags: []string{"a", "b"}}, `add the tags "a", "b"`},
		{Action{Do: DoRemoveTags, Tags: []string{"a"}}, `remove the tag "a"`},
		{Action{Do: DoSetStatus, Status: "closed"}, `set the status to closed`},
		{Action{Do: DoAssign, To: []string{"u1"}}, `assign it to Ann`},
		{Action{Do: DoAssign, To: []string{Unassigned}}, `unassign it`},
		{Action{Do: DoAssign, To: []string{ToMe}}, `assign it to the agent who runs the workflow`},
		{Action{Do: DoAssign, To: []string{"u1"}, OnlyIfAvailable: true}, `assign it to Ann, if available`},
		{Action{Do: DoAssign, To: []string{ToRoundRobin}}, `assign it to whose turn it is`},
		{Action{Do: DoAssign, To: []string{ToRoundRobin}, Among: []string{"u1", "u2"}}, `assign it to whose turn it is of Ann, u2`},
		{Action{Do: DoSetSubject, Subject: "[{%subject%}]"}, `set the subject to "[{%subject%}]"`},
		{Action{Do: DoFollow, User: "u1"}, `make Ann a follower`},
		{Action{Do: DoFollow, User: ToAssignee}, `make the assignee a follower`},
		{Action{Do: DoUnfollow, User: ToMe}, `make the agent who runs the workflow no follower any more`},
		{Action{Do: DoDelete}, `delete it`},
		{Action{Do: DoDeleteForever}, `delete it for ever`},
		{Action{Do: DoForward, To: []string{"a@b.example", "c@d.example"}}, `forward it to a@b.example, c@d.example`},
		{Action{Do: DoForward, To: []string{"a@b.example"}, Cc: []string{"c@d.example"}, Bcc: []string{"e@f.example"}},
			`forward it to a@b.example, with a copy to c@d.example, with a hidden copy to e@f.example`},
		{Action{Do: DoNotify, To: []string{ToFollowers}, Body: "x"}, `notify the followers`},
		{Action{Do: DoMove, Mailbox: "m2"}, `move it to Billing`},
		{Action{Do: DoSnooze, Until: "24h"}, `snooze it for 24 hours`},
		{Action{Do: DoSnooze, Until: "2030-01-31T09:00:00Z"}, `snooze it until 2030-01-31T09:00:00Z`},
		{Action{Do: DoDisableAutoReply}, `disable the mailbox's automatic reply for this conversation`},
		{Action{Do: DoSetField, Field: "Plan", Value: "paid"}, `set the field "Plan" to "paid"`},
		{Action{Do: DoSetField, Field: "Plan"}, `empty the field "Plan"`},
		{Action{Do: DoNote, Body: "x"}, `add a note`},
		{Action{Do: DoReply, Body: "x"}, `reply to the customer`},
		{Action{Do: DoReply, Body: "x", As: AsAgent}, `reply to the customer as the agent who runs the workflow`},
		{Action{Do: DoEmail, Subject: "x", Body: "x"}, `email the customer`},
		{Action{Do: DoNotify, To: []string{ToAssignee, ToLastAgent, ToAllUsers, "u1", "u2"}, Body: "x"},
			`notify the assignee, the agent who replied last, all users of the mailbox, Ann, u2`},
		{Action{Do: DoWebhook, Endpoint: "ERP", Event: "refund.asked"}, `tell the webhook endpoint "ERP" the event "refund.asked"`},
		{Action{Do: DoWebhook, URL: "https://erp.example/x?token=secret"}, `call the webhook https://erp.example/x`},
		{Action{Do: DoWebhook, URL: "https://erp.example/x", Event: "refund.asked"},
			`call the webhook https://erp.example/x with the event "refund.asked"`},
		{Action{Do: DoStop}, `stop: no later workflow sees this event`},
	}
	for _, c := range cases {
		if got := c.action.Sentence(names); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	for _, a := range []Action{{}, {Do: "dance"}, {Do: DoAssign}, {Do: DoNotify}, {Do: DoAddTags}, {Do: DoWebhook, URL: "::"}} {
		if got := a.Sentence(nil); a.Do != "" && got == "" {
			t.Errorf("nothing is said of %+v", a)
		}
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	d := definition(
		cond("assignee", "is", "bob@smarticks.test"), cond("assignee", "is", Unassigned), cond("tags", "has_any", []any{"a@b", "c"}),
		cond("tags", "has_none", Unassigned),
		Condition{Field: "moved_here", From: "billing@smarticks.test"}, cond("moved_here", "", "m2"),
		cond("customer_email", "is", "ann@example.com"),
		cond("user_action", "", "bob@smarticks.test"), Condition{Field: "assignee_changed", From: Unassigned, To: "bob@smarticks.test"},
		cond("tag_added", "", "y"))
	d.Actions = []Action{
		{Do: DoAddTags, Tags: []string{"x"}},
		{Do: DoAssign, To: []string{"bob@smarticks.test"}},
		{Do: DoAssign, To: []string{Unassigned}},
		{Do: DoNotify, To: []string{ToAssignee, "eve@smarticks.test", "u3"}, Body: "x"},
		{Do: DoNotify, To: []string{"u4"}, Body: "x"},
		{Do: DoMove, Mailbox: "billing@smarticks.test"},
		{Do: DoWebhook, URL: "https://erp.example/?a@b"},
	}
	want := []Reference{
		{RefUser, "bob@smarticks.test", "conditions[0].any[0].value"},
		{RefTag, "a@b", "conditions[2].any[0].value[0]"},
		{RefTag, "c", "conditions[2].any[0].value[1]"},
		{RefTag, Unassigned, "conditions[3].any[0].value"},
		{RefMailbox, "billing@smarticks.test", "conditions[4].any[0].from"},
		{RefMailbox, "m2", "conditions[5].any[0].value"},
		{RefUser, "bob@smarticks.test", "conditions[7].any[0].value"},
		{RefUser, "bob@smarticks.test", "conditions[8].any[0].to"},
		{RefTag, "y", "conditions[9].any[0].value"},
		{RefTag, "x", "actions[0].tags[0]"},
		{RefUser, "bob@smarticks.test", "actions[1].to"},
		{RefUser, "eve@smarticks.test", "actions[3].to[1]"},
		{RefUser, "u3", "actions[3].to[2]"},
		{RefUser, "u4", "actions[4].to"},
		{RefMailbox, "billing@smarticks.test", "actions[5].mailbox"},
	}
	if got := compiled(t, d).References(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}

	before := clone(d)
	resolved, bad := d.Resolve(func(kind, name string) (string, bool) {
		id, ok := map[string]string{"user bob@smarticks.test": "u2", "mailbox billing@smarticks.test": "m9"}[kind+" "+name]
		return id, ok
	})
	onlyProblem(t, bad, "actions[3].to[1]", `no user with the address "eve@smarticks.test"`)
	var ids []string
	for _, r := range resolved.References() {
		ids = append(ids, r.ID)
	}
	if got := strings.Join(ids, " "); got != "u2 a@b c unassigned m9 m2 u2 u2 y x u2 eve@smarticks.test u3 u4 m9" {
		t.Error(got)
	}
	if !reflect.DeepEqual(d, before) {
		t.Error("the definition itself was changed")
	}
}

func TestTheNearestKnownName(t *testing.T) {
	t.Parallel()
	known := []string{"subject", "body", "status", "state", "does_not_contain", "is", "is_not"}
	for got, want := range map[string]string{
		"Subject": "subject", "subjct": "subject", "sbuject": "subject", "bdoy": "body", "does not contain": "does_not_contain",
		"does-not-contain": "does_not_contain",
		"isnot":            "is_not", "si": "is", "statuss": "status", "weather": "", "": "", strings.Repeat("subject", 100): "",
	} {
		if near := nearest(got, known); near != want {
			t.Errorf("nearest to %q is %q, want %q", got, near, want)
		}
	}
}
