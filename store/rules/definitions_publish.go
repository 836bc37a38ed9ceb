package rules

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/check"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// PublishDefinition makes the draft an immutable version, with author and time,
// that is in force from now on. Publishing what is published already changes
// nothing and returns the definition as it is. Tags that it adds are made known.
//
// A conversation sees the new version at its next event. Where due times may come
// earlier by it, and the mode is not off, a rollout makes the due lists of the
// mailbox's conversations again.
//
// Errors: errs.NotFound, errs.Forbidden, errs.Invalid with the list of problems
// (the draft was good when it was written, but what it names may be gone; or a test of it fails),
// errs.Unavailable.
func (s *Store) PublishDefinition(ctx context.Context, who access.Caller, id automation.DefinitionID) (automation.Workflow, error) {
	return s.editDefinition(ctx, "store.PublishDefinition", who, id, func(e *DefinitionEdit, d automation.Workflow) error {
		return e.publish(ctx, s, d)
	})
}

// RestoreVersion makes an earlier version the draft and publishes it, as a new
// version: all or nothing.
//
// Errors: errs.NotFound (no such definition or version), errs.Forbidden,
// errs.Invalid with the list of problems, errs.Conflict (its name is taken by
// now), errs.Unavailable.
func (s *Store) RestoreVersion(ctx context.Context, who access.Caller, id automation.DefinitionID, number int) (automation.Workflow,
	error) {
	const op = "store.RestoreVersion"
	return s.editDefinition(ctx, op, who, id, func(e *DefinitionEdit, d automation.Workflow) error {
		v, err := tables.ReadVersion(ctx, e.Tx, op, id, number)
		if err != nil {
			return err
		}
		checked, err := e.mustCheck(ctx, v.Body)
		if err != nil {
			return err
		}
		if err := e.putDraft(ctx, d, checked.Draft); err != nil {
			return err
		}
		if d, err = tables.ReadDefinition(ctx, e.Tx, op, id); err != nil {
			return err
		}
		if err := e.audit(ctx, "restored", id, nil, map[string]any{"version": number}); err != nil {
			return err
		}
		return e.publish(ctx, s, d)
	})
}

// publish makes d's draft the version in force.
func (e *DefinitionEdit) publish(ctx context.Context, s *Store, d automation.Workflow) error {
	checked, err := e.mustCheck(ctx, d.Draft)
	if err != nil {
		return err
	}
	if !d.Changed {
		return nil
	}
	if err := e.mustPass(ctx, s, checked.Draft); err != nil {
		return err
	}
	body, err := tables.EncodeBody(checked.Draft)
	if err != nil {
		return err
	}
	var number int
	version := automation.VersionID(pg.NewID())
	if err := e.Tx.QueryRow(ctx, `
		WITH version AS (
			INSERT INTO versions (id, definition_id, number, body, author_id, created_at)
			VALUES ($1, $2, (SELECT coalesce(max(number), 0) + 1 FROM versions WHERE definition_id = $2), $3, $4, $5)
			RETURNING number
		)
		SELECT number FROM version`, version, d.ID, body, e.Actor.ID, e.Now).Scan(&number); err != nil {
		return err
	}
	if _, err := e.Tx.Exec(ctx, `UPDATE definitions SET version_id = $2, draft = $3, updated_at = $4 WHERE id = $1`,
		d.ID, version, body, e.Now); err != nil {
		return err
	}
	if err := e.addTags(ctx, checked.Draft); err != nil {
		return err
	}
	if err := e.mended(ctx, d); err != nil {
		return err
	}
	before := map[string]any{"version": d.Version, "mode": string(d.Mode)}
	after := map[string]any{"version": number, "mode": string(d.Mode)}
	if err := e.audit(ctx, "published", d.ID, before, after); err != nil {
		return err
	}
	if d.Mode == automation.ModeOff {
		return nil
	}
	var inForce *automation.Definition
	if d.Version > 0 {
		v, err := tables.ReadVersion(ctx, e.Tx, e.Op, d.ID, d.Version)
		if err != nil {
			return err
		}
		inForce = &v.Body
	}
	if !automation.MayBeDueEarlier(inForce, checked.Draft) {
		return nil
	}
	return e.rollOut(ctx, s, runs.Rollout{DefinitionID: d.ID, VersionID: version, Reason: runs.RolloutPublished})
}

