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

// versionCache keeps the decoded bodies of versions by mailbox. Versions never
// change, so an entry is never wrong; those that a mailbox no longer uses are
// dropped when the mailbox has many.
type versionCache struct {
	mu     sync.Mutex
	bodies map[automation.VersionID]automation.Definition
	of     map[conversation.MailboxID][]string
}

// versionsKept bounds the versions that are remembered for one mailbox.
const versionsKept = 2000

func newVersionCache() *versionCache {
	return &versionCache{bodies: map[automation.VersionID]automation.Definition{}, of: map[conversation.MailboxID][]string{}}
}

// known lists the versions of a mailbox whose bodies need not be sent again.
func (c *versionCache) known(mailbox conversation.MailboxID) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.of[mailbox]) > versionsKept {
		for _, id := range c.of[mailbox] {
			delete(c.bodies, automation.VersionID(id))
		}
		delete(c.of, mailbox)
	}
	return list(c.of[mailbox])
}

// scan reads a version; a body that was not sent comes from the cache.
func (c *versionCache) scan(row pgx.CollectableRow) (automation.Version, error) {
	var (
		v         automation.Version
		on, watch *time.Time
		body      []byte
	)
	if err := row.Scan(&v.ID, &v.DefinitionID, &v.Number, &v.MailboxID, &v.Position, &v.Mode, &v.Paused, &on, &watch, &body); err != nil {
		return v, err
	}
	v.SwitchedOnAt, v.SwitchedWatchAt = orZero(on), orZero(watch)
	c.mu.Lock()
	defer c.mu.Unlock()
	if body == nil {
		d, ok := c.bodies[v.ID]
		if !ok {
			return v, errs.New("store.Versions", errs.Unavailable, "the workflows are being read again")
		}
		v.Definition = d
		return v, nil
	}
	var err error
	// Where workflows run nobody looks at their tests, and none may stand in the way.
	if v.Definition, err = decodeBody(body, "tests"); err != nil {
		v.Definition = nameOnly(body)
		return v, errs.Wrap("store.Versions", errs.Invalid, "this build cannot read the published version", errors.Join(errUnreadable, err))
	}
	if _, ok := c.bodies[v.ID]; !ok {
		c.bodies[v.ID] = v.Definition
		c.of[v.MailboxID] = append(c.of[v.MailboxID], string(v.ID))
	}
	return v, nil
}

// errUnreadable is in the chain of the error for a version that was published by
// another build and that this one cannot read.
var errUnreadable = errors.New("the version cannot be read")

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
