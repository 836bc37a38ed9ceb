package activities

import (
	"context"

	"github.com/smarticks/smarticks/automation/runs"
)

// Backtest continues with a backtest by one page. It is safe to repeat.
//
// Errors: only those that waiting can heal, and when there is no such backtest.
func (a *Activities) Backtest(ctx context.Context, in BacktestInput) (Backtested, error) {
	b, err := a.cfg.Backtests.RunBacktest(ctx, runs.BacktestID(in.BacktestID))
	if err != nil {
		return Backtested{}, verdict(err)
	}
	return Backtested{State: string(b.State), Looked: b.Looked, Total: b.Total, Runs: b.Runs, WorkflowID: string(b.DefinitionID)}, nil
}

// Backtests keeps the backtests.
type Backtests interface {
	// RunBacktest looks at the next page.
	RunBacktest(ctx context.Context, id runs.BacktestID) (runs.Backtest, error)
}
