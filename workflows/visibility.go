package workflows

import (
	"slices"
	"strings"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Reasons of our own for attention.
const (
	attentionAdvance  = "advance_failed"
	attentionDelivery = "delivery_failed"
)

const (
	// maxListed bounds the ids in a KeywordList: its value may have 2 KiB, and a
	// longer one would block the Temporal workflow.
	maxListed = 40
	// maxKeyword bounds a Keyword: SQL visibility keeps 255 characters.
	maxKeyword = 100
)

// show tells ops what is known: search attributes where they changed, which
// costs an event for all of them, and details, which cost none.
func (c *conversationRun) show() error {
	workflow.SetCurrentDetails(c.own, c.details())
	if c.answered && c.last.Gone {
		return nil
	}
	now := workflow.GetTypedSearchAttributes(c.own)
	var changes []temporal.SearchAttributeUpdate
	changes = appendKeyword(changes, now, AttentionKey(), c.attention())
	changes = c.appendNextDue(changes, now)
	if c.answered {
		if c.last.Status != "" {
			changes = appendKeyword(changes, now, StatusKey(), c.last.Status)
		}
		changes = c.appendWorkflows(changes, now)
		if was, _ := now.GetKeyword(MailboxKey()); c.last.MailboxID != "" && c.last.MailboxID != was {
			changes = append(changes, MailboxKey().ValueSet(c.last.MailboxID))
			if err := workflow.UpsertMemo(c.own, map[string]any{MemoMailbox: c.last.MailboxID}); err != nil {
				return err
			}
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return workflow.UpsertTypedSearchAttributes(c.own, changes...)
}

// attention says why somebody should look, empty when nobody has to.
func (c *conversationRun) attention() string {
	switch {
	case c.gaveUp:
		return attentionAdvance
	case c.stuck:
		return attentionDelivery
	default:
		return strings.ToValidUTF8(c.last.Attention[:min(len(c.last.Attention), maxKeyword)], "")
	}
}

// appendKeyword sets the attribute, or unsets it when the value is empty, unless
// it is so already.
func appendKeyword(to []temporal.SearchAttributeUpdate, now temporal.SearchAttributes,
	key temporal.SearchAttributeKeyKeyword, value string) []temporal.SearchAttributeUpdate {
	was, ok := now.GetKeyword(key)
	switch {
	case value == was:
		return to
	case value != "":
		return append(to, key.ValueSet(value))
	case ok:
		return append(to, key.ValueUnset())
	default:
		return to
	}
}

// appendNextDue follows the timer, so that it changes only in a task that arms
// one or sees the last one fire.
func (c *conversationRun) appendNextDue(to []temporal.SearchAttributeUpdate,
	now temporal.SearchAttributes) []temporal.SearchAttributeUpdate {
	was, ok := now.GetTime(NextDueKey())
	switch {
	case c.alarm.armed() && !c.alarm.at.Equal(was):
		return append(to, NextDueKey().ValueSet(c.alarm.at))
	case !c.alarm.armed() && ok:
		return append(to, NextDueKey().ValueUnset())
	default:
		return to
	}
}

func (c *conversationRun) appendWorkflows(to []temporal.SearchAttributeUpdate,
	now temporal.SearchAttributes) []temporal.SearchAttributeUpdate {
	ids := slices.Clone(c.last.Workflows)
	slices.Sort(ids)
	ids = ids[:min(len(ids), maxListed)]
	was, ok := now.GetKeywordList(WorkflowsKey())
	switch {
	case slices.Equal(ids, was):
		return to
	case len(ids) > 0:
		return append(to, WorkflowsKey().ValueSet(ids))
	case ok:
		return append(to, WorkflowsKey().ValueUnset())
	default:
		return to
	}
}

// state answers the query.
func (c *conversationRun) state() (State, error) {
	s := State{
		ConversationID: c.in.ConversationID,
		Number:         c.last.Number,
		Generation:     c.generation(),
		HandledSeq:     c.last.HandledSeq,
		Open:           c.last.Open,
		Draining:       c.draining,
		Attention:      c.attention(),
		Recent:         c.recent,
	}
	if c.alarm.armed() {
		at := c.alarm.at
		s.TimerAt = &at
	}
	for _, f := range c.flights {
		s.InFlight = append(s.InFlight, Flight{DeliveryID: f.id, Kind: f.kind})
	}
	return s, nil
}
