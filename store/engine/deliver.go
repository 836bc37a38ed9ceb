package engine

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// busyPause is how long to wait for another mail of the same conversation.
const busyPause = 250 * time.Millisecond

// Take begins an attempt: it holds the delivery for hold and writes the attempt
// as started, by compare-and-set. Nobody takes a delivery that is final, not
// due, or held; nor a mail while another mail of its conversation is held, or an
// earlier one has not been tried yet. A hold that ran out is taken over, and the
// attempt it belonged to is marked unknown if all of its data was out.
//
// Errors: errs.NotFound, errs.Unavailable.
func (s *Store) Take(ctx context.Context, id delivery.ID, hold time.Duration) (delivery.Taken, error) {
	const op = "store.Take"
	t, err := scanTaken(takeStatement.QueryRow(ctx, s.db.Pool, pgx.NamedArgs{"id": id, "offset": s.db.Offset(), "hold": hold}))
	if err == nil {
		err = s.fillFiles(ctx, t.Delivery.Mail)
		t.OK = err == nil
		return t, err
	}
	if known := pg.Classify(op, err); !errs.Is(known, errs.NotFound) {
		return t, known
	}
	t.Delivery, err = tables.ScanDelivery(s.db.Pool.QueryRow(ctx,
		`SELECT `+tables.DeliveryColumns+`, clock_timestamp() + $2::interval FROM deliveries d WHERE d.id = $1`, id, s.db.Offset()), &t.Now)
	if err != nil {
		return t, pg.Classify(op, err)
	}
	t.Wait = max(busyPause, t.Delivery.NextAt.Sub(t.Now), t.Delivery.HeldUntil.Sub(t.Now))
	return t, nil
}

var (
	takenPieces = map[string]string{
		"taken_columns": pg.Piece(files, "taken_columns.sql", map[string]string{
			"delivery_columns": tables.DeliveryColumns, "automatic_sender": tables.SettingAutoSender,
		}),
		"taken_tail": pg.Piece(files, "taken_tail.sql", nil),
	}
	takeStatement   = pg.ReadStatement(files, "take.sql", takenPieces)
	begunStatement  = pg.ReadStatement(files, "begun.sql", takenPieces)
	finishStatement = pg.ReadStatement(files, "finish.sql", nil)
)

// scanTaken reads a delivery with what is looked up when it is sent: where its endpoint
// is and by which secret a webhook is signed, from whom automatic mail comes.
func scanTaken(row pgx.Row) (delivery.Taken, error) {
	var (
		t           delivery.Taken
		url, secret string // of a webhook's endpoint, if it is there and enabled
		own         string // the mailbox's secret
		sender      string
		err         error
	)
	if t.Delivery, err = tables.ScanDelivery(row, &t.Now, &url, &secret, &own, &sender); err != nil {
		return t, err
	}
	switch w := t.Delivery.Webhook; {
	case w == nil:
	case w.Endpoint != "":
		w.URL, w.Secret = url, secret
	default:
		w.Secret = own
	}
	if m := t.Delivery.Mail; m != nil {
		m.AutomaticSender = sender
	}
	return t, nil
}

// Begun reads deliveries whose first attempt began with them, as Take would have
// returned them; those that ended, or that are no longer held, are left out. It takes
// nothing: the caller is the one for whom they were begun.
//
// Errors: errs.Unavailable.
func (s *Store) Begun(ctx context.Context, ids []delivery.ID) ([]delivery.Taken, error) {
	const op = "store.Begun"
	rows, err := begunStatement.Query(ctx, s.db.Pool, pgx.NamedArgs{"ids": ids, "offset": s.db.Offset()})
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (delivery.Taken, error) { return scanTaken(row) })
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	for i := range list {
		if err := s.fillFiles(ctx, list[i].Delivery.Mail); err != nil {
			return nil, err
		}
		list[i].OK = true
	}
	return list, nil
}

