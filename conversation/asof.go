package conversation

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// AsOf rebuilds a conversation as it was right after the event seq, handled up
// to there; seq 0 is the moment before its first event. The arguments are those of
// NewReplay, unknown is what Replay.Unknown says.
func AsOf(now Conversation, events []Event, messages map[MessageID]Message, seq int64) (c Conversation, unknown []string) {
	r := NewReplay(now, events, messages)
	for _, ev := range events {
		if ev.Seq > seq {
			break
		}
		r.Happen(ev)
	}
	return r.Conversation(), r.Unknown()
}

// Replay is a conversation on its way through its own history, event by event. It
// goes forward from how every conversation begins (active, published, bare) and does
// what Editor did with each event.
type Replay struct {
	c        Conversation
	messages map[MessageID]Message
	// takePart are who takes part today. Nobody leaves, so that who took part before
	// are those of them who had written or been written to by then.
	takePart []string
	unknown  []string
}

// NewReplay returns the conversation before its first event. now is its row of
// today; events are all of its events; messages holds those that the events name,
// of which kind, machine, addresses and Imported are read.
func NewReplay(now Conversation, events []Event, messages map[MessageID]Message) *Replay {
	return &Replay{c: opened(now, events), messages: messages, takePart: now.Participants, unknown: []string{"attention"}}
}

// Conversation is the conversation as it is there, all its events handled.
func (r *Replay) Conversation() Conversation {
	c := r.c
	c.HandledSeq = c.LastSeq
	return c
}

// Unknown names what changes without leaving an event, and so is taken from today:
// a conversation's attention is always so, and what depends on a message that is
// not there any longer.
func (r *Replay) Unknown() []string { return r.unknown }

// Fork returns a copy that continues by itself.
func (r *Replay) Fork() *Replay {
	other := *r
	other.unknown = slices.Clone(r.unknown)
	return &other
}

// opened is the conversation before its first event.
func opened(now Conversation, events []Event) Conversation {
	c := Conversation{
		ID: now.ID, Number: now.Number, MailboxID: now.MailboxID, CustomerID: now.CustomerID, Type: now.Type,
		Status: StatusActive, State: StatePublished, Subject: now.Subject, StartedBy: now.StartedBy, Channel: now.Channel,
		Imported: now.Imported, CreatedAt: now.CreatedAt, UpdatedAt: now.CreatedAt, StatusChangedAt: now.CreatedAt,
		Attention: now.Attention, LinkedID: now.LinkedID, LinkedBecause: now.LinkedBecause,
	}
	if len(events) > 0 && events[0].Begins != nil {
		events[0].Begins.before(&c)
	}
	// What it was opened with is what the first change found.
	if i := slices.IndexFunc(events, func(ev Event) bool { return ev.Kind == KindMoved }); i >= 0 {
		c.MailboxID = MailboxID(events[i].From)
	}
	if i := slices.IndexFunc(events, func(ev Event) bool { return ev.Kind == KindSubjectChanged }); i >= 0 {
		c.Subject = events[i].From
	}
	return c
}

// Happen continues by one event: the next one.
func (r *Replay) Happen(ev Event) {
	c := &r.c
	c.LastSeq = ev.Seq
	if ev.Kind != KindConsider { // a rollout appends it and leaves the row alone
		c.UpdatedAt = ev.At
	}
	switch ev.Kind {
	case KindCustomerMessage, KindThirdParty, KindAgentReply, KindNoteAdded, KindWorkflowMessage:
		r.wrote(ev)
		if ev.Begins != nil {
			ev.Begins.after(c, ev.At)
		}
	case KindStatusChanged:
		c.Status, c.StatusChangedAt, c.ClosedAt = Status(ev.To), ev.At, time.Time{}
		if c.Status == StatusClosed {
			c.ClosedAt = ev.At
		}
	case KindStateChanged:
		c.State = State(ev.To)
	case KindAssigneeChanged:
		c.AssigneeID = UserID(ev.To)
	case KindMoved:
		c.MailboxID = MailboxID(ev.To)
	case KindSubjectChanged:
		c.Subject = ev.To
	case KindTagsChanged:
		c.Tags = exchanged(c.Tags, ev)
	case KindFollowersChanged:
		c.Followers = exchanged(c.Followers, ev)
	case KindFieldChanged:
		c.Fields = withField(c.Fields, ev.Field, ev.To)
	default:
		r.attended(ev)
	}
}

// attended takes what changes how somebody looks after the conversation.
func (r *Replay) attended(ev Event) {
	c := &r.c
	switch ev.Kind {
	case KindSnoozed:
		c.SnoozedUntil = ev.Due
	case KindUnsnoozed:
		c.SnoozedUntil = time.Time{}
	case KindAutoReplied:
		c.AutoReply = AutoReplySent
	case KindAutoReplyLimited:
		c.AutoReply = AutoReplyLimited
	case KindAutoReplyOff:
		c.AutoReply = AutoReplyDisabled
	case KindAutoReplyOn:
		c.AutoReply = ""
	case KindRated:
		c.Rating, c.RatingComment, c.RatedAt = Rating(ev.To), ev.Comment, ev.At
	case KindViewed:
		if c.LastReplyID == MessageID(ev.To) && c.LastReplyViewedAt.IsZero() {
			c.LastReplyViewedAt = ev.At
		}
	}
}

func (r *Replay) wrote(ev Event) {
	c := &r.c
	c.Messages++
	m, known := r.messages[ev.MessageID]
	if !known {
		r.unknown = append(r.unknown, "message "+string(ev.MessageID))
	}
	switch ev.Kind {
	case KindCustomerMessage:
		if !ev.First {
			c.CustomerReplies++
		}
		c.LastCustomerReplyAt, c.LastCustomerMachine = ev.At, m.Machine
		c.Participants = joined(c.Participants, m.Participants(func(key string) bool { return !slices.Contains(r.takePart, key) }))
		if !m.Imported && !m.Machine.NobodyWaits() && (c.WaitingSince.IsZero() || c.Status == StatusClosed) {
			c.WaitingSince = ev.At
		}
		return
	case KindAgentReply:
		c.LastAgentReplyAt = ev.At
		if !m.Imported {
			c.WaitingSince = time.Time{}
		}
	case KindNoteAdded, KindThirdParty:
		return
	}
	if m.Kind == MessageReply || m.Kind == MessageEmail {
		c.LastReplyID, c.LastReplyViewedAt = m.ID, time.Time{}
	}
}

// exchanged returns the sorted names with those that the event added and without
// those that it removed.
func exchanged[T ~string](names []T, ev Event) []T {
	out := slices.DeleteFunc(slices.Clone(names), func(n T) bool { return slices.Contains(ev.Removed, string(n)) })
	for _, n := range ev.Added {
		out = append(out, T(n))
	}
	slices.Sort(out)
	return out
}

// withField returns the fields with one of them set; an empty value removes it.
func withField(fields map[string]string, name, value string) map[string]string {
	out := maps.Clone(fields)
	maps.DeleteFunc(out, func(n, _ string) bool { return strings.EqualFold(n, name) })
	if value == "" {
		return out
	}
	if out == nil {
		out = map[string]string{}
	}
	out[name] = value
	return out
}
