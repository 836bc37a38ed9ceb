package client

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"time"
)

// Workflow is a workflow: its draft and what surrounds it.
type Workflow struct {
	ID                    string     `json:"id"`
	MailboxID             string     `json:"mailbox_id"`
	Position              int        `json:"position"` // from 1
	Mode                  string     `json:"mode"`     // off, watch, on
	Version               int        `json:"version"`  // 0: nothing is published
	HasUnpublishedChanges bool       `json:"has_unpublished_changes"`
	OffReason             string     `json:"off_reason"`
	PausedAt              *time.Time `json:"paused_at"` // nil: it is not paused
	PausedReason          string     `json:"paused_reason"`
	Name                  string     `json:"name"`
	Type                  string     `json:"type"` // automatic, manual
	Sentences             []string   `json:"sentences"`
	UpdatedAt             time.Time  `json:"updated_at"`
}

// Workflows lists a mailbox's workflows in their order.
func (c *Client) Workflows(ctx context.Context, mailbox string) iter.Seq2[Workflow, error] {
	return List[Workflow](ctx, c, "/v1/mailboxes/"+url.PathEscape(mailbox)+"/workflows", nil)
}

// Workflow returns one workflow.
func (c *Client) Workflow(ctx context.Context, id string) (Workflow, error) {
	var w Workflow
	err := c.get(ctx, "/v1/workflows/"+url.PathEscape(id), nil, &w)
	return w, err
}

// CreateWorkflow makes a workflow of the keys in which it is written.
func (c *Client) CreateWorkflow(ctx context.Context, mailbox string, keys map[string]any) (Workflow, error) {
	var w Workflow
	err := c.post(ctx, "/v1/mailboxes/"+url.PathEscape(mailbox)+"/workflows", keys, &w)
	return w, err
}

// Version is what was published once.
type Version struct {
	ID         string    `json:"id"`
	WorkflowID string    `json:"workflow_id"`
	Version    int       `json:"version"`
	AuthorID   string    `json:"author_id"`
	CreatedAt  time.Time `json:"created_at"`
	Name       string    `json:"name"`
	Sentences  []string  `json:"sentences"`
}

// Versions lists a workflow's versions, the newest first.
func (c *Client) Versions(ctx context.Context, workflow string) iter.Seq2[Version, error] {
	return List[Version](ctx, c, "/v1/workflows/"+url.PathEscape(workflow)+"/versions", nil)
}

// Version returns one version of a workflow.
func (c *Client) Version(ctx context.Context, workflow string, number int) (Version, error) {
	var v Version
	err := c.get(ctx, fmt.Sprintf("/v1/workflows/%s/versions/%d", url.PathEscape(workflow), number), nil, &v)
	return v, err
}

// unrepeated is post without an Idempotency-Key.
func (c *Client) unrepeated(ctx context.Context, path string, body, into any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.send(ctx, request{method: "POST", path: path, body: encoded}, into)
}
