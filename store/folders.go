package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// mailboxFolders asks for the folders of the mailbox mb as one value, the oldest
// first, so that they come with the statement that reads the mailbox.
const mailboxFolders = `(SELECT coalesce(jsonb_agg(jsonb_build_object('id', fo.id, 'name', fo.name, 'status', fo.status, 'tags', fo.tags,
	'assignee', fo.assignee, 'created_at', fo.created_at) ORDER BY fo.id), '[]') FROM folders fo WHERE fo.mailbox_id = mb.id)`

// folderFits tells in SQL whether the conversation c is in the folder fo: what
// conversation.Folder.Holds tells in Go.
const folderFits = `c.mailbox_id = fo.mailbox_id AND c.state = 'published' AND (fo.status = '{}' OR c.status = ANY (fo.status))
	AND (fo.tags = '{}' OR c.tags && fo.tags)
	AND (fo.assignee = '' OR fo.assignee = 'unassigned' AND c.assignee_id IS NULL OR fo.assignee = c.assignee_id::text)`

// folderRows scans what mailboxFolders asked for.
type folderRows []conversation.Folder

// Scan reads the JSON.
func (f *folderRows) Scan(v any) error {
	raw, ok := v.(string)
	if bytes, is := v.([]byte); is {
		raw, ok = string(bytes), true
	}
	if !ok {
		return fmt.Errorf("store: folders come as %T", v)
	}
	var rows []struct {
		ID        conversation.FolderID `json:"id"`
		Name      string                `json:"name"`
		Status    []conversation.Status `json:"status"`
		Tags      []string              `json:"tags"`
		Assignee  string                `json:"assignee"`
		CreatedAt time.Time             `json:"created_at"`
	}
	if err := json.Unmarshal([]byte(raw), &rows); err != nil {
		return err
	}
	*f = nil
	for _, r := range rows {
		*f = append(*f, conversation.Folder{ID: r.ID, Name: r.Name, Statuses: r.Status, Tags: r.Tags, Assignee: r.Assignee, CreatedAt: r.CreatedAt})
	}
	return nil
}

const folderColumns = `fo.id, fo.mailbox_id, fo.name, fo.status, fo.tags, fo.assignee, fo.created_at, fo.revision,
	(SELECT count(*) FROM conversations c WHERE ` + folderFits + `)`

const noSuchFolder = "there is no such folder"

func scanFolder(row pgx.Row) (conversation.Folder, error) {
	var f conversation.Folder
	var statuses []string
	err := row.Scan(&f.ID, &f.MailboxID, &f.Name, &statuses, &f.Tags, &f.Assignee, &f.CreatedAt, &f.Revision, &f.Conversations)
	for _, s := range statuses {
		f.Statuses = append(f.Statuses, conversation.Status(s))
	}
	return f, err
}

// Folders lists the folders of a mailbox, the oldest first, with how many
// conversations each has now.
//
// Errors: errs.NotFound (no such mailbox, or not the caller's to see).
func (s *Store) Folders(ctx context.Context, who access.Caller, mailbox conversation.MailboxID) ([]conversation.Folder, error) {
	const op = "store.Folders"
	var list []conversation.Folder
	err := s.db.readTx(ctx, op, func(tx pgx.Tx) error {
		if err := who.In(access.ReadMailbox, mailbox); err != nil {
			return err
		}
		if err := mailboxExists(ctx, tx, op, mailbox, ""); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+folderColumns+` FROM folders fo WHERE fo.mailbox_id = $1 ORDER BY fo.id`, mailbox)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Folder, error) { return scanFolder(r) })
		return err
	})
	return list, err
}

// Folder returns a folder.
//
// Errors: errs.NotFound (none, or not the caller's to see).
func (s *Store) Folder(ctx context.Context, who access.Caller, id conversation.FolderID) (conversation.Folder, error) {
	const op = "store.Folder"
	var f conversation.Folder
	err := s.db.readTx(ctx, op, func(tx pgx.Tx) error {
		var err error
		f, err = readFolder(ctx, tx, op, who, access.ReadMailbox, id)
		return err
	})
	return f, err
}

