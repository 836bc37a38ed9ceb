package store

import (
	"context"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/directory"
)

// HoldHashes takes every turn at computing a password's hash until release.
func HoldHashes(s *Store) (release func()) {
	for range directory.HashesAtOnce {
		s.Hasher.Turns <- struct{}{}
	}
	return func() {
		for range directory.HashesAtOnce {
			<-s.Hasher.Turns
		}
	}
}

// StartSession is the second half of Login: the password was right for the hash.
func StartSession(ctx context.Context, s *Store, user conversation.UserID, hash string) error {
	_, _, err := s.StartSession(ctx, "store.StartSession", access.Caller{},
		directory.Proof{Account: directory.AccountKey(""), User: user, Hash: hash})
	return err
}

// Touched is how many rows of the table the transaction has read so far.
func Touched(ctx context.Context, c *Conversation, table string) (rows int64, err error) {
	err = c.Tx.QueryRow(ctx, `SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname =
		$1`, table).Scan(&rows)
	return rows, err
}
