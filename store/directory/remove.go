package directory

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// DeleteUser removes a user with their tokens and memberships. They are taken off the
// conversations that they were assigned or followed first, each with its event; workflows
// that name them are switched off. What they wrote keeps their name. When it fails half way, a repeat continues.
//
// Errors: errs.NotFound, errs.Conflict (the last admin, the caller themselves),
// errs.Unavailable.
func (s *Store) DeleteUser(ctx context.Context, who access.Caller, id conversation.UserID) error {
	const op = "store.DeleteUser"
	u, err := s.User(ctx, id)
	if err != nil {
		return err
	}
	// Who is told of a change must not find the conversations unassigned.
	if err := pg.MatchRevision(ctx, s.db.Pool, who, "user", string(id), u.Revision); err != nil {
		return pg.Classify(op, err)
	}
	for {
		if err := s.takeOff(ctx, op, who, id, nil); err != nil {
			return err
		}
		left, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (bool, error) { return s.deleteUser(ctx, tx, op, who, id) })
		if err != nil || !left {
			return err
		}
	}
}

// deleteUser removes the user unless somebody has assigned something to them in
// the meantime.
func (s *Store) deleteUser(ctx context.Context, tx pgx.Tx, op string, who access.Caller, id conversation.UserID) (left bool, err error) {
	if _, err := tx.Exec(ctx, `SELECT id FROM users WHERE role = 'admin' ORDER BY id FOR UPDATE`); err != nil {
		return false, err
	}
	u, err := tables.ScanUser(tx.QueryRow(ctx, `SELECT `+tables.UserColumns+` FROM users u WHERE u.id = $1 FOR UPDATE`, id))
	if err != nil {
		return false, err
	}
	if err := pg.MatchRevision(ctx, tx, who, "user", string(id), u.Revision); err != nil {
		return false, err
	}
	var admins int
	if err := tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE role = 'admin' AND id <> $1), EXISTS (SELECT 1 FROM conversations WHERE
		assignee_id = $1 OR followers <> '{}' AND followers @> ARRAY[$1::uuid]) FROM users`,
		id).Scan(&admins, &left); err != nil || left {
		return left, err
	}
	switch {
	case u.ID == who.User.ID:
		return false, errs.New(op, errs.Conflict, "you cannot delete yourself")
	case admins == 0:
		return false, errs.New(op, errs.Conflict, "this is the last admin")
	}
	now, err := s.db.Now(ctx, tx)
	if err != nil {
		return false, err
	}
	g := engine.Gone{Kind: automation.RefUser, ID: string(id), Name: u.Name}
	if err := engine.SwitchOffNaming(ctx, tx, pg.By(who), now, g); err != nil {
		return false, err
	}
	if err := engine.KeepName(ctx, tx, now, g); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM users WHERE id = $1`, id); err != nil {
		return false, err
	}
	return false, pg.InsertAudit(ctx, tx, pg.AuditEntry{
		At:         now,
		By:         pg.By(who),
		Verb:       "deleted",
		ObjectKind: "user",
		ObjectID:   string(id),
		Before:     auditUser(u),
	})
}

// DeleteTag makes a tag unknown. Workflows that name it are switched off. With
// takeOff it is taken off all that carries it first, as RenameTag does; else a tag
// that is carried stays.
//
// Errors: errs.NotFound, errs.Conflict (conversations carry it), errs.Unavailable.
func (s *Store) DeleteTag(ctx context.Context, who access.Caller, name string, takeOff bool) error {
	const op = "store.DeleteTag"
	name = conversation.CleanTag(name)
	err := s.db.InTx(ctx, op, func(tx pgx.Tx) error {
		used, err := carried(ctx, tx, name)
		switch {
		case err != nil:
			return err
		case used && !takeOff:
			return errs.New(op, errs.Conflict, "conversations carry this tag: take it off them first, or say take_off")
		case used:
			return s.mustKnowTag(ctx, tx, op, name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.takeTagAway(ctx, op, who, name, "")
}

// DeleteMailbox removes a mailbox that no conversation is in, with its workflows.
// Workflows of other mailboxes that name it are switched off. What once happened
// in it keeps its name.
//
// Errors: errs.NotFound, errs.Conflict (conversations, deleted ones too, or
// something else are in it), errs.Unavailable.
func (s *Store) DeleteMailbox(ctx context.Context, who access.Caller, id conversation.MailboxID) error {
	const op = "store.DeleteMailbox"
	return s.db.InTx(ctx, op, func(tx pgx.Tx) error {
		m, err := tables.ScanMailbox(tx.QueryRow(ctx, `SELECT `+tables.MailboxColumns+` FROM mailboxes mb WHERE mb.id = $1 FOR UPDATE`, id))
		if err != nil {
			return err
		}
		var used, endpoints bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM conversations WHERE mailbox_id = $1 AND erased_at IS NULL), EXISTS (SELECT 1
			FROM endpoints WHERE mailbox_id = $1)`,
			id).Scan(&used, &endpoints); err != nil {
			return err
		}
		if err := pg.MatchRevision(ctx, tx, who, "mailbox", string(id), m.Revision); err != nil {
			return err
		}
		switch {
		case used:
			return errs.New(op, errs.Conflict, "conversations are in this mailbox: move them first")
		case endpoints:
			return errs.New(op, errs.Conflict, "webhook endpoints belong to this mailbox: delete them first")
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		if err := deleteDefinitionsOf(ctx, tx, who, id, now); err != nil {
			return err
		}
		g := engine.Gone{Kind: automation.RefMailbox, ID: string(id), Name: m.Name}
		if err := engine.SwitchOffNaming(ctx, tx, pg.By(who), now, g); err != nil {
			return err
		}
		if err := engine.KeepName(ctx, tx, now, g); err != nil {
			return err
		}
		// What is left of conversations that were deleted permanently is in no mailbox.
		if _, err := tx.Exec(ctx, `UPDATE conversations SET mailbox_id = NULL WHERE mailbox_id = $1`, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM mailboxes WHERE id = $1`, id); err != nil {
			return err
		}
		return pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "deleted",
			ObjectKind: "mailbox",
			ObjectID:   string(id),
			Mailbox:    id,
			Before:     auditMailbox(m),
		})
	})
}

// deleteDefinitionsOf deletes the workflows of a mailbox that goes, each with its row
// in the audit.
func deleteDefinitionsOf(ctx context.Context, tx pgx.Tx, who access.Caller, mailbox conversation.MailboxID, now time.Time) error {
	rows, err := tx.Query(ctx, `UPDATE definitions d SET mode = 'off', deleted_at = $2, updated_at = $2 FROM definitions was
		WHERE d.mailbox_id = $1 AND d.deleted_at IS NULL AND was.id = d.id RETURNING d.id, d.name, was.mode`, mailbox, now)
	if err != nil {
		return err
	}
	var d automation.Workflow
	var gone []automation.Workflow
	if _, err := pgx.ForEachRow(rows, []any{&d.ID, &d.Draft.Name, &d.Mode}, func() error { gone = append(gone, d); return nil }); err != nil {
		return err
	}
	for _, d := range gone {
		if err := pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "deleted",
			ObjectKind: "workflow",
			ObjectID:   string(d.ID),
			Mailbox:    mailbox,
			Before:     map[string]any{"name": d.Draft.Name, "mode": d.Mode},
		}); err != nil {
			return err
		}
	}
	return nil
}
