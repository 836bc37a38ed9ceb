package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/notice"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Gone is something that workflows may name and that is no longer there.
type Gone struct {
	Kind string // automation.RefUser, …
	ID   string // of a tag or a webhook endpoint: its name
	Name string
}

// Reason says in words what is gone, as the workflow that is switched off shows it.
func (g Gone) Reason() string {
	if g.Name == "" {
		return fmt.Sprintf("it names a %s that is gone", g.Kind)
	}
	return fmt.Sprintf("it names the %s %q, which is gone", g.Kind, g.Name)
}

// NamedBy reports whether what the definition does depends on it.
func (g Gone) NamedBy(d automation.Definition) bool {
	return slices.ContainsFunc(d.References(), func(r automation.Reference) bool {
		if r.Kind == automation.RefTag && g.Kind == automation.RefTag {
			return conversation.CleanTag(r.ID) == conversation.CleanTag(g.ID)
		}
		if r.Kind == automation.RefEndpoint && g.Kind == automation.RefEndpoint {
			return conversation.EndpointKey(r.ID) == conversation.EndpointKey(g.ID)
		}
		return r.Kind == g.Kind && r.ID == g.ID
	})
}

// SwitchOffNaming switches every workflow off whose published version names what
// is gone, in the transaction that removes it: each with its reason and an audit
// row. Admins are told of all by one mail.
func SwitchOffNaming(ctx context.Context, tx pgx.Tx, from pg.Author, now time.Time, g Gone) error {
	rows, err := tx.Query(ctx, `SELECT f.id, f.mailbox_id, f.name, f.mode, v.number, v.body FROM definitions f JOIN versions v ON v.id =
		f.version_id
		WHERE f.mode <> 'off' AND f.deleted_at IS NULL ORDER BY f.id FOR NO KEY UPDATE OF f`)
	if err != nil {
		return err
	}
	var d automation.Workflow
	var body []byte
	var off []automation.Workflow
	if _, err := pgx.ForEachRow(rows, []any{&d.ID, &d.MailboxID, &d.Draft.Name, &d.Mode, &d.Version, &body}, func() error {
		// A version that this build cannot read names nothing.
		if decoded, err := tables.DecodeBody(body); err == nil && g.NamedBy(decoded) {
			off = append(off, d)
		}
		return nil
	}); err != nil {
		return err
	}
	return switchOff(ctx, tx, from, now, g, off)
}

func switchOff(ctx context.Context, tx pgx.Tx, from pg.Author, now time.Time, g Gone, off []automation.Workflow) error {
	if len(off) == 0 {
		return nil
	}
	for _, d := range off {
		if _, err := tx.Exec(ctx, `UPDATE definitions SET mode = 'off', off_reason = $2, off_kind = $3, off_id = $4, updated_at = $5 WHERE id =
			$1`,
			d.ID, g.Reason(), g.Kind, g.ID, now); err != nil {
			return err
		}
		before := map[string]any{"mode": string(d.Mode), "version": d.Version}
		after := map[string]any{"mode": string(automation.ModeOff), "version": d.Version, "reason": g.Reason()}
		if err := pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         from,
			Verb:       "switched off",
			ObjectKind: "workflow",
			ObjectID:   string(d.ID),
			Mailbox:    d.MailboxID,
			Before:     before,
			After:      after,
		}); err != nil {
			return err
		}
	}
	subject, text := notice.SwitchedOff(g.Reason(), off)
	return tellAdmins(ctx, tx, now, off[0].MailboxID, subject, text)
}

// SwitchOff switches the workflow off because an action found gone what the
// definition names. A workflow that is off stays as it is.
func (c *Conversation) SwitchOff(ctx context.Context, id automation.DefinitionID, ref automation.Reference) error {
	const op = "store.SwitchOff"
	c.revision = ""
	rows, err := c.Tx.Query(ctx, `SELECT f.id, f.mailbox_id, f.name, f.mode, v.number, coalesce((SELECT name FROM removed WHERE id = $2), '')
		FROM definitions f JOIN versions v ON v.id = f.version_id WHERE f.id = $1 AND f.mode <> 'off' FOR NO KEY UPDATE OF f`, id, ref.ID)
	if err != nil {
		return pg.Classify(op, err)
	}
	g := Gone{Kind: ref.Kind, ID: ref.ID}
	var d automation.Workflow
	var off []automation.Workflow
	if _, err := pgx.ForEachRow(rows, []any{&d.ID, &d.MailboxID, &d.Draft.Name, &d.Mode, &d.Version, &g.Name}, func() error {
		off = append(off, d)
		return nil
	}); err != nil {
		return pg.Classify(op, err)
	}
	return pg.Classify(op, switchOff(ctx, c.Tx, pg.Author{}, c.now, g, off))
}

// KeepName keeps what the removed thing was called.
func KeepName(ctx context.Context, tx pgx.Tx, now time.Time, g Gone) error {
	_, err := tx.Exec(ctx, `INSERT INTO removed (id, kind, name, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, at = excluded.at`, g.ID, g.Kind, g.Name, now)
	return err
}
