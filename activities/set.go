package activities

import (
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// indexed is what was made of a mailbox's list of workflows, once for each list.
type indexed struct {
	versions []automation.Version
	set      *automation.Set
	dated    []int // which of them may be due at some time
}

// set returns the set of the versions. A version of which there is no program, or one that
// is not automation's, is looked at by itself: what is wrong with it costs only its own
// workflow.
func (a *Activities) set(mailbox conversation.MailboxID, versions []automation.Version) *automation.Set {
	return a.indexed(mailbox, versions).set
}

// dated returns which of the versions may be due at some time: those with a condition on
// dates, and those of which nobody can tell.
func (a *Activities) dated(mailbox conversation.MailboxID, versions []automation.Version) []int {
	return a.indexed(mailbox, versions).dated
}

func (a *Activities) indexed(mailbox conversation.MailboxID, versions []automation.Version) indexed {
	if have, ok := a.sets.Load(mailbox); ok && sameVersions(have.(indexed).versions, versions) {
		return have.(indexed)
	}
	made := indexed{versions: versions}
	programs := make([]*automation.Program, len(versions))
	for i, v := range versions {
		p, err := a.program(v)
		if err == nil {
			programs[i], _ = p.(*automation.Program)
		}
		if err != nil || p.HasDates() {
			made.dated = append(made.dated, i)
		}
	}
	made.set = automation.NewSet(programs)
	a.sets.Store(mailbox, made)
	return made
}

// sameVersions reports whether two lists have the same versions in the same order. Mostly they
// are one list, which is never changed.
func sameVersions(a, b []automation.Version) bool {
	if len(a) != len(b) || len(a) > 0 && &a[0] == &b[0] {
		return len(a) == len(b)
	}
	for i := range a {
		if a[i].ID != b[i].ID {
			return false
		}
	}
	return true
}
