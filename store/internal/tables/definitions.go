package tables

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// definitionQuery reads what scanDefinition expects; a WHERE clause follows.
const definitionQuery = `SELECT f.id, f.mailbox_id, f.position, f.mode, f.draft, f.version_id, coalesce(v.number, 0),
	v.body IS DISTINCT FROM f.draft, f.switched_on_at, f.switched_watch_at, f.off_reason, f.paused_at, f.paused_reason, f.created_at,
	f.updated_at, f.revision
	FROM definitions f LEFT JOIN versions v ON v.id = f.version_id `

func scanDefinition(row pgx.CollectableRow) (automation.Workflow, error) {
	var (
		d         automation.Workflow
		version   *automation.VersionID
		draft     []byte
		on, watch *time.Time
		paused    *time.Time
	)
	err := row.Scan(&d.ID, &d.MailboxID, &d.Position, &d.Mode, &draft, &version, &d.Version,
		&d.Changed, &on, &watch, &d.OffReason, &paused, &d.PausedReason, &d.CreatedAt, &d.UpdatedAt, &d.Revision)
	if err != nil {
		return d, err
	}
	d.PausedAt = pg.OrZero(paused)
	d.VersionID, d.SwitchedOnAt, d.SwitchedWatchAt = pg.OrZero(version), pg.OrZero(on), pg.OrZero(watch)
	d.Draft, err = DecodeBody(draft)
	return d, err
}

// ReadDefinition reads a workflow that is not deleted.
//
// Errors: errs.NotFound.
func ReadDefinition(ctx context.Context, tx pgx.Tx, op string, id automation.DefinitionID) (automation.Workflow, error) {
	if !pg.IsID(id) {
		return automation.Workflow{}, errs.New(op, errs.NotFound, "there is no such workflow")
	}
	rows, err := tx.Query(ctx, definitionQuery+`WHERE f.id = $1 AND f.deleted_at IS NULL`, id)
	if err != nil {
		return automation.Workflow{}, err
	}
	d, err := pgx.CollectExactlyOneRow(rows, scanDefinition)
	return d, pg.NotFound(op, "there is no such workflow", err)
}

// ReadDefinitions reads the workflows of a mailbox in their order, without the deleted ones.
func ReadDefinitions(ctx context.Context, tx pgx.Tx, mailbox conversation.MailboxID) ([]automation.Workflow, error) {
	rows, err := tx.Query(ctx, definitionQuery+`WHERE f.mailbox_id = $1 AND f.deleted_at IS NULL ORDER BY f.position, f.id`, mailbox)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, scanDefinition)
	if err != nil {
		return nil, err
	}
	each := make([]*automation.Workflow, len(list))
	for i := range list {
		each[i] = &list[i]
	}
	return list, NameDefinitions(ctx, tx, each...)
}

// NameDefinitions fills in the names that the drafts refer to.
func NameDefinitions(ctx context.Context, tx pgx.Tx, list ...*automation.Workflow) error {
	drafts := make([]automation.Definition, len(list))
	for i, d := range list {
		drafts[i] = d.Draft
	}
	names, err := ReadNames(ctx, tx, drafts...)
	if err != nil {
		return err
	}
	for _, d := range list {
		d.Names = names
	}
	return nil
}

// ReadNames reads the names of the users and mailboxes that the definitions
// refer to by id.
func ReadNames(ctx context.Context, tx pgx.Tx, definitions ...automation.Definition) (automation.Names, error) {
	ids := map[string][]string{automation.RefUser: {}, automation.RefMailbox: {}}
	for _, d := range definitions {
		for _, r := range d.References() {
			if _, byID := ids[r.Kind]; byID && pg.IsID(r.ID) {
				ids[r.Kind] = append(ids[r.Kind], r.ID)
			}
		}
	}
	names := map[[2]string]string{}
	of := func(kind, id string) string { return names[[2]string{kind, id}] }
	if len(ids[automation.RefUser]) == 0 && len(ids[automation.RefMailbox]) == 0 {
		return of, nil
	}
	rows, err := tx.Query(ctx, `
		SELECT 'user', id::text, name FROM users WHERE id = ANY ($1::uuid[])
		UNION ALL SELECT 'mailbox', id::text, name FROM mailboxes WHERE id = ANY ($2::uuid[])`,
		ids[automation.RefUser], ids[automation.RefMailbox])
	if err != nil {
		return nil, err
	}
	var kind, id, name string
	_, err = pgx.ForEachRow(rows, []any{&kind, &id, &name}, func() error {
		names[[2]string{kind, id}] = name
		return nil
	})
	return of, err
}
