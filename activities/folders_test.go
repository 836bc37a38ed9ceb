package activities_test

import (
	"fmt"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// A folder is asked in two ways: by the row, in Go, and by its counter, in SQL.
// Both must mean the same conversations.
func TestAFolderCountsWhatTheRowFindsInIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ann := h.User("ann", h.support.ID)
	var all []conversation.ID
	for i, status := range conversation.Statuses {
		for j, tags := range [][]string{{}, {"vip"}, {"late", "vip"}} {
			id := h.mail(fmt.Sprint(i, j), "")
			ch := conversation.Change{Status: &status, Tags: &tags}
			if j == 1 {
				ch.AssigneeID = &ann.ID
			}
			_, err := h.Store.ChangeConversation(t.Context(), access.System(), id, ch)
			testhouse.Must(t, err)
			all = append(all, id)
		}
	}
	testhouse.Must(t, h.Store.DeleteConversation(t.Context(), access.System(), all[0]))
	found := 0
	for i, f := range []conversation.Folder{
		{Statuses: []conversation.Status{"active", "pending"}}, {Tags: []string{"vip"}}, {Tags: []string{"vip", "late"}},
		{Assignee: string(ann.ID)},
		{Assignee: conversation.FolderUnassigned}, {Statuses: []conversation.Status{"closed"}, Tags: []string{"late"},
			Assignee: conversation.FolderUnassigned},
	} {
		f.MailboxID, f.Name = h.support.ID, fmt.Sprint("folder ", i)
		f, err := h.Store.CreateFolder(t.Context(), access.System(), f)
		testhouse.Must(t, err)
		holds := 0
		for _, id := range all {
			if f.Holds(h.Conversation(id)) {
				holds++
			}
		}
		if found += holds; f.Conversations != holds {
			t.Errorf("%+v counts %d, holds %d", f, f.Conversations, holds)
		}
	}
	if found < 10 {
		t.Errorf("%d conversations in folders: this test proves little", found)
	}
}
