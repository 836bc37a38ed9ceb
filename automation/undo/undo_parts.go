package undo

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// check says of each part that the run changed whether it is restored.
func (p *undoPlan) check() {
	p.verdicts = make([]Part, len(p.reversals))
	for i, r := range p.reversals {
		v := Part{Part: r.Part, Now: p.q.Conversation.Value(r.Part), Was: r.Was}
		switch why := p.hindrance(r); {
		case r.Since != nil:
			v.State, v.By, v.At = automation.ActionChangedSince, r.Since.Actor, r.Since.At
			v.Reason = p.what(r.Part) + " was changed since, by " + p.by(v.By) + " at " + automation.Stamp(v.At)
		case r.Lost:
			v.State, v.Reason = automation.ActionChangedSince, p.what(r.Part)+" was changed since"
		case why != "":
			v.State, v.Reason = automation.ActionCannot, p.what(r.Part)+" cannot be restored: "+why
		default:
			v.State, v.Reason = automation.ActionUndone, p.back(r)
		}
		p.verdicts[i] = v
	}
	p.checkAssignee()
}

// hindrance says why the part cannot have its value from before the run, empty when
// it can.
func (p *undoPlan) hindrance(r conversation.Reversal) string {
	switch r.Aspect {
	case conversation.AspectMailbox:
		_, there := p.q.Mailboxes[conversation.MailboxID(r.Was)]
		switch {
		case !there:
			return "there is no such mailbox any more"
		case !p.sees(conversation.MailboxID(r.Was)):
			return "who asks does not see that mailbox"
		}
	case conversation.AspectFollower:
		if _, there := p.q.Users[conversation.UserID(r.Name)]; !there && r.Was == conversation.Present {
			return "there is no such user any more"
		}
	case conversation.AspectAssignee:
		if _, there := p.q.Users[conversation.UserID(r.Was)]; !there && r.Was != "" {
			return "there is no such user any more"
		}
	case conversation.AspectField:
		// A value that the mailbox's field would refuse now; without such a field it is
		// out of sight, as it was.
		if f, ok := p.q.Mailboxes[p.mailbox()].Field(r.Name); ok {
			if clean, problem := f.CleanValue(r.Was); problem != "" || clean != r.Was {
				return "the field does not take that value any more"
			}
		}
	}
	return ""
}

// mailbox is where the conversation will be: the mailbox is the first part that is
// looked at.
func (p *undoPlan) mailbox() conversation.MailboxID {
	if first := p.verdicts[0]; first.Aspect == conversation.AspectMailbox && first.State == automation.ActionUndone {
		return conversation.MailboxID(first.Was)
	}
	return p.q.Conversation.MailboxID
}

// sees reports whether who asks sees the mailbox; what asks is the installation.
func (p *undoPlan) sees(mailbox conversation.MailboxID) bool {
	if p.q.Asker.Kind != conversation.ActorUser {
		return true
	}
	return p.q.Users[conversation.UserID(p.q.Asker.ID)].Sees(mailbox)
}

// checkAssignee sees to it that the assignee sees the mailbox in the end. An
// assignee of before who does not is not restored; one of now, whom somebody chose
// since, is not taken off it: the conversation stays where they see it.
func (p *undoPlan) checkAssignee() {
	at := func(a conversation.Aspect) int {
		return slices.IndexFunc(p.verdicts, func(v Part) bool { return v.Aspect == a && v.State == automation.ActionUndone })
	}
	mailbox, assignee := at(conversation.AspectMailbox), at(conversation.AspectAssignee)
	fits := func(move, assign bool) bool {
		in, user := p.q.Conversation.MailboxID, p.q.Conversation.AssigneeID
		if move {
			in = conversation.MailboxID(p.verdicts[mailbox].Was)
		}
		if assign {
			user = conversation.UserID(p.verdicts[assignee].Was)
		}
		return user == "" || p.q.Users[user].Sees(in)
	}
	cannot := func(i int, why string) {
		p.verdicts[i].State = automation.ActionCannot
		p.verdicts[i].Reason = p.what(p.verdicts[i].Part) + " cannot be restored: " + why
	}
	if assignee >= 0 && !fits(mailbox >= 0, true) {
		cannot(assignee, "the user does not see the mailbox")
		assignee = -1
	}
	if mailbox >= 0 && assignee < 0 && !fits(true, false) {
		cannot(mailbox, "the assignee does not see that mailbox")
	}
}

func (p *undoPlan) name(id string) string {
	if name := p.q.Names[id]; name != "" {
		return name
	}
	return id
}

// by names who did something within a sentence.
func (p *undoPlan) by(a conversation.Actor) string {
	words := a.Words(p.name)
	if rest, ok := strings.CutPrefix(words, "The "); ok && a.Kind != conversation.ActorUser && a.Kind != conversation.ActorCustomer {
		return "the " + rest
	}
	return words
}

// what names a part within a sentence.
func (p *undoPlan) what(part conversation.Part) string {
	switch part.Aspect {
	case conversation.AspectTag:
		return "the tag “" + part.Name + "”"
	case conversation.AspectField:
		return "the field “" + part.Name + "”"
	case conversation.AspectFollower:
		return "the follower " + p.name(part.Name)
	case conversation.AspectAutoReply:
		return "the automatic reply"
	default:
		return "the " + string(part.Aspect)
	}
}

// back says what a part is again.
func (p *undoPlan) back(r conversation.Reversal) string {
	to := r.Was
	switch r.Aspect {
	case conversation.AspectTag, conversation.AspectFollower:
		if to == conversation.Present {
			return p.what(r.Part) + " is back"
		}
		return p.what(r.Part) + " is off again"
	case conversation.AspectMailbox:
		to = p.name(to)
	case conversation.AspectAssignee:
		if to = p.name(to); r.Was == "" {
			to = "nobody"
		}
	case conversation.AspectAutoReply:
		to = "on"
	case conversation.AspectSubject, conversation.AspectField, conversation.AspectSnooze:
		if to = "“" + to + "”"; r.Was == "" {
			to = "none"
		}
	}
	return p.what(r.Part) + " is " + to + " again"
}
