package tables

import (
	"encoding/json"
	"fmt"
	_ "time/tzdata"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
)

// MailboxColumns is the order that ScanMailbox expects; the table's alias is mb.
const MailboxColumns = `mb.id, mb.name, mb.email, mb.time_zone, mb.from_name, mb.workflow_user_name, mb.workflow_user_email,
	mb.track_views, mb.hours,
	mb.auto_reply_enabled, mb.auto_reply_subject, mb.auto_reply_body, mb.secret, mb.created_at, mb.revision, ` + mailboxFields + `, ` +
	mailboxFolders + `, ` + mailboxMail

// ScanMailbox expects mailboxColumns.
func ScanMailbox(row pgx.Row) (conversation.Mailbox, error) {
	var m conversation.Mailbox
	err := row.Scan(&m.ID, &m.Name, &m.Email, &m.TimeZone, &m.FromName, &m.WorkflowUserName, &m.WorkflowUserEmail, &m.TrackViews, HoursColumn{
		BusinessHours: &m.Hours,
	},
		&m.AutoReply.Enabled, &m.AutoReply.Subject, &m.AutoReply.Body, &m.Secret, &m.CreatedAt, &m.Revision, (*FieldRows)(&m.Fields),
		(*FolderRows)(&m.Folders),
		(*MailRow)(&m.Mail))
	return m, err
}

// mailboxMail is the column that mailRow reads; the mailbox's alias is mb.
const mailboxMail = `jsonb_build_object('personal_senders', mb.personal_senders, 'import_mode', mb.import_mode,
	'mail_answers', mb.mail_answers,
	'aliases', (SELECT coalesce(jsonb_agg(a.email ORDER BY a.email_key), '[]') FROM mailbox_addresses a
		WHERE a.mailbox_id = mb.id AND a.alias))`

// MailRow reads what a mailbox makes of mail.
type MailRow conversation.MailSettings

// Scan implements sql.Scanner.
func (m *MailRow) Scan(value any) error {
	var raw []byte
	switch v := value.(type) {
	case string:
		raw = []byte(v)
	case []byte:
		raw = v
	default:
		return fmt.Errorf("store: a mailbox's mail settings are %T", value)
	}
	var row struct {
		Aliases         []string                 `json:"aliases"`
		PersonalSenders []string                 `json:"personal_senders"`
		ImportMode      bool                     `json:"import_mode"`
		Answers         conversation.MailAnswers `json:"mail_answers"`
	}
	if err := json.Unmarshal(raw, &row); err != nil {
		return err
	}
	*m = MailRow(row)
	return nil
}
