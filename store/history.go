package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
)

// What stands in place of the mode in the rows of the history that are no runs.
const (
	pausedMode = "paused"
	mailsMode  = "mails"
)

// historyRow is one row of historyQuery.
type historyRow struct {
	id       automation.DefinitionID
	mode     string
	runs     int
	numbers  []int64 // origin events, or when mails were written, in microseconds
	words    string  // episodes, a pause's kind and reason, or the runs of the mails
	own, all int     // what counts against the limits
}

// historyQuery asks for all that was done here in one statement. An undo is no run
// of its workflow, but its origin is used up: the workflow does not answer to it. $3 is an hour
// ago, $4 as long ago as the widest mail window. Runs that somebody resumed count from
// then.
var historyQuery = `
	WITH resumed AS (SELECT definition_id, max(resumed_at) AS at FROM pauses WHERE conversation_id = $1 GROUP BY definition_id),
		last AS (SELECT max(at) AS at FROM resumed)
	SELECT r.definition_id::text, r.mode, count(*) FILTER (WHERE r.trigger NOT IN ('manual', 'undo') AND r.state IN ('done', 'failed')),
		coalesce(array_agg(DISTINCT r.origin) FILTER (WHERE r.origin >= $2 AND r.trigger <> 'manual' AND r.state IN ('done', 'failed', 'limited')), '{}'),
		coalesce(string_agg(array_to_string(r.episodes, E'\n'), E'\n') FILTER (WHERE r.episodes <> '{}' AND r.trigger <> 'manual'), ''),
		count(*) FILTER (WHERE ` + countedRun + ` AND r.created_at > GREATEST($3, p.at)),
		count(*) FILTER (WHERE ` + countedRun + ` AND r.created_at > GREATEST($3, last.at))
	FROM runs r CROSS JOIN last LEFT JOIN resumed p ON p.definition_id = r.definition_id
	WHERE r.conversation_id = $1 GROUP BY r.definition_id, r.mode
	UNION ALL
	SELECT definition_id::text, '` + pausedMode + `', 0, '{}', kind || ' ' || reason, 0, 0 FROM pauses WHERE conversation_id = $1 AND resumed_at IS NULL
	UNION ALL
	SELECT d.definition_id::text, '` + mailsMode + `', 0, array_agg((extract(epoch FROM d.created_at) * 1000000)::bigint ORDER BY d.id),
		string_agg(d.run_id::text, E'\n' ORDER BY d.id), 0, 0
	FROM deliveries d WHERE d.conversation_id = $1 AND d.customer_id IS NOT NULL AND d.created_at > $4 GROUP BY d.definition_id`

// countedRun says which runs count against the limits; the table's alias is r.
const countedRun = `r.mode = 'on' AND r.trigger NOT IN ('manual', 'undo') AND r.state IN ('done', 'failed')`

// History tells for each workflow what it did on this conversation, by mode,
// which are paused here, and what counts against the limits. origins bounds how
// far back origin events are listed: to the oldest that is still being handled.
func (c *Conversation) History(ctx context.Context, origins int64) (automation.History, error) {
	const op = "store.History"
	h := automation.NewHistory()
	rows, err := c.tx.Query(ctx, historyQuery, c.row.ID, origins, c.now.Add(-conversation.BudgetWindow), c.now.Add(-conversation.WidestMailWindow))
	if err != nil {
		return h, classify(op, err)
	}
	var r historyRow
	_, err = pgx.ForEachRow(rows, []any{&r.id, &r.mode, &r.runs, &r.numbers, &r.words, &r.own, &r.all}, func() error {
		r.addTo(h)
		return nil
	})
	return h, classify(op, err)
}

func (r historyRow) addTo(h automation.History) {
	switch r.mode {
	case pausedMode:
		kind, reason, _ := strings.Cut(r.words, " ")
		h.Pause(automation.Pause{DefinitionID: r.id, Kind: automation.PauseKind(kind), Reason: reason})
	case mailsMode:
		runs := strings.Split(r.words, "\n")
		for i, n := range r.numbers {
			h.AddMail(automation.Mailed{DefinitionID: r.id, RunID: automation.RunID(runs[i]), At: time.UnixMicro(n).UTC()})
		}
	default:
		h.Add(r.id, automation.Mode(r.mode), r.runs, r.numbers, strings.FieldsFunc(r.words, func(c rune) bool { return c == '\n' }))
		h.AddRecent(r.id, r.own, r.all)
	}
}
