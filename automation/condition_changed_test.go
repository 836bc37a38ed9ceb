package automation

import "github.com/smarticks/smarticks/conversation"

func by(kind conversation.ActorKind, id string) func(*conversation.Event) {
	return func(e *conversation.Event) { e.Actor = conversation.Actor{Kind: kind, ID: id} }
}

func change(from, to string) func(*conversation.Event) {
	return func(e *conversation.Event) { e.From, e.To = from, to }
}

func added(tags ...string) func(*conversation.Event) {
	return func(e *conversation.Event) { e.Added = tags }
}

func removed(tags ...string) func(*conversation.Event) {
	return func(e *conversation.Event) { e.Removed = tags }
}

func ofField(name string) func(*conversation.Event) {
	return func(e *conversation.Event) { e.Field = name }
}

var changedRowCases = []rowCase{
	{"a user's reply is an action of a user", cond("user_action", "", nil), facts(event(conversation.KindAgentReply, by("user", "u1"))),
		True, "an agent replied", ""},
	{"and of that user", cond("user_action", "", "u1"), facts(event(conversation.KindTagsChanged, by("user", "u1"))), True, "", ""},
	{"but not of another: no", cond("user_action", "", "u2"), facts(event(conversation.KindTagsChanged, by("user", "u1"))), False, "", ""},
	{"what a workflow does is no user's action", cond("user_action", "", nil),
		facts(event(conversation.KindTagsChanged, by("workflow", "u1"))), False, "", ""},
	{"a customer is no user", cond("user_action", "", nil), facts(event(conversation.KindCustomerMessage, by("customer", "u1"))), False, "",
		""},
	{"a move is for moved_here", cond("user_action", "", nil), facts(event(conversation.KindMoved, by("user", "u1"))), False, "", ""},
	{"time is no user", cond("user_action", "", nil), facts(), False, "no event", ""},
	{"a status changed", cond("status_changed", "", nil), facts(event(conversation.KindStatusChanged, change("active", "closed"))), True,
		"from active to closed", ""},
	{"a status changed from one to another", Condition{Field: "status_changed", From: "active", To: "closed"},
		facts(event(conversation.KindStatusChanged, change("active", "closed"))), True, "", ""},
	{"from another: no", Condition{Field: "status_changed", From: "pending"},
		facts(event(conversation.KindStatusChanged, change("active", "closed"))), False, "", ""},
	{"to another: no", Condition{Field: "status_changed", To: "active"},
		facts(event(conversation.KindStatusChanged, change("active", "closed"))), False, "", ""},
	{"a status that did not change is not in an event", Condition{Field: "status_changed", To: "active"},
		facts(event(conversation.KindTagsChanged)), False, "", ""},
	{"an assignee changed", cond("assignee_changed", "", nil), facts(event(conversation.KindAssigneeChanged, change("", "u1"))), True,
		"the assignee changed", ""},
	{"from nobody to somebody", Condition{Field: "assignee_changed", From: Unassigned, To: "u1"},
		facts(event(conversation.KindAssigneeChanged, change("", "u1"))), True, "", ""},
	{"to nobody", Condition{Field: "assignee_changed", To: Unassigned}, facts(event(conversation.KindAssigneeChanged, change("u1", ""))),
		True, "", ""},
	{"from nobody, when it was somebody: no", Condition{Field: "assignee_changed", From: Unassigned},
		facts(event(conversation.KindAssigneeChanged, change("u1", ""))), False, "", ""},
	{"a tag was added", cond("tag_added", "", nil), facts(event(conversation.KindTagsChanged, added("vip"))), True, "the tags changed", ""},
	{"that tag was added", cond("tag_added", "", "VIP"), facts(event(conversation.KindTagsChanged, added("late", "vip"))), True, "", ""},
	{"another was added: no", cond("tag_added", "", "vip"), facts(event(conversation.KindTagsChanged, added("late"))), False, "", ""},
	{"it was removed, not added: no", cond("tag_added", "", nil), facts(event(conversation.KindTagsChanged, removed("vip"))), False, "", ""},
	{"a tag was removed", cond("tag_removed", "", nil), facts(event(conversation.KindTagsChanged, removed("vip"))), True, "", ""},
	{"that tag was removed", cond("tag_removed", "", "vip"), facts(event(conversation.KindTagsChanged, added("late"), removed("vip"))),
		True, "", ""},
	{"it was added, not removed: no", cond("tag_removed", "", "late"),
		facts(event(conversation.KindTagsChanged, added("late"), removed("vip"))), False, "", ""},
	{"a field changed", cond("field_changed", "", nil), facts(event(conversation.KindFieldChanged, ofField("Order"), change("1", "2"))),
		True, "a field changed", ""},
	{"that field changed", cond("field_changed", "", "order"),
		facts(event(conversation.KindFieldChanged, ofField("Order"), change("1", "2"))), True, "", ""},
	{"another field changed: no", cond("field_changed", "", "Plan"),
		facts(event(conversation.KindFieldChanged, ofField("Order"), change("1", "2"))), False, "", ""},
	{"it changed from one value to another", Condition{Field: "field_changed", Value: "Plan", From: "FREE", To: "paid"},
		facts(event(conversation.KindFieldChanged, ofField("Plan"), change("Free", "Paid"))), True, "", ""},
	{"it changed to another value: no", Condition{Field: "field_changed", Value: "Plan", To: "free"},
		facts(event(conversation.KindFieldChanged, ofField("Plan"), change("Free", "Paid"))), False, "", ""},
}
