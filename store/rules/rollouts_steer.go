package rules

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// Rollouts lists those of the workflow (empty: of all), the newest first.
//
// Errors: errs.Unavailable.
func (s *Store) Rollouts(ctx context.Context, definition automation.DefinitionID, page conversation.Page) ([]runs.Rollout, error) {
	const op = "store.Rollouts"
	if definition != "" && !pg.IsID(definition) {
		return nil, nil
	}
	rows, err := s.db.Pool.Query(ctx, `SELECT `+rolloutColumns+` FROM `+rolloutTables+`
		WHERE ($1::uuid IS NULL OR o.definition_id = $1) AND ($2::uuid IS NULL OR o.id < $2) ORDER BY o.id DESC LIMIT $3`,
		pg.NullID(definition), pg.NullID(page.After), page.Limit)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (runs.Rollout, error) { return scanRollout(row) })
	return list, pg.Classify(op, err)
}

// Rollout returns one.
//
// Errors: errs.NotFound, errs.Unavailable.
func (s *Store) Rollout(ctx context.Context, id runs.RolloutID) (runs.Rollout, error) {
	const op, missing = "store.Rollout", "there is no such rollout"
	if !pg.IsID(id) {
		return runs.Rollout{}, errs.New(op, errs.NotFound, missing)
	}
	r, err := scanRollout(s.db.Pool.QueryRow(ctx, `SELECT `+rolloutColumns+` FROM `+rolloutTables+` WHERE o.id = $1`, id))
	if err != nil {
		return r, pg.NotFound(op, missing, pg.Classify(op, err))
	}
	return r, nil
}

// SteerRollout pauses, resumes (running) or cancels a rollout; the page under way
// ends. Steering it to where it is changes nothing.
//
// Errors: errs.NotFound, errs.Conflict (it is at its end), errs.Unavailable.
func (s *Store) SteerRollout(ctx context.Context, who access.Caller, id runs.RolloutID, to runs.RolloutState) (runs.Rollout, error) {
	const op = "store.SteerRollout"
	if r, err := s.Rollout(ctx, id); err != nil {
		return r, err
	}
	r, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (runs.Rollout, error) {
		r, err := scanRollout(tx.QueryRow(ctx, `SELECT `+rolloutColumns+` FROM `+rolloutTables+` WHERE o.id = $1 FOR UPDATE OF o`, id))
		if err != nil {
			return r, err
		}
		switch {
		case r.State == to:
			return r, nil
		case r.State.Final():
			return r, errs.New(op, errs.Conflict, "this rollout is "+string(r.State)+": there is nothing left to steer")
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return r, err
		}
		before := r.State
		r.State, r.UpdatedAt = to, now
		if to.Final() {
			r.FinishedAt = now
		}
		if _, err := tx.Exec(ctx, `UPDATE rollouts SET state = $2, updated_at = $3, finished_at = $4 WHERE id = $1`,
			id, to, now, pg.NullTime(r.FinishedAt)); err != nil {
			return r, err
		}
		if err := pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "steered",
			ObjectKind: "rollout",
			ObjectID:   string(id),
			Mailbox:    r.MailboxID,
			Before:     map[string]any{"state": string(before)},
			After:      map[string]any{"state": string(to)},
		}); err != nil {
			return r, err
		}
		return r, s.db.WakeJob(ctx, tx, pg.JobRollout, string(id)) // whoever pages sees it, or begins again
	})
	if err == nil {
		s.db.Notifier.Push()
	}
	return r, err
}
