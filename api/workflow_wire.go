package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// Workflow is a workflow as callers see it: the draft, in the keys in which it is
// written, and what surrounds it.
type Workflow struct {
	ID                    automation.DefinitionID `json:"id"`
	MailboxID             conversation.MailboxID  `json:"mailbox_id"`
	Position              int                     `json:"position" doc:"Place in the mailbox's order, from 1."`
	Mode                  automation.Mode         `json:"mode" enum:"off,watch,on"`
	Version               int                     `json:"version" doc:"Number of the published version; 0 when there is none."`
	HasUnpublishedChanges bool                    `json:"has_unpublished_changes" doc:"The draft is not what is published."`
	SwitchedOnAt          *time.Time              `json:"switched_on_at" doc:"When it was first switched on."`
	SwitchedWatchAt       *time.Time              `json:"switched_watch_at" doc:"When it was first switched to watch."`
	OffReason             string                  `json:"off_reason,omitempty" doc:"Why it was switched off by itself."`
	PausedAt              *time.Time              `json:"paused_at" doc:"Since when it is paused everywhere, because it ran more often than it may; null: it is not."`
	PausedReason          string                  `json:"paused_reason,omitempty"`
	CreatedAt             time.Time               `json:"created_at"`
	UpdatedAt             time.Time               `json:"updated_at"`
	WorkflowKeys
	Sentences []string          `json:"sentences" doc:"The whole in words."`
	Warnings  []WorkflowWarning `json:"warnings,omitempty" doc:"What the checks have to say after a change."`
	revision  int64
}

func (w Workflow) entity() (int64, any) {
	w.Warnings = nil
	return w.revision, w
}

// WorkflowKeys are the keys in which a workflow is written.
type WorkflowKeys struct {
	Name           string          `json:"name"`
	Type           automation.Type `json:"type" enum:"automatic,manual"`
	MaxRuns        int             `json:"max_runs"`
	RepliesPerHour int             `json:"replies_per_hour"`
	TooLateAfter   string          `json:"too_late_after" doc:"By how much a due time may be missed and still lead to a run; empty: it is never too late."`
	ApplyToEarlier bool            `json:"apply_to_earlier"`
	Confirm        *bool           `json:"confirm" doc:"Whether who runs a manual workflow must confirm it; null: when it emails the customer, forwards or deletes."`
	Notes          string          `json:"notes"`
	Conditions     groupList       `json:"conditions"`
	Actions        actionList      `json:"actions"`
	Tests          testList        `json:"tests" doc:"Examples that it must live up to when it is published."`
}

// groupList, actionList and testList are written as automation.Encode writes them.
type (
	groupList  []any
	actionList []any
	testList   []any
)

func showKeys(d automation.Definition) WorkflowKeys {
	tree := automation.Encode(d)
	conditions, _ := tree["conditions"].([]any)
	actions, _ := tree["actions"].([]any)
	tests, _ := tree["tests"].([]any)
	late, _ := tree["too_late_after"].(string)
	return WorkflowKeys{
		TooLateAfter: late,
		Name:         d.Name, Type: d.Type, MaxRuns: d.MaxRuns, RepliesPerHour: max(d.RepliesPerHour, automation.DefaultReplies),
		ApplyToEarlier: d.ApplyToEarlier, Confirm: d.Confirm, Notes: d.Notes,
		Conditions: conditions, Actions: actions, Tests: tests,
	}
}

func showWorkflow(d automation.Workflow) Workflow {
	return Workflow{
		ID: d.ID, MailboxID: d.MailboxID, Position: d.Position, Mode: d.Mode, Version: d.Version, HasUnpublishedChanges: d.Changed,
		SwitchedOnAt: orNull(d.SwitchedOnAt), SwitchedWatchAt: orNull(d.SwitchedWatchAt), OffReason: d.OffReason,
		PausedAt: orNull(d.PausedAt), PausedReason: d.PausedReason,
		CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt, WorkflowKeys: showKeys(d.Draft), Sentences: d.Draft.Sentences(d.Names),
		revision: d.Revision,
	}
}

// WorkflowVersion is a published version.
type WorkflowVersion struct {
	ID         automation.VersionID    `json:"id"`
	WorkflowID automation.DefinitionID `json:"workflow_id"`
	Version    int                     `json:"version"`
	AuthorID   string                  `json:"author_id" doc:"The user who published it."`
	CreatedAt  time.Time               `json:"created_at"`
	WorkflowKeys
	Sentences []string `json:"sentences"`
}

func showVersion(v automation.Published) WorkflowVersion {
	return WorkflowVersion{
		ID: v.ID, WorkflowID: v.DefinitionID, Version: v.Number, AuthorID: v.AuthorID, CreatedAt: v.CreatedAt,
		WorkflowKeys: showKeys(v.Body), Sentences: v.Body.Sentences(v.Names),
	}
}

// written is a workflow as its author wrote it, read as a tree: what is wrong
// with it is for package automation to say.
type written struct{ Tree any }

