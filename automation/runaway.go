package automation

import "slices"

// MayRunAway reports whether runs of the workflow on all conversations count against the
// limit of the installation. One that runs once for each conversation, tells nobody and
// deletes nothing permanently is no runaway, however much mail comes: its runs are as many
// as the conversations.
func (d Definition) MayRunAway() bool {
	if d.Type != TypeAutomatic || d.MaxRuns > 1 {
		return true
	}
	return slices.ContainsFunc(d.Done(), func(a Action) bool {
		e := a.Effects()
		return e.Ends == EndsConversation || e.Reach != ReachNobody && e.Reach != ReachDelete
	})
}