func readFolder(ctx context.Context, tx pgx.Tx, op string, who access.Caller, verb access.Verb, id conversation.FolderID) (conversation.Folder, error) {
	if !isID(id) {
		return conversation.Folder{}, errs.New(op, errs.NotFound, noSuchFolder)
	}
	f, err := scanFolder(tx.QueryRow(ctx, `SELECT `+folderColumns+` FROM folders fo WHERE fo.id = $1`, id))
	if err != nil {
		return conversation.Folder{}, notFound(op, noSuchFolder, err)
	}
	if !who.Sees(f.MailboxID) {
		return conversation.Folder{}, errs.New(op, errs.NotFound, noSuchFolder)
	}
	return f, who.In(verb, f.MailboxID)
}

// CreateFolder makes a folder. The repeat of a request with a key returns the
// folder of the first.
//
// Errors: errs.NotFound (no such mailbox), errs.Invalid (with problems),
// errs.Conflict (the name is taken, or the mailbox has too many).
func (s *Store) CreateFolder(ctx context.Context, who access.Caller, f conversation.Folder) (conversation.Folder, error) {
	const op = "store.CreateFolder"
	if err := cleanFolder(op, &f); err != nil {
		return f, err
	}
	err := s.db.inTx(ctx, op, func(tx pgx.Tx) error {
		if err := who.In(access.ManageFolder, f.MailboxID); err != nil {
			return err
		}
		if err := mailboxExists(ctx, tx, op, f.MailboxID, "FOR NO KEY UPDATE"); err != nil {
			return err
		}
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		f.ID = conversation.FolderID(NewID())
		first, err := once(ctx, tx, who, string(f.ID), now)
		if err != nil {
			return err
		}
		if first == "" {
			first = string(f.ID)
			tag, err := tx.Exec(ctx, `INSERT INTO folders (id, mailbox_id, name, name_key, status, tags, assignee, created_at)
				SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE (SELECT count(*) FROM folders WHERE mailbox_id = $2) < $9`,
				f.ID, f.MailboxID, f.Name, match.Fold(f.Name), list(f.Statuses), list(f.Tags), f.Assignee, now, conversation.MaxFolders)
			if err != nil {
				return err
			}
			if tag.RowsAffected() == 0 {
				return errs.New(op, errs.Conflict, fmt.Sprintf("a mailbox has at most %d folders", conversation.MaxFolders))
			}
			if err := insertAudit(ctx, tx, auditEntry{now, by(who), "created", "folder", first, f.MailboxID, nil, auditFolder(f)}); err != nil {
				return err
			}
		}
		f, err = readFolder(ctx, tx, op, who, access.ManageFolder, conversation.FolderID(first))
		return err
	})
	return f, classify(op, err)
}

// DeleteFolder deletes a folder; the conversations stay as they are.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Conflict
// (workflows name it; the message says which), errs.Stale.
func (s *Store) DeleteFolder(ctx context.Context, who access.Caller, id conversation.FolderID) error {
	const op = "store.DeleteFolder"
	return s.db.inTx(ctx, op, func(tx pgx.Tx) error {
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
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		return insertAudit(ctx, tx, auditEntry{now, by(who), "deleted", "folder", string(f.ID), f.MailboxID, auditFolder(f), nil})
	})
}

func cleanFolder(op string, f *conversation.Folder) error {
	var p problems
	f.Name = p.line("name", f.Name, 1, conversation.MaxFolderName)
	for i, s := range f.Statuses {
		if !slices.Contains(conversation.Statuses, s) {
			p.add(at("status", i), "this is no status")
		}
	}
	for i, t := range f.Tags {
		f.Tags[i] = conversation.CleanTag(p.line(at("tags", i), t, 1, conversation.MaxTagLength))
	}
	switch {
	case len(f.Statuses) == 0 && len(f.Tags) == 0 && f.Assignee == "":
		p.add("status", "a folder needs a status, a tag or an assignee: without one it would be the mailbox")
	case len(f.Tags) > conversation.MaxTags:
		p.add("tags", "a folder has at most 100 tags")
	case f.Assignee != "" && f.Assignee != conversation.FolderUnassigned && !isID(f.Assignee):
		p.add("assignee", "this is neither a user's id nor unassigned")
	}
	return p.err(op)
}

// auditFolder is what the audit keeps of a folder.
func auditFolder(f conversation.Folder) map[string]any {
	return map[string]any{"mailbox_id": f.MailboxID, "name": f.Name, "status": f.Statuses, "tags": f.Tags, "assignee": f.Assignee}
}
