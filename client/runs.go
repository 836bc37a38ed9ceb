package client

import (
	"context"
	"iter"
	"net/url"
	"time"
)

// Run is one use of one version of a workflow on one conversation.
type Run struct {
	ID             string      `json:"id"`
	ConversationID string      `json:"conversation_id"`
	WorkflowID     string      `json:"workflow_id"`
	WorkflowName   string      `json:"workflow_name"`
	Version        int         `json:"version"`
	Mode           string      `json:"mode"`
	Trigger        string      `json:"trigger"` // event, time, manual, consider
	State          string      `json:"state"`   // asked, done, failed, refused, skipped, limited
	Reason         string      `json:"reason"`
	Seq            int64       `json:"seq"`
	Holds          string      `json:"holds"` // true, false, unknown
	Explanation    []Group     `json:"explanation"`
	Actions        []RunAction `json:"actions"`
	CreatedAt      time.Time   `json:"created_at"`
}

// Group is a group of conditions, of which one must hold.
type Group struct {
	Holds string `json:"holds"` // true, false, unknown
	Rows  []Row  `json:"rows"`
}

// Row is one condition and what was looked at.
type Row struct {
	Holds string `json:"holds"`
	Words string `json:"words"` // all of it in one sentence
}

// RunAction is what became of one action.
type RunAction struct {
	Do    string `json:"do"`
	State string `json:"state"`
	Words string `json:"words"` // all of it in one sentence
}

// ConversationRuns lists the runs on a conversation, the newest first.
func (c *Client) ConversationRuns(ctx context.Context, conversation string) iter.Seq2[Run, error] {
	return List[Run](ctx, c, "/v1/conversations/"+url.PathEscape(conversation)+"/runs", nil)
}

// WorkflowRuns lists the runs of a workflow, the newest first.
func (c *Client) WorkflowRuns(ctx context.Context, workflow string) iter.Seq2[Run, error] {
	return List[Run](ctx, c, "/v1/workflows/"+url.PathEscape(workflow)+"/runs", nil)
}

// Run returns one run.
func (c *Client) Run(ctx context.Context, id string) (Run, error) {
	var r Run
	err := c.get(ctx, "/v1/runs/"+url.PathEscape(id), nil, &r)
	return r, err
}

// Explanation says why a workflow ran on a conversation, or why it did not.
type Explanation struct {
	ConversationID string     `json:"conversation_id"`
	WorkflowID     string     `json:"workflow_id"`
	WorkflowName   string     `json:"workflow_name"`
	Mode           string     `json:"mode"`
	Version        int        `json:"version"`
	Answer         string     `json:"answer"` // the whole in plain words
	Findings       []Finding  `json:"findings"`
	Holds          string     `json:"holds"`
	Explanation    []Group    `json:"explanation"`
	NextDue        *time.Time `json:"next_due"` // nil: it is not due
}

// Finding is one thing that stands in the way of a workflow.
type Finding struct {
	Obstacle string `json:"obstacle"`
	Sentence string `json:"sentence"`
	Blocks   bool   `json:"blocks"` // false: it would run, but send no mail
}

// Explain asks why a workflow ran on a conversation, or why not.
func (c *Client) Explain(ctx context.Context, conversation, workflow string) (Explanation, error) {
	var x Explanation
	err := c.get(ctx, "/v1/conversations/"+url.PathEscape(conversation)+"/explain", url.Values{"workflow_id": {workflow}}, &x)
	return x, err
}
