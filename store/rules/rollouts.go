package rules

import (
	"context"
	"encoding/json"
	"slices"
	"time"
	_ "time/tzdata"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// rolloutPage is how many conversations one page looks at, at most.
const rolloutPage = 200

// concerned are the conversations that a rollout goes through: those that are open,
// or wait for a due time. The table's alias is c.
const concerned = `c.mailbox_id = $1 AND c.state = 'published' AND (c.status IN ('active', 'pending') OR c.next_due IS NOT NULL)
	AND ($2::timestamptz IS NULL OR c.created_at >= $2) AND c.erased_at IS NULL`

// rollOut begins a rollout in the transaction of the change, and ends those of the
// same workflow that are under way: the new one makes the same due lists again. One that
// considers continues: each conversation is compared with what is in force by then.
//
// It looks at the conversations after this transaction, each under its lock. An
// Advance that still sees the old definitions holds that lock: its end comes
// before the wake.
func (e *DefinitionEdit) rollOut(ctx context.Context, s *Store, r runs.Rollout) error {
	if _, err := e.Tx.Exec(ctx, `
		WITH ended AS (UPDATE rollouts SET state = 'cancelled', updated_at = $2, finished_at = $2
			WHERE definition_id = $1 AND state IN ('running', 'paused') AND NOT consider RETURNING id)
		DELETE FROM outbox WHERE id IN (SELECT id FROM ended)`, pg.NullID(r.DefinitionID), e.Now); err != nil {
		return err
	}
	id := pg.NewID()
	if _, err := e.Tx.Exec(ctx, `
		INSERT INTO rollouts (id, mailbox_id, definition_id, version_id, reason, consider, since, state, actor_id, created_at, updated_at,
		make_up)
		VALUES (@id, @mailbox_id, @definition_id, @version_id, @reason, @consider, @since, 'running', @actor_id,
			@created_at, @created_at, @make_up)`, pgx.NamedArgs{
		"id":            id,
		"mailbox_id":    e.Mailbox,
		"definition_id": pg.NullID(r.DefinitionID),
		"version_id":    pg.NullID(r.VersionID),
		"reason":        r.Reason,
		"consider":      r.Consider,
		"since":         pg.NullTime(r.Since),
		"actor_id":      e.Actor.ID,
		"created_at":    e.Now,
		"make_up":       r.MakeUp,
	}); err != nil {
		return err
	}
	e.Rung = true
	return s.db.WakeJob(ctx, e.Tx, pg.JobRollout, id)
}

// RollOut continues with a rollout by one page, and returns it as it is then, and how
// long to wait before the next page. One that is paused or at its end is returned as
// it is. It is safe to repeat: what was looked at is not looked at again.
//
// Errors: errs.NotFound, errs.Unavailable (a conversation is held by somebody).
func (s *Store) RollOut(ctx context.Context, id runs.RolloutID) (runs.Rollout, time.Duration, error) {
	const op = "store.RollOut"
	type page struct {
		runs.Rollout
		pause time.Duration
	}
	p, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (page, error) {
		var after *string
		var pause time.Duration
		r, err := scanRollout(tx.QueryRow(ctx, `SELECT `+rolloutColumns+`, o.after_id::text FROM `+rolloutTables+
			` WHERE o.id = $1 FOR UPDATE OF o`, id), &after)
		if err != nil {
			return page{}, pg.NotFound(op, "there is no such rollout", err)
		}
		if r.State == runs.RolloutRunning {
			if pause, err = s.rollPage(ctx, tx, &r, after); err != nil {
				return page{}, err
			}
		}
		if r.State != runs.RolloutRunning {
			_, err = tx.Exec(ctx, `DELETE FROM outbox WHERE id = $1`, id)
		}
		return page{r, pause}, err
	})
	if err == nil {
		s.db.Notifier.Push()
	}
	return p.Rollout, p.pause, err
}

