package directory

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/rules"
)

// ChangeFolder changes what ch names, and returns the folder as it is then. Another
// view begins a rollout where time alone makes a workflow of the mailbox run: what
// is due may be due earlier.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Forbidden,
// errs.Invalid (with problems), errs.Conflict (the name is taken, or workflows have
// it, which the message names), errs.Stale.
func (s *Store) ChangeFolder(ctx context.Context, who access.Caller, id conversation.FolderID,
	ch conversation.FolderChange) (conversation.Folder, error) {
	const op = "store.ChangeFolder"
	type changed struct {
		conversation.Folder
		wake bool
	}
	out, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (changed, error) {
		before, err := s.holdFolder(ctx, tx, op, who, id)
		if err != nil {
			return changed{}, err
		}
		f := before
		pg.Set(&f.Name, ch.Name)
		pg.Set(&f.Statuses, ch.Statuses)
		pg.Set(&f.Tags, ch.Tags)
		pg.Set(&f.Assignee, ch.Assignee)
		f.Tags = slices.Clone(f.Tags)
		if err := cleanFolder(op, &f); err != nil {
			return changed{}, err
		}
		if match.Fold(f.Name) != match.Fold(before.Name) {
			if err := notNamed(ctx, tx, op, f.MailboxID, automation.RefFolder, before.Name); err != nil {
				return changed{}, err
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE folders SET name = @name, name_key = @name_key, status = @status, tags = @tags,
			assignee = @assignee WHERE id = @id`, pgx.NamedArgs{
			"id":       id,
			"name":     f.Name,
			"name_key": match.Fold(f.Name),
			"status":   pg.List(f.Statuses),
			"tags":     pg.List(f.Tags),
			"assignee": f.Assignee,
		}); err != nil {
			return changed{}, err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return changed{}, err
		}
		if err := pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "changed",
			ObjectKind: "folder",
			ObjectID:   string(id),
			Mailbox:    f.MailboxID,
			Before:     auditFolder(before),
			After:      auditFolder(f),
		}); err != nil {
			return changed{}, err
		}
		wake := false
		if !sameView(before, f) {
			e := &rules.DefinitionEdit{Tx: tx, Op: op, Mailbox: f.MailboxID, Who: who, Actor: who.Actor(), Now: now}
			if err := e.ClockChanged(ctx, s.Store); err != nil {
				return changed{}, err
			}
			wake = e.Rung
		}
		f, err = readFolder(ctx, tx, op, who, access.ManageFolder, id)
		return changed{f, wake}, err
	})
	if out.wake {
		s.db.Notifier.Push()
	}
	return out.Folder, err
}

func sameView(a, b conversation.Folder) bool {
	return slices.Equal(a.Statuses, b.Statuses) && slices.Equal(a.Tags, b.Tags) && a.Assignee == b.Assignee
}

// holdFolder reads a folder that the caller may change, and locks it after its
// mailbox: whoever writes a workflow of the mailbox holds its row.
func (s *Store) holdFolder(ctx context.Context, tx pgx.Tx, op string, who access.Caller, id conversation.FolderID) (conversation.Folder,
	error) {
	f, err := readFolder(ctx, tx, op, who, access.ManageFolder, id)
	if err != nil {
		return f, err
	}
	if err := rules.MailboxExists(ctx, tx, op, f.MailboxID, "FOR NO KEY UPDATE"); err != nil {
		return f, err
	}
	if err := tx.QueryRow(ctx, `SELECT revision FROM folders WHERE id = $1 FOR UPDATE`, id).Scan(&f.Revision); err != nil {
		return f, pg.NotFound(op, NoSuchFolder, err)
	}
	if err := pg.MatchRevision(ctx, tx, who, "folder", string(id), f.Revision); err != nil {
		return f, err
	}
	return readFolder(ctx, tx, op, who, access.ManageFolder, id)
}
