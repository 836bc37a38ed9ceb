package rules

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// backtestsKept is how many backtests of a workflow are kept: the newest.
const backtestsKept = 20

// CreateBacktest begins a backtest of the workflow over the last days. version is
// what is tested, nil the draft as it is; against is what it is compared with, nil the
// published version if that is not what is tested.
//
// Errors: errs.NotFound (no such workflow or version, or not the caller's to see),
// errs.Forbidden, errs.Invalid (what is tested has problems, or is a manual workflow),
// errs.Conflict (a backtest of the workflow is under way), errs.Unavailable.
func (s *Store) CreateBacktest(ctx context.Context, who access.Caller, definition automation.DefinitionID, days int, version,
	against *int) (runs.Backtest, error) {
	const op = "store.CreateBacktest"
	b, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (runs.Backtest, error) {
		var b runs.Backtest
		d, err := tables.ReadDefinition(ctx, tx, op, definition)
		if err != nil {
			return b, err
		}
		if err := who.In(access.ManageWorkflow, d.MailboxID); err != nil {
			return b, err
		}
		body, err := testedBody(ctx, tx, op, who, d, version)
		if err != nil {
			return b, err
		}
		b = runs.Backtest{ID: runs.BacktestID(pg.NewID()), DefinitionID: d.ID, Version: pg.OrZero(version), Against: d.Version}
		if version != nil && *version == d.Version {
			b.Against = 0
		}
		if against != nil {
			b.Against = *against
		}
		var other []byte
		if b.Against != 0 {
			v, err := tables.ReadVersion(ctx, tx, op, definition, b.Against)
			if err != nil {
				return b, err
			}
			if other, err = json.Marshal(automation.Encode(v.Body)); err != nil {
				return b, err
			}
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return b, err
		}
		first, err := pg.Once(ctx, tx, who, string(b.ID), now)
		if first != "" || err != nil {
			b.ID = runs.BacktestID(first)
			return b, err
		}
		return b, s.insertBacktest(ctx, tx, op, who, d, b, days, body, other, now)
	})
	if err != nil {
		return runs.Backtest{}, err
	}
	s.db.Notifier.Push()
	return s.Backtest(ctx, who, b.ID)
}

// testedBody is what is tested: it must be fit to be published.
func testedBody(ctx context.Context, tx pgx.Tx, op string, who access.Caller, d automation.Workflow, version *int) ([]byte, error) {
	body := d.Draft
	if version != nil {
		v, err := tables.ReadVersion(ctx, tx, op, d.ID, *version)
		if err != nil {
			return nil, err
		}
		body = v.Body
	}
	if body.Type != automation.TypeAutomatic {
		return nil, errs.New(op, errs.Invalid, "this is a manual workflow: nothing makes it run but an agent")
	}
	checked, err := checkDraft(ctx, tx, who, d.MailboxID, body)
	if err != nil {
		return nil, err
	}
	if len(checked.Problems) > 0 {
		return nil, errs.Bad(op, "the workflow has problems", checked.Problems)
	}
	return json.Marshal(automation.Encode(checked.Draft))
}

func (s *Store) insertBacktest(ctx context.Context, tx pgx.Tx, op string, who access.Caller, d automation.Workflow, b runs.Backtest,
	days int, body, other []byte, now time.Time) error {
	tag, err := tx.Exec(ctx, `
		INSERT INTO backtests (id, mailbox_id, definition_id, version, body, against, against_body, from_at, until_at, state, actor_id,
		created_at, updated_at)
		VALUES (@id, @mailbox_id, @definition_id, @version, @body, @against, @against_body, @from_at, @until_at, 'running',
			@actor_id, @until_at, @until_at)
		ON CONFLICT (definition_id) WHERE state = 'running' DO NOTHING`, pgx.NamedArgs{
		"id":            b.ID,
		"mailbox_id":    d.MailboxID,
		"definition_id": d.ID,
		"version":       b.Version,
		"body":          body,
		"against":       b.Against,
		"against_body":  nullJSON(other),
		"from_at":       now.AddDate(0, 0, -days),
		"until_at":      now,
		"actor_id":      who.Actor().ID,
	})
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return errs.New(op, errs.Conflict, "a backtest of this workflow is under way: wait for its end, or cancel it")
	}
	if _, err := tx.Exec(ctx, `DELETE FROM backtests WHERE definition_id = $1 AND state <> 'running' AND id NOT IN
		(SELECT id FROM backtests WHERE definition_id = $1 ORDER BY id DESC LIMIT $2)`, d.ID, backtestsKept); err != nil {
		return err
	}
	return s.db.WakeJob(ctx, tx, pg.JobBacktest, string(b.ID))
}

