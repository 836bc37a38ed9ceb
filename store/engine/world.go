package engine

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// ReadWorld reads what a mailbox's workflows may refer to.
func ReadWorld(ctx context.Context, tx pgx.Tx, id conversation.MailboxID) (automation.World, error) {
	m, err := tables.ScanMailbox(tx.QueryRow(ctx, `SELECT `+tables.MailboxColumns+` FROM mailboxes mb WHERE mb.id = $1`, id))
	return automation.World{BusinessHours: m.Hours.Set(), Fields: m.Fields, Folders: m.Folders}, err
}
