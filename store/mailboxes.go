package store

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
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// scanMailbox expects mailboxColumns.
func scanMailbox(row pgx.Row) (conversation.Mailbox, error) {
	var m conversation.Mailbox
	err := row.Scan(&m.ID, &m.Name, &m.Email, &m.TimeZone, &m.FromName, &m.WorkflowUserName, &m.WorkflowUserEmail, &m.TrackViews, hoursColumn{&m.Hours},
		&m.AutoReply.Enabled, &m.AutoReply.Subject, &m.AutoReply.Body, &m.Secret, &m.CreatedAt, &m.Revision, (*fieldRows)(&m.Fields), (*folderRows)(&m.Folders),
		(*mailRow)(&m.Mail))
	return m, err
}

// Mailbox returns a mailbox.
//
// Errors: errs.NotFound.
func (s *Store) Mailbox(ctx context.Context, id conversation.MailboxID) (conversation.Mailbox, error) {
	m, err := scanMailbox(s.db.pool.QueryRow(ctx, `SELECT `+mailboxColumns+` FROM mailboxes mb WHERE mb.id = $1`, id))
	return m, classify("store.Mailbox", err)
}

// Mailboxes lists all mailboxes in the order of their ids, the oldest first.
func (s *Store) Mailboxes(ctx context.Context) ([]conversation.Mailbox, error) {
	rows, err := s.db.pool.Query(ctx, `SELECT `+mailboxColumns+` FROM mailboxes mb ORDER BY mb.id`)
	if err != nil {
		return nil, classify("store.Mailboxes", err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Mailbox, error) { return scanMailbox(r) })
	return out, classify("store.Mailboxes", err)
}

