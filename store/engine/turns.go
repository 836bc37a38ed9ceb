package engine

import (
	"context"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// Turn returns who got the workflow's last conversation, empty when nobody did,
// and locks the turn to the end of the transaction.
//
// Errors: errs.Unavailable.
func (c *Conversation) Turn(ctx context.Context, id automation.DefinitionID) (conversation.UserID, error) {
	var last *conversation.UserID
	err := c.Tx.QueryRow(ctx, `INSERT INTO turns (definition_id) VALUES ($1)
		ON CONFLICT (definition_id) DO UPDATE SET user_id = turns.user_id RETURNING user_id`, id).Scan(&last)
	return pg.OrZero(last), pg.Classify("store.Turn", err)
}

// SetTurn keeps who gets this conversation. It follows Turn in the same
// transaction.
//
// Errors: errs.Unavailable.
func (c *Conversation) SetTurn(ctx context.Context, id automation.DefinitionID, user conversation.UserID) error {
	_, err := c.Tx.Exec(ctx, `UPDATE turns SET user_id = $2 WHERE definition_id = $1`, id, user)
	return pg.Classify("store.SetTurn", err)
}
