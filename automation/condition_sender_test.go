package automation

import (
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// form is a mail that a web form sent for Lena.
var form = mail(sentBy("noreply@shop.example.com"), answerTo("lena@example.net", "Ops <ops@shop.example.com>"), claimed)

var senderRowCases = []rowCase{
	{"the sender is From's address", cond("sender", "is", "NoReply@shop.example.com"), facts(form), True, "noreply@shop.example.com", ""},
	{"the sender is not the person behind it", cond("sender", "is", "lena@example.net"), facts(form), False, "noreply@shop.example.com", ""},
	{"the sender is another", cond("sender", "is_not", "lena@example.net"), facts(form), True, "", ""},
	{"a part of the sender", cond("sender", "contains", "@shop."), facts(form), True, "", ""},
	{"a part that the sender lacks", cond("sender", "does_not_contain", "noreply"), facts(form), False, "", ""},
	{"how the sender begins", cond("sender", "starts_with", "noreply@"), facts(form), True, "", ""},
	{"how the sender ends", cond("sender", "ends_with", ".com"), facts(form), True, "", ""},
	{"a pattern of the sender", cond("sender", "matches", `^(no-?reply|bounce)@`), facts(form), True, "", ""},
	{"a third party's sender", cond("sender", "is", "sales@factory.example.org"),
		facts(mail(byThirdParty, sentBy("sales@factory.example.org"))), True, "", ""},
	{"a message that was no mail has its writer", cond("sender", "is", "ann@example.com"),
		facts(mail(func(m *conversation.Message) { m.From = "ann@example.com" })), True, "", ""},
	{"where the event has no mail, the recent ones", cond("sender", "is", "a@x.test"), facts(recentMail(sentBy("a@x.test"))), True, "", ""},
	{"an agent's reply has no sender of ours", cond("sender", "is", "a@x.test"),
		facts(recentMail(sentBy("a@x.test")), marked(conversation.MessageReply, "")), True, "", ""},
	{"without a customer's message the sender is unknown", cond("sender", "is_not", "a@x.test"), facts(recent()), Unknown, "",
		"no customer message"},
	{"any of the addresses for answers", cond("reply_to", "is", "ops@shop.example.com"), facts(form), True, "ops@shop.example.com", ""},
	{"none of the addresses for answers", cond("reply_to", "is_not", "Lena <lena@example.net>"), facts(form), False, "", ""},
	{"an address for answers contains", cond("reply_to", "contains", "lena"), facts(form), True, "", ""},
	{"no address for answers contains", cond("reply_to", "does_not_contain", "x"), facts(mail()), True, "none", ""},
	{"an address for answers starts with", cond("reply_to", "starts_with", "lena@"), facts(form), True, "", ""},
	{"an address for answers ends with", cond("reply_to", "ends_with", "example.net"), facts(form), True, "", ""},
	{"an address for answers matches", cond("reply_to", "matches", "^ops@"), facts(form), True, "", ""},
	{"no address for answers was read", cond("reply_to", "does_not_contain", "x"), facts(mail(sealed)), Unknown, "none",
		"the header is longer"},
	{"the check passed", cond("authentication", "is", "pass"), facts(mail(authenticated("pass"))), True, "pass", ""},
	{"the check failed", cond("authentication", "is_not", "pass"), facts(mail(authenticated("fail"))), True, "fail", ""},
	{"nobody checked", cond("authentication", "is_not", "pass"), facts(mail()), Unknown, "", "no server that is trusted"},
	{"nobody wrote who could be checked", cond("authentication", "is", "pass"), facts(recent()), Unknown, "", "no customer message"},
	{"the sender is merely claimed", cond("sender_is_claimed", "is", "yes"), facts(form), True, "yes", ""},
	{"the sender is not merely claimed", cond("sender_is_claimed", "is", "no"), facts(mail()), True, "no", ""},
	{"nobody claimed anything", cond("sender_is_claimed", "is", "no"), facts(recent()), Unknown, "", "no customer message"},
	{"a third party wrote", cond("third_party_replied", "", nil), facts(event(conversation.KindThirdParty)), True, "a third party wrote", ""},
	{"the customer is no third party", cond("third_party_replied", "", nil), facts(event(conversation.KindCustomerMessage)), False,
		"the customer replied", ""},
	{"a third party is not the customer", cond("customer_replied", "", nil), facts(event(conversation.KindThirdParty)), False,
		"a third party wrote", ""},
}

func TestWhatListensToAThirdParty(t *testing.T) {
	t.Parallel()
	listening := map[string]bool{"third_party_replied": true}
	third := conversation.Event{Kind: conversation.KindThirdParty}
	for _, c := range allRowCases() {
		want := listening[c.row.Field] || (c.row.Field == "is_bounce" || c.row.Field == "is_auto_reply") && c.row.Value == "yes"
		if got := compiled(t, definition(c.row)).Listens(third); got != want {
			t.Errorf("%s: listens to a third party: %v", c.row.Sentence(nil), got)
		}
	}
}
