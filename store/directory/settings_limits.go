package directory

import (
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// limits takes over what change names.
func changeLimits(p *pg.Problems, change, before conversation.Limits) conversation.Limits {
	upTo := func(most int, words, path string, to, was int) int {
		switch {
		case to == 0:
			return was
		case to < 0 || to > most:
			p.Add(path, "this must be a whole number from 1 to "+words)
		}
		return to
	}
	one := func(path string, to, was int) int { return upTo(conversation.MaxLimit, "1,000,000", path, to, was) }
	mails := func(path string, to, was int) int { return upTo(conversation.MaxMailLimit, "10,000", path, to, was) }
	return conversation.Limits{
		WorkflowHere: one("runs_per_workflow_and_conversation", change.WorkflowHere, before.WorkflowHere),
		Here:         one("runs_per_conversation", change.Here, before.Here),
		Workflow:     one("runs_per_workflow", change.Workflow, before.Workflow),

		Recipient:        mails("mails_per_recipient", change.Recipient, before.Recipient),
		RecipientSubject: mails("mails_per_recipient_and_subject", change.RecipientSubject, before.RecipientSubject),
		RecipientDay:     mails("mails_per_recipient_and_day", change.RecipientDay, before.RecipientDay),
		MachineNotices:   mails("machine_notices_per_user", change.MachineNotices, before.MachineNotices),
	}
}
