package engine

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Versions reads the workflows of a mailbox that are not off, in their order. The list
// must not be changed: as long as the mailbox's workflows have the same revision, which
// is read under the lock, all share the one that is remembered. One that this build
// cannot read has no conditions and no actions, and so does not compile: it costs only
// itself.
func (c *Conversation) Versions(ctx context.Context, mailbox conversation.MailboxID) ([]automation.Version, error) {
	const op = "store.Versions"
	have := c.store.versions.get(mailbox)
	if c.revision != "" && c.revisionOf == mailbox && c.revision == have.revision {
		return have.versions, nil
	}
	bodies := have.bodies()
	known := make([]string, 0, len(bodies))
	for id := range bodies {
		known = append(known, string(id))
	}
	// The revision is of the same snapshot. Where it is the one that is remembered, it
	// comes alone.
	rows, err := c.Tx.Query(ctx, `
		SELECT v.id, f.id, v.number, f.mailbox_id, f.position, f.mode, f.paused_at IS NOT NULL, f.switched_on_at, f.switched_watch_at,
			CASE WHEN v.id = ANY($2::uuid[]) THEN NULL ELSE v.body END, r.revision
		FROM (SELECT coalesce((SELECT revision::text FROM workflow_revisions WHERE mailbox_id = $1), '') AS revision) r
		LEFT JOIN (definitions f JOIN versions v ON v.id = f.version_id)
			ON f.mailbox_id = $1 AND f.mode <> 'off' AND f.deleted_at IS NULL AND (r.revision = '' OR r.revision <> $3)
		ORDER BY f.position, f.id`, mailbox, known, have.revision)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	read := versionList{}
	if read.versions, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (automation.Version, error) {
		if row.RawValues()[0] == nil { // there is none, or all are known
			return automation.Version{}, row.Scan(nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, &read.revision)
		}
		v, err := tables.ScanVersion(row, bodies, &read.revision)
		if errors.Is(err, tables.ErrUnreadable) {
			return v, nil
		}
		return v, err
	}); err != nil {
		return nil, pg.Classify(op, err)
	}
	switch {
	case read.revision != "" && read.revision == have.revision:
		return have.versions, nil
	case len(read.versions) == 1 && read.versions[0].ID == "":
		read.versions = nil
	}
	if read.revision != "" {
		c.store.versions.add(mailbox, read)
	}
	return read.versions, nil
}
