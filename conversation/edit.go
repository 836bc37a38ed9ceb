package conversation

import (
	"slices"
	"strings"
	"time"
)

// Editor changes a conversation and records each change as an event with the
// next seq. What changes nothing makes no event. Everybody who changes a
// conversation (mail, API, workflows) does it through an Editor, so that a
// change means the same whoever makes it.
type Editor struct {
	c      *Conversation
	actor  Actor
	cause  Cause
	at     time.Time
	events []Event

	begins *Beginning // of the message that is being added
}

// Edit begins to change c at the time at. The caller writes c and Events
// together, or neither.
func Edit(c *Conversation, actor Actor, cause Cause, at time.Time) *Editor {
	return &Editor{c: c, actor: actor, cause: cause, at: at}
}

// Because gives what is recorded from now on another cause.
func (e *Editor) Because(cause Cause) { e.cause = cause }

// Events returns what was recorded, in seq order.
func (e *Editor) Events() []Event { return e.events }

// Record appends an event of a kind that changes nothing by itself (a manual
// run, a due time) and returns it with its seq.
func (e *Editor) Record(ev Event) Event {
	e.c.LastSeq++
	e.c.UpdatedAt = e.at
	ev.ConversationID = e.c.ID
	ev.Seq = e.c.LastSeq
	if ev.MailboxID == "" {
		ev.MailboxID = e.c.MailboxID
	}
	if ev.Actor == (Actor{}) {
		ev.Actor = e.actor
	}
	if ev.Cause.Origin == 0 {
		ev.Cause = e.cause
	}
	ev.At = e.at
	e.events = append(e.events, ev)
	return ev
}

// SetStatus sets the status; false: it was that already.
func (e *Editor) SetStatus(to Status) bool { return e.setStatus(to, Cause{}) }

func (e *Editor) setStatus(to Status, cause Cause) bool {
	from, before := e.c.Status, e.c.anchors()
	if from == to {
		return false
	}
	e.c.Status = to
	e.c.StatusChangedAt = e.at
	e.c.ClosedAt = time.Time{}
	if to == StatusClosed {
		e.c.ClosedAt = e.at
	}
	e.Record(Event{Kind: KindStatusChanged, From: string(from), To: string(to), Cause: cause, Before: before})
	return true
}

// SetState sets the state: deleted, or published again.
func (e *Editor) SetState(to State) bool {
	from := e.c.State
	if from == to {
		return false
	}
	e.c.State = to
	e.Record(Event{Kind: KindStateChanged, From: string(from), To: string(to)})
	return true
}

// Assign makes the user the assignee; an empty id means nobody.
func (e *Editor) Assign(to UserID) bool {
	from := e.c.AssigneeID
	if from == to {
		return false
	}
	e.c.AssigneeID = to
	e.Record(Event{Kind: KindAssigneeChanged, From: string(from), To: string(to)})
	return true
}

// Move puts the conversation into another mailbox. The event belongs to the new
// one.
func (e *Editor) Move(to MailboxID) bool {
	from := e.c.MailboxID
	if from == to {
		return false
	}
	e.c.MailboxID = to
	e.Record(Event{Kind: KindMoved, From: string(from), To: string(to)})
	return true
}

// SetSubject sets the subject.
func (e *Editor) SetSubject(to string) bool {
	from := e.c.Subject
	if from == to {
		return false
	}
	e.c.Subject = to
	e.Record(Event{Kind: KindSubjectChanged, From: from, To: to})
	return true
}

// ChangeTags adds and removes tags in one event. Names are cleaned (CleanTag);
// a name in both lists ends up removed.
func (e *Editor) ChangeTags(add, remove []string) bool {
	var added, removed []string
	tags := slices.Clone(e.c.Tags)
	for _, name := range cleanTags(add) {
		if !slices.Contains(tags, name) {
			tags = append(tags, name)
			added = append(added, name)
		}
	}
	for _, name := range cleanTags(remove) {
		if i := slices.Index(tags, name); i >= 0 {
			tags = slices.Delete(tags, i, i+1)
			if j := slices.Index(added, name); j >= 0 {
				added = slices.Delete(added, j, j+1)
			} else {
				removed = append(removed, name)
			}
		}
	}
	if len(added) == 0 && len(removed) == 0 {
		return false
	}
	slices.Sort(tags)
	e.c.Tags = tags
	e.Record(Event{Kind: KindTagsChanged, Added: added, Removed: removed})
	return true
}

