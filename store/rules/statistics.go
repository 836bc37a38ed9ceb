package rules

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// DefinitionStatistics counts the runs of a workflow, deleted or not, over days of
// its mailbox.
//
// Errors: errs.NotFound (no such workflow, or not the caller's to see),
// errs.Invalid (the days are none, or too many), errs.Unavailable.
func (s *Store) DefinitionStatistics(ctx context.Context, who access.Caller, id automation.DefinitionID,
	days runs.Days) (runs.Statistics, error) {
	const op = "store.DefinitionStatistics"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (runs.Statistics, error) {
		var out runs.Statistics
		if err := tables.SeesDefinition(ctx, tx, op, who, id); err != nil {
			return out, err
		}
		var mailbox conversation.MailboxID
		if err := tx.QueryRow(ctx, `SELECT mailbox_id FROM definitions WHERE id = $1`, id).Scan(&mailbox); err != nil {
			return out, err
		}
		c, err := s.newCount(ctx, tx, op, who, mailbox, days)
		if err != nil {
			return out, err
		}
		c.of = `r.definition_id = $1`
		c.id = string(id)
		out, err = c.count(ctx)
		return out, err
	})
}

// MailboxStatistics counts the runs of all workflows of a mailbox, deleted ones
// included, over days of the mailbox.
//
// Errors: errs.NotFound (no such mailbox, or not the caller's to see),
// errs.Invalid (the days are none, or too many), errs.Unavailable.
func (s *Store) MailboxStatistics(ctx context.Context, who access.Caller, id conversation.MailboxID, days runs.Days) (runs.Statistics,
	error) {
	const op = "store.MailboxStatistics"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (runs.Statistics, error) {
		var out runs.Statistics
		if err := who.In(access.ReadWorkflow, id); err != nil {
			return out, err
		}
		if err := MailboxExists(ctx, tx, op, id, ""); err != nil {
			return out, err
		}
		c, err := s.newCount(ctx, tx, op, who, id, days)
		if err != nil {
			return out, err
		}
		// By the definitions, so that the index on their runs serves here too.
		c.of = `r.definition_id IN (SELECT f.id FROM definitions f WHERE f.mailbox_id = $1)`
		c.id = string(id)
		if out, err = c.count(ctx); err != nil {
			return out, err
		}
		out.ByDefinition, err = c.byDefinition(ctx)
		return out, err
	})
}

// counting counts the runs that of lets through, whose $1 is the id.
type counting struct {
	tx       pgx.Tx
	who      access.Caller
	of, id   string
	zone     string
	from, to time.Time // the first day and the one after the last, in UTC
}

// during is the span in SQL, by the days of the time zone $4. An undo is no run of its
// workflow.
const during = ` AND r.trigger <> 'undo' AND r.created_at >= $2::date::timestamp AT TIME ZONE $4 AND r.created_at < ` +
	`$3::date::timestamp AT TIME ZONE $4 `

// args are what of and during need, and more from $5 on.
func (c *counting) args(more ...any) []any {
	return append([]any{c.id, c.from.Format(time.DateOnly), c.to.Format(time.DateOnly), c.zone}, more...)
}

// newCount makes the days explicit and bounds them.
func (s *Store) newCount(ctx context.Context, tx pgx.Tx, op string, who access.Caller, mailbox conversation.MailboxID,
	days runs.Days) (*counting, error) {
	c := &counting{tx: tx, who: who}
	// The workflow may be all that is left of its mailbox.
	var today time.Time
	if err := tx.QueryRow(ctx, `SELECT z.zone, (clock_timestamp() + $2::interval) AT TIME ZONE z.zone
		FROM (SELECT coalesce((SELECT time_zone FROM mailboxes WHERE id = $1), 'UTC') AS zone) z`, mailbox, s.db.Offset()).Scan(&c.zone,
		&today); err != nil {
		return nil, err
	}
	last := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, time.UTC)
	if days.To != "" {
		var err error
		if last, err = time.Parse(time.DateOnly, days.To); err != nil {
			return nil, pg.Invalid(op, "write a day as 2026-12-31", err)
		}
	}
	c.from, c.to = last.AddDate(0, 0, 1-runs.DefaultStatisticsDays), last.AddDate(0, 0, 1)
	if days.From != "" {
		var err error
		if c.from, err = time.Parse(time.DateOnly, days.From); err != nil {
			return nil, pg.Invalid(op, "write a day as 2026-12-31", err)
		}
	}
	switch {
	case !c.from.Before(c.to):
		return nil, errs.New(op, errs.Invalid, "from is after to")
	case c.from.AddDate(0, 0, runs.MaxStatisticsDays).Before(c.to):
		return nil, errs.New(op, errs.Invalid, fmt.Sprintf("statistics are counted over at most %d days: move from and to closer together",
			runs.MaxStatisticsDays))
	}
	return c, nil
}

func (c *counting) count(ctx context.Context) (runs.Statistics, error) {
	out := runs.Statistics{Days: runs.Days{From: c.from.Format(time.DateOnly), To: c.to.AddDate(0, 0, -1).Format(time.DateOnly)},
		TimeZone: c.zone,
		On:       runs.Outcomes{}, Watch: runs.Outcomes{}}
	if err := c.byDay(ctx, &out); err != nil {
		return out, err
	}
	if err := c.sums(ctx, &out); err != nil {
		return out, err
	}
	return out, c.newest(ctx, &out)
}

