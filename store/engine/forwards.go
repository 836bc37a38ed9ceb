package engine

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// fillFiles reads the files that go along with a mail.
func (s *Store) fillFiles(ctx context.Context, m *delivery.Mail) error {
	if m == nil || m.FilesOf == "" {
		return nil
	}
	rows, err := s.db.Pool.Query(ctx, `SELECT name, content_type, size, content FROM attachments WHERE message_id = $1 ORDER BY id`, m.FilesOf)
	if err != nil {
		return pg.Classify("store.fillFiles", err)
	}
	m.Files, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (conversation.Attachment, error) {
		var a conversation.Attachment
		err := row.Scan(&a.Name, &a.ContentType, &a.Size, &a.Content)
		return a, err
	})
	return pg.Classify("store.fillFiles", err)
}
