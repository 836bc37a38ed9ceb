package automation

import (
	"testing"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// mail makes the event's message a mail of the customer.
func mail(changes ...func(*conversation.Message)) func(*conversation.Facts) {
	return func(f *conversation.Facts) {
		f.Message = &conversation.Message{Kind: conversation.MessageCustomer, Text: "Hello"}
		for _, c := range changes {
			c(f.Message)
		}
	}
}

// recentMail puts one mail before the recent customer messages.
func recentMail(changes ...func(*conversation.Message)) func(*conversation.Facts) {
	return func(f *conversation.Facts) {
		mail(changes...)(f)
		f.Recent, f.Message = append([]conversation.Message{*f.Message}, f.Recent...), nil
	}
}

func header(name, value string) func(*conversation.Message) {
	return func(m *conversation.Message) {
		m.Headers = append(m.Headers, conversation.Header{Name: name, Value: value})
	}
}

func file(names ...string) func(*conversation.Message) {
	return func(m *conversation.Message) {
		for _, n := range names {
			m.Attachments = append(m.Attachments, conversation.Attachment{Name: n})
		}
	}
}

func note(text string) func(*conversation.Message) {
	return func(m *conversation.Message) { m.Kind, m.Text = conversation.MessageNote, text }
}

func sentTo(addresses ...string) func(*conversation.Message) {
	return func(m *conversation.Message) { m.To = addresses }
}

func copied(addresses ...string) func(*conversation.Message) {
	return func(m *conversation.Message) { m.Cc = addresses }
}

// quoting makes the mail's text what is new and, after a line end, what it quotes.
func quoting(now, quoted string) func(*conversation.Message) {
	return func(m *conversation.Message) {
		m.Text, m.Quotes = now+"\n"+quoted, []conversation.Span{{Start: len(now) + 1, End: len(now) + 1 + len(quoted)}}
	}
}

func sentBy(address string) func(*conversation.Message) {
	return func(m *conversation.Message) { m.Sender.Address = address }
}

func answerTo(addresses ...string) func(*conversation.Message) {
	return func(m *conversation.Message) { m.Sender.ReplyTo = addresses }
}

func authenticated(is conversation.Authentication) func(*conversation.Message) {
	return func(m *conversation.Message) { m.Sender.Authentication = is }
}

func claimed(m *conversation.Message) { m.Sender.Claimed = true }

// byThirdParty makes it a mail of a third party.
func byThirdParty(m *conversation.Message) { m.Kind = conversation.MessageThirdParty }

func noted(texts ...string) func(*conversation.Facts) {
	return func(f *conversation.Facts) {
		for _, t := range texts {
			f.Notes = append(f.Notes, conversation.Message{Kind: conversation.MessageNote, Text: t})
		}
	}
}

func lastMessage(change func(*conversation.Message)) func(*conversation.Facts) {
	return func(f *conversation.Facts) {
		f.Last = &conversation.Message{Kind: conversation.MessageReply}
		change(f.Last)
	}
}

func channel(c conversation.Channel) func(*conversation.Facts) {
	return func(f *conversation.Facts) { f.Conversation.Channel = c }
}

func isImported(f *conversation.Facts) { f.Conversation.Imported = true }

var spamMail = mail(header("Received", "from mx"), header("X-Spam-Flag", "YES"), header("received", "from home"))

var messageRowCases = []rowCase{
	{"the note of the event", cond("note_body", "contains", "CALL"), facts(noted("old"), mail(note("call Ann"))), True, "call Ann", ""},
	{"only that note", cond("note_body", "contains", "old"), facts(noted("old"), mail(note("new"))), False, "", ""},
	{"any recent note where the event is none", cond("note_body", "contains", "old"), facts(noted("new", "old"), mail()), True, "old", ""},
	{"none of the recent notes", cond("note_body", "does_not_contain", "old"), facts(noted("new", "old")), False, "", ""},
	{"a note matches", cond("note_body", "matches", "^n"), facts(noted("new", "old")), True, "", ""},
	{"without a note it is unknown", cond("note_body", "does_not_contain", "old"), facts(), Unknown, "", "no note"},
	{"a customer's message is no note", cond("note_body", "contains", "hello"), facts(mail()), Unknown, "", "no note"},
	{"any header line contains", cond("headers", "contains", "x-spam-flag: yes"), facts(spamMail), True, "X-Spam-Flag: YES", ""},
	{"no header line contains", cond("headers", "does_not_contain", "list-id"), facts(spamMail), True, "", ""},
	{"one header line does: no", cond("headers", "does_not_contain", "from home"), facts(spamMail), False, "", ""},
	{"a header line matches", cond("headers", "matches", `^received: from h`), facts(spamMail), True, "", ""},
	{"where the event has no message, the recent mails", cond("headers", "contains", "yes"),
		facts(recentMail(header("X-Spam-Flag", "YES"))), True, "", ""},
	{"an agent's reply is no mail of the customer", cond("headers", "contains", "yes"),
		facts(recentMail(header("X-Spam-Flag", "YES")), marked(conversation.MessageReply, "")), True, "", ""},
	{"without a customer message headers are unknown", cond("headers", "does_not_contain", "x"), facts(recent()), Unknown, "",
		"no customer message"},
	{"a header by name, in any case", cond("header.x-spam-flag", "is", "yes"), facts(spamMail), True, "YES", ""},
	{"a header is another: no", cond("header.X-Spam-Flag", "is", "no"), facts(spamMail), False, "YES", ""},
	{"any of the headers of a name", cond("header.Received", "is", "from home"), facts(spamMail), True, "from home", ""},
	{"none of the headers of a name", cond("header.Received", "is_not", "from home"), facts(spamMail), False, "", ""},
	{"a header contains", cond("header.Received", "contains", "mx"), facts(spamMail), True, "", ""},
	{"a header does not contain", cond("header.Received", "does_not_contain", "list"), facts(spamMail), True, "", ""},
	{"a header starts with", cond("header.Received", "starts_with", "from h"), facts(spamMail), True, "", ""},
	{"a header ends with", cond("header.Received", "ends_with", "mx"), facts(spamMail), True, "", ""},
	{"a header matches", cond("header.X-Spam-Flag", "matches", "^(yes|true)$"), facts(spamMail), True, "", ""},
	{"a header is set", cond("header.X-Spam-Flag", "set", nil), facts(spamMail), True, "", ""},
	{"a header is not set", cond("header.List-Id", "not_set", nil), facts(spamMail), True, "none", ""},
	{"a recipient among several", cond("to", "is", "b@x.test"), facts(mail(sentTo("a@x.test", "B@x.test"))), True, "B@x.test", ""},
	{"a recipient as programs show it", cond("to", "is", "Bea <b@x.test>"), facts(mail(sentTo("b@x.test"))), True, "", ""},
	{"a shown recipient as an address", cond("to", "is", "b@x.test"), facts(mail(sentTo("Bea <b@x.test>"))), True, "", ""},
	{"none of the recipients", cond("to", "is_not", "b@x.test"), facts(mail(sentTo("a@x.test", "b@x.test"))), False, "", ""},
	{"a recipient contains", cond("to", "contains", "@x."), facts(mail(sentTo("b@x.test"))), True, "", ""},
	{"no recipient contains", cond("to", "does_not_contain", "@y."), facts(mail(sentTo("b@x.test"))), True, "b@x.test", ""},
	{"a recipient starts with", cond("to", "starts_with", "b@"), facts(mail(sentTo("a@x.test", "b@x.test"))), True, "", ""},
	{"a recipient ends with", cond("to", "ends_with", "@x.test"), facts(mail(sentTo("b@x.test"))), True, "", ""},
	{"a recipient matches", cond("to", "matches", "^b@"), facts(mail(sentTo("b@x.test"))), True, "", ""},
	{"the last message where the event has none", cond("to", "is", "ann@example.com"), facts(lastMessage(sentTo("ann@example.com"))), True,
		"", ""},
	{"a note has no recipients: the last message", cond("to", "is", "ann@example.com"),
		facts(mail(note("x")), lastMessage(sentTo("ann@example.com"))), True, "", ""},
	{"without a message recipients are unknown", cond("to", "is_not", "ann@example.com"), facts(), Unknown, "", "no message"},
	{"a copy", cond("cc", "is", "boss@x.test"), facts(mail(copied("boss@x.test"))), True, "", ""},
	{"no copy is not a copy", cond("cc", "is_not", "boss@x.test"), facts(mail(sentTo("boss@x.test"))), True, "none", ""},
	{"a copy contains", cond("cc", "contains", "boss"), facts(mail(copied("a@x.test", "boss@x.test"))), True, "", ""},
	{"no copy contains: no", cond("cc", "contains", "x"), facts(mail()), False, "none", ""},
	{"no copy does not contain", cond("cc", "does_not_contain", "x"), facts(mail()), True, "", ""},
	{"a copy starts with", cond("cc", "starts_with", "boss"), facts(mail(copied("boss@x.test"))), True, "", ""},
	{"a copy ends with", cond("cc", "ends_with", "x.test"), facts(mail(copied("boss@x.test"))), True, "", ""},
	{"a copy matches", cond("cc", "matches", "^boss"), facts(mail(copied("boss@x.test"))), True, "", ""},
	{"it has a file", cond("attachment", "has", nil), facts(mail(file("a.pdf"))), True, "1: a.pdf", ""},
	{"a file of an older message does not count", cond("attachment", "has", nil), facts(recentMail(file("a.pdf")), mail()), False, "none", ""},
	{"any of the recent messages has a file", cond("attachment", "has", nil), facts(recentMail(file("a.pdf"))), True, "", ""},
	{"it has no file", cond("attachment", "has_not", nil), facts(mail()), True, "none", ""},
	{"a file's name is", cond("attachment_name", "is", "A.PDF"), facts(mail(file("b.txt", "a.pdf"))), True, "a.pdf", ""},
	{"no file's name is", cond("attachment_name", "is_not", "a.pdf"), facts(mail(file("b.txt", "a.pdf"))), False, "", ""},
	{"a file's name contains", cond("attachment_name", "contains", "invoice"), facts(mail(file("my-Invoice.pdf"))), True, "", ""},
	{"no file's name contains", cond("attachment_name", "does_not_contain", "invoice"), facts(mail()), True, "none", ""},
	{"a file's name starts with", cond("attachment_name", "starts_with", "my"), facts(mail(file("my.pdf"))), True, "", ""},
	{"a file's name ends with", cond("attachment_name", "ends_with", ".exe"), facts(mail(file("x.pdf", "y.EXE"))), True, "", ""},
	{"a file's name matches", cond("attachment_name", "matches", `\.(exe|scr)$`), facts(mail(file("x.scr"))), True, "", ""},
	{"two files", cond("attachment_count", "is", 2.0), facts(mail(file("x", "y"))), True, "2", ""},
	{"not two files", cond("attachment_count", "is_not", 2.0), facts(mail(file("x"))), True, "", ""},
	{"more than one file, over all recent messages", cond("attachment_count", "greater_than", 1.0),
		facts(recentMail(file("x")), recentMail(file("y"))), True, "2", ""},
	{"less than one file", cond("attachment_count", "less_than", 1.0), facts(mail()), True, "", ""},
	{"at least one file: no", cond("attachment_count", "at_least", 1.0), facts(mail()), False, "0", ""},
	{"at most one file", cond("attachment_count", "at_most", 1.0), facts(mail(file("x"))), True, "", ""},
	{"a channel", cond("channel", "is", "portal"), facts(channel(conversation.ChannelPortal)), True, "portal", ""},
	{"another channel", cond("channel", "is_not", "email"), facts(channel(conversation.ChannelSMS)), True, "sms", ""},
	{"it was imported", cond("imported", "is", "yes"), facts(isImported), True, "yes", ""},
	{"it was not imported", cond("imported", "is", "no"), facts(), True, "no", ""},
}

func TestTheHeadersOfAMailShareOneBound(t *testing.T) {
	t.Parallel()
	f := facts(event("customer_message"), mail(header("X-A", "one"), header("X-B", "two")))
	prepared := Prepare(f)
	lines := prepared.of(f.Message).headerLines()
	lines[0].Work.Done = match.MaxPatternWork
	p, _ := match.ParsePattern(`\w+ \w`)
	other := *f.Event
	f.Event = &other // the same one, as the next workflow sees it
	for _, line := range prepared.With(f).of(f.Message).headersNamed("X-B") {
		if line.Match(p); !line.Work.Spent {
			t.Error("a header has a bound of its own")
		}
	}
}
