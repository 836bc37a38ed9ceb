package directory

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// Audit lists the changes that the caller may read, the newest first; page.After is
// the number of the last one shown. Who is no admin reads those of the mailboxes
// whose workflows they manage.
//
// Errors: errs.Unavailable.
func (s *Store) Audit(ctx context.Context, who access.Caller, f conversation.AuditFilter,
	page conversation.Page) ([]conversation.Audited, error) {
	const op = "store.Audit"
	if f.MailboxID != "" && !pg.IsID(f.MailboxID) {
		return nil, nil
	}
	after, _ := strconv.ParseInt(page.After, 10, 64)
	rows, err := s.db.Pool.Query(ctx, `SELECT id, at, actor_kind, actor_id, coalesce((SELECT name FROM users u WHERE u.id = a.who),
			(SELECT name FROM definitions d WHERE d.id = a.who), (SELECT name FROM removed r WHERE r.id = actor_id), ''), actor_version, token_id,
			token_name, session_id, request_id, address,
			verb, object_kind, object_id, mailbox_id, before, after
		FROM (SELECT *, CASE WHEN actor_kind IN ('user', 'workflow') THEN actor_id::uuid END AS who FROM audit) a
		WHERE ($1 = '' OR object_kind = $1) AND ($2 = '' OR object_id = $2) AND ($3 = '' OR actor_id = $3) AND ($4 = '' OR token_id = $4)
			AND ($5 = '' OR request_id = $5) AND ($6 = '' OR verb = $6) AND ($7::uuid IS NULL OR mailbox_id = $7)
			AND ($8::timestamptz IS NULL OR at >= $8) AND ($9::timestamptz IS NULL OR at < $9)
			AND ($10 OR mailbox_id = ANY ($11::uuid[])) AND ($12 = 0 OR id < $12)
		ORDER BY id DESC LIMIT $13`, f.ObjectKind, f.ObjectID, f.ActorID, f.TokenID, f.RequestID, f.Verb, pg.NullID(f.MailboxID),
		pg.NullTime(f.From), pg.NullTime(f.To), who.All(), managedIDs(who), after, page.Limit)
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	out, err := pgx.CollectRows(rows, scanAudited)
	return out, pg.Classify(op, err)
}

func scanAudited(row pgx.CollectableRow) (conversation.Audited, error) {
	var a conversation.Audited
	var mailbox *conversation.MailboxID
	err := row.Scan(&a.ID, &a.At, &a.Actor.Kind, &a.Actor.ID, &a.ActorName, &a.ActorVersion, &a.TokenID, &a.TokenName, &a.SessionID,
		&a.RequestID, &a.Address,
		&a.Verb, &a.ObjectKind, &a.ObjectID, &mailbox, &a.Before, &a.After)
	a.MailboxID = pg.OrZero(mailbox)
	return a, err
}

// managedIDs are the mailboxes whose workflows the caller manages, as an argument of
// a statement.
func managedIDs(who access.Caller) []string {
	ids := []string{}
	for _, id := range who.User.Mailboxes {
		if who.User.Manages(id) {
			ids = append(ids, string(id))
		}
	}
	return ids
}
