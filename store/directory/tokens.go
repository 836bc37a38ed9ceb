package directory

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// tokenColumns is the order that scanToken expects; the table's alias is t.
const tokenColumns = `t.id, t.user_id, t.name, t.prefix, t.scopes, t.created_at, t.expires_at, t.revoked_at, t.last_used_at`

func scanToken(row pgx.Row) (access.Token, error) {
	var t access.Token
	var expires, revoked, used *time.Time
	err := row.Scan(&t.ID, &t.UserID, &t.Name, &t.Prefix, &t.Scopes, &t.CreatedAt, &expires, &revoked, &used)
	t.ExpiresAt, t.RevokedAt, t.LastUsedAt = pg.OrZero(expires), pg.OrZero(revoked), pg.OrZero(used)
	return t, err
}

// TokenUser returns the user of a token that is neither revoked nor expired, with
// their memberships, the token's id, name and scopes. Nothing is cached: a token that
// is revoked is refused by the next request. That it was used is written at most
// once a minute; in all other requests it is one statement.
//
// Errors: errs.NotFound.
func (s *Store) TokenUser(ctx context.Context, secret string) (access.Caller, error) {
	const op = "store.TokenUser"
	var who access.Caller
	var stale bool
	hash := sha256.Sum256([]byte(secret))
	var err error
	who.User, err = tables.ScanUser(s.db.Pool.QueryRow(ctx, `
		SELECT `+tables.UserColumns+`, t.id, t.name, t.scopes,
			coalesce(t.last_used_at <= clock_timestamp() + $2::interval - interval '1 minute', true) FROM tokens t JOIN users u ON u.id = t.user_id
		WHERE t.hash = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp() + $2::interval)`,
		hash[:], s.db.Offset()), &who.TokenID, &who.TokenName, &who.Scopes, &stale)
	if err != nil || !stale {
		return who, pg.Classify(op, err)
	}
	_, err = s.db.Pool.Exec(ctx, `UPDATE tokens SET last_used_at = clock_timestamp() + $2::interval
		WHERE id = $1 AND coalesce(last_used_at <= clock_timestamp() + $2::interval - interval '1 minute', true)`, who.TokenID, s.db.Offset())
	return who, pg.Classify(op, err)
}

// CreateToken makes a token for ask.UserID, with the name, scopes and expiry of
// ask, and returns it with its secret, which is kept nowhere. No scopes means all
// of the caller's. The repeat of a request with a key is refused, since its answer
// cannot be given again.
//
// Errors: errs.Invalid (with problems), errs.Conflict (the repeat).
func (s *Store) CreateToken(ctx context.Context, who access.Caller, ask access.Token) (access.Token, string, error) {
	const op = "store.CreateToken"
	out, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (newToken, error) {
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return newToken{}, err
		}
		t := ask
		t.ID, t.CreatedAt = pg.NewID(), now
		out, err := insertToken(ctx, tx, op, who, t)
		if err != nil {
			return newToken{}, err
		}
		return out, pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "created",
			ObjectKind: "token",
			ObjectID:   out.ID,
			After:      auditToken(out.Token),
		})
	})
	return out.Token, out.secret, err
}

// newToken is a token with the secret that is shown once.
type newToken struct {
	access.Token
	secret string
}

// insertToken stores a token with a new secret.
func insertToken(ctx context.Context, tx pgx.Tx, op string, who access.Caller, t access.Token) (newToken, error) {
	var p pg.Problems
	t.Name = p.Line("name", t.Name, 1, 100)
	if !pg.IsID(string(t.UserID)) {
		p.Add("user_id", "there is no such user")
	}
	if !t.ExpiresAt.IsZero() && !t.ExpiresAt.After(t.CreatedAt) {
		p.Add("expires_at", "this is in the past")
	}
	if len(t.Scopes) == 0 {
		t.Scopes = access.AllScopes()
		if who.Scopes != nil {
			t.Scopes = who.Scopes
		}
	}
	slices.Sort(t.Scopes)
	t.Scopes = slices.Compact(t.Scopes)
	for i, scope := range t.Scopes {
		switch {
		case !slices.Contains(access.AllScopes(), scope):
			p.Add(pg.At("scopes", i), "this must be read, write or manage")
		case who.Scopes != nil && !slices.Contains(who.Scopes, scope):
			p.Add(pg.At("scopes", i), "your own token does not have this scope")
		}
	}
	if err := p.Err(op); err != nil {
		return newToken{}, err
	}
	first, err := pg.Once(ctx, tx, who, t.ID, t.CreatedAt)
	if err != nil {
		return newToken{}, err
	}
	if first != "" {
		return newToken{}, errs.New(op, errs.Conflict, "this token was made by an earlier request; its secret is shown only once")
	}
	var random [32]byte
	rand.Read(random[:]) // never fails
	secret := access.Secret(random)
	hash := sha256.Sum256([]byte(secret))
	t.Prefix = secret[:access.ShownChars]
	tag, err := tx.Exec(ctx, `
		INSERT INTO tokens (id, user_id, name, prefix, hash, created_at, expires_at, scopes)
		SELECT $1, id, $3, $4, $5, $6, $7, $8 FROM users WHERE id = $2`,
		t.ID, t.UserID, t.Name, t.Prefix, hash[:], t.CreatedAt, pg.NullTime(t.ExpiresAt), t.Scopes)
	if err == nil && tag.RowsAffected() == 0 {
		err = errs.Bad(op, "validation failed", []errs.Problem{{Path: "user_id", Message: "there is no such user"}})
	}
	return newToken{t, secret}, err
}

