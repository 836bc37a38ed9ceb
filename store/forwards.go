package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// OwnAddresses returns those of the addresses that are mailboxes of ours, in
// lower case.
//
// Errors: errs.Unavailable.
func (c *Conversation) OwnAddresses(ctx context.Context, addresses []string) ([]string, error) {
	keys := make([]string, len(addresses))
	for i, a := range addresses {
		keys[i] = strings.ToLower(a)
	}
	rows, err := c.tx.Query(ctx, `SELECT email_key FROM mailboxes WHERE email_key = ANY ($1)`, keys)
	if err != nil {
		return nil, classify("store.OwnAddresses", err)
	}
	own, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return own, classify("store.OwnAddresses", err)
}

// fillFiles reads the files that go along with a mail.
func (s *Store) fillFiles(ctx context.Context, m *delivery.Mail) error {
	if m == nil || m.FilesOf == "" {
		return nil
	}
	rows, err := s.pool.Query(ctx, `SELECT name, content_type, size, content FROM attachments WHERE message_id = $1 ORDER BY id`, m.FilesOf)
	if err != nil {
		return classify("store.fillFiles", err)
	}
	m.Files, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (conversation.Attachment, error) {
		var a conversation.Attachment
		err := row.Scan(&a.Name, &a.ContentType, &a.Size, &a.Content)
		return a, err
	})
	return classify("store.fillFiles", err)
}
