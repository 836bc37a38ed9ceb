package pg

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// MatchRevision refuses a write whose caller had read another revision than the one that
// there is under the lock. Every caller of it holds the row until the commit, so
// that of two who read the same one is told.
//
// Errors: a *conversation.Stale, which says who changed it last.
func MatchRevision(ctx context.Context, q RowQuerier, who access.Caller, kind, id string, revision int64) error {
	if who.Read == nil || slices.Contains(who.Read, revision) {
		return nil
	}
	stale := &conversation.Stale{}
	// Resuming is kept beside the changes and changes nothing that is written.
	err := q.QueryRow(ctx, `SELECT a.at, a.verb, a.actor_kind, a.actor_id, coalesce(u.name, r.name, '')
		FROM audit a LEFT JOIN users u ON u.id::text = a.actor_id LEFT JOIN removed r ON r.id = a.actor_id
		WHERE a.object_kind = $1 AND a.object_id = $2 AND a.verb <> 'resumed' ORDER BY a.id DESC LIMIT 1`, kind, id).
		Scan(&stale.At, &stale.Verb, &stale.By.Kind, &stale.By.ID, &stale.Name)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	stale.Err = errs.New("store.match", errs.Stale, staleMessage(stale))
	return stale
}

func staleMessage(s *conversation.Stale) string {
	const again = "read it again and decide anew; nothing was changed"
	who := s.Name
	switch {
	case s.At.IsZero():
		return "this is not what it was when you read it: " + again
	case who == "" && s.By.Kind == conversation.ActorSystem:
		who = "the installation itself"
	case who == "":
		who = "somebody"
	}
	return "this was " + s.Verb + " by " + who + " at " + s.At.UTC().Format(time.RFC3339) + ", after you had read it: " + again
}
