package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/notice"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// maxNotices is how many notices of one kind admins get within an hour: somebody who
// makes up addresses must not flood them.
const maxNotices = 10

// The kinds of notice that admins get once.
const (
	noticeLimit   = "limit"
	noticeFailing = "failing"
)

// tellOnce is what admins are told of once within a time.
type tellOnce struct {
	about, kind  string
	definitionID automation.DefinitionID // of a workflow that fails, else empty
	within       time.Duration
}

// first reports whether it is to be told now, and keeps that it was. Who asks at the
// same moment waits for the answer.
func (o tellOnce) first(ctx context.Context, tx pgx.Tx, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO notices (about, kind, definition_id, at) SELECT @about, @kind, @definition_id, @at
		WHERE (SELECT count(*) FROM (SELECT 1 FROM notices WHERE kind = @kind AND at > @lately LIMIT @most) lately) < @most
		ON CONFLICT (about) DO UPDATE SET at = excluded.at WHERE notices.at <= @again_before`, pgx.NamedArgs{
		"about":         o.about,
		"kind":          o.kind,
		"definition_id": pg.NullID(o.definitionID),
		"at":            now,
		"lately":        now.Add(-time.Hour),
		"most":          maxNotices,
		"again_before":  now.Add(-o.within),
	})
	return err == nil && tag.RowsAffected() > 0, err
}

// TellLimit lets admins know that automatic mail reached a limit: once within the
// limit's window, about a recipient or else about the conversation.
//
// Errors: errs.Unavailable.
func (c *Conversation) TellLimit(ctx context.Context, l conversation.MailLimit) error {
	const op = "store.TellLimit"
	about := "recipient " + l.Recipient
	if l.Recipient == "" {
		about = "conversation " + string(c.row.ID)
	}
	tell, err := tellOnce{about: about, kind: noticeLimit, within: conversation.RecipientWindow}.first(ctx, c.Tx, c.now)
	if err != nil || !tell {
		return pg.Classify(op, err)
	}
	subject, text := notice.MailKeptBack(l, c.row.Number)
	return pg.Classify(op, tellAdmins(ctx, c.Tx, c.now, c.row.MailboxID, subject, text))
}

// TellLimit is for what really happens.
func (r Rehearsal) TellLimit(context.Context, conversation.MailLimit) error { return nil }

// TellFailing lets admins know that a workflow fails: once a day for one reason, or
// again when somebody changed the workflow since.
//
// Errors: errs.Unavailable.
func (c *Conversation) TellFailing(ctx context.Context, run runs.Run) error {
	const op = "store.TellFailing"
	sum := sha256.Sum256([]byte(run.Reason))
	about := "failing " + string(run.DefinitionID) + " " + hex.EncodeToString(sum[:8])
	tell, err := tellOnce{about: about, kind: noticeFailing, definitionID: run.DefinitionID, within: 24 * time.Hour}.first(ctx, c.Tx, c.now)
	if err != nil || !tell {
		return pg.Classify(op, err)
	}
	subject, text := notice.Failing(run, c.row.Number)
	return pg.Classify(op, tellAdmins(ctx, c.Tx, c.now, run.MailboxID, subject, text))
}

// TellFailing is for what really happens.
func (r Rehearsal) TellFailing(context.Context, runs.Run) error { return nil }

// FailingAttentions are the beginnings of the calls for attention that the workflow may
// have made: one for each name of a version.
func FailingAttentions(ctx context.Context, tx pgx.Tx, id automation.DefinitionID) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT body ->> 'name' FROM versions WHERE definition_id = $1`, id)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for i, name := range names {
		names[i] = automation.FailingAttention(name)
	}
	return names, err
}