// Hold keeps the delivery for the attempt that is under way.
//
// Errors: errs.Conflict (somebody else has it), errs.Unavailable.
func (s *Store) Hold(ctx context.Context, id delivery.ID, attempt int, hold time.Duration) error {
	return s.db.OneRow(ctx, "store.Hold", `UPDATE deliveries SET held_until = clock_timestamp() + $3::interval
		WHERE id = $1 AND attempts = $2 AND state IN ('waiting', 'handed_over')`, id, attempt, hold+s.db.Offset())
}

// DataSent writes, before the final dot, that all of a mail's data is out: an
// attempt that ends here has an unknown outcome.
//
// Errors: errs.Conflict (somebody else has it: do not send the dot),
// errs.Unavailable (do not send the dot). A delivery that was cancelled meanwhile
// is nobody's.
func (s *Store) DataSent(ctx context.Context, id delivery.ID, attempt int) error {
	return s.db.OneRow(ctx, "store.DataSent", `UPDATE attempts a SET state = 'data_sent' FROM deliveries d
		WHERE a.delivery_id = $1 AND a.n = $2 AND a.state = 'started' AND d.id = $1 AND d.attempts = $2 AND d.state <> 'cancelled'`, id, attempt)
}

// Finish writes what came of attempts, and what is next, those that did not fail in one
// statement. A second call with the same attempts changes nothing. A mail that failed
// for good is an event of its conversation, which asks for attention. What is left of a
// conversation that was deleted permanently loses its content with its end; what was out
// already is told as sent.
//
// Errors: errs.Unavailable; what was not written is to be written again.
func (s *Store) Finish(ctx context.Context, ended ...delivery.Ended) error {
	const op = "store.Finish"
	var together []delivery.Ended
	for _, e := range ended {
		if !e.Lost() {
			together = append(together, e)
			continue
		}
		err := s.undelivered(ctx, op, e.ID, e.Result, func(ctx context.Context, q pg.Execer) (bool, error) {
			return finishAttempts(ctx, q, s.db.Offset(), e)
		})
		if err != nil {
			return err
		}
	}
	if len(together) == 0 {
		return nil
	}
	_, err := finishAttempts(ctx, s.db.Pool, s.db.Offset(), together...)
	return pg.Classify(op, err)
}

// finishAttempts writes the ends of attempts in one statement; false: they had all ended.
// A mail that is sent after all takes back the attention that it asked for; so does an
// agent's later one, after which nothing failed.
func finishAttempts(ctx context.Context, q pg.Execer, offset time.Duration, ended ...delivery.Ended) (bool, error) {
	rows := make([]map[string]any, len(ended))
	for i, e := range ended {
		rows[i] = map[string]any{
			"id": e.ID, "n": e.Attempt, "attempt": e.Result.State, "code": e.Result.Code, "reason": e.Result.Reason,
			"state": e.State, "pause": e.Pause.Microseconds(), "relay_id": e.Result.RelayID,
		}
	}
	given, err := pg.EncodeRows(rows)
	if err != nil {
		return false, err
	}
	tag, err := finishStatement.Exec(ctx, q, pgx.NamedArgs{"given": given, "offset": offset, "undelivered": conversation.AttentionUndelivered})
	return err == nil && tag.RowsAffected() > 0, err
}

// HandOver marks a waiting delivery that nobody holds as handed over to a
// DeliveryWorkflow, and returns it as it then is. It is safe to repeat.
//
// Errors: errs.NotFound, errs.Unavailable.
func (s *Store) HandOver(ctx context.Context, id delivery.ID) (delivery.Delivery, error) {
	const op = "store.HandOver"
	return pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (delivery.Delivery, error) {
		var d delivery.Delivery
		_, err := tx.Exec(ctx, `UPDATE deliveries SET state = 'handed_over' WHERE id = $1 AND state = 'waiting'
			AND (held_until IS NULL OR held_until < clock_timestamp() + $2::interval)`, id, s.db.Offset())
		if err != nil {
			return d, err
		}
		d, err = tables.ScanDelivery(tx.QueryRow(ctx, `SELECT `+tables.DeliveryColumns+` FROM deliveries d WHERE d.id = $1`, id))
		return d, err
	})
}
