package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// statisticsStore counts the runs.
type statisticsStore interface {
	DefinitionStatistics(ctx context.Context, who access.Caller, id automation.DefinitionID, days runs.Days) (runs.Statistics, error)
	MailboxStatistics(ctx context.Context, who access.Caller, id conversation.MailboxID, days runs.Days) (runs.Statistics, error)
}

// Statistics are what runs came to, counted by the days of the mailbox.
type Statistics struct {
	From     string `json:"from" format:"date" doc:"The first day."`
	To       string `json:"to" format:"date" doc:"The last day."`
	TimeZone string `json:"time_zone" doc:"The mailbox's: by it days begin and end."`

	On    RunCounts  `json:"on" doc:"All runs but those in watch mode."`
	Watch RunCounts  `json:"watch" doc:"Runs in watch mode, which decided and did nothing."`
	Days  []DayCount `json:"days" doc:"Every day, those without runs too."`

	Conversations int        `json:"conversations" doc:"On how many conversations something was done."`
	LastRun       *LastRun   `json:"last_run" doc:"The newest run that was done or failed; null: none in these days on a conversation that you see."`
	LastError     *LastError `json:"last_error" doc:"The newest run that failed; null: none."`
	Lateness      *Lateness  `json:"lateness" doc:"How late what time led to was done; null: time led to nothing."`

	Workflows []WorkflowCounts `json:"workflows,omitempty" doc:"Of a mailbox: its workflows in their order, then deleted ones that ran."`
}

// RunCounts counts runs by what became of them.
type RunCounts struct {
	Done    int `json:"done"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped" doc:"The conditions held and it did not run: each run says why."`
	Limited int `json:"limited" doc:"Their mail might not go, and so none of their actions was done."`
	Refused int `json:"refused" doc:"Manual runs that could not be."`
	Asked   int `json:"asked" doc:"Manual runs that are still to come."`
}

// DayCount is one day.
type DayCount struct {
	Day   string    `json:"day" format:"date"`
	On    RunCounts `json:"on"`
	Watch RunCounts `json:"watch"`
}

// LastRun names a run.
type LastRun struct {
	RunID automation.RunID `json:"run_id"`
	At    time.Time        `json:"at"`
}

// LastError names a run that failed.
type LastError struct {
	LastRun
	WorkflowID     automation.DefinitionID `json:"workflow_id"`
	ConversationID conversation.ID         `json:"conversation_id"`
	Reason         string                  `json:"reason"`
}

// Lateness is from a due time to its run, in seconds.
type Lateness struct {
	Runs   int     `json:"runs"`
	Median float64 `json:"median_seconds"`
	P95    float64 `json:"p95_seconds" doc:"19 of 20 were not later."`
}

// WorkflowCounts are the sums of one workflow.
type WorkflowCounts struct {
	WorkflowID automation.DefinitionID `json:"workflow_id"`
	Name       string                  `json:"name"`
	Mode       automation.Mode         `json:"mode" enum:"off,watch,on"`
	On         RunCounts               `json:"on"`
	Watch      RunCounts               `json:"watch"`
	LastRunAt  *time.Time              `json:"last_run_at"`
}

func showCounts(o runs.Outcomes) RunCounts {
	return RunCounts{
		Done: o[automation.RunDone], Failed: o[automation.RunFailed], Skipped: o[automation.RunSkipped], Limited: o[automation.RunLimited],
		Refused: o[automation.RunRefused], Asked: o[automation.RunAsked],
	}
}

func showStatistics(s runs.Statistics) Statistics {
	out := Statistics{
		From: s.Days.From, To: s.Days.To, TimeZone: s.TimeZone, On: showCounts(s.On), Watch: showCounts(s.Watch),
		Days: make([]DayCount, len(s.ByDay)), Conversations: s.Conversations,
	}
	for i, d := range s.ByDay {
		out.Days[i] = DayCount{d.Day, showCounts(d.On), showCounts(d.Watch)}
	}
	if s.LastRunID != "" {
		out.LastRun = &LastRun{s.LastRunID, s.LastRunAt}
	}
	if s.LastErrorID != "" {
		out.LastError = &LastError{LastRun{s.LastErrorID, s.LastErrorAt}, s.LastErrorDefinition, s.LastErrorConversationID, s.LastErrorReason}
	}
	if s.Timed > 0 {
		out.Lateness = &Lateness{s.Timed, s.MedianLateness.Seconds(), s.P95Lateness.Seconds()}
	}
	for _, d := range s.ByDefinition {
		out.Workflows = append(out.Workflows, WorkflowCounts{d.ID, d.Name, d.Mode, showCounts(d.On), showCounts(d.Watch), orNull(d.LastRunAt)})
	}
	return out
}

type statistics struct{ store statisticsStore }

type statisticsInput struct {
	ByID
	From string `query:"from" format:"date" maxLength:"10" doc:"The first day, as 2026-11-01; 29 days before the last when missing."`
	To   string `query:"to" format:"date" maxLength:"10" doc:"The last day; today when missing. At most 92 days together."`
}

func (in statisticsInput) days() runs.Days { return runs.Days{From: in.From, To: in.To} }

func (h statistics) ofWorkflow(ctx context.Context, who access.Caller, in *statisticsInput) (Statistics, error) {
	s, err := h.store.DefinitionStatistics(ctx, who, automation.DefinitionID(in.ID), in.days())
	return showStatistics(s), err
}

func (h statistics) ofMailbox(ctx context.Context, who access.Caller, in *statisticsInput) (Statistics, error) {
	s, err := h.store.MailboxStatistics(ctx, who, conversation.MailboxID(in.ID), in.days())
	return showStatistics(s), err
}
