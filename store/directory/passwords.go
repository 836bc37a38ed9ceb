package directory

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// SetPassword gives the user a new password and ends all their sessions but the
// caller's own. Who changes their own names the current one, whose failures count as
// those of a login; an admin who has none yet does not. The failures of the account
// are forgotten. His tokens stay.
//
// Errors: errs.NotFound, errs.Invalid (with problems), errs.Forbidden (another's, or
// their own first one, and no admin; a token without all scopes), errs.Conflict (it was changed in the meantime),
// errs.Unavailable (with access.TooManyError after too many failures).
func (s *Store) SetPassword(ctx context.Context, who access.Caller, id conversation.UserID, ch access.PasswordChange) error {
	const op = "store.SetPassword"
	if err := who.Of(access.ManageLogin, id); err != nil {
		return err
	}
	if err := who.Whole(); err != nil {
		return err // a password makes a session, which no scope bounds
	}
	if wrong := access.CheckPassword(ch.New); wrong != "" {
		return errs.Bad(op, "validation failed", []errs.Problem{{Path: "password", Message: wrong}})
	}
	p := Proof{User: id}
	var email string
	if err := s.db.Pool.QueryRow(ctx, `SELECT email, coalesce(password_hash, '') FROM users WHERE id = $1`, id).Scan(&email,
		&p.Hash); err != nil {
		return pg.Classify(op, err)
	}
	p.Account = AccountKey(email)
	if who.User.ID == id {
		if err := s.proveCurrent(ctx, op, who, p, ch.Current); err != nil {
			return err
		}
	}
	hash, err := s.Hasher.hash(ctx, ch.New)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, op, func(tx pgx.Tx) error {
		// What was proven must still hold. A login that is under way waits, and
		// finds the new password.
		var first bool
		err := tx.QueryRow(ctx, `UPDATE users u SET password_hash = $3 FROM (SELECT id, password_hash FROM users WHERE id = $1 FOR NO KEY
			UPDATE) old
			WHERE u.id = old.id AND coalesce(old.password_hash, '') = $2 RETURNING old.password_hash IS NULL`, id, p.Hash, hash).Scan(&first)
		if errors.Is(err, pgx.ErrNoRows) {
			return errs.New(op, errs.Conflict, "the password was changed in the meantime")
		}
		if err != nil {
			return err
		}
		ended, err := tx.Exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2`, id, pg.NullID(who.SessionID))
		if err != nil {
			return err
		}
		if err := forgetFailures(ctx, tx, p.Account); err != nil {
			return err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		return pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "password set",
			ObjectKind: "user",
			ObjectID:   string(id),
			After:      map[string]any{"first": first, "sessions_ended": ended.RowsAffected()},
		})
	})
}

// proveCurrent returns nil when the caller may change their own password.
func (s *Store) proveCurrent(ctx context.Context, op string, who access.Caller, p Proof, current string) error {
	switch {
	case p.Hash == "" && who.All():
		return nil
	case p.Hash == "":
		return errs.New(op, errs.Forbidden, "you have no password yet: an admin gives you the first one")
	case current == "":
		return errs.Bad(op, "validation failed", []errs.Problem{{Path: "current_password", Message: "name your current password"}})
	}
	right, err := s.prove(ctx, op, who, p, current)
	if err == nil && !right {
		err = errs.Bad(op, "validation failed", []errs.Problem{{Path: "current_password", Message: "this is not your current password"}})
	}
	return err
}
