package engine

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/automation/undo"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// PreviewUndo returns the run and what would become of what it did if the caller
// undid it now.
//
// Errors: errs.NotFound (no such run, or not the caller's to see),
// errs.Unavailable.
func (s *Store) PreviewUndo(ctx context.Context, who access.Caller, id automation.RunID) (runs.Run, undo.Plan, error) {
	const op = "store.PreviewUndo"
	if run, err := s.Run(ctx, who, id); err != nil {
		return run, undo.Plan{}, err
	}
	q, err := pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (undo.Inquiry, error) {
		run, err := tables.ScanRun(tx.QueryRow(ctx, `SELECT `+tables.RunColumns+` FROM runs r WHERE r.id = $1`, id))
		if err != nil {
			return undo.Inquiry{}, err
		}
		// It may have been moved since Run looked.
		c, err := s.ReadConversation(ctx, tx, op, run.ConversationID)
		switch {
		case errs.Is(err, errs.NotFound):
			return undo.Inquiry{Run: run, Erased: true}, nil
		case err != nil:
			return undo.Inquiry{}, err
		}
		if err := who.In(access.ReadConversation, c.row.MailboxID); err != nil {
			return undo.Inquiry{}, err
		}
		return inquireUndo(ctx, tx, c.row, run, who.Actor())
	})
	return q.Run, undo.Make(q), err
}

// AskUndo asks for a run to be undone: the event, the undo as a run that is asked
// for, and the wake, all or nothing. Advance does it, on the conversation as it is
// then. Whoever may change the conversation may ask. The repeat of a request with a
// key returns the undo of the first.
//
// Errors: errs.NotFound (no such run, or not the caller's to see), errs.Conflict (it
// is undone already, is an undo itself, did nothing, or nothing of it can be undone;
// the conversation is deleted), errs.Unavailable.
func (s *Store) AskUndo(ctx context.Context, who access.Caller, id automation.RunID) (runs.Run, error) {
	const op = "store.AskUndo"
	run, err := s.Run(ctx, who, id)
	if err != nil {
		return run, err
	}
	undo, err := EditFor(ctx, s.db, op, run.ConversationID, who.Actor(),
		func(tx pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (runs.Run, runs.Step, error) {
			var undo runs.Run
			if err := who.In(access.WriteConversation, c.MailboxID); err != nil {
				return undo, runs.Step{}, err
			}
			now, err := s.db.Now(ctx, tx)
			if err != nil {
				return undo, runs.Step{}, err
			}
			undo = runs.Run{ID: automation.RunID(pg.NewID()), CreatedAt: now}
			first, err := pg.Once(ctx, tx, who, string(undo.ID), now)
			if err != nil {
				return undo, runs.Step{}, err
			}
			if first != "" {
				undo, err = tables.ScanRun(tx.QueryRow(ctx, `SELECT `+tables.RunColumns+` FROM runs r WHERE r.id = $1`, first))
				return undo, runs.Step{}, err
			}
			run, err := tables.ScanRun(tx.QueryRow(ctx, `SELECT `+tables.RunColumns+` FROM runs r WHERE r.id = $1`, id))
			if err != nil {
				return undo, runs.Step{}, err
			}
			if err := undoable(ctx, tx, op, *c, run, who.Actor()); err != nil {
				return undo, runs.Step{}, err
			}
			ev := ed.Record(conversation.Event{Kind: conversation.KindUndo, Run: string(undo.ID), Definition: string(run.DefinitionID)})
			undo.ConversationID, undo.MailboxID, undo.Undoes = c.ID, c.MailboxID, run.ID
			undo.DefinitionID, undo.VersionID, undo.VersionNumber, undo.Name, undo.Mode = run.DefinitionID, run.VersionID, run.VersionNumber,
				run.Name, run.Mode
			undo.Trigger, undo.State, undo.Actor = automation.TriggerUndo, automation.RunAsked, ev.Actor
			undo.Seq, undo.Cause = ev.Seq, conversation.Cause{Origin: ev.OriginSeq()}
			return undo, runs.Step{}, tables.InsertAskedRun(ctx, tx, *c, undo)
		})
	if errs.Is(err, errs.NotFound) {
		// Who saw the run just now is told why; a conversation that was moved away from
		// them meanwhile is not there.
		if again, _ := s.Run(ctx, who, id); again.ID != "" {
			return runs.Run{}, errs.New(op, errs.Conflict, "the conversation was deleted for ever: nothing of this run can be undone")
		}
	}
	return undo, err
}

// undoable says why a run cannot be undone.
func undoable(ctx context.Context, tx pgx.Tx, op string, c conversation.Conversation, run runs.Run, who conversation.Actor) error {
	switch {
	case run.Trigger == automation.TriggerUndo:
		return errs.New(op, errs.Conflict, "this run is an undo itself: change the conversation, or run the workflow again")
	case run.UndoneBy != "":
		return errs.New(op, errs.Conflict, "this run is undone already, by the run "+string(run.UndoneBy))
	case run.State == automation.RunAsked:
		return errs.New(op, errs.Conflict, "this run has not begun yet: wait for its outcome")
	case run.Mode != automation.ModeOn || run.State != automation.RunDone && run.State != automation.RunFailed:
		return errs.New(op, errs.Conflict, "this run did nothing that could be undone")
	}
	q, err := inquireUndo(ctx, tx, c, run, who)
	if err != nil {
		return err
	}
	switch u := undo.Make(q); {
	case c.State == conversation.StateDeleted && !u.Restores():
		return errs.New(op, errs.Conflict, "this conversation is deleted")
	case !u.Possible():
		return errs.New(op, errs.Conflict, "nothing of this run can be undone: GET /v1/runs/{id}/undo says why")
	}
	return nil
}

// inquireUndo gathers what automation.PlanUndo looks at. c is the conversation as
// the caller has it.
func inquireUndo(ctx context.Context, tx pgx.Tx, c conversation.Conversation, run runs.Run, asker conversation.Actor) (undo.Inquiry,
	error) {
	q := undo.Inquiry{Run: run, Conversation: c, Asker: asker}
	rows, err := tx.Query(ctx, `SELECT `+tables.EventColumns+` FROM events e
		WHERE e.conversation_id = $1 AND (e.seq > $2 OR e.kind IN ('snoozed', 'unsnoozed')) ORDER BY e.seq`, c.ID, run.Seq)
	if err != nil {
		return q, err
	}
	if q.Events, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (conversation.Event,
		error) {
		return tables.ScanEvent(row)
	}); err != nil {
		return q, err
	}
	rows, err = tx.Query(ctx, `SELECT d.id::text, d.kind = 'webhook', d.attempts, d.held_until IS NOT NULL, d.state = 'sent',
		d.state NOT IN ('waiting', 'handed_over') FROM deliveries d WHERE d.run_id = $1 ORDER BY d.id`, run.ID)
	if err != nil {
		return q, err
	}
	if q.Deliveries, err = pgx.CollectRows(rows, pgx.RowToStructByPos[undo.Delivery]); err != nil {
		return q, err
	}
	if err := readUndoTargets(ctx, tx, &q); err != nil {
		return q, err
	}
	q.Names, err = TimelineNames(ctx, tx, runs.Timeline{Events: q.Events})
	return q, err
}

