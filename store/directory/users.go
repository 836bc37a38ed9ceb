package directory

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// User returns a user.
//
// Errors: errs.NotFound.
func (s *Store) User(ctx context.Context, id conversation.UserID) (conversation.User, error) {
	u, err := tables.ScanUser(s.db.Pool.QueryRow(ctx, `SELECT `+tables.UserColumns+` FROM users u WHERE u.id = $1`, id))
	return u, pg.Classify("store.User", err)
}

// Users lists all users in the order of their ids, the oldest first.
func (s *Store) Users(ctx context.Context) ([]conversation.User, error) {
	rows, err := s.db.Pool.Query(ctx, `SELECT `+tables.UserColumns+` FROM users u ORDER BY u.id`)
	if err != nil {
		return nil, pg.Classify("store.Users", err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.User, error) { return tables.ScanUser(r) })
	return out, pg.Classify("store.Users", err)
}

// CreateUser makes a user with their memberships. The repeat of a request with a
// key returns the user of the first.
//
// Errors: errs.Invalid (with problems), errs.Conflict (the address is taken),
// errs.Forbidden (a token without all scopes).
func (s *Store) CreateUser(ctx context.Context, who access.Caller, ask conversation.User) (conversation.User, error) {
	const op = "store.CreateUser"
	if err := who.Whole(); err != nil {
		return ask, err
	}
	if err := cleanUser(op, &ask); err != nil {
		return ask, err
	}
	return pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.User, error) {
		u := ask
		var err error
		if u.CreatedAt, err = s.db.Now(ctx, tx); err != nil {
			return u, err
		}
		u.ID, u.Revision = conversation.UserID(pg.NewID()), 1
		first, err := pg.Once(ctx, tx, who, string(u.ID), u.CreatedAt)
		if err != nil {
			return u, err
		}
		if first != "" {
			return tables.ScanUser(tx.QueryRow(ctx, `SELECT `+tables.UserColumns+` FROM users u WHERE u.id = $1`, first))
		}
		if _, err = tx.Exec(ctx, `INSERT INTO users (id, name, email, email_key, role, available, created_at,
			manage_workflows) VALUES (@id, @name, @email, @email_key, @role, @available, @created_at, @manage_workflows)`, pgx.NamedArgs{
			"id":               u.ID,
			"name":             u.Name,
			"email":            u.Email,
			"email_key":        conversation.AddressKey(u.Email),
			"role":             u.Role,
			"available":        u.Available,
			"created_at":       u.CreatedAt,
			"manage_workflows": u.ManageWorkflows,
		}); err != nil {
			return u, err
		}
		if err = setMemberships(ctx, tx, op, &u); err != nil {
			return u, err
		}
		return u, pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         u.CreatedAt,
			By:         pg.By(who),
			Verb:       "created",
			ObjectKind: "user",
			ObjectID:   string(u.ID),
			After:      auditUser(u),
		})
	})
}