func auditToken(t access.Token) map[string]any {
	return map[string]any{"user_id": t.UserID, "name": t.Name, "prefix": t.Prefix, "scopes": t.Scopes}
}

// RotateToken makes a token that takes the place of another: the same user, name
// and scopes, and as long to live. The old one is valid for overlap more, or until
// it expires if that is earlier; an overlap of zero revokes it.
//
// Errors: errs.NotFound, errs.Invalid (its scopes are not the caller's),
// errs.Conflict (it is revoked or expired, or this is the repeat of a request).
func (s *Store) RotateToken(ctx context.Context, who access.Caller, id string, overlap time.Duration) (access.Token, string, error) {
	const op = "store.RotateToken"
	out, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (newToken, error) {
		old, err := scanToken(tx.QueryRow(ctx, `SELECT `+tokenColumns+` FROM tokens t WHERE t.id = $1 FOR NO KEY UPDATE`, id))
		if err != nil {
			return newToken{}, err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return newToken{}, err
		}
		if !old.RevokedAt.IsZero() || !old.ExpiresAt.IsZero() && !old.ExpiresAt.After(now) {
			return newToken{}, errs.New(op, errs.Conflict, "this token is no longer valid: make a new one")
		}
		made := access.Token{ID: pg.NewID(), UserID: old.UserID, Name: old.Name, Scopes: old.Scopes, CreatedAt: now}
		if !old.ExpiresAt.IsZero() {
			made.ExpiresAt = now.Add(old.ExpiresAt.Sub(old.CreatedAt))
		}
		out, err := insertToken(ctx, tx, op, who, made)
		if err != nil {
			return newToken{}, err
		}
		if overlap == 0 {
			_, err = tx.Exec(ctx, `UPDATE tokens SET revoked_at = $2 WHERE id = $1`, id, now)
		} else {
			_, err = tx.Exec(ctx, `UPDATE tokens SET expires_at = least(expires_at, $2) WHERE id = $1`, id, now.Add(overlap))
		}
		if err != nil {
			return newToken{}, err
		}
		return out, pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "rotated",
			ObjectKind: "token",
			ObjectID:   id,
			Before:     auditToken(old),
			After:      auditToken(out.Token),
		})
	})
	return out.Token, out.secret, err
}

// Tokens lists all tokens in the order of their ids, the oldest first, revoked
// ones included.
func (s *Store) Tokens(ctx context.Context) ([]access.Token, error) {
	rows, err := s.db.Pool.Query(ctx, `SELECT `+tokenColumns+` FROM tokens t ORDER BY t.id`)
	if err != nil {
		return nil, pg.Classify("store.Tokens", err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (access.Token, error) { return scanToken(r) })
	return out, pg.Classify("store.Tokens", err)
}

// RevokeToken ends a token at once. Revoking it again changes nothing.
//
// Errors: errs.NotFound.
func (s *Store) RevokeToken(ctx context.Context, who access.Caller, id string) error {
	const op = "store.RevokeToken"
	return s.db.InTx(ctx, op, func(tx pgx.Tx) error {
		t, err := scanToken(tx.QueryRow(ctx, `SELECT `+tokenColumns+` FROM tokens t WHERE t.id = $1 FOR NO KEY UPDATE`, id))
		if err != nil || !t.RevokedAt.IsZero() {
			return err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE tokens SET revoked_at = $2 WHERE id = $1`, id, now); err != nil {
			return err
		}
		return pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "revoked",
			ObjectKind: "token",
			ObjectID:   t.ID,
			Before:     auditToken(t),
		})
	})
}
