package activities

import (
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// indexed is the set of a mailbox's workflows, with the versions that it was made
// of.
type indexed struct {
	versions []automation.VersionID
	set      *automation.Set
}

// set returns the set of the versions, made once for each list of them. A version
// of which there is no program, or one that is not automation's, is looked at by
// itself: what is wrong with it costs only its own workflow.
func (a *Activities) set(mailbox conversation.MailboxID, versions []automation.Version) *automation.Set {
	same := func(id automation.VersionID, v automation.Version) bool { return id == v.ID }
	if have, ok := a.sets.Load(mailbox); ok && slices.EqualFunc(have.(indexed).versions, versions, same) {
		return have.(indexed).set
	}
	made := indexed{versions: make([]automation.VersionID, len(versions))}
	programs := make([]*automation.Program, len(versions))
	for i, v := range versions {
		made.versions[i] = v.ID
		if p, err := a.program(v); err == nil {
			programs[i], _ = p.(*automation.Program)
		}
	}
	made.set = automation.NewSet(programs)
	a.sets.Store(mailbox, made)
	return made.set
}
