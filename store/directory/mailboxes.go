package directory

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a mailbox's time zone must not depend on the machine

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
	"github.com/smarticks/smarticks/store/rules"
)

// Mailbox returns a mailbox.
//
// Errors: errs.NotFound.
func (s *Store) Mailbox(ctx context.Context, id conversation.MailboxID) (conversation.Mailbox, error) {
	m, err := tables.ScanMailbox(s.db.Pool.QueryRow(ctx, `SELECT `+tables.MailboxColumns+` FROM mailboxes mb WHERE mb.id = $1`, id))
	return m, pg.Classify("store.Mailbox", err)
}

// Mailboxes lists all mailboxes in the order of their ids, the oldest first.
func (s *Store) Mailboxes(ctx context.Context) ([]conversation.Mailbox, error) {
	rows, err := s.db.Pool.Query(ctx, `SELECT `+tables.MailboxColumns+` FROM mailboxes mb ORDER BY mb.id`)
	if err != nil {
		return nil, pg.Classify("store.Mailboxes", err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Mailbox, error) { return tables.ScanMailbox(r) })
	return out, pg.Classify("store.Mailboxes", err)
}

// CreateMailbox makes a mailbox with a signing secret of its own. The repeat of a
// request with a key returns the mailbox of the first.
//
// Errors: errs.Invalid (with problems), errs.Conflict (the address is taken).
func (s *Store) CreateMailbox(ctx context.Context, who access.Caller, ask conversation.Mailbox) (conversation.Mailbox, error) {
	const op = "store.CreateMailbox"
	if err := cleanMailbox(op, &ask); err != nil {
		return ask, err
	}
	return pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.Mailbox, error) {
		m := ask
		var err error
		if m.CreatedAt, err = s.db.Now(ctx, tx); err != nil {
			return m, err
		}
		m.ID, m.Secret, m.Revision = conversation.MailboxID(pg.NewID()), newSigningSecret(), 1
		first, err := pg.Once(ctx, tx, who, string(m.ID), m.CreatedAt)
		if err != nil {
			return m, err
		}
		if first != "" {
			return tables.ScanMailbox(tx.QueryRow(ctx, `SELECT `+tables.MailboxColumns+` FROM mailboxes mb WHERE mb.id = $1`, first))
		}
		if _, err = tx.Exec(ctx, `
			INSERT INTO mailboxes (id, name, email, email_key, time_zone, from_name, workflow_user_name, workflow_user_email, track_views, secret,
			created_at,
				hours, personal_senders, import_mode, mail_answers)
			VALUES (@id, @name, @email, @email_key, @time_zone, @from_name, @workflow_user_name, @workflow_user_email,
				@track_views, @secret, @created_at, @hours, @personal_senders, @import_mode, @mail_answers)`, pgx.NamedArgs{
			"id":                  m.ID,
			"name":                m.Name,
			"email":               m.Email,
			"email_key":           conversation.AddressKey(m.Email),
			"time_zone":           m.TimeZone,
			"from_name":           m.FromName,
			"workflow_user_name":  m.WorkflowUserName,
			"workflow_user_email": m.WorkflowUserEmail,
			"track_views":         m.TrackViews,
			"secret":              m.Secret,
			"created_at":          m.CreatedAt,
			"hours":               tables.EncodeHours(m.Hours),
			"personal_senders":    pg.List(m.Mail.PersonalSenders),
			"import_mode":         m.Mail.ImportMode,
			"mail_answers":        m.Mail.Answers,
		}); err != nil {
			return m, err
		}
		if err := engine.SaveAddresses(ctx, tx, m); err != nil {
			return m, err
		}
		return m, pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         m.CreatedAt,
			By:         pg.By(who),
			Verb:       "created",
			ObjectKind: "mailbox",
			ObjectID:   string(m.ID),
			Mailbox:    m.ID,
			After:      auditMailbox(m),
		})
	})
}

