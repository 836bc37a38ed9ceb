package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// writeStep writes what an Editor and the workflows made of a locked
// conversation. Every writer ends in it; only Advance says that all is handled,
// and when.
func writeStep(ctx context.Context, tx pgx.Tx, step automation.Step, out []delivery.Delivery, handled *time.Time) error {
	if err := insertMessages(ctx, tx, step.Messages, nil); err != nil {
		return err
	}
	if err := insertEvents(ctx, tx, step.Events); err != nil {
		return err
	}
	if err := insertRuns(ctx, tx, step.Runs); err != nil {
		return err
	}
	if err := insertDeliveries(ctx, tx, out); err != nil {
		return err
	}
	if err := saveConversation(ctx, tx, step.Conversation, step.Dues, handled); err != nil || step.Erase == "" || handled == nil {
		return err
	}
	return eraseConversation(ctx, tx, step.Conversation.ID, step.Erase, *handled)
}

// edit is the one way for writers other than Advance: lock the conversation,
// change it through an Editor, write the change with its events, wake the
// starter. do returns what else is to be written. What changes nothing writes
// nothing.
func (s *Store) edit(ctx context.Context, op string, id conversation.ID, actor conversation.Actor,
	do func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (automation.Step, error),
) (conversation.Conversation, error) {
	var c conversation.Conversation
	changed := false
	err := s.inTx(ctx, op, func(tx pgx.Tx) error {
		var err error
		if c, _, err = lockConversation(ctx, tx, id); err != nil {
			return err
		}
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		ed := conversation.Edit(&c, actor, conversation.Cause{}, now)
		step, err := do(tx, &c, ed)
		if err != nil {
			return err
		}
		step.Conversation, step.Events = c, ed.Events()
		if changed = len(step.Events) > 0; !changed {
			return nil
		}
		if err := writeStep(ctx, tx, step, nil, nil); err != nil {
			return err
		}
		return s.ringConversation(ctx, tx, id, c.LastSeq, askedByHand(step.Events))
	})
	if err == nil && changed {
		s.bell.push()
	}
	return c, err
}

// askedByHand tells whether a run was asked for: a manual one, or an undo.
func askedByHand(events []conversation.Event) bool {
	for _, e := range events {
		if e.Kind.AsksForRun() {
			return true
		}
	}
	return false
}
