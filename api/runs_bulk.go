package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

type askManyInput struct {
	ByID
	WaitInput
	Body struct {
		ConversationIDs []conversation.ID `json:"conversation_ids" minItems:"1" maxItems:"100" uniqueItems:"true"`
		Confirmed       bool              `json:"confirmed,omitempty" doc:"That you know what it sends or deletes on each of them."`
	}
}

// AskedRuns are in the order of the request.
type AskedRuns struct {
	Results []AskedRun `json:"results"`
}

// AskedRun is the run, or why there is none.
type AskedRun struct {
	ConversationID conversation.ID `json:"conversation_id"`
	Outcome        string          `json:"outcome" enum:"asked,refused,not_found" doc:"not_found: there is no such conversation, or it is not yours to see."`
	Run            *WorkflowRun    `json:"run" doc:"Null when it was refused."`
	Problem        *AskProblem     `json:"problem" doc:"Null when it was accepted."`
}

// AskProblem is why a run was refused, like the problem of a single request.
type AskProblem struct {
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// askMany reports whether all of the runs have ended by the time of the answer.
func (h runList) askMany(ctx context.Context, who access.Caller, in *askManyInput) (AskedRuns, bool, error) {
	limit, err := in.limit()
	if err != nil {
		return AskedRuns{}, false, err
	}
	list, err := h.store.AskRuns(ctx, who, in.Body.ConversationIDs,
		automation.Ask{DefinitionID: automation.DefinitionID(in.ID), Confirmed: in.Body.Confirmed})
	if err != nil {
		return AskedRuns{}, false, err
	}
	ended := h.wait(ctx, list, limit)
	out := AskedRuns{Results: make([]AskedRun, len(list))}
	for i, a := range list {
		out.Results[i] = showAsked(ctx, a)
	}
	return out, ended, nil
}

func showAsked(ctx context.Context, a runs.Asked) AskedRun {
	out := AskedRun{ConversationID: a.ConversationID, Outcome: outcomeOf(a.Err), Problem: showAskProblem(ctx, a.Err)}
	if a.Err == nil {
		r := showRun(a.Run)
		out.Run = &r
	}
	return out
}

// outcomeOf says in one word what came of asking for one of several
// conversations.
func outcomeOf(err error) string {
	switch {
	case err == nil:
		return "asked"
	case errs.Is(err, errs.NotFound):
		return "not_found"
	default:
		return "refused"
	}
}

// showAskProblem shows why one of several was refused, nil when it was not.
func showAskProblem(ctx context.Context, err error) *AskProblem {
	if err == nil {
		return nil
	}
	var p *problem
	if errors.As(refuse(ctx, err), &p) {
		return &AskProblem{p.Status, p.Detail}
	}
	return &AskProblem{Status: http.StatusInternalServerError, Detail: errs.Message(err)}
}

// unconfirmed is the answer to a run that must be confirmed: a conflict of a type
// of its own, which lists what would be sent or deleted.
func unconfirmed(err error) *problem {
	p := problemFor(http.StatusConflict, errs.Message(err))
	p.Type = "urn:smarticks:problem:unconfirmed"
	var list []mistake
	for _, would := range errs.Problems(err) {
		list = append(list, mistake{would.Path, would.Message})
	}
	return p.with(list)
}
