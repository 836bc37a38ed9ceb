package rules

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// PublishedVersion returns one version of a definition. A deleted definition's
// versions can still be read: runs name them.
//
// Errors: errs.NotFound (no such version, or not the caller's to see),
// errs.Unavailable.
func (s *Store) PublishedVersion(ctx context.Context, who access.Caller, id automation.DefinitionID, number int) (automation.Published,
	error) {
	const op = "store.PublishedVersion"
	v, err := pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (automation.Published, error) {
		v, err := tables.ReadVersion(ctx, tx, op, id, number)
		if err != nil {
			return v, err
		}
		if err := who.In(access.ReadWorkflow, v.MailboxID); err != nil {
			return v, err
		}
		v.Names, err = tables.ReadNames(ctx, tx, v.Body)
		return v, err
	})
	v.Body = readable(who, v.MailboxID, v.Body)
	return v, err
}

// PublishedVersions lists the versions of a definition, newest first. The page's
// ids are version ids.
//
// Errors: errs.NotFound (no such definition, or not the caller's to see),
// errs.Unavailable.
func (s *Store) PublishedVersions(ctx context.Context, who access.Caller, id automation.DefinitionID,
	p conversation.Page) ([]automation.Published, error) {
	const op = "store.PublishedVersions"
	list, err := pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) ([]automation.Published, error) {
		if err := tables.SeesDefinition(ctx, tx, op, who, id); err != nil {
			return nil, err
		}
		rows, err := tx.Query(ctx, tables.VersionQuery+`WHERE v.definition_id = $1
			AND ($2::uuid IS NULL OR v.number < (SELECT number FROM versions WHERE id = $2)) ORDER BY v.number DESC LIMIT $3`,
			id, pg.NullID(p.After), p.Limit)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, tables.ScanPublished)
	})
	for i := range list {
		list[i].Body = readable(who, list[i].MailboxID, list[i].Body)
	}
	return list, err
}
