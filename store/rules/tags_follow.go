package rules

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// namingTag is a workflow that may name a tag: its draft, and what is in force.
type namingTag struct {
	d       automation.Workflow
	draft   []byte
	inForce []byte // nil: nothing is published
	newest  int    // number of a version
}

// FollowTag has all workflows name the tag by its other name: those in force by a new
// version, drafts where they stand. It comes before conversations change their tags,
// so that a workflow about what lacks the tag does not take them for such. A version
// that this build cannot read stays as it is.
func FollowTag(ctx context.Context, tx pgx.Tx, who access.Caller, name, to string, now time.Time) error {
	// Whoever changes the definitions of a mailbox holds its row.
	if _, err := tx.Exec(ctx, `SELECT 1 FROM mailboxes ORDER BY id FOR NO KEY UPDATE`); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `
		SELECT f.id, f.mailbox_id, f.mode, coalesce(v.number, 0), f.draft, v.body, coalesce((SELECT max(number) FROM versions WHERE
		definition_id = f.id), 0)
		FROM definitions f LEFT JOIN versions v ON v.id = f.version_id WHERE f.deleted_at IS NULL ORDER BY f.id`)
	if err != nil {
		return err
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (n namingTag, err error) {
		return n, row.Scan(&n.d.ID, &n.d.MailboxID, &n.d.Mode, &n.d.Version, &n.draft, &n.inForce, &n.newest)
	})
	if err != nil {
		return err
	}
	for _, n := range all {
		if err := n.follow(ctx, tx, who, name, to, now); err != nil {
			return err
		}
	}
	return nil
}

// retagged returns a stored definition with the tag renamed; nil when it does not
// name it.
func retagged(body []byte, name, to string) []byte {
	if body == nil {
		return nil
	}
	d, err := tables.DecodeBody(body)
	if err != nil {
		return nil
	}
	renamed, changed := d.RenameTag(name, to)
	if !changed {
		return nil
	}
	encoded, err := tables.EncodeBody(renamed)
	if err != nil {
		return nil
	}
	return encoded
}

func (n namingTag) follow(ctx context.Context, tx pgx.Tx, who access.Caller, name, to string, now time.Time) error {
	draft, inForce := retagged(n.draft, name, to), retagged(n.inForce, name, to)
	if draft != nil {
		if _, err := tx.Exec(ctx, `UPDATE definitions SET draft = $2, updated_at = $3 WHERE id = $1`, n.d.ID, draft, now); err != nil {
			return err
		}
	}
	reason := "the tag \"" + name + "\" is called \"" + to + "\" now"
	before, after := map[string]any{"mode": string(n.d.Mode)}, map[string]any{"mode": string(n.d.Mode), "reason": reason}
	verb := "changed"
	switch {
	case inForce != nil:
		verb = "published"
		before["version"], after["version"] = n.d.Version, n.newest+1
		version := automation.VersionID(pg.NewID())
		if _, err := tx.Exec(ctx, `INSERT INTO versions (id, definition_id, number, body, author_id,
			created_at) VALUES (@id, @definition_id, @number, @body, @author_id, @created_at)`, pgx.NamedArgs{
			"id":            version,
			"definition_id": n.d.ID,
			"number":        n.newest + 1,
			"body":          inForce,
			"author_id":     who.Actor().ID,
			"created_at":    now,
		}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE definitions SET version_id = $2, updated_at = $3 WHERE id = $1`, n.d.ID, version, now); err != nil {
			return err
		}
	case draft == nil:
		return nil
	}
	return pg.InsertAudit(ctx, tx, pg.AuditEntry{
		At:         now,
		By:         pg.By(who),
		Verb:       verb,
		ObjectKind: "workflow",
		ObjectID:   string(n.d.ID),
		Mailbox:    n.d.MailboxID,
		Before:     before,
		After:      after,
	})
}