// CreateMailbox makes a mailbox with a signing secret of its own. The repeat of a
// request with a key returns the mailbox of the first.
//
// Errors: errs.Invalid (with problems), errs.Conflict (the address is taken).
func (s *Store) CreateMailbox(ctx context.Context, who access.Caller, m conversation.Mailbox) (conversation.Mailbox, error) {
	const op = "store.CreateMailbox"
	if err := cleanMailbox(op, &m); err != nil {
		return m, err
	}
	err := s.db.inTx(ctx, op, func(tx pgx.Tx) error {
		var err error
		if m.CreatedAt, err = s.db.now(ctx, tx); err != nil {
			return err
		}
		m.ID, m.Secret, m.Revision = conversation.MailboxID(NewID()), newSigningSecret(), 1
		first, err := once(ctx, tx, who, string(m.ID), m.CreatedAt)
		if err != nil {
			return err
		}
		if first != "" {
			m, err = scanMailbox(tx.QueryRow(ctx, `SELECT `+mailboxColumns+` FROM mailboxes mb WHERE mb.id = $1`, first))
			return err
		}
		if _, err = tx.Exec(ctx, `
			INSERT INTO mailboxes (id, name, email, email_key, time_zone, from_name, workflow_user_name, workflow_user_email, track_views, secret, created_at,
				hours, personal_senders, import_mode, mail_answers)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
			m.ID, m.Name, m.Email, conversation.AddressKey(m.Email), m.TimeZone, m.FromName, m.WorkflowUserName, m.WorkflowUserEmail, m.TrackViews, m.Secret,
			m.CreatedAt, encodeHours(m.Hours), list(m.Mail.PersonalSenders), m.Mail.ImportMode, m.Mail.Answers); err != nil {
			return err
		}
		if err := saveAddresses(ctx, tx, m); err != nil {
			return err
		}
		return insertAudit(ctx, tx, auditEntry{m.CreatedAt, by(who), "created", "mailbox", string(m.ID), m.ID, nil, auditMailbox(m)})
	})
	return m, classify(op, err)
}

// ChangeMailbox changes what ch names, and returns the mailbox as it is then. Other
// business hours or another time zone begin a rollout, by which the due times that
// may change are made anew.
//
// Errors: errs.NotFound, errs.Invalid (with problems), errs.Conflict (the address
// is taken), errs.Stale.
func (s *Store) ChangeMailbox(ctx context.Context, who access.Caller, id conversation.MailboxID, ch conversation.MailboxChange) (conversation.Mailbox, error) {
	const op = "store.ChangeMailbox"
	var m conversation.Mailbox
	var rung bool
	err := s.db.inTx(ctx, op, func(tx pgx.Tx) error {
		var err error
		m, err = scanMailbox(tx.QueryRow(ctx, `SELECT `+mailboxColumns+` FROM mailboxes mb WHERE mb.id = $1 FOR NO KEY UPDATE`, id))
		if err != nil {
			return err
		}
		if err := matchRevision(ctx, tx, who, "mailbox", string(id), m.Revision); err != nil {
			return err
		}
		before, was := auditMailbox(m), m
		set(&m.Name, ch.Name)
		set(&m.Email, ch.Email)
		set(&m.TimeZone, ch.TimeZone)
		set(&m.FromName, ch.FromName)
		set(&m.WorkflowUserName, ch.WorkflowUserName)
		set(&m.WorkflowUserEmail, ch.WorkflowUserEmail)
		set(&m.TrackViews, ch.TrackViews)
		set(&m.Hours, ch.Hours)
		set(&m.AutoReply, ch.AutoReply)
		set(&m.Mail.Aliases, ch.Aliases)
		set(&m.Mail.PersonalSenders, ch.PersonalSenders)
		set(&m.Mail.ImportMode, ch.ImportMode)
		set(&m.Mail.Answers, ch.Answers)
		m.Mail.Aliases = append(slices.Clone(m.Mail.Aliases), was.Email) // cleaned away where it is the address still
		if err := cleanMailbox(op, &m); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `
			UPDATE mailboxes SET name = $2, email = $3, email_key = $4, time_zone = $5, from_name = $6, workflow_user_name = $7,
				workflow_user_email = $8, track_views = $9, hours = $10, auto_reply_enabled = $11, auto_reply_subject = $12, auto_reply_body = $13,
				personal_senders = $14, import_mode = $15, mail_answers = $16
			WHERE id = $1 RETURNING revision`, m.ID, m.Name, m.Email, conversation.AddressKey(m.Email), m.TimeZone, m.FromName, m.WorkflowUserName, m.WorkflowUserEmail, m.TrackViews,
			encodeHours(m.Hours), m.AutoReply.Enabled, m.AutoReply.Subject, m.AutoReply.Body,
			list(m.Mail.PersonalSenders), m.Mail.ImportMode, m.Mail.Answers).Scan(&m.Revision)
		if err != nil {
			return err
		}
		if m.Email != was.Email || !slices.Equal(m.Mail.Aliases, was.Mail.Aliases) {
			if err := saveAddresses(ctx, tx, m); err != nil {
				return err
			}
		}
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		after := auditMailbox(m)
		if err := insertAudit(ctx, tx, auditEntry{now, by(who), "changed", "mailbox", string(m.ID), m.ID, before, after}); err != nil {
			return err
		}
		rung = false
		if before["business_hours"] == after["business_hours"] && before["time_zone"] == after["time_zone"] {
			return nil
		}
		e := &definitionEdit{tx: tx, op: op, mailbox: id, who: who, actor: who.Actor(), now: now}
		err = e.clockChanged(ctx, s)
		rung = e.rung
		return err
	})
	if err == nil && rung {
		s.db.bell.push()
	}
	return m, err
}

// RotateMailbox gives the mailbox a new signing secret. For a day what is sent is
// signed by both, so that the other side can follow.
//
// Errors: errs.NotFound, errs.Stale, errs.Unavailable.
func (s *Store) RotateMailbox(ctx context.Context, who access.Caller, id conversation.MailboxID) (conversation.Mailbox, error) {
	const op = "store.RotateMailbox"
	var m conversation.Mailbox
	err := s.db.inTx(ctx, op, func(tx pgx.Tx) error {
		var err error
		m, err = scanMailbox(tx.QueryRow(ctx, `SELECT `+mailboxColumns+` FROM mailboxes mb WHERE mb.id = $1 FOR NO KEY UPDATE`, id))
		if err != nil {
			return err
		}
		if err := matchRevision(ctx, tx, who, "mailbox", string(id), m.Revision); err != nil {
			return err
		}
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		m.Secret = newSigningSecret()
		if err := tx.QueryRow(ctx, `UPDATE mailboxes SET previous_secret = secret, secret = $2, rotated_at = $3 WHERE id = $1 RETURNING revision`,
			id, m.Secret, now).Scan(&m.Revision); err != nil {
			return err
		}
		return insertAudit(ctx, tx, auditEntry{now, by(who), "rotated", "mailbox", string(id), id, auditMailbox(m), auditMailbox(m)})
	})
	return m, err
}

// clockChanged has the due lists of a mailbox whose hours or time zone are others now
// made anew, if time alone makes one of its workflows run.
func (e *definitionEdit) clockChanged(ctx context.Context, s *Store) error {
	rows, err := e.tx.Query(ctx, `SELECT v.body FROM definitions f JOIN versions v ON v.id = f.version_id
		WHERE f.mailbox_id = $1 AND f.mode <> 'off' AND f.deleted_at IS NULL`, e.mailbox)
	if err != nil {
		return err
	}
	bodies, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil || !slices.ContainsFunc(bodies, dated) {
		return err
	}
	return e.rollOut(ctx, s, runs.Rollout{Reason: runs.RolloutClock})
}

// dated tells whether time alone may make a version run. One that cannot be read
// has no due times.
func dated(body []byte) bool {
	d, err := decodeBody(body)
	if err != nil {
		return false
	}
	p, problems := automation.Compile(d)
	return len(problems) == 0 && p.HasDates()
}

func cleanMailbox(op string, m *conversation.Mailbox) error {
	var p problems
	m.Name = p.line("name", m.Name, 1, 100)
	m.Email = p.address("email", m.Email)
	cleanAutoReply(&p, &m.AutoReply)
	cleanMail(&p, m)
	m.FromName = p.line("from_name", m.FromName, 0, 100)
	m.WorkflowUserName = p.line("workflow_user_name", m.WorkflowUserName, 0, conversation.MaxWorkflowUserName)
	if m.WorkflowUserEmail = strings.TrimSpace(m.WorkflowUserEmail); m.WorkflowUserEmail != "" {
		m.WorkflowUserEmail = p.address("workflow_user_email", m.WorkflowUserEmail)
	}
	if problem := m.Hours.Check(); problem != "" {
		p.add("business_hours", problem)
	}
	if m.TimeZone == "" {
		m.TimeZone = "UTC"
	}
	if _, err := time.LoadLocation(m.TimeZone); err != nil || m.TimeZone == "Local" {
		p.add("time_zone", "there is no such time zone; write it as Europe/Berlin")
	}
	return p.err(op)
}

// maxAutoReply is the most bytes of an automatic reply.
const maxAutoReply = 20_000

func cleanAutoReply(p *problems, a *conversation.AutoReply) {
	a.Subject = p.line("auto_reply.subject", a.Subject, 0, conversation.MaxSubjectLength)
	switch {
	case a.Enabled && strings.TrimSpace(a.Body) == "":
		p.add("auto_reply.body", "this must not be empty")
	case len(a.Body) > maxAutoReply:
		p.add("auto_reply.body", "this is too long: at most 20,000 bytes")
	}
	for path, source := range map[string]string{"auto_reply.subject": a.Subject, "auto_reply.body": a.Body} {
		_, bad := automation.ParseTemplate(source)
		for _, b := range bad {
			p.add(path, b.Message)
		}
	}
}

// auditMailbox is what the audit keeps of a mailbox: all but its secret.
func auditMailbox(m conversation.Mailbox) map[string]string {
	return map[string]string{
		"name": m.Name, "email": m.Email, "time_zone": m.TimeZone, "from_name": m.FromName, "workflow_user_name": m.WorkflowUserName,
		"workflow_user_email": m.WorkflowUserEmail, "track_views": strconv.FormatBool(m.TrackViews),
		"auto_reply": strconv.FormatBool(m.AutoReply.Enabled), "auto_reply_subject": m.AutoReply.Subject, "auto_reply_body": m.AutoReply.Body, "business_hours": encodeHours(m.Hours),
		"aliases": strings.Join(m.Mail.Aliases, ", "), "personal_senders": strings.Join(m.Mail.PersonalSenders, ", "),
		"import_mode": strconv.FormatBool(m.Mail.ImportMode), "mail_answers": string(m.Mail.Answers),
	}
}

// newSigningSecret returns a secret as Standard Webhooks writes it.
func newSigningSecret() string {
	var key [32]byte
	rand.Read(key[:]) // never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(key[:])
}