// nullJSON is NULL for nothing.
func nullJSON(raw []byte) any {
	if raw == nil {
		return nil
	}
	return raw
}

const backtestColumns = `b.id, b.mailbox_id, b.definition_id, coalesce(b.body ->> 'name', ''), b.version, b.against, b.from_at,
	b.until_at, b.state,
	coalesce(b.total, -1), b.looked, b.erased, b.runs, b.counts, b.actor_id, b.created_at, b.updated_at, b.finished_at`

func scanBacktest(row pgx.Row, more ...any) (runs.Backtest, error) {
	var (
		b        runs.Backtest
		counts   []byte
		finished *time.Time
	)
	if err := row.Scan(append([]any{&b.ID, &b.MailboxID, &b.DefinitionID, &b.Name, &b.Version, &b.Against, &b.From, &b.Until, &b.State,
		&b.Total, &b.Looked, &b.Erased, &b.Runs, &counts, &b.Actor, &b.CreatedAt, &b.UpdatedAt, &finished}, more...)...); err != nil {
		return b, err
	}
	b.FinishedAt = pg.OrZero(finished)
	return b, json.Unmarshal(counts, &b.Counts)
}

// Backtest returns one with its progress.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Unavailable.
func (s *Store) Backtest(ctx context.Context, who access.Caller, id runs.BacktestID) (runs.Backtest, error) {
	const op, missing = "store.Backtest", "there is no such backtest"
	if !pg.IsID(id) {
		return runs.Backtest{}, errs.New(op, errs.NotFound, missing)
	}
	b, err := scanBacktest(s.db.Pool.QueryRow(ctx, `SELECT `+backtestColumns+` FROM backtests b WHERE b.id = $1`, id))
	if err != nil {
		return b, pg.NotFound(op, missing, pg.Classify(op, err))
	}
	if err := who.In(access.ReadWorkflow, b.MailboxID); err != nil {
		return runs.Backtest{}, pg.NotFound(op, missing, errors.Join(pgx.ErrNoRows, err))
	}
	return b, nil
}

// Backtests lists those of a workflow, the newest first.
//
// Errors: errs.NotFound (no such workflow, or not the caller's to see),
// errs.Unavailable.
func (s *Store) Backtests(ctx context.Context, who access.Caller, definition automation.DefinitionID,
	page conversation.Page) ([]runs.Backtest, error) {
	const op = "store.Backtests"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) ([]runs.Backtest, error) {
		if err := tables.SeesDefinition(ctx, tx, op, who, definition); err != nil {
			return nil, err
		}
		rows, err := tx.Query(ctx, `SELECT `+backtestColumns+` FROM backtests b
			WHERE b.definition_id = $1 AND ($2::uuid IS NULL OR b.id < $2) ORDER BY b.id DESC LIMIT $3`, definition, pg.NullID(page.After),
			page.Limit)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, func(row pgx.CollectableRow) (runs.Backtest, error) { return scanBacktest(row) })
	})
}

// CancelBacktest ends a backtest after the page under way; what it found so far
// stays. One that is at its end stays as it is.
//
// Errors: errs.NotFound, errs.Forbidden, errs.Unavailable.
func (s *Store) CancelBacktest(ctx context.Context, who access.Caller, id runs.BacktestID) (runs.Backtest, error) {
	const op = "store.CancelBacktest"
	b, err := s.Backtest(ctx, who, id)
	if err != nil {
		return b, err
	}
	if err := who.In(access.ManageWorkflow, b.MailboxID); err != nil {
		return runs.Backtest{}, err
	}
	err = s.db.InTx(ctx, op, func(tx pgx.Tx) error {
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE backtests SET state = 'cancelled', updated_at = $2, finished_at = $2 WHERE id = $1 AND state =
			'running'`, id, now); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM outbox WHERE id = $1`, id)
		return err
	})
	if err != nil {
		return runs.Backtest{}, err
	}
	return s.Backtest(ctx, who, id)
}