// setMode switches the definition. Switching on or to watch needs a published
// version without problems.
func (e *DefinitionEdit) setMode(ctx context.Context, s *Store, d automation.Workflow, mode automation.Mode) error {
	if d.Mode == mode {
		return nil
	}
	if err := e.mended(ctx, d); err != nil {
		return err
	}
	var checked check.Report
	var inForce automation.VersionID
	if mode != automation.ModeOff {
		if d.Version == 0 {
			return errs.New(e.Op, errs.Conflict, "the workflow has no published version: publish it first")
		}
		v, err := tables.ReadVersion(ctx, e.Tx, e.Op, d.ID, d.Version)
		if err != nil {
			return err
		}
		inForce = v.ID
		if checked, err = e.mustCheck(ctx, v.Body); err != nil {
			return err
		}
		if err := e.mustPass(ctx, s, checked.Draft); err != nil {
			return err
		}
		if err := e.mustNotNameGone(ctx, d, v.Body); err != nil {
			return err
		}
	}
	if _, err := e.Tx.Exec(ctx, `
		UPDATE definitions SET mode = $2, off_reason = '', off_kind = '', off_id = '', updated_at = $3,
			switched_on_at = CASE WHEN $2 = 'on' THEN coalesce(switched_on_at, $3) ELSE switched_on_at END,
			switched_watch_at = CASE WHEN $2 = 'watch' THEN coalesce(switched_watch_at, $3) ELSE switched_watch_at END
		WHERE id = $1`, d.ID, mode, e.Now); err != nil {
		return err
	}
	before := map[string]any{"mode": string(d.Mode), "version": d.Version}
	after := map[string]any{"mode": string(mode), "version": d.Version}
	if err := e.audit(ctx, fmt.Sprintf("switched %s", mode), d.ID, before, after); err != nil {
		return err
	}
	if mode == automation.ModeOff || checked.Draft.Type != automation.TypeAutomatic {
		return nil
	}
	r := runs.Rollout{DefinitionID: d.ID, VersionID: inForce, Reason: runs.RolloutSwitched}
	switch first := firstSwitch(d, mode); {
	case first && checked.Draft.ApplyToEarlier:
		r.Consider = true
	case !checked.Program.HasDates():
		return nil
	case first:
		r.Since = e.Now.Add(-raceWindow)
	}
	return e.rollOut(ctx, s, r)
}

// raceWindow is for how long before a first switch conversations are looked at that
// began while it was under way; older ones are left alone.
const raceWindow = time.Minute

// firstSwitch reports whether the definition is in the mode for the first time:
// unless it applies to earlier ones, no older conversation concerns it.
func firstSwitch(d automation.Workflow, mode automation.Mode) bool {
	if mode == automation.ModeWatch {
		return d.SwitchedWatchAt.IsZero()
	}
	return d.SwitchedOnAt.IsZero()
}

// addTags makes the tags known that the definition adds.
func (e *DefinitionEdit) addTags(ctx context.Context, d automation.Definition) error {
	var names []string
	for _, a := range d.Actions {
		if a.Do != automation.DoAddTags {
			continue
		}
		for _, t := range a.Tags {
			if t = conversation.CleanTag(t); t != "" {
				names = append(names, t)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names) // all writers of tags lock them in this order
	_, err := e.Tx.Exec(ctx, `INSERT INTO tags (name, created_at) SELECT DISTINCT name, $2::timestamptz FROM unnest($1::text[]) name ORDER
		BY name
		ON CONFLICT DO NOTHING`, names, e.Now)
	return err
}

// mustNotNameGone refuses to switch a workflow on while the tag that it was
// switched off for is still gone. All else that it names, mustCheck looks for.
func (e *DefinitionEdit) mustNotNameGone(ctx context.Context, d automation.Workflow, body automation.Definition) error {
	g := engine.Gone{}
	var there bool
	err := e.Tx.QueryRow(ctx, `SELECT off_kind, off_id, off_kind <> $2 OR EXISTS (SELECT 1 FROM tags WHERE name = off_id)
		OR EXISTS (SELECT 1 FROM conversations WHERE tags @> ARRAY[off_id]) FROM definitions WHERE id = $1`, d.ID,
		automation.RefTag).Scan(&g.Kind, &g.ID, &there)
	if err != nil || there || !g.NamedBy(body) {
		return err
	}
	g.Name = g.ID
	return errs.New(e.Op, errs.Conflict, "the workflow cannot be switched on: "+g.Reason())
}
