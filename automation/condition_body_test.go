package automation

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// unread says that of the mail's text, headers or files not all could be read.
func unread(gaps conversation.Gaps) func(*conversation.Message) {
	return func(m *conversation.Message) { m.Gaps = gaps }
}

var (
	sealed = unread(conversation.Gaps{Text: "it is encrypted", Headers: "the header is longer than 1 MB",
		Files: "the container could not be opened"})
	onlyText  = unread(conversation.Gaps{Text: "it is encrypted"})
	onlyFiles = unread(conversation.Gaps{Files: "the container could not be opened"})
)

// thanks is an answer that quotes our template: the word stands in the quote alone.
var thanks = quoting("Perfect, thank you, it works now!\n\nNoor\n",
	"On Wed, 25 Nov 2026 at 12:00, Support <support@example.com> wrote:\n> if you need a refund, just write \"refund\"")

// between is an answer between quoted lines.
func between(m *conversation.Message) {
	m.Text = "> Do you want a refund?\nYes, please.\n> Or another one?\nRather not.\n"
	second := strings.Index(m.Text, "> Or")
	m.Quotes = []conversation.Span{{Start: 0, End: strings.Index(m.Text, "Yes")}, {Start: second, End: strings.Index(m.Text, "Rather")}}
}

func says(text string) func(*conversation.Message) {
	return func(m *conversation.Message) { m.Text = text }
}

