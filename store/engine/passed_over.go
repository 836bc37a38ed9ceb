package engine

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// madeUpHere is how many events are made up for at once, when a workflow is resumed on
// one conversation.
const madeUpHere = 500

// passOver keeps which events paused workflows did not look at. What was made up for
// and is passed over again is to be made up for again.
func passOver(ctx context.Context, tx pgx.Tx, id conversation.ID, passed []runs.PassedOver, at time.Time) error {
	if len(passed) == 0 {
		return nil
	}
	definitions, seqs := make([]string, len(passed)), make([]int64, len(passed))
	for i, p := range passed {
		definitions[i], seqs[i] = string(p.DefinitionID), p.Seq
	}
	_, err := tx.Exec(ctx, `INSERT INTO passed_over (conversation_id, definition_id, seq, at)
		SELECT DISTINCT $1::uuid, d, s, $4::timestamptz FROM unnest($2::uuid[], $3::bigint[]) AS p (d, s)
		ON CONFLICT (definition_id, conversation_id, seq) DO UPDATE SET at = excluded.at, made_up_at = NULL`, id, definitions, seqs, at)
	return err
}

// PassedOver lists the events that a workflow passed over while it was paused, the
// oldest first; page.After is the id of one. left leaves out what was made up for.
//
// Errors: errs.NotFound (no such workflow, or not the caller's to see),
// errs.Unavailable.
func (s *Store) PassedOver(ctx context.Context, who access.Caller, id automation.DefinitionID, left bool, after int64,
	limit int) ([]runs.PassedOver, error) {
	const op = "store.PassedOver"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) ([]runs.PassedOver, error) {
		d, err := tables.ReadDefinition(ctx, tx, op, id)
		if err != nil {
			return nil, err
		}
		if err := who.In(access.ReadWorkflow, d.MailboxID); err != nil {
			return nil, err
		}
		return readPassedOver(ctx, tx, `p.definition_id = $1 AND p.id > $2 AND (NOT $4 OR p.made_up_at IS NULL)
			AND ($5 OR c.mailbox_id = ANY($6::uuid[])) ORDER BY p.id LIMIT $3`, id, after, limit, left, who.All(), pg.MailboxIDs(who))
	})
}

