// Package rules stores workflows: their drafts, versions and modes, what they are checked
// against, rollouts, backtests, statistics and pauses that people end.
package rules

import (
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// Store is the part of the store that keeps workflows.
type Store struct {
	*engine.Store
	db     *pg.DB
	tester Tester
}

// New returns the store on an open database. Without a tester a workflow that has tests
// cannot be checked, published or switched on.
func New(db *pg.DB, conversations *engine.Store, tester Tester) *Store {
	return &Store{Store: conversations, db: db, tester: tester}
}
