package rules

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// backtestRunRow is one side of a comparison as it is kept.
type backtestRunRow struct {
	ID      automation.RunID    `json:"id,omitzero"` // of a run that was made
	Trigger automation.Trigger  `json:"trigger"`
	State   automation.RunState `json:"state"`
	Seq     int64               `json:"seq"`
	DueAt   time.Time           `json:"due_at,omitzero"`
	At      time.Time           `json:"at"`
	Verdict *tables.VerdictRow  `json:"verdict,omitzero"`
}

// encodeBacktestRun writes a side; reasons are kept where they are of the replay: a
// run that was made has its own.
func encodeBacktestRun(r *runs.Run, live bool) *backtestRunRow {
	if r == nil {
		return nil
	}
	out := &backtestRunRow{Trigger: r.Trigger, State: r.State, Seq: r.Seq, DueAt: r.DueAt, At: r.CreatedAt}
	if live {
		out.ID = r.ID
		return out
	}
	v := tables.EncodeVerdict(r.Verdict)
	out.Verdict = &v
	return out
}

func decodeBacktestRun(raw []byte) (*runs.Run, error) {
	if raw == nil {
		return nil, nil
	}
	var in struct {
		backtestRunRow
		Verdict json.RawMessage `json:"verdict"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	r := &runs.Run{ID: in.ID, Trigger: in.Trigger, State: in.State, Seq: in.Seq, DueAt: in.DueAt, CreatedAt: in.At}
	var err error
	if in.Verdict != nil {
		r.Verdict, err = tables.DecodeVerdict(in.Verdict)
	}
	return r, err
}

// BacktestRuns lists the runs of the comparison in the order in which they were found;
// with and outcome, when not empty, ask for some only. Those on conversations that the
// caller does not see any longer are left out.
//
// Errors: errs.NotFound (no such backtest, or not the caller's to see),
// errs.Unavailable.
func (s *Store) BacktestRuns(ctx context.Context, who access.Caller, id runs.BacktestID, with runs.With, outcome runs.BacktestOutcome,
	page conversation.Page) ([]runs.BacktestRun, error) {
	const op = "store.BacktestRuns"
	if _, err := s.Backtest(ctx, who, id); err != nil {
		return nil, err
	}
	rows, err := s.db.Pool.Query(ctx, `
		SELECT t.id, t.conversation_id, t.compared_with, t.outcome, t.run, t.other, t.saw_later
		FROM backtest_runs t JOIN conversations c ON c.id = t.conversation_id
		WHERE t.backtest_id = $1 AND ($2::uuid IS NULL OR t.id > $2) AND ($3 = '' OR t.compared_with = $3) AND ($4 = '' OR t.outcome = $4)
			AND c.erased_at IS NULL AND ($5 OR c.mailbox_id = ANY ($6::uuid[]))
		ORDER BY t.id LIMIT $7`, id, pg.NullID(page.After), with, outcome, who.All(), pg.MailboxIDs(who), page.Limit)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	list, err := pgx.CollectRows(rows, scanBacktestRun)
	return list, pg.Classify(op, err)
}

func scanBacktestRun(row pgx.CollectableRow) (runs.BacktestRun, error) {
	var (
		r          runs.BacktestRun
		run, other []byte
	)
	err := row.Scan(&r.ID, &r.ConversationID, &r.With, &r.Outcome, &run, &other, &r.SawLater)
	if err != nil {
		return r, err
	}
	if r.Run, err = decodeBacktestRun(run); err != nil {
		return r, err
	}
	r.Other, err = decodeBacktestRun(other)
	return r, err
}
