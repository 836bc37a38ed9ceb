package activities_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/mail"
)

// Scenarios as an outsider would make them up, by mails as they come.

// letter receives a mail as the mail server does, and handles it.
func (h *house) letter(mailFrom, rcptTo, head, body string) conversation.ID {
	h.Helper()
	id := h.comes(mailFrom, rcptTo, head, body)
	h.advance(id)
	return id
}

// comes receives a mail as the mail server does.
func (h *house) comes(mailFrom, rcptTo, head, body string) conversation.ID {
	h.Helper()
	text := strings.ReplaceAll(head+"\n\n"+body+"\n", "\n", "\r\n")
	in := mail.Parse([]byte(text), mail.Envelope{From: mailFrom, Recipients: []string{rcptTo}, Own: func(address string) bool {
		own, err := h.Store.HasMailboxes(h.Context(), address)
		testhouse.Must(h, err)
		return own[0]
	}})
	testhouse.Must(h, h.Store.Receive(h.Context(), in))
	return conversation.ID(h.Column(`SELECT conversation_id::text FROM messages WHERE message_id_header = $1 ORDER BY created_at DESC LIMIT
		1`, in.MessageIDHeader)[0])
}

func heading(from, to, subject, id string, more ...string) string {
	return strings.Join(append([]string{"From: " + from, "To: " + to, "Subject: " + subject, "Message-ID: <" + id + ">",
		"Date: Fri, 27 Nov 2026 10:00:00 +0000"}, more...), "\n")
}

// One robot, two mailboxes, the mailbox's answer and two workflows: what leaves for it
// in all is bounded, and somebody else is answered.
func TestOutsidersARobotIsAnsweredABoundedNumberOfTimesOverAllMailboxes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.answersByItself()
	second := h.Mailbox("second@smarticks.test")
	for i, m := range []conversation.MailboxID{h.support.ID, second.ID} {
		h.Workflow(m, automation.ModeOn, automation.Definition{Name: fmt.Sprint("answers ", i),
			Conditions: rows(row("new_conversation", "", nil)),
			Actions:    []automation.Action{{Do: automation.DoEmail, Subject: "Ticket {%conversation.number%}", Body: "thanks"}}})
	}
	for i := range 20 {
		to := []string{h.support.Email, second.Email}[i%2]
		h.letter("robot@peer.example", to, heading("Robot <robot@peer.example>", to, fmt.Sprintf("[#%d] %s", i, strings.Repeat("x", i+1)),
			fmt.Sprintf("r%d@peer.example", i)), "We have it.")
	}
	if n := h.automatic("robot@peer.example"); n == 0 || n > 10 {
		t.Errorf("the robot got %d automatic mails, want 1 to 10", n)
	}
	ann := h.letter("ann@lee.example", h.support.Email, heading("ann@lee.example", h.support.Email, "Help", "ann1@lee.example"), "Please.")
	if sent := h.mailTo(ann, "ann@lee.example"); len(sent) != 2 {
		t.Errorf("ann got %d mails, want the mailbox's and the workflow's", len(sent))
	}
}

// An answer that comes before what it answers, and the same mail by an alias and by a
// detail: one conversation, each mail once.
func TestOutsidersMailsThatComeInTheWrongOrderOrTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.Store.ChangeMailbox(t.Context(), access.System(), h.support.ID,
		conversation.MailboxChange{Aliases: &[]string{"help@smarticks.test"}})
	testhouse.Must(t, err)
	h.answersByItself()
	later := h.letter("ann@lee.example", h.support.Email, heading("ann@lee.example", h.support.Email, "Re: Kettle", "two@lee.example",
		"In-Reply-To: <one@lee.example>", "References: <zero@lee.example> <one@lee.example>"), "And one thing more.")
	for _, to := range []string{"help@smarticks.test", "support+shop@smarticks.test"} {
		if got := h.letter("list-bounces@relay.example", to, heading("Ann <ann@lee.example>", "help@smarticks.test", "Kettle", "one@lee.example",
			"X-Loop: "+to), "It is broken."); got != later {
			t.Errorf("by %s it is in another conversation", to)
		}
	}
	if got := h.kinds(later); got != "customer customer" {
		t.Errorf("messages %s", got)
	}
	if n := h.automatic("ann@lee.example"); n != 1 {
		t.Errorf("%d automatic answers, want one", n)
	}
}

