package engine

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

var (
	surroundingsStatement = pg.ReadStatement(files, "surroundings.sql", map[string]string{
		"mailbox_columns": tables.MailboxColumns, "history": "SELECT NULL",
	})
	surroundingsWithHistory = pg.ReadStatement(files, "surroundings.sql", map[string]string{
		"mailbox_columns": tables.MailboxColumns, "history": historyPiece,
	})
)

// Surroundings reads the customer, the mailbox, the settings and the deliveries
// that are waiting (ids and kinds only) in one statement. Those that somebody
// holds are among them: whoever it is may have nobody to tell what comes of it,
// after its Temporal workflow was terminated or reset. So are those that were
// handed over and are long overdue: nobody may be there to see to them.
//
// Under the lock it also reads, for the calls that follow, the revision of the mailbox's
// workflows and the history back to the oldest event to handle.
func (c *Conversation) Surroundings(ctx context.Context) (conversation.Surroundings, []delivery.Delivery, error) {
	var (
		s         conversation.Surroundings
		settings  []byte
		endpoints []byte
		waiting   []byte
		history   []byte
	)
	read, args := surroundingsStatement, pgx.NamedArgs{"conversation": c.row.ID}
	origins := c.oldestOrigin()
	if c.locked {
		read, args = surroundingsWithHistory, c.historyArgs(origins)
	}
	args["overdue"] = c.now.Add(-delivery.HandOverAfter)
	err := read.QueryRow(ctx, c.Tx, args).Scan(
		&s.Customer.ID, &s.Customer.FirstName, &s.Customer.LastName, &s.Customer.Company, &s.Customer.Phone, &s.Customer.Emails,
		&s.Customer.CreatedAt,
		&s.Mailbox.ID, &s.Mailbox.Name, &s.Mailbox.Email, &s.Mailbox.TimeZone, &s.Mailbox.FromName, &s.Mailbox.WorkflowUserName,
		&s.Mailbox.WorkflowUserEmail, &s.Mailbox.TrackViews, tables.HoursColumn{BusinessHours: &s.Mailbox.Hours},
		&s.Mailbox.AutoReply.Enabled, &s.Mailbox.AutoReply.Subject, &s.Mailbox.AutoReply.Body, &s.Mailbox.Secret, &s.Mailbox.CreatedAt,
		&s.Mailbox.Revision,
		(*tables.FieldRows)(&s.Mailbox.Fields), (*tables.FolderRows)(&s.Mailbox.Folders), (*tables.MailRow)(&s.Mailbox.Mail),
		&settings, &endpoints, &waiting, &s.Claimed, &c.revision, &history)
	if err != nil {
		return s, nil, pg.Classify("store.Surroundings", err)
	}
	var set struct {
		Name     string           `json:"workflow_user_name"`
		Email    string           `json:"workflow_user_email"`
		BaseURL  string           `json:"base_url"`
		ViewKey  string           `json:"view_key"`
		CauseKey string           `json:"cause_key"`
		Limits   tables.LimitsRow `json:"limits"`
	}
	if err := json.Unmarshal(settings, &set); err != nil {
		return s, nil, pg.Classify("store.Surroundings", err)
	}
	s.WorkflowUserName, s.WorkflowUserEmail, s.BaseURL, s.ViewKey = set.Name, set.Email, set.BaseURL, set.ViewKey
	s.CauseKey, s.Limits = set.CauseKey, conversation.Limits(set.Limits).OrDefault()
	c.limits, c.revisionOf = s.Limits, s.Mailbox.ID
	if c.locked {
		c.ahead = &historyAhead{origins: origins}
		if err := json.Unmarshal(history, &c.ahead.historyRow); err != nil {
			return s, nil, pg.Classify("store.Surroundings", err)
		}
	}
	if s.Endpoints, err = tables.DecodeEndpoints(endpoints); err != nil {
		return s, nil, pg.Classify("store.Surroundings", err)
	}
	var ids []struct {
		ID   delivery.ID   `json:"id"`
		Kind delivery.Kind `json:"kind"`
	}
	if err := json.Unmarshal(waiting, &ids); err != nil {
		return s, nil, pg.Classify("store.Surroundings", err)
	}
	var out []delivery.Delivery
	for _, d := range ids {
		out = append(out, delivery.Delivery{ID: d.ID, Kind: d.Kind})
	}
	return s, out, nil
}