// ChangeMailbox changes what ch names, and returns the mailbox as it is then. Other
// business hours or another time zone begin a rollout, by which the due times that
// may change are made again.
//
// Errors: errs.NotFound, errs.Invalid (with problems), errs.Conflict (the address
// is taken), errs.Stale.
func (s *Store) ChangeMailbox(ctx context.Context, who access.Caller, id conversation.MailboxID,
	ch conversation.MailboxChange) (conversation.Mailbox, error) {
	const op = "store.ChangeMailbox"
	type changed struct {
		conversation.Mailbox
		wake bool
	}
	out, err := pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (changed, error) {
		m, err := tables.ScanMailbox(tx.QueryRow(ctx, `SELECT `+tables.MailboxColumns+` FROM mailboxes mb WHERE mb.id = $1 FOR NO KEY UPDATE`,
			id))
		if err != nil {
			return changed{}, err
		}
		if err := pg.MatchRevision(ctx, tx, who, "mailbox", string(id), m.Revision); err != nil {
			return changed{}, err
		}
		before, was := auditMailbox(m), m
		pg.Set(&m.Name, ch.Name)
		pg.Set(&m.Email, ch.Email)
		pg.Set(&m.TimeZone, ch.TimeZone)
		pg.Set(&m.FromName, ch.FromName)
		pg.Set(&m.WorkflowUserName, ch.WorkflowUserName)
		pg.Set(&m.WorkflowUserEmail, ch.WorkflowUserEmail)
		pg.Set(&m.TrackViews, ch.TrackViews)
		pg.Set(&m.Hours, ch.Hours)
		pg.Set(&m.AutoReply, ch.AutoReply)
		pg.Set(&m.Mail.Aliases, ch.Aliases)
		pg.Set(&m.Mail.PersonalSenders, ch.PersonalSenders)
		pg.Set(&m.Mail.ImportMode, ch.ImportMode)
		pg.Set(&m.Mail.Answers, ch.Answers)
		m.Mail.Aliases = append(slices.Clone(m.Mail.Aliases), was.Email) // cleaned away where it is the address still
		if err := cleanMailbox(op, &m); err != nil {
			return changed{}, err
		}
		err = tx.QueryRow(ctx, `
			UPDATE mailboxes SET name = @name, email = @email, email_key = @email_key, time_zone = @time_zone,
				from_name = @from_name, workflow_user_name = @workflow_user_name,
				workflow_user_email = @workflow_user_email, track_views = @track_views, hours = @hours,
				auto_reply_enabled = @auto_reply_enabled, auto_reply_subject = @auto_reply_subject, auto_reply_body = @auto_reply_body,
				personal_senders = @personal_senders, import_mode = @import_mode, mail_answers = @mail_answers
			WHERE id = @id RETURNING revision`, pgx.NamedArgs{
			"id":                  m.ID,
			"name":                m.Name,
			"email":               m.Email,
			"email_key":           conversation.AddressKey(m.Email),
			"time_zone":           m.TimeZone,
			"from_name":           m.FromName,
			"workflow_user_name":  m.WorkflowUserName,
			"workflow_user_email": m.WorkflowUserEmail,
			"track_views":         m.TrackViews,
			"hours":               tables.EncodeHours(m.Hours),
			"auto_reply_enabled":  m.AutoReply.Enabled,
			"auto_reply_subject":  m.AutoReply.Subject,
			"auto_reply_body":     m.AutoReply.Body,
			"personal_senders":    pg.List(m.Mail.PersonalSenders),
			"import_mode":         m.Mail.ImportMode,
			"mail_answers":        m.Mail.Answers,
		}).Scan(&m.Revision)
		if err != nil {
			return changed{}, err
		}
		if m.Email != was.Email || !slices.Equal(m.Mail.Aliases, was.Mail.Aliases) {
			if err := engine.SaveAddresses(ctx, tx, m); err != nil {
				return changed{}, err
			}
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return changed{}, err
		}
		after := auditMailbox(m)
		if err := pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "changed",
			ObjectKind: "mailbox",
			ObjectID:   string(m.ID),
			Mailbox:    m.ID,
			Before:     before,
			After:      after,
		}); err != nil {
			return changed{}, err
		}
		if before["business_hours"] == after["business_hours"] && before["time_zone"] == after["time_zone"] {
			return changed{m, false}, nil
		}
		e := &rules.DefinitionEdit{Tx: tx, Op: op, Mailbox: id, Who: who, Actor: who.Actor(), Now: now}
		err = e.ClockChanged(ctx, s.Store)
		return changed{m, e.Rung}, err
	})
	if out.wake {
		s.db.Notifier.Push()
	}
	return out.Mailbox, err
}

