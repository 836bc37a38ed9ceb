package store

import (
	"encoding/json"

	"github.com/smarticks/smarticks/conversation"
)

// limitsRow is how the limits are kept, and how callers write them.
type limitsRow struct {
	WorkflowHere int `json:"runs_per_workflow_and_conversation"`
	Here         int `json:"runs_per_conversation"`
	Workflow     int `json:"runs_per_workflow"`
}

// decodeLimits reads the limits; what was never set has its default.
func decodeLimits(raw []byte) (conversation.Limits, error) {
	var row limitsRow
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &row); err != nil {
			return conversation.DefaultLimits, err
		}
	}
	return conversation.Limits(row).OrDefault(), nil
}

// limits takes over what change names.
func (p *problems) limits(change, before conversation.Limits) conversation.Limits {
	one := func(path string, to, was int) int {
		switch {
		case to == 0:
			return was
		case to < 0 || to > conversation.MaxLimit:
			p.add(path, "this must be a whole number from 1 to 1,000,000")
		}
		return to
	}
	return conversation.Limits{
		WorkflowHere: one("runs_per_workflow_and_conversation", change.WorkflowHere, before.WorkflowHere),
		Here:         one("runs_per_conversation", change.Here, before.Here),
		Workflow:     one("runs_per_workflow", change.Workflow, before.Workflow),
	}
}
