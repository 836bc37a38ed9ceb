package directory

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// Proof is what a password is looked at for: whose it would be. The user may not
// exist.
type Proof struct {
	Account []byte // accountKey
	User    conversation.UserID
	Hash    string // the stored one; empty: there is none
}

// AccountKey is what an account's failures are counted under, whether there is
// such an account or not.
func AccountKey(email string) []byte {
	sum := sha256.Sum256([]byte(conversation.AddressKey(email)))
	return sum[:]
}

// prove reports whether the password is right. The try counts as a failure from
// before it is looked at, so that many at once are as many failures; who uses the
// proof forgets them (forgetFailures). A wrong one is noted in the audit.
//
// Errors: errs.Unavailable, with access.TooManyError when it has to wait.
func (s *Store) prove(ctx context.Context, op string, who access.Caller, p Proof, password string) (bool, error) {
	id, err := s.reserveTry(ctx, op, p, who.Address)
	if err != nil {
		return false, err
	}
	right, err := s.Hasher.matches(ctx, p.Hash, password)
	if err != nil {
		// It was not looked at and is no failure.
		if _, undo := s.db.Pool.Exec(ctx, `DELETE FROM login_failures WHERE id = $1`, id); undo != nil {
			return false, pg.Classify(op, undo)
		}
		return false, err
	}
	if right {
		return true, nil
	}
	return false, s.db.InTx(ctx, op, func(tx pgx.Tx) error {
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		return pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "login failed",
			ObjectKind: "user",
			ObjectID:   string(p.User),
		})
	})
}

// reserveTry counts a try as a failure unless the account or the address has to
// wait. Tries of one account, and of one address, come one at a time.
func (s *Store) reserveTry(ctx context.Context, op string, p Proof, address string) (int64, error) {
	type reservation struct {
		id   int64
		wait time.Duration // before the next try; then nothing was reserved
	}
	reserved, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (reservation, error) {
		from := access.AddressKey(address)
		// In this order everywhere. The first number tells these locks from others.
		for class, key := range []string{string(p.Account), from} {
			if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, hashtext(encode($2::bytea, 'hex')))`, advisoryLogin+class,
				[]byte(key)); err != nil {
				return reservation{}, err
			}
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return reservation{}, err
		}
		ofAccount, err := failures(ctx, tx, `account = $1`, p.Account)
		if err != nil {
			return reservation{}, err
		}
		ofAddress, err := failures(ctx, tx, `address = $1`, from)
		if err != nil {
			return reservation{}, err
		}
		if wait := max(access.LoginWait(ofAccount, now), access.LoginWait(ofAddress, now)); wait > 0 {
			return reservation{wait: wait}, nil
		}
		if _, err := tx.Exec(ctx, `DELETE FROM login_failures WHERE id IN (SELECT id FROM login_failures WHERE at < $1 LIMIT 100 FOR UPDATE
			SKIP LOCKED)`,
			now.Add(-access.FailuresKept)); err != nil {
			return reservation{}, err
		}
		var r reservation
		err = tx.QueryRow(ctx, `INSERT INTO login_failures (account, address, at) VALUES ($1, $2, $3) RETURNING id`, p.Account, from,
			now).Scan(&r.id)
		return r, err
	})
	if reserved.wait > 0 {
		err = errs.Wrap(op, errs.Unavailable, "too many failed tries, try again later", &access.TooManyError{Wait: reserved.wait})
	}
	return reserved.id, err
}

// advisoryLogin, and the number after it, are the classes of the advisory locks
// of tries to log in.
const advisoryLogin = 20170

// failures returns the times of the newest failures, the oldest first.
func failures(ctx context.Context, tx pgx.Tx, where string, key any) ([]time.Time, error) {
	rows, err := tx.Query(ctx, `SELECT at FROM (SELECT at FROM login_failures WHERE `+where+` ORDER BY at DESC LIMIT $2) newest ORDER BY at`,
		key, access.FailuresLookedAt)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[time.Time])
}

// forgetFailures forgets an account's failures, wherever they came from. Those of
// other accounts go on counting for their address: who has one account of their own
// must not buy tries at others with it.
func forgetFailures(ctx context.Context, tx pgx.Tx, account []byte) error {
	_, err := tx.Exec(ctx, `DELETE FROM login_failures WHERE account = $1`, account)
	return err
}
