package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// gone is something that workflows may name and that is there no more.
type gone struct {
	kind string // automation.RefUser, …
	id   string // of a tag or a webhook endpoint: its name
	name string
}

func (g gone) reason() string {
	if g.name == "" {
		return fmt.Sprintf("it names a %s that is gone", g.kind)
	}
	return fmt.Sprintf("it names the %s %q, which is gone", g.kind, g.name)
}

// namedBy tells whether what the definition does depends on it.
func (g gone) namedBy(d automation.Definition) bool {
	return slices.ContainsFunc(d.References(), func(r automation.Reference) bool {
		if r.Kind == automation.RefTag && g.kind == automation.RefTag {
			return conversation.CleanTag(r.ID) == conversation.CleanTag(g.id)
		}
		if r.Kind == automation.RefEndpoint && g.kind == automation.RefEndpoint {
			return conversation.EndpointKey(r.ID) == conversation.EndpointKey(g.id)
		}
		return r.Kind == g.kind && r.ID == g.id
	})
}

// switchOffNaming switches every workflow off whose published version names what
// is gone, in the transaction that removes it: each with its reason and an audit
// row. Admins are told of all by one mail.
func switchOffNaming(ctx context.Context, tx pgx.Tx, from author, now time.Time, g gone) error {
	rows, err := tx.Query(ctx, `SELECT f.id, f.mailbox_id, f.name, f.mode, v.number, v.body FROM definitions f JOIN versions v ON v.id = f.version_id
		WHERE f.mode <> 'off' AND f.deleted_at IS NULL ORDER BY f.id FOR NO KEY UPDATE OF f`)
	if err != nil {
		return err
	}
	var d automation.Workflow
	var body []byte
	var off []automation.Workflow
	if _, err := pgx.ForEachRow(rows, []any{&d.ID, &d.MailboxID, &d.Draft.Name, &d.Mode, &d.Version, &body}, func() error {
		// A version that this build cannot read names nothing.
		if decoded, err := decodeBody(body); err == nil && g.namedBy(decoded) {
			off = append(off, d)
		}
		return nil
	}); err != nil {
		return err
	}
	return switchOff(ctx, tx, from, now, g, off)
}

func switchOff(ctx context.Context, tx pgx.Tx, from author, now time.Time, g gone, off []automation.Workflow) error {
	if len(off) == 0 {
		return nil
	}
	names := make([]string, len(off))
	for i, d := range off {
		names[i] = fmt.Sprintf("  %s (PATCH /v1/workflows/%s)", d.Draft.Name, d.ID)
		if _, err := tx.Exec(ctx, `UPDATE definitions SET mode = 'off', off_reason = $2, off_kind = $3, off_id = $4, updated_at = $5 WHERE id = $1`,
			d.ID, g.reason(), g.kind, g.id, now); err != nil {
			return err
		}
		before := map[string]any{"mode": string(d.Mode), "version": d.Version}
		after := map[string]any{"mode": string(automation.ModeOff), "version": d.Version, "reason": g.reason()}
		if err := insertAudit(ctx, tx, auditEntry{now, from, "switched off", "workflow", string(d.ID), d.MailboxID, before, after}); err != nil {
			return err
		}
	}
	subject := fmt.Sprintf("The workflow %q is switched off", off[0].Draft.Name)
	if len(off) > 1 {
		subject = fmt.Sprintf("%d workflows are switched off", len(off))
	}
	return tellAdmins(ctx, tx, now, off[0].MailboxID, subject, "Switched off, since "+g.reason()+":", strings.Join(names, "\n"),
		"Change them, publish them, and switch them on again.")
}

// SwitchOff switches the workflow off because an action found gone what the
// definition names. A workflow that is off stays as it is.
func (c *Conversation) SwitchOff(ctx context.Context, id automation.DefinitionID, ref automation.Reference) error {
	const op = "store.SwitchOff"
	c.revision = ""
	rows, err := c.tx.Query(ctx, `SELECT f.id, f.mailbox_id, f.name, f.mode, v.number, coalesce((SELECT name FROM removed WHERE id = $2), '')
		FROM definitions f JOIN versions v ON v.id = f.version_id WHERE f.id = $1 AND f.mode <> 'off' FOR NO KEY UPDATE OF f`, id, ref.ID)
	if err != nil {
		return classify(op, err)
	}
	g := gone{kind: ref.Kind, id: ref.ID}
	var d automation.Workflow
	var off []automation.Workflow
	if _, err := pgx.ForEachRow(rows, []any{&d.ID, &d.MailboxID, &d.Draft.Name, &d.Mode, &d.Version, &g.name}, func() error {
		off = append(off, d)
		return nil
	}); err != nil {
		return classify(op, err)
	}
	return classify(op, switchOff(ctx, c.tx, author{}, c.now, g, off))
}

// mustNotNameGone refuses to switch a workflow on while the tag that it was
// switched off for is still gone. All else that it names, mustCheck looks for.
func (e *definitionEdit) mustNotNameGone(ctx context.Context, d automation.Workflow, body automation.Definition) error {
	g := gone{}
	var there bool
	err := e.tx.QueryRow(ctx, `SELECT off_kind, off_id, off_kind <> $2 OR EXISTS (SELECT 1 FROM tags WHERE name = off_id)
		OR EXISTS (SELECT 1 FROM conversations WHERE tags @> ARRAY[off_id]) FROM definitions WHERE id = $1`, d.ID, automation.RefTag).Scan(&g.kind, &g.id, &there)
	if err != nil || there || !g.namedBy(body) {
		return err
	}
	g.name = g.id
	return errs.New(e.op, errs.Conflict, "the workflow cannot be switched on: "+g.reason())
}

// keepName keeps what the removed thing was called.
func keepName(ctx context.Context, tx pgx.Tx, now time.Time, g gone) error {
	_, err := tx.Exec(ctx, `INSERT INTO removed (id, kind, name, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, at = excluded.at`, g.id, g.kind, g.name, now)
	return err
}
