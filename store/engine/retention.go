package engine

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// forgetBatch is how much of a kind one transaction looks at.
const forgetBatch = 500

// The kinds of the table retention.
const (
	kindExplanations = "explanations"
	kindAttempts     = "attempts"
	kindRawMails     = "raw_mails"
	kindAudit        = "audit"
)

// forgetting says how a kind goes: table is what is looked at in the order of its
// ids, sql removes from what has one of the ids $1.
//
// A run keeps all that is counted: its episodes, origin, state and times. A raw mail
// keeps what says that the same mail came already.
var forgetting = map[string]struct{ table, sql string }{
	kindExplanations: {"runs", `WITH left_for_later AS (INSERT INTO runs_left (run_id) SELECT id FROM runs WHERE id = ANY ($1::uuid[]) AND
		state = 'asked'
		ON CONFLICT DO NOTHING) UPDATE runs SET verdict = jsonb_build_object('holds', verdict ->> 'holds')
		WHERE id = ANY ($1::uuid[]) AND state <> 'asked' AND verdict ? 'groups'`},
	kindAttempts: {"deliveries", `DELETE FROM attempts a USING deliveries d WHERE d.id = ANY ($1::uuid[]) AND a.delivery_id = d.id
		AND d.state NOT IN ('waiting', 'handed_over')`},
	kindRawMails: {"raw_mails", `UPDATE raw_mails SET raw = '', envelope_from = '', recipients = '{}' WHERE id = ANY ($1::uuid[])`},
}

// Forget removes a batch of what was kept long enough, of each kind in a transaction
// of its own. It is safe to repeat, and by several at once.
//
// Errors: errs.Unavailable.
func (s *Store) Forget(ctx context.Context) (conversation.Forgotten, error) {
	const op = "store.Forget"
	set, err := tables.ReadSettings(ctx, s.db.Pool)
	if err != nil {
		return conversation.Forgotten{}, err
	}
	var out conversation.Forgotten
	for _, kind := range []struct {
		name string
		days int
		n    *int
	}{
		{kindExplanations, set.Retention.Explanations, &out.Explanations}, {kindAttempts, set.Retention.Attempts, &out.Attempts},
		{kindRawMails, set.Retention.RawMails, &out.RawMails}, {kindAudit, set.Retention.Audit, &out.Audit},
	} {
		if kind.days == 0 {
			continue
		}
		n, more, err := s.forgetKind(ctx, op, kind.name, kind.days)
		if err != nil {
			return out, err
		}
		*kind.n = n
		out.More = out.More || more
	}
	more, err := s.forgetBeside(ctx, set.Retention.Explanations, &out)
	out.More = out.More || more
	return out, err
}

// forgetKind removes one batch of what is kept for days only, and returns how much that was
// and whether there may be more.
func (s *Store) forgetKind(ctx context.Context, op, kind string, days int) (int, bool, error) {
	type batch struct {
		n    int
		more bool
	}
	b, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (batch, error) {
		var b batch
		var after *string
		if err := tx.QueryRow(ctx, `SELECT after_id::text FROM retention WHERE kind = $1 FOR UPDATE`, kind).Scan(&after); err != nil {
			return b, err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return b, err
		}
		before := now.AddDate(0, 0, -days)
		if kind == kindAudit {
			err = tx.QueryRow(ctx, `SELECT audit_forget($1, $2)`, before, forgetBatch).Scan(&b.n)
			b.more = b.n == forgetBatch
		} else {
			b.n, b.more, after, err = forgetRows(ctx, tx, kind, after, before)
		}
		if err != nil {
			return b, err
		}
		if left, ok := forgettingLeft[kind]; ok && !b.more && after != nil {
			n, err := left(ctx, tx, *after, before)
			if err != nil {
				return b, err
			}
			b.n += n
			b.more = n == forgetBatch
		}
		_, err = tx.Exec(ctx, `UPDATE retention SET after_id = $2, removed = removed + $3, removed_at = CASE WHEN $3 > 0 THEN $4 ELSE
			removed_at END
			WHERE kind = $1 AND ($3 > 0 OR after_id IS DISTINCT FROM $2)`, kind, after, b.n, now)
		return b, err
	})
	return b.n, b.more, err
}

// keysKept is how long an Idempotency-Key finds what its first request made.
const keysKept = "30 days"

// passedOverKept is how long what a paused workflow passed over can be made up for.
const passedOverKept = "30 days"

// countedFor is how long automatic mail, and what admins were told once, is kept: it
// counts for a day at most.
const countedFor = "2 days"

// minutesKept is how long the counts of runs are kept: they count for an hour.
const minutesKept = "2 hours"

