package tables

import (
	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
)

// UserColumns is the order that scanUser expects; the table's alias is u.
const UserColumns = `u.id, u.name, u.email, u.role, u.available, u.created_at, u.revision,
	ARRAY(SELECT mailbox_id::text FROM memberships WHERE user_id = u.id ORDER BY mailbox_id), u.manage_workflows,
	ARRAY(SELECT mailbox_id::text FROM memberships WHERE user_id = u.id AND manage_workflows ORDER BY mailbox_id)`

// ScanUser reads the columns of UserColumns, and more behind them.
func ScanUser(row pgx.Row, more ...any) (conversation.User, error) {
	var u conversation.User
	err := row.Scan(append([]any{&u.ID, &u.Name, &u.Email, &u.Role, &u.Available, &u.CreatedAt, &u.Revision, &u.Mailboxes,
		&u.ManageWorkflows, &u.ManagedMailboxes}, more...)...)
	return u, err
}
