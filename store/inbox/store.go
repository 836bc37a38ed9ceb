// Package inbox stores what people see of conversations: mails that arrive, what agents write
// and ask for, lists, search, the timeline and what is live.
package inbox

import (
	"sync/atomic"

	"github.com/smarticks/smarticks/store/directory"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// Store is the part of the store that agents and customers work with.
type Store struct {
	*directory.Store
	db *pg.DB
	// viewMarks is the key that signs view marks, nil until it was read.
	viewMarks atomic.Pointer[string]
}

// New returns the store on an open database.
func New(db *pg.DB, people *directory.Store) *Store {
	return &Store{Store: people, db: db}
}
