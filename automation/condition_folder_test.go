package automation

import (
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

var someFolders = []conversation.Folder{
	{Name: "Open", Statuses: []conversation.Status{conversation.StatusActive, conversation.StatusPending}},
	{Name: "VIP mine", Tags: []string{"vip", "press"}, Assignee: "u1"},
	{Name: "Nobody's", Assignee: conversation.FolderUnassigned},
}

func folders(f *conversation.Facts) { f.Mailbox.Folders = someFolders }

var folderRowCases = []rowCase{
	{"an active conversation is in the folder of open ones", cond("folder", "in", "open"), facts(folders), True, "Open, Nobody's", ""},
	{"a closed one is not", cond("folder", "in", "Open"), facts(folders, status("closed")), False, "Nobody's", ""},
	{"a closed one is not in it", cond("folder", "not_in", "Open"), facts(folders, status("closed")), True, "", ""},
	{"all that the folder asks for must hold", cond("folder", "in", "VIP mine"), facts(folders), False, "", ""},
	{"a tag and the assignee", cond("folder", "in", "VIP mine"), facts(folders, assignee("u1")), True, "VIP mine", ""},
	{"what is somebody's is not nobody's", cond("folder", "in", "Nobody's"), facts(folders, assignee("u1")), False, "", ""},
	{"a deleted conversation is in none", cond("folder", "in", "Open"), facts(folders, state("deleted")), False, "no folder", ""},
	{"a folder that is gone", cond("folder", "not_in", "Gone"), facts(folders), Unknown, "", "no such folder"},
}

func TestFoldersThatAreNotThereAreToldAtSave(t *testing.T) {
	t.Parallel()
	d := definition(cond("folder", "in", "Opne"))
	onlyProblem(t, d.Against(World{}), "conditions[0].any[0].value", "no folders")
	onlyProblem(t, d.Against(World{Folders: someFolders}), "conditions[0].any[0].value", `did you mean "Open"`)
	if bad := definition(cond("folder", "in", "OPEN")).Against(World{Folders: someFolders}); len(bad) > 0 {
		t.Errorf("%+v", bad)
	}
}
