package engine

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Run returns one run with its verdict and its actions.
//
// Errors: errs.NotFound (no such run, or not the caller's to see),
// errs.Unavailable.
func (s *Store) Run(ctx context.Context, who access.Caller, id automation.RunID) (runs.Run, error) {
	const (
		op      = "store.Run"
		missing = "there is no such run"
	)
	if !pg.IsID(id) {
		return runs.Run{}, errs.New(op, errs.NotFound, missing)
	}
	r, err := pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (runs.Run, error) {
		r, err := tables.ScanRun(tx.QueryRow(ctx, `SELECT `+tables.RunColumns+` FROM runs r WHERE r.id = $1`, id))
		if err != nil {
			return r, pg.NotFound(op, missing, err)
		}
		// Who sees the conversation sees what automation did to it; also who saw it
		// before it was deleted permanently, for the run says so and nothing else.
		var mailbox *conversation.MailboxID
		if err := tx.QueryRow(ctx, `SELECT mailbox_id FROM conversations WHERE id = $1`, r.ConversationID).Scan(&mailbox); err != nil {
			return r, err
		}
		return r, who.In(access.ReadConversation, pg.OrZero(mailbox))
	})
	if err != nil {
		return runs.Run{}, err
	}
	return r, nil
}

// RunsOfConversation lists the runs on a conversation that the filter lets through,
// newest first.
//
// Errors: errs.NotFound (no such conversation, or not the caller's to see),
// errs.Unavailable.
func (s *Store) RunsOfConversation(ctx context.Context, who access.Caller, id conversation.ID, f runs.Filter,
	p conversation.Page) ([]runs.Run, error) {
	const op = "store.RunsOfConversation"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) ([]runs.Run, error) {
		if _, err := MailboxOf(ctx, tx, op, who, access.ReadConversation, id); err != nil {
			return nil, err
		}
		return readRuns(ctx, tx, `r.conversation_id = $1`, string(id), f, p)
	})
}

// RunsOfDefinition lists the runs of a definition, deleted or not, that the filter
// lets through, newest first, without those on conversations that the caller does not see any longer.
//
// Errors: errs.NotFound (no such definition, or not the caller's to see),
// errs.Unavailable.
func (s *Store) RunsOfDefinition(ctx context.Context, who access.Caller, id automation.DefinitionID, f runs.Filter,
	p conversation.Page) ([]runs.Run, error) {
	const op = "store.RunsOfDefinition"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) ([]runs.Run, error) {
		if err := tables.SeesDefinition(ctx, tx, op, who, id); err != nil {
			return nil, err
		}
		const seen = `r.definition_id = $1 AND ($4 OR EXISTS (
			SELECT 1 FROM conversations c WHERE c.id = r.conversation_id AND c.mailbox_id = ANY ($5::uuid[])))`
		return readRuns(ctx, tx, seen, string(id), f, p, who.All(), pg.MailboxIDs(who))
	})
}

// readRuns reads a page of the runs that which lets through: its $1 is the id,
// and from $4 on it has more.
func readRuns(ctx context.Context, tx pgx.Tx, which, id string, f runs.Filter, p conversation.Page, more ...any) ([]runs.Run, error) {
	args := append([]any{id, pg.NullID(p.After), p.Limit}, more...)
	and := func(condition string, value any) {
		args = append(args, value)
		which += " AND " + condition + "$" + strconv.Itoa(len(args))
	}
	if f.State != "" {
		// In the statement itself: a partial index is found by it.
		which += " AND r.state = '" + strings.ReplaceAll(string(f.State), "'", "''") + "'"
	}
	if f.Mode != "" {
		and("r.mode = ", f.Mode)
	}
	if f.DefinitionID != "" {
		and("r.definition_id = ", f.DefinitionID)
	}
	if !f.From.IsZero() {
		and("r.created_at >= ", f.From)
	}
	if !f.Before.IsZero() {
		and("r.created_at < ", f.Before)
	}
	rows, err := tx.Query(ctx, `SELECT `+tables.RunColumns+` FROM runs r WHERE `+which+`
		AND ($2::uuid IS NULL OR (r.created_at, r.id) < (SELECT created_at, id FROM runs WHERE id = $2))
		ORDER BY r.created_at DESC, r.id DESC LIMIT $3`, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (runs.Run, error) { return tables.ScanRun(row) })
}
