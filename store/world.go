package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// readWorld reads what a mailbox's workflows may refer to.
func readWorld(ctx context.Context, tx pgx.Tx, id conversation.MailboxID) (automation.World, error) {
	m, err := scanMailbox(tx.QueryRow(ctx, `SELECT `+mailboxColumns+` FROM mailboxes mb WHERE mb.id = $1`, id))
	return automation.World{BusinessHours: m.Hours.Set(), Fields: m.Fields, Folders: m.Folders}, err
}
