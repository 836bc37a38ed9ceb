package store

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
)

// eventData is the part of an event that differs from kind to kind.
type eventData struct {
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

// eventColumns is the order that scanEvent expects; the table's alias is e.
const eventColumns = `e.conversation_id, e.seq, e.kind, e.mailbox_id, e.actor_kind, e.actor_id, e.origin, e.depth, e.path,
	e.cause_run, e.message_id, e.data, e.at`

func scanEvent(row pgx.Row, more ...any) (conversation.Event, error) {
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
	e.MessageID = orZero(message)
	var d eventData
	if err := json.Unmarshal(raw, &d); err != nil {
		return e, err
	}
	e.First, e.From, e.To, e.Added, e.Removed = d.First, d.From, d.To, d.Added, d.Removed
	e.Run, e.Definition, e.Due, e.Delivery, e.Comment, e.Field = d.Run, d.Definition, d.Due, d.Delivery, d.Comment, d.Field
	e.Missed, e.Before = d.Missed, d.Before
	e.Begins = (*conversation.Beginning)(d.Begins)
	return e, nil
}

// eventRows are events to be written. Their seqs were taken from the locked
// conversation.
func eventRows(events []conversation.Event) []map[string]any {
	rows := make([]map[string]any, len(events))
	for i, e := range events {
		rows[i] = map[string]any{
			"conversation_id": e.ConversationID, "seq": e.Seq, "kind": e.Kind, "mailbox_id": e.MailboxID,
			"actor_kind": e.Actor.Kind, "actor_id": e.Actor.ID, "origin": e.Cause.Origin, "depth": e.Cause.Depth,
			"path": list(e.Cause.Path), "cause_run": e.Cause.Run, "message_id": nullID(e.MessageID), "at": e.At,
			"data": eventData{e.First, e.From, e.To, e.Added, e.Removed, e.Run, e.Definition, e.Missed, e.Due, e.Delivery, e.Comment, e.Field, e.Before,
				(*beginsRow)(e.Begins)},
		}
	}
	return rows
}

// encodeRows is how rows are given to a statement.
func encodeRows(rows []map[string]any) ([]byte, error) { return json.Marshal(rows) }

// insertRows inserts rows (column name to value) into the table in one
// statement, however many they are. What the rows do not name has the table's
// default: a process that is older than a column goes on writing.
func insertRows(ctx context.Context, tx pgx.Tx, table string, rows []map[string]any) error {
	if len(rows) == 0 {
		return nil
	}
	encoded, err := encodeRows(rows)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, insertion(table, rows, `NULL::`+table, `$1`), encoded)
	return err
}

// insertion is the statement that inserts rows, which it is given encoded as the
// parameter. base is the row that they fill in; of it, the columns more are inserted too.
func insertion(table string, rows []map[string]any, base, parameter string, more ...string) string {
	named := map[string]bool{}
	for _, row := range rows {
		for column := range row {
			named[column] = true
		}
	}
	columns := strings.Join(append(slices.Sorted(maps.Keys(named)), more...), ", ")
	return `INSERT INTO ` + table + ` (` + columns + `) SELECT ` + columns + ` FROM jsonb_populate_recordset(` + base + `, ` + parameter + `::jsonb)`
}

// ringConversation makes sure that the starter rings: now, unless the conversation has been
// handled more than five times within a second; then 200 ms after the last time, so that a
// burst is a few rings. It is by 200 ms from now even if the clock was set back since. It
// must be in the transaction of the change itself.
func (d *db) ringConversation(ctx context.Context, tx pgx.Tx, id conversation.ID, seq int64, manual bool) error {
	_, err := tx.Exec(ctx, ringing, id, seq, manual, d.offset())
	return err
}

// ringing is the statement of ringConversation, also where the conversation begins in
// the same one.
const ringing = `
		INSERT INTO outbox (id, conversation_id, seq, manual, ring_at)
		SELECT $1::uuid, $1::uuid, $2::bigint, $3::boolean, 
			LEAST(GREATEST(now, busy_until - interval '1 second'), now + interval '200 milliseconds')
		FROM (SELECT clock_timestamp() + $4::interval AS now, (SELECT busy_until FROM conversations WHERE id = $1) AS busy_until) clock
		ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, manual = outbox.manual OR excluded.manual, rings = 0,
			ring_at = LEAST(outbox.ring_at, GREATEST(excluded.ring_at,
				LEAST(outbox.rung_at, clock_timestamp() + $4::interval) + interval '200 milliseconds'))`

// ringAgain rings for conversations that are locked and to which nothing happened:
// their due lists are to be made anew.
func ringAgain(ctx context.Context, tx pgx.Tx, ids []string, now time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO outbox (id, conversation_id, seq, ring_at)
		SELECT id, id, last_seq, $2 FROM conversations WHERE id = ANY($1::uuid[]) ORDER BY id
		ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, rings = 0,
			ring_at = LEAST(outbox.ring_at, GREATEST(excluded.ring_at, LEAST(outbox.rung_at, $2) + interval '200 milliseconds'))`, ids, now)
	return err
}
