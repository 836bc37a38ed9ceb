package inbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// bounced takes up what a report says of a mail of ours in the conversation, and
// returns its delivery: it has bounced, and a person should look, unless it was our
// notice that another mail did not arrive. The report's own
// words stay in its message. Empty: the report is of nothing of ours, or no news.
func bounced(ctx context.Context, tx pgx.Tx, c *conversation.Conversation, in conversation.Incoming, at time.Time) (string, error) {
	if in.Bounce == nil || in.Bounce.Action != conversation.BounceFailed {
		return "", nil
	}
	var ids []string
	for _, header := range in.Bounce.MessageIDs[:min(len(in.Bounce.MessageIDs), maxFound)] {
		if id, ok := delivery.Named(header); ok {
			ids = append(ids, string(id))
		}
	}
	if len(ids) == 0 {
		return "", nil
	}
	reason := delivery.BounceReason(in.Bounce.Status)
	var id string
	var notice bool // that a mail did not arrive
	err := tx.QueryRow(ctx, `
		UPDATE deliveries SET state = 'bounced', reason = $3, held_until = NULL, finished_at = coalesce(finished_at, $4)
		WHERE id = (SELECT id FROM deliveries WHERE id = ANY ($1::uuid[]) AND conversation_id = $2 AND kind <> 'webhook' AND attempts > 0
			AND state IN ('waiting', 'handed_over', 'sent') ORDER BY id LIMIT 1)
		RETURNING id::text, kind = 'notify' AND run_id IS NULL`, ids, c.ID, reason, at).Scan(&id, &notice)
	if pg.IsNoRows(err) {
		return "", nil
	}
	if err == nil && !notice {
		c.Call(conversation.AttentionUndelivered + reason)
	}
	return id, err
}