func (c *counting) byDay(ctx context.Context, out *runs.Statistics) error {
	at := map[string]int{}
	for day := c.from; day.Before(c.to); day = day.AddDate(0, 0, 1) {
		at[day.Format(time.DateOnly)] = len(out.ByDay)
		out.ByDay = append(out.ByDay, runs.DayStatistics{Day: day.Format(time.DateOnly), On: runs.Outcomes{}, Watch: runs.Outcomes{}})
	}
	rows, err := c.tx.Query(ctx, `SELECT (r.created_at AT TIME ZONE $4)::date::text, r.mode = 'watch', r.state, count(*) FROM runs r
		WHERE `+c.of+during+`GROUP BY 1, 2, 3`, c.args()...)
	if err != nil {
		return err
	}
	var day string
	var watch bool
	var state automation.RunState
	var n int
	_, err = pgx.ForEachRow(rows, []any{&day, &watch, &state, &n}, func() error {
		d := &out.ByDay[at[day]]
		if watch {
			d.Watch[state] += n
			out.Watch[state] += n
		} else {
			d.On[state] += n
			out.On[state] += n
		}
		return nil
	})
	return err
}

func (c *counting) sums(ctx context.Context, out *runs.Statistics) error {
	const timed = `r.trigger = 'time' AND r.due_at IS NOT NULL AND r.state IN ('done', 'failed')`
	var late []float64 // seconds
	err := c.tx.QueryRow(ctx, `SELECT count(DISTINCT r.conversation_id) FILTER (WHERE r.mode <> 'watch' AND r.state = 'done'),
		count(*) FILTER (WHERE `+timed+`),
		percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM r.created_at - r.due_at)) FILTER (WHERE `+timed+`)
		FROM runs r WHERE `+c.of+during, c.args()...).Scan(&out.Conversations, &out.Timed, &late)
	if err == nil && len(late) == 2 {
		out.MedianLateness, out.P95Lateness = seconds(late[0]), seconds(late[1])
	}
	return err
}

// seconds keeps milliseconds: interpolating leaves dust.
func seconds(s float64) time.Duration { return time.Duration(math.Round(s*1000)) * time.Millisecond }

// newest finds the last run and the last failed one on conversations that the caller
// sees.
func (c *counting) newest(ctx context.Context, out *runs.Statistics) error {
	one := func(which string) (runs.Run, error) {
		var r runs.Run
		rows, err := c.tx.Query(ctx, `SELECT r.id, r.created_at, r.reason, r.conversation_id, r.definition_id FROM runs r
			WHERE `+c.of+during+`AND `+which+` AND ($5 OR EXISTS (
				SELECT 1 FROM conversations c WHERE c.id = r.conversation_id AND c.mailbox_id = ANY ($6::uuid[])))
			ORDER BY r.created_at DESC, r.id DESC LIMIT 1`, c.args(c.who.All(), pg.MailboxIDs(c.who))...)
		if err != nil {
			return r, err
		}
		_, err = pgx.ForEachRow(rows, []any{&r.ID, &r.CreatedAt, &r.Reason, &r.ConversationID, &r.DefinitionID}, func() error { return nil })
		return r, err
	}
	last, err := one(`r.state IN ('done', 'failed')`)
	if err != nil {
		return err
	}
	failed, err := one(`r.state = 'failed'`)
	out.LastRunID, out.LastRunAt = last.ID, last.CreatedAt
	out.LastErrorID, out.LastErrorAt, out.LastErrorReason = failed.ID, failed.CreatedAt, failed.Reason
	out.LastErrorConversationID, out.LastErrorDefinition = failed.ConversationID, failed.DefinitionID
	return err
}

// byDefinition lists the mailbox's workflows, those that are deleted only with
// runs, after the others.
func (c *counting) byDefinition(ctx context.Context) ([]runs.DefinitionStatistics, error) {
	rows, err := c.tx.Query(ctx, `SELECT f.id, f.name, f.mode, r.watch, coalesce(r.state, ''), coalesce(r.n, 0), r.last
		FROM definitions f LEFT JOIN (
			SELECT r.definition_id, r.mode = 'watch' AS watch, r.state, count(*) AS n, max(r.created_at) FILTER (WHERE r.state IN ('done',
			'failed')) AS last
			FROM runs r WHERE `+c.of+during+`GROUP BY 1, 2, 3) r ON r.definition_id = f.id
		WHERE f.mailbox_id = $1 AND (f.deleted_at IS NULL OR r.n > 0)
		ORDER BY f.deleted_at IS NOT NULL, f.position, f.id`, c.args()...)
	if err != nil {
		return nil, err
	}
	var out []runs.DefinitionStatistics
	var d runs.DefinitionStatistics
	var watch *bool
	var state automation.RunState
	var n int
	var last *time.Time
	_, err = pgx.ForEachRow(rows, []any{&d.ID, &d.Name, &d.Mode, &watch, &state, &n, &last}, func() error {
		if len(out) == 0 || out[len(out)-1].ID != d.ID {
			d.On, d.Watch = runs.Outcomes{}, runs.Outcomes{}
			out = append(out, d)
		}
		of := &out[len(out)-1]
		switch {
		case n == 0:
		case pg.OrZero(watch):
			of.Watch[state] += n
		default:
			of.On[state] += n
		}
		if at := pg.OrZero(last); at.After(of.LastRunAt) {
			of.LastRunAt = at
		}
		return nil
	})
	return out, err
}
