package automation

import "github.com/smarticks/smarticks/conversation"

func messages(n int) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Conversation.Messages = n }
}

func replies(n int) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Conversation.CustomerReplies = n }
}

func lastMark(m conversation.Machine) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Conversation.LastCustomerMachine = m }
}

func marked(kind conversation.MessageKind, m conversation.Machine) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Message = &conversation.Message{Kind: kind, Machine: m} }
}

func startedBy(who conversation.ActorKind) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Conversation.StartedBy = who }
}

// countRowCases are those of numbers, of yes and no, and of what is set when a
// conversation begins.
var countRowCases = []rowCase{
	{"three messages are three", cond("message_count", "is", 3.0), facts(messages(3)), True, "3", ""},
	{"no message is 0", cond("message_count", "is", 0.0), facts(), True, "0", ""},
	{"three messages are not four", cond("message_count", "is_not", 4.0), facts(messages(3)), True, "", ""},
	{"three are not three: no", cond("message_count", "is_not", 3.0), facts(messages(3)), False, "", ""},
	{"three are more than two", cond("message_count", "greater_than", 2.0), facts(messages(3)), True, "", ""},
	{"three are more than three: no", cond("message_count", "greater_than", 3.0), facts(messages(3)), False, "", ""},
	{"ten are more than nine: numbers, not texts", cond("message_count", "greater_than", 9.0), facts(messages(10)), True, "", ""},
	{"three are less than ten", cond("message_count", "less_than", 10.0), facts(messages(3)), True, "", ""},
	{"three are less than three: no", cond("message_count", "less_than", 3.0), facts(messages(3)), False, "", ""},
	{"three are at least three", cond("message_count", "at_least", 3.0), facts(messages(3)), True, "", ""},
	{"three are at least four: no", cond("message_count", "at_least", 4.0), facts(messages(3)), False, "", ""},
	{"three are at most three", cond("message_count", "at_most", 3.0), facts(messages(3)), True, "", ""},
	{"three are at most two: no", cond("message_count", "at_most", 2.0), facts(messages(3)), False, "", ""},
	{"the customer replied twice", cond("customer_reply_count", "is", 2.0), facts(replies(2), messages(5)), True, "2", ""},
	{"the customer did not reply twice", cond("customer_reply_count", "is_not", 2.0), facts(replies(1)), True, "", ""},
	{"the customer replied more than once", cond("customer_reply_count", "greater_than", 1.0), facts(replies(2)), True, "", ""},
	{"the customer replied less than once", cond("customer_reply_count", "less_than", 1.0), facts(), True, "", ""},
	{"the customer replied at least once: no", cond("customer_reply_count", "at_least", 1.0), facts(messages(5)), False, "0", ""},
	{"the customer replied at most once", cond("customer_reply_count", "at_most", 1.0), facts(replies(1)), True, "", ""},
	{"the event's mail is a bounce", cond("is_bounce", "is", "yes"),
		facts(marked(conversation.MessageCustomer, conversation.MachineBounce)), True, "yes", ""},
	{"the event's mail counts, not the last one", cond("is_bounce", "is", "yes"),
		facts(lastMark(conversation.MachineBounce), marked(conversation.MessageCustomer, "")), False, "no", ""},
	{"an automatic reply is no bounce", cond("is_bounce", "is", "no"),
		facts(marked(conversation.MessageCustomer, conversation.MachineAutoReply)), True, "no", ""},
	{"the last mail is a bounce", cond("is_bounce", "is", "yes"), facts(lastMark(conversation.MachineBounce)), True, "", ""},
	{"the last mail is an automatic reply", cond("is_auto_reply", "is", "yes"), facts(lastMark(conversation.MachineAutoReply)), True, "yes",
		""},
	{"an agent's reply is looked through to the last mail", cond("is_auto_reply", "is", "yes"),
		facts(lastMark(conversation.MachineAutoReply), marked(conversation.MessageReply, "")), True, "yes", ""},
	{"a person's mail is no automatic reply", cond("is_auto_reply", "is", "no"), facts(), True, "no", ""},
	{"a type is that type", cond("type", "is", "email"), facts(), True, "email", ""},
	{"a type is another: no", cond("type", "is", "phone"), facts(), False, "email", ""},
	{"a type is not another", cond("type", "is_not", "chat"), facts(), True, "", ""},
	{"the customer started it", cond("started_by", "is", "customer"), facts(startedBy(conversation.ActorCustomer)), True, "customer", ""},
	{"the API started it, so not the customer", cond("started_by", "is_not", "customer"), facts(startedBy(conversation.ActorAPI)), True,
		"api", ""},
}
