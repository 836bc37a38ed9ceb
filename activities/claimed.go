package activities

import (
	"context"
	"strings"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/mail"
)

// Automatic mail goes to whoever a mail says to answer. Where nothing shows that
// they wrote it (Sender.Claimed), it holds none of its words, or anybody could have
// us mail theirs to anybody. What an agent sends in their own name is theirs to judge.

// wordless reports whether the automatic mail under way must hold nothing that the
// customer wrote.
func (s *acting) wordless() bool {
	m := s.facts.Message
	return s.signer == nil && (s.around.Claimed || m != nil && m.Kind == conversation.MessageCustomer && m.Sender.Claimed)
}

// answer makes m an answer to the thread below text: with the subject, the history
// and the ids of it, as far as they may go out.
func (s *acting) answer(m *delivery.Mail, text string, thread []conversation.Message) {
	m.Text = text + "\n"
	m.Subject = s.answerSubject()
	if s.wordless() {
		return
	}
	if s.signer == nil {
		thread = unclaimed(thread)
	}
	m.Text += "\n" + mail.History(thread, s.zone(), historyLimit)
	threaded(m, thread)
}

// answerSubject is the subject of an answer to the customer.
func (s *acting) answerSubject() string {
	if s.wordless() {
		return s.fixedSubject()
	}
	return reSubject(s.conv.Subject)
}

// subjectToCustomer fills in the subject of automatic mail; one of which nothing is
// left without the customer's words is the fixed one.
func (s *acting) subjectToCustomer(ctx context.Context, source string) (string, error) {
	subject, err := s.renderToCustomer(ctx, source, automation.Header)
	if s.wordless() && strings.Trim(strings.TrimPrefix(strings.ToLower(subject), "re:"), " -:[]()#") == "" {
		subject = s.fixedSubject()
	}
	return subject, err
}

// fixedSubject is the subject of mail that may not have the conversation's.
func (x *advance) fixedSubject() string { return "Your message to " + fromName(x.around.Mailbox) }

// unclaimed leaves out what somebody merely claimed to have written.
func unclaimed(thread []conversation.Message) []conversation.Message {
	var out []conversation.Message
	for _, m := range thread {
		if !m.Sender.Claimed {
			out = append(out, m)
		}
	}
	return out
}
