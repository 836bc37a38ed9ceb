package store

import (
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
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
		if !isUnreadable(v.Definition) {
			out[v.ID] = v.Definition
		}
	}
	return out
}

// scanVersion reads a version; a body that was not sent is one of those known.
func scanVersion(row pgx.CollectableRow, known map[automation.VersionID]automation.Definition, more ...any) (automation.Version, error) {
	var (
		v         automation.Version
		on, watch *time.Time
		body      []byte
	)
	into := []any{&v.ID, &v.DefinitionID, &v.Number, &v.MailboxID, &v.Position, &v.Mode, &v.Paused, &on, &watch, &body}
	if err := row.Scan(append(into, more...)...); err != nil {
		return v, err
	}
	v.SwitchedOnAt, v.SwitchedWatchAt = orZero(on), orZero(watch)
	if body == nil {
		v.Definition = known[v.ID]
		return v, nil
	}
	var err error
	// Where workflows run nobody looks at their tests, and none may stand in the way.
	if v.Definition, err = decodeBody(body, "tests"); err != nil {
		v.Definition = nameOnly(body)
		return v, errs.Wrap("store.Versions", errs.Invalid, "this build cannot read the published version", errors.Join(errUnreadable, err))
	}
	return v, nil
}

// errUnreadable is in the chain of the error for a version that was published by
// another build and that this one cannot read.
var errUnreadable = errors.New("the version cannot be read")

// isUnreadable tells whether it is what nameOnly leaves of a definition.
func isUnreadable(d automation.Definition) bool { return len(d.Conditions) == 0 && len(d.Actions) == 0 }

// nameOnly is what is left of a definition that cannot be read.
func nameOnly(body []byte) automation.Definition {
	var d struct {
		Name string          `json:"name"`
		Type automation.Type `json:"type"`
	}
	if json.Unmarshal(body, &d) != nil || d.Type == "" {
		d.Type = automation.TypeAutomatic
	}
	return automation.Definition{Name: d.Name, Type: d.Type}
}

// decodeBody reads the body of a version or draft, without the keys to ignore.
func decodeBody(body []byte, ignore ...string) (automation.Definition, error) {
	var tree any
	if err := json.Unmarshal(body, &tree); err != nil {
		return automation.Definition{}, err
	}
	d, problems := automation.Decode(tree, ignore...)
	if len(problems) > 0 {
		return d, errors.New("a stored definition cannot be read: " + problems[0].Path + ": " + problems[0].Message)
	}
	return d, nil
}
