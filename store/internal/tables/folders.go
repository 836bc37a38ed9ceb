package tables

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
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

// FolderRows scans what mailboxFolders asked for.
type FolderRows []conversation.Folder

// Scan reads the JSON.
func (f *FolderRows) Scan(v any) error {
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
		*f = append(*f, conversation.Folder{ID: r.ID, Name: r.Name, Statuses: r.Status, Tags: r.Tags, Assignee: r.Assignee,
			CreatedAt: r.CreatedAt})
	}
	return nil
}

// FolderColumns is the order that ScanFolder expects; the table's alias is fo.
const FolderColumns = `fo.id, fo.mailbox_id, fo.name, fo.status, fo.tags, fo.assignee, fo.created_at, fo.revision,
	(SELECT count(*) FROM conversations c WHERE ` + folderFits + `)`

// ScanFolder reads the columns of FolderColumns.
func ScanFolder(row pgx.Row) (conversation.Folder, error) {
	var f conversation.Folder
	var statuses []string
	err := row.Scan(&f.ID, &f.MailboxID, &f.Name, &statuses, &f.Tags, &f.Assignee, &f.CreatedAt, &f.Revision, &f.Conversations)
	for _, s := range statuses {
		f.Statuses = append(f.Statuses, conversation.Status(s))
	}
	return f, err
}