// ChangeFollowers adds and removes followers in one event.
func (e *Editor) ChangeFollowers(add, remove []UserID) bool {
	followers := slices.Clone(e.c.Followers)
	var added, removed []string
	for _, id := range add {
		if !slices.Contains(followers, id) && !slices.Contains(remove, id) {
			followers = append(followers, id)
			added = append(added, string(id))
		}
	}
	for _, id := range remove {
		if i := slices.Index(followers, id); i >= 0 {
			followers = slices.Delete(followers, i, i+1)
			removed = append(removed, string(id))
		}
	}
	if len(added) == 0 && len(removed) == 0 {
		return false
	}
	slices.Sort(followers)
	e.c.Followers = followers
	e.Record(Event{Kind: KindFollowersChanged, Added: added, Removed: removed})
	return true
}

// TakeOff unassigns the conversation and unfollows it for those of the users who are
// its assignee or followers: they do not see it any longer.
func (e *Editor) TakeOff(users []UserID) {
	if slices.Contains(users, e.c.AssigneeID) {
		e.Assign("")
	}
	e.ChangeFollowers(nil, users)
}

// AddMessage counts the message, moves the anchors of the date conditions and
// records its event. A customer's message reopens a closed or pending
// conversation, as an event of its own that the message caused; an out-of-office
// note or a bounce does not, and begins no wait. A third party's is counted, and
// changes nothing else. The message
// must have its id, kind and author; the rest of its place is filled in.
func (e *Editor) AddMessage(m *Message) {
	m.ConversationID = e.c.ID
	m.MailboxID = e.c.MailboxID
	m.CreatedAt = e.at
	first := e.c.Messages == 0
	e.c.Messages++
	ev := Event{MessageID: m.ID, First: first, Delivery: m.GivesBack, Before: e.c.anchors(), Begins: e.begins}
	if first && e.c.LinkedID != "" {
		ev.From, ev.To = string(e.c.LinkedID), string(e.c.LinkedBecause)
	}
	switch {
	case m.Kind == MessageCustomer:
		e.customerWrote(ev, m.Machine, m.Imported)
		return
	case m.Kind == MessageNote:
		ev.Kind = KindNoteAdded
	case m.Kind == MessageThirdParty:
		ev.Kind = KindThirdParty
	case m.Author.Kind == ActorWorkflow:
		ev.Kind = KindWorkflowMessage
		e.toCustomer(m)
	default:
		ev.Kind = KindAgentReply
		e.c.LastAgentReplyAt = e.at
		e.c.WaitingSince = time.Time{}
		e.toCustomer(m)
	}
	e.Record(ev)
}

// AddMessageOf is AddMessage by the message's author: what somebody else does in
// their name counts as their own.
func (e *Editor) AddMessageOf(m *Message) {
	actor := e.actor
	e.actor = m.Author
	e.AddMessage(m)
	e.actor = actor
}

// TakePart adds the keys of those whom a customer's message makes participants
// (Message.Participants). It makes no event: the message tells it.
func (e *Editor) TakePart(keys []string) { e.c.Participants = joined(e.c.Participants, keys) }

func (e *Editor) customerWrote(ev Event, machine Machine, imported bool) {
	ev.Kind = KindCustomerMessage
	if !ev.First {
		e.c.CustomerReplies++
	}
	e.c.LastCustomerReplyAt = e.at
	e.c.LastCustomerMachine = machine
	if machine.NobodyWaits() || imported {
		e.Record(ev)
		return
	}
	reopen := e.c.Status == StatusClosed || e.c.Status == StatusPending
	// After a closed conversation a new wait begins.
	if e.c.WaitingSince.IsZero() || e.c.Status == StatusClosed {
		e.c.WaitingSince = e.at
	}
	arrived := e.Record(ev)
	if !e.c.SnoozedUntil.IsZero() { // who waits is not put off
		e.c.SnoozedUntil = time.Time{}
		e.Record(Event{Kind: KindUnsnoozed, Cause: follows(arrived)})
	}
	if reopen {
		e.setStatus(StatusActive, follows(arrived))
	}
}

// MaxTagLength is the most characters that a tag's name may have.
const MaxTagLength = 100

// CleanTag returns the name as it is kept: without spaces around it and in lower
// case, so that one tag has one name; empty when nothing is left.
func CleanTag(name string) string {
	name = strings.ToLower(strings.Join(strings.Fields(name), " "))
	if r := []rune(name); len(r) > MaxTagLength {
		name = string(r[:MaxTagLength])
	}
	return name
}

func cleanTags(names []string) []string {
	var out []string
	for _, n := range names {
		if n = CleanTag(n); n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
