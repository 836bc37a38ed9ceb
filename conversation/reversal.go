package conversation

import (
	"slices"
	"strings"
	"time"
)

// Aspect is a part of a conversation that has a value by itself, so that it can be
// taken back by itself. Of tags, followers and fields each one is a part.
type Aspect string

// The aspects, in the order in which they are taken back: the mailbox first, since
// what comes after happens there.
const (
	AspectMailbox   Aspect = "mailbox"
	AspectState     Aspect = "state"
	AspectSubject   Aspect = "subject"
	AspectStatus    Aspect = "status"
	AspectSnooze    Aspect = "snooze"
	AspectAutoReply Aspect = "auto_reply"
	AspectTag       Aspect = "tag"
	AspectField     Aspect = "field"
	AspectFollower  Aspect = "follower"
	AspectAssignee  Aspect = "assignee"
)

var aspects = []Aspect{
	AspectMailbox, AspectState, AspectSubject, AspectStatus, AspectSnooze, AspectAutoReply, AspectTag, AspectField, AspectFollower,
	AspectAssignee,
}

// Present is the value of a tag or a follower that is there; the value of one that
// is not is empty.
const Present = "present"

// Part names an aspect, and which one of those that have several: a tag's or a
// field's name, a follower's id.
type Part struct {
	Aspect Aspect
	Name   string
}

// Same reports whether both name the same part; a field has one name whatever the
// case.
func (p Part) Same(o Part) bool {
	return p.Aspect == o.Aspect && (p.Name == o.Name || p.Aspect == AspectField && strings.EqualFold(p.Name, o.Name))
}

// Reversal is one part that a run changed: what it was before the run, and what the
// run made of it. Values are texts: ids, words, Present; a snooze's end after
// RFC 3339, empty for none.
type Reversal struct {
	Part
	Was, Made string
	// Since is the newest event by which something else changed it after the run;
	// nil when nothing did.
	Since *Event
	// Lost says that its value is not what the events say: something changed it and
	// left no event.
	Lost bool
}

// Free reports whether nothing but the run has touched the part since.
func (r Reversal) Free() bool { return r.Since == nil && !r.Lost }

// partChange is what one event did to one part.
type partChange struct {
	Part
	from, to string
	blind    bool // the event does not say what was before
}

// parts lists what the event did to which part of the conversation.
func (e Event) parts() []partChange {
	one := func(a Aspect, name string) []partChange { return []partChange{{Part{a, name}, e.From, e.To, false}} }
	each := func(a Aspect) []partChange {
		var out []partChange
		for _, n := range e.Added {
			out = append(out, partChange{Part{a, n}, "", Present, false})
		}
		for _, n := range e.Removed {
			out = append(out, partChange{Part{a, n}, Present, "", false})
		}
		return out
	}
	switch e.Kind {
	case KindMoved:
		return one(AspectMailbox, "")
	case KindStateChanged:
		return one(AspectState, "")
	case KindSubjectChanged:
		return one(AspectSubject, "")
	case KindStatusChanged:
		return one(AspectStatus, "")
	case KindAssigneeChanged:
		return one(AspectAssignee, "")
	case KindFieldChanged:
		return one(AspectField, e.Field)
	case KindTagsChanged:
		return each(AspectTag)
	case KindFollowersChanged:
		return each(AspectFollower)
	case KindSnoozed:
		return []partChange{{Part{AspectSnooze, ""}, "", instant(e.Due), true}}
	case KindUnsnoozed:
		return []partChange{{Part{AspectSnooze, ""}, "", "", true}}
	case KindAutoReplied:
		return []partChange{{Part{AspectAutoReply, ""}, "", string(AutoReplySent), false}}
	case KindAutoReplyLimited:
		return []partChange{{Part{AspectAutoReply, ""}, "", string(AutoReplyLimited), false}}
	case KindAutoReplyOff:
		return []partChange{{Part{AspectAutoReply, ""}, "", string(AutoReplyDisabled), false}}
	case KindAutoReplyOn:
		return []partChange{{Part{AspectAutoReply, ""}, string(AutoReplyDisabled), "", false}}
	default:
		return nil
	}
}

// Parts lists the parts of the conversation that the event changed.
func (e Event) Parts() []Part {
	var out []Part
	for _, ch := range e.parts() {
		out = append(out, ch.Part)
	}
	return out
}

