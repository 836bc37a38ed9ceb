package tables

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
)

// FieldColumns is the order that ScanField expects; the table's alias is f.
const FieldColumns = `f.id, f.mailbox_id, f.name, f.label, f.type, f.options, f.created_at, f.revision`

// ScanField reads the columns of FieldColumns.
func ScanField(row pgx.Row) (conversation.Field, error) {
	var f conversation.Field
	err := row.Scan(&f.ID, &f.MailboxID, &f.Name, &f.Label, &f.Type, &f.Options, &f.CreatedAt, &f.Revision)
	return f, err
}

// ReadFields reads the custom fields of a mailbox.
func ReadFields(ctx context.Context, tx pgx.Tx, mailbox conversation.MailboxID) ([]conversation.Field, error) {
	rows, err := tx.Query(ctx, `SELECT `+FieldColumns+` FROM fields f WHERE f.mailbox_id = $1 ORDER BY f.id`, mailbox)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Field, error) { return ScanField(r) })
}
