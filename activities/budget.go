package activities

import (
	"context"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// overBudget tells whether one more run of the workflow would break a limit of
// the conversation; then it is paused here. In watch mode nothing is done, and so
// nothing is limited.
func (x *advance) overBudget(ctx context.Context, v automation.Version, cause conversation.Cause) (bool, error) {
	if v.Mode != automation.ModeOn {
		return false, nil
	}
	p, over := x.history.Breach(v.DefinitionID, x.around.Limits)
	if !over {
		return false, nil
	}
	p.Path = slices.Clone(cause.Path)
	return true, x.breach(ctx, p)
}

// mayMail says why the run's automatic mail must not go to the customer, empty
// when it may. A full mail window pauses the workflow here; its own limit for one
// customer does not. An agent who runs a workflow by hand decides for themselves.
func (s *acting) mayMail(ctx context.Context) (reason string, err error) {
	if s.run.Trigger == automation.TriggerManual {
		return "", nil
	}
	if p, over := s.history.MailBreach(s.version.DefinitionID); over {
		p.Path = slices.Clone(s.run.Cause.Path)
		return p.Reason, s.breach(ctx, p)
	}
	if s.mailed {
		return "", nil // it is one run that writes
	}
	return s.history.ReplyBreach(s.version.DefinitionID, s.version.Definition.RepliesPerHour), nil
}

// countMail counts an automatic mail to the customer, and makes its delivery one
// that later runs count.
func (s *acting) countMail(d *delivery.Delivery) {
	if s.run.Trigger == automation.TriggerManual {
		return
	}
	d.CustomerID, d.DefinitionID = s.around.Customer.ID, string(s.version.DefinitionID)
	one := make([]int, len(conversation.MailWindows))
	for i := range one {
		one[i] = 1
	}
	s.history.AddMails(one)
	if !s.mailed {
		s.history.AddReplies(s.version.DefinitionID, 1)
	}
	s.mailed = true
}

// breach pauses the workflow here for a limit that it reached.
func (x *advance) breach(ctx context.Context, p automation.Pause) error {
	x.conv.Attention = "a workflow reached a limit and is paused here"
	return x.pause(ctx, p)
}

func (x *advance) pause(ctx context.Context, p automation.Pause) error {
	x.history.Pause(p)
	return x.c.Pause(ctx, p)
}
