package engine

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// What stands in place of the mode in the rows of the history that are no runs.
const (
	pausedMode = "paused"
	mailsMode  = "mails"
)

// historyRow is one row of historyQuery.
type historyRow struct {
	ID      automation.DefinitionID
	Mode    string
	Runs    int
	Numbers []int64 // origin events, or when mails were written, in microseconds
	Words   string  // episodes, a pause's kind and reason, or the runs of the mails
	Own     int     // what counts against the limits
	All     int
}

// historyAhead is what History answers when it was read with the surroundings.
type historyAhead struct {
	origins int64
	rows    []historyRow
}

// historyQuery asks for all that was done on the conversation in one statement. An undo
// is no run of its workflow, but its origin is used up: the workflow does not answer to
// it. hour is an hour ago, mails as long ago as the widest mail window. Runs that somebody
// resumed count from then.
func historyQuery(conversation, origins, hour, mails string) string {
	return `
	WITH resumed AS (SELECT definition_id, max(resumed_at) AS at FROM pauses WHERE conversation_id = ` + conversation + ` GROUP BY definition_id),
		last AS (SELECT max(at) AS at FROM resumed)
	SELECT r.definition_id::text AS "ID", r.mode AS "Mode",
		count(*) FILTER (WHERE r.trigger NOT IN ('manual', 'undo') AND r.state IN ('done', 'failed')) AS "Runs",
		coalesce(array_agg(DISTINCT r.origin)
			FILTER (WHERE r.origin >= ` + origins + ` AND r.trigger <> 'manual' AND r.state IN ('done', 'failed', 'limited')), '{}') AS "Numbers",
		coalesce(string_agg(array_to_string(r.episodes, E'\n'), E'\n') FILTER (WHERE r.episodes <> '{}' AND r.trigger <> 'manual'), '') AS "Words",
		count(*) FILTER (WHERE ` + countedRun + ` AND r.created_at > GREATEST(` + hour + `, p.at)) AS "Own",
		count(*) FILTER (WHERE ` + countedRun + ` AND r.created_at > GREATEST(` + hour + `, last.at)) AS "All"
	FROM runs r CROSS JOIN last LEFT JOIN resumed p ON p.definition_id = r.definition_id
	WHERE r.conversation_id = ` + conversation + ` GROUP BY r.definition_id, r.mode
	UNION ALL
	SELECT definition_id::text, '` + pausedMode + `', 0, '{}', kind || ' ' || reason, 0, 0
	FROM pauses WHERE conversation_id = ` + conversation + ` AND resumed_at IS NULL
	UNION ALL
	SELECT d.definition_id::text, '` + mailsMode + `', 0, array_agg((extract(epoch FROM d.created_at) * 1000000)::bigint ORDER BY d.id),
		string_agg(d.run_id::text, E'\n' ORDER BY d.id), 0, 0
	FROM deliveries d WHERE d.conversation_id = ` + conversation + `
		AND d.customer_id IS NOT NULL AND d.created_at > ` + mails + ` GROUP BY d.definition_id`
}

// historyArgs are origins, hour and mails.
func (c *Conversation) historyArgs(origins int64) []any {
	return []any{origins, c.now.Add(-conversation.BudgetWindow), c.now.Add(-conversation.WidestMailWindow)}
}

// History tells for each workflow what it did on this conversation, by mode,
// which are paused here, and what counts against the limits. origins bounds how
// far back origin events are listed: to the oldest that is still being handled.
func (c *Conversation) History(ctx context.Context, origins int64) (runs.Usage, error) {
	const op = "store.History"
	h := runs.NewUsage()
	if ahead := c.ahead; ahead != nil && ahead.origins <= origins {
		c.ahead = nil // later there may be more
		for _, r := range ahead.rows {
			r.addTo(h)
		}
		return h, nil
	}
	rows, err := c.Tx.Query(ctx, historyQuery("$1", "$2", "$3", "$4"), append([]any{c.row.ID}, c.historyArgs(origins)...)...)
	if err != nil {
		return h, pg.Classify(op, err)
	}
	var r historyRow
	_, err = pgx.ForEachRow(rows, []any{&r.ID, &r.Mode, &r.Runs, &r.Numbers, &r.Words, &r.Own, &r.All}, func() error {
		r.addTo(h)
		return nil
	})
	return h, pg.Classify(op, err)
}

func (r historyRow) addTo(h runs.Usage) {
	switch r.Mode {
	case pausedMode:
		kind, reason, _ := strings.Cut(r.Words, " ")
		h.Pause(runs.Pause{DefinitionID: r.ID, Kind: runs.PauseKind(kind), Reason: reason})
	case mailsMode:
		made := strings.Split(r.Words, "\n")
		for i, n := range r.Numbers {
			h.AddMail(runs.Mailed{DefinitionID: r.ID, RunID: automation.RunID(made[i]), At: time.UnixMicro(n).UTC()})
		}
	default:
		h.Add(r.ID, automation.Mode(r.Mode), r.Runs, r.Numbers, strings.FieldsFunc(r.Words, func(c rune) bool { return c == '\n' }))
		h.AddRecent(r.ID, r.Own, r.All)
	}
}
