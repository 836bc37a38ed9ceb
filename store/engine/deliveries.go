package engine

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Delivery returns one delivery with its attempts, the first one first.
//
// Errors: errs.NotFound (no such delivery, or not the caller's to see),
// errs.Unavailable.
func (s *Store) Delivery(ctx context.Context, who access.Caller, id delivery.ID) (delivery.Delivery, []delivery.Attempt, error) {
	const op = "store.Delivery"
	type answer struct {
		delivery.Delivery
		attempts []delivery.Attempt
	}
	a, err := pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (answer, error) {
		d, err := readDelivery(ctx, tx, op, id)
		if err != nil {
			return answer{}, err
		}
		if err := seesDelivery(ctx, tx, op, who, access.ReadConversation, d); err != nil {
			return answer{}, err
		}
		rows, err := tx.Query(ctx, `SELECT a.delivery_id, a.n, a.state, a.code, a.reason, a.started_at, a.ended_at
			FROM attempts a WHERE a.delivery_id = $1 ORDER BY a.n`, id)
		if err != nil {
			return answer{}, err
		}
		attempts, err := pgx.CollectRows(rows, scanAttempt)
		return answer{d, attempts}, err
	})
	return a.Delivery, a.attempts, err
}

// Deliveries lists the deliveries that the filter lets through and the caller
// sees, newest first.
//
// Errors: errs.Unavailable.
func (s *Store) Deliveries(ctx context.Context, who access.Caller, f delivery.Filter, p conversation.Page) ([]delivery.Delivery, error) {
	const op = "store.Deliveries"
	if f.ConversationID != "" && !pg.IsID(f.ConversationID) {
		return nil, nil
	}
	rows, err := s.db.Pool.Query(ctx, `SELECT `+tables.DeliveryColumns+
		` FROM deliveries d LEFT JOIN conversations c ON c.id = d.conversation_id
		WHERE c.erased_at IS NULL AND ($1::uuid IS NULL OR d.id < $1) AND ($2::uuid IS NULL OR d.conversation_id = $2)
			AND ($3 = '' OR d.state = $3) AND ($4 = '' OR d.kind = $4) AND ($5 OR coalesce(c.mailbox_id, d.mailbox_id) = ANY ($6::uuid[]))
		ORDER BY d.id DESC LIMIT $7`,
		pg.NullID(p.After), pg.NullID(f.ConversationID), string(f.State), string(f.Kind), who.All(), pg.MailboxIDs(who), p.Limit)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (delivery.Delivery, error) { return tables.ScanDelivery(row) })
	return list, pg.Classify(op, err)
}

// Redeliver lets a delivery that failed or bounced be sent again: it waits from now on, its
// attempts go on counting, and the time for which it is tried begins again. With
// its conversation's event and wake it is all or nothing. The other side sees the
// same id.
//
// Errors: errs.NotFound (no such delivery, or not the caller's to see),
// errs.Conflict (it has not failed, which a second call finds too),
// errs.Unavailable.
func (s *Store) Redeliver(ctx context.Context, who access.Caller, id delivery.ID) (delivery.Delivery, error) {
	const op = "store.Redeliver"
	was, _, err := s.Delivery(ctx, who, id)
	if err != nil {
		return was, err
	}
	again := func(tx pgx.Tx) (delivery.Delivery, error) {
		if err := seesDelivery(ctx, tx, op, who, access.WriteConversation, was); err != nil {
			return was, err
		}
		tag, err := tx.Exec(ctx, `UPDATE deliveries SET state = 'waiting', next_at = clock_timestamp() + $2::interval,
			held_until = NULL, first_at = NULL, finished_at = NULL WHERE id = $1 AND state IN ('failed', 'bounced')`, id, s.db.Offset())
		if err != nil {
			return was, err
		}
		if tag.RowsAffected() == 0 {
			return was, errs.New(op, errs.Conflict, "only a delivery that failed or bounced can be sent again")
		}
		d, err := readDelivery(ctx, tx, op, id)
		if err != nil {
			return d, err
		}
		return d, auditRedelivery(ctx, tx, who, d, was.State)
	}
	if was.ConversationID == "" {
		d, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (delivery.Delivery, error) {
			d, err := again(tx)
			if err != nil {
				return d, err
			}
			return d, s.db.WakeDelivery(ctx, tx, id)
		})
		if err == nil {
			s.db.Notifier.Push()
		}
		return d, err
	}
	return EditFor(ctx, s.db, op, was.ConversationID, who.Actor(),
		func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (delivery.Delivery, runs.Step, error) {
			d, err := again(tx)
			if err != nil {
				return d, runs.Step{}, err
			}
			if strings.HasPrefix(c.Attention, "a mail did not arrive: ") { // somebody attends to it
				c.Attention = ""
			}
			ed.Record(conversation.Event{Kind: conversation.KindRedeliver, Delivery: string(id)})
			return d, runs.Step{}, nil
		})
}

// auditRedelivery keeps who had something sent to the outside again: no content.
func auditRedelivery(ctx context.Context, tx pgx.Tx, who access.Caller, d delivery.Delivery, was delivery.State) error {
	mailbox := d.MailboxID
	if d.ConversationID != "" {
		if err := tx.QueryRow(ctx, `SELECT mailbox_id FROM conversations WHERE id = $1`, d.ConversationID).Scan(&mailbox); err != nil {
			return err
		}
	}
	return pg.InsertAudit(ctx, tx, pg.AuditEntry{
		At:         d.NextAt,
		By:         pg.By(who),
		Verb:       "redelivered",
		ObjectKind: "delivery",
		ObjectID:   string(d.ID),
		Mailbox:    mailbox,
		Before:     map[string]any{"state": was},
		After:      map[string]any{"state": d.State, "kind": d.Kind, "conversation_id": d.ConversationID},
	})
}

func readDelivery(ctx context.Context, tx pgx.Tx, op string, id delivery.ID) (delivery.Delivery, error) {
	const missing = "there is no such delivery"
	if !pg.IsID(id) {
		return delivery.Delivery{}, errs.New(op, errs.NotFound, missing)
	}
	d, err := tables.ScanDelivery(tx.QueryRow(ctx, `SELECT `+tables.DeliveryColumns+` FROM deliveries d WHERE d.id = $1`, id))
	return d, pg.NotFound(op, missing, err)
}

// seesDelivery reports whether the caller may do the verb with the delivery: who
// sees its conversation, or its mailbox where it has none.
func seesDelivery(ctx context.Context, tx pgx.Tx, op string, who access.Caller, verb access.Verb, d delivery.Delivery) error {
	if d.ConversationID == "" {
		return who.In(verb, d.MailboxID)
	}
	_, err := MailboxOf(ctx, tx, op, who, verb, d.ConversationID)
	return err
}

func scanAttempt(row pgx.CollectableRow) (delivery.Attempt, error) {
	var (
		a     delivery.Attempt
		ended *time.Time
	)
	err := row.Scan(&a.DeliveryID, &a.N, &a.State, &a.Code, &a.Reason, &a.StartedAt, &ended)
	a.EndedAt = pg.OrZero(ended)
	return a, err
}
