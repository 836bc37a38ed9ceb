package engine

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// historyRow is what history.sql returns.
type historyRow struct {
	Runs []struct {
		Definition automation.DefinitionID `json:"definition"`
		Mode       automation.Mode         `json:"mode"`
		Counted    int                     `json:"counted"`
		Origins    []int64                 `json:"origins"`
		Episodes   [][]string              `json:"episodes"` // of each run
		Own        int                     `json:"own"`      // what counts against the limits
		All        int                     `json:"all_own"`
	} `json:"runs"`
	Pauses []struct {
		Definition automation.DefinitionID `json:"definition"`
		Kind       runs.PauseKind          `json:"kind"`
		Reason     string                  `json:"reason"`
	} `json:"pauses"`
	Mails []struct {
		Definition automation.DefinitionID `json:"definition"`
		Run        automation.RunID        `json:"run"`
		At         time.Time               `json:"at"`
	} `json:"mails"`
}

// historyAhead is what History answers when it was read with the surroundings.
type historyAhead struct {
	origins int64
	historyRow
}

var (
	historyPiece     = pg.Piece(files, "history.sql", map[string]string{"counted_run": countedRun})
	historyStatement = pg.ReadStatement(files, "history.sql", map[string]string{"counted_run": countedRun})
)

// historyArgs are the arguments of history.sql.
func (c *Conversation) historyArgs(origins int64) pgx.NamedArgs {
	return pgx.NamedArgs{
		"conversation": c.row.ID,
		"origins":      origins,
		"hour":         c.now.Add(-conversation.BudgetWindow),
		"mails":        c.now.Add(-conversation.WidestMailWindow),
	}
}

// History returns for each workflow what it did on this conversation, by mode,
// which are paused here, and what counts against the limits. origins bounds how
// far back origin events are listed: to the oldest that is still being handled.
func (c *Conversation) History(ctx context.Context, origins int64) (runs.Usage, error) {
	const op = "store.History"
	if ahead := c.ahead; ahead != nil && ahead.origins <= origins {
		c.ahead = nil // later there may be more
		return ahead.usage(), nil
	}
	var raw []byte
	if err := historyStatement.QueryRow(ctx, c.Tx, c.historyArgs(origins)).Scan(&raw); err != nil {
		return runs.NewUsage(), pg.Classify(op, err)
	}
	var row historyRow
	err := json.Unmarshal(raw, &row)
	return row.usage(), pg.Classify(op, err)
}

func (row historyRow) usage() runs.Usage {
	h := runs.NewUsage()
	for _, r := range row.Runs {
		h.Add(r.Definition, r.Mode, r.Counted, r.Origins, slices.Concat(r.Episodes...))
		h.AddRecent(r.Definition, r.Own, r.All)
	}
	for _, p := range row.Pauses {
		h.Pause(runs.Pause{DefinitionID: p.Definition, Kind: p.Kind, Reason: p.Reason})
	}
	for _, m := range row.Mails {
		h.AddMail(runs.Mailed{DefinitionID: m.Definition, RunID: m.Run, At: m.At.UTC()})
	}
	return h
}
