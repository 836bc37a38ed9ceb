package rules

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// mended forgets what admins were told of a workflow that somebody changed, and takes
// away the calls for attention that its failing made in its mailbox, by the name that
// it ran with. Those of conversations that somebody works on at the moment stay until
// it runs there again.
func (e *DefinitionEdit) mended(ctx context.Context, d automation.Workflow) error {
	begins, err := engine.FailingAttentions(ctx, e.Tx, d.ID)
	if err != nil {
		return err
	}
	rows, err := e.Tx.Query(ctx, `WITH forgotten AS (DELETE FROM notices WHERE definition_id = $1)
		UPDATE conversations SET attention = '' WHERE id IN (SELECT c.id FROM conversations c
			WHERE c.mailbox_id = $2 AND c.attention <> '' AND EXISTS (SELECT 1 FROM unnest($3::text[]) AS b WHERE starts_with(c.attention, b))
			ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED) RETURNING id::text`, d.ID, d.MailboxID, begins)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(ids) == 0 {
		return err
	}
	e.Rung = true
	return pg.WakeAgain(ctx, e.Tx, ids, e.Now)
}
