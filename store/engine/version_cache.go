package engine

import (
	"sync"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// versionCache remembers the workflows of mailboxes, each list for the revision that it
// was read with: a list is never changed, only replaced. When it holds more than keep
// versions it forgets the lists that nobody asked for since it was last full.
type versionCache struct {
	keep int

	mu           sync.Mutex
	kept         int // versions in fresh
	fresh, stale map[conversation.MailboxID]versionList
}

// versionList is what Versions answered at a revision of the mailbox's workflows.
type versionList struct {
	revision string
	versions []automation.Version
}

// versionsKept bounds the versions that are remembered of all mailboxes, twice.
const versionsKept = 20_000

func newVersionCache(keep int) *versionCache {
	return &versionCache{keep: keep, fresh: map[conversation.MailboxID]versionList{}}
}

// get returns the list that is remembered of the mailbox, whatever its revision.
func (c *versionCache) get(mailbox conversation.MailboxID) versionList {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l, ok := c.fresh[mailbox]; ok {
		return l
	}
	l, ok := c.stale[mailbox]
	if ok {
		c.put(mailbox, l)
	}
	return l
}

func (c *versionCache) add(mailbox conversation.MailboxID, l versionList) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(mailbox, l)
}

// put is called under the lock.
func (c *versionCache) put(mailbox conversation.MailboxID, l versionList) {
	c.kept += len(l.versions) - len(c.fresh[mailbox].versions)
	if c.kept > c.keep {
		c.stale, c.fresh, c.kept = c.fresh, map[conversation.MailboxID]versionList{}, len(l.versions)
	}
	c.fresh[mailbox] = l
}

// bodies are the definitions of the list's versions, which never change. One that could
// not be read is left out.
func (l versionList) bodies() map[automation.VersionID]automation.Definition {
	out := make(map[automation.VersionID]automation.Definition, len(l.versions))
	for _, v := range l.versions {
		if !tables.IsUnreadable(v.Definition) {
			out[v.ID] = v.Definition
		}
	}
	return out
}