// UnmarshalJSON takes any JSON value.
func (w *written) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &w.Tree) }

// decode reads the workflow and the mode beside it. Problems come as one error
// that lists them all.
func (w written) decode() (automation.Definition, automation.Mode, error) {
	d, bad := automation.Decode(w.Tree, "mode")
	mode, wrong := w.mode()
	if bad = append(wrong, bad...); len(bad) > 0 {
		_, compiled := automation.Compile(d)
		return d, mode, errs.Bad("api.decode", "the workflow has problems",
			automation.Problems(bad, append(compiled, automation.CheckTests(d)...)))
	}
	return d, mode, nil
}

func (w written) mode() (automation.Mode, []errs.Problem) {
	tree, _ := w.Tree.(map[string]any)
	value, there := tree["mode"]
	if !there {
		return "", nil
	}
	word, _ := value.(string)
	mode := automation.Mode(word)
	if !slices.Contains(modes, mode) {
		return "", []errs.Problem{{Path: "mode", Message: "the mode is one of off, watch and on, in quotes"}}
	}
	return mode, nil
}

var modes = []automation.Mode{automation.ModeOff, automation.ModeWatch, automation.ModeOn}

// The structs below are for the OpenAPI document only.

type workflowDoc struct {
	Name           string     `json:"name" doc:"Unique in its mailbox; 1 to 75 characters." example:"Refund requests"`
	Type           string     `json:"type" enum:"automatic,manual" doc:"automatic: on events and on time. manual: run by an agent; conditions are not looked at."`
	Mode           string     `json:"mode,omitempty" enum:"off,watch,on" doc:"Only when it is made; later by PATCH. watch decides and records, and does nothing."`
	MaxRuns        int        `json:"max_runs,omitempty" minimum:"1" maximum:"1000" default:"1" doc:"Runs per conversation."`
	RepliesPerHour int        `json:"replies_per_hour,omitempty" minimum:"1" maximum:"60" default:"1" doc:"Runs within an hour that may write to one customer."`
	TooLateAfter   string     `json:"too_late_after,omitempty" example:"1h" doc:"By how much a due time may be missed and still lead to a run; left out: it is never too late."`
	ApplyToEarlier bool       `json:"apply_to_earlier,omitempty" doc:"Also look at conversations created before it was first switched on."`
	Confirm        *bool      `json:"confirm,omitempty" doc:"Manual workflows: whether who runs it must confirm it; left out: when it emails the customer, forwards or deletes."`
	Notes          string     `json:"notes,omitempty"`
	Conditions     groupList  `json:"conditions,omitempty"`
	Actions        actionList `json:"actions"`
	Tests          testList   `json:"tests,omitempty"`
}

// WorkflowGroup holds when any of its conditions holds.
type WorkflowGroup struct {
	Any []WorkflowCondition `json:"any" minItems:"1"`
}

// WorkflowCondition and WorkflowAction stand in the document for what package automation
// reads: their schemas are made of its tables.
type (
	WorkflowCondition struct{}
	WorkflowAction    struct{}
)

// TransformSchema describes a condition.
func (WorkflowCondition) TransformSchema(huma.Registry, *huma.Schema) *huma.Schema {
	return &huma.Schema{Extensions: automation.ConditionSchema(),
		Examples: []any{map[string]any{"field": "subject", "op": "contains", "value": "refund"}}}
}

// TransformSchema describes an action.
func (WorkflowAction) TransformSchema(huma.Registry, *huma.Schema) *huma.Schema {
	return &huma.Schema{Extensions: automation.ActionSchema(), Examples: []any{map[string]any{"do": "add_tags", "tags": []any{"refund"}}}}
}

// withoutCases takes out of the document which keys go with which field or action: readers
// of OpenAPI 3.0 know no if and then.
func withoutCases(schemas huma.Registry) {
	for _, s := range schemas.Map() {
		delete(s.Extensions, "allOf")
	}
}

// Schema describes the groups.
func (groupList) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: r.Schema(reflect.TypeFor[WorkflowGroup](), true, ""),
		Description: "All must hold. An automatic workflow needs at least one."}
}

// Schema describes the actions.
func (actionList) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: r.Schema(reflect.TypeFor[WorkflowAction](), true, ""), Description: "Done in this order."}
}

// Schema describes a workflow as it is written. The type stands among the
// extensions, where huma shows it and does not check by it: package automation
// reports everything that is wrong at once, with better words.
func (written) Schema(r huma.Registry) *huma.Schema {
	doc := *huma.SchemaFromType(r, reflect.TypeFor[workflowDoc]())
	doc.Type = ""
	doc.Extensions = map[string]any{"type": huma.TypeObject}
	return &doc
}

// plainVersion reads the number of a version from a path.
func plainVersion(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(n) != text {
		return 0, errs.New("api.version", errs.NotFound, "there is no such version")
	}
	return n, nil
}
