package api

import (
	"context"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
)

type diffInput struct {
	ByID
	N       string `path:"n" doc:"The version's number."`
	Against string `query:"against" default:"draft" doc:"What it is compared with: draft, or the number of another version." example:"2"`
}

// VersionDiff says in what a version differs from another or from the draft.
type VersionDiff struct {
	WorkflowID automation.DefinitionID `json:"workflow_id"`
	Version    int                     `json:"version"`
	Against    string                  `json:"against"`
	Changes    []VersionChange         `json:"changes" doc:"From the version to what it is compared with; empty when they say the same."`
}

// VersionChange is one thing that differs.
type VersionChange struct {
	Path   string `json:"path" example:"conditions[0].any[0].value"`
	Before string `json:"before" doc:"What the version has there, as JSON; empty: nothing."`
	After  string `json:"after" doc:"What the other has there, as JSON; empty: nothing."`
}

func (h workflows) diff(ctx context.Context, who access.Caller, in *diffInput) (VersionDiff, error) {
	n, err := plainVersion(in.N)
	if err != nil {
		return VersionDiff{}, err
	}
	id := automation.DefinitionID(in.ID)
	v, err := h.store.PublishedVersion(ctx, who, id, n)
	if err != nil {
		return VersionDiff{}, err
	}
	var other automation.Definition
	if in.Against == "draft" {
		record, err := h.store.Definition(ctx, who, id)
		if err != nil {
			return VersionDiff{}, err
		}
		other = record.Draft
	} else {
		m, err := plainVersion(in.Against)
		if err != nil {
			return VersionDiff{}, invalid("query.against", "this must be draft, or the number of a version")
		}
		against, err := h.store.PublishedVersion(ctx, who, id, m)
		if err != nil {
			return VersionDiff{}, err
		}
		other = against.Body
	}
	out := VersionDiff{WorkflowID: id, Version: n, Against: in.Against, Changes: []VersionChange{}}
	for _, d := range automation.Diff(v.Body, other) {
		out.Changes = append(out.Changes, VersionChange(d))
	}
	return out, nil
}
