package engine

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// undelivered ends the attempt after which nothing is tried any longer. A mail of a
// conversation that will not arrive, or not everywhere, is an event of it, and asks for attention; not so
// our own notice that a mail did not arrive.
func (s *Store) undelivered(ctx context.Context, op string, id delivery.ID, result delivery.Result,
	finish func(context.Context, pg.Execer) (bool, error),
) error {
	var conv conversation.ID
	err := s.db.Pool.QueryRow(ctx, `SELECT conversation_id FROM deliveries WHERE id = $1 AND conversation_id IS NOT NULL
		AND (kind IN ('reply', 'email', 'forward') OR kind = 'notify' AND run_id IS NOT NULL)`, id).Scan(&conv)
	if err != nil && !pg.IsNoRows(err) {
		return pg.Classify(op, err)
	}
	if conv != "" {
		us := conversation.Actor{Kind: conversation.ActorSystem}
		err := s.Edit(ctx, op, conv, us, func(tx pgx.Tx, _ *conversation.Conversation, ed *conversation.Editor) (runs.Step, error) {
			ended, err := finish(ctx, tx)
			if ended {
				ed.Undelivered(string(id), undeliveredReason(result))
			}
			return runs.Step{}, err
		})
		if err == nil || !errs.Is(err, errs.NotFound) { // what was deleted permanently asks for nothing
			return err
		}
	}
	_, err = finish(ctx, s.db.Pool)
	return pg.Classify(op, err)
}

// undeliveredReason says in our words why nothing is tried any longer.
func undeliveredReason(r delivery.Result) string {
	switch {
	case r.State == delivery.AttemptFailed && r.Reason == "":
		return "the other side refused it"
	case r.State == delivery.AttemptFailed, r.State == delivery.AttemptSent:
		return r.Reason
	case r.Reason == "":
		return "it was tried long enough"
	default:
		return "it was tried long enough; the last attempt: " + r.Reason
	}
}

// TellUndelivered returns whom to tell that a mail of theirs did not arrive, nil where
// nobody is to be told: a workflow's mail and a notice have no author, each mail is
// told once, and one author MaxTold times within an hour.
//
// Errors: errs.Unavailable.
func (c *Conversation) TellUndelivered(ctx context.Context, id delivery.ID) (*delivery.Undelivered, error) {
	var u delivery.Undelivered
	err := c.Tx.QueryRow(ctx, `
		UPDATE deliveries d SET told_at = $3, told_user = w.author
		FROM (SELECT e.seq, CASE WHEN m.author_kind = 'user' THEN m.author_id::uuid END AS author
			FROM events e JOIN messages m ON m.id = e.message_id WHERE e.conversation_id = $2) w
		WHERE d.id = $1 AND d.conversation_id = $2 AND d.run_id IS NULL
			AND d.kind IN ('reply', 'email', 'forward') AND (d.state IN ('failed', 'bounced') OR d.state = 'sent' AND d.reason <> '') AND
			d.told_at IS NULL AND w.seq = d.seq AND w.author IS NOT NULL
			AND (SELECT count(*) FROM deliveries o
				WHERE o.told_user = w.author AND o.told_at > $3::timestamptz - interval '1 hour') < $4
		RETURNING d.told_user, d.reason, d.state = 'sent'`, id, c.row.ID, c.now, delivery.MaxTold).Scan(&u.Author, &u.Reason, &u.Partly)
	if pg.IsNoRows(err) {
		return nil, nil //nolint:nilnil // nobody is to be told
	}
	return &u, pg.Classify("store.TellUndelivered", err)
}
