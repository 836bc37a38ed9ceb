// Package directory stores who and what an installation has: users with their passwords,
// sessions and tokens, mailboxes with their fields, folders and webhook endpoints, customers,
// tags, settings and the audit of all changes.
package directory

import (
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/rules"
)

// Store is the part of the store that keeps people, mailboxes and settings.
type Store struct {
	*rules.Store
	db *pg.DB
	// Hasher computes the hashes of passwords.
	Hasher *Hasher
}

// New returns the store on an open database.
func New(db *pg.DB, workflows *rules.Store) *Store {
	return &Store{Store: workflows, db: db, Hasher: newHasher()}
}