// Mailbox reads another mailbox, one that the conversation is moved to.
//
// Errors: errs.NotFound.
func (c *Conversation) Mailbox(ctx context.Context, id conversation.MailboxID) (conversation.Mailbox, error) {
	m, err := tables.ScanMailbox(c.Tx.QueryRow(ctx, `SELECT `+tables.MailboxColumns+` FROM mailboxes mb WHERE mb.id = $1`, id))
	return m, pg.Classify("store.Mailbox", err)
}

// Recent reads the last 50 customer messages, newest first.
func (c *Conversation) Recent(ctx context.Context) ([]conversation.Message, error) {
	return c.newest(ctx, `AND m.kind = 'customer'`, 50)
}

// Thread reads the last 20 messages that the customer has seen or written,
// newest first: what a reply quotes.
func (c *Conversation) Thread(ctx context.Context) ([]conversation.Message, error) {
	return c.newest(ctx, `AND m.kind IN ('customer', 'reply', 'email')`, 20)
}

// newest reads the newest messages of a kind, newest first; of a conversation in its
// past those that were written by then.
func (c *Conversation) newest(ctx context.Context, which string, limit int) ([]conversation.Message, error) {
	const op = "store.newest"
	rows, err := c.Tx.Query(ctx, `SELECT `+tables.MessageColumns+` FROM messages m WHERE m.conversation_id = $1 `+which+`
		AND ($3::timestamptz IS NULL OR m.created_at <= $3) ORDER BY m.created_at DESC, m.id DESC LIMIT $2`, c.row.ID, limit,
		pg.NullTime(c.until))
	if err != nil {
		return nil, pg.Classify(op, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (conversation.Message, error) { return tables.ScanMessage(row) })
	return list, pg.Classify(op, err)
}

// Users reads everybody who works here, with their mailboxes.
func (c *Conversation) Users(ctx context.Context) ([]conversation.User, error) {
	rows, err := c.Tx.Query(ctx, `
		SELECT u.id, u.name, u.email, u.role, u.available, u.created_at,
			coalesce((SELECT array_agg(ms.mailbox_id::text) FROM memberships ms WHERE ms.user_id = u.id), '{}')
		FROM users u ORDER BY u.id`)
	if err != nil {
		return nil, pg.Classify("store.Users", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (conversation.User, error) {
		var (
			u   conversation.User
			ids []string
		)
		err := row.Scan(&u.ID, &u.Name, &u.Email, &u.Role, &u.Available, &u.CreatedAt, &ids)
		for _, id := range ids {
			u.Mailboxes = append(u.Mailboxes, conversation.MailboxID(id))
		}
		return u, err
	})
	return list, pg.Classify("store.Users", err)
}

// Names reads the names of the users and mailboxes that a definition refers to,
// for sentences; it asks nothing where there are none.
func (c *Conversation) Names(ctx context.Context, d automation.Definition) (automation.Names, error) {
	names, err := tables.ReadNames(ctx, c.Tx, d)
	return names, pg.Classify("store.Names", err)
}

// AskedRun reads a manual run that was asked for, with the version that is
// published now. The version's mode is off when the workflow is. A run whose
// version cannot be read comes with the error.
//
// Errors: errs.NotFound (no such run, or it has its outcome already), errs.Invalid
// (this build cannot read the version).
func (c *Conversation) AskedRun(ctx context.Context, id automation.RunID) (runs.Run, automation.Version, error) {
	const op = "store.AskedRun"
	run, err := tables.ScanRun(c.Tx.QueryRow(ctx,
		`SELECT `+tables.RunColumns+` FROM runs r WHERE r.id = $1 AND r.conversation_id = $2 AND r.state = 'asked'`, id, c.row.ID))
	if err != nil {
		return run, automation.Version{}, pg.Classify(op, err)
	}
	v, err := c.inForce(ctx, run.DefinitionID)
	return run, v, pg.Classify(op, err)
}

// inForce reads the published version of a workflow, deleted or not.
func (c *Conversation) inForce(ctx context.Context, id automation.DefinitionID) (automation.Version, error) {
	rows, err := c.Tx.Query(ctx, `
		SELECT v.id, f.id, v.number, f.mailbox_id, f.position, CASE WHEN f.deleted_at IS NULL THEN f.mode ELSE 'off' END,
			f.paused_at IS NOT NULL, f.switched_on_at, f.switched_watch_at, v.body
		FROM definitions f JOIN versions v ON v.id = f.version_id WHERE f.id = $1`, id)
	if err != nil {
		return automation.Version{}, err
	}
	v, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (automation.Version, error) { return tables.ScanVersion(row, nil) })
	if errors.Is(err, pgx.ErrNoRows) {
		err = errs.New("store.inForce", errs.Invalid, "the workflow has no published version")
	}
	return v, err
}
