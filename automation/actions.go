package automation

import (
	"net/url"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// actionKind is one entry of the catalogue of actions: what it is called, what it
// needs and takes, what it does, and how it reads. Checks, undo, confirmation, the
// schemas and the files read it here.
//
// A new action is one entry of the table below, the function that does it (in package
// activities), and its cases in the tests, which say what else is missing.
type actionKind struct {
	do      string
	needs   []*part
	takes   []*part
	effects Effects
	say     func(Action, Names) string
	// check says what is wrong with its parts together, and fits is as much of that as a
	// JSON Schema can say; nil: nothing.
	check func(Action) []errs.Problem
	fits  func() map[string]any
}

// Names of actions.
const (
	DoNotify           = "notify"
	DoReply            = "reply"
	DoEmail            = "email"
	DoNote             = "note"
	DoSetStatus        = "set_status"
	DoAssign           = "assign"
	DoMove             = "move"
	DoAddTags          = "add_tags"
	DoRemoveTags       = "remove_tags"
	DoForward          = "forward"
	DoSetSubject       = "set_subject"
	DoFollow           = "follow"
	DoUnfollow         = "unfollow"
	DoDelete           = "delete"
	DoDeleteForever    = "delete_forever" // the last action: it ends the run
	DoSnooze           = "snooze"
	DoDisableAutoReply = "disable_auto_reply"
	DoSetField         = "set_field"
	DoWebhook          = "webhook"
	DoStop             = "stop"
)

// AsAgent signs what a manual workflow writes as the agent who runs it.
const AsAgent = "agent"

// actionKinds is the catalogue, in the order of screens. It is never changed.
var actionKinds = []actionKind{
	{do: DoNotify, needs: []*part{toManyPart, bodyPart}, takes: []*part{subjectPart}, say: sayNotify,
		effects: sends(ReachTeam, NoEvent)},
	{do: DoReply, needs: []*part{bodyPart}, takes: []*part{asPart}, say: sayAs("reply to the customer"),
		effects: sends(ReachCustomer, conversation.KindWorkflowMessage)},
	{do: DoEmail, needs: []*part{subjectPart, bodyPart}, takes: []*part{asPart}, say: sayAs("email the customer"),
		effects: sends(ReachCustomer, conversation.KindWorkflowMessage)},
	{do: DoForward, needs: []*part{addressesPart, bodyPart}, takes: []*part{ccPart, bccPart, subjectPart}, say: sayForward,
		effects: sends(ReachForward, conversation.KindWorkflowMessage)},
	{do: DoNote, needs: []*part{bodyPart}, takes: []*part{asPart}, say: sayAs("add a note"),
		effects: Effects{
			Event: conversation.KindNoteAdded, Again: Repeats, Reach: ReachNobody,
			Undo: UndoNever, Stays: "a note stays: people may have read it",
		}},

	{do: DoDisableAutoReply, say: sayDo("disable the mailbox's automatic reply for this conversation"),
		effects: changes(conversation.KindAutoReplyOff, Settles, nil)},

	{do: DoSetStatus, needs: []*part{statusPart}, say: sayStatus,
		effects: changes(conversation.KindStatusChanged, Replaces, leaves("status", "is", statusOf)).to(oneStatus)},
	{do: DoAssign, needs: []*part{toOnePart}, takes: []*part{amongPart, availablePart}, say: sayAssign,
		effects: changes(conversation.KindAssigneeChanged, Replaces, leavesAssignee).to(whom)},
	{do: DoMove, needs: []*part{mailboxPart}, say: sayMove,
		effects: changes(conversation.KindMoved, Replaces, leaves(AboutMailbox, "is", mailboxOf)).with(conversation.KindAssigneeChanged)},
	{do: DoAddTags, needs: []*part{tagsPart}, say: sayChangeTags("add"),
		effects: changes(conversation.KindTagsChanged, Settles, leaves("tags", "has_all", tagsOf))},
	{do: DoRemoveTags, needs: []*part{tagsPart}, say: sayChangeTags("remove"),
		effects: changes(conversation.KindTagsChanged, Settles, leaves("tags", "has_none", tagsOf))},
	{do: DoSetSubject, needs: []*part{subjectPart},
		say:     func(a Action, _ Names) string { return "set the subject to " + match.Quote(a.Subject) },
		effects: changes(conversation.KindSubjectChanged, Replaces, leavesSubject)},
	{do: DoFollow, needs: []*part{userPart}, say: sayFollow("a follower"),
		effects: changes(conversation.KindFollowersChanged, Settles, nil)},
	{do: DoUnfollow, needs: []*part{userPart}, say: sayFollow("no follower any more"),
		effects: changes(conversation.KindFollowersChanged, Settles, nil)},
	{do: DoSnooze, needs: []*part{untilPart}, say: saySnooze,
		effects: changes(conversation.KindSnoozed, Replaces, nil).with(conversation.KindStatusChanged)},
	{do: DoDelete, say: sayDo("delete it"),
		effects: Effects{
			Event: conversation.KindStateChanged, Again: Settles, Reach: ReachDelete, Undo: UndoRestores,
			Leaves: leaves("state", "is", func(Action) any { return string(conversation.StateDeleted) }),
		}},
	{do: DoDeleteForever, say: sayDo("delete it for ever"),
		effects: Effects{
			Event: NoEvent, Again: Settles, Reach: ReachDelete, Ends: EndsConversation,
			Undo: UndoNever, Stays: "the conversation was deleted for ever",
		}},

	{do: DoSetField, needs: []*part{fieldPart}, takes: []*part{valuePart}, say: sayField,
		effects: changes(conversation.KindFieldChanged, Settles, nil)},

	{do: DoWebhook, takes: []*part{urlPart, endpointPart, methodPart, headersPart, treePart, eventPart}, say: sayWebhook,
		effects: sends(ReachWebhook, NoEvent), check: checkWebhook, fits: webhookFits},
	{do: DoStop, say: sayDo("stop: no later workflow sees this event"),
		effects: Effects{Event: NoEvent, Again: Settles, Reach: ReachNobody, Undo: UndoNothing, Ends: EndsEvent}},
}

// parts returns the parts that the kind knows.
func (k *actionKind) parts() []*part { return append(k.needs[:len(k.needs):len(k.needs)], k.takes...) }

// part returns the kind's part that is written with the key, nil if it has none.
func (k *actionKind) part(key string) *part {
	for _, p := range k.parts() {
		if p.key == key {
			return p
		}
	}
	return nil
}

// fills reports whether one of the kind's parts fills the slot.
func (k *actionKind) fills(slot string) bool {
	for _, p := range k.parts() {
		if p.slot == slot {
			return true
		}
	}
	return false
}

func (k *actionKind) keys() []string {
	keys := []string{"do"}
	for _, p := range k.parts() {
		keys = append(keys, p.key)
	}
	return keys
}

// findAction returns the kind of that name, nil when there is none.
func findAction(do string) *actionKind {
	for i := range actionKinds {
		if actionKinds[i].do == do {
			return &actionKinds[i]
		}
	}
	return nil
}

// Complete reports whether an action of a known kind has all parts that it needs.
func (a Action) Complete() bool {
	k := findAction(a.Do)
	return k != nil && !slices.ContainsFunc(k.needs, func(p *part) bool { return !p.has(a) })
}

func actionNames() []string {
	names := make([]string, len(actionKinds))
	for i, k := range actionKinds {
		names[i] = k.do
	}
	return names
}

// Sentence says an action in words: add the tag "refund". It says something of
// every Action, a wrong one too.
func (a Action) Sentence(names Names) string {
	k := findAction(a.Do)
	if k == nil {
		return match.Shorten(a.Do, match.QuotedLength)
	}
	return k.say(a, names)
}

func sayStatus(a Action, _ Names) string {
	return "set the status to " + match.Shorten(a.Status, match.QuotedLength)
}

func sayMove(a Action, n Names) string { return "move it to " + n.Of(RefMailbox, a.Mailbox) }

func sayDo(sentence string) func(Action, Names) string {
	return func(Action, Names) string { return sentence }
}

func sayAs(sentence string) func(Action, Names) string {
	return func(a Action, _ Names) string {
		if a.As == AsAgent {
			return sentence + " as the agent who runs the workflow"
		}
		return sentence
	}
}

func sayChangeTags(verb string) func(Action, Names) string {
	return func(a Action, _ Names) string {
		if len(a.Tags) == 1 {
			return verb + " the tag " + match.Quote(a.Tags[0])
		}
		return verb + " the tags " + match.QuoteList(a.Tags)
	}
}

func sayAssign(a Action, names Names) string {
	to := ""
	if len(a.To) > 0 {
		to = a.To[0]
	}
	if to == Unassigned {
		return "unassign it"
	}
	words := "assign it to " + sayPerson(to, names)
	if to == ToRoundRobin && len(a.Among) > 0 {
		words += " of " + people(a.Among, names)
	}
	if a.OnlyIfAvailable {
		words += ", if available"
	}
	return words
}

// people says whom a list names.
func people(list []string, names Names) string {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = sayPerson(s, names)
	}
	return strings.Join(words, ", ")
}