// Colleagues in copy take part; whoever was told of the conversation otherwise does
// not, even by a true id; and nobody is taken over by an id of a stranger's choosing.
func TestOutsidersWhoTakesPart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "replied", MaxRuns: 9, Conditions: rows(row("customer_replied", "", nil)),
		Actions: []automation.Action{tag("replied")}})
	maria := access.Caller{User: h.User("maria", h.support.ID)}
	id := h.letter("ann@lee.example", h.support.Email,
		heading("Ann <ann@lee.example>", h.support.Email, "Kettle", "k1@lee.example", "Cc: Bob <bob@lee.example>"), "It is broken.")
	_, err := h.Store.PostMessage(t.Context(), maria, id, conversation.Post{Kind: conversation.MessageReply, Body: "Which one?"})
	testhouse.Must(t, err)
	h.advance(id)
	ours := h.ours(id, "reply")
	answers := func(who, mid string) conversation.ID {
		return h.letter(who, h.support.Email, heading(who, h.support.Email, "Re: Kettle", mid, "In-Reply-To: <"+ours+">"),
			"The blue one, says "+who)
	}
	if answers("eve@evil.example", "e1@evil.example") != id || len(h.Conversation(id).Tags) != 0 ||
		!strings.HasSuffix(h.kinds(id), " third_party") {
		t.Errorf("a stranger with our id: messages %s, tags %v", h.kinds(id), h.Conversation(id).Tags)
	}
	if answers("bob@lee.example", "b1@lee.example") != id || len(h.Conversation(id).Tags) != 1 ||
		!strings.HasSuffix(h.kinds(id), " customer") {
		t.Errorf("a colleague in copy: messages %s, tags %v", h.kinds(id), h.Conversation(id).Tags)
	}
	mallory := h.letter("mallory@evil.example", h.support.Email, heading("mallory@evil.example", h.support.Email, "Mine", "k1@lee.example"),
		"Other words.")
	if mallory == id {
		t.Error("a stranger's mail with her id is in her conversation")
	}
	if answers("ann@lee.example", "a2@lee.example") != id {
		t.Error("her answer is not in her conversation")
	}
	_, err = h.Store.PostMessage(t.Context(), maria, id, conversation.Post{Kind: conversation.MessageReply, Body: "A new one comes."})
	testhouse.Must(t, err)
	h.advance(id)
	if all := strings.Join(h.mailTo(id, "ann@lee.example"), "\n"); strings.Contains(all, "evil.example") {
		t.Errorf("she sees a stranger's words: %s", all)
	}
}

// A user who asks for help herself is a customer there, and her answers are a customer's.
func TestOutsidersAUserWhoAsksForHelpIsACustomer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.answersByItself()
	maria := h.User("maria", h.support.ID)
	id := h.letter(maria.Email, h.support.Email, heading(maria.Email, h.support.Email, "My payslip", "m1@smarticks.test"), "Where is it?")
	h.letter(maria.Email, h.support.Email, heading(maria.Email, h.support.Email, "Re: My payslip", "m2@smarticks.test",
		"In-Reply-To: <m1@smarticks.test>"), "Still nothing.")
	if got := h.kinds(id); got != "customer customer" || h.automatic(maria.Email) != 1 || h.Conversation(id).WaitingSince.IsZero() {
		t.Errorf("messages %s, %d automatic answers, waiting since %v", got, h.automatic(maria.Email), h.Conversation(id).WaitingSince)
	}
}