// readUndoTargets reads the mailboxes and the users that the events, the conversation
// and the asker name: those that are still there.
func readUndoTargets(ctx context.Context, tx pgx.Tx, q *undo.Inquiry) error {
	var ids []string
	mention := func(list ...string) {
		for _, id := range list {
			if pg.IsID(id) {
				ids = append(ids, id)
			}
		}
	}
	mention(string(q.Conversation.MailboxID), string(q.Conversation.AssigneeID), q.Asker.ID)
	for _, e := range q.Events {
		mention(e.From, e.To)
		mention(e.Added...)
		mention(e.Removed...)
	}
	rows, err := tx.Query(ctx, `SELECT `+tables.MailboxColumns+` FROM mailboxes mb WHERE mb.id = ANY($1::uuid[])`, pg.List(ids))
	if err != nil {
		return err
	}
	mailboxes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (conversation.Mailbox, error) { return tables.ScanMailbox(row) })
	if err != nil {
		return err
	}
	if rows, err = tx.Query(ctx, `SELECT `+tables.UserColumns+` FROM users u WHERE u.id = ANY($1::uuid[])`, pg.List(ids)); err != nil {
		return err
	}
	users, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (conversation.User, error) { return tables.ScanUser(row) })
	if err != nil {
		return err
	}
	q.Mailboxes, q.Users = map[conversation.MailboxID]conversation.Mailbox{}, map[conversation.UserID]conversation.User{}
	for _, m := range mailboxes {
		q.Mailboxes[m.ID] = m
	}
	for _, u := range users {
		q.Users[u.ID] = u
	}
	return nil
}

// TimelineNames reads the names of everybody and everything that the events and
// runs mention.
func TimelineNames(ctx context.Context, tx pgx.Tx, t runs.Timeline) (map[string]string, error) {
	var ids []string
	mention := func(candidates ...string) {
		for _, id := range candidates {
			if pg.IsID(id) && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	for _, e := range t.Events {
		mention(e.Actor.ID, e.From, e.To, e.Definition)
		if e.Kind == conversation.KindFollowersChanged {
			mention(slices.Concat(e.Added, e.Removed)...)
		}
	}
	for _, r := range t.Runs {
		mention(r.Actor.ID)
	}
	for _, m := range t.Messages {
		mention(m.Author.ID)
	}
	rows, err := tx.Query(ctx, `
		SELECT id::text, name FROM users WHERE id = ANY($1::uuid[])
		UNION ALL SELECT id::text, name FROM mailboxes WHERE id = ANY($1::uuid[])
		UNION ALL SELECT id, name FROM removed WHERE id = ANY($1::text[])
		UNION ALL SELECT id::text, name FROM definitions WHERE id = ANY($1::uuid[])
		UNION ALL SELECT id::text, coalesce(nullif(trim(first_name || ' ' || last_name), ''), emails[1], '') FROM customers WHERE id =
		ANY($1::uuid[])`, pg.List(ids))
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(ids))
	var id, name string
	_, err = pgx.ForEachRow(rows, []any{&id, &name}, func() error {
		names[id] = name
		return nil
	})
	return names, err
}
