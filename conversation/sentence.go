package conversation

import (
	"strconv"
	"strings"
)

// Sentence says the event in words. name returns the name of a user, customer,
// mailbox or workflow by its id.
func (e Event) Sentence(name func(id string) string) string {
	who := e.Actor.Words(name)
	switch e.Kind {
	case KindCustomerMessage:
		if e.First {
			return who + " wrote the first message" + map[Linked]string{
				LinkedDeleted: ", in answer to a conversation that is deleted",
				LinkedNoPart:  ", in answer to a conversation in which they take no part",
			}[Linked(e.To)]
		}
		return who + " wrote"
	case KindThirdParty:
		return who + " wrote"
	case KindAgentReply:
		return who + " replied"
	case KindNoteAdded:
		return who + " added a note"
	case KindWorkflowMessage:
		return who + " wrote to the customer"
	case KindStatusChanged:
		return who + " set the status from " + e.From + " to " + e.To
	case KindAssigneeChanged:
		return who + " " + e.assignment(name)
	case KindTagsChanged:
		return who + " " + e.tagging()
	case KindFieldChanged:
		return who + " changed the field “" + e.Field + "” from “" + e.From + "” to “" + e.To + "”"
	case KindFollowersChanged:
		return who + " " + e.following(name)
	case KindMoved:
		return who + " moved it from " + name(e.From) + " to " + name(e.To)
	case KindSubjectChanged:
		return who + " changed the subject from “" + e.From + "” to “" + e.To + "”"
	case KindStateChanged:
		switch State(e.To) {
		case StateDeleted:
			return who + " deleted it"
		case StatePublished:
			return who + " brought it back"
		default:
			return who + " set its state to " + e.To
		}
	case KindSnoozed:
		return who + " snoozed it until " + e.Due.UTC().Format("2006-01-02 15:04:05 UTC")
	case KindUnsnoozed:
		if e.Actor.Kind == ActorSystem {
			return "The time of the snooze came"
		}
		return who + " ended the snooze"
	case KindAutoReplied:
		return "The mailbox answered by itself"
	case KindAutoReplyLimited:
		return "The mailbox did not answer by itself, since automatic mail to the customer has reached its limit"
	case KindAutoReplyOff:
		return who + " switched off the automatic reply"
	case KindAutoReplyOn:
		return who + " switched on the automatic reply"
	case KindUndo:
		return who + " asked to undo what the workflow “" + name(e.Definition) + "” did"
	case KindManualRun:
		return who + " asked for a workflow to be run"
	case KindDue:
		return "The time came for the workflow “" + name(e.Definition) + "”"
	case KindConsider:
		if e.Missed > 0 {
			return "The workflow “" + name(e.Definition) + "” looks at event " + strconv.FormatInt(e.Missed, 10) +
				", which it passed over while it was paused"
		}
		return who + " asked whether the workflow “" + name(e.Definition) + "” applies"
	case KindRated:
		return who + " " + e.rated()
	case KindViewed:
		return who + " saw a message of ours"
	case KindUndelivered:
		return "A mail did not arrive"
	case KindRedeliver:
		return who + " asked for a delivery to be sent again"
	default:
		return who + ": " + string(e.Kind)
	}
}

func (e Event) following(name func(string) string) string {
	named := func(ids []string) string {
		names := make([]string, len(ids))
		for i, id := range ids {
			names[i] = name(id)
		}
		return strings.Join(names, ", ")
	}
	var parts []string
	if len(e.Added) > 0 {
		parts = append(parts, "added the follower "+named(e.Added))
	}
	if len(e.Removed) > 0 {
		parts = append(parts, "removed the follower "+named(e.Removed))
	}
	return strings.Join(parts, " and ")
}

func (e Event) assignment(name func(string) string) string {
	switch {
	case e.To == "":
		return "took it off " + name(e.From)
	case e.From == "":
		return "assigned it to " + name(e.To)
	default:
		return "assigned it to " + name(e.To) + " instead of " + name(e.From)
	}
}

func (e Event) tagging() string {
	var parts []string
	if len(e.Added) > 0 {
		parts = append(parts, "added the tag"+plural(e.Added))
	}
	if len(e.Removed) > 0 {
		parts = append(parts, "removed the tag"+plural(e.Removed))
	}
	return strings.Join(parts, " and ")
}

func plural(names []string) string {
	if len(names) == 1 {
		return " " + names[0]
	}
	return "s " + strings.Join(names, ", ")
}

// Words names the actor at the beginning of a sentence.
func (a Actor) Words(name func(id string) string) string {
	switch a.Kind {
	case ActorCustomer, ActorUser:
		if a == (Actor{Kind: ActorUser}) {
			return "One of us" // brought over from elsewhere, sent from a mailbox's own address
		}
		return name(a.ID)
	case ActorWorkflow:
		return "The workflow “" + name(a.ID) + "”"
	case ActorThirdParty:
		return "A third party"
	case ActorAPI:
		return "The API"
	default:
		return "The system"
	}
}
