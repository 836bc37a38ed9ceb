package store

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// versionQuery reads what scanVersion expects; a WHERE clause follows.
const versionQuery = `SELECT v.id, v.definition_id, f.mailbox_id, v.number, v.body, v.author_id, v.created_at
	FROM versions v JOIN definitions f ON f.id = v.definition_id `

func scanPublished(row pgx.CollectableRow) (automation.Published, error) {
	var (
		v    automation.Published
		body []byte
	)
	err := row.Scan(&v.ID, &v.DefinitionID, &v.MailboxID, &v.Number, &body, &v.AuthorID, &v.CreatedAt)
	if err != nil {
		return v, err
	}
	v.Body, err = decodeBody(body)
	return v, err
}

// PublishedVersion returns one version of a definition. A deleted definition's
// versions can still be read: runs name them.
//
// Errors: errs.NotFound (no such version, or not the caller's to see),
// errs.Unavailable.
func (s *Store) PublishedVersion(ctx context.Context, who access.Caller, id automation.DefinitionID, number int) (automation.Published, error) {
	const op = "store.PublishedVersion"
	var v automation.Published
	err := s.db.readTx(ctx, op, func(tx pgx.Tx) error {
		var err error
		if v, err = readVersion(ctx, tx, op, id, number); err != nil {
			return err
		}
		if err := who.In(access.ReadWorkflow, v.MailboxID); err != nil {
			return err
		}
		v.Names, err = readNames(ctx, tx, v.Body)
		return err
	})
	v.Body = readable(who, v.MailboxID, v.Body)
	return v, err
}

// PublishedVersions lists the versions of a definition, newest first. The page's
// ids are version ids.
//
// Errors: errs.NotFound (no such definition, or not the caller's to see),
// errs.Unavailable.
func (s *Store) PublishedVersions(ctx context.Context, who access.Caller, id automation.DefinitionID, p conversation.Page) ([]automation.Published, error) {
	const op = "store.PublishedVersions"
	var list []automation.Published
	err := s.db.readTx(ctx, op, func(tx pgx.Tx) error {
		if err := seesDefinition(ctx, tx, op, who, id); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, versionQuery+`WHERE v.definition_id = $1
			AND ($2::uuid IS NULL OR v.number < (SELECT number FROM versions WHERE id = $2)) ORDER BY v.number DESC LIMIT $3`,
			id, nullID(p.After), p.Limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanPublished)
		return err
	})
	for i := range list {
		list[i].Body = readable(who, list[i].MailboxID, list[i].Body)
	}
	return list, err
}

func readVersion(ctx context.Context, tx pgx.Tx, op string, id automation.DefinitionID, number int) (automation.Published, error) {
	missing := "there is no version " + strconv.Itoa(number)
	if !isID(id) || number < 1 || number > maxVersionNumber {
		return automation.Published{}, notFound(op, missing, pgx.ErrNoRows)
	}
	rows, err := tx.Query(ctx, versionQuery+`WHERE v.definition_id = $1 AND v.number = $2`, id, number)
	if err != nil {
		return automation.Published{}, err
	}
	v, err := pgx.CollectExactlyOneRow(rows, scanPublished)
	return v, notFound(op, missing, err)
}

// maxVersionNumber is what the column can hold.
const maxVersionNumber = 1<<31 - 1

// seesDefinition tells whether there is such a definition, deleted or not, that
// the caller may read.
func seesDefinition(ctx context.Context, tx pgx.Tx, op string, who access.Caller, id automation.DefinitionID) error {
	const missing = "there is no such workflow"
	if !isID(id) {
		return notFound(op, missing, pgx.ErrNoRows)
	}
	var mailbox conversation.MailboxID
	if err := tx.QueryRow(ctx, `SELECT mailbox_id FROM definitions WHERE id = $1`, id).Scan(&mailbox); err != nil {
		return notFound(op, missing, err)
	}
	return who.In(access.ReadWorkflow, mailbox)
}
