package automation

import (
	"slices"
	"strings"
)

// limited adds what the limits against loops say: a pause, here or everywhere,
// or that the next run would lead to one.
func (q Inquiry) limited(add func(o Obstacle, format string, args ...any)) {
	if !q.Record.PausedAt.IsZero() {
		add(ObstaclePaused, "it is paused on all conversations since %s: %s", stamp(q.Record.PausedAt), q.Record.PausedReason)
	}
	if q.History.recent == nil {
		return
	}
	if reason, paused := q.History.Paused(q.Record.ID); paused {
		add(ObstaclePaused, "it is paused on this conversation: %s", strings.TrimSuffix(reason, "."))
		return
	}
	if p, over := q.History.Breach(q.Record.ID, q.Limits); over && q.Record.Mode == ModeOn {
		add(ObstacleBudget, "one more run here would be too much: %s", p.Reason)
	}
}

// replies says why the workflow's mail to the customer would be skipped, empty
// when it sends none or may send it.
func (q Inquiry) replies() string {
	mails := slices.ContainsFunc(q.Version.Body.Actions, func(a Action) bool { return a.Do == DoReply || a.Do == DoEmail })
	if !mails || q.History.recent == nil || q.Version.Body.Type == TypeManual {
		return ""
	}
	return q.History.ReplyBreach(q.Record.ID, q.Version.Body.RepliesPerHour)
}
