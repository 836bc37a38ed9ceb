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
func (s *Store) PublishedVersion(ctx context.Context, who access.Caller, id automation.DefinitionID, number int) (automation.Published, error) {
	const op = "store.PublishedVersion"
	var v automation.Published
	err := s.db.ReadTx(ctx, op, func(tx pgx.Tx) error {
		var err error
		if v, err = tables.ReadVersion(ctx, tx, op, id, number); err != nil {
			return err
		}
		if err := who.In(access.ReadWorkflow, v.MailboxID); err != nil {
			return err
		}
		v.Names, err = tables.ReadNames(ctx, tx, v.Body)
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
	err := s.db.ReadTx(ctx, op, func(tx pgx.Tx) error {
		if err := tables.SeesDefinition(ctx, tx, op, who, id); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, tables.VersionQuery+`WHERE v.definition_id = $1
			AND ($2::uuid IS NULL OR v.number < (SELECT number FROM versions WHERE id = $2)) ORDER BY v.number DESC LIMIT $3`,
			id, pg.NullID(p.After), p.Limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, tables.ScanPublished)
		return err
	})
	for i := range list {
		list[i].Body = readable(who, list[i].MailboxID, list[i].Body)
	}
	return list, err
}
