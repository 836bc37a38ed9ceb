package store

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// definitionQuery reads what scanDefinition expects; a WHERE clause follows.
const definitionQuery = `SELECT f.id, f.mailbox_id, f.position, f.mode, f.draft, f.version_id, coalesce(v.number, 0),
	v.body IS DISTINCT FROM f.draft, f.switched_on_at, f.switched_watch_at, f.off_reason, f.paused_at, f.paused_reason, f.created_at, f.updated_at, f.revision
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
	d.PausedAt = orZero(paused)
	d.VersionID, d.SwitchedOnAt, d.SwitchedWatchAt = orZero(version), orZero(on), orZero(watch)
	d.Draft, err = decodeBody(draft)
	return d, err
}

// Definition returns one definition, without secrets for who does not manage it.
//
// Errors: errs.NotFound (no such definition, it is deleted, or not the caller's to
// see), errs.Unavailable.
func (s *Store) Definition(ctx context.Context, who access.Caller, id automation.DefinitionID) (automation.Workflow, error) {
	const op = "store.Definition"
	var d automation.Workflow
	err := s.db.readTx(ctx, op, func(tx pgx.Tx) error {
		var err error
		if d, err = readDefinition(ctx, tx, op, id); err != nil {
			return err
		}
		if err := who.In(access.ReadWorkflow, d.MailboxID); err != nil {
			return err
		}
		return nameDefinitions(ctx, tx, &d)
	})
	d.Draft = readable(who, d.MailboxID, d.Draft)
	return d, err
}

// readable is a definition as the caller may read it: without the secrets of its
// webhooks, unless he manages it.
func readable(who access.Caller, mailbox conversation.MailboxID, d automation.Definition) automation.Definition {
	if who.In(access.ManageWorkflow, mailbox) != nil {
		return d.WithoutSecrets()
	}
	return d
}

// Definitions returns all definitions of a mailbox in their order, like Definition.
//
// Errors: errs.NotFound (no such mailbox, or not the caller's to see),
// errs.Unavailable.
func (s *Store) Definitions(ctx context.Context, who access.Caller, mailbox conversation.MailboxID) ([]automation.Workflow, error) {
	const op = "store.Definitions"
	var list []automation.Workflow
	err := s.db.readTx(ctx, op, func(tx pgx.Tx) error {
		if err := who.In(access.ReadWorkflow, mailbox); err != nil {
			return err
		}
		if err := mailboxExists(ctx, tx, op, mailbox, ""); err != nil {
			return err
		}
		var err error
		list, err = readDefinitions(ctx, tx, mailbox)
		return err
	})
	for i := range list {
		list[i].Draft = readable(who, mailbox, list[i].Draft)
	}
	return list, err
}

func readDefinition(ctx context.Context, tx pgx.Tx, op string, id automation.DefinitionID) (automation.Workflow, error) {
	if !isID(id) {
		return automation.Workflow{}, errs.New(op, errs.NotFound, "there is no such workflow")
	}
	rows, err := tx.Query(ctx, definitionQuery+`WHERE f.id = $1 AND f.deleted_at IS NULL`, id)
	if err != nil {
		return automation.Workflow{}, err
	}
	d, err := pgx.CollectExactlyOneRow(rows, scanDefinition)
	return d, notFound(op, "there is no such workflow", err)
}

func readDefinitions(ctx context.Context, tx pgx.Tx, mailbox conversation.MailboxID) ([]automation.Workflow, error) {
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
	return list, nameDefinitions(ctx, tx, each...)
}

// mailboxExists tells whether there is such a mailbox; lock is the clause that
// locks its row, or empty.
func mailboxExists(ctx context.Context, tx pgx.Tx, op string, id conversation.MailboxID, lock string) error {
	if !isID(id) {
		return errs.New(op, errs.NotFound, "there is no such mailbox")
	}
	var one int
	err := tx.QueryRow(ctx, `SELECT 1 FROM mailboxes WHERE id = $1 `+lock, id).Scan(&one)
	return notFound(op, "there is no such mailbox", err)
}

// isID tells whether the database can look for the id at all. One that it cannot
// look for is missing like any other.
func isID[T ~string](id T) bool {
	return len(id) == 36 && uuid.Validate(string(id)) == nil && strings.ToLower(string(id)) == string(id)
}

// notFound gives a row that is not there a message for the caller.
func notFound(op, message string, err error) error {
	if errs.KindOf(classify(op, err)) == errs.NotFound {
		return errs.Wrap(op, errs.NotFound, message, err)
	}
	return err
}
