package activities

import (
	"context"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// looked is what was read for conditions, each at most once and only when one
// looks at it.
type looked struct {
	recent, notes         []conversation.Message
	haveRecent, haveNotes bool
	last                  *conversation.Message
	haveLast              bool
	// Two copies of a message are two messages here.
	headers, files map[*conversation.Message]bool
}

// facts gathers what the program may look at; h is nil where no event leads
// here.
func (x *advance) facts(ctx context.Context, p Program, h *conversation.Happened) (conversation.Facts, error) {
	var m *conversation.Message
	if h != nil {
		m = h.Message
	}
	if err := x.look(ctx, p.Needs(), m); err != nil {
		return conversation.Facts{}, err
	}
	return x.known(h), nil
}

// look reads what is needed beside the message of the event.
func (x *advance) look(ctx context.Context, needs automation.Needs, m *conversation.Message) (err error) {
	outside := m != nil && m.Kind.FromOutside()
	note := m != nil && m.Kind == conversation.MessageNote
	if (m == nil && needs.Any(automation.NeedsBodies) || !outside && needs.Any(automation.NeedsMails)) && !x.haveRecent {
		if x.recent, err = x.c.Recent(ctx); err != nil {
			return err
		}
		x.haveRecent = true
	}
	if needs.Any(automation.NeedsNotes) && !note && !x.haveNotes {
		if x.notes, err = x.c.Notes(ctx); err != nil {
			return err
		}
		x.notes = append(x.unsaved(isNote), x.notes...)
		x.haveNotes = true
	}
	if needs.Any(automation.NeedsRecipients) && (m == nil || note) && !x.haveLast {
		if x.last, err = x.c.Last(ctx); err != nil {
			return err
		}
		if unsaved := x.unsaved(hasRecipients); len(unsaved) > 0 {
			x.last = &unsaved[0]
		}
		x.haveLast = true
	}
	if needs.Any(automation.NeedsHeaders) {
		if err := x.detail(ctx, &x.headers, messagesOr(m, outside, x.recent), true, false); err != nil {
			return err
		}
	}
	if needs.Any(automation.NeedsFiles) {
		return x.detail(ctx, &x.files, messagesOr(m, m != nil, x.recent), false, true)
	}
	return nil
}

// messagesOr returns the message of the event if it stands for the others.
func messagesOr(m *conversation.Message, it bool, others []conversation.Message) []*conversation.Message {
	if it {
		return []*conversation.Message{m}
	}
	out := make([]*conversation.Message, len(others))
	for i := range others {
		out[i] = &others[i]
	}
	return out
}

// detail reads the details of the messages that were not read yet.
func (x *advance) detail(ctx context.Context, have *map[*conversation.Message]bool, messages []*conversation.Message, headers,
	files bool) error {
	var ask []*conversation.Message
	for _, m := range messages {
		if !(*have)[m] {
			ask = append(ask, m)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	if err := x.c.Details(ctx, ask, headers, files); err != nil {
		return err
	}
	if *have == nil {
		*have = map[*conversation.Message]bool{}
	}
	for _, m := range ask {
		(*have)[m] = true
	}
	return nil
}

// wrote keeps what was read in step with what workflows write.
func (x *advance) wrote(messages []conversation.Message) {
	for i, m := range messages {
		switch {
		case isNote(m) && x.haveNotes:
			x.notes = append([]conversation.Message{m}, x.notes...)
		case hasRecipients(m) && x.haveLast:
			x.last = &messages[i]
		}
	}
}

// unsaved returns the messages of the step that are not in the database yet,
// newest first.
func (x *advance) unsaved(which func(conversation.Message) bool) []conversation.Message {
	var out []conversation.Message
	for i := len(x.step.Messages) - 1; i >= 0; i-- {
		if which(x.step.Messages[i]) {
			out = append(out, x.step.Messages[i])
		}
	}
	return out
}

func isNote(m conversation.Message) bool        { return m.Kind == conversation.MessageNote }
func hasRecipients(m conversation.Message) bool { return m.Kind != conversation.MessageNote }

// known are the facts as far as they were read: at an event, as it left them.
func (x *advance) known(h *conversation.Happened) conversation.Facts {
	f := conversation.Facts{
		Now: x.now, Conversation: x.conv, Customer: x.around.Customer, Mailbox: x.around.Mailbox,
		Recent: x.recent, Notes: x.notes, Last: x.last,
	}
	if h != nil {
		f.Event, f.Message = h.About(), h.Message
		if len(x.queue) > 1 {
			f.Conversation, f.Recent, f.Notes = x.seen(*h), x.unwritten(*h, x.recent), x.unwritten(*h, x.notes)
		}
	}
	return f
}
