package pg

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/errs"
)

// Once makes the caller's Idempotency-Key part of the transaction that makes id.
// It returns the id that the first request with this key made, empty when this is
// the first, or when there is no key. A repeat that comes while the first is under
// way waits for it.
//
// Errors: errs.Conflict (the key was used for another request).
func Once(ctx context.Context, tx pgx.Tx, who access.Caller, id string, at time.Time) (string, error) {
	if !Keyed(who) {
		return "", nil
	}
	// After the conflict the row is there to be read: it was committed, or the
	// insertion would have waited.
	tag, err := tx.Exec(ctx, `
		INSERT INTO idempotency_keys (token_id, session_id, key, request_hash, status, body, created_at)
		VALUES (@token_id, @session_id, @key, @request_hash, @status, @body, @created_at) ON CONFLICT DO NOTHING`, pgx.NamedArgs{
		"token_id":     NullID(who.TokenID),
		"session_id":   NullID(who.SessionID),
		"key":          who.Key,
		"request_hash": who.RequestHash,
		"status":       201,
		"body":         []byte(id),
		"created_at":   at,
	})
	if err != nil || tag.RowsAffected() == 1 {
		return "", err
	}
	var hash, first []byte
	err = tx.QueryRow(ctx, `SELECT request_hash, body FROM idempotency_keys WHERE (token_id = $1 OR session_id = $2) AND key = $3`,
		NullID(who.TokenID), NullID(who.SessionID), who.Key).Scan(&hash, &first)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "", errs.New("store.once", errs.Unavailable, "try again")
	case err != nil:
		return "", err
	case !bytes.Equal(hash, who.RequestHash):
		return "", errs.New("store.once", errs.Conflict, "this Idempotency-Key was used for another request")
	}
	return string(first), nil
}

// Keyed reports whether the request may be sent twice.
func Keyed(who access.Caller) bool {
	return who.Key != "" && (who.TokenID != "" || who.SessionID != "")
}

// MailboxIDs are the mailboxes that the caller is a member of, as an argument of a
// statement.
func MailboxIDs(who access.Caller) []string {
	ids := make([]string, len(who.User.Mailboxes))
	for i, id := range who.User.Mailboxes {
		ids[i] = string(id)
	}
	return ids
}