// RotateMailbox gives the mailbox a new signing secret. For a day what is sent is
// signed by both, so that the other side can follow.
//
// Errors: errs.NotFound, errs.Stale, errs.Unavailable.
func (s *Store) RotateMailbox(ctx context.Context, who access.Caller, id conversation.MailboxID) (conversation.Mailbox, error) {
	const op = "store.RotateMailbox"
	return pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.Mailbox, error) {
		var m conversation.Mailbox
		var err error
		m, err = tables.ScanMailbox(tx.QueryRow(ctx, `SELECT `+tables.MailboxColumns+` FROM mailboxes mb WHERE mb.id = $1 FOR NO KEY UPDATE`, id))
		if err != nil {
			return m, err
		}
		if err := pg.MatchRevision(ctx, tx, who, "mailbox", string(id), m.Revision); err != nil {
			return m, err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return m, err
		}
		m.Secret = newSigningSecret()
		if err := tx.QueryRow(ctx, `UPDATE mailboxes SET previous_secret = secret, secret = $2, rotated_at = $3 WHERE id = $1 RETURNING revision`,
			id, m.Secret, now).Scan(&m.Revision); err != nil {
			return m, err
		}
		return m, pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "rotated",
			ObjectKind: "mailbox",
			ObjectID:   string(id),
			Mailbox:    id,
			Before:     auditMailbox(m),
			After:      auditMailbox(m),
		})
	})
}

func cleanMailbox(op string, m *conversation.Mailbox) error {
	var p pg.Problems
	m.Name = p.Line("name", m.Name, 1, 100)
	m.Email = p.Address("email", m.Email)
	cleanAutoReply(&p, &m.AutoReply)
	cleanMail(&p, m)
	m.FromName = p.Line("from_name", m.FromName, 0, 100)
	m.WorkflowUserName = p.Line("workflow_user_name", m.WorkflowUserName, 0, conversation.MaxWorkflowUserName)
	if m.WorkflowUserEmail = strings.TrimSpace(m.WorkflowUserEmail); m.WorkflowUserEmail != "" {
		m.WorkflowUserEmail = p.Address("workflow_user_email", m.WorkflowUserEmail)
	}
	if problem := m.Hours.Check(); problem != "" {
		p.Add("business_hours", problem)
	}
	if m.TimeZone == "" {
		m.TimeZone = "UTC"
	}
	if _, err := time.LoadLocation(m.TimeZone); err != nil || m.TimeZone == "Local" {
		p.Add("time_zone", "there is no such time zone; write it as Europe/Berlin")
	}
	return p.Err(op)
}

// maxAutoReply is the most bytes of an automatic reply.
const maxAutoReply = 20_000

func cleanAutoReply(p *pg.Problems, a *conversation.AutoReply) {
	a.Subject = p.Line("auto_reply.subject", a.Subject, 0, conversation.MaxSubjectLength)
	switch {
	case a.Enabled && strings.TrimSpace(a.Body) == "":
		p.Add("auto_reply.body", "this must not be empty")
	case len(a.Body) > maxAutoReply:
		p.Add("auto_reply.body", "this is too long: at most 20,000 bytes")
	}
	for path, source := range map[string]string{"auto_reply.subject": a.Subject, "auto_reply.body": a.Body} {
		_, bad := automation.ParseTemplate(source)
		for _, b := range bad {
			p.Add(path, b.Message)
		}
	}
}

// auditMailbox is what the audit keeps of a mailbox: all but its secret.
func auditMailbox(m conversation.Mailbox) map[string]string {
	return map[string]string{
		"name": m.Name, "email": m.Email, "time_zone": m.TimeZone, "from_name": m.FromName, "workflow_user_name": m.WorkflowUserName,
		"workflow_user_email": m.WorkflowUserEmail, "track_views": strconv.FormatBool(m.TrackViews),
		"auto_reply": strconv.FormatBool(m.AutoReply.Enabled), "auto_reply_subject": m.AutoReply.Subject, "auto_reply_body": m.AutoReply.Body,
		"business_hours": tables.EncodeHours(m.Hours),
		"aliases":        strings.Join(m.Mail.Aliases, ", "), "personal_senders": strings.Join(m.Mail.PersonalSenders, ", "),
		"import_mode": strconv.FormatBool(m.Mail.ImportMode), "mail_answers": string(m.Mail.Answers),
	}
}

// newSigningSecret returns a secret as Standard Webhooks writes it.
func newSigningSecret() string {
	var key [32]byte
	rand.Read(key[:]) // never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(key[:])
}