func sayFollow(what string) func(Action, Names) string {
	return func(a Action, names Names) string {
		return "make " + sayPerson(a.User, names) + " " + what
	}
}

func sayForward(a Action, _ Names) string {
	words := "forward it to " + strings.Join(a.To, ", ")
	if len(a.Cc) > 0 {
		words += ", with a copy to " + strings.Join(a.Cc, ", ")
	}
	if len(a.Bcc) > 0 {
		words += ", with a hidden copy to " + strings.Join(a.Bcc, ", ")
	}
	return match.Shorten(words, 200)
}

func sayNotify(a Action, names Names) string { return "notify " + people(a.To, names) }

// sayWebhook names the endpoint, or the address; it leaves out the query of the address, which may hold a secret.
func sayWebhook(a Action, _ Names) string {
	if a.Endpoint != "" {
		return "tell the webhook endpoint " + match.Quote(a.Endpoint) + " the event " + match.Quote(a.Event)
	}
	where := "its address"
	if u, err := url.Parse(a.URL); err == nil && u.Host != "" {
		where = match.Shorten(u.Scheme+"://"+u.Host+u.EscapedPath(), 100)
	}
	if a.Event != "" {
		return "call the webhook " + where + " with the event " + match.Quote(a.Event)
	}
	return "call the webhook " + where
}

// saySnooze says a duration in words, and an instant as it is written.
func saySnooze(a Action, _ Names) string {
	if _, problem := ParseDuration(a.Until); problem == "" {
		return "snooze it for " + durationWords(a.Until)
	}
	return "snooze it until " + match.Shorten(a.Until, match.QuotedLength)
}
