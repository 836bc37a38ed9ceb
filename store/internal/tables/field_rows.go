package tables

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// fieldsOf asks for the fields of a mailbox as one value, the oldest first, so
// that they come with the statement that reads something else; the mailbox and a
// bracket follow.
const fieldsOf = `(SELECT coalesce(jsonb_agg(jsonb_build_object('id', fd.id, 'mailbox_id', fd.mailbox_id, 'name', fd.name,
	'label', fd.label,
	'type', fd.type, 'options', fd.options, 'created_at', fd.created_at, 'revision', fd.revision) ORDER BY fd.id),
		'[]') FROM fields fd WHERE fd.mailbox_id = `

const (
	mailboxFields = fieldsOf + `mb.id)`
	recordFields  = fieldsOf + `c.mailbox_id)`
)

// fieldRow is one field in that value.
type fieldRow struct {
	ID        conversation.FieldID   `json:"id"`
	MailboxID conversation.MailboxID `json:"mailbox_id"`
	Name      string                 `json:"name"`
	Label     string                 `json:"label"`
	Type      conversation.FieldType `json:"type"`
	Options   []string               `json:"options"`
	CreatedAt time.Time              `json:"created_at"`
	Revision  int64                  `json:"revision"`
}

// FieldRows scans what fieldsOf asked for.
type FieldRows []conversation.Field

// Scan reads the JSON.
func (f *FieldRows) Scan(v any) error {
	var raw []byte
	switch v := v.(type) {
	case []byte:
		raw = v
	case string:
		raw = []byte(v)
	default:
		return fmt.Errorf("store: fields come as %T", v)
	}
	var rows []fieldRow
	if err := json.Unmarshal(raw, &rows); err != nil {
		return err
	}
	*f = nil
	for _, r := range rows {
		*f = append(*f, conversation.Field(r))
	}
	return nil
}

// FieldsRow is how values are kept.
func FieldsRow(values map[string]string) map[string]string {
	if values == nil {
		return map[string]string{}
	}
	return values
}

// ChangeFields sets values of custom fields of the mailbox where the conversation
// is. Names that it does not have, and values that a field does not take, are
// problems.
func ChangeFields(ctx context.Context, tx pgx.Tx, op string, mailbox conversation.MailboxID, ed *conversation.Editor,
	values map[string]string) error {
	if len(values) == 0 {
		return nil
	}
	fields, err := ReadFields(ctx, tx, mailbox)
	if err != nil {
		return err
	}
	var p pg.Problems
	for _, name := range slices.Sorted(maps.Keys(values)) {
		f, ok := conversation.FindField(fields, name)
		if !ok {
			p.Add("fields."+name, "this mailbox has no such field")
			continue
		}
		clean, problem := f.CleanValue(values[name])
		if problem != "" {
			p.Add("fields."+name, problem)
			continue
		}
		ed.SetField(f, clean)
	}
	return p.Err(op)
}
