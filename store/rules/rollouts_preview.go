package rules

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// askedByPreview is how many conversations a preview asks whether they would be due.
const askedByPreview = 500

// PreviewRollout says what publishing the draft, and switching it on if it is off,
// would go through. Nothing is written.
//
// Errors: errs.NotFound (no such workflow, or not the caller's to see), errs.Invalid
// (the draft has problems), errs.Unavailable.
func (s *Store) PreviewRollout(ctx context.Context, who access.Caller, id automation.DefinitionID) (runs.RolloutPreview, error) {
	const op = "store.PreviewRollout"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (runs.RolloutPreview, error) {
		var p runs.RolloutPreview
		d, err := tables.ReadDefinition(ctx, tx, op, id)
		if err != nil {
			return p, err
		}
		if err := who.In(access.ReadWorkflow, d.MailboxID); err != nil {
			return p, err
		}
		program, problems := automation.Compile(d.Draft)
		if len(problems) > 0 {
			return p, errs.Bad(op, "the draft has problems", problems)
		}
		mode, before := d.Mode, (*automation.Definition)(nil)
		if mode == automation.ModeOff {
			mode = automation.ModeOn
		} else if d.Version > 0 {
			v, err := tables.ReadVersion(ctx, tx, op, id, d.Version)
			if err != nil {
				return p, err
			}
			before = &v.Body
		}
		var since time.Time
		if firstSwitch(d, mode) && !d.Draft.ApplyToEarlier {
			if since, err = s.db.Now(ctx, tx); err != nil {
				return p, err
			}
		}
		p.Needed = automation.MayBeDueEarlier(before, d.Draft) || firstSwitch(d, mode) && d.Draft.ApplyToEarlier
		if !p.Needed {
			return p, nil
		}
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM conversations c WHERE `+concerned, d.MailboxID,
			pg.NullTime(since)).Scan(&p.Looks); err != nil {
			return p, err
		}
		rows, err := tx.Query(ctx, `SELECT c.id FROM conversations c WHERE `+concerned+` ORDER BY c.id DESC LIMIT $3`, d.MailboxID,
			pg.NullTime(since), askedByPreview)
		if err != nil {
			return p, err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[conversation.ID])
		if err != nil {
			return p, err
		}
		p.Asked = len(ids)
		for _, conv := range ids {
			due, err := s.dueNow(ctx, tx, op, conv, program, id, mode)
			if err != nil {
				return p, err
			}
			if due {
				p.DueNow++
			}
		}
		return p, nil
	})
}

// dueNow reports whether the program would be due at once on the conversation.
func (s *Store) dueNow(ctx context.Context, tx pgx.Tx, op string, id conversation.ID, p *automation.Program,
	definition automation.DefinitionID, mode automation.Mode) (bool, error) {
	c, err := s.ReadConversation(ctx, tx, op, id)
	if err != nil {
		return false, err
	}
	facts, err := c.Facts(ctx, p.Needs())
	if err != nil {
		return false, err
	}
	history, err := c.History(ctx, c.Row().LastSeq+1)
	if err != nil {
		return false, err
	}
	due, ok := p.NextDue(facts, history.Used(definition, mode))
	return ok && !due.At.After(facts.Now), nil
}