// forgetBeside removes what is found by its time: keys of requests, what counted
// against a limit, and the reasons in what backtests found, which go with those of runs.
func (s *Store) forgetBeside(ctx context.Context, days int, out *conversation.Forgotten) (more bool, err error) {
	const op = "store.Forget"
	for _, old := range []struct{ table, at, kept string }{
		{"idempotency_keys", "created_at", keysKept}, {"automatic_mails", "at", countedFor}, {"notices", "at", countedFor},
		{"passed_over", "at", passedOverKept},
		{"run_counts", "minute", minutesKept},
	} {
		gone, err := s.db.Pool.Exec(ctx, `DELETE FROM `+old.table+` WHERE ctid = ANY (ARRAY(SELECT ctid FROM `+old.table+`
			WHERE `+old.at+` < clock_timestamp() + $1::interval - $2::interval ORDER BY `+old.at+` LIMIT $3))
			AND `+old.at+` < clock_timestamp() + $1::interval - $2::interval`, s.db.Offset(), old.kept, forgetBatch)
		if err != nil {
			return false, pg.Classify(op, err)
		}
		more = more || gone.RowsAffected() == forgetBatch
	}
	if days == 0 {
		return more, nil
	}
	reasons, err := s.db.Pool.Exec(ctx, `UPDATE backtest_runs SET run = run - 'verdict', other = other - 'verdict' WHERE id = ANY (ARRAY(
		SELECT t.id FROM backtest_runs t JOIN backtests b ON b.id = t.backtest_id
		WHERE (t.run ? 'verdict' OR t.other ? 'verdict') AND b.created_at < clock_timestamp() + $1::interval - make_interval(days => $2) LIMIT
		$3))`,
		s.db.Offset(), days, forgetBatch)
	out.Explanations += int(reasons.RowsAffected())
	return more || reasons.RowsAffected() == forgetBatch, pg.Classify(op, err)
}

// forgetRows removes what belongs to the next rows that are old, and returns how much
// that was, whether there may be more, and the last row that it looked at. It ends
// at the first row that is not old enough.
func forgetRows(ctx context.Context, tx pgx.Tx, kind string, after *string, before time.Time) (int, bool, *string, error) {
	how := forgetting[kind]
	rows, err := tx.Query(ctx, `SELECT id::text, created_at < $2 FROM `+how.table+` WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $3`,
		after, before, forgetBatch)
	if err != nil {
		return 0, false, after, err
	}
	var ids []string
	var id string
	var old bool
	young := false
	if _, err := pgx.ForEachRow(rows, []any{&id, &old}, func() error {
		if young = young || !old; !young {
			ids = append(ids, id)
		}
		return nil
	}); err != nil || len(ids) == 0 {
		return 0, false, after, err
	}
	tag, err := tx.Exec(ctx, how.sql, ids)
	return int(tag.RowsAffected()), len(ids) == forgetBatch, &ids[len(ids)-1], err
}

// forgettingLeft are the kinds of which something may be left behind.
var forgettingLeft = map[string]func(ctx context.Context, tx pgx.Tx, until string, before time.Time) (int, error){
	kindAttempts: forgetLeft, kindExplanations: forgetAsked,
}

// forgetAsked removes the reasons of runs that were still asked for when forgetRows
// passed them, and have ended since.
func forgetAsked(ctx context.Context, tx pgx.Tx, _ string, before time.Time) (int, error) {
	tag, err := tx.Exec(ctx, `WITH ended AS (DELETE FROM runs_left l USING runs r WHERE r.id = l.run_id AND r.state <> 'asked' AND
		r.created_at < $1 RETURNING r.id)
		UPDATE runs SET verdict = jsonb_build_object('holds', verdict ->> 'holds') WHERE id IN (SELECT id FROM ended) AND verdict ? 'groups'`,
		before)
	return int(tag.RowsAffected()), err
}

// forgetLeft removes old attempts of deliveries that forgetRows has looked at already:
// those that waited still, and those that were sent again since. Nothing else is left of
// what it has looked at, so that little is read.
func forgetLeft(ctx context.Context, tx pgx.Tx, until string, before time.Time) (int, error) {
	tag, err := tx.Exec(ctx, `DELETE FROM attempts WHERE ctid = ANY (ARRAY(SELECT a.ctid FROM attempts a JOIN deliveries d ON d.id =
		a.delivery_id
		WHERE a.delivery_id <= $1 AND a.started_at < $2 AND d.state NOT IN ('waiting', 'handed_over') LIMIT $3))`, until, before, forgetBatch)
	return int(tag.RowsAffected()), err
}

// Retained lists what is kept for some time only, for how long, and what was removed.
//
// Errors: errs.Unavailable.
func (s *Store) Retained(ctx context.Context) ([]conversation.Retained, error) {
	const op = "store.Retained"
	set, err := tables.ReadSettings(ctx, s.db.Pool)
	if err != nil {
		return nil, err
	}
	days := map[string]int{
		kindExplanations: set.Retention.Explanations, kindAttempts: set.Retention.Attempts,
		kindRawMails: set.Retention.RawMails, kindAudit: set.Retention.Audit,
	}
	rows, err := s.db.Pool.Query(ctx, `SELECT kind, removed, removed_at FROM retention ORDER BY kind`)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (conversation.Retained, error) {
		var r conversation.Retained
		var at *time.Time
		err := row.Scan(&r.Kind, &r.Removed, &at)
		r.Days, r.RemovedAt = days[r.Kind], pg.OrZero(at)
		return r, err
	})
	return list, pg.Classify(op, err)
}