// rollPage looks at the next conversations.
func (s *Store) rollPage(ctx context.Context, tx pgx.Tx, r *runs.Rollout, after *string) (time.Duration, error) {
	var rawRate []byte
	if err := tx.QueryRow(ctx, `SELECT (SELECT value FROM settings WHERE key = $1)`, tables.SettingRolloutRate).Scan(&rawRate); err != nil {
		return 0, err
	}
	rate, err := tables.DecodeRolloutRate(rawRate)
	if err != nil {
		return 0, err
	}
	size := min(rolloutPage, rate)
	pause := time.Duration(size) * time.Second / time.Duration(rate)
	if r.MakeUp {
		return pause, s.MakeUpPage(ctx, tx, r, size)
	}
	if r.Total < 0 {
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM conversations c WHERE `+concerned, r.MailboxID,
			pg.NullTime(r.Since)).Scan(&r.Total); err != nil {
			return 0, err
		}
	}
	rows, err := tx.Query(ctx, `SELECT c.id FROM conversations c WHERE `+concerned+` AND ($3::uuid IS NULL OR c.id > $3)
		ORDER BY c.id LIMIT $4 FOR NO KEY UPDATE`, r.MailboxID, pg.NullTime(r.Since), after, size)
	if err != nil {
		return 0, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, err
	}
	now, err := s.db.Now(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := s.wakePage(ctx, tx, *r, ids, now); err != nil {
		return 0, err
	}
	r.Looked, r.UpdatedAt = r.Looked+len(ids), now
	if len(ids) < size {
		r.State, r.FinishedAt = runs.RolloutDone, now
	} else {
		after = &ids[len(ids)-1]
	}
	_, err = tx.Exec(ctx, `UPDATE rollouts SET state = @state, after_id = @after_id, total = @total, looked = @looked,
		updated_at = @updated_at, finished_at = @finished_at WHERE id = @id`, pgx.NamedArgs{
		"id":          r.ID,
		"state":       r.State,
		"after_id":    after,
		"total":       r.Total,
		"looked":      r.Looked,
		"updated_at":  now,
		"finished_at": pg.NullTime(r.FinishedAt),
	})
	return pause, err
}

// wakePage wakes the conversations, which are locked; where the rollout says so
// each gets an event that makes the workflow a candidate.
func (s *Store) wakePage(ctx context.Context, tx pgx.Tx, r runs.Rollout, ids []string, now time.Time) error {
	if r.Consider {
		data, err := json.Marshal(tables.EventData{Definition: string(r.DefinitionID)})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			WITH seqs AS (UPDATE conversations SET last_seq = last_seq + 1 WHERE id = ANY($1::uuid[]) RETURNING id, last_seq, mailbox_id)
			INSERT INTO events (conversation_id, seq, kind, mailbox_id, actor_kind, data, at)
			SELECT id, last_seq, $2, mailbox_id, $3, $4, $5 FROM seqs`,
			ids, conversation.KindConsider, conversation.ActorSystem, data, now); err != nil {
			return err
		}
	}
	return pg.WakeAgain(ctx, tx, ids, now)
}

// rolloutColumns is the order that scanRollout expects.
const rolloutColumns = `o.id, o.mailbox_id, o.definition_id, o.version_id, coalesce(v.number, 0), coalesce(v.body ->> 'name', ''),
	o.reason, o.consider,
	o.since, o.state, coalesce(o.total, -1), o.looked, o.actor_id, o.created_at, o.updated_at, o.finished_at, o.make_up`

const rolloutTables = `rollouts o LEFT JOIN versions v ON v.id = o.version_id`

func scanRollout(row pgx.Row, more ...any) (runs.Rollout, error) {
	var (
		r               runs.Rollout
		definition      *automation.DefinitionID
		version         *automation.VersionID
		since, finished *time.Time
	)
	err := row.Scan(append([]any{&r.ID, &r.MailboxID, &definition, &version, &r.Version, &r.Name, &r.Reason, &r.Consider,
		&since, &r.State, &r.Total, &r.Looked, &r.Actor, &r.CreatedAt, &r.UpdatedAt, &finished, &r.MakeUp}, more...)...)
	r.DefinitionID, r.VersionID, r.Since, r.FinishedAt = pg.OrZero(definition), pg.OrZero(version), pg.OrZero(since), pg.OrZero(finished)
	return r, err
}

// ClockChanged has the due lists of a mailbox whose hours or time zone are others now
// made again, if time alone makes one of its workflows run.
func (e *DefinitionEdit) ClockChanged(ctx context.Context, s *Store) error {
	rows, err := e.Tx.Query(ctx, `SELECT v.body FROM definitions f JOIN versions v ON v.id = f.version_id
		WHERE f.mailbox_id = $1 AND f.mode <> 'off' AND f.deleted_at IS NULL`, e.Mailbox)
	if err != nil {
		return err
	}
	bodies, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil || !slices.ContainsFunc(bodies, dated) {
		return err
	}
	return e.rollOut(ctx, s, runs.Rollout{Reason: runs.RolloutClock})
}

// dated reports whether time alone may make a version run. One that cannot be read
// has no due times.
func dated(body []byte) bool {
	d, err := tables.DecodeBody(body)
	if err != nil {
		return false
	}
	p, problems := automation.Compile(d)
	return len(problems) == 0 && p.HasDates()
}
