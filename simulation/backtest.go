package simulation

import (
	"context"
	"slices"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
)

// Backtest replays the conversation for the version under test, and for the one to
// compare it with if there is one, and compares the runs with each other and with
// those that really were made.
func (s *Simulator) Backtest(ctx context.Context, past Past, q runs.BacktestQuestion) ([]runs.BacktestRun, error) {
	tested, err := s.Replay(ctx, past, q.Tested, q.From, q.Until)
	if err != nil {
		return nil, err
	}
	var out []runs.BacktestRun
	if q.Against != nil {
		against, err := s.Replay(ctx, past, *q.Against, q.From, q.Until)
		if err != nil {
			return nil, err
		}
		out = runs.Compare(runs.WithVersion, tested, against)
	}
	live, late := liveRuns(past.Told(), q.Tested.DefinitionID, q.From, q.Until)
	compared := runs.Compare(runs.WithLive, tested, live)
	for i, c := range compared {
		compared[i].SawLater = c.Other != nil && late[c.Other.ID]
	}
	return slices.Concat(out, compared), nil
}

// liveRuns are those that the workflow really made in the time, and which of them
// saw more than what led to them.
func liveRuns(told runs.History, id automation.DefinitionID, from, until time.Time) (runs []runs.Run, late map[automation.RunID]bool) {
	late = map[automation.RunID]bool{}
	for _, r := range told.Runs {
		if r.DefinitionID != id || !r.Happened() || r.CreatedAt.Before(from) || r.CreatedAt.After(until) {
			continue
		}
		runs = append(runs, r.Run)
		late[r.ID] = told.SawLater(r)
	}
	return runs, late
}
