package api

import (
	"cmp"
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// backtestStore keeps the backtests.
type backtestStore interface {
	CreateBacktest(ctx context.Context, who access.Caller, definition automation.DefinitionID, days int, version,
		against *int) (runs.Backtest, error)
	// Backtests lists the newest first.
	Backtests(ctx context.Context, who access.Caller, definition automation.DefinitionID, page conversation.Page) ([]runs.Backtest, error)
	Backtest(ctx context.Context, who access.Caller, id runs.BacktestID) (runs.Backtest, error)
	BacktestRuns(ctx context.Context, who access.Caller, id runs.BacktestID, with runs.With, outcome runs.BacktestOutcome,
		page conversation.Page) ([]runs.BacktestRun, error)
	CancelBacktest(ctx context.Context, who access.Caller, id runs.BacktestID) (runs.Backtest, error)
}

type backtests struct{ store backtestStore }

// Backtest is a version of a workflow, run over what really happened in its mailbox.
type Backtest struct {
	ID           runs.BacktestID         `json:"id"`
	MailboxID    conversation.MailboxID  `json:"mailbox_id"`
	WorkflowID   automation.DefinitionID `json:"workflow_id"`
	WorkflowName string                  `json:"workflow_name"`
	Version      int                     `json:"version" doc:"What is tested; 0: the draft as it was."`
	Against      int                     `json:"against" doc:"The version that it is compared with; 0: none."`
	From         time.Time               `json:"from"`
	Until        time.Time               `json:"until"`
	State        runs.BacktestState      `json:"state" enum:"running,cancelled,done"`
	Total        *int                    `json:"total" doc:"How many conversations it goes through; null: not counted yet."`
	Looked       int                     `json:"looked" doc:"At how many it looked."`
	Erased       int                     `json:"erased" doc:"Conversations of the time that were deleted for ever: nothing is known of them."`
	Runs         int                     `json:"runs" doc:"How many runs the tested version would have made."`
	WithVersion  BacktestCounts          `json:"with_version" doc:"Beside the runs that the version of against would have made."`
	WithLive     BacktestCounts          `json:"with_live" doc:"Beside the runs that were really made."`
	Sentence     string                  `json:"sentence"`
	ByID         conversation.UserID     `json:"by_id"`
	CreatedAt    time.Time               `json:"created_at"`
	UpdatedAt    time.Time               `json:"updated_at"`
	FinishedAt   *time.Time              `json:"finished_at"`
}

// BacktestCounts are the outcomes of a comparison.
type BacktestCounts struct {
	Same    int `json:"same"`
	More    int `json:"more" doc:"Only the tested version runs."`
	Fewer   int `json:"fewer" doc:"Only the other runs."`
	Earlier int `json:"earlier" doc:"Both run, the tested version first."`
	Later   int `json:"later"`
}

func showCompared(n map[runs.BacktestOutcome]int) BacktestCounts {
	return BacktestCounts{
		n[runs.OutcomeSame], n[runs.OutcomeMore], n[runs.OutcomeFewer], n[runs.OutcomeEarlier], n[runs.OutcomeLater],
	}
}

func showBacktest(b runs.Backtest) Backtest {
	out := Backtest{
		ID: b.ID, MailboxID: b.MailboxID, WorkflowID: b.DefinitionID, WorkflowName: b.Name, Version: b.Version, Against: b.Against,
		From: b.From, Until: b.Until, State: b.State, Looked: b.Looked, Erased: b.Erased, Runs: b.Runs,
		WithVersion: showCompared(b.Counts[runs.WithVersion]), WithLive: showCompared(b.Counts[runs.WithLive]),
		Sentence: b.Sentence(), ByID: b.Actor, CreatedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt, FinishedAt: orNull(b.FinishedAt),
	}
	if b.Total >= 0 {
		out.Total = &b.Total
	}
	return out
}

type backtestInput struct {
	ByID
	Body struct {
		Days    int  `json:"days,omitempty" minimum:"1" maximum:"90" default:"30" doc:"How far it looks back."`
		Version *int `json:"version,omitempty" minimum:"1" doc:"What is tested; left out: the draft."`
		Against *int `json:"against,omitempty" minimum:"1" doc:"What it is compared with; left out: the published version."`
	}
}

func (h backtests) create(ctx context.Context, who access.Caller, in *backtestInput) (Backtest, error) {
	b, err := h.store.CreateBacktest(ctx, who, automation.DefinitionID(in.ID), cmp.Or(in.Body.Days, 30), in.Body.Version, in.Body.Against)
	return showBacktest(b), err
}

type backtestsInput struct {
	ByID
	PageInput
}

func (h backtests) list(ctx context.Context, who access.Caller, in *backtestsInput) (page[Backtest], error) {
	asked, err := in.page()
	if err != nil {
		return page[Backtest]{}, err
	}
	found, err := h.store.Backtests(ctx, who, automation.DefinitionID(in.ID), asked)
	return render(in.PageInput, found, func(b runs.Backtest) string { return string(b.ID) }, showBacktest), err
}

func (h backtests) get(ctx context.Context, who access.Caller, in *ByID) (Backtest, error) {
	b, err := h.store.Backtest(ctx, who, runs.BacktestID(in.ID))
	return showBacktest(b), err
}

func (h backtests) cancel(ctx context.Context, who access.Caller, in *ByID) (Backtest, error) {
	b, err := h.store.CancelBacktest(ctx, who, runs.BacktestID(in.ID))
	return showBacktest(b), err
}

// BacktestRun is one run of the tested version, of what it is compared with, or of
// both.
type BacktestRun struct {
	ConversationID conversation.ID      `json:"conversation_id"`
	With           runs.With            `json:"with" enum:"version,live" doc:"What it is compared with: the runs of another version, or those that were really made."`
	Outcome        runs.BacktestOutcome `json:"outcome" enum:"same,more,fewer,earlier,later"`
	Run            *BacktestSide        `json:"run" doc:"Of the tested version; null: it makes none."`
	Other          *BacktestSide        `json:"other" doc:"What it is compared with; null: none."`
	SawLater       bool                 `json:"saw_later" doc:"The run that was made saw what had happened since: somebody was quicker."`
}

// BacktestSide is a run as one side makes it.
type BacktestSide struct {
	Trigger     automation.Trigger `json:"trigger" enum:"event,time,consider"`
	Seq         int64              `json:"seq" doc:"The event that led to it, or the last before its due time."`
	At          time.Time          `json:"at"`
	DueAt       *time.Time         `json:"due_at"`
	RunID       automation.RunID   `json:"run_id,omitempty" doc:"Of a run that was really made."`
	Explanation []ExplainedGroup   `json:"explanation,omitempty" doc:"Why it runs."`
}

func showSide(r *runs.Run) *BacktestSide {
	if r == nil {
		return nil
	}
	return &BacktestSide{r.Trigger, r.Seq, r.CreatedAt, orNull(r.DueAt), r.ID, showVerdict(r.Verdict)}
}

type backtestRunsInput struct {
	ByID
	PageInput
	With    runs.With            `query:"with" enum:"version,live" doc:"Only one comparison."`
	Outcome runs.BacktestOutcome `query:"outcome" enum:"same,more,fewer,earlier,later"`
}

func (h backtests) runs(ctx context.Context, who access.Caller, in *backtestRunsInput) (page[BacktestRun], error) {
	asked, err := in.page()
	if err != nil {
		return page[BacktestRun]{}, err
	}
	found, err := h.store.BacktestRuns(ctx, who, runs.BacktestID(in.ID), in.With, in.Outcome, asked)
	return render(in.PageInput, found, func(r runs.BacktestRun) string { return r.ID }, func(r runs.BacktestRun) BacktestRun {
		return BacktestRun{r.ConversationID, r.With, r.Outcome, showSide(r.Run), showSide(r.Other), r.SawLater}
	}), err
}
