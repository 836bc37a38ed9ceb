package tables

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// EventData is the part of an event that differs from kind to kind.
type EventData struct {
	First      bool      `json:"first,omitzero"`
	From       string    `json:"from,omitzero"`
	To         string    `json:"to,omitzero"`
	Added      []string  `json:"added,omitzero"`
	Removed    []string  `json:"removed,omitzero"`
	Run        string    `json:"run,omitzero"`
	Definition string    `json:"definition,omitzero"`
	Missed     int64     `json:"missed,omitzero"`
	Due        time.Time `json:"due,omitzero"`
	Delivery   string    `json:"delivery,omitzero"`
	Comment    string    `json:"comment,omitzero"`
	Field      string    `json:"field,omitzero"`

	Before *conversation.Anchors `json:"before,omitzero"`
	Begins *beginsRow            `json:"begins,omitzero"`
}

// beginsRow is how a conversation.Beginning is kept.
type beginsRow struct {
	Status     conversation.Status `json:"status,omitzero"`
	StatusAt   time.Time           `json:"status_at,omitzero"`
	AssigneeID conversation.UserID `json:"assignee,omitzero"`
	Tags       []string            `json:"tags,omitzero"`
	Fields     map[string]string   `json:"fields,omitzero"`
}

// EventColumns is the order that scanEvent expects; the table's alias is e.
const EventColumns = `e.conversation_id, e.seq, e.kind, e.mailbox_id, e.actor_kind, e.actor_id, e.origin, e.depth, e.path,
	e.cause_run, e.message_id, e.data, e.at`

// ScanEvent reads the columns of EventColumns, and more behind them.
func ScanEvent(row pgx.Row, more ...any) (conversation.Event, error) {
	var (
		e       conversation.Event
		message *conversation.MessageID
		raw     []byte
	)
	err := row.Scan(append([]any{&e.ConversationID, &e.Seq, &e.Kind, &e.MailboxID, &e.Actor.Kind, &e.Actor.ID,
		&e.Cause.Origin, &e.Cause.Depth, &e.Cause.Path, &e.Cause.Run, &message, &raw, &e.At}, more...)...)
	if err != nil {
		return e, err
	}
	e.MessageID = pg.OrZero(message)
	var d EventData
	if err := json.Unmarshal(raw, &d); err != nil {
		return e, err
	}
	e.First, e.From, e.To, e.Added, e.Removed = d.First, d.From, d.To, d.Added, d.Removed
	e.Run, e.Definition, e.Due, e.Delivery, e.Comment, e.Field = d.Run, d.Definition, d.Due, d.Delivery, d.Comment, d.Field
	e.Missed, e.Before = d.Missed, d.Before
	e.Begins = (*conversation.Beginning)(d.Begins)
	return e, nil
}

// EventRows are events to be written. Their seqs were taken from the locked
// conversation.
func EventRows(events []conversation.Event) []map[string]any {
	rows := make([]map[string]any, len(events))
	for i, e := range events {
		rows[i] = map[string]any{
			"conversation_id": e.ConversationID, "seq": e.Seq, "kind": e.Kind, "mailbox_id": e.MailboxID,
			"actor_kind": e.Actor.Kind, "actor_id": e.Actor.ID, "origin": e.Cause.Origin, "depth": e.Cause.Depth,
			"path": pg.List(e.Cause.Path), "cause_run": e.Cause.Run, "message_id": pg.NullID(e.MessageID), "at": e.At,
			"data": EventData{
				First:      e.First,
				From:       e.From,
				To:         e.To,
				Added:      e.Added,
				Removed:    e.Removed,
				Run:        e.Run,
				Definition: e.Definition,
				Missed:     e.Missed,
				Due:        e.Due,
				Delivery:   e.Delivery,
				Comment:    e.Comment,
				Field:      e.Field,
				Before:     e.Before,
				Begins:     (*beginsRow)(e.Begins),
			},
		}
	}
	return rows
}
