package store

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
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
	rows, err := c.tx.Query(ctx, `
		SELECT m.id, CASE WHEN $2 THEN m.headers ELSE '[]' END, CASE WHEN $3 THEN
			(SELECT coalesce(jsonb_agg(jsonb_build_object('Name', a.name, 'ContentType', a.content_type, 'Size', a.size, 'ContentID', a.content_id, 'Inline', a.inline) ORDER BY a.id), '[]') FROM attachments a WHERE a.message_id = m.id)
			ELSE '[]' END
		FROM messages m WHERE m.id = ANY($1::uuid[])`, ids, headers, files)
	if err != nil {
		return classify(op, err)
	}
	var (
		id         conversation.MessageID
		rawH, rawF []byte
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &rawH, &rawF}, func() error {
		m := index[id]
		if headers {
			var err error
			if m.Headers, err = decodeHeaders(rawH); err != nil {
				return err
			}
		}
		if files {
			return json.Unmarshal(rawF, &m.Attachments)
		}
		return nil
	})
	return classify(op, err)
}

// decodeHeaders is the inverse of headerRows.
func decodeHeaders(raw []byte) ([]conversation.Header, error) {
	var rows [][2]string
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, err
	}
	list := make([]conversation.Header, len(rows))
	for i, r := range rows {
		list[i] = conversation.Header{Name: r[0], Value: r[1]}
	}
	return list, nil
}
