package automation

import (
	"slices"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// userActions are the kinds of event that a user's own doing makes. A move is not
// among them: only a condition that says "moved here" listens to one.
var userActions = []conversation.Kind{
	conversation.KindAgentReply, conversation.KindNoteAdded, conversation.KindStatusChanged, conversation.KindAssigneeChanged,
	conversation.KindTagsChanged, conversation.KindFieldChanged, conversation.KindSubjectChanged, conversation.KindStateChanged,
}

// userActionRow is true for what a user did: any of them, or the one who is
// named. What a workflow does is nobody's action, whoever wrote the workflow.
func userActionRow(_ operator, v operand) test {
	return happened(func(e conversation.Event) bool {
		return e.Actor.Kind == conversation.ActorUser && slices.Contains(userActions, e.Kind) && (v.text == "" || e.Actor.ID == v.text)
	})
}

func sayUserAction(c Condition, _ operator, names Names) string {
	id, _ := c.Value.(string)
	if id == "" {
		return "a user did something"
	}
	return names.Of(RefUser, id) + " did something"
}

// changedRow is true for a change of the kind: from and to, where they are given,
// must be what it was before and what it is now.
func changedRow(kind conversation.Kind, value func(string) string) func(operator, operand) test {
	return func(_ operator, v operand) test {
		return happened(func(e conversation.Event) bool {
			return e.Kind == kind && v.between(value(e.From), value(e.To))
		})
	}
}

// between reports whether a change from one value to another is one that the condition is
// about. Without from or to any is.
func (v operand) between(from, to string) bool {
	return (v.from == nil || v.from.text == from) && (v.to == nil || v.to.text == to)
}

func asWritten(s string) string { return s }

// orUnassigned says the assignee of an event as conditions name it.
func orUnassigned(id string) string {
	return assigneeOf(conversation.Conversation{AssigneeID: conversation.UserID(id)})
}

// tagAddedRow and tagRemovedRow are true when a tag came or went: any, or the one
// that is named.
func tagAddedRow(_ operator, v operand) test {
	return happened(func(e conversation.Event) bool { return e.Kind == conversation.KindTagsChanged && v.amongTags(e.Added) })
}

func tagRemovedRow(_ operator, v operand) test {
	return happened(func(e conversation.Event) bool {
		return e.Kind == conversation.KindTagsChanged && v.amongTags(e.Removed)
	})
}

func (v operand) amongTags(names []string) bool {
	if v.folded == "" {
		return len(names) > 0
	}
	return slices.ContainsFunc(names, func(n string) bool { return match.Fold(n) == v.folded })
}

// fieldChangedRow is true when a custom field changed: any, or the one that is
// named. Names and values are compared as texts are.
func fieldChangedRow(_ operator, v operand) test {
	same := func(want *operand, have string) bool { return want == nil || want.folded == match.Fold(have) }
	return happened(func(e conversation.Event) bool {
		return e.Kind == conversation.KindFieldChanged && (v.folded == "" || v.folded == match.Fold(e.Field)) && same(v.from, e.From) &&
			same(v.to, e.To)
	})
}

// sayChanged makes the sentences of a change: what it is about, and how a value
// is said.
func sayChanged(what func(Condition) string, value func(string, Names) string) func(Condition, operator, Names) string {
	return func(c Condition, _ operator, names Names) string {
		words := what(c) + " changed"
		if c.From != "" {
			words += " from " + value(c.From, names)
		}
		if c.To != "" {
			words += " to " + value(c.To, names)
		}
		return words
	}
}

func always(words string) func(Condition) string { return func(Condition) string { return words } }

func plainWords(s string, _ Names) string { return match.Shorten(s, match.QuotedLength) }

func quotedWords(s string, _ Names) string { return match.Quote(s) }

func assigneeWords(id string, names Names) string {
	if id == Unassigned {
		return "nobody"
	}
	return names.Of(RefUser, id)
}

func fieldWords(c Condition) string {
	if name, _ := c.Value.(string); name != "" {
		return "the field " + match.Quote(name)
	}
	return "a field"
}

// sayTag makes the sentences of a tag that came or went.
func sayTag(happened string) func(Condition, operator, Names) string {
	return func(c Condition, _ operator, _ Names) string {
		if name, _ := c.Value.(string); name != "" {
			return "the tag " + match.Quote(name) + " was " + happened
		}
		return "a tag was " + happened
	}
}
