package simulation

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// change does what somebody sets, as the API does it.
func (p *performance) change(path string, s automation.TestStep) {
	by, ok := p.user(path+".by", s.By)
	if !ok {
		return
	}
	set, ch := s.Set, conversation.Change{}
	if set.Mailbox != "" {
		id := conversation.MailboxID(p.world.ID(automation.RefMailbox, set.Mailbox))
		if ch.MailboxID = &id; id == "" {
			p.fail(path+".mailbox", "there is no mailbox "+strconv.Quote(set.Mailbox))
		}
	}
	if set.Assignee != "" {
		id := p.named(path+".assignee", set.Assignee)
		ch.AssigneeID = &id
	}
	if set.Status != "" {
		status := conversation.Status(set.Status)
		ch.Status = &status
	}
	if set.Subject != "" {
		ch.Subject = &set.Subject
	}
	if set.Tags != nil {
		tags := make([]string, len(set.Tags))
		for i, t := range set.Tags {
			tags[i] = conversation.CleanTag(t)
		}
		ch.Tags = &tags
	}
	fields := p.fields(path+".fields", set.Fields)
	if len(p.wrong) > 0 {
		return
	}
	p.Happen(conversation.Actor{Kind: conversation.ActorUser, ID: string(by)}, func(ed *conversation.Editor) []conversation.Message {
		ed.Change(ch)
		ed.ChangeTags(set.AddTags, set.RemoveTags)
		for _, f := range fields {
			ed.SetField(f.field, f.value)
		}
		p.mayKeep(path, ed, set.Assignee != "")
		if set.State != "" {
			ed.SetState(conversation.State(set.State))
		}
		return nil
	})
}

// mayKeep sees to it that the assignee sees the mailbox where the conversation is:
// one who was asked for and does not is refused, another one is taken off it.
func (p *performance) mayKeep(path string, ed *conversation.Editor, asked bool) {
	row := &p.conv.row
	for _, u := range p.world.Users {
		switch {
		case u.ID != row.AssigneeID || (access.Caller{User: u}).Sees(row.MailboxID):
		case asked:
			p.fail(path+".assignee", "this user is not a member of the mailbox")
		default:
			ed.Assign("")
		}
	}
}

// user is who does a step: the one that is named, the assignee, or an agent of whom
// nothing is known.
func (p *performance) user(path, name string) (conversation.UserID, bool) {
	switch {
	case name != "":
		id := p.named(path, name)
		return id, id != ""
	case p.conv.row.AssigneeID != "":
		return p.conv.row.AssigneeID, true
	default:
		return stageAgent, true
	}
}

// named is the user of the id or address; empty for nobody.
func (p *performance) named(path, name string) conversation.UserID {
	if name == automation.Unassigned {
		return ""
	}
	id := p.world.ID(automation.RefUser, name)
	if id == "" {
		p.fail(path, "there is no user "+strconv.Quote(name))
	}
	return conversation.UserID(id)
}

// assignee is named for a user who must see the mailbox.
func (p *performance) assignee(path, name string) conversation.UserID {
	id := p.named(path, name)
	for _, u := range p.world.Users {
		if u.ID == id && !(access.Caller{User: u}).Sees(p.conv.row.MailboxID) {
			p.fail(path, "this user is not a member of the mailbox")
		}
	}
	return id
}

// fieldValue is a custom field with a value that it takes.
type fieldValue struct {
	field conversation.Field
	value string
}

// fields are the values of custom fields in the order of their names.
func (p *performance) fields(path string, values map[string]string) []fieldValue {
	mailbox, ok := p.world.Mailbox(p.conv.row.MailboxID)
	var out []fieldValue
	for _, name := range slices.Sorted(maps.Keys(values)) {
		at := path + "." + name
		f, known := mailbox.Field(name)
		if !ok || !known {
			p.fail(at, "the mailbox has no custom field "+strconv.Quote(name)+hasFields(mailbox))
			continue
		}
		clean, problem := f.CleanValue(values[name])
		if problem != "" {
			p.fail(at, problem)
		}
		out = append(out, fieldValue{f, clean})
	}
	return out
}

// hasFields says which custom fields there are.
func hasFields(m conversation.Mailbox) string {
	if len(m.Fields) == 0 {
		return ": it has none"
	}
	names := make([]string, len(m.Fields))
	for i, f := range m.Fields {
		names[i] = f.Name
	}
	return ": it has " + strings.Join(names, ", ")
}
