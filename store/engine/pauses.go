package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/notice"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// Pause keeps the workflow from running on this conversation until somebody
// resumes it. A breach of a limit is kept in the audit, and admins are told if
// p.Tell. Pausing what is paused changes nothing.
func (c *Conversation) Pause(ctx context.Context, p runs.Pause) error {
	p.ConversationID, p.Number, p.At = c.row.ID, c.row.Number, c.now
	c.ahead = nil
	return pg.Classify("store.Pause", pauseHere(ctx, c.Tx, p))
}

func pauseHere(ctx context.Context, tx pgx.Tx, p runs.Pause) error {
	name, mailbox, chain, err := pauseWords(ctx, tx, p)
	if err != nil {
		return err
	}
	p.Reason += chain
	tag, err := tx.Exec(ctx, `
		INSERT INTO pauses (conversation_id, definition_id, kind, reason, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (conversation_id, definition_id) WHERE resumed_at IS NULL DO NOTHING`, p.ConversationID, p.DefinitionID, p.Kind, p.Reason,
		p.At)
	if err != nil || tag.RowsAffected() == 0 || p.Kind == runs.PauseFailed {
		return err
	}
	if err := auditPause(ctx, tx, p, mailbox); err != nil || !p.Tell {
		return err
	}
	subject, text := notice.PausedHere(name, p)
	return tellAdmins(ctx, tx, p.At, mailbox, subject, text)
}

// pauseEverywhere keeps the workflow from running on any conversation.
func pauseEverywhere(ctx context.Context, tx pgx.Tx, p runs.Pause) error {
	name, mailbox, chain, err := pauseWords(ctx, tx, p)
	if err != nil {
		return err
	}
	p.Reason += chain
	tag, err := tx.Exec(ctx, `
		WITH paused AS (UPDATE definitions SET paused_at = $2, paused_reason = $3 WHERE id = $1 AND paused_at IS NULL RETURNING id)
		INSERT INTO pauses (definition_id, kind, reason, created_at) SELECT id, $4, $3, $2 FROM paused`,
		p.DefinitionID, p.At, p.Reason, p.Kind)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	if err := auditPause(ctx, tx, p, mailbox); err != nil {
		return err
	}
	subject, text := notice.PausedEverywhere(name, p)
	return tellAdmins(ctx, tx, p.At, mailbox, subject, text)
}

// pauseWords reads the workflow's name and mailbox, and says the chain of
// workflows that led to the pause.
func pauseWords(ctx context.Context, tx pgx.Tx, p runs.Pause) (name string, mailbox conversation.MailboxID, chain string, err error) {
	var names []string
	err = tx.QueryRow(ctx, `SELECT f.name, f.mailbox_id, ARRAY(
			SELECT coalesce(o.name, 'another workflow') FROM unnest($2::text[]) WITH ORDINALITY AS step (id, n)
			LEFT JOIN definitions o ON o.id::text = step.id ORDER BY step.n)
		FROM definitions f WHERE f.id = $1`, p.DefinitionID, pg.List(p.Path)).Scan(&name, &mailbox, &names)
	if len(names) > 0 {
		chain = fmt.Sprintf("; the chain that led there: %q", strings.Join(append(names, name), " > "))
	}
	return name, mailbox, chain, err
}

func auditPause(ctx context.Context, tx pgx.Tx, p runs.Pause, mailbox conversation.MailboxID) error {
	after := map[string]any{"limit": p.Kind, "reason": p.Reason}
	if p.ConversationID != "" {
		after["conversation_id"] = p.ConversationID
	}
	return pg.InsertAudit(ctx, tx, pg.AuditEntry{
		At:         p.At,
		By:         pg.Author{},
		Verb:       "paused",
		ObjectKind: "workflow",
		ObjectID:   string(p.DefinitionID),
		Mailbox:    mailbox,
		After:      after,
	})
}
