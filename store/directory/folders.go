package directory

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
	"github.com/smarticks/smarticks/store/rules"
)

// NoSuchFolder is the message for a folder that there is not, or that the caller does not see.
const NoSuchFolder = "there is no such folder"

// Folders lists the folders of a mailbox, the oldest first, with how many
// conversations each has now.
//
// Errors: errs.NotFound (no such mailbox, or not the caller's to see).
func (s *Store) Folders(ctx context.Context, who access.Caller, mailbox conversation.MailboxID) ([]conversation.Folder, error) {
	const op = "store.Folders"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) ([]conversation.Folder, error) {
		if err := who.In(access.ReadMailbox, mailbox); err != nil {
			return nil, err
		}
		if err := rules.MailboxExists(ctx, tx, op, mailbox, ""); err != nil {
			return nil, err
		}
		rows, err := tx.Query(ctx, `SELECT `+tables.FolderColumns+` FROM folders fo WHERE fo.mailbox_id = $1 ORDER BY fo.id`, mailbox)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Folder, error) { return tables.ScanFolder(r) })
	})
}

// Folder returns a folder.
//
// Errors: errs.NotFound (none, or not the caller's to see).
func (s *Store) Folder(ctx context.Context, who access.Caller, id conversation.FolderID) (conversation.Folder, error) {
	const op = "store.Folder"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.Folder, error) {
		return readFolder(ctx, tx, op, who, access.ReadMailbox, id)
	})
}

func readFolder(ctx context.Context, tx pgx.Tx, op string, who access.Caller, verb access.Verb,
	id conversation.FolderID) (conversation.Folder, error) {
	if !pg.IsID(id) {
		return conversation.Folder{}, errs.New(op, errs.NotFound, NoSuchFolder)
	}
	f, err := tables.ScanFolder(tx.QueryRow(ctx, `SELECT `+tables.FolderColumns+` FROM folders fo WHERE fo.id = $1`, id))
	if err != nil {
		return conversation.Folder{}, pg.NotFound(op, NoSuchFolder, err)
	}
	if !who.Sees(f.MailboxID) {
		return conversation.Folder{}, errs.New(op, errs.NotFound, NoSuchFolder)
	}
	return f, who.In(verb, f.MailboxID)
}

// CreateFolder makes a folder. The repeat of a request with a key returns the
// folder of the first.
//
// Errors: errs.NotFound (no such mailbox), errs.Invalid (with problems),
// errs.Conflict (the name is taken, or the mailbox has too many).
func (s *Store) CreateFolder(ctx context.Context, who access.Caller, ask conversation.Folder) (conversation.Folder, error) {
	const op = "store.CreateFolder"
	if err := cleanFolder(op, &ask); err != nil {
		return ask, err
	}
	return pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.Folder, error) {
		f := ask
		if err := who.In(access.ManageFolder, f.MailboxID); err != nil {
			return f, err
		}
		if err := rules.MailboxExists(ctx, tx, op, f.MailboxID, "FOR NO KEY UPDATE"); err != nil {
			return f, err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return f, err
		}
		f.ID = conversation.FolderID(pg.NewID())
		first, err := pg.Once(ctx, tx, who, string(f.ID), now)
		if err != nil {
			return f, err
		}
		if first == "" {
			first = string(f.ID)
			tag, err := tx.Exec(ctx, `INSERT INTO folders (id, mailbox_id, name, name_key, status, tags, assignee, created_at)
				SELECT @id, @mailbox_id, @name, @name_key, @status, @tags, @assignee, @created_at
				WHERE (SELECT count(*) FROM folders WHERE mailbox_id = @mailbox_id) < @most`, pgx.NamedArgs{
				"id":         f.ID,
				"mailbox_id": f.MailboxID,
				"name":       f.Name,
				"name_key":   match.Fold(f.Name),
				"status":     pg.List(f.Statuses),
				"tags":       pg.List(f.Tags),
				"assignee":   f.Assignee,
				"created_at": now,
				"most":       conversation.MaxFolders,
			})
			if err != nil {
				return f, err
			}
			if tag.RowsAffected() == 0 {
				return f, errs.New(op, errs.Conflict, fmt.Sprintf("a mailbox has at most %d folders", conversation.MaxFolders))
			}
			if err := pg.InsertAudit(ctx, tx, pg.AuditEntry{
				At:         now,
				By:         pg.By(who),
				Verb:       "created",
				ObjectKind: "folder",
				ObjectID:   first,
				Mailbox:    f.MailboxID,
				After:      auditFolder(f),
			}); err != nil {
				return f, err
			}
		}
		return readFolder(ctx, tx, op, who, access.ManageFolder, conversation.FolderID(first))
	})
}

// DeleteFolder deletes a folder; the conversations stay as they are.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Conflict
// (workflows name it; the message says which), errs.Stale.
func (s *Store) DeleteFolder(ctx context.Context, who access.Caller, id conversation.FolderID) error {
	const op = "store.DeleteFolder"
	return s.db.InTx(ctx, op, func(tx pgx.Tx) error {
		f, err := s.holdFolder(ctx, tx, op, who, id)
		if err != nil {
			return err
		}
		if err := notNamed(ctx, tx, op, f.MailboxID, automation.RefFolder, f.Name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM folders WHERE id = $1`, f.ID); err != nil {
			return err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		return pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "deleted",
			ObjectKind: "folder",
			ObjectID:   string(f.ID),
			Mailbox:    f.MailboxID,
			Before:     auditFolder(f),
		})
	})
}

func cleanFolder(op string, f *conversation.Folder) error {
	var p pg.Problems
	f.Name = p.Line("name", f.Name, 1, conversation.MaxFolderName)
	for i, s := range f.Statuses {
		if !slices.Contains(conversation.Statuses, s) {
			p.Add(pg.At("status", i), "this is no status")
		}
	}
	for i, t := range f.Tags {
		f.Tags[i] = conversation.CleanTag(p.Line(pg.At("tags", i), t, 1, conversation.MaxTagLength))
	}
	switch {
	case len(f.Statuses) == 0 && len(f.Tags) == 0 && f.Assignee == "":
		p.Add("status", "a folder needs a status, a tag or an assignee: without one it would be the mailbox")
	case len(f.Tags) > conversation.MaxTags:
		p.Add("tags", "a folder has at most 100 tags")
	case f.Assignee != "" && f.Assignee != conversation.FolderUnassigned && !pg.IsID(f.Assignee):
		p.Add("assignee", "this is neither a user's id nor unassigned")
	}
	return p.Err(op)
}

// auditFolder is what the audit keeps of a folder.
func auditFolder(f conversation.Folder) map[string]any {
	return map[string]any{"mailbox_id": f.MailboxID, "name": f.Name, "status": f.Statuses, "tags": f.Tags, "assignee": f.Assignee}
}
