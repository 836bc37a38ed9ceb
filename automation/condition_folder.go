package automation

import (
	"strings"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// folderOperators are those of the folder condition.
var folderOperators = []operator{{"in", folderValue, "is in"}, {"not_in", folderValue, "is not in"}}

// folderRow tests whether the conversation is in a folder, as the folder is now.
// One that is gone makes the condition unknown.
func folderRow(o operator, v operand) test {
	find := func(p *Prepared) (conversation.Folder, bool) {
		return conversation.FindFolder(p.facts.Mailbox.Folders, v.text)
	}
	return test{
		holds: func(p *Prepared) Truth {
			folder, ok := find(p)
			if !ok {
				return Unknown
			}
			return truth(folder.Holds(p.facts.Conversation) == (o.name == "in"))
		},
		look: func(p *Prepared) (string, string) {
			if _, ok := find(p); !ok {
				return "", "the mailbox has no such folder any more"
			}
			var in []string
			for _, f := range p.facts.Mailbox.Folders {
				if f.Holds(p.facts.Conversation) {
					in = append(in, f.Name)
				}
			}
			if len(in) == 0 {
				return "no folder", ""
			}
			return match.Shorten(strings.Join(in, ", "), actualLength), ""
		},
	}
}

func sayFolder(c Condition, o operator, _ Names) string {
	name, _ := c.Value.(string)
	return "it " + o.words + " the folder " + match.Quote(name)
}

// unknownFolders says which of the folders that d names the mailbox does not
// have.
func (w World) unknownFolders(d Definition) []errs.Problem {
	names := make([]string, len(w.Folders))
	for i, f := range w.Folders {
		names[i] = f.Name
	}
	return unknownNames(d, RefFolder, "folder", names)
}
