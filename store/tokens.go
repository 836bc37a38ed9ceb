package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// tokenColumns is the order that scanToken expects; the table's alias is t.
const tokenColumns = `t.id, t.user_id, t.name, t.prefix, t.created_at, t.expires_at, t.revoked_at`

func scanToken(row pgx.Row) (access.Token, error) {
	var t access.Token
	var expires, revoked *time.Time
	err := row.Scan(&t.ID, &t.UserID, &t.Name, &t.Prefix, &t.CreatedAt, &expires, &revoked)
	t.ExpiresAt, t.RevokedAt = orZero(expires), orZero(revoked)
	return t, err
}

// TokenUser returns the user of a token that is neither revoked nor expired, with
// his memberships, and the token's id. It is one statement.
//
// Errors: errs.NotFound.
func (s *Store) TokenUser(ctx context.Context, secret string) (conversation.User, string, error) {
	var id string
	hash := sha256.Sum256([]byte(secret))
	u, err := scanUser(s.pool.QueryRow(ctx, `
		SELECT `+userColumns+`, t.id FROM tokens t JOIN users u ON u.id = t.user_id
		WHERE t.hash = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp() + $2::interval)`,
		hash[:], s.offset()), &id)
	return u, id, classify("store.TokenUser", err)
}

// CreateToken makes a token for a user and returns it with its secret, which is
// kept nowhere. expires zero means never. The repeat of a request with a key is
// refused, since its answer cannot be given again.
//
// Errors: errs.Invalid (with problems), errs.Conflict (the repeat).
func (s *Store) CreateToken(ctx context.Context, who access.Caller, user conversation.UserID, name string, expires time.Time) (access.Token, string, error) {
	const op = "store.CreateToken"
	var random [32]byte
	rand.Read(random[:]) // never fails
	secret := access.Secret(random)
	hash := sha256.Sum256([]byte(secret))
	t := access.Token{UserID: user, Prefix: secret[:access.ShownChars], ExpiresAt: expires}
	var p problems
	t.Name = p.line("name", name, 1, 100)
	if !isID(string(user)) {
		p.add("user_id", "there is no such user")
	}
	if err := p.err(op); err != nil {
		return t, "", err
	}
	err := s.inTx(ctx, op, func(tx pgx.Tx) error {
		var err error
		if t.CreatedAt, err = s.now(ctx, tx); err != nil {
			return err
		}
		t.ID = NewID()
		if !expires.IsZero() && !expires.After(t.CreatedAt) {
			return errs.Bad(op, "validation failed", []errs.Problem{{Path: "expires_at", Message: "this is in the past"}})
		}
		first, err := once(ctx, tx, who, t.ID, t.CreatedAt)
		if err != nil {
			return err
		}
		if first != "" {
			return errs.New(op, errs.Conflict, "this token was made by an earlier request; its secret is shown only once")
		}
		tag, err := tx.Exec(ctx, `
			INSERT INTO tokens (id, user_id, name, prefix, hash, created_at, expires_at)
			SELECT $1, id, $3, $4, $5, $6, $7 FROM users WHERE id = $2`,
			t.ID, t.UserID, t.Name, t.Prefix, hash[:], t.CreatedAt, nullTime(expires))
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errs.Bad(op, "validation failed", []errs.Problem{{Path: "user_id", Message: "there is no such user"}})
		}
		return insertAudit(ctx, tx, auditEntry{t.CreatedAt, who.Actor(), "created", "token", t.ID, nil,
			map[string]any{"user_id": t.UserID, "name": t.Name, "prefix": t.Prefix}})
	})
	if err != nil {
		return t, "", err
	}
	return t, secret, nil
}

// Tokens lists all tokens in the order of their ids, the oldest first, revoked
// ones included.
func (s *Store) Tokens(ctx context.Context) ([]access.Token, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+tokenColumns+` FROM tokens t ORDER BY t.id`)
	if err != nil {
		return nil, classify("store.Tokens", err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (access.Token, error) { return scanToken(r) })
	return out, classify("store.Tokens", err)
}

// RevokeToken ends a token at once. Revoking it again changes nothing.
//
// Errors: errs.NotFound.
func (s *Store) RevokeToken(ctx context.Context, who access.Caller, id string) error {
	const op = "store.RevokeToken"
	return s.inTx(ctx, op, func(tx pgx.Tx) error {
		t, err := scanToken(tx.QueryRow(ctx, `SELECT `+tokenColumns+` FROM tokens t WHERE t.id = $1 FOR NO KEY UPDATE`, id))
		if err != nil || !t.RevokedAt.IsZero() {
			return err
		}
		now, err := s.now(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE tokens SET revoked_at = $2 WHERE id = $1`, id, now); err != nil {
			return err
		}
		return insertAudit(ctx, tx, auditEntry{now, who.Actor(), "revoked", "token", t.ID, nil, nil})
	})
}
