package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// Forecaster says what will happen to a conversation if nobody acts.
type Forecaster interface {
	Forecast(ctx context.Context, who access.Caller, id conversation.ID, horizon time.Duration, limit int) (runs.Forecast, error)
}

// maxHorizon is how far a forecast may look.
const maxHorizon = 366 * 24 * time.Hour

type forecasting struct{ forecaster Forecaster }

type forecastInput struct {
	ByID
	Horizon string `query:"horizon" default:"30d" doc:"How far to look: at most 366d." example:"7d"`
	Limit   int    `query:"limit" minimum:"1" maximum:"50" default:"20" doc:"At how many instants to end."`
}

// Forecast is what will happen to a conversation if nobody acts.
type Forecast struct {
	ConversationID conversation.ID `json:"conversation_id"`
	Now            time.Time       `json:"now" doc:"When it was made."`
	Until          time.Time       `json:"until" doc:"How far it looks."`
	PendingEvents  int             `json:"pending_events" doc:"Events that are not handled yet; what they lead to comes first."`
	Items          []ForecastItem  `json:"items" doc:"What comes, in the order of time."`
	More           bool            `json:"more" doc:"There is more to come before until."`
}

// ForecastItem is one thing that will happen.
type ForecastItem struct {
	At          time.Time               `json:"at"`
	What        string                  `json:"what" enum:"run,skip,wake" doc:"A workflow runs or is skipped, or the snooze ends."`
	WorkflowID  automation.DefinitionID `json:"workflow_id,omitempty"`
	Workflow    string                  `json:"workflow,omitempty" doc:"Its name."`
	Version     int                     `json:"version,omitempty"`
	Mode        automation.Mode         `json:"mode,omitempty" enum:"watch,on"`
	Trigger     automation.Trigger      `json:"trigger,omitempty" doc:"time: its time comes. event: what an earlier one does leads to it."`
	DueAt       *time.Time              `json:"due_at,omitempty"`
	Spread      string                  `json:"spread,omitempty" doc:"By how much it is moved later, because many conversations share its instant."`
	Sentence    string                  `json:"sentence" doc:"The whole in words."`
	Reason      string                  `json:"reason,omitempty" doc:"Why it is skipped, or fails."`
	Explanation []ExplainedGroup        `json:"explanation,omitempty" doc:"What the conditions will say then."`
	Actions     []ForecastAction        `json:"actions,omitempty"`
}

// ForecastAction is what will become of an action.
type ForecastAction struct {
	Do       string                 `json:"do"`
	Sentence string                 `json:"sentence"`
	State    automation.ActionState `json:"state" doc:"What it will come to."`
	Reason   string                 `json:"reason,omitempty"`
}

func (h forecasting) forecast(ctx context.Context, who access.Caller, in *forecastInput) (Forecast, error) {
	horizon, problem := automation.ParseDuration(in.Horizon)
	if problem == "" && horizon > maxHorizon {
		problem = "a forecast looks 366d ahead at most"
	}
	if problem != "" {
		return Forecast{}, errs.Bad("api.forecast", "the horizon is wrong", []errs.Problem{{Path: "query.horizon", Message: problem}})
	}
	f, err := h.forecaster.Forecast(ctx, who, conversation.ID(in.ID), horizon, in.Limit)
	if err != nil {
		return Forecast{}, err
	}
	out := Forecast{ConversationID: conversation.ID(in.ID), Now: f.Now, Until: f.Until, PendingEvents: f.Pending, Items: []ForecastItem{},
		More: f.More}
	for _, c := range f.Coming {
		if c.Wakes {
			out.Items = append(out.Items, ForecastItem{At: c.At, What: "wake", Sentence: "the snooze ends: the conversation becomes active"})
		}
		for _, r := range c.Runs {
			out.Items = append(out.Items, showComing(c, r))
		}
	}
	return out, nil
}

func showComing(c runs.Coming, r runs.Run) ForecastItem {
	item := ForecastItem{
		At: c.At, What: "run", WorkflowID: r.DefinitionID, Workflow: r.Name, Version: r.VersionNumber, Mode: r.Mode, Trigger: r.Trigger,
		DueAt: orNull(r.DueAt), Reason: r.Reason, Explanation: showVerdict(r.Verdict), Sentence: runs.ComingSentence(r),
	}
	if c.Due.Spread > 0 && c.Due.DefinitionID == r.DefinitionID {
		item.Spread = c.Due.Spread.String()
	}
	if r.State == automation.RunSkipped || r.State == automation.RunLimited {
		item.What, item.Explanation = "skip", nil
	}
	for _, a := range r.Actions {
		item.Actions = append(item.Actions, ForecastAction{Do: a.Do, Sentence: a.Sentence, State: a.State, Reason: a.Reason})
	}
	return item
}
