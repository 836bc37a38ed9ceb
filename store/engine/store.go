// Package engine stores what is done with a conversation: it is read, handled and written under
// a lock, its runs, pauses, deliveries and due times are kept, what is to be done is queued
// in the outbox, and what was lost on the way is found again.
package engine

import (
	"sync/atomic"

	"github.com/smarticks/smarticks/store/internal/pg"
)

// Store is the part of the store that handles conversations.
type Store struct {
	db *pg.DB
	// versions remembers what never changes.
	versions *versionCache
	// authserv are the servers that AuthservIDs names.
	authserv atomic.Pointer[[]string]
}

// New returns the store on an open database.
func New(db *pg.DB) *Store { return &Store{db: db, versions: newVersionCache(versionsKept)} }

// AuthservIDs returns the servers whose Authentication-Results count, as of the last
// time that the settings were read or changed.
func (s *Store) AuthservIDs() []string {
	if ids := s.authserv.Load(); ids != nil {
		return *ids
	}
	return nil
}
