package explain

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation"
)

// limited adds what the limits against loops say: a pause, here or everywhere,
// or that the next run would lead to one.
func (q Inquiry) limited(add func(o Obstacle, format string, args ...any)) {
	if q.PassedOver.Seq != 0 {
		add(ObstaclePaused, "%s", q.PassedOver.Sentence())
		return
	}
	if !q.Record.PausedAt.IsZero() {
		add(ObstaclePaused, "it is paused on all conversations since %s: %s", automation.Stamp(q.Record.PausedAt), q.Record.PausedReason)
	}
	if q.History.Recent == nil {
		return
	}
	if reason, paused := q.History.Paused(q.Record.ID); paused {
		add(ObstaclePaused, "it is paused on this conversation: %s", strings.TrimSuffix(reason, "."))
		return
	}
	if p, over := q.History.Breach(q.Record.ID, q.Limits); over && q.Record.Mode == automation.ModeOn {
		add(ObstacleBudget, "one more run here would be too much: %s", p.Reason)
	}
}

// replies says why a run would be limited, empty when it mails nobody or its mail to
// the customer may go.
func (q Inquiry) replies() string {
	if q.History.Recent == nil || q.Version.Body.Type == automation.TypeManual || q.Record.Mode != automation.ModeOn || q.machine() != "" {
		return ""
	}
	mails := 0
	for _, a := range q.Version.Body.Actions {
		if a.MailsCustomer() {
			mails++
		}
	}
	if l, over := q.History.MailLimit(q.Record.ID, q.Version.Body.RepliesPerHour, mails, q.Facts.Now); over {
		return l.Reason
	}
	return ""
}

// nextDue is when it is due next. A due time that waits until its mail may go comes
// when that will be looked at.
func (q Inquiry) nextDue() (automation.Due, bool) {
	dues := q.Program.Dues(q.Facts, q.Used)
	for i, d := range dues {
		for _, h := range q.Held {
			if h.Episode == d.Episode && d.At.Before(h.At) {
				dues[i].At, dues[i].DueAt, dues[i].Held, dues[i].Spread = h.At, h.DueAt, h.Held, 0
			}
		}
	}
	if len(dues) == 0 {
		return automation.Due{}, false
	}
	return slices.MinFunc(dues, func(a, b automation.Due) int { return a.At.Compare(b.At) }), true
}
