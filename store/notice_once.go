package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// maxNotices is how many notices of one kind admins get within an hour: somebody who
// makes up addresses must not flood them.
const maxNotices = 10

// The kinds of notice that admins get once.
const noticeLimit = "limit"

// tellOnce is what admins are told of once within a time.
type tellOnce struct {
	about, kind  string
	definitionID automation.DefinitionID // of a workflow that fails, else empty
	within       time.Duration
}

// first tells whether it is to be told now, and keeps that it was. Who asks at the
// same moment waits for the answer.
func (o tellOnce) first(ctx context.Context, tx pgx.Tx, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO notices (about, kind, definition_id, at) SELECT $1, $2, $3, $4
		WHERE (SELECT count(*) FROM (SELECT 1 FROM notices WHERE kind = $2 AND at > $5 LIMIT $6) lately) < $6
		ON CONFLICT (about) DO UPDATE SET at = excluded.at WHERE notices.at <= $7`,
		o.about, o.kind, nullID(o.definitionID), now, now.Add(-time.Hour), maxNotices, now.Add(-o.within))
	return err == nil && tag.RowsAffected() > 0, err
}

// TellLimit lets admins know that automatic mail reached a limit: once within the
// limit's window, about a recipient or else about the conversation.
//
// Errors: errs.Unavailable.
func (c *Conversation) TellLimit(ctx context.Context, l conversation.MailLimit) error {
	const op = "store.TellLimit"
	about, who := "recipient "+l.Recipient, "one address"
	if l.Recipient == "" {
		about, who = "conversation "+string(c.row.ID), "one customer"
	}
	tell, err := tellOnce{about: about, kind: noticeLimit, within: conversation.RecipientWindow}.first(ctx, c.tx, c.now)
	if err != nil || !tell {
		return classify(op, err)
	}
	return classify(op, tellAdmins(ctx, c.tx, c.now, c.row.MailboxID,
		fmt.Sprintf("Automatic mail to %s is kept back (conversation #%d)", who, c.row.Number),
		fmt.Sprintf("Automatic mail to %s is kept back since conversation #%d: %s.", who, c.row.Number, l.Reason),
		"The usual cause is a machine that answers every mail without saying that it is one. What would mail there is not done, or waits until it may; "+
			"everybody else is answered as ever. The runs that did nothing have the state limited.",
		"You are told of this once within 3 hours. The limits are settings (mails_per_recipient and others):",
		"GET /v1/settings"))
}

// TellLimit is for what really happens.
func (r Rehearsal) TellLimit(context.Context, conversation.MailLimit) error { return nil }
