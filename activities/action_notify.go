package activities

import (
	"context"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/delivery"
)

// notify mails our own users: those whom words stand for (the assignee, all of the
// mailbox), or named ones; each once, and only who sees the mailbox. It also goes
// out about machine mail: it answers nobody.
func notify(ctx context.Context, s *acting, a automation.Action, index int) (runs.ActionOutcome, error) {
	users, blind, err := s.people(ctx, a.To)
	switch {
	case err != nil:
		return runs.ActionOutcome{}, err
	case len(users) == 0 && blind > 0:
		return skipped("nobody of those to notify sees the mailbox"), nil
	case len(users) == 0:
		return skipped("there is nobody to notify"), nil
	}
	source := a.Subject
	if source == "" {
		source = "[#{%conversation.number%}] {%subject%}"
	}
	subject, err := s.render(ctx, source, automation.Header)
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	text, err := s.render(ctx, a.Body, automation.Text)
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	may, err := s.mayNotice(ctx, users)
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	if len(may) == 0 {
		return skipped("there were enough notices about machines' mail within the last hour (machine_notices_per_user)"), nil
	}
	out := runs.ActionOutcome{State: automation.ActionQueued}
	if blind > 0 {
		out.Reason = "who does not see the mailbox is left out"
	}
	for _, u := range may {
		d := s.newDelivery(delivery.KindNotify)
		m := s.newMail(d)
		m.To, m.Subject, m.Text, m.AutoSubmitted, m.Loop = []string{u.Email}, subject, text, "auto-generated", s.loopMark()
		d.Mail = &m
		s.countNotice(&d, u)
		out.Delivery = append(out.Delivery, s.deliver(d, index))
	}
	return out, nil
}
