package automation

import "github.com/smarticks/smarticks/conversation"

// newConversationRow is true for a conversation's first message, whoever wrote
// it.
func newConversationRow(operator, operand) test {
	return happened(func(e conversation.Event) bool { return e.First })
}

// eventRow is true for an event of the kind. A conversation's first message is
// no reply: it is a new conversation.
func eventRow(kind conversation.Kind) func(operator, operand) test {
	return func(operator, operand) test {
		return happened(func(e conversation.Event) bool { return e.Kind == kind && !e.First })
	}
}

// movedHereRow is true for a move into this mailbox, from a given one if named.
func movedHereRow(_ operator, v operand) test {
	return happened(func(e conversation.Event) bool {
		return e.Kind == conversation.KindMoved && (v.text == "" || e.From == v.text)
	})
}

// happened tests the event. Without one (time or a person led here) an event row
// is false: time alone never makes it true.
func happened(is func(conversation.Event) bool) test {
	return test{
		holds: func(p *Prepared) Truth { return truth(p.facts.Event != nil && is(*p.facts.Event)) },
		look: func(p *Prepared) (string, string) {
			if p.facts.Event == nil {
				return "no event", ""
			}
			return eventWords(*p.facts.Event), ""
		},
	}
}

// eventWords says what happened.
func eventWords(e conversation.Event) string {
	if e.First {
		return "a new conversation began"
	}
	switch e.Kind {
	case conversation.KindCustomerMessage:
		return "the customer replied"
	case conversation.KindThirdParty:
		return "a third party wrote"
	case conversation.KindAgentReply:
		return "an agent replied"
	case conversation.KindNoteAdded:
		return "a note was added"
	case conversation.KindWorkflowMessage:
		return "a workflow wrote to the customer"
	case conversation.KindStatusChanged:
		return "the status changed from " + e.From + " to " + e.To
	case conversation.KindAssigneeChanged:
		return "the assignee changed"
	case conversation.KindTagsChanged:
		return "the tags changed"
	case conversation.KindFieldChanged:
		return "a field changed"
	case conversation.KindFollowersChanged:
		return "the followers changed"
	case conversation.KindMoved:
		return "it was moved from another mailbox"
	case conversation.KindSubjectChanged:
		return "the subject changed"
	case conversation.KindStateChanged:
		return "it was deleted or restored"
	case conversation.KindRated:
		return "the customer rated it"
	case conversation.KindViewed:
		return "the customer saw a message of ours"
	case conversation.KindManualRun:
		return "a manual run was asked for"
	case conversation.KindUndo:
		return "an undo was asked for"
	case conversation.KindDue:
		return "a due time came"
	case conversation.KindConsider:
		return "the workflow was to be considered"
	default:
		return string(e.Kind)
	}
}
