package conversation

import "slices"

// Change makes the changes for which nobody has to be asked: all but a snooze and
// custom fields. A move comes first, so that the new mailbox's workflows see the
// rest. What is so already makes no event.
func (e *Editor) Change(ch Change) {
	if ch.MailboxID != nil {
		e.Move(*ch.MailboxID)
	}
	if ch.Subject != nil {
		e.SetSubject(*ch.Subject)
	}
	if ch.Tags != nil {
		gone := slices.DeleteFunc(slices.Clone(e.c.Tags), func(t string) bool { return slices.Contains(*ch.Tags, t) })
		e.ChangeTags(*ch.Tags, gone)
	}
	if ch.Status != nil {
		e.SetStatus(*ch.Status)
	}
	if ch.AssigneeID != nil {
		e.Assign(*ch.AssigneeID)
	}
	if ch.Followers != nil {
		gone := slices.DeleteFunc(slices.Clone(e.c.Followers), func(id UserID) bool { return slices.Contains(*ch.Followers, id) })
		e.ChangeFollowers(*ch.Followers, gone)
	}
}