var bodyRowCases = []rowCase{
	{"a word in the quote is no new word", cond("body", "contains", "refund"), facts(mail(thanks)), False, "Perfect, thank you",
		`from line 5 on ("On Wed, 25 Nov 2026`},
	{"explain says that the quote has it", cond("body", "contains", "refund"), facts(mail(thanks)), False, "",
		`where "refund" is found: body_with_history`},
	{"what is quoted is not contained", cond("body", "does_not_contain", "refund"), facts(mail(thanks)), True, "",
		"what is quoted was left out"},
	{"a pattern does not look at the quote", cond("body", "matches", "need a refund"), facts(mail(thanks)), False, "",
		"what is quoted was left out"},
	{"a new word beside a quote", cond("body", "contains", "WORKS  now"), facts(mail(thanks)), True, "it works now",
		"what is quoted was left out"},
	{"the whole text has the quote", cond("body_with_history", "contains", "refund"), facts(mail(thanks)), True, "need a refund", ""},
	{"the whole text has not the word", cond("body_with_history", "does_not_contain", "refund"), facts(mail(thanks)), False, "", ""},
	{"a pattern over the whole text", cond("body_with_history", "matches", "need a refund"), facts(mail(thanks)), True, "", ""},
	{"answers between quoted lines stay", cond("body", "contains", "yes, please. rather not"), facts(mail(between)), True, "Yes, please.",
		"from line 1 on"},
	{"quoted lines between answers go", cond("body", "contains", "another one"), facts(mail(between)), False, "", "body_with_history"},
	{"a mail that only quotes says nothing new", cond("body", "does_not_contain", "refund"), facts(mail(quoting("", "> refund"))), True, "",
		"from line 2 on"},
	{"without a quote both are one", cond("body_with_history", "contains", "hello"), facts(mail()), True, "Hello", ""},
	{"a recent message's quote does not count", cond("body", "contains", "refund"), facts(recentMail(thanks)), False, "",
		"looked at the last 2 customer messages"},
	{"a recent message as a whole", cond("body_with_history", "contains", "refund"), facts(recentMail(thanks)), True, "",
		"looked at the last 2"},
	{"without a message the whole is unknown", cond("body_with_history", "does_not_contain", "x"), facts(recent()), Unknown, "",
		"no customer message"},
	{"an agent's reply is a body too", cond("body", "contains", "hello"), facts(mail(), marked(conversation.MessageReply, "")), False, "", ""},
	{"what is found far behind is shown, whatever its case", cond("body", "contains", "THE REFUND"),
		facts(mail(says(strings.Repeat("padding ", 300) + "the\n refund please"))), True, "the refund please", ""},

	{"a third party's text", cond("body", "contains", "price list"), facts(mail(byThirdParty, says("Our price list"))), True,
		"Our price list", ""},
	{"a third party's header", cond("headers", "contains", "x-a: b"), facts(mail(byThirdParty, header("X-A", "b"))), True, "", ""},
	{"a third party's file", cond("attachment", "has", nil), facts(mail(byThirdParty, file("a.pdf"))), True, "", ""},
	{"to whom a third party wrote", cond("to", "is", "a@x.test"), facts(mail(byThirdParty, sentTo("a@x.test"))), True, "", ""},
	{"whom a third party copied", cond("cc", "is", "a@x.test"), facts(mail(byThirdParty, copied("a@x.test"))), True, "", ""},
	{"a third party's bounce", cond("is_bounce", "is", "yes"), facts(marked(conversation.MessageThirdParty, conversation.MachineBounce)),
		True, "yes", ""},
	{"a third party's holiday note", cond("is_auto_reply", "is", "yes"),
		facts(marked(conversation.MessageThirdParty, conversation.MachineAutoReply)), True, "yes", ""},

	{"what could not be read may contain it", cond("body", "contains", "cancel contract"), facts(mail(says(""), sealed)), Unknown, "",
		"no readable text: it is encrypted"},
	{"and may not: unknown either way", cond("body", "does_not_contain", "cancel contract"), facts(mail(says(""), sealed)), Unknown, "",
		"no readable text: it is encrypted"},
	{"a pattern does not know either", cond("body", "matches", "cancel"), facts(mail(says(""), sealed)), Unknown, "", "no readable text"},
	{"nor does the whole text", cond("body_with_history", "does_not_contain", "cancel"), facts(mail(says(""), sealed)), Unknown, "",
		"no readable text"},
	{"what was read and found is found", cond("body", "contains", "hello"), facts(mail(onlyText)), True, "Hello",
		"not all of the text could be read: it is encrypted"},
	{"what was read and found is not missing", cond("body", "does_not_contain", "hello"), facts(mail(onlyText)), False, "",
		"not all of the text"},
	{"one recent message with a gap", cond("body", "does_not_contain", "refund"), facts(recent("a"), recentMail(onlyText)), Unknown, "",
		"not all of the text"},
	{"a note with a gap", cond("note_body", "does_not_contain", "refund"), facts(mail(note("x"), onlyText)), Unknown, "",
		"not all of the text"},
	{"a header that was not read", cond("header.X-A", "is_not", "b"), facts(mail(sealed)), Unknown, "none",
		"not all of it could be read: the header is longer"},
	{"a header may be set", cond("header.X-A", "not_set", nil), facts(mail(sealed)), Unknown, "", "the header is longer"},
	{"a header that is found is set", cond("header.X-A", "not_set", nil), facts(mail(sealed, header("X-A", "b"))), False, "b", ""},
	{"any header", cond("headers", "contains", "x"), facts(mail(sealed)), Unknown, "", "the header is longer"},
	{"a recipient that was not read", cond("to", "is_not", "a@x.test"), facts(mail(sealed, sentTo("b@x.test"))), Unknown, "b@x.test",
		"the header is longer"},
	{"a recipient that was", cond("to", "is_not", "b@x.test"), facts(mail(sealed, sentTo("b@x.test"))), False, "b@x.test", ""},
	{"a file that was not read", cond("attachment", "has", nil), facts(mail(onlyFiles)), Unknown, "", "could not be opened"},
	{"or is there none", cond("attachment", "has_not", nil), facts(mail(onlyFiles)), Unknown, "", "could not be opened"},
	{"one file was read", cond("attachment", "has_not", nil), facts(mail(onlyFiles, file("a.pdf"))), False, "1: a.pdf", "could not be opened"},
	{"a file's name that was not read", cond("attachment_name", "does_not_contain", "invoice"), facts(mail(onlyFiles, file("a.pdf"))),
		Unknown, "a.pdf", "could not be opened"},
	{"at least one file", cond("attachment_count", "at_least", 1.0), facts(mail(onlyFiles, file("a.pdf"))), True, "at least 1",
		"could not be opened"},
	{"at most one file is not known", cond("attachment_count", "at_most", 1.0), facts(mail(onlyFiles, file("a.pdf"))), Unknown,
		"at least 1", "could not be opened"},
	{"less than one is known", cond("attachment_count", "less_than", 1.0), facts(mail(onlyFiles, file("a.pdf"))), False, "",
		"could not be opened"},
	{"exactly two is not known", cond("attachment_count", "is", 2.0), facts(mail(onlyFiles, file("a.pdf"))), Unknown, "",
		"could not be opened"},
	{"not none is known", cond("attachment_count", "is_not", 0.0), facts(mail(onlyFiles, file("a.pdf"))), True, "", "could not be opened"},
	{"a picture in the text is no file", cond("attachment", "has", nil), facts(mail(inline("logo.png"))), False, "none", ""},
	{"nor counted", cond("attachment_count", "is", 1.0), facts(mail(inline("logo.png"), file("a.pdf"))), True, "1", ""},
	{"nor named", cond("attachment_name", "contains", "logo"), facts(mail(inline("logo.png"), file("a.pdf"))), False, "a.pdf", ""},
	{"the end of a text that is longer than what is matched", cond("header.X-A", "ends_with", "x"),
		facts(mail(header("X-A", strings.Repeat("x", match.MaxMatchedBytes+1)))), Unknown, "", "first 256 KB"},
	{"its beginning", cond("header.X-A", "starts_with", "y"), facts(mail(header("X-A", strings.Repeat("x", match.MaxMatchedBytes+1)))),
		False, "", "first 256 KB"},
	{"what is not in its beginning", cond("body", "does_not_contain", "end"),
		facts(message(strings.Repeat("x", match.MaxMatchedBytes) + "end")), Unknown, "", "first 256 KB"},
}

// inline makes pictures that the text shows.
func inline(names ...string) func(*conversation.Message) {
	return func(m *conversation.Message) {
		for _, n := range names {
			m.Attachments = append(m.Attachments, conversation.Attachment{Name: n, ContentID: n, Inline: true})
		}
	}
}

func TestPatternsThatWereNotTriedAreUnknown(t *testing.T) {
	t.Parallel()
	f := facts(message(strings.Repeat("word ", 100)))
	p := Prepare(f)
	p.bodies[0].Work.Done = match.MaxPatternWork
	v := compiled(t, definition(cond("body", "matches", `[a-z]{3} [0-9]|d`))).EvaluatePrepared(p)
	if row := v.Groups[0].Rows[0]; row.Holds != Unknown || !strings.Contains(row.Why, "not tried") {
		t.Errorf("it is %v: %s", row.Holds, row.Why)
	}
	v = compiled(t, definition(cond("body", "does_not_contain", "refund"))).EvaluatePrepared(p)
	if row := v.Groups[0].Rows[0]; row.Holds != True {
		t.Errorf("a text that was searched for words is %v: %s", row.Holds, row.Why)
	}
}