// ChangeUser changes what ch names, and returns the user as they are then. Who loses a
// mailbox is then taken off its conversations, each with its event; when that fails
// half way, a repeat continues.
//
// Errors: errs.NotFound, errs.Invalid (with problems; the last admin stays one),
// errs.Conflict (the address is taken), errs.Stale, errs.Forbidden (a right or an
// address, by a token without all scopes).
func (s *Store) ChangeUser(ctx context.Context, who access.Caller, id conversation.UserID,
	ch conversation.UserChange) (conversation.User, error) {
	const op = "store.ChangeUser"
	if ch.Role != nil || ch.Email != nil || ch.Mailboxes != nil || ch.ManageWorkflows != nil || ch.ManagedMailboxes != nil {
		if err := who.Whole(); err != nil {
			return conversation.User{}, err
		}
	}
	u, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.User, error) {
		var u conversation.User
		// All admins are locked, in one order, so that two cannot each take the other's role.
		if ch.Role != nil {
			if _, err := tx.Exec(ctx, `SELECT id FROM users WHERE role = 'admin' ORDER BY id FOR NO KEY UPDATE`); err != nil {
				return u, err
			}
		}
		if _, err := tx.Exec(ctx, `SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE`, id); err != nil {
			return u, err
		}
		var err error
		if u, err = tables.ScanUser(tx.QueryRow(ctx, `SELECT `+tables.UserColumns+` FROM users u WHERE u.id = $1`, id)); err != nil {
			return u, err
		}
		if err := pg.MatchRevision(ctx, tx, who, "user", string(id), u.Revision); err != nil {
			return u, err
		}
		before := auditUser(u)
		pg.Set(&u.Name, ch.Name)
		pg.Set(&u.Email, ch.Email)
		pg.Set(&u.Available, ch.Available)
		pg.Set(&u.Role, ch.Role)
		pg.Set(&u.Mailboxes, ch.Mailboxes)
		pg.Set(&u.ManageWorkflows, ch.ManageWorkflows)
		pg.Set(&u.ManagedMailboxes, ch.ManagedMailboxes)
		if err := cleanUser(op, &u); err != nil {
			return u, err
		}
		if err := tx.QueryRow(ctx, `UPDATE users SET name = $2, email = $3, email_key = $4, role = $5, available = $6, manage_workflows = $7,
				revision = CASE WHEN $8 THEN revision + 1 ELSE revision END WHERE id = $1 RETURNING revision`,
			u.ID, u.Name, u.Email, conversation.AddressKey(u.Email), u.Role, u.Available, u.ManageWorkflows, ch.Mailboxes != nil ||
				ch.ManagedMailboxes != nil).Scan(&u.Revision); err != nil {
			return u, err
		}
		var admins int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM users WHERE role = 'admin'`).Scan(&admins); err != nil {
			return u, err
		}
		if admins == 0 {
			return u, errs.Bad(op, "validation failed", []errs.Problem{{Path: "role", Message: "this is the last admin"}})
		}
		if ch.Mailboxes != nil {
			if ch.ManagedMailboxes == nil { // what they leave they do not manage
				u.ManagedMailboxes = slices.DeleteFunc(u.ManagedMailboxes,
					func(m conversation.MailboxID) bool { return !slices.Contains(u.Mailboxes, m) })
			}
		}
		if ch.Mailboxes != nil || ch.ManagedMailboxes != nil {
			if err = setMemberships(ctx, tx, op, &u); err != nil {
				return u, err
			}
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return u, err
		}
		return u, pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "changed",
			ObjectKind: "user",
			ObjectID:   string(u.ID),
			Before:     before,
			After:      auditUser(u),
		})
	})
	if err == nil && u.Role != conversation.RoleAdmin && (ch.Mailboxes != nil || ch.Role != nil) {
		err = s.takeOff(ctx, op, who, id, u.Mailboxes)
	}
	return u, err
}

// setMemberships makes the user a member of exactly their mailboxes, each once.
func setMemberships(ctx context.Context, tx pgx.Tx, op string, u *conversation.User) error {
	if _, err := tx.Exec(ctx, `DELETE FROM memberships WHERE user_id = $1`, u.ID); err != nil {
		return err
	}
	mailboxes := u.Mailboxes
	asked := make([]string, 0, len(mailboxes))
	var p pg.Problems
	for i, m := range mailboxes {
		if !pg.IsID(string(m)) {
			p.Add(pg.At("mailbox_ids", i), "there is no such mailbox")
		}
		asked = append(asked, string(m))
	}
	managed := make([]string, 0, len(u.ManagedMailboxes))
	for i, m := range u.ManagedMailboxes {
		if !slices.Contains(mailboxes, m) {
			p.Add(pg.At("manage_workflows_in", i), "they are not a member of this mailbox: name it in mailbox_ids too")
		}
		managed = append(managed, string(m))
	}
	if err := p.Err(op); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `INSERT INTO memberships (mailbox_id, user_id, manage_workflows)
		SELECT id, $1, id = ANY($3::uuid[]) FROM mailboxes WHERE id = ANY($2::uuid[]) RETURNING mailbox_id`, u.ID, asked, managed)
	if err != nil {
		return err
	}
	stored, err := pgx.CollectRows(rows, pgx.RowTo[conversation.MailboxID])
	if err != nil {
		return err
	}
	known := map[conversation.MailboxID]bool{}
	for _, m := range stored {
		known[m] = true
	}
	for i, m := range mailboxes {
		if !known[m] {
			p.Add(pg.At("mailbox_ids", i), "there is no such mailbox")
		}
	}
	u.Mailboxes = stored
	slices.Sort(u.ManagedMailboxes)
	u.ManagedMailboxes = slices.Compact(u.ManagedMailboxes)
	return p.Err(op)
}

func cleanUser(op string, u *conversation.User) error {
	var p pg.Problems
	u.Name = p.Line("name", u.Name, 1, 100)
	u.Email = p.Address("email", u.Email)
	if u.Role != conversation.RoleAdmin && u.Role != conversation.RoleAgent {
		p.Add("role", "this must be admin or agent")
	}
	return p.Err(op)
}

func auditUser(u conversation.User) map[string]any {
	return map[string]any{"name": u.Name, "email": u.Email, "role": u.Role, "available": u.Available, "mailbox_ids": u.Mailboxes,
		"manage_workflows": u.ManageWorkflows, "manage_workflows_in": u.ManagedMailboxes}
}
