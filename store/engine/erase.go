package engine

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// erasedReason is why mail to the outside is not sent any longer.
const erasedReason = "the conversation was deleted for ever"

// eraseStatements take everything that somebody wrote away and leave a tombstone:
// who it was with, which events there were, which workflows ran. $1 is the
// conversation; those that take $2 take the time too.
//
// What is to be kept of an event is named, not what is to go: data that is added
// later goes too.
var eraseStatements = []struct {
	sql  string
	time bool
}{
	// Raw mails and attachments go with their messages.
	{sql: `DELETE FROM messages WHERE conversation_id = $1`},
	{sql: `UPDATE events SET data = jsonb_strip_nulls(jsonb_build_object('first', data -> 'first', 'run', data -> 'run',
		'definition', data -> 'definition', 'due', data -> 'due', 'delivery', data -> 'delivery')) WHERE conversation_id = $1`},
	{sql: `UPDATE runs SET state = 'refused', reason = 'the conversation was deleted before the run began', finished_at = $2,
		ended_xid = pg_current_xact_id()
		WHERE conversation_id = $1 AND state = 'asked'`, time: true},
	{sql: `UPDATE runs SET episodes = '{}', verdict = jsonb_build_object('holds', coalesce(verdict ->> 'holds', 'unknown')),
		reason = CASE state WHEN 'failed' THEN '' ELSE reason END WHERE conversation_id = $1`},
	{sql: `UPDATE run_actions SET sentence = '', reason = '' WHERE run_id IN (SELECT id FROM runs WHERE conversation_id = $1)`},
	{sql: `DELETE FROM pauses WHERE conversation_id = $1`},
	{sql: `DELETE FROM passed_over WHERE conversation_id = $1`},
	{sql: `DELETE FROM backtest_runs WHERE conversation_id = $1`},
	// Webhooks and notices to our own users are sent yet, each with a Temporal
	// workflow of its own: that of the conversation ends.
	{sql: `UPDATE deliveries SET erased_at = $2, state = 'cancelled', reason = '` + erasedReason + `', held_until = NULL, finished_at = $2
		WHERE conversation_id = $1 AND state IN ('waiting', 'handed_over') AND kind IN ('reply', 'email', 'forward')`, time: true},
	{sql: `UPDATE deliveries SET erased_at = $2,
			payload = CASE WHEN state IN ('waiting', 'handed_over') THEN payload ELSE '{}' END,
			reason = CASE WHEN state IN ('sent', 'failed', 'bounced') THEN '' ELSE reason END
		WHERE conversation_id = $1`, time: true},
	{sql: `UPDATE attempts SET reason = '' WHERE delivery_id IN (SELECT id FROM deliveries WHERE conversation_id = $1)`},
	{sql: `DELETE FROM outbox WHERE id = $1`},
	{sql: `INSERT INTO outbox (id, delivery_id, ring_at) SELECT id, id, $2 FROM deliveries
		WHERE conversation_id = $1 AND state IN ('waiting', 'handed_over') ON CONFLICT (id) DO NOTHING`, time: true},
}

// eraseConversation leaves the tombstone of a locked conversation, which the run
// deleted permanently. The row answers to nobody any longer.
func eraseConversation(ctx context.Context, tx pgx.Tx, id conversation.ID, run automation.RunID, at time.Time) error {
	for _, s := range eraseStatements {
		args := []any{id}
		if s.time {
			args = append(args, at)
		}
		if _, err := tx.Exec(ctx, s.sql, args...); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE conversations SET erased_at = $2, erased_by_run = $3, state = 'deleted',
			subject = '', tags = '{}', assignee_id = NULL, followers = '{}', attention = '', last_customer_machine = '',
			rating = '', rating_comment = '', rated_at = NULL, last_reply_id = NULL, last_reply_viewed_at = NULL,
			snoozed_until = NULL, fields = '{}', participants = '{}', messages = 0, customer_replies = 0, dues = '[]', next_due = NULL
		WHERE id = $1`, id, at, run); err != nil {
		return err
	}
	return auditErased(ctx, tx, id, run, at)
}

// auditErased keeps which workflow deleted the conversation permanently.
func auditErased(ctx context.Context, tx pgx.Tx, id conversation.ID, run automation.RunID, at time.Time) error {
	var (
		definition automation.DefinitionID
		version    int
		mailbox    *conversation.MailboxID
		number     int64
	)
	if err := tx.QueryRow(ctx, `SELECT r.definition_id, v.number, c.mailbox_id, c.number FROM runs r JOIN versions v ON v.id = r.version_id
		JOIN conversations c ON c.id = r.conversation_id WHERE r.id = $1`, run).Scan(&definition, &version, &mailbox, &number); err != nil {
		return err
	}
	return pg.InsertAudit(ctx, tx, pg.AuditEntry{
		At:         at,
		By:         pg.ByWorkflow(definition, version),
		Verb:       "erased",
		ObjectKind: "conversation",
		ObjectID:   string(id),
		Mailbox:    pg.OrZero(mailbox),
		Before:     map[string]any{"number": number},
		After:      map[string]any{"run": run},
	})
}
