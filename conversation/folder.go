package conversation

import (
	"slices"
	"strings"
	"time"
)

// FolderID names a folder: a UUIDv7 in lower case.
type FolderID string

// MaxFolders is how many folders a mailbox may have, MaxFolderName how long the
// name of one, in characters.
const (
	MaxFolders    = 200
	MaxFolderName = 75
)

// FolderUnassigned is the Assignee of a folder of what is nobody's.
const FolderUnassigned = "unassigned"

// Folder is a named view of a mailbox: what has one of the statuses, one of the
// tags, and the assignee. What is empty does not narrow. A conversation is in as
// many folders as it fits; workflows file it by what they change of it.
type Folder struct {
	ID        FolderID
	MailboxID MailboxID
	Name      string // unique in the mailbox, case folded
	Statuses  []Status
	Tags      []string
	Assignee  string // a user's id, FolderUnassigned, or empty
	CreatedAt time.Time
	Revision  int64 // counts the changes
	// Conversations counts what is in it; filled where folders are listed.
	Conversations int
}

// FolderChange changes what is not nil.
type FolderChange struct {
	Name     *string
	Statuses *[]Status
	Tags     *[]string
	Assignee *string
}

// Holds reports whether a published conversation is in the folder.
func (f Folder) Holds(c Conversation) bool {
	return c.State == StatePublished &&
		(len(f.Statuses) == 0 || slices.Contains(f.Statuses, c.Status)) &&
		(len(f.Tags) == 0 || slices.ContainsFunc(f.Tags, func(t string) bool { return slices.Contains(c.Tags, t) })) &&
		(f.Assignee == "" || f.Assignee == string(c.AssigneeID) || f.Assignee == FolderUnassigned && c.AssigneeID == "")
}

// FindFolder returns the folder of that name, case ignored.
func FindFolder(list []Folder, name string) (Folder, bool) {
	i := slices.IndexFunc(list, func(f Folder) bool { return strings.EqualFold(f.Name, name) })
	if i < 0 {
		return Folder{}, false
	}
	return list[i], true
}
