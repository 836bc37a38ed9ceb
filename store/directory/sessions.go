package directory

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// SessionUser returns the user of a session that has not ended, with their
// memberships and the session's id. Nothing is cached: a session that was ended, or
// whose user is gone, is refused by the next request. That it was used is written
// at most once a minute; in all other requests, and where the caller only waits for
// news (idle), it is one statement.
//
// Errors: errs.NotFound.
func (s *Store) SessionUser(ctx context.Context, secret string, idle bool) (access.Caller, error) {
	const op = "store.SessionUser"
	var who access.Caller
	var stale bool
	hash := sha256.Sum256([]byte(secret))
	var err error
	who.User, err = tables.ScanUser(s.db.Pool.QueryRow(ctx, `
		SELECT `+tables.UserColumns+`, s.id, s.used_at <= clock_timestamp() + $2::interval - interval '1 minute'
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.hash = $1 AND s.expires_at > clock_timestamp() + $2::interval AND s.used_at > clock_timestamp() + $2::interval - $3::interval`,
		hash[:], s.db.Offset(), access.SessionIdle), &who.SessionID, &stale)
	if err != nil || !stale || idle {
		return who, pg.Classify(op, err)
	}
	_, err = s.db.Pool.Exec(ctx, `UPDATE sessions SET used_at = clock_timestamp() + $2::interval
		WHERE id = $1 AND used_at <= clock_timestamp() + $2::interval - interval '1 minute'`, who.SessionID, s.db.Offset())
	return who, pg.Classify(op, err)
}

// Login makes a session of the user with this address and password, and returns it
// with its secret, which is kept nowhere. An address that nobody has, a user without
// a password and a wrong password are answered alike, after the same work. who is
// nobody, with their address.
//
// Errors: errs.Forbidden (it is not right), errs.Unavailable (with
// access.TooManyError after too many failures).
func (s *Store) Login(ctx context.Context, who access.Caller, try access.Attempt) (access.Session, string, error) {
	const op = "store.Login"
	p := Proof{Account: AccountKey(try.Email)}
	err := s.db.Pool.QueryRow(ctx, `SELECT id, coalesce(password_hash, '') FROM users WHERE email_key = $1`,
		conversation.AddressKey(try.Email)).Scan(&p.User, &p.Hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return access.Session{}, "", pg.Classify(op, err)
	}
	right, err := s.prove(ctx, op, who, p, try.Password)
	if err != nil {
		return access.Session{}, "", err
	}
	if !right {
		return access.Session{}, "", wrongLogin(op)
	}
	return s.StartSession(ctx, op, who, p)
}

func wrongLogin(op string) error {
	return errs.New(op, errs.Forbidden, "the address or the password is wrong")
}

// StartSession makes the session of a user who proved their password, unless it was
// changed in the meantime.
func (s *Store) StartSession(ctx context.Context, op string, who access.Caller, p Proof) (access.Session, string, error) {
	var random [32]byte
	rand.Read(random[:]) // never fails
	secret := access.SessionSecret(random)
	hash := sha256.Sum256([]byte(secret))
	out, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (access.Session, error) {
		out := access.Session{ID: pg.NewID()}
		var err error
		out.User, err = tables.ScanUser(tx.QueryRow(ctx,
			`SELECT `+tables.UserColumns+` FROM users u WHERE u.id = $1 AND u.password_hash = $2 FOR SHARE`, p.User, p.Hash))
		if errors.Is(err, pgx.ErrNoRows) {
			return out, wrongLogin(op)
		}
		if err != nil {
			return out, err
		}
		if out.CreatedAt, err = s.db.Now(ctx, tx); err != nil {
			return out, err
		}
		out.ExpiresAt = out.CreatedAt.Add(access.SessionLife)
		if err := sweepSessions(ctx, tx, out.CreatedAt); err != nil {
			return out, err
		}
		if err := forgetFailures(ctx, tx, p.Account); err != nil {
			return out, err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO sessions (id, user_id, hash, created_at, used_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5)`,
			out.ID, out.User.ID, hash[:], out.CreatedAt, out.ExpiresAt); err != nil {
			return out, err
		}
		by := who
		by.User, by.SessionID = out.User, out.ID
		return out, pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         out.CreatedAt,
			By:         pg.By(by),
			Verb:       "logged in",
			ObjectKind: "user",
			ObjectID:   string(out.User.ID),
		})
	})
	return out, secret, err
}

// sweepSessions deletes some of those that ended by themselves.
func sweepSessions(ctx context.Context, tx pgx.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= $1 LIMIT 100 FOR UPDATE SKIP
		LOCKED)`, now)
	return err
}

// CurrentSession returns the session that the caller came with.
//
// Errors: errs.Conflict (the caller came with a token), errs.NotFound (it has just ended).
func (s *Store) CurrentSession(ctx context.Context, who access.Caller) (access.Session, error) {
	const op = "store.CurrentSession"
	if who.SessionID == "" {
		return access.Session{}, noSession(op)
	}
	out := access.Session{ID: who.SessionID, User: who.User}
	err := s.db.Pool.QueryRow(ctx, `SELECT created_at, expires_at FROM sessions WHERE id = $1`, who.SessionID).Scan(&out.CreatedAt,
		&out.ExpiresAt)
	return out, pg.Classify(op, err)
}

func noSession(op string) error {
	return errs.New(op, errs.Conflict, "this request has no session: it came with a token")
}

// Logout ends the session that the caller came with.
//
// Errors: errs.Conflict (the caller came with a token).
func (s *Store) Logout(ctx context.Context, who access.Caller) error {
	const op = "store.Logout"
	if who.SessionID == "" {
		return noSession(op)
	}
	return s.db.InTx(ctx, op, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM sessions WHERE id = $1`, who.SessionID)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		return pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "logged out",
			ObjectKind: "user",
			ObjectID:   string(who.User.ID),
		})
	})
}

// EndSessions ends all sessions of a user, that of the caller too.
//
// Errors: errs.NotFound, errs.Forbidden (another's, and no admin).
func (s *Store) EndSessions(ctx context.Context, who access.Caller, id conversation.UserID) error {
	const op = "store.EndSessions"
	if err := who.Of(access.ManageLogin, id); err != nil {
		return err
	}
	return s.db.InTx(ctx, op, func(tx pgx.Tx) error {
		// No login may come between: it locks the user too.
		var locked conversation.UserID
		if err := tx.QueryRow(ctx, `SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE`, id).Scan(&locked); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `DELETE FROM sessions WHERE user_id = $1`, id)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		return pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "sessions ended",
			ObjectKind: "user",
			ObjectID:   string(id),
			After:      map[string]any{"sessions": tag.RowsAffected()},
		})
	})
}