// Holiday notes of those who were answered leave what is closed closed; so does
// what the null sender answers; a person's words by a list reopen.
func TestOutsidersWhatReopens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	maria := access.Caller{User: h.User("maria", h.support.ID)}
	for name, c := range map[string]struct {
		from, head, subject, body string
		reopens                   bool
	}{
		"a Finnish note":         {"ann@lee.example", "", "Automaattinen vastaus: Kettle", "Olen lomalla.", false},
		"a note with Precedence": {"ann@lee.example", "\nPrecedence: auto_reply\nX-Autoreply: yes", "Re: Kettle", "I am away.", false},
		"a calendar's answer": {"ann@lee.example", "\nMIME-Version: 1.0\nContent-Type: text/calendar; method=REPLY",
			"Accepted: Kettle", "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR", false},
		"thanks by a list": {"ann@lee.example", "\nList-Id: <all.lee.example>\nPrecedence: list", "Re: Kettle", "Not yet mended.",
			true},
		"an answer by the null sender": {"", "", "Re: Kettle", "Not yet mended.", false},
	} {
		mid := strings.ReplaceAll(name, " ", "-") + "@lee.example"
		id := h.letter("ann@lee.example", h.support.Email, heading("ann@lee.example", h.support.Email, "Kettle", "q-"+mid), "It is broken.")
		_, err := h.Store.PostMessage(t.Context(), maria, id, conversation.Post{Kind: conversation.MessageReply, Body: "A new one comes."})
		testhouse.Must(t, err)
		h.advance(id)
		h.change(id, conversation.Change{Status: new(conversation.StatusClosed)})
		h.advance(id)
		if got := h.letter(c.from, h.support.Email,
			heading("ann@lee.example", h.support.Email, c.subject, mid, "In-Reply-To: <"+h.ours(id, "reply")+">")+c.head, c.body); got != id {
			t.Errorf("%s: it is in another conversation", name)
		}
		if reopened := h.Conversation(id).Status == conversation.StatusActive; reopened != c.reopens {
			t.Errorf("%s: reopened %v", name, reopened)
		}
	}
}

// Old mail that is fed in leaves nothing behind that comes due or leaves the house, and
// what we wrote is ours.
func TestOutsidersOldMailIsOld(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.answersByItself()
	h.workflow(automation.Definition{Name: "old", MaxRuns: 9, Conditions: rows(row("created", "not_in_the_last", "1d")),
		Actions: []automation.Action{tag("old")}})
	_, err := h.Store.ChangeMailbox(t.Context(), access.System(), h.support.ID, conversation.MailboxChange{ImportMode: new(true)})
	testhouse.Must(t, err)
	old := func(from, to, mid, date, more string) conversation.ID {
		return h.letter("import@example.com", h.support.Email,
			"From: "+from+"\nTo: "+to+"\nSubject: Kettle\nMessage-ID: <"+mid+">\nDate: "+date+more, "words")
	}
	id := old("ann@lee.example", h.support.Email, "i1@lee.example", "Tue, 5 Mar 2024 08:00:00 +0000", "")
	if old(h.support.Email, "ann@lee.example", "i2@smarticks.test", "Wed, 6 Mar 2024 08:00:00 +0000",
		"\nIn-Reply-To: <i1@lee.example>") != id {
		t.Error("our old answer is in another conversation")
	}
	h.Later(48 * time.Hour)
	if got := h.advance(id); got.HasDue {
		t.Error("something is due")
	}
	c := h.Conversation(id)
	if h.kinds(id) != "customer reply" || c.Status != conversation.StatusClosed || !c.WaitingSince.IsZero() || len(h.deliveries(id)) != 0 ||
		len(c.Tags) != 0 ||
		c.CreatedAt.UTC().Format(time.DateOnly) != "2024-03-05" {
		t.Errorf("messages %s, %+v", h.kinds(id), c)
	}
}

// What was closed for long and is asked about again can be told apart from a quick thanks.
func TestOutsidersAnAnswerToWhatWasClosedForLong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "long", MaxRuns: 9, Conditions: rows(row("customer_reopened", "", "30d")),
		Actions: []automation.Action{tag("long")}})
	id := h.letter("ann@lee.example", h.support.Email, heading("ann@lee.example", h.support.Email, "Kettle", "c1@lee.example"),
		"It is broken.")
	again := func(n int) {
		h.letter("ann@lee.example", h.support.Email,
			heading("ann@lee.example", h.support.Email, "Re: Kettle", fmt.Sprintf("c1-%d@lee.example", n), "In-Reply-To: <c1@lee.example>"),
			"Again.")
	}
	closes := func() {
		h.change(id, conversation.Change{Status: new(conversation.StatusClosed)})
		h.advance(id)
	}
	closes()
	h.Later(24 * time.Hour)
	again(1)
	if tags := h.Conversation(id).Tags; len(tags) != 0 {
		t.Errorf("after a day: %v", tags)
	}
	closes()
	h.Later(31 * 24 * time.Hour)
	again(2)
	if tags := h.Conversation(id).Tags; len(tags) != 1 {
		t.Errorf("after 31 days: %v", tags)
	}
}
