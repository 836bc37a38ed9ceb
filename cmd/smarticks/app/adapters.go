package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/simulation"
	"github.com/smarticks/smarticks/starter"
	"github.com/smarticks/smarticks/store"
)

// OpenConversation adapts the store's transaction to what the activities ask for.
func OpenConversation(s *store.Store) activities.Opener {
	return func(ctx context.Context, id conversation.ID, do func(context.Context, activities.Conversation) error) error {
		return s.WithConversation(ctx, id, func(ctx context.Context, c *store.Conversation) error { return do(ctx, c) })
	}
}

// outbox adapts the store's outbox to what the starter asks for.
type outbox struct{ *store.Store }

// Claim implements starter.Outbox.
func (o outbox) Claim(ctx context.Context, limit int) ([]starter.Wake, time.Duration, error) {
	claimed, next, err := o.Store.Claim(ctx, limit)
	wakes := make([]starter.Wake, len(claimed))
	for i, r := range claimed {
		wakes[i] = starter.Wake{
			ConversationID: string(r.ConversationID), Number: r.Number, MailboxID: string(r.MailboxID), Status: string(r.Status),
			Seq: r.Seq, Manual: r.Manual, DeliveryID: string(r.DeliveryID), DeliveryKind: string(r.DeliveryKind),
			RolloutID: string(r.RolloutID), BacktestID: string(r.BacktestID),
		}
	}
	return wakes, next, err
}

// forecaster makes forecasts of what the store has.
type forecaster struct {
	store     *store.Store
	simulator *simulation.Simulator
}

// Forecast implements api.Forecaster.
func (f forecaster) Forecast(ctx context.Context, who access.Caller, id conversation.ID, horizon time.Duration,
	limit int) (runs.Forecast, error) {
	var out runs.Forecast
	err := f.store.Rehearse(ctx, who, id, func(ctx context.Context, r store.Rehearsal) (err error) {
		out, err = f.simulator.Forecast(ctx, r, horizon, limit)
		return err
	})
	return out, err
}

// Preview implements api.Previewer.
func (f forecaster) Preview(ctx context.Context, who access.Caller, id conversation.ID,
	definition automation.DefinitionID) (runs.Preview, error) {
	var out runs.Preview
	err := f.store.Rehearse(ctx, who, id, func(ctx context.Context, r store.Rehearsal) error {
		run, v, err := r.Asked(ctx, who, definition)
		if err != nil {
			return err
		}
		out, err = f.simulator.Preview(ctx, r, run, v)
		return err
	})
	return out, err
}

// Backtests runs backtests on what the store has.
type Backtests struct {
	Store  *store.Store
	Logger *slog.Logger
}

// RunBacktest implements activities.Backtests. What is compiled for one page is not
// kept: the next one may be days away.
func (b Backtests) RunBacktest(ctx context.Context, id runs.BacktestID) (runs.Backtest, error) {
	simulator := simulation.New(b.Logger)
	return b.Store.RunBacktest(ctx, id, func(ctx context.Context, p store.Past, q runs.BacktestQuestion) ([]runs.BacktestRun, error) {
		return simulator.Backtest(ctx, p, q)
	})
}
