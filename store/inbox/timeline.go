package inbox

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Timeline returns at most limit of a conversation's events after the seq, with
// their messages (without HTML, long texts cut), the runs that they led to, and
// the deliveries of both (without what they hold), all as of one moment.
//
// Errors: errs.NotFound (no such conversation, or not the caller's to see).
func (s *Store) Timeline(ctx context.Context, who access.Caller, id conversation.ID, after int64, limit int) (runs.Timeline,
	[]delivery.Delivery, error) {
	const op = "store.Timeline"
	type answer struct {
		runs.Timeline
		out []delivery.Delivery
	}
	a, err := pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (answer, error) {
		var t runs.Timeline
		if _, err := engine.MailboxOf(ctx, tx, op, who, access.ReadConversation, id); err != nil {
			return answer{}, err
		}
		rows, err := tx.Query(ctx, `SELECT `+tables.EventColumns+
			` FROM events e WHERE e.conversation_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3`, id, after, limit)
		if err != nil {
			return answer{}, err
		}
		t.Events, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Event, error) { return tables.ScanEvent(r) })
		if err != nil || len(t.Events) == 0 {
			return answer{Timeline: t}, err
		}
		last := t.Events[len(t.Events)-1].Seq
		if t.Messages, err = timelineMessages(ctx, tx, t.Events); err != nil {
			return answer{}, err
		}
		rows, err = tx.Query(ctx, `SELECT `+tables.RunColumns+
			` FROM runs r WHERE r.conversation_id = $1 AND r.seq > $2 AND r.seq <= $3 ORDER BY r.seq, r.created_at, r.id`, id, after, last)
		if err != nil {
			return answer{}, err
		}
		if t.Runs, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (runs.Run, error) { return tables.ScanRun(r) }); err != nil {
			return answer{}, err
		}
		out, err := timelineDeliveries(ctx, tx, id, after, last, t.Runs)
		if err != nil {
			return answer{}, err
		}
		t.Names, err = engine.TimelineNames(ctx, tx, t)
		return answer{t, out}, err
	})
	return a.Timeline, a.out, err
}

// timelineMessages reads the messages without what would make a timeline heavy:
// the text is cut to one character more than is shown, so that a reader sees that
// it was.
func timelineMessages(ctx context.Context, tx pgx.Tx, events []conversation.Event) (map[conversation.MessageID]conversation.Message,
	error) {
	var ids []string
	for _, e := range events {
		if e.MessageID != "" {
			ids = append(ids, string(e.MessageID))
		}
	}
	columns := strings.NewReplacer("m.body_html", "''",
		"m.body_text", "left(m.body_text, "+strconv.Itoa(runs.TimelineText+1)+")").Replace(tables.MessageColumns)
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM messages m WHERE m.id = ANY($1::uuid[])`, pg.List(ids))
	if err != nil {
		return nil, err
	}
	messages, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Message, error) { return tables.ScanMessage(r) })
	if err != nil {
		return nil, err
	}
	if err := listAttachments(ctx, tx, messages); err != nil {
		return nil, err
	}
	out := make(map[conversation.MessageID]conversation.Message, len(messages))
	for _, m := range messages {
		out[m.ID] = m
	}
	return out, nil
}

func timelineDeliveries(ctx context.Context, tx pgx.Tx, id conversation.ID, after, last int64, runs []runs.Run) ([]delivery.Delivery,
	error) {
	var ids []string
	for _, r := range runs {
		ids = append(ids, string(r.ID))
	}
	rows, err := tx.Query(ctx, `
		SELECT `+strings.Replace(tables.DeliveryColumns, "d.payload", "'{}'::jsonb", 1)+` FROM deliveries d
		WHERE d.conversation_id = $1 AND (d.run_id = ANY($2::uuid[]) OR d.run_id IS NULL AND d.seq > $3 AND d.seq <= $4)
		ORDER BY d.seq, d.id`, id, pg.List(ids), after, last)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (delivery.Delivery, error) { return tables.ScanDelivery(r) })
}
