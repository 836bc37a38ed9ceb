package engine

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Notes reads the last 50 notes, newest first.
func (c *Conversation) Notes(ctx context.Context) ([]conversation.Message, error) {
	return c.newest(ctx, `AND m.kind = 'note'`, 50)
}

// Last reads the newest message that has recipients: any but a note. Nil when
// there is none.
func (c *Conversation) Last(ctx context.Context) (*conversation.Message, error) {
	list, err := c.newest(ctx, `AND m.kind <> 'note'`, 1)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Details fills in what is not read with every message: the header fields, and
// the names, types and sizes of the files, of those messages that are stored.
func (c *Conversation) Details(ctx context.Context, messages []*conversation.Message, headers, files bool) error {
	const op = "store.Details"
	ids := make([]string, len(messages))
	index := make(map[conversation.MessageID]*conversation.Message, len(messages))
	for i, m := range messages {
		ids[i], index[m.ID] = string(m.ID), m
	}
	rows, err := c.Tx.Query(ctx, `
		SELECT m.id, CASE WHEN $2 THEN m.headers ELSE '[]' END, CASE WHEN $3 THEN
			(SELECT coalesce(jsonb_agg(jsonb_build_object('name', a.name, 'content_type', a.content_type, 'size', a.size, 'content_id', a.content_id,
				'inline', a.inline) ORDER BY a.id), '[]') FROM attachments a WHERE a.message_id = m.id)
			ELSE '[]' END
		FROM messages m WHERE m.id = ANY($1::uuid[])`, ids, headers, files)
	if err != nil {
		return pg.Classify(op, err)
	}
	var (
		id         conversation.MessageID
		rawH, rawF []byte
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &rawH, &rawF}, func() error {
		m := index[id]
		if headers {
			var err error
			if m.Headers, err = tables.DecodeHeaders(rawH); err != nil {
				return err
			}
		}
		if files {
			var err error
			m.Attachments, err = tables.DecodeAttachments(rawF)
			return err
		}
		return nil
	})
	return pg.Classify(op, err)
}
