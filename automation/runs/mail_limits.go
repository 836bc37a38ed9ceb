package runs

import (
	"fmt"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// MaxHeld is for how long after its due time a run may wait until its mail may go.
const MaxHeld = 24 * time.Hour

// MailLimit reports whether a run of the workflow may write so many more mails to the
// customer about this conversation now, and if not, which limit says so. Those of
// the recipients' addresses are not looked at.
func (h Usage) MailLimit(id automation.DefinitionID, perHour, mails int, now time.Time) (conversation.MailLimit, bool) {
	if mails == 0 {
		return conversation.MailLimit{}, false
	}
	all := make([]time.Time, len(h.Recent.mails))
	runs := map[automation.RunID]time.Time{}
	for i, m := range h.Recent.mails {
		if all[i] = m.At; m.DefinitionID == id {
			runs[m.RunID] = m.At
		}
	}
	for _, w := range conversation.MailWindows {
		if opens, full := conversation.Room(all, mails, w.Mails, w.In, now); full {
			return conversation.MailLimit{Kind: conversation.LimitConversation, Opens: opens, Reason: fmt.Sprintf(
				"automatic mail to the customer about this conversation has reached its limit of %d within %d minutes", w.Mails,
				int(w.In.Minutes()))}, true
		}
	}
	own := make([]time.Time, 0, len(runs))
	for _, at := range runs {
		own = append(own, at)
	}
	perHour = max(perHour, automation.DefaultReplies)
	if opens, full := conversation.Room(own, 1, perHour, time.Hour, now); full {
		return conversation.MailLimit{Kind: conversation.LimitReplies, Opens: opens, Reason: fmt.Sprintf(
			"this workflow wrote to the customer about this conversation %s within the last hour, which is its limit (replies_per_hour)",
			automation.Times(perHour))}, true
	}
	return conversation.MailLimit{}, false
}