// Reversals lists the parts of the conversation that the run changed, in the order
// in which they are taken back, those left out that it left as it found them. now is
// the conversation as it is; events are its events in seq order, from the run's
// first one on at least, and before that those of kind snoozed and unsnoozed: they
// do not say what was before.
func Reversals(now Conversation, events []Event, run string) []Reversal {
	var found []Reversal
	snoozed := "" // until when, as far as was told
	for i, e := range events {
		for _, ch := range e.parts() {
			from := ch.from
			if ch.blind {
				from, snoozed = snoozed, ch.to
			}
			at := slices.IndexFunc(found, func(r Reversal) bool { return r.Same(ch.Part) })
			switch own := e.Cause.Run == run && run != ""; {
			case own && at < 0:
				found = append(found, Reversal{Part: ch.Part, Was: from, Made: ch.to})
			case own && found[at].Since == nil:
				found[at].Made = ch.to
			case at >= 0:
				found[at].Since = &events[i]
			}
		}
	}
	found = slices.DeleteFunc(found, func(r Reversal) bool { return r.Was == r.Made })
	for i := range found {
		found[i].Lost = found[i].Since == nil && now.Value(found[i].Part) != found[i].Made
	}
	slices.SortStableFunc(found, func(a, b Reversal) int {
		return slices.Index(aspects, a.Aspect) - slices.Index(aspects, b.Aspect)
	})
	return found
}

// Value is the value of a part as a text.
func (c Conversation) Value(p Part) string {
	present := func(yes bool) string {
		if yes {
			return Present
		}
		return ""
	}
	switch p.Aspect {
	case AspectMailbox:
		return string(c.MailboxID)
	case AspectState:
		return string(c.State)
	case AspectSubject:
		return c.Subject
	case AspectStatus:
		return string(c.Status)
	case AspectSnooze:
		return instant(c.SnoozedUntil)
	case AspectAutoReply:
		return string(c.AutoReply)
	case AspectTag:
		return present(slices.Contains(c.Tags, p.Name))
	case AspectField:
		return c.FieldValue(p.Name)
	case AspectFollower:
		return present(slices.Contains(c.Followers, UserID(p.Name)))
	case AspectAssignee:
		return string(c.AssigneeID)
	default:
		return ""
	}
}

// instant writes a time as a value; zero is none.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// Revert gives each part the value that it had before the run, in the order of the
// list: one event for each, and one for all tags and one for all followers.
func (e *Editor) Revert(list []Reversal) {
	var tags, noTags []string
	var followers, noFollowers []UserID
	for _, r := range list {
		back := r.Was == Present
		switch r.Aspect {
		case AspectMailbox:
			e.Move(MailboxID(r.Was))
		case AspectState:
			e.SetState(State(r.Was))
		case AspectSubject:
			e.SetSubject(r.Was)
		case AspectStatus:
			e.SetStatus(Status(r.Was))
		case AspectSnooze:
			e.resnooze(r.Was)
		case AspectAutoReply:
			e.EnableAutoReply()
		case AspectField:
			e.SetField(Field{Name: r.Name}, r.Was)
		case AspectAssignee:
			e.Assign(UserID(r.Was))
		case AspectTag:
			if back {
				tags = append(tags, r.Name)
			} else {
				noTags = append(noTags, r.Name)
			}
		case AspectFollower:
			if back {
				followers = append(followers, UserID(r.Name))
			} else {
				noFollowers = append(noFollowers, UserID(r.Name))
			}
		}
	}
	e.ChangeTags(tags, noTags)
	e.ChangeFollowers(followers, noFollowers)
}

// resnooze sets until when the conversation is snoozed and nothing else: its status
// is a part of its own. One that has ended by now comes back as it would have.
func (e *Editor) resnooze(was string) {
	until, err := time.Parse(time.RFC3339Nano, was)
	switch {
	case err == nil && !until.After(e.at):
		e.Wake()
	case e.c.SnoozedUntil.Equal(until):
	case err != nil: // it was not snoozed
		e.c.SnoozedUntil = time.Time{}
		e.Record(Event{Kind: KindUnsnoozed})
	default:
		e.c.SnoozedUntil = until
		e.Record(Event{Kind: KindSnoozed, Due: until})
	}
}