func readPassedOver(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]runs.PassedOver, error) {
	rows, err := tx.Query(ctx, `SELECT p.id, p.conversation_id, c.number, p.definition_id, p.seq, e.kind, e.at, p.at, p.made_up_at
		FROM passed_over p JOIN conversations c ON c.id = p.conversation_id
		JOIN events e ON e.conversation_id = p.conversation_id AND e.seq = p.seq WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (runs.PassedOver, error) {
		var (
			p    runs.PassedOver
			made *time.Time
		)
		err := row.Scan(&p.ID, &p.ConversationID, &p.Number, &p.DefinitionID, &p.Seq, &p.Kind, &p.EventAt, &p.At, &made)
		p.MadeUpAt = pg.OrZero(made)
		return p, err
	})
}

// makeUp appends a consideration for each of these events that were passed over, in
// the order in which they happened; their conversations are locked. It carries the
// cause of the event, so that the workflow runs once for each origin, and takes up
// where the chain was.
func makeUp(ctx context.Context, tx pgx.Tx, ids []int64, now time.Time) error {
	_, err := tx.Exec(ctx, `
		WITH taken AS (UPDATE passed_over SET made_up_at = $2 WHERE id = ANY($1::bigint[]) AND made_up_at IS NULL RETURNING *),
			placed AS (SELECT t.*, row_number() OVER (PARTITION BY conversation_id ORDER BY seq) AS place FROM taken t),
			counted AS (UPDATE conversations c SET last_seq = c.last_seq + n.events
				FROM (SELECT conversation_id, count(*) AS events FROM taken GROUP BY conversation_id) n
				WHERE c.id = n.conversation_id RETURNING c.id, c.mailbox_id, c.last_seq - n.events AS before)
		INSERT INTO events (conversation_id, seq, kind, mailbox_id, actor_kind, origin, depth, path, cause_run, data, at)
		SELECT p.conversation_id, n.before + p.place, $3, n.mailbox_id, $4, CASE e.origin WHEN 0 THEN e.seq ELSE e.origin END, e.depth, e.path,
		e.cause_run,
			jsonb_build_object('definition', p.definition_id::text, 'missed', e.seq), $2
		FROM placed p JOIN counted n ON n.id = p.conversation_id JOIN events e ON e.conversation_id = p.conversation_id AND e.seq = p.seq`,
		ids, now, conversation.KindConsider, conversation.ActorSystem)
	return err
}

// MakeUpHere makes up for what the workflow passed over on a locked conversation, the
// oldest first.
func MakeUpHere(ctx context.Context, tx pgx.Tx, id conversation.ID, definition automation.DefinitionID, now time.Time) (int, error) {
	rows, err := tx.Query(ctx, `SELECT id FROM passed_over WHERE definition_id = $1 AND conversation_id = $2 AND made_up_at IS NULL ORDER BY
		seq LIMIT $3`,
		definition, id, madeUpHere)
	if err != nil {
		return 0, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return len(ids), makeUp(ctx, tx, ids, now)
}

// PassedOverLeft is what a rollout that makes up goes through: what was passed over
// before it began. The table's alias is p.
const PassedOverLeft = `p.definition_id = $1 AND p.made_up_at IS NULL AND p.at <= $2`

// MakeUpPage makes up for the next events that the rollout's workflow passed over. It
// ends the rollout when nothing is left, and when the workflow is paused or switched off
// again: what is left then stays to be made up for.
func (s *Store) MakeUpPage(ctx context.Context, tx pgx.Tx, r *runs.Rollout, size int) error {
	if r.Total < 0 {
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM passed_over p WHERE `+PassedOverLeft, r.DefinitionID,
			r.CreatedAt).Scan(&r.Total); err != nil {
			return err
		}
	}
	var made bool
	if err := tx.QueryRow(ctx, `SELECT paused_at IS NULL AND mode <> 'off' FROM definitions WHERE id = $1`,
		r.DefinitionID).Scan(&made); err != nil {
		return err
	}
	var ids []int64
	var at []string
	if made {
		rows, err := tx.Query(ctx, `SELECT p.id, p.conversation_id::text FROM passed_over p WHERE `+PassedOverLeft+` ORDER BY p.id LIMIT $3`,
			r.DefinitionID, r.CreatedAt, size)
		if err != nil {
			return err
		}
		var id int64
		var conv string
		if _, err := pgx.ForEachRow(rows, []any{&id, &conv}, func() error {
			ids, at = append(ids, id), append(at, conv)
			return nil
		}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `SELECT 1 FROM conversations WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE`, at); err != nil {
			return err
		}
	}
	now, err := s.db.Now(ctx, tx)
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		if err := makeUp(ctx, tx, ids, now); err != nil {
			return err
		}
		if err := pg.WakeAgain(ctx, tx, at, now); err != nil {
			return err
		}
	}
	r.Looked, r.UpdatedAt = r.Looked+len(ids), now
	switch {
	case !made:
		r.State, r.FinishedAt = runs.RolloutCancelled, now
	case len(ids) < size:
		r.State, r.FinishedAt = runs.RolloutDone, now
	}
	_, err = tx.Exec(ctx, `UPDATE rollouts SET state = @state, total = @total, looked = @looked,
		updated_at = @updated_at, finished_at = @finished_at WHERE id = @id`, pgx.NamedArgs{
		"id":          r.ID,
		"state":       r.State,
		"total":       r.Total,
		"looked":      r.Looked,
		"updated_at":  now,
		"finished_at": pg.NullTime(r.FinishedAt),
	})
	return err
}

// readMissed reads the events that considerations make up for, with their messages.
// They are few, and mostly none.
func (c *Conversation) readMissed(ctx context.Context) error {
	var seqs []int64
	for _, r := range c.read {
		if r.Event.Missed > 0 {
			seqs = append(seqs, r.Event.Missed)
		}
	}
	if len(seqs) == 0 {
		return nil
	}
	rows, err := c.Tx.Query(ctx, readHappened+` WHERE e.conversation_id = $1 AND e.seq = ANY($3::bigint[])`, c.row.ID, c.store.db.Offset(),
		seqs)
	if err != nil {
		return err
	}
	now := c.now
	missed, err := pgx.CollectRows(rows, c.scanRead)
	c.now = now
	if err != nil {
		return err
	}
	for i := range c.read {
		for _, m := range missed {
			if m.Event.Seq == c.read[i].Event.Missed {
				c.read[i].Missed, c.read[i].Message = &m.Event, m.Message
			}
		}
	}
	return nil
}

// passedOverHere is what became of an event that the workflow passed over; zero: it
// did not.
func passedOverHere(ctx context.Context, tx pgx.Tx, id conversation.ID, definition automation.DefinitionID, seq int64) (runs.PassedOver,
	error) {
	list, err := readPassedOver(ctx, tx, `p.definition_id = $1 AND p.conversation_id = $2 AND p.seq = $3`, definition, id, seq)
	if err != nil || len(list) == 0 {
		return runs.PassedOver{}, err
	}
	return list[0], nil
}
