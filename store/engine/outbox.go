package engine

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// Wake is a conversation (or a delivery of no conversation, a rollout, or a backtest) whose
// Temporal workflow must be started or woken.
type Wake struct {
	ConversationID conversation.ID // empty: a delivery
	Number         int64
	MailboxID      conversation.MailboxID
	Status         conversation.Status
	Seq            int64
	Manual         bool // a manual run is among what it wakes
	DeliveryID     delivery.ID
	DeliveryKind   delivery.Kind
	RolloutID      runs.RolloutID
	BacktestID     runs.BacktestID
}

var claimStatement = pg.ReadStatement(files, "claim.sql", nil)

// Claim takes up to limit rows whose time to wake has come, sets the time to
// wake them again (10 s, doubling to 10 min) and commits: whoever wakes holds no
// lock meanwhile, and a wake that fails comes again by itself. next is how long
// until the earliest further wake, at most a minute.
//
// Errors: errs.Unavailable.
func (s *Store) Claim(ctx context.Context, limit int) (wakes []Wake, next time.Duration, err error) {
	const op = "store.Claim"
	rows, err := claimStatement.Query(ctx, s.db.Pool, pgx.NamedArgs{"limit": limit, "offset": s.db.Offset()})
	if err != nil {
		return nil, 0, pg.Classify(op, err)
	}
	seconds := 0.0
	wakes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Wake, error) {
		var r Wake
		var job, kind string
		err := row.Scan(&r.ConversationID, &r.Number, &r.MailboxID, &r.Status, &r.Seq, &r.Manual, &r.DeliveryID, &r.DeliveryKind, &job, &kind,
			&seconds)
		switch kind {
		case pg.JobBacktest:
			r.BacktestID = runs.BacktestID(job)
		default:
			r.RolloutID = runs.RolloutID(job)
		}
		return r, err
	})
	if err != nil {
		return nil, 0, pg.Classify(op, err)
	}
	if len(wakes) == 0 {
		if seconds, err = s.db.NextWake(ctx); err != nil {
			return nil, 0, pg.Classify(op, err)
		}
	}
	return wakes, time.Duration(max(0, seconds) * float64(time.Second)), nil
}

// WakeAgain makes due at once what was claimed within the time given and is not
// handled yet. What somebody is just claiming is left to them.
//
// Errors: errs.Unavailable.
func (s *Store) WakeAgain(ctx context.Context, within time.Duration) error {
	_, err := s.db.Pool.Exec(ctx, `
		WITH vain AS (
			SELECT id FROM outbox WHERE rung_at > clock_timestamp() + $1::interval - $2::interval
				AND ring_at > clock_timestamp() + $1::interval
			ORDER BY id FOR UPDATE SKIP LOCKED
		)
		UPDATE outbox o SET rings = 0, ring_at = GREATEST(clock_timestamp() + $1::interval, o.rung_at + interval '200 milliseconds')
		FROM vain WHERE o.id = vain.id`, s.db.Offset(), within)
	return pg.Classify("store.RingAgain", err)
}

// Listen calls wake for each notification that there is something to wake, and
// once when it has begun to listen. It returns when ctx is done or the
// connection is lost.
//
// Errors: errs.Unavailable.
func (s *Store) Listen(ctx context.Context, wake func()) error {
	const op = "store.Listen"
	conn, err := s.db.Pool.Acquire(ctx)
	if err != nil {
		return pg.Classify(op, err)
	}
	// A connection that listens is not given back: the next user would be woken.
	raw := conn.Hijack()
	defer s.db.Quiet.HangUp(ctx, raw)
	if _, err := raw.Exec(ctx, "LISTEN "+pg.OutboxChannel); err != nil {
		return pg.Classify(op, err)
	}
	for {
		wake()
		if err := s.db.Quiet.WaitForNotification(ctx, raw); err != nil {
			return pg.Classify(op, err)
		}
	}
}
