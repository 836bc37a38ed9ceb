package engine

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Rehearsal is a conversation to read, as of one moment: nothing is locked, and
// what would write must not be called. It must not be used after Rehearse has returned.
type Rehearsal struct{ *Conversation }

// Rehearse reads a conversation for a simulation in a transaction that can only
// read.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Unavailable, and
// those of do.
func (s *Store) Rehearse(ctx context.Context, who access.Caller, id conversation.ID, do func(context.Context, Rehearsal) error) error {
	const op = "store.Rehearse"
	return s.db.ReadTx(ctx, op, func(tx pgx.Tx) error {
		c, err := s.ReadConversation(ctx, tx, op, id)
		if err != nil {
			return err
		}
		if err := who.In(access.ReadConversation, c.row.MailboxID); err != nil {
			return err
		}
		var dues []byte
		if err := tx.QueryRow(ctx, `SELECT dues FROM conversations WHERE id = $1`, id).Scan(&dues); err != nil {
			return err
		}
		if c.dues, err = tables.DecodeDues(dues); err != nil {
			return err
		}
		if err := c.readEvents(ctx); err != nil {
			return err
		}
		return do(ctx, Rehearsal{c})
	})
}

// SetNow says what time it is: what counts back from now counts from there.
func (r Rehearsal) SetNow(now time.Time) { r.now = now }

// Turn reads whose turn it was last, and holds nothing.
func (r Rehearsal) Turn(ctx context.Context, id automation.DefinitionID) (conversation.UserID, error) {
	var last *conversation.UserID
	err := r.Tx.QueryRow(ctx, `SELECT (SELECT user_id FROM turns WHERE definition_id = $1)`, id).Scan(&last)
	return pg.OrZero(last), pg.Classify("store.Turn", err)
}
