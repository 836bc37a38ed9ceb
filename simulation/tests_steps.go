package simulation

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/mail"
)

// set makes the conversation that is given, at the moment at which the first step
// happens. Its messages are there, and handled.
func (p *performance) set(start time.Time) {
	g := p.test.Given
	created := start
	if len(g.Messages) > 0 {
		created = ago(start, g.Messages[0])
	}
	p.stage = newStage(p.world, p.definition, g, start, created)
	p.Simulation = p.Begin(p.stage)
	row := &p.conv.row
	if g.Assignee != "" {
		row.AssigneeID = p.assignee("given.assignee", g.Assignee)
	}
	for i, m := range g.Messages {
		p.conv.at(ago(start, m))
		p.write(fmt.Sprintf("given.messages[%d].%s", i, m.Do), m)
	}
	p.conv.at(start)
	row.HandledSeq = row.LastSeq
	if status := conversation.Status(g.Status); status != "" && status != row.Status {
		row.Status, row.StatusChangedAt, row.ClosedAt = status, row.UpdatedAt, time.Time{}
		if status == conversation.StatusClosed {
			row.ClosedAt = row.UpdatedAt
		}
	}
	for _, t := range g.Tags {
		row.Tags = append(row.Tags, conversation.CleanTag(t))
	}
	slices.Sort(row.Tags)
	row.Tags = slices.Compact(row.Tags)
	for _, f := range p.fields("given.fields", g.Fields) {
		if f.value == "" {
			continue
		}
		if row.Fields == nil {
			row.Fields = map[string]string{}
		}
		row.Fields[f.field.Name] = f.value
	}
}

func ago(start time.Time, m automation.TestStep) time.Time {
	d, _ := automation.ParseDuration(m.Ago) // which was checked
	return start.Add(-d)
}

// step does one step of the test, and has the conversation looked at.
func (p *performance) step(ctx context.Context, path string, s automation.TestStep) error {
	if s.Do != automation.StepAfter && p.gone(path) {
		return nil
	}
	switch s.Do {
	case automation.StepAfter:
		span, _ := automation.ParseSpan(s.After) // which was checked
		until := span.After(p.Now(), p.world.Around.Mailbox)
		if until.IsZero() {
			p.fail(path, "the mailbox has no business hours in which that could pass: give it some by given.mailbox.business_hours")
			return nil
		}
		return p.pass(ctx, until)
	case automation.StepCustomerRates:
		p.Happen(p.customer(), func(ed *conversation.Editor) []conversation.Message {
			ed.Rate(conversation.Rating(s.Rating), s.Comment)
			return nil
		})
	case automation.StepCustomerViews:
		p.view(path)
	case automation.StepSet:
		p.change(path, s)
	case automation.StepRun:
		if by, ok := p.user(path+".by", s.By); ok {
			p.ask(by)
		}
	default:
		p.write(path, s)
	}
	if len(p.wrong) > 0 {
		return nil
	}
	return p.advance(ctx, p.Now(), 0)
}

// ask asks for a run of the workflow, as an agent does.
func (p *performance) ask(agent conversation.UserID) {
	v := p.stage.version
	p.Ask(runs.Run{
		ID: automation.RunID(p.newID()), ConversationID: p.conv.row.ID, MailboxID: p.conv.row.MailboxID,
		DefinitionID: v.DefinitionID, VersionID: v.ID, VersionNumber: v.Number, Name: v.Definition.Name, Mode: v.Mode,
		Trigger: automation.TriggerManual, State: automation.RunAsked, Actor: conversation.Actor{Kind: conversation.ActorUser, ID: string(agent)},
		CreatedAt: p.Now(),
	}, v)
}

// gone reports whether nothing can happen to the conversation any longer.
func (p *performance) gone(path string) bool {
	switch {
	case p.conv.erased:
		p.fail(path, "the workflow has deleted the conversation for ever: nothing can happen to it any more")
	case p.conv.row.State == conversation.StateDeleted:
		p.fail(path, "the conversation is deleted: nothing can happen to it any more")
	default:
		return false
	}
	return true
}

func (p *performance) customer() conversation.Actor {
	return conversation.Actor{Kind: conversation.ActorCustomer, ID: string(stageCustomer)}
}

// view is the customer's mail program, which shows the last reply.
func (p *performance) view(path string) {
	id := p.conv.row.LastReplyID
	if id == "" {
		p.fail(path, "there is no reply that the customer could see")
		return
	}
	if p.conv.row.LastReplyViewedAt.IsZero() {
		p.Happen(p.customer(), func(ed *conversation.Editor) []conversation.Message {
			ed.View(id)
			return nil
		})
	}
}

// write adds a message.
func (p *performance) write(path string, s automation.TestStep) {
	mailbox, row := p.stage.world.Around.Mailbox, &p.conv.row
	customer := p.stage.customer.Email()
	actor := p.customer()
	m := conversation.Message{ID: conversation.MessageID(p.newID()), Kind: conversation.MessageCustomer, Text: s.Body,
		Subject: cmp.Or(s.Subject, row.Subject)}
	m.MessageIDHeader = string(m.ID) + "@example.com"
	m.From, m.To = customer, []string{mailbox.Email}
	if s.Do != automation.StepCustomerWrites {
		by, ok := p.user(path+".by", s.By)
		if !ok {
			return
		}
		actor = conversation.Actor{Kind: conversation.ActorUser, ID: string(by)}
		m.Kind, m.From, m.To = conversation.MessageReply, mailbox.Email, []string{customer}
	}
	if s.Do == automation.StepNote {
		m.Kind, m.From, m.To = conversation.MessageNote, "", nil
	}
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		m.Headers = append(m.Headers, conversation.Header{Name: name, Value: s.Headers[name]})
	}
	for _, name := range s.Files {
		m.Attachments = append(m.Attachments, conversation.Attachment{Name: name, ContentType: "application/octet-stream", Size: 1})
	}
	if m.Kind == conversation.MessageCustomer {
		m.Machine = mail.Machine(m.Headers, customer, slices.Contains(p.world.Own, conversation.AddressKey(customer)))
		if row.Messages == 0 && row.Subject == "" {
			row.Subject = m.Subject
		}
	}
	m.Author = actor
	p.cost += p.program.PatternWork(m.Text)
	for _, h := range m.Headers {
		p.cost += p.program.PatternWork(h.Value)
	}
	p.Happen(actor, func(ed *conversation.Editor) []conversation.Message {
		ed.AddMessage(&m)
		if m.Kind == conversation.MessageCustomer {
			ed.TakePart(m.Participants(func(key string) bool { return slices.Contains(p.world.Own, key) }))
		}
		return []conversation.Message{m}
	})
}
