package automation

import "slices"

// leaves are the actions that others see or that cannot be taken back.
var leaves = []string{DoNotify, DoReply, DoEmail, DoForward, DoWebhook, DoDeleteForever}

// MayRunAway tells whether runs of the workflow on all conversations count against the
// limit of the installation. One that runs once for each conversation, tells nobody and
// deletes nothing for ever is no runaway, however much mail comes: its runs are as many
// as the conversations.
func (d Definition) MayRunAway() bool {
	if d.Type != TypeAutomatic || d.MaxRuns > 1 {
		return true
	}
	for _, a := range d.Actions {
		switch {
		case a.Do == DoStop:
			return false // what follows is never done
		case slices.Contains(leaves, a.Do):
			return true
		}
	}
	return false
}
