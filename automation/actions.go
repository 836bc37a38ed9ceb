package automation

import (
	"net/url"
	"strings"
)

// actionKind is one line of the catalogue of actions: what it is called, what
// it needs and takes, and how it reads.
//
// A new action is one line of the table below, the function that does it (in
// package activities), and its cases in the tests.
type actionKind struct {
	do    string
	needs []*part
	takes []*part
	say   func(Action, Names) string
}

// Names of actions.
const (
	DoNotify     = "notify"
	DoReply      = "reply"
	DoEmail      = "email"
	DoNote       = "note"
	DoSetStatus  = "set_status"
	DoAssign     = "assign"
	DoMove       = "move"
	DoAddTags    = "add_tags"
	DoRemoveTags = "remove_tags"
	DoWebhook    = "webhook"
	DoStop       = "stop"
)

// Targets of assign (Unassigned, ToMe) and notify (the others), beside user ids.
const (
	ToMe        = "me" // the agent who runs a manual workflow
	ToAssignee  = "assignee"
	ToLastAgent = "last_agent" // who replied last
	ToAllUsers  = "all_users"  // of the mailbox
)

// actionKinds is the catalogue, in the order of screens. It is never changed.
var actionKinds = []actionKind{
	{do: DoNotify, needs: []*part{toManyPart, bodyPart}, takes: []*part{subjectPart}, say: sayNotify},
	{do: DoReply, needs: []*part{bodyPart}, say: sayDo("reply to the customer")},
	{do: DoEmail, needs: []*part{subjectPart, bodyPart}, say: sayDo("email the customer")},
	{do: DoNote, needs: []*part{bodyPart}, say: sayDo("add a note")},

	{do: DoSetStatus, needs: []*part{statusPart}, say: func(a Action, _ Names) string { return "set the status to " + shorten(a.Status, quotedLength) }},
	{do: DoAssign, needs: []*part{toOnePart}, say: sayAssign},
	{do: DoMove, needs: []*part{mailboxPart}, say: func(a Action, n Names) string { return "move it to " + n.of(RefMailbox, a.Mailbox) }},
	{do: DoAddTags, needs: []*part{tagsPart}, say: sayChangeTags("add")},
	{do: DoRemoveTags, needs: []*part{tagsPart}, say: sayChangeTags("remove")},

	{do: DoWebhook, needs: []*part{urlPart}, takes: []*part{methodPart, headersPart, treePart, eventPart}, say: sayWebhook},
	{do: DoStop, say: sayDo("stop: no later workflow sees this event")},
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

// fills tells whether one of the kind's parts fills the slot.
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
		return shorten(a.Do, quotedLength)
	}
	return k.say(a, names)
}

func sayDo(sentence string) func(Action, Names) string {
	return func(Action, Names) string { return sentence }
}

func sayChangeTags(verb string) func(Action, Names) string {
	return func(a Action, _ Names) string {
		if len(a.Tags) == 1 {
			return verb + " the tag " + quote(a.Tags[0])
		}
		return verb + " the tags " + quoteList(a.Tags)
	}
}

func sayAssign(a Action, names Names) string {
	to := ""
	if len(a.To) > 0 {
		to = a.To[0]
	}
	switch to {
	case Unassigned:
		return "unassign it"
	case ToMe:
		return "assign it to the agent who runs the workflow"
	default:
		return "assign it to " + names.of(RefUser, to)
	}
}

func sayNotify(a Action, names Names) string {
	who := make([]string, len(a.To))
	for i, to := range a.To {
		switch to {
		case ToAssignee:
			who[i] = "the assignee"
		case ToLastAgent:
			who[i] = "the agent who replied last"
		case ToAllUsers:
			who[i] = "all users of the mailbox"
		default:
			who[i] = names.of(RefUser, to)
		}
	}
	return "notify " + strings.Join(who, ", ")
}

// sayWebhook leaves out the query of the address, which may hold a secret.
func sayWebhook(a Action, _ Names) string {
	where := "its address"
	if u, err := url.Parse(a.URL); err == nil && u.Host != "" {
		where = shorten(u.Scheme+"://"+u.Host+u.EscapedPath(), 100)
	}
	if a.Event != "" {
		return "call the webhook " + where + " with the event " + quote(a.Event)
	}
	return "call the webhook " + where
}
